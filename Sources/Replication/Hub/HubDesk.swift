/// The hub's desk: its sessions over its log, the feeds it publishes, the pulls it answers.

package import Events

package struct HubDesk: Desk {
    struct Published {
        /// nil for the common feed, which many subscribe to.
        var subscriber: NodeID?
        var end: FeedCursor
        /// When rows were last published, in steady milliseconds.
        var toldAt = Int64.min / 2
        var number: UInt32 = 0
        var meter = LagMeter()
    }

    struct Pull {
        var node: NodeID
        var session: UInt64
        var feed: FeedName
        var above: Int64
        var credit: UInt32
    }

    var hub: Hub
    private let vault: (any KeyVault)?
    var repair: HubRepair
    package var rotten = RottenRows()
    /// Events that nodes ask for whose rows are rotten there; of each node the last question.
    var wants: [NodeID: [EventID]] = [:]
    /// nil for a hub that keeps no keys.
    var keys: KeyExchange?
    private let versions: ClosedRange<UInt8>
    /// Nodes whose lines are slow, by their own word.
    var slow: Set<NodeID> = []
    var process: Origin?
    private var ports: [FeedName: String] = [:]
    /// In the order of feeds.
    var published: [(feed: FeedName, state: Published)] = []
    private var numbers: [NodeID: UInt32] = [:]
    private var arrivals: [NodeID: Arrivals] = [:]
    /// Answered in turn, a bounded amount at each turn; at most one for a feed of a node.
    var pulls: [Pull] = []
    private var toIngest: [(node: NodeID, session: UInt64, events: [Event])] = []
    private var ingested: [(node: NodeID, session: UInt64, outcomes: [IngestOutcome])] = []
    /// How far the committed log has each origin that a street asked for: the log only grows, so only what is new is counted.
    private var whole: [Origin: Int64] = [:]
    var outgoing: [Outgoing] = []
    private var links: [LinkChange] = []
    private var door = EnrolmentDoor()
    var blobDesk: BlobDesk?
    var bases: HubBases
    var alarms: [Words] = []
    private var damages: [FeedName: DamageBook] = [:]
    /// Damage that kept tickets from being carried over, told once.
    var carried = DamageBook()
    /// The log's position when its feeds were last looked at: most turns only take messages in, and a feed grows with the log
    /// alone.
    var lookedAt: Int64?
    package internal(set) var peersAt: Int64?
    /// When feeds are to be looked at again though the log stands, in steady milliseconds: rows or a signature wait.
    var looksAt = Int64.max
    /// What nodes are still to be told that is stored, by origin, and when each was last told some, in steady milliseconds.
    var packs: [NodeID: [Origin: Message]] = [:]
    var packedAt: [NodeID: Int64] = [:]
    /// Steady milliseconds.
    var hintedAt: Int64?
    /// Steady milliseconds.
    var startedAt: Int64 = 0
    /// Milliseconds between two messages with rows, or with acknowledgements, to one node, by the number of sessions.
    let pause: @Sendable (_ sessions: Int) -> Int64

    /// Limits of one turn, so that local commands never wait long.
    package enum Limit {
        /// Bytes that answer pulls.
        package static let pulled: UInt32 = 1 << 20
        /// Rows of a feed that are read for one pull, and the fewest that are read at once.
        static let rows = 2_000
        static let rowsLeast = 16
        /// Bytes of a row, by a guess that is rather low: what is read at once goes by it.
        static let rowBytes = 256
        /// Above this many new rows in a feed nothing is published: subscribers pull.
        static let live = 500
        /// Milliseconds between hints; shorter after a start, when streets come back and want to hear of it.
        static let hint: Int64 = 1_000
        static let hintFirst: Int64 = 200
        /// Milliseconds that a start lasts.
        static let start: Int64 = 20_000

        /// A millisecond for each session above a few.
        ///
        /// All together are told about a thousand times a second, and what comes in between goes together. A message costs a hub
        /// more than the event in it.
        package static func pause(sessions: Int) -> Int64 { Int64(min(100, max(0, sessions - 8))) }
    }

    /// - Parameters:
    ///   - versions: of the protocol that this hub speaks.
    ///   - vault: where keys of persons are kept; nil for a hub without any.
    ///   - signer: signs the ends of feeds; nil for a hub that takes nothing back from its streets.
    ///   - blobs: nil for a hub that keeps none.
    ///   - pause: milliseconds between two messages with rows, or with acknowledgements, to one node, by the number of sessions.
    ///   - bases: where feeds begin anew, and with what; by default with all that is in them.
    package init(
        random: any RandomNumberGenerator & Sendable, versions: ClosedRange<UInt8> = Message.versions,
        vault: (any KeyVault)? = nil, signer: FeedSigner? = nil, blobs: BlobDesk? = nil,
        pause: @escaping @Sendable (_ sessions: Int) -> Int64 = Limit.pause, bases: HubBases = HubBases { _ in true }
    ) {
        self.pause = pause
        hub = Hub(random: random, versions: versions)
        self.versions = versions
        repair = HubRepair(signer: signer)
        self.bases = bases
        self.vault = vault
        blobDesk = blobs
    }

    package var isUp: Bool { true }
    package var outbox: Int64 { 0 }
    package var confirmed: [OriginMark] { [] }
    package var lag: Int64 { 0 }
    package var peers: [Peer] {
        let states = Dictionary(published.map { ($0.feed, $0.state) }) { first, _ in first }
        return hub.peers.map { peer in
            var peer = peer
            peer.lost = Int64(clamping: arrivals[peer.node]?.lost ?? 0)
            for feed in [FeedName.common, .node(peer.node)] {
                guard let state = states[feed] else { continue }
                let cursor = peer.cursors[feed]?.fseq ?? 0
                peer.behind += max(0, state.end.fseq - cursor)
                peer.behindSince = [peer.behindSince, state.meter.since(above: cursor)].compactMap(\.self).min()
            }
            return peer
        }
    }
    package var hasStorageWork: Bool {
        !toIngest.isEmpty || repair.hasStorageWork || rotten.hasStorageWork || bases.hasStorageWork
    }

    package var hasMore: Bool { !pulls.isEmpty || hub.hasWaiting || bases.hasMore }

    package func clockOffset(of node: NodeID) -> Int64? { hub.clockOffset(of: node) }

    package func received(in category: String) -> [Event] {
        toIngest.flatMap { $0.events.filter { $0.stream.category == category } }
    }

    package mutating func start(
        process: Origin, ports: [FeedName: String], reader: any EventReader, now: Moment
    ) throws {
        self.process = process
        try repair.start(process: process, reader: reader) { try rotten.note($0, reader) }
        keys = vault.map { KeyExchange(node: process.node, boxes: .log, vault: $0) }
        startedAt = now.steady
        try blobDesk?.start(reader: reader)
        for (feed, port) in ports.sorted(by: { $0.key < $1.key }) { try add(feed, at: port, reader) }
    }

    package mutating func publish(at wanted: [FeedName: String], reader: any EventReader) throws {
        for (feed, port) in wanted.sorted(by: { $0.key < $1.key }) where ports[feed] == nil {
            if let node = feed.subscriber { hub.admit(node) }
            try add(feed, at: port, reader)
        }
        for feed in ports.keys.sorted() where wanted[feed] == nil {
            if let node = feed.subscriber { revoke(node) }
        }
        ports = wanted
    }

    /// Begins to publish a feed, from its end on.
    private mutating func add(_ feed: FeedName, at port: String, _ reader: any EventReader) throws {
        ports[feed] = port
        published.append((feed, Published(subscriber: feed.subscriber, end: try reader.feedHead(feed))))
    }

    /// Ends a node's session, and refuses all that it says from now on.
    private mutating func revoke(_ node: NodeID) {
        if let change = hub.revoke(node) { links.append(change) }
        keys?.closed(node)
        ports[.node(node)] = nil
        published.removeAll { $0.feed == .node(node) }
        pulls.removeAll { $0.node == node }
        bases.forget(node)
        packs[node] = nil
        packedAt[node] = nil
    }

    package mutating func receive(
        _ frame: [UInt8], from sender: Sender, reader: any EventReader, now: Moment
    ) throws {
        guard case .node(let node) = sender else {
            if case .stranger(let key) = sender { door.take(frame, key: key) }
            return
        }
        guard hub.reads(frame.count, of: node, now: now) else { return }
        let read: Frame
        do throws(DecodeError) { read = try Frame(frame, versions: versions) } catch {
            return try step(.unreadable(from: node, error), reader, now)
        }
        arrivals[node, default: Arrivals()].note(read.number)
        if read.isLineSlow { slow.insert(node) } else { slow.remove(node) }
        if let message = read.message { try step(.message(from: node, message, bytes: frame.count), reader, now) }
    }

    package mutating func tick(reader: any EventReader, now: Moment) throws {
        try step(.tick, reader, now)
        repair.tick(now: now)
        try carryOver(reader, now)
        if let alarm = door.takeAlarm(now: now.steady) { alarms.append(alarm) }
    }

    // MARK: - Enrolment

    package mutating func takeApplications() -> [Application] { door.takeApplications() }

    package mutating func answer(_ application: Application, refusal: (any Problem)?) {
        if let refusal { door.turnDown(refusal) }
        let message: Message =
            refusal == nil
            ? .enrolled(node: application.node)
            : .refuse(session: 0, reason: .notInvited, retryAfterMilliseconds: 0)
        outgoing.append(.answer(key: application.key, Frame(number: 1, message: message).bytes))
    }

    package mutating func takeLinkChanges() -> [LinkChange] {
        defer { links = [] }
        return links
    }

    package mutating func store(_ transaction: any LogTransaction, now: Moment) throws -> [Event] {
        var taken: [Event] = []
        for (node, session, events) in toIngest {
            let outcomes = try transaction.ingest(events, dense: true, receivedAt: now.wall)
            for case .stored(let stored) in outcomes { taken.append(stored.event) }
            ingested.append((node, session, outcomes))
        }
        toIngest = []
        try bases.store(transaction, now: now)
        return taken + (try repair.store(transaction, now: now)) + (try rotten.store(transaction, now: now))
    }

    package mutating func committed(reader: any EventReader, now: Moment) throws {
        let done = ingested
        ingested = []
        repair.committed()
        for (node, session, outcomes) in done {
            for case .stored(let stored) in outcomes where stored.event.stream.category == Rewind.category {
                repair.noticed(stored.event, reader)
            }
            try step(.ingested(node, session: session, outcomes), reader, now)
        }
        let healed = try rotten.committed(reader)
        for event in healed {
            try blobDesk?.healed(event, reader)
            repair.noticed(event, reader)
            try goOn(behind: event, reader)
            try step(.healed(event.id.origin), reader, now)
        }
        if !healed.isEmpty { try keys?.healed(healed, reader) }
        askForLost(now)
        acknowledge(now)
        try giveBack(reader)
        try answerBases(reader)
        try answerPulls(reader)
        try publish(reader, now)
        try exchangeKeys(reader, rows: done.reduce(0) { $0 + $1.outcomes.count }, now)
        try exchangeBlobs(reader, now)
    }

    package mutating func storageFailed(now: Moment, reader: any EventReader) {
        // The street's timer sends it again.
        toIngest = []
        ingested = []
        repair.storageFailed(now: now)
        rotten.storageFailed(now: now)
        bases.storageFailed(now)
    }

    package mutating func takeOutgoing() -> [Outgoing] {
        defer { outgoing = [] }
        return outgoing
    }

    package mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    // MARK: - Damage

    /// Rows of a feed, up to the first one that is damaged.
    ///
    /// - Throws: the damage of the first row.
    static func readable(
        _ feed: FeedName, above fseq: Int64, limit: Int, _ reader: any EventReader
    ) throws(LogFailure) -> [FeedRow] {
        try LogFailure.upToDamage(limit: limit) { limit throws(LogFailure) in
            try reader.rows(of: feed, above: fseq, limit: limit)
        }
    }

    /// Where the log is damaged, whom a feed is for does without, with one alarm, and others go on.
    ///
    /// - Throws: what is no damage.
    mutating func pass(over feed: FeedName, _ error: any Error, _ reader: any EventReader) throws {
        guard let damage = error as? LogFailure, case .corrupt = damage else { throw error }
        try rotten.note(damage, reader)
        guard damages[feed, default: DamageBook()].note(damage) else { return }
        alarms.append(.alarm("feed \(feed) cannot be read on", damage))
    }

    // MARK: - Actions

    private mutating func step(_ input: Hub.Input, _ reader: any EventReader, _ now: Moment) throws {
        for action in hub.step(input, now: now) {
            switch action {
            case .send(let node, .pack(let session, let origin, let sequence)):
                // What was asked about again, in a probe, ends before what came first.
                var end = sequence
                if case .pack(session, _, let kept)? = packs[node]?[origin] { end = max(end, kept) }
                packs[node, default: [:]][origin] = .pack(session: session, origin: origin, sequence: end)
            case .send(let node, let message): send(message, to: node)
            case .welcome(let node, let session, let origins):
                do {
                    send(.welcome(try welcome(node, session, origins, reader, now)), to: node)
                    keys?.opened(node, session: session)
                    repair.opened(node)
                    for feed in [FeedName.common, .node(node)] { repair.signAgain(feed) }
                    looksAt = now.steady
                    try bases.opened(node, reader)
                } catch { try pass(over: .node(node), error, reader) }
            case .readRows(let node, let session, let feed, let above, let credit):
                let bounded = min(credit, StreetSession.Limit.creditMost)
                let pull = Pull(node: node, session: session, feed: feed, above: above, credit: bounded)
                // Who asks again for having waited long keeps its place, or would wait for ever.
                if let place = pulls.firstIndex(where: { $0.node == node && $0.feed == feed }) {
                    pulls[place] = pull
                } else {
                    pulls.append(pull)
                }
            case .compare(let node, let session, let feed, let cursors):
                do {
                    let same = try cursors.last { try reader.chain(of: feed, at: $0.fseq) == $0.chain }
                    let head = try reader.feedHead(feed)
                    send(.compared(session: session, feed: feed, same: same?.fseq ?? 0, head: head), to: node)
                } catch { try pass(over: feed, error, reader) }
            case .base(let node, let session, let message):
                do { try bases.take(message, from: node, session: session, reader, now) } catch {
                    try pass(over: .node(node), error, reader)
                }
            case .repair(let node, let message): try take(message, from: node, reader)
            case .keys(let node, let message): keys?.take(message, from: node)
            case .ingest(let node, let session, let events): toIngest.append((node, session, events))
            case .blob(let node, let message): try take(message, from: node, reader, now)
            case .link(let change): links.append(change)
            case .alarm(let text): alarms.append(text)
            }
        }
    }

    private mutating func welcome(
        _ node: NodeID, _ session: UInt64, _ origins: [OriginMark], _ reader: any EventReader, _ now: Moment
    ) throws -> Message.Welcome {
        let feeds = [FeedName.common, .node(node)]
        var have: [OriginMark] = []
        for mark in origins {
            let end = try end(of: mark.origin, node, reader)
            have.append(OriginMark(origin: mark.origin, sequence: end))
        }
        return Message.Welcome(
            session: session, version: hub.version(of: node) ?? Message.forAll,
            hub: process?.incarnation ?? Incarnation(0), clock: now.wall,
            endpoints: feeds.compactMap { ports[$0] }.filter { $0 != Member.noPort },
            heads: try feeds.map { FeedMark(feed: $0, cursor: try reader.feedHead($0)) },
            have: have)
    }

    /// How far a node's own origin is here without a hole: what the node may take for stored.
    private mutating func end(of origin: Origin, _ node: NodeID, _ reader: any EventReader) throws -> Int64 {
        guard origin.node == node else { return 0 }
        let end = try reader.denseEnd(of: origin, from: whole[origin] ?? 0)
        if end > 0 { whole[origin] = end }
        return end
    }

    mutating func send(_ message: Message, to node: NodeID) {
        let number = (numbers[node] ?? 0) &+ 1
        numbers[node] = number
        let frame = Frame(number: number, message: message, version: hub.version(of: node) ?? Message.forAll)
        outgoing.append(.send(to: node, frame.bytes(compressing: slow.contains(node))))
    }
}

extension FeedName {
    /// The node whose feed it is; nil for one that many read.
    var subscriber: NodeID? { text.hasPrefix("node/") ? try? NodeID(String(text.dropFirst(5))) : nil }
}
