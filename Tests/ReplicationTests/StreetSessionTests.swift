import Events
import Testing

@testable import Replication

@Suite("A street's session") struct StreetSessionTests {
    private let seed = FeedRow.seed(of: .common)

    private func session() throws -> StreetSession {
        let node = try NodeID("street1")
        let marks = [FeedName.common, .node(node)].map {
            FeedMark(feed: $0, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: $0)))
        }
        return StreetSession(
            process: Origin(node: node, incarnation: Incarnation(5)), cursors: marks, seed: 1, now: then(0))
    }

    private func then(_ milliseconds: Int64) -> Moment { Moment(wall: at(milliseconds), steady: milliseconds) }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    /// Two LEAVE rows of the common feed, with the chain after each.
    private func rows() throws -> (rows: [WireRow], chains: [ChainValue]) {
        var chain = seed
        var rows: [WireRow] = []
        var chains: [ChainValue] = []
        for fseq in 1...2 {
            let row = WireRow(fseq: Int64(fseq), stream: try StreamName("rule/limits"), common: 0, content: .leave)
            chain = row.chain(after: chain)
            rows.append(row)
            chains.append(chain)
        }
        return (rows, chains)
    }

    /// An origin's first event.
    private func event(of origin: Origin) throws -> Event {
        Event(
            id: EventID(origin: origin, sequence: 1), hlc: .zero, stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"),
            basis: .empty, actor: Actor(system: "t", rule: "1"), occurredAt: at(1), recordedAt: at(1),
            command: CommandID(derivedFrom: "u"),
            index: 0, causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero
        ).chained(to: .zero)
    }

    private func welcomed(_ session: inout StreetSession, head: FeedCursor) -> [StreetSession.Action] {
        _ = session.step(.tick, now: then(0))
        return session.step(
            .message(
                .welcome(
                    Message.Welcome(
                        session: 7, hub: Incarnation(1), clock: at(0), endpoints: [],
                        heads: [FeedMark(feed: .common, cursor: head)], have: []))),
            now: then(1))
    }

    private func chained(_ rows: [WireRow], _ chains: [ChainValue]) -> [ChainedRow] {
        zip(rows, chains).map { ChainedRow(row: $0, chain: $1) }
    }

    @Test("pulls what it lacks, hands rows on once, and acknowledges only what is durable")
    func pull() throws {
        var session = try session()
        let (rows, chains) = try rows()
        let head = FeedCursor(fseq: 2, chain: chains[1])
        #expect(
            welcomed(&session, head: head).contains(
                .send(.pull(session: 7, feed: .common, above: 0, credit: StreetSession.Limit.creditFirst))))
        let batch = Message.batch(session: 7, feed: .common, rows: rows, chain: chains[1], head: head, isLast: true)
        let actions = session.step(.message(batch), now: then(2))
        #expect(actions == [.apply(.common, chained(rows, chains), head)])
        #expect(session.step(.message(batch), now: then(3)).isEmpty)
        #expect(
            session.step(.applied(.common, head), now: then(4)) == [
                .send(.ack(session: 7, feed: .common, cursor: head))
            ])
        #expect(session.lag == 0)
    }

    @Test("a lost transaction makes the same rows come again")
    func lostTransaction() throws {
        var session = try session()
        let (rows, chains) = try rows()
        let head = FeedCursor(fseq: 2, chain: chains[1])
        _ = welcomed(&session, head: head)
        let batch = Message.batch(session: 7, feed: .common, rows: rows, chain: chains[1], head: head, isLast: true)
        _ = session.step(.message(batch), now: then(2))
        let again = session.step(.applyFailed, now: then(3))
        #expect(again == [.send(.pull(session: 7, feed: .common, above: 0, credit: StreetSession.Limit.creditFirst))])
        #expect(session.step(.message(batch), now: then(4)) == [.apply(.common, chained(rows, chains), head)])
    }

    /// Online, with two rows of the common feed applied, of which the hub has other ones.
    private func differing() throws -> (session: StreetSession, rows: [ChainedRow], other: FeedCursor) {
        let (rows, chains) = try rows()
        let mark = FeedMark(feed: .common, cursor: FeedCursor(fseq: 2, chain: chains[1]))
        var session = StreetSession(
            process: Origin(node: try NodeID("street1"), incarnation: Incarnation(5)), cursors: [mark], seed: 1,
            now: then(0))
        let other = FeedCursor(fseq: 3, chain: ChainValue(high: 9, low: 9))
        _ = welcomed(&session, head: other)
        return (session, chained(rows, chains), other)
    }

    @Test("rows that differ are compared, put aside above the last common one, and pulled from there on")
    func rewind() throws {
        var (session, rows, other) = try differing()
        let wrong = try WireRow(fseq: 3, stream: StreamName("rule/limits"), common: 0, content: .leave)
        let batch = Message.batch(
            session: 7, feed: .common, rows: [wrong], chain: other.chain, head: other, isLast: true)
        let found = session.step(.message(batch), now: then(2))
        #expect(found.count == 2 && found.last == .readMarks(.common, [1, 2]))
        let marks = rows.enumerated().map { FeedCursor(fseq: Int64($0.offset + 1), chain: $0.element.chain) }
        let question = StreetSession.Action.send(.compare(session: 7, feed: .common, cursors: marks))
        #expect(session.step(.marks(.common, marks), now: then(3)) == [question])
        // Without an answer it is asked again.
        #expect(!session.step(.tick, now: then(2_900)).contains(.readMarks(.common, [1, 2])))
        #expect(session.step(.tick, now: then(3_100)).contains(.readMarks(.common, [1, 2])))
        _ = session.step(.marks(.common, marks), now: then(3_101))
        let answer = Message.compared(session: 7, feed: .common, same: 1, head: other)
        let actions = session.step(.message(answer), now: then(3_200))
        #expect(actions.count == 2 && actions.last == .rewind(.common, to: marks[0]))
        // A lost transaction asks for it again; live rows meanwhile are let go.
        #expect(session.step(.applyFailed, now: then(3_201)) == [.rewind(.common, to: marks[0])])
        #expect(
            session.step(.message(.live(feed: .common, rows: [wrong], chain: other.chain)), now: then(3_202)).isEmpty)
        #expect(
            session.step(.rewound(.common, marks[0]), now: then(3_300)).contains {
                if case .send(.pull(7, .common, 1, _)) = $0 { true } else { false }
            })
        #expect(session.lag == 2)
        // The hub had it for durable.
        let ack = StreetSession.Action.send(.ack(session: 7, feed: .common, cursor: marks[0]))
        #expect(session.step(.tick, now: then(1 + StreetSession.Limit.ping)).contains(ack))
    }

    @Test(
        "where nothing here differs what did not fit is asked for again, and is compared again after a minute at the earliest"
    )
    func equal() throws {
        var (session, rows, other) = try differing()
        let wrong = try WireRow(fseq: 3, stream: StreamName("rule/limits"), common: 0, content: .leave)
        let batch = Message.batch(
            session: 7, feed: .common, rows: [wrong], chain: other.chain, head: other, isLast: true)
        _ = session.step(.message(batch), now: then(2))
        let marks = rows.enumerated().map { FeedCursor(fseq: Int64($0.offset + 1), chain: $0.element.chain) }
        _ = session.step(.marks(.common, marks), now: then(3))
        let pulls = session.step(.message(.compared(session: 7, feed: .common, same: 2, head: other)), now: then(4))
        #expect(pulls.count == 1)
        guard case .send(.pull(7, .common, 2, _))? = pulls.first else {
            Issue.record("no pull: \(pulls)")
            return
        }
        #expect(session.step(.message(batch), now: then(5)).isEmpty, "told and compared a moment ago")
        for second: Int64 in stride(from: 5, through: 60, by: 5) {
            _ = session.step(.message(.pong(session: 7, clock: at(0))), now: then(second * 1_000))
            let actions = session.step(.tick, now: then(second * 1_000 + 4))
            #expect(actions.contains(.readMarks(.common, [1, 2])) == (second == 60), "\(second) s")
        }
    }

    @Test("rows that lead to another chain are never applied, and an alarm says so")
    func divergence() throws {
        var session = try session()
        let (rows, chains) = try rows()
        let other = ChainValue(high: 1, low: 1)
        _ = welcomed(&session, head: FeedCursor(fseq: 2, chain: other))
        let actions = session.step(
            .message(
                .batch(
                    session: 7, feed: .common, rows: rows, chain: other, head: FeedCursor(fseq: 2, chain: other),
                    isLast: true)),
            now: then(2))
        guard case .alarm(let text)? = actions.first else {
            Issue.record("no alarm: \(actions)")
            return
        }
        #expect(text.description.contains(chains[1].description))
    }

    @Test("a hub that ends before the street's cursor raises an alarm")
    func restoredHub() throws {
        let node = try NodeID("street1")
        let here = FeedMark(feed: .common, cursor: FeedCursor(fseq: 9, chain: ChainValue(high: 3, low: 3)))
        var session = StreetSession(
            process: Origin(node: node, incarnation: Incarnation(5)), cursors: [here], seed: 1, now: then(0))
        let actions = welcomed(&session, head: FeedCursor(fseq: 4, chain: .zero))
        #expect(actions.contains { if case .alarm = $0 { true } else { false } })
    }

    @Test("own events are pushed once, again after silence, and leave the outbox when the hub has them")
    func upload() throws {
        var session = try session()
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(5))
        _ = session.step(.localHeads([OriginMark(origin: origin, sequence: 1)]), now: then(0))
        #expect(welcomed(&session, head: FeedCursor(fseq: 0, chain: seed)).contains(.readOwn(origin, above: 0)))
        let event = try event(of: origin)
        #expect(
            session.step(.ownEvents(origin, above: 0, [event]), now: then(2)) == [
                .send(.push(session: 7, events: [event]))
            ])
        #expect(session.outboxDepth == 1)
        #expect(!session.step(.tick, now: then(100)).contains(.readOwn(origin, above: 0)))
        #expect(session.step(.tick, now: then(2 + StreetSession.Limit.answer)).contains(.readOwn(origin, above: 0)))
        _ = session.step(.message(.pack(session: 7, origin: origin, sequence: 1)), now: then(4_000))
        #expect(session.outboxDepth == 0)
    }

    @Test("what the hub has of each own origin is known by its word alone: a pack, or a welcome")
    func confirmed() throws {
        let node = try NodeID("street1")
        let before = Origin(node: node, incarnation: Incarnation(3))
        let now = Origin(node: node, incarnation: Incarnation(5))
        func marks(_ first: Int64, _ second: Int64) -> [OriginMark] {
            [OriginMark(origin: before, sequence: first), OriginMark(origin: now, sequence: second)]
        }
        var session = try session()
        #expect(session.confirmed == [])
        _ = session.step(.localHeads(marks(9, 2)), now: then(0))
        #expect(session.confirmed == marks(0, 0))
        _ = session.step(.tick, now: then(0))
        _ = session.step(
            .message(
                .welcome(
                    Message.Welcome(
                        session: 7, hub: Incarnation(1), clock: at(0), endpoints: [], heads: [],
                        have: [OriginMark(origin: before, sequence: 9)]))), now: then(1))
        #expect(session.confirmed == marks(9, 0) && session.outboxDepth == 2)
        _ = session.step(.message(.pack(session: 6, origin: now, sequence: 2)), now: then(2))
        #expect(session.confirmed == marks(9, 0), "another session's word is none")
        let event = try event(of: now)
        #expect(
            session.step(.ownEvents(now, above: 0, [event]), now: then(2)).contains(
                .send(.push(session: 7, events: [event]))))
        #expect(session.confirmed == marks(9, 0), "sent is not confirmed")
        _ = session.step(.message(.pack(session: 7, origin: now, sequence: 1)), now: then(3))
        #expect(session.confirmed == marks(9, 1))
        _ = session.step(.localHeads(marks(9, 4)), now: then(4))
        #expect(session.confirmed == marks(9, 1) && session.outboxDepth == 3)
        _ = session.step(.message(.pack(session: 7, origin: now, sequence: 4)), now: then(5))
        _ = session.step(.message(.pack(session: 7, origin: now, sequence: 3)), now: then(6))
        #expect(session.confirmed == marks(9, 4), "what is confirmed stays so")
    }

    @Test("what belongs to another session is ignored")
    func otherSession() throws {
        var session = try session()
        let (rows, chains) = try rows()
        _ = welcomed(&session, head: FeedCursor(fseq: 2, chain: chains[1]))
        let stale = Message.batch(
            session: 6, feed: .common, rows: rows, chain: chains[1], head: FeedCursor(fseq: 2, chain: chains[1]),
            isLast: true)
        #expect(session.step(.message(stale), now: then(3)).isEmpty)
    }

    @Test("a pull that is not answered is repeated with less credit, down to the least")
    func credit() throws {
        var session = try session()
        _ = welcomed(&session, head: FeedCursor(fseq: 2, chain: .zero))
        var time: Int64 = 1
        for _ in 0..<12 {
            time += StreetSession.Limit.answer
            // Signs of life, or the session would end.
            _ = session.step(.message(.pong(session: 7, clock: at(time))), now: then(time))
            #expect(
                session.step(.tick, now: then(time)).contains {
                    if case .send(.pull) = $0 { true } else { false }
                })
        }
        #expect(session.credit == StreetSession.Limit.creditLeast)
    }

    @Test("a prompt answer earns more credit when the hub has more, and none when that was all")
    func earned() throws {
        var session = try session()
        let (rows, chains) = try rows()
        let head = FeedCursor(fseq: 2, chain: chains[1])
        _ = welcomed(&session, head: head)
        let first = Message.batch(
            session: 7, feed: .common, rows: [rows[0]], chain: chains[0], head: head, isLast: true)
        let earned = StreetSession.Action.send(
            .pull(session: 7, feed: .common, above: 1, credit: StreetSession.Limit.creditFirst * 2))
        #expect(session.step(.message(first), now: then(2)).contains(earned))
        let rest = Message.batch(
            session: 7, feed: .common, rows: [rows[1]], chain: chains[1], head: head, isLast: true)
        _ = session.step(.message(rest), now: then(3))
        #expect(session.credit == StreetSession.Limit.creditFirst * 2)
    }

    @Test("a hub that was opened anew is greeted at once, not when the silence is noticed")
    func restartedHub() throws {
        var session = try session()
        let head = FeedCursor(fseq: 0, chain: seed)
        _ = welcomed(&session, head: head)
        _ = session.step(.message(.hint(feed: .common, head: head, hub: Incarnation(1), clock: at(5))), now: then(5))
        #expect(session.isOnline)
        _ = session.step(.message(.hint(feed: .common, head: head, hub: Incarnation(2), clock: at(6))), now: then(6))
        #expect(!session.isOnline)
        let later = session.step(.tick, now: then(6 + StreetSession.Limit.spread))
        #expect(later.contains { if case .send(.hello) = $0 { true } else { false } })
    }

    @Test("a wall clock that is set back does not put the session to sleep")
    func clockSetBack() throws {
        var session = try session()
        _ = session.step(.tick, now: then(1))
        let moment = Moment(wall: at(-90_000_000), steady: 1 + StreetSession.Limit.hello * 2)
        #expect(
            session.step(.tick, now: moment).contains { if case .send(.hello) = $0 { true } else { false } })
    }

    @Test("an origin that the hub halted is not sent again in this session, and alarms once")
    func halted() throws {
        var session = try session()
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(5))
        _ = session.step(.localHeads([OriginMark(origin: origin, sequence: 3)]), now: then(0))
        _ = welcomed(&session, head: FeedCursor(fseq: 0, chain: seed))
        let halt = Message.halt(session: 7, origin: origin, sequence: 0, reason: .fork)
        let first = session.step(.message(halt), now: then(2))
        #expect(first.count == 1)
        #expect(session.step(.message(halt), now: then(3)).isEmpty)
        _ = session.step(.ownEvents(origin, above: 0, []), now: then(3))
        for time in stride(from: 4 as Int64, to: 15_000, by: 500) {
            #expect(!session.step(.tick, now: then(time)).contains(.readOwn(origin, above: 0)))
        }
        #expect(session.outboxDepth == 3, "it is not confirmed, and says so")
    }

    @Test("an own event that is missing here and at the hub is said once, and what follows it is not read again")
    func missing() throws {
        var session = try session()
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(4))
        var third = try event(of: origin)
        third.id = EventID(origin: origin, sequence: 3)
        third = third.chained(to: .zero)
        _ = session.step(.localHeads([OriginMark(origin: origin, sequence: 3)]), now: then(0))
        #expect(welcomed(&session, head: FeedCursor(fseq: 0, chain: seed)).contains(.readOwn(origin, above: 0)))
        let actions = session.step(.ownEvents(origin, above: 0, [third]), now: then(2))
        guard case .alarm(let text)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(text.description.hasPrefix("\(EventID(origin: origin, sequence: 1)) is neither"))
        for time in stride(from: 3 as Int64, to: 15_000, by: 50) {
            #expect(!session.step(.tick, now: then(time)).contains(.readOwn(origin, above: 0)))
        }
        #expect(session.outboxDepth == 3, "it is not confirmed, and says so")
    }

    @Test("what stands before a hole or damage goes again when it was lost on the way", arguments: [true, false])
    func sentAgain(isHole: Bool) throws {
        var session = try session()
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(4))
        var first = try event(of: origin)
        first.id = EventID(origin: origin, sequence: 1)
        first = first.chained(to: .zero)
        var third = first
        third.id = EventID(origin: origin, sequence: 3)
        _ = session.step(.localHeads([OriginMark(origin: origin, sequence: 3)]), now: then(0))
        _ = welcomed(&session, head: FeedCursor(fseq: 0, chain: seed))
        let sent = session.step(.ownEvents(origin, above: 0, [first]), now: then(2))
        #expect(sent == [.send(.push(session: 7, events: [first])), .readOwn(origin, above: 1)])
        let end: StreetSession.Input =
            isHole ? .ownEvents(origin, above: 1, [third]) : .ownUnreadable(origin, above: 1)
        _ = session.step(end, now: then(3))
        var again: [StreetSession.Action] = []
        for time in stride(from: 4 as Int64, to: 15_000, by: 50) {
            again += session.step(.tick, now: then(time)).filter { if case .readOwn = $0 { true } else { false } }
        }
        #expect(again.first == .readOwn(origin, above: 0), "the hub lost its transaction and said nothing")
        #expect(!again.contains(.readOwn(origin, above: 1)))
    }

    @Test("what was read before the hub's word moved on is read again from there, and is no hole")
    func late() throws {
        var session = try session()
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(5))
        _ = session.step(.localHeads([OriginMark(origin: origin, sequence: 3)]), now: then(0))
        _ = welcomed(&session, head: FeedCursor(fseq: 0, chain: seed))
        _ = session.step(.message(.pack(session: 7, origin: origin, sequence: 2)), now: then(2))
        let actions = session.step(.ownEvents(origin, above: 0, [try event(of: origin)]), now: then(3))
        #expect(actions == [.readOwn(origin, above: 2)])
    }
}
