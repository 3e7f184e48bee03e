import Events
import Testing

@testable import Replication

/// Where a street begins in a feed of which it has nothing, and what its hub answers.
@Suite("Where a feed begins") struct FeedBaseSessionTests {
    private let node: NodeID
    private let feed: FeedName
    /// The last row of the past.
    private let past = FeedCursor(fseq: 900, chain: ChainValue(high: 3, low: 4))

    init() throws {
        node = try NodeID("street1")
        feed = .node(node)
    }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: 1_000_000 + milliseconds), steady: milliseconds)
    }

    /// Online at 1 ms, the hub's feed at row 902, with what it sends.
    private func online() -> (session: StreetSession, actions: [StreetSession.Action]) {
        let marks = [FeedName.common, feed].map {
            FeedMark(feed: $0, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: $0)))
        }
        return opened(at: marks, head: FeedCursor(fseq: 902, chain: ChainValue(high: 9, low: 9)))
    }

    /// A session that was just opened by a street whose rows end at `marks`, and what it does then.
    private func opened(
        at marks: [FeedMark], aside: Set<FeedName> = [], head: FeedCursor
    ) -> (StreetSession, [StreetSession.Action]) {
        var session = StreetSession(
            process: Origin(node: node, incarnation: Incarnation(5)), cursors: marks, aside: aside, seed: 1,
            now: then(0))
        _ = session.step(.tick, now: then(0))
        let welcome = Message.Welcome(
            session: 7, hub: Incarnation(1), clock: then(0).wall, endpoints: [],
            heads: [FeedMark(feed: feed, cursor: head)], have: [])
        let actions = session.step(.message(.welcome(welcome)), now: then(1))
        return (session, actions)
    }

    private var question: StreetSession.Action { .send(.bases(session: 7, .rebase(feed))) }
    private func pull(above: Int64) -> StreetSession.Action {
        .send(.pull(session: 7, feed: feed, above: above, credit: StreetSession.Limit.creditFirst))
    }

    /// The row of a base, as the hub writes it, and the one behind it.
    private func rows(says before: FeedCursor) throws -> (rows: [WireRow], end: FeedCursor) {
        let request = try FeedBase(feed: feed, before: before).request(of: node, now: then(0).wall)
        let draft = request.drafts[0]
        let event = Event(
            id: EventID(origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(1)), sequence: 1),
            hlc: .zero,
            stream: draft.stream, type: draft.type, basis: .empty, actor: request.actor, occurredAt: request.now,
            recordedAt: request.now, command: request.command, index: 0, causation: nil, correlation: nil,
            body: JSON.object(draft.body).canonicalBytes, sealed: nil, previous: .zero
        ).chained(to: .zero)
        let first = WireRow(fseq: 901, stream: draft.stream, common: 0, content: .event(event))
        let second = WireRow(fseq: 902, stream: try StreamName("ticket/1"), common: 0, content: .join(history: 1))
        let chain = second.chain(after: first.chain(after: past.chain))
        return ([first, second], FeedCursor(fseq: 902, chain: chain))
    }

    @Test("a base behind the end that is known here is taken at once, and one behind which no row has a number never")
    func ends() throws {
        // The hub wrote since it said where the feed ends.
        for fseq in [902, 950] as [Int64] {
            var (session, _) = online()
            let base = FeedCursor(fseq: fseq, chain: past.chain)
            let answer = session.step(.message(.bases(session: 7, .base(feed, base))), now: then(2))
            let end = Message.hint(
                feed: feed, head: FeedCursor(fseq: fseq + 1, chain: ChainValue(high: 1, low: 1)), hub: Incarnation(1),
                clock: then(0).wall)
            #expect((answer + session.step(.message(end), now: then(3))).contains(pull(above: fseq)))
        }
        var (session, _) = online()
        let none = FeedCursor(fseq: .max, chain: past.chain)
        #expect(session.step(.message(.bases(session: 7, .base(feed, none))), now: then(2)) == [])
        let (rows, end) = try rows(says: past)
        _ = session.step(.message(.live(feed: feed, rows: rows, chain: end.chain)), now: then(3))
        #expect(session.cursor(of: feed)?.fseq == 0)
    }

    @Test("a street that has nothing asks where to begin, begins there, and keeps the first row as any other")
    func begins() throws {
        var (session, actions) = online()
        #expect(actions.contains(question))
        #expect(!actions.contains(pull(above: 0)))
        let answer = session.step(.message(.bases(session: 7, .base(feed, past))), now: then(2))
        #expect(answer == [pull(above: 900)])
        #expect(session.lag == 2)
        let (rows, end) = try rows(says: past)
        // PUB is ahead of the answer: behind a hole nothing is looked at.
        let live = Message.live(feed: feed, rows: [rows[1]], chain: end.chain)
        _ = session.step(.message(live), now: then(3))
        let taken = session.step(
            .message(.batch(session: 7, feed: feed, rows: rows, chain: end.chain, head: end, isLast: true)),
            now: then(4))
        guard case .apply(feed, let applied, end)? = taken.first else {
            Issue.record("\(taken)")
            return
        }
        #expect(applied.map(\.row) == rows)
        _ = session.step(.applied(feed, end), now: then(5))
        #expect(session.applied == AppliedRows(live: 0, batch: 2))
        #expect(session.lag == 0)
        // A base that comes twice moves nothing.
        _ = session.step(.message(.bases(session: 7, .base(feed, past))), now: then(6))
        #expect(session.cursor(of: feed) == end)
    }

    @Test("a lost transaction makes it ask again")
    func lost() throws {
        var (session, _) = online()
        _ = session.step(.message(.bases(session: 7, .base(feed, past))), now: then(2))
        let (rows, end) = try rows(says: past)
        _ = session.step(
            .message(.batch(session: 7, feed: feed, rows: rows, chain: end.chain, head: end, isLast: true)),
            now: then(3))
        #expect(session.step(.applyFailed, now: then(4)).contains(question))
    }

    @Test("a hub that knows no bases is pulled from row 1 after three questions")
    func olderHub() {
        var (session, _) = online()
        var seen: [StreetSession.Action] = []
        for time in stride(from: Int64(100), through: 9_000, by: 100) {
            seen += session.step(.tick, now: then(time))
        }
        #expect(seen.count { $0 == question } == 2)
        #expect(!seen.contains(pull(above: 0)))
        seen = session.step(.tick, now: then(9_200))
        #expect(seen.contains(pull(above: 0)))
    }

    @Test("a base that comes while the feed is pulled already changes nothing")
    func lateBase() throws {
        var (session, _) = online()
        var time: Int64 = 100
        while !session.step(.tick, now: then(time)).contains(pull(above: 0)), time < 60_000 { time += 100 }
        #expect(session.step(.message(.bases(session: 7, .base(feed, past))), now: then(time + 1)) == [])
        let row = WireRow(fseq: 1, stream: try StreamName("ticket/1"), common: 0, content: .join(history: 1))
        let end = FeedCursor(fseq: 1, chain: row.chain(after: FeedRow.seed(of: feed)))
        let head = FeedCursor(fseq: 902, chain: ChainValue(high: 9, low: 9))
        let taken = session.step(
            .message(.batch(session: 7, feed: feed, rows: [row], chain: end.chain, head: head, isLast: true)),
            now: then(time + 2))
        guard case .apply(feed, _, end)? = taken.first else {
            Issue.record("\(taken)")
            return
        }
        // What was received counts, before it is durable, too.
        #expect(session.step(.message(.bases(session: 7, .base(feed, past))), now: then(time + 3)) == [])
    }

    @Test("rows behind a base that do not follow from it are refused, whatever their first one says")
    func otherChain() throws {
        var (session, _) = online()
        _ = session.step(.message(.bases(session: 7, .base(feed, past))), now: then(2))
        let (rows, end) = try rows(says: past)
        let wrong = ChainValue(high: end.chain.high, low: end.chain.low &+ 1)
        let actions = session.step(
            .message(.batch(session: 7, feed: feed, rows: rows, chain: wrong, head: end, isLast: true)), now: then(3))
        #expect(actions.contains { if case .alarm = $0 { true } else { false } })
        #expect(!actions.contains { if case .apply = $0 { true } else { false } })
    }

    @Test("what follows a base and does not say so is refused, and the feed pulled from row 1")
    func wrongBase() throws {
        var (session, _) = online()
        _ = session.step(.message(.bases(session: 7, .base(feed, past))), now: then(2))
        let (rows, end) = try rows(says: FeedCursor(fseq: 900, chain: .zero))
        let actions = session.step(
            .message(.batch(session: 7, feed: feed, rows: rows, chain: end.chain, head: end, isLast: true)),
            now: then(3))
        #expect(actions.contains { if case .alarm = $0 { true } else { false } })
        #expect(!actions.contains { if case .apply = $0 { true } else { false } })
        #expect(actions.contains(pull(above: 0)))
    }

    @Test("the seed for an answer means from row 1")
    func shortPast() {
        var (session, _) = online()
        let seed = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        #expect(session.step(.message(.bases(session: 7, .base(feed, seed))), now: then(2)) == [pull(above: 0)])
    }

    @Test("a street that has rows never asks")
    func hasRows() {
        let mark = FeedMark(feed: feed, cursor: FeedCursor(fseq: 3, chain: ChainValue(high: 1, low: 1)))
        let (_, actions) = opened(at: [mark], head: past)
        #expect(actions.contains(pull(above: 3)))
        #expect(!actions.contains(question))
    }

    /// Tickets of them are here, and what of those is over would sleep behind a base.
    @Test("a street whose rows were all put aside pulls from row 1, also in its next process")
    func aside() {
        let mark = FeedMark(feed: feed, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)))
        let (_, actions) = opened(at: [mark], aside: [feed], head: past)
        #expect(actions.contains(pull(above: 0)))
        #expect(!actions.contains(question))
    }

    @Test("a wish for a ticket is asked until it is answered, told once, and bounded")
    func wishes() throws {
        var wakes = StreetWakes()
        let ticket = try StreamName("ticket/1")
        #expect(wakes.ask(ticket) == .asked)
        #expect(wakes.questions(now: 0) == [ticket])
        #expect(wakes.questions(now: 2_999) == [])
        #expect(wakes.questions(now: 3_000) == [ticket])
        #expect(wakes.ask(ticket) == .asked)
        wakes.answered(ticket, .notForYou)
        #expect(wakes.questions(now: 9_000) == [])
        #expect(wakes.ask(ticket) == .notForYou)
        #expect(wakes.ask(ticket) == .asked)
        for number in 2...StreetWakes.Limit.tickets { #expect(wakes.ask(try StreamName("ticket/\(number)")) == .asked) }
        #expect(wakes.ask(try StreamName("ticket/1000")) == nil)
        wakes.answered(ticket, .inFeed)
        #expect(wakes.ask(try StreamName("ticket/1000")) == .asked)
    }
}
