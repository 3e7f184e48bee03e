/// A street's side of replication, as a machine without IO: inputs in, actions out, time as an argument.
///
/// The street declares what it has and pulls what it lacks; what PUB brings is taken only while it is the next
/// row of its feed, and also while the hub does not answer: a row that leads to the hub's chain is right whatever the other way
/// does. Local work never waits for any of this. States: offline → hello → online; in each feed
/// pulling or live. Where a feed's chain differs from the hub's, what is above the last common row is put aside
/// with an alarm, and the feed goes on from there: never wipe and reload.

package import Events

package struct StreetSession: Sendable {
    package let node: NodeID
    private let process: Origin
    package private(set) var phase: Phase
    package private(set) var credit = Limit.creditFirst
    private var feeds: [FeedProgress]
    private var outbox = Outbox()
    private var acks = AckPace()
    /// Nothing of the hub's comes before it.
    private var hasSaidHello = false
    private let versions: ClosedRange<UInt8>
    /// What the session's frames are written in; WELCOME says it.
    private(set) var version: UInt8
    /// The opening of the hub that this session is with.
    private var hub: Incarnation?
    /// Own events that an alarm has named as missing here and at the hub.
    private var missing: Set<EventID> = []
    private var lastHeard: Int64
    private var lastPing: Int64
    private var lastRefusal: Message.Refusal?
    private var backoff = Limit.backoffFirst
    /// Milliseconds for which the HELLO that was said last has no answer yet, until it is said again.
    private var patience = Limit.hello
    private var random: UInt64
    /// What is counted since the start, and when what was; the rest of it is asked for.
    private var counts = HubLink()

    /// - Parameters:
    ///   - process: this opening of the node's log.
    ///   - cursors: how far each feed was applied here.
    ///   - bases: the row behind which this node began in a feed, where that is not its seed.
    ///   - aside: the feeds of which rows were put aside here.
    ///   - seed: for the chance in pauses; one of its own for each process.
    ///   - versions: of the protocol that this node speaks.
    package init(
        process: Origin, cursors: [FeedMark], bases: [FeedName: FeedCursor] = [:], aside: Set<FeedName> = [],
        seed: UInt64, versions: ClosedRange<UInt8> = Message.versions, now: Moment
    ) {
        self.process = process
        self.versions = versions
        version = Message.forAll
        node = process.node
        feeds = cursors.map { FeedProgress($0, base: bases[$0.feed], hadRows: aside.contains($0.feed)) }
        phase = .offline(until: now.steady)
        lastHeard = now.steady
        lastPing = now.steady
        random = seed | 1
    }

    /// The session with the hub; nil without one.
    var session: UInt64? { if case .online(let session) = phase { session } else { nil } }
    /// How far a feed is durable here.
    func cursor(of feed: FeedName) -> FeedCursor? { feeds.first { $0.name == feed }?.cursor }
    /// Own events that the hub has not confirmed.
    package var outboxDepth: Int64 { outbox.depth }
    /// How far the hub has confirmed each own origin, sorted; since the start, so 0 before it has said anything.
    package var confirmed: [OriginMark] { outbox.confirmed }
    package var isOnline: Bool { if case .online = phase { true } else { false } }
    /// Rows of the hub that are known to be missing here.
    package var lag: Int64 { feeds.reduce(0) { $0 + $1.lag } }

    /// Whether nothing is being pulled or pushed: the line is free for what is no event.
    var isIdle: Bool { isOnline && !outbox.isSending && feeds.allSatisfy { $0.pulledAt == nil } }

    /// Rows that are durable here since the process began.
    package var applied: AppliedRows {
        feeds.reduce(into: AppliedRows()) {
            $0.live += $1.counts.live
            $0.batch += $1.counts.batch
        }
    }

    /// What the line is like now.
    var link: HubLink {
        var link = counts
        link.live = applied.live
        link.pulled = applied.batch
        link.lagSince = feeds.compactMap(\.lagSince).min()
        link.outboxSince = outbox.since
        link.credit = credit
        if !isOnline { link.sessionSince = nil }
        return link
    }

    /// Whether the next rows of a pull are on their way from the hub.
    var isAnswering: Bool { isOnline && feeds.contains(where: \.isAnswering) }

    /// How far `low` is behind `high`; bounded, because the numbers come from another node.
    static func gap(_ high: Int64, _ low: Int64) -> Int64 { high > low ? min(high - low, 1 << 40) : 0 }

    package mutating func step(_ input: Input, now: Moment) -> [Action] {
        switch input {
        case .tick: return tick(now)
        case .message(let message): return take(message, now)
        case .applied(let name, let cursor): return applied(name, cursor, now)
        case .applyFailed:
            var actions: [Action] = []
            for place in feeds.indices {
                feeds[place].startOver()
                if case .rewinds(let cursor) = feeds[place].fit {
                    actions.append(.rewind(feeds[place].name, to: cursor))
                }
            }
            return actions + pullAll(now)
        case .rewound(let name, let cursor):
            guard let place = place(of: name) else { return [] }
            feeds[place].rewound(cursor)
            counts.rewinds += 1
            return pullAll(now)
        case .marks(let name, let cursors):
            guard case .online(let session) = phase, let place = place(of: name), !cursors.isEmpty else { return [] }
            feeds[place].asks(cursors, now: now.steady)
            return [.send(.compare(session: session, feed: name, cursors: cursors))]
        case .localHeads(let marks, let whole):
            outbox.extend(marks, whole: whole, since: hasSaidHello ? process : nil, now: now.steady)
            return upload(now)
        case .ownEvents(let origin, let above, let events):
            guard case .online(let session) = phase else { return [] }
            switch outbox.send(origin, above: above, events, now: now.steady) {
            case .next(let fitting): return [.send(.push(session: session, events: fitting))] + upload(now)
            case .late: return events.isEmpty ? [] : upload(now)
            case .missing(let id):
                guard missing.insert(id).inserted else { return [] }
                return [.alarm("\(id) is neither at the hub nor here: nothing of its origin from there on is sent")]
            }
        case .ownUnreadable(let origin, let above):
            outbox.end(origin, at: above)
            return []
        case .healed:
            outbox.readAgain()
            return upload(now)
        }
    }

    // MARK: - Time

    private mutating func tick(_ now: Moment) -> [Action] {
        switch phase {
        case .offline(let until): return now.steady >= until ? sayHello(now) : []
        case .hello(let sent):
            guard now.steady - sent >= patience else { return [] }
            backoff = min(backoff * 2, Limit.backoffLast)
            return sayHello(now)
        case .online(let session):
            guard now.steady - lastHeard < Limit.silence else {
                comeBack(after: backoff, spread: backoff / 2, now)
                return []
            }
            var actions: [Action] = []
            if now.steady - lastPing >= Limit.ping {
                lastPing = now.steady
                actions.append(.send(.ping(session: session, clock: now.wall, outbox: outboxDepth)))
                // The last ACK before a quiet hour may have been lost, or had nobody to hear it between two sessions.
                for feed in feeds { acks.add(feed.name) }
            }
            for place in feeds.indices {
                guard let pulled = feeds[place].pulledAt, now.steady - pulled >= Limit.answer else { continue }
                feeds[place].giveUp()
                credit = max(credit / 2, Limit.creditLeast)
            }
            outbox.expire(now: now.steady)
            return actions + acknowledge(now) + pullAll(now) + upload(now)
        }
    }

    private mutating func sayHello(_ now: Moment) -> [Action] {
        phase = .hello(sent: now.steady)
        // A quarter less or more by chance: a hundred streets that say it at once, when their hub went, do not all repeat it at once.
        let pause = Limit.hello + backoff
        patience = pause - pause / 4 + chance(below: pause / 2)
        hasSaidHello = true
        return [
            .send(
                .hello(
                    Message.Hello(
                        origin: process, versions: versions, clock: now.wall, origins: outbox.marks(of: process),
                        cursors: feeds.map { FeedMark(feed: $0.name, cursor: $0.cursor) })))
        ]
    }

    /// Says hello again after a time with jitter, so that a hundred streets do not come back at once.
    private mutating func comeBack(after milliseconds: Int64, spread: Int64, _ now: Moment) {
        phase = .offline(until: now.steady + milliseconds + chance(below: spread))
        for place in feeds.indices { feeds[place].endSession() }
    }

    /// From 0 up to below a bound, by xorshift64.
    private mutating func chance(below bound: Int64) -> Int64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int64(random % UInt64(max(1, bound)))
    }

    // MARK: - Messages

    private mutating func take(_ message: Message, _ now: Moment) -> [Action] {
        switch message {
        case .welcome(let welcome): return begin(welcome, now)
        case .refuse(let session, let reason, let retry): return refused(session, reason, retry, now)
        case .batch(let session, let feed, let rows, let chain, let head, let isLast):
            guard heard(session, now), let place = place(of: feed) else { return [] }
            guard !feeds[place].isLate(rows) else {
                feeds[place].waitsOn(now: now.steady)
                return []
            }
            let isRepeat = feeds[place].isRepeating
            feeds[place].answered(isLast: isLast, now: now.steady)
            let (actions, isForeign) = accept(rows, chain, by: .batch, place)
            // More credit is of use when the hub has more.
            if isLast, !isRepeat, let last = rows.last, last.fseq < head.fseq, let sent = feeds[place].pullSentAt,
                now.steady - sent <= Limit.promptAnswer
            {
                credit = min(credit * 2, Limit.creditMost)
            }
            // Another process of this node has the session by now; HELLO brings out which of the two is served.
            if isForeign { comeBack(after: 0, spread: Limit.spread, now) }
            let ends = alarm(feeds[place].ends(at: head, now: now.steady))
            feeds[place].measure(now: now.steady)
            return actions + ends + (isLast ? pull(place, now) : [])
        case .live(let feed, let rows, let chain):
            guard let place = place(of: feed), feeds[place].pulledAt == nil, let last = rows.last else { return [] }
            let (actions, _) = accept(rows, chain, by: .live, place)
            if last.fseq > feeds[place].received.fseq, !feeds[place].isBehind { counts.gaps += 1 }
            // A hole, rules that are not here yet, or what another process of this node wrote: what is missing is pulled.
            feeds[place].saw(last.fseq, now: now.steady)
            return actions + pull(place, now)
        case .hint(let feed, let head, let hub, let clock):
            // PUB says nothing about the way back, so a hint does not count as having heard of the hub.
            guard let place = place(of: feed) else { return [] }
            guard hub == self.hub else {
                if isOnline { comeBack(after: 0, spread: Limit.spread, now) }
                return []
            }
            counts.clockOffset = LinkChange.offset(clock, from: now.wall)
            defer { feeds[place].measure(now: now.steady) }
            return alarm(feeds[place].ends(at: head, now: now.steady)) + pull(place, now)
        case .compared(let session, let feed, let same, let head):
            guard heard(session, now), let place = place(of: feed) else { return [] }
            guard let common = feeds[place].compared(same: same, head: head, now: now.steady) else {
                return pull(place, now)
            }
            return [
                .alarm("feed \(feed): what is here above row \(common.fseq) is not the hub's, and is kept aside"),
                .rewind(feed, to: common),
            ]
        case .pack(let session, let origin, let sequence):
            guard heard(session, now) else { return [] }
            outbox.confirm(origin, sequence, now: now.steady)
            return upload(now)
        case .halt(let session, let origin, let sequence, let reason):
            guard heard(session, now), outbox.halt(origin) else { return [] }
            let why: Words = reason == .fork ? "another event under the same id" : "a broken chain"
            return [.alarm("the hub takes nothing of \(origin) after \(sequence): it found \(why); see its alarms")]
        case .pong(let session, let clock):
            if heard(session, now) { counts.clockOffset = LinkChange.offset(clock, from: now.wall) }
            return []
        case .repair(let session, let message): return heard(session, now) ? [.repair(message)] : []
        case .bases(let session, .base(let feed, let cursor)):
            guard heard(session, now), let place = place(of: feed) else { return [] }
            feeds[place].begin(behind: cursor)
            return pull(place, now)
        case .bases(let session, .woken(let stream, let state)):
            return heard(session, now) ? [.woken(stream, state)] : []
        case .keys(let session, let message): return heard(session, now) ? [.keys(message)] : []
        case .bye(let session):
            if heard(session, now) { comeBack(after: backoff, spread: backoff / 2, now) }
            return []
        case .hello, .pull, .ack, .push, .ping, .enrol, .enrolled, .compare, .blobs, .bases: return []
        }
    }

    /// Whether a message belongs to the session; it shows that the hub lives then.
    mutating func heard(_ session: UInt64, _ now: Moment) -> Bool {
        guard phase == .online(session: session) else { return false }
        lastHeard = now.steady
        counts.heardAt = now.steady
        return true
    }

    private mutating func begin(_ welcome: Message.Welcome, _ now: Moment) -> [Action] {
        // A welcome that is late, or comes twice, answers no open question; one of another session may be for a copy of this
        // node, which the hub cannot tell from it on the line.
        guard case .hello = phase else { return [] }
        lastHeard = now.steady
        lastPing = now.steady
        lastRefusal = nil
        backoff = Limit.backoffFirst
        let isSameHub = hub == welcome.hub
        hub = welcome.hub
        version = welcome.version
        phase = .online(session: welcome.session)
        counts.sessionSince = now.steady
        counts.heardAt = now.steady
        counts.clockOffset = LinkChange.offset(welcome.clock, from: now.wall)
        outbox.begin(have: welcome.have)
        var actions: [Action] = [.subscribe(welcome.endpoints)]
        for place in feeds.indices {
            let head = welcome.heads.first { $0.feed == feeds[place].name }?.cursor
            actions += alarm(feeds[place].begin(head: head, isSameHub: isSameHub, now: now.steady))
            feeds[place].measure(now: now.steady)
        }
        return actions + pullAll(now) + upload(now)
    }

    private mutating func refused(
        _ session: UInt64, _ reason: Message.Refusal, _ retry: UInt32, _ now: Moment
    ) -> [Action] {
        switch reason {
        case .unknownSession:
            // Several messages of a session that the hub has forgotten are refused; the first one says it.
            guard phase == .online(session: session) else { return [] }
            comeBack(after: Int64(retry), spread: Limit.spread, now)
            return []
        case .busy, .upgrade, .revoked, .notInvited:
            // What answers another process of this node, such as the one before a restart, is not for this one.
            guard session == 0 || session == process.incarnation.bits else { return [] }
            comeBack(after: Int64(retry), spread: Limit.spread, now)
            guard reason != lastRefusal else { return [] }
            lastRefusal = reason
            return [.alarm("the hub refuses this node: \(reason.words)")]
        }
    }

    // MARK: - Feeds

    private func place(of feed: FeedName) -> Int? { feeds.firstIndex { $0.name == feed } }
    private var common: Int64 { feeds.first { $0.name == .common }?.received.fseq ?? 0 }
    private func alarm(_ text: Words?) -> [Action] { text.map { [.alarm($0)] } ?? [] }

    private mutating func accept(
        _ rows: [WireRow], _ chain: ChainValue, by way: AppliedRows.Way, _ place: Int
    ) -> (actions: [Action], isForeign: Bool) {
        let taken = feeds[place].accept(rows, chain, by: way, common: common, isHere: outbox.has)
        guard !taken.rows.isEmpty else { return (alarm(taken.alarm), taken.isForeign) }
        return ([.apply(feeds[place].name, taken.rows, feeds[place].received)], taken.isForeign)
    }

    /// Asks for what a feed lacks, or for where it differs.
    private mutating func pull(_ place: Int, _ now: Moment) -> [Action] {
        var questions = compare(place, now)
        if case .online(let session) = phase, feeds[place].asksForBase(now: now.steady) {
            questions.append(.send(.bases(session: session, .rebase(feeds[place].name))))
        }
        guard case .online(let session) = phase, feeds[place].wantsPull(common: common, now: now.steady) else {
            return questions
        }
        feeds[place].pulledAt = now.steady
        feeds[place].pullSentAt = now.steady
        return questions + [
            .send(
                .pull(
                    session: session, feed: feeds[place].name, above: feeds[place].received.fseq,
                    credit: feeds[place].isRepeating ? Limit.creditLeast : credit))
        ]
    }

    private mutating func pullAll(_ now: Moment) -> [Action] {
        var actions: [Action] = []
        for place in feeds.indices { actions += pull(place, now) }
        return actions
    }

    /// Looks on for the last common row of a feed that differs.
    private mutating func compare(_ place: Int, _ now: Moment) -> [Action] {
        guard isOnline else { return [] }
        let places = feeds[place].placesToCompare(now: now.steady)
        return places.isEmpty ? [] : [.readMarks(feeds[place].name, places)]
    }

    private mutating func applied(_ name: FeedName, _ cursor: FeedCursor, _ now: Moment) -> [Action] {
        guard let place = place(of: name) else { return [] }
        feeds[place].applied(cursor)
        acks.add(name)
        return isOnline ? acknowledge(now) + pullAll(now) : []
    }

    /// Says how far feeds are durable, where it is time to.
    private mutating func acknowledge(_ now: Moment) -> [Action] {
        guard case .online(let session) = phase else { return [] }
        return acks.take(feeds, now: now.steady).map { .send(.ack(session: session, feed: $0.feed, cursor: $0.cursor)) }
    }

    // MARK: - Upload

    private mutating func upload(_ now: Moment) -> [Action] {
        guard isOnline else { return [] }
        return outbox.toRead(now: now.steady).map { .readOwn($0.origin, above: $0.above) }
    }
}
