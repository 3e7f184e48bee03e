import Events
import Testing

@testable import Replication

/// A street whose disk was lost, and that comes back empty: what an earlier process of it wrote comes down in its feeds.
@Suite("A replaced street's outbox") struct ReplacedStreetTests {
    private let before: Origin
    private let process: Origin
    private var session: StreetSession

    init() throws {
        let node = try NodeID("street1")
        before = Origin(node: node, incarnation: Incarnation(3))
        process = Origin(node: node, incarnation: Incarnation(5))
        let marks = [FeedName.common, .node(node)].map {
            FeedMark(feed: $0, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: $0)))
        }
        session = StreetSession(process: process, cursors: marks, seed: 1, now: ReplacedStreetTests.then(0))
        _ = session.step(.tick, now: ReplacedStreetTests.then(0))
    }

    private static func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: milliseconds), steady: milliseconds)
    }

    private mutating func welcome(_ number: UInt64, have: [OriginMark]) -> [StreetSession.Action] {
        session.step(
            .message(
                .welcome(
                    Message.Welcome(
                        session: number, hub: Incarnation(1), clock: Timestamp(milliseconds: 0), endpoints: [],
                        heads: [], have: have))), now: ReplacedStreetTests.then(1))
    }

    private mutating func heads(_ marks: [OriginMark]) -> [StreetSession.Action] {
        session.step(.localHeads(marks), now: ReplacedStreetTests.then(2))
    }

    private func mark(_ origin: Origin, _ sequence: Int64) -> OriginMark {
        OriginMark(origin: origin, sequence: sequence)
    }

    @Test("what came down of an earlier process waits for no word of the hub, also where it has holes")
    mutating func comesDown() throws {
        _ = welcome(7, have: [])
        #expect(heads([mark(before, 3)]) == [])
        #expect(session.outboxDepth == 0 && session.confirmed == [mark(before, 3)])
        #expect(heads([mark(before, 9)]) == [], "and what comes down after it")
        #expect(session.outboxDepth == 0)
        #expect(heads([mark(before, 9), mark(process, 1)]) == [.readOwn(process, above: 0)])
        #expect(session.outboxDepth == 1, "what is written here is told")
    }

    @Test(
        "of what HELLO did not name, WELCOME says nothing: what came down meanwhile is the hub's, what was written is not"
    )
    mutating func meanwhile() throws {
        #expect(heads([mark(before, 3), mark(process, 2)]) == [])
        let actions = welcome(7, have: [])
        #expect(actions.contains(.readOwn(process, above: 0)))
        #expect(!actions.contains(.readOwn(before, above: 0)))
        #expect(session.outboxDepth == 2)
    }

    @Test("a hub that has less than came down from it before, as after a restore, gets it")
    mutating func restored() throws {
        _ = welcome(7, have: [])
        _ = heads([mark(before, 3)])
        _ = session.step(.message(.bye(session: 7)), now: ReplacedStreetTests.then(3))
        _ = session.step(.tick, now: ReplacedStreetTests.then(60_000))
        #expect(welcome(8, have: [mark(before, 1)]).contains(.readOwn(before, above: 1)))
        #expect(session.outboxDepth == 2)
        #expect(session.confirmed == [mark(before, 1)])
        _ = heads([mark(before, 4)])
        #expect(session.outboxDepth == 3, "what it lacks is not taken for its own")
    }
}
