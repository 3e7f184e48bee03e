/// The ticket numbers that a node gives: one counter a day, found again in the log after a restart.

import Events
import Rules
import Tickets

struct NumberBook {
    private let node: NodeID
    private let number: Int
    private let zone: Zone
    private var day: CivilDate?
    private var last = 0

    init(node: NodeID, number: Int, utcOffsetMinutes: Int) {
        self.node = node
        self.number = number
        zone = Zone(offsetMinutes: Int64(utcOffsetMinutes))
    }

    /// Counts again from the log the next time.
    mutating func forget() { day = nil }

    /// The number that a ticket registered now gets; nil when the day's 99,999 are used up.
    mutating func next(at now: Timestamp, _ reader: any EventReader) throws -> String? {
        let today = zone.date(of: now)
        if day != today {
            last = try lastCounter(of: today, reader)
            day = today
        }
        let parts = today.parts
        return TicketNumber(
            year: Int(parts.year % 100), month: Int(parts.month), day: Int(parts.day), node: number, counter: last + 1)?
            .text
    }

    /// The last number was given to a ticket.
    mutating func taken() { last += 1 }

    /// The highest counter in this node's numbers of a day.
    ///
    /// Numbers grow with positions, so the first one found from the end is the last.
    private func lastCounter(of today: CivilDate, _ reader: any EventReader) throws -> Int {
        var position = Int64.max
        for _ in 0..<1_000 {
            let page = try reader.page(
                .type(TicketEventKind.registered.typeName), .backward, from: position, limit: 100)
            for stored in page where stored.event.id.origin.node == node {
                guard zone.date(of: stored.event.recordedAt) == today else { return 0 }
                let body = try JSONReader.readObject(stored.event.body)
                if let text = body["number"]?.string, let counter = Int(text.dropFirst(8).prefix(5)) { return counter }
            }
            guard page.count == 100, let last = page.last else { return 0 }
            position = last.position
        }
        return 0
    }
}
