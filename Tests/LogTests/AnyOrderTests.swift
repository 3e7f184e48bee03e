import Events
import Foundation
import Simulation
import Testing
import Tickets

@testable import Log

/// One set of events, taken in by a centre's log in many orders, in transactions of any size and with repetitions, through the
/// audience of real tickets.
///
/// **The same in every order** that respects what each author knew (`ArrivalOrder.causal`, all that nodes send each other), and in any
/// other with the two exceptions below (`ArrivalOrder.any`):
/// - at the end each ticket is in the feeds of those who have it by its fold, whether it moved to and fro, was given back, or two
///   centres decided unaware of each other; a street's own case is its street's until it is dispatched;
/// - whoever has a ticket at the end has read all of its events, also those that came when it was elsewhere;
/// - a street that an event names, or that founded the ticket, and that does not have it at the end, has read that it left;
/// - nobody reads an event of a ticket that was never his, and none behind its LEAVE;
/// - JOIN says how many events follow, and these are all that had come.
///
/// **Not the same**: the order and number of rows; how often a ticket joins and leaves; which of its events a street has whose ticket
/// it is no more (those that had come when it left). And in an order that only a file can bring, in which the cause comes behind
/// its effect:
/// - who founded a ticket is whoever wrote its first event to come: a case whose street comes behind another node's event of it is
///   in no feed until it is dispatched;
/// - a decision that takes a ticket from all counts where it fits, and what a street writes moves no ticket: one that comes back by
///   an approval before the street's asking may stay with the street that a dispatch between the two gave it to.
///
/// Nor is it the same where two centres decided unaware of each other and one of them approved a return: whether an approval takes
/// the ticket from all is asked of the fold only when its author did not know the last decision here that places the ticket. One whose
/// author knew that, and not an earlier one that leaves the approval nothing to approve, takes the ticket from all in one order, and
/// in another leaves it with who has it by the fold. It takes a centre that is restored twice, or once with its clock behind.
/// Histories with a restored centre have no approvals for that reason.
@Suite("Events in any order") struct AnyOrderTests {
    private static var seeds: [UInt64] {
        if let one = ProcessInfo.processInfo.environment["GRIDLINE_SEED"].flatMap(UInt64.init) { return [one] }
        return Array(1...(Long.isOn ? 300 : 12))
    }

    private static let audience = TicketAudience(centre: ScatteredHistory.centre)

    @Test("each street ends with its tickets and nobody else's, on disk and in memory", arguments: seeds)
    func orders(seed: UInt64) throws {
        let history = try ScatteredHistory(seed: seed, restores: seed.isMultiple(of: 3))
        var chance = SeededRandom(seed: seed ^ 0x5EED)
        let folder = try TemporaryFolder()
        for (turn, order) in (ArrivalOrder.allCases + ArrivalOrder.allCases).enumerated() {
            let path = folder.path + "/log\(turn).sqlite"
            let disk = try SQLiteLog(
                path: path, node: ScatteredHistory.centre, incarnation: Incarnation(77), audience: Self.audience)
            let memory = MemoryLog(
                node: ScatteredHistory.centre, incarnation: Incarnation(77), audience: Self.audience)
            let batches = Self.batches(order.events(of: history, &chance), &chance)
            let place: Comment = "seed \(seed), order \(turn), \(order.rawValue)"
            for log in [disk, memory] as [any EventLog] {
                for batch in batches { try Self.take(batch, into: log, place) }
                let found = try Self.findings(log.reader, history)
                #expect(found.isEmpty, "seed \(seed), order \(turn), \(order.rawValue), \(type(of: log)): \(found)")
            }
            let problems = try Verifier.verify(path: path, audience: Self.audience).problems
            #expect(problems.isEmpty, place)
        }
    }

    /// Transactions of 1 to 9 events, with some again that came before.
    private static func batches(_ events: [Event], _ chance: inout SeededRandom) -> [[Event]] {
        var batches: [[Event]] = []
        var next = 0
        while next < events.count {
            let end = min(events.count, next + Int(chance.integer(in: 1...9)))
            var batch = Array(events[next..<end])
            for _ in 0..<chance.integer(in: 0...2) {
                if let again = chance.pick(Array(events[..<end])) { batch.append(again) }
            }
            batches.append(batch)
            next = end
        }
        return batches
    }

    private static func take(_ batch: [Event], into log: any EventLog, _ place: Comment) throws {
        let outcomes = try log.write {
            try $0.ingest(batch, dense: false, receivedAt: Timestamp(milliseconds: 1_796_000_000_000))
        }
        for outcome in outcomes {
            switch outcome {
            case .stored, .duplicate: break
            case .refilled, .fork, .broken, .gap: Issue.record("\(place): \(outcome)")
            }
        }
    }

    /// Everything that does not hold at the end.
    private static func findings(_ reader: any EventReader, _ history: ScatteredHistory) throws -> [String] {
        var found: [String] = []
        var read: [NodeID: ReadFeed] = [:]
        for street in ScatteredHistory.streets {
            let rows = try reader.rows(of: .node(street), above: 0, limit: 10_000)
            let feed = ReadFeed(rows)
            found += feed.faults.map { "\(street): \($0)" }
            read[street] = feed
        }
        for ticket in history.tickets {
            let all = Set(history.events.filter { $0.stream == ticket }.map(\.id))
            let holders = history.holders(of: ticket)
            let members = try Set(reader.membership(of: ticket))
            if members != holders { found.append("\(ticket) is in \(members), and \(holders) have it") }
            for (street, feed) in read.sorted(by: { $0.key < $1.key }) {
                let (events, isIn) = (feed.events[ticket] ?? [], feed.present.contains(ticket))
                let isNamed = history.named[ticket]?.contains(street) == true
                if !isNamed, !events.isEmpty || isIn { found.append("\(street) reads \(ticket), never its own") }
                if holders.contains(.node(street)) {
                    if !isIn { found.append("\(street) does not read that it has \(ticket)") }
                    let lacking = all.subtracting(events)
                    if !lacking.isEmpty { found.append("\(street) lacks \(lacking.sorted()) of its \(ticket)") }
                } else if isIn || isNamed && events.isEmpty {
                    found.append("\(street) \(isIn ? "goes on with" : "never hears of") \(ticket)")
                }
            }
        }
        return found
    }
}

/// A feed as a street reads it, row by row.
private struct ReadFeed {
    /// All that came, by ticket.
    private(set) var events: [StreamName: Set<EventID>] = [:]
    /// Tickets that joined and have not left since.
    private(set) var present: Set<StreamName> = []
    private(set) var faults: [String] = []

    init(_ rows: [FeedRow]) {
        var history: (stream: StreamName, left: Int64)?
        for row in rows {
            if let open = history, open.left > 0 {
                guard case .event = row.operation, row.stream == open.stream else {
                    faults.append("\(open.left) events of the history of \(open.stream) are missing at row \(row.fseq)")
                    history = nil
                    continue
                }
                history = (open.stream, open.left - 1)
            }
            switch row.operation {
            case .event(let event):
                if !present.contains(row.stream) { faults.append("\(event.id) came behind LEAVE of \(row.stream)") }
                if event.stream != row.stream { faults.append("\(event.id) is not of \(row.stream)") }
                events[row.stream, default: []].insert(event.id)
            case .join(let count):
                if !present.insert(row.stream).inserted { faults.append("\(row.stream) joins twice") }
                let known = events[row.stream]?.count ?? 0
                if count < known { faults.append("\(row.stream) joins with \(count) events, \(known) were there") }
                history = (row.stream, count)
            case .leave:
                if present.remove(row.stream) == nil { faults.append("\(row.stream) leaves and was not there") }
            }
        }
        if let open = history, open.left > 0 { faults.append("the history of \(open.stream) ends early") }
    }
}
