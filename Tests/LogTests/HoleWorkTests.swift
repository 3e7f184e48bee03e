import Events
import Testing

@testable import Log

/// What filling a hole costs, in SQLite's own steps: the same on every machine, however busy.
@Suite("The work of filling a hole") struct HoleWorkTests {
    private static let hole = 150
    private static let above = 600
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A chained run of a street's events, each in a stream of its own.
    private static func run(_ count: Int) throws -> [Event] {
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(7))
        var events: [Event] = []
        for number in 1...count {
            let event = Event(
                id: EventID(origin: origin, sequence: Int64(number)), hlc: HybridTime(rawValue: 70_000 + Int64(number)),
                stream: try StreamName("ticket/\(number)"), type: EventType("ticket.noted"), basis: .empty,
                actor: Actor(account: "li", role: "clerk", unit: "320507001"), occurredAt: Timestamp(milliseconds: 1),
                recordedAt: Timestamp(milliseconds: 2), command: CommandID(derivedFrom: "hole", String(number)),
                index: 0, causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero)
            events.append(event.chained(to: events.last?.hash ?? .zero))
        }
        return events
    }

    /// Fills a hole from below, as a street does that sends again.
    ///
    /// - Parameter above: how many events stand above it.
    /// - Returns: SQLite's steps.
    private func work(above: Int) throws -> Int {
        let log = try SQLiteLog(
            path: "\(folder.path)/\(above).sqlite", node: NodeID("centre"), incarnation: Incarnation(1),
            audience: NoAudience())
        let instant = Timestamp(milliseconds: 3)
        let events = try HoleWorkTests.run(1 + HoleWorkTests.hole + above)
        let (first, rest) = (events[...HoleWorkTests.hole], events[(1 + HoleWorkTests.hole)...])
        _ = try log.write { try $0.ingest([first[0]] + rest, dense: false, receivedAt: instant) }
        let before = log.steps
        let outcomes = try log.write { try $0.ingest(Array(first.dropFirst()), dense: true, receivedAt: instant) }
        let steps = log.steps - before
        #expect(outcomes.allSatisfy { if case .stored = $0 { true } else { false } })
        #expect(try log.reader.denseEnd(of: events[0].id.origin, from: 0) == Int64(events.count))
        return steps
    }

    @Test("what stands above a hole is counted when the hole is found and when it is closed, and not at each event")
    func once() throws {
        let more = try work(above: HoleWorkTests.above) - work(above: 0)
        // Three steps a row that is counted, some fifteen a look by index; counted at each event it is 270,000 and more.
        #expect(more < 50 * (HoleWorkTests.hole + HoleWorkTests.above), "\(more) steps more than without them")
        #expect(more > 0, "steps are counted")
    }
}
