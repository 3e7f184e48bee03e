import Events
import Testing

@testable import Replication

/// What a restored hub takes back, and what it does not: only events that the rows name which lead to its own signature.
@Suite("A hub takes back what it lost") struct ReclaimTests {
    private let street: NodeID
    private let feed: FeedName
    private let claimID: EventID
    private let signer = FeedSigner()

    init() throws {
        street = try NodeID("street1")
        feed = .node(street)
        claimID = EventID(origin: Origin(node: street, incarnation: Incarnation(1)), sequence: 9)
    }

    private func event(_ number: Int) throws -> Event {
        Event(
            id: EventID(
                origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(7)), sequence: Int64(number)),
            hlc: HybridTime(rawValue: Int64(number)), stream: try StreamName("ticket/1"),
            type: EventType("ticket.urged"), basis: .empty,
            actor: Actor(account: "li", role: "agent", unit: "centre"), occurredAt: Timestamp(milliseconds: 1),
            recordedAt: Timestamp(milliseconds: 2), command: CommandID(derivedFrom: "r", String(number)), index: 0,
            causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero
        ).chained(to: .zero)
    }

    /// Rows of events above row 10, which both have.
    private func rows(_ events: [Event]) throws -> (common: FeedCursor, rows: [WireRow], end: FeedCursor) {
        let common = FeedCursor(fseq: 10, chain: ChainValue(high: 1, low: 2))
        var end = common
        var rows: [WireRow] = []
        for event in events {
            let row = WireRow(
                fseq: end.fseq + 1, stream: event.stream, common: 0, content: .receipt(event.id, event.hash))
            end = FeedCursor(fseq: row.fseq, chain: row.chain(after: end.chain))
            rows.append(row)
        }
        return (common, rows, end)
    }

    private func claim(_ common: FeedCursor, _ end: FeedCursor) throws -> Reclaim.Claim {
        let hub = Origin(node: try NodeID("centre"), incarnation: Incarnation(7))
        return Reclaim.Claim(
            id: claimID, feed: feed, common: common,
            head: try signer.sign(end, of: feed, by: hub, at: Timestamp(milliseconds: 5)), unsigned: 0)
    }

    @Test("rows are recalled to the signed one, what is lacking is wanted, and taken once")
    func whole() throws {
        let events = try (1...4).map { try event($0) }
        let (common, rows, end) = try rows(events)
        var reclaim = Reclaim()
        reclaim.add(try claim(common, end), of: street)
        reclaim.add(try claim(common, end), of: street)
        #expect(reclaim.ask(street, now: 0) == .recall(rewind: claimID, above: 10))
        #expect(reclaim.ask(street, now: 2_999) == nil)
        #expect(reclaim.ask(street, now: 3_000) == .recall(rewind: claimID, above: 10))
        let here = events[1].id
        reclaim.recalled(claimID, Array(rows[..<2]), from: street) { $0 == here }
        reclaim.recalled(claimID, Array(rows[..<2]), from: street) { $0 == here }
        #expect(reclaim.ask(street, now: 3_001) == .recall(rewind: claimID, above: 12))
        reclaim.recalled(claimID, Array(rows[2...]), from: street) { $0 == here }
        let lacking = [events[0], events[2], events[3]]
        #expect(reclaim.ask(street, now: 3_002) == .want(lacking.map(\.id)))
        // Two fit a message; the answer comes twice.
        for _ in 1...2 { _ = reclaim.given(Array(lacking[..<2]), for: lacking[0].id, by: street) }
        #expect(reclaim.ask(street, now: 3_003) == .want([lacking[2].id]))
        #expect(reclaim.given([lacking[2]], for: lacking[2].id, by: street) == [lacking[2]])
        #expect(reclaim.takeResults().map(\.events) == [3])
        #expect(reclaim.isIdle)
        #expect(reclaim.ask(street, now: 9_000) == nil)
    }

    @Test("rows that lead elsewhere than to the signature bring nothing")
    func astray() throws {
        let events = try (1...3).map { try event($0) }
        let (common, rows, end) = try rows(events)
        var forged = rows
        forged[1].content = .receipt(events[1].id, .sha256([1]))
        var reclaim = Reclaim()
        reclaim.add(try claim(common, end), of: street)
        reclaim.recalled(claimID, forged, from: street) { _ in false }
        let result = try #require(reclaim.takeResults().first)
        #expect(result.events == 0 && result.reason != nil)
        #expect(reclaim.given(events, for: events[0].id, by: street).isEmpty)
        #expect(reclaim.isIdle)
    }

    @Test("events that the rows do not name, or not with this hash, are not taken; rows that end too soon are said")
    func foreign() throws {
        let events = try (1...2).map { try event($0) }
        let (common, rows, end) = try rows(events)
        var reclaim = Reclaim()
        reclaim.add(try claim(common, end), of: street)
        reclaim.recalled(claimID, rows, from: street) { _ in false }
        var changed = events[0]
        changed.body = .here(Array("{\"a\":1}".utf8))
        changed.hash = events[0].hash
        let given = reclaim.given([changed, try event(3), events[1]], for: events[0].id, by: street)
        #expect(given == [events[1]])
        let result = try #require(reclaim.takeResults().first)
        #expect(result.events == 1 && result.reason != nil)

        reclaim.add(try claim(common, end), of: street)
        reclaim.recalled(claimID, [], from: street) { _ in false }
        #expect(reclaim.takeResults().first?.reason != nil)
    }

    @Test("what is not there any more is passed over, and the rest comes")
    func gone() throws {
        let events = try (1...3).map { try event($0) }
        let (common, rows, end) = try rows(events)
        var reclaim = Reclaim()
        reclaim.add(try claim(common, end), of: street)
        reclaim.recalled(claimID, rows, from: street) { _ in false }
        #expect(reclaim.given([events[1]], for: events[0].id, by: street) == [events[1]])
        #expect(reclaim.ask(street, now: 0) == .want([events[2].id]))
        #expect(reclaim.given([], for: events[2].id, by: street).isEmpty)
        #expect(reclaim.takeResults().first?.events == 1)
    }
}
