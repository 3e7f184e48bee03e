import Events
import Testing

@testable import Replication

/// PUB and ROUTER are two ways to a street, and either may fail alone.
@Suite("Rows by two ways") struct TwoWaysTests {
    private let node: NodeID
    private let process: Origin

    init() throws {
        node = try NodeID("street1")
        process = Origin(node: node, incarnation: Incarnation(5))
    }

    private func then(_ steady: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: steady), steady: steady)
    }

    /// In a session with a hub, whose common feed is empty.
    private func session() -> StreetSession {
        let mark = FeedMark(feed: .common, cursor: start)
        var session = StreetSession(process: process, cursors: [mark], seed: 1, now: then(0))
        _ = session.step(.tick, now: then(0))
        _ = session.step(.message(welcome(7, head: start)), now: then(1))
        return session
    }

    private let start = FeedCursor(fseq: 0, chain: FeedRow.seed(of: .common))

    private func welcome(_ session: UInt64, head: FeedCursor, hub: UInt64 = 1) -> Message {
        .welcome(
            Message.Welcome(
                session: session, hub: Incarnation(hub), clock: Timestamp(milliseconds: 0), endpoints: [],
                heads: [FeedMark(feed: .common, cursor: head)], have: []))
    }

    /// Rows from the first one on, each with the feed's end after it.
    private func rows(_ contents: [WireRow.Content]) throws -> [(row: WireRow, end: FeedCursor)] {
        var end = start
        return try contents.map { content in
            let row = WireRow(fseq: end.fseq + 1, stream: try StreamName("ticket/1"), common: 0, content: content)
            end = FeedCursor(fseq: row.fseq, chain: row.chain(after: end.chain))
            return (row, end)
        }
    }

    private func live(_ one: (row: WireRow, end: FeedCursor)) -> StreetSession.Input {
        .message(.live(feed: .common, rows: [one.row], chain: one.end.chain))
    }

    private func batch(_ some: [(row: WireRow, end: FeedCursor)], session: UInt64 = 7) throws -> StreetSession.Input {
        let end = try #require(some.last?.end)
        return .message(
            .batch(
                session: session, feed: .common, rows: some.map(\.row), chain: end.chain, head: end, isLast: true))
    }

    private func applied(_ actions: [StreetSession.Action]) -> [Int64] {
        actions.flatMap { if case .apply(_, let rows, _) = $0 { rows.map(\.row.fseq) } else { [Int64]() } }
    }

    private func pulls(_ actions: [StreetSession.Action]) -> Int {
        actions.count { if case .send(.pull) = $0 { true } else { false } }
    }

    @Test(
        "a hub that only publishes loses its session after the silence, and what it publishes is applied all the same")
    func published() throws {
        var session = session()
        let rows = try rows([.leave, .leave, .leave])
        #expect(applied(session.step(live(rows[0]), now: then(10))) == [1])
        // A pull that waits for its answer is of that session.
        let hint = Message.hint(feed: .common, head: rows[1].end, hub: Incarnation(1), clock: then(0).wall)
        #expect(pulls(session.step(.message(hint), now: then(20))) == 1)
        _ = session.step(.tick, now: then(StreetSession.Limit.silence + 1))
        #expect(!session.isOnline, "nobody hears what this node says")
        #expect(applied(session.step(live(rows[1]), now: then(20_100))) == [2])
        #expect(session.step(.applied(.common, rows[1].end), now: then(20_200)) == [], "there is nobody to tell")
        // What lies behind a hole waits for a session.
        let end = FeedCursor(fseq: 4, chain: rows[2].end.chain)
        let later = Message.hint(feed: .common, head: end, hub: Incarnation(1), clock: then(0).wall)
        #expect(session.step(.message(later), now: then(20_300)) == [])
        #expect(session.lag == 2)
        _ = session.step(.tick, now: then(20_500))
        let begun = session.step(.message(welcome(8, head: rows[2].end)), now: then(20_600))
        #expect(pulls(begun) == 1)
        #expect(applied(session.step(try batch([rows[2]], session: 8), now: then(20_700))) == [3])
    }

    @Test(
        "a receipt of an event that is not here is meant for a copy of this node: neither way takes it",
        arguments: [true, false])
    func foreign(isLive: Bool) throws {
        var session = session()
        _ = session.step(.localHeads([OriginMark(origin: process, sequence: 2)]), now: then(2))
        let copy = Origin(node: node, incarnation: Incarnation(6))
        let rows = try rows([
            .receipt(EventID(origin: process, sequence: 2), .zero), .receipt(EventID(origin: copy, sequence: 1), .zero),
        ])
        if isLive {
            #expect(applied(session.step(live(rows[0]), now: then(3))) == [1], "its own is here")
            let actions = session.step(live(rows[1]), now: then(4))
            #expect(applied(actions) == [])
            #expect(pulls(actions) == 1, "as any hole")
        } else {
            #expect(applied(session.step(try batch(rows), now: then(3))) == [1])
            #expect(!session.isOnline, "what was asked in this session is answered to another process")
        }
        // A whole event is taken, whoever wrote it.
        _ = session.step(.applied(.common, rows[0].end), now: then(5))
        _ = session.step(.tick, now: then(1_000))
        _ = session.step(.message(welcome(8, head: rows[1].end)), now: then(1_001))
        let whole = try event(of: copy)
        let again = [
            (row: WireRow(fseq: 2, stream: whole.stream, common: 0, content: .event(whole)), end: rows[1].end)
        ].map { one in
            (row: one.row, end: FeedCursor(fseq: 2, chain: one.row.chain(after: rows[0].end.chain)))
        }
        let inSession = isLive ? UInt64(7) : 8
        #expect(applied(session.step(try batch(again, session: inSession), now: then(1_002))) == [2])
    }

    private func event(of origin: Origin) throws -> Event {
        let now = Timestamp(milliseconds: 1)
        return Event(
            id: EventID(origin: origin, sequence: 1), hlc: .zero, stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"), basis: .empty, actor: Actor(system: "t", rule: "1"), occurredAt: now,
            recordedAt: now, command: CommandID(derivedFrom: "u"), index: 0, causation: nil, correlation: nil,
            body: Array("{}".utf8), sealed: nil, previous: .zero
        ).chained(to: .zero)
    }

    @Test(
        "a feed of which the hub says nothing is pulled after a while, once, and after the same while behind an empty answer"
    )
    func quiet() throws {
        var session = session()
        let quiet = StreetSession.Limit.quiet
        // The welcome was at 1.
        #expect(pulls(session.step(.tick, now: then(quiet))) == 0)
        #expect(pulls(session.step(.tick, now: then(1 + quiet))) == 1)
        #expect(pulls(session.step(.tick, now: then(1 + 2 * quiet))) == 0, "it is under way")
        let empty = StreetSession.Input.message(
            .batch(session: 7, feed: .common, rows: [], chain: start.chain, head: start, isLast: true))
        let answered = 1 + 2 * quiet
        #expect(pulls(session.step(empty, now: then(answered))) == 0)
        #expect(pulls(session.step(.tick, now: then(answered + quiet - 1))) == 0)
        // What shows that the hub lives says nothing of the feed.
        let pong = Message.pong(session: 7, clock: then(0).wall)
        _ = session.step(.message(pong), now: then(answered + quiet - 1))
        #expect(pulls(session.step(.tick, now: then(answered + quiet))) == 1)
        let last = answered + quiet + 1
        _ = session.step(empty, now: then(last))
        // A hint does, and so do rows.
        let hint = Message.hint(feed: .common, head: start, hub: Incarnation(1), clock: then(0).wall)
        _ = session.step(.message(hint), now: then(last + quiet - 1))
        #expect(pulls(session.step(.tick, now: then(last + 2 * quiet - 2))) == 0)
        _ = session.step(live(try rows([.leave])[0]), now: then(last + 2 * quiet - 2))
        #expect(pulls(session.step(.tick, now: then(last + 3 * quiet - 3))) == 0)
        #expect(pulls(session.step(.tick, now: then(last + 3 * quiet - 2))) == 1)
    }

    private func acknowledged(_ actions: [StreetSession.Action]) -> [FeedCursor] {
        actions.compactMap { if case .send(.ack(7, .common, let cursor)) = $0 { cursor } else { nil } }
    }

    @Test(
        "how far a feed is durable is said again with each PING: the word before may have been lost, or said to nobody")
    func acknowledgedAgain() throws {
        var session = session()
        let rows = try rows([.leave, .leave])
        let ping = StreetSession.Limit.ping
        func hears(_ time: Int64) -> Moment {
            _ = session.step(.message(.pong(session: 7, clock: then(0).wall)), now: then(time))
            return then(time)
        }
        _ = session.step(live(rows[0]), now: then(2))
        #expect(acknowledged(session.step(.applied(.common, rows[0].end), now: then(3))) == [rows[0].end])
        #expect(acknowledged(session.step(.tick, now: hears(ping))) == [], "with the PING, and no sooner")
        for round: Int64 in 1...3 {
            #expect(acknowledged(session.step(.tick, now: hears(1 + round * ping))) == [rows[0].end])
            #expect(acknowledged(session.step(.tick, now: hears(2 + round * ping))) == [])
        }
        // Only what is durable.
        _ = session.step(live(rows[1]), now: hears(3 + 3 * ping))
        #expect(acknowledged(session.step(.tick, now: hears(1 + 4 * ping))) == [rows[0].end])
        #expect(acknowledged(session.step(.applied(.common, rows[1].end), now: hears(2 + 4 * ping))) == [])
        #expect(acknowledged(session.step(.tick, now: hears(4 * ping + AckPace.pause))) == [])
        #expect(acknowledged(session.step(.tick, now: hears(1 + 4 * ping + AckPace.pause))) == [rows[1].end])
        #expect(acknowledged(session.step(.tick, now: hears(1 + 5 * ping))) == [rows[1].end])
    }

    @Test("while rows keep coming how far they are durable is said at once, then at a pace, and at the end")
    func acknowledgedAtAPace() throws {
        var session = session()
        let rows = try rows([WireRow.Content](repeating: .leave, count: 20))
        var said: [FeedCursor] = []
        for (number, row) in rows.enumerated() {
            let now = then(Int64(2 + number * 50))
            _ = session.step(live(row), now: now)
            said += acknowledged(session.step(.applied(.common, row.end), now: now))
        }
        #expect(said == [rows[0].end, rows[10].end])
        #expect(acknowledged(session.step(.tick, now: then(2 + 20 * 50))) == [rows[19].end])
        #expect(acknowledged(session.step(.tick, now: then(2 + 40 * 50))) == [])
    }

    @Test("rows that are applied between HELLO and WELCOME are acknowledged with the first PING")
    func acknowledgedLate() throws {
        var session = StreetSession(
            process: process, cursors: [FeedMark(feed: .common, cursor: start)], seed: 1, now: then(0))
        let rows = try rows([.leave])
        _ = session.step(.tick, now: then(0))
        _ = session.step(live(rows[0]), now: then(1))
        #expect(session.step(.applied(.common, rows[0].end), now: then(2)) == [], "there is nobody to tell")
        _ = session.step(.message(welcome(7, head: rows[0].end)), now: then(3))
        #expect(acknowledged(session.step(.tick, now: then(3 + StreetSession.Limit.ping))) == [rows[0].end])
    }

    @Test("rows are counted by the way on which they came, once they are durable, and once")
    func counted() throws {
        var session = session()
        let rows = try rows(Array(repeating: .leave, count: 6))
        _ = session.step(live(rows[0]), now: then(2))
        _ = session.step(live(rows[1]), now: then(3))
        #expect(session.applied == AppliedRows())
        _ = session.step(.applied(.common, rows[0].end), now: then(4))
        #expect(session.applied == AppliedRows(live: 1))
        // A hole: the rest is pulled.
        _ = session.step(live(rows[3]), now: then(5))
        _ = session.step(try batch(Array(rows[1...4])), now: then(6))
        _ = session.step(.applied(.common, rows[4].end), now: then(7))
        #expect(session.applied == AppliedRows(live: 2, batch: 3))
        // What a lost transaction took with it came by the way that brought it at last.
        _ = session.step(live(rows[5]), now: then(8))
        _ = session.step(.applyFailed, now: then(9))
        _ = session.step(
            .message(.hint(feed: .common, head: rows[5].end, hub: Incarnation(1), clock: then(0).wall)), now: then(10))
        _ = session.step(try batch([rows[5]]), now: then(11))
        _ = session.step(.applied(.common, rows[5].end), now: then(12))
        #expect(session.applied == AppliedRows(live: 2, batch: 4))
    }
}
