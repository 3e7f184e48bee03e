/// The ticket numbers that a node gives: one counter a day, found again in the log after a restart.
///
/// A clock that steps back over midnight goes on with the later day until it has caught up, and whatever day it shows, the
/// counter goes on after the highest number of that day that the log has: no number is given twice.

import Events
import Rules
import Tickets

struct NumberBook {
    /// Days that a clock may step back and still go on with the later day; one that is further ahead was plainly wrong.
    private static let held: Int64 = 31
    private static let mostOfDay = 99_999

    private let node: NodeID
    private let number: Int
    private let zone: Zone
    /// What the log has: complete for `from` and the days after it; nil until it was looked at.
    private var known: (from: CivilDate, counters: [CivilDate: Int])?
    /// The day of this node's last number.
    private var last: CivilDate?

    init(node: NodeID, number: Int, utcOffsetMinutes: Int) {
        self.node = node
        self.number = number
        zone = Zone(offsetMinutes: Int64(utcOffsetMinutes))
    }

    /// Counts again from the log the next time.
    mutating func forget() {
        known = nil
        last = nil
    }

    /// The number that a ticket registered now gets; nil when the day's 99,999 are used up.
    mutating func next(at now: Timestamp, _ reader: any EventReader) throws -> String? {
        let today = zone.date(of: now)
        if known.map({ today < $0.from }) ?? true { try count(from: today, reader) }
        var day = last.flatMap { $0 <= today + NumberBook.held ? max($0, today) : nil } ?? today
        if known?.counters[day] ?? 0 >= NumberBook.mostOfDay { day = today }
        last = day
        let parts = day.parts
        return TicketNumber(
            year: Int(parts.year % 100), month: Int(parts.month), day: Int(parts.day), node: number,
            counter: (known?.counters[day] ?? 0) + 1)?
            .text
    }

    /// The last number was given to a ticket.
    mutating func taken() {
        guard let last else { return }
        known?.counters[last, default: 0] += 1
    }

    /// Finds the highest counters of a day and those after it, and this node's latest day that a step back holds on to.
    ///
    /// Goes back through the log until this node's own number of one of the days just before: its numbers grow with
    /// positions, but for a clock that was off by more than a month, whose numbers are passed over. A number's own day
    /// counts, not when it was written.
    private mutating func count(from today: CivilDate, _ reader: any EventReader) throws {
        var counters: [CivilDate: Int] = [:]
        let scope = ReadScope.type(TicketEventKind.registered.typeName)
        var position = Int64.max
        var damaged = 0
        // A street's last number may lie far back; beyond so many it has none of these days.
        scan: for _ in 0..<1_000 {
            let page = try reader.readable(scope, .backward, from: position, limit: 100)
            // What its number was cannot be read any more; it was at most the next of its day.
            if page.damage != nil { damaged += 1 }
            for stored in page.events {
                let bytes: [UInt8]
                switch stored.event.body {
                case .here(let known): bytes = known
                case .letGo, .missing:
                    // Another node's, of a ticket that left days ago: it counts where it may be of one of these days.
                    if zone.date(of: stored.event.recordedAt) >= today { damaged += 1 }
                    continue
                }
                // Nil is the answer, as with a row that is damaged; the tickets say what is wrong with it.
                guard let body = try? JSONReader.readObject(bytes) else {
                    damaged += 1
                    continue
                }
                guard let given = body["number"]?.string.flatMap({ TicketNumber($0) })?.parts, given.node == number,
                    let day = NumberBook.day(given, near: today)
                else { continue }
                let isOwn = stored.event.id.origin.node == node
                if isOwn, day < today, day >= today + -NumberBook.held { break scan }
                // Another node that was enrolled with the same digits takes its numbers from the same ones.
                if day >= today { counters[day] = max(counters[day] ?? 0, given.counter) }
                if isOwn, day >= today, day <= today + NumberBook.held { last = max(last ?? day, day) }
            }
            guard let next = page.next else { break }
            position = next
        }
        if damaged > 0 {
            for day in Set(counters.keys).union([today]) { counters[day, default: 0] += damaged }
        }
        known = (today, counters)
    }

    /// The day of a number, whose year has two digits: in the century that is nearest.
    private static func day(_ parts: TicketNumber.Parts, near today: CivilDate) -> CivilDate? {
        let century = today.parts.year / 100 * 100
        let days = [century - 100, century, century + 100].compactMap {
            CivilDate(year: $0 + Int64(parts.year), month: Int64(parts.month), day: Int64(parts.day))
        }
        return days.min { abs($0.dayNumber - today.dayNumber) < abs($1.dayNumber - today.dayNumber) }
    }
}
