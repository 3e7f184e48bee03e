/// The hub's side of replication, as a machine without IO: who has a session, and what each message asks for.
///
/// The hub keeps no cursor of its own for a street: the street declares what it has. A session costs a few words;
/// a street that is away costs nothing, its queue is its feed in the log.

package import Events

package struct Hub: Sendable {
    package enum Input: Sendable {
        /// A message, with the node that CURVE and ZAP say it comes from, and the bytes of its frame.
        case message(from: NodeID, Message, bytes: Int = 0)
        /// A frame that cannot be read.
        case unreadable(from: NodeID, DecodeError)
        /// A turn ends: what waits for it is taken, and silent sessions are noticed.
        case tick
        /// What became of a node's pushed events; all of it is committed.
        case ingested(NodeID, session: UInt64, [IngestOutcome])
        /// An event of this origin stands in its rotten row again, durably.
        case healed(Origin)
    }

    package enum Action: Sendable, Equatable {
        case send(to: NodeID, Message)
        /// Answer with `.welcome`, the heads read from the log.
        case welcome(NodeID, session: UInt64, origins: [OriginMark])
        /// Answer with batches of this feed.
        case readRows(NodeID, session: UInt64, FeedName, above: Int64, credit: UInt32)
        /// Answer with `.compared`: which of these chain values the feed has.
        case compare(NodeID, session: UInt64, FeedName, [FeedCursor])
        /// A node says something about keys of persons.
        case keys(NodeID, KeyMessage)
        /// A node answers what it was asked of things that were lost here.
        case repair(NodeID, RepairMessage)
        /// Ingest densely in one transaction, then report `.ingested`.
        case ingest(NodeID, session: UInt64, [Event])
        /// A node asks where its feed begins, or for a ticket.
        case base(NodeID, session: UInt64, BaseMessage)
        /// A message about a blob, of the node's session.
        case blob(from: NodeID, Message)
        /// The line to a node is up or down.
        case link(LinkChange)
        case alarm(Words)
    }

    struct Session {
        var id: UInt64
        /// The highest that both ends speak.
        var version: UInt8
        /// The node's process: another incarnation is another process.
        var process: Incarnation
        var subscriber: Subscriber
        /// Something was said in it.
        var isUsed = false
        /// Steady milliseconds.
        var heardAt: Int64
        /// The same by the wall clock.
        var heardWall: Timestamp
        /// Said nothing for `Limit.silence`.
        var isSilent = false
        /// The node's wall clock less the hub's, in milliseconds, with the way's delay in it.
        var clockOffset: Int64 = 0
        var cursors: [FeedName: FeedCursor] = [:]
        var outbox: Int64 = 0
        /// When it was opened, and since when the node has held something back, in steady milliseconds.
        var since: Int64
        var outboxSince: Int64?
        /// Bytes that its last pull asked for.
        var credit: UInt32?
        /// Questions for the last common row.
        var comparisons: Int64 = 0
        /// Origins of which nothing more is taken, with what the node was told; at most `Limit.halted`.
        var halted: [Origin: Message] = [:]
    }

    /// Times in milliseconds.
    package enum Limit {
        /// A session that said nothing for so long may be taken over by any process of its node.
        package static let silence: Int64 = 20_000
        /// When the older of two processes of one node may ask again.
        package static let secondProcess: UInt32 = 30_000
        /// Processes of a node that are remembered as replaced.
        static let replaced = 8
        /// Processes that an alarm has named, until they are forgotten.
        static let named = 1_000
        /// Origins of a session of which it is remembered that they are halted; of more the log refuses what follows, each time.
        static let halted = 64
    }

    var sessions: [NodeID: Session] = [:]
    private var revoked: Set<NodeID> = []
    /// Per node, the processes whose session another process took over, oldest first.
    private var replaced: [NodeID: [Incarnation]] = [:]
    /// Older processes that an alarm has named.
    private var named: Set<Origin> = []
    private var shares = FairShare<Message>()
    /// Before this no session can have been silent for long enough, in steady milliseconds: time passes at every turn, and
    /// a hundred sessions are not looked at in each.
    private var soundUntil = Int64.min
    var random: any RandomNumberGenerator & Sendable
    private let versions: ClosedRange<UInt8>

    /// - Parameter versions: of the protocol that this hub speaks.
    package init(random: any RandomNumberGenerator & Sendable, versions: ClosedRange<UInt8> = Message.versions) {
        self.random = random
        self.versions = versions
    }

    /// What a node's session is written in; nil without one.
    func version(of node: NodeID) -> UInt8? { sessions[node]?.version }

    /// What each node of this run has confirmed and still holds back, sorted by node.
    package var peers: [Peer] {
        sessions.sorted { $0.key < $1.key }.map {
            Peer(
                node: $0.key, cursors: $0.value.cursors, outbox: $0.value.outbox, heardAt: $0.value.heardAt,
                clockOffset: $0.value.clockOffset, since: $0.value.since, outboxSince: $0.value.outboxSince,
                credit: $0.value.credit, comparisons: $0.value.comparisons)
        }
    }

    /// Whether something that came waits for a further turn.
    var hasWaiting: Bool { shares.hasWaiting }

    /// Sessions, also of nodes that are silent.
    var count: Int { sessions.count }
    /// The nodes with a session, sorted.
    var nodes: [NodeID] { sessions.keys.sorted() }
    /// A node's wall clock less the hub's, in milliseconds; nil without a session.
    func clockOffset(of node: NodeID) -> Int64? { sessions[node]?.clockOffset }

    /// The session of a node; nil without one.
    func session(of node: NodeID) -> UInt64? { sessions[node]?.id }

    /// What a node said of its own events; of a node without a session nothing is known.
    func subscriber(_ node: NodeID) -> Subscriber { sessions[node]?.subscriber ?? .many }

    /// The sessions of nodes that are heard, sorted by node.
    var live: [(node: NodeID, session: UInt64)] {
        sessions.filter { !$0.value.isSilent }.map { ($0.key, $0.value.id) }.sorted { $0.node < $1.node }
    }

    /// Ends a node's session and refuses all that it says from now on.
    ///
    /// - Returns: that its line is down, when it was up.
    package mutating func revoke(_ node: NodeID) -> LinkChange? {
        revoked.insert(node)
        shares.forget(node)
        guard let session = sessions.removeValue(forKey: node), !session.isSilent else { return nil }
        return LinkChange(node: node, isUp: false, at: session.heardWall)
    }

    /// Takes a revoked node in again.
    package mutating func admit(_ node: NodeID) { revoked.remove(node) }

    /// Whether a frame of a node is to be read; one that is not counts as lost on its way.
    mutating func reads(_ bytes: Int, of node: NodeID, now: Moment) -> Bool {
        shares.reads(bytes, of: node, now: now.steady)
    }

    package mutating func step(_ input: Input, now: Moment) -> [Action] {
        switch input {
        case .message(let node, let message, let bytes):
            if revoked.contains(node) {
                return [.send(to: node, .refuse(session: 0, reason: .revoked, retryAfterMilliseconds: 600_000))]
            }
            guard shares.offer(message, cost: message.cost(bytes: bytes), of: node, now: now.steady) else { return [] }
            return bounded(take(message, from: node, now), of: node, now)
        case .unreadable(let node, let error):
            return bounded([.alarm(.alarm("a message of node \(node) is unreadable", error))], of: node, now)
        case .tick:
            var actions: [Action] = []
            for (node, message) in shares.takeTurn(now: now.steady) {
                actions += bounded(take(message, from: node, now), of: node, now)
            }
            for (node, messages) in shares.takeLeftOut(now: now.steady) {
                actions.append(
                    .alarm(
                        """
                        node \(node) sends more than is taken of one node beside the others: \(messages) of its messages were \
                        left out so far; see what it sends, or revoke it
                        """))
            }
            return actions + silence(now)
        case .ingested(let node, let session, let outcomes):
            return bounded(answer(node, session, outcomes), of: node, now)
        case .healed(let origin): return open(again: origin)
        }
    }

    /// The same with no more alarms than one node may cause.
    private mutating func bounded(_ actions: [Action], of node: NodeID, _ now: Moment) -> [Action] {
        actions.filter { if case .alarm = $0 { shares.alarms(node, now: now.steady) } else { true } }
    }

    private mutating func silence(_ now: Moment) -> [Action] {
        guard now.steady >= soundUntil else { return [] }
        // Who is heard from now on, or comes, is silent later than this.
        soundUntil = now.steady + Limit.silence
        var silent: [LinkChange] = []
        for (node, session) in sessions where !session.isSilent {
            if now.steady - session.heardAt >= Limit.silence {
                sessions[node]?.isSilent = true
                silent.append(LinkChange(node: node, isUp: false, at: session.heardWall))
            } else {
                soundUntil = min(soundUntil, session.heardAt + Limit.silence)
            }
        }
        return silent.sorted { $0.node < $1.node }.map(Action.link)
    }

    // MARK: - Messages

    /// Whether a node has this feed: of no other is anything read, said or kept for it.
    private static func isFeed(_ feed: FeedName, of node: NodeID) -> Bool { feed == .common || feed == .node(node) }

    private mutating func take(_ message: Message, from node: NodeID, _ now: Moment) -> [Action] {
        switch message {
        case .hello(let hello): return open(hello, from: node, now)
        case .pull(let id, let feed, let above, let credit):
            return inSession(id, of: node, now) { session in
                guard Hub.isFeed(feed, of: node) else { return [.alarm("node \(node) asks for feed \(feed); refused")] }
                session.credit = credit
                return [.readRows(node, session: id, feed, above: above, credit: credit)]
            }
        case .compare(let id, let feed, let cursors):
            return inSession(id, of: node, now) { session in
                guard Hub.isFeed(feed, of: node) else { return [.alarm("node \(node) asks for feed \(feed); refused")] }
                session.comparisons += 1
                return [.compare(node, session: id, feed, cursors)]
            }
        case .repair(let id, let message): return inSession(id, of: node, now) { _ in [.repair(node, message)] }
        case .keys(let id, let message): return inSession(id, of: node, now) { _ in [.keys(node, message)] }
        case .bases(let id, let message):
            return inSession(id, of: node, now) { _ in
                if case .rebase(let feed) = message, feed != .node(node) {
                    return [.alarm("node \(node) asks for feed \(feed); refused")]
                }
                return [.base(node, session: id, message)]
            }
        case .blobs(let id, _): return inSession(id, of: node, now) { _ in [.blob(from: node, message)] }
        case .ack(let id, let feed, let cursor):
            return inSession(id, of: node, now) { session in
                guard Hub.isFeed(feed, of: node) else { return [.alarm("node \(node) asks for feed \(feed); refused")] }
                session.cursors[feed] = cursor
                return []
            }
        case .push(let id, let events):
            return inSession(id, of: node, now) { session in
                if let forged = events.first(where: { $0.id.origin.node != node }) {
                    return [.alarm("node \(node) sends \(forged.id), which is another node's; refused")]
                }
                // Told again: the word may have been lost on its way, or crossed what comes here.
                let halted = Set(events.map(\.id.origin)).filter { session.halted[$0] != nil }.sorted()
                let words = halted.compactMap { session.halted[$0] }.map { Action.send(to: node, $0) }
                let taken = events.filter { !halted.contains($0.id.origin) }
                return words + (taken.isEmpty && !words.isEmpty ? [] : [.ingest(node, session: id, taken)])
            }
        case .ping(let id, let clock, let outbox):
            return inSession(id, of: node, now) { session in
                session.outbox = outbox
                session.outboxSince = outbox > 0 ? session.outboxSince ?? now.steady : nil
                session.clockOffset = LinkChange.offset(clock, from: now.wall)
                return [.send(to: node, .pong(session: id, clock: now.wall))]
            }
        case .bye(let id):
            return inSession(id, of: node, now) { session in
                session.isSilent = true
                return [.link(LinkChange(node: node, isUp: false, at: now.wall))]
            }
        case .welcome, .refuse, .batch, .live, .hint, .pack, .pong, .halt, .enrol, .enrolled, .compared: return []
        }
    }

    private mutating func open(_ hello: Message.Hello, from node: NodeID, _ now: Moment) -> [Action] {
        guard hello.origin.node == node else {
            return [.alarm("node \(node) says that it is \(hello.origin.node); refused")]
        }
        let process = hello.origin.incarnation
        let version = min(hello.versions.upperBound, versions.upperBound)
        guard version >= max(hello.versions.lowerBound, versions.lowerBound) else {
            return [.send(to: node, .refuse(session: process.bits, reason: .upgrade, retryAfterMilliseconds: 600_000))]
        }
        if let current = sessions[node], current.process != process {
            // The newest process wins. One that was replaced and comes back while its successor lives is a copy of it.
            if replaced[node]?.contains(process) == true, now.steady - current.heardAt < Limit.silence {
                let refusal = Message.refuse(
                    session: process.bits, reason: .busy, retryAfterMilliseconds: Limit.secondProcess)
                if named.count >= Limit.named { named = [] }
                guard named.insert(hello.origin).inserted else { return [.send(to: node, refusal)] }
                let both = "\(process) and \(current.process)"
                return [
                    .send(to: node, refusal),
                    .alarm("node \(node) runs twice, as \(both); was its folder copied? The newer one is served"),
                ]
            }
            replaced[node] = ((replaced[node] ?? []) + [current.process]).suffix(Limit.replaced)
        }
        let wasUp = sessions[node].map { !$0.isSilent } ?? false
        // Said again by a node that waits for its answer: another session would end the one that the first answer opens, and
        // where answers take longer than a node waits, each the one before.
        let open = sessions[node].flatMap { $0.process == process && !$0.isUsed ? $0.id : nil }
        var session = Session(
            id: open ?? random.next(), version: version, process: process,
            subscriber: Subscriber(process: hello.origin, marks: hello.origins.filter { $0.origin.node == node }),
            heardAt: now.steady, heardWall: now.wall, since: now.steady)
        session.clockOffset = LinkChange.offset(hello.clock, from: now.wall)
        for mark in hello.cursors where Hub.isFeed(mark.feed, of: node) { session.cursors[mark.feed] = mark.cursor }
        sessions[node] = session
        let welcome = Action.welcome(node, session: session.id, origins: hello.origins)
        return wasUp ? [welcome] : [.link(LinkChange(node: node, isUp: true, at: now.wall)), welcome]
    }

    /// Does `body` when the message belongs to the node's session, and refuses it otherwise.
    private mutating func inSession(
        _ id: UInt64, of node: NodeID, _ now: Moment, _ body: (inout Session) -> [Action]
    ) -> [Action] {
        guard var session = sessions[node], session.id == id else {
            return [.send(to: node, .refuse(session: id, reason: .unknownSession, retryAfterMilliseconds: 0))]
        }
        session.isUsed = true
        session.heardAt = now.steady
        session.heardWall = now.wall
        var actions: [Action] = []
        if session.isSilent {
            session.isSilent = false
            actions.append(.link(LinkChange(node: node, isUp: true, at: now.wall)))
        }
        actions += body(&session)
        sessions[node] = session
        return actions
    }
}

/// The line between the hub and a node came up or went down.
package struct LinkChange: Sendable, Equatable {
    package var node: NodeID
    package var isUp: Bool
    /// Since when, by the hub's wall clock: for a line that went down, when the node was last heard.
    package var at: Timestamp

    package init(node: NodeID, isUp: Bool, at: Timestamp) {
        self.node = node
        self.isUp = isUp
        self.at = at
    }

    /// The difference of two wall clocks, bounded because one of them is another node's word.
    static func offset(_ clock: Timestamp, from here: Timestamp) -> Int64 {
        let bound: Int64 = 1 << 50
        return max(-bound, min(bound, clock.milliseconds)) - max(-bound, min(bound, here.milliseconds))
    }
}
