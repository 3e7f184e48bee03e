/// A street's sockets and its session: DEALER to the hub's ROUTER, SUB to its feeds' PUBs.

package import Events
import Replication
package import ZeroMQ

package struct StreetLink: Link {
    /// How to reach the hub.
    package struct Settings: Sendable {
        package var node: NodeID
        /// `host:port` of the hub's ROUTER; PUBs are at the same host.
        package var hub: String
        package var hubKey: String
        package var keys: CurveKeys

        package init(node: NodeID, hub: String, hubKey: String, keys: CurveKeys) {
            self.node = node
            self.hub = hub
            self.hubKey = hubKey
            self.keys = keys
        }
    }

    private let settings: Settings
    private let context: ZeroMQContext
    private let dealer: Socket
    private var subscribers: [Socket] = []
    private var endpoints: [String] = []
    private var session: StreetSession
    private var toStore: [(feed: FeedName, rows: [WireRow], cursor: FeedCursor)] = []
    private var stored: [(FeedName, FeedCursor)] = []
    private var uploads: [(Origin, Int64)] = []
    private var alarms: [String] = []
    private var reported: [OriginMark] = []
    private var lostTransaction = false
    /// Messages a turn takes at most, so that local commands never wait long.
    private static let turnLimit = 256

    package init(_ settings: Settings, reader: any EventReader, seed: UInt64, now: Timestamp) throws {
        self.settings = settings
        context = try ZeroMQContext()
        dealer = try Socket(.dealer, in: context)
        try dealer.useCURVE(settings.keys, server: settings.hubKey)
        let feeds = [FeedName.common, .node(settings.node)]
        let cursors = try feeds.map { feed in
            FeedMark(
                feed: feed, cursor: try reader.cursor(of: feed) ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)))
        }
        session = StreetSession(node: settings.node, cursors: cursors, seed: seed, now: now)
    }

    package var isUp: Bool { session.isOnline }
    package var outbox: Int64 { session.outboxDepth }
    package var lag: Int64 { session.lag }
    package var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] { [] }
    package var hasStorageWork: Bool { !toStore.isEmpty }

    package mutating func start(reader: any EventReader, now: Timestamp) throws {
        try dealer.connect("tcp://\(settings.hub)")
        try reportHeads(reader, now)
    }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [dealer] + subscribers, authenticator: nil, wakeUp: wakeUp, milliseconds: milliseconds)
    }

    package mutating func receive(reader: any EventReader, now: Timestamp) throws {
        if lostTransaction {
            lostTransaction = false
            try act(session.step(.applyFailed, now: now), reader)
        }
        var budget = StreetLink.turnLimit
        for socket in [dealer] + subscribers {
            while budget > 0, let received = try socket.receive() {
                budget -= 1
                guard let frame = received.frames.last else { continue }
                do {
                    try act(session.step(.message(Message(frame)), now: now), reader)
                } catch let error as DecodeError {
                    alarms.append("a message from the hub is unreadable: \(error.message)")
                }
            }
        }
        try act(session.step(.tick, now: now), reader)
    }

    package mutating func store(_ transaction: any LogTransaction, now: Timestamp) throws -> [Event] {
        var taken: [Event] = []
        for (feed, rows, cursor) in toStore {
            let events: [Event] = rows.compactMap { if case .event(let event) = $0.content { event } else { nil } }
            for outcome in try transaction.ingest(events, dense: false, receivedAt: now) {
                switch outcome {
                case .stored(let stored): taken.append(stored.event)
                case .duplicate: break
                case .fork(let id, let here, let offered):
                    alarms.append("\(id) is here as \(here), the hub has \(offered)")
                case .broken(let id, let reason): alarms.append("\(id) from the hub is refused: \(reason)")
                case .gap(let id, _): alarms.append("\(id) from the hub came without its predecessor")
                }
            }
            try transaction.setCursor(cursor, of: feed)
            stored.append((feed, cursor))
        }
        toStore = []
        return taken
    }

    package mutating func committed(reader: any EventReader, now: Timestamp) throws {
        let done = stored
        stored = []
        for (feed, cursor) in done { try act(session.step(.applied(feed, cursor), now: now), reader) }
        try reportHeads(reader, now)
        // Reading an upload may ask for the next; the session bounds what is in flight.
        while let (origin, above) = uploads.popLast() {
            try act(session.step(.ownEvents(origin, try StreetLink.upload(origin, above, reader)), now: now), reader)
        }
    }

    package mutating func storageFailed(_ error: any Error) {
        toStore = []
        stored = []
        lostTransaction = true
    }

    package mutating func takeAlarms() -> [String] {
        defer { alarms = [] }
        return alarms
    }

    package mutating func stop() {
        subscribers = []
    }

    // MARK: - Actions

    private mutating func act(_ actions: [StreetSession.Action], _ reader: any EventReader) throws {
        for action in actions {
            switch action {
            // A full pipe loses the message like a broken line would; the session's timers send again.
            case .send(let message): _ = try dealer.send([message.bytes])
            case .subscribe(let ports): try subscribe(ports)
            case .apply(let feed, let rows, let cursor): toStore.append((feed, rows, cursor))
            case .readOwn(let origin, let above): uploads.append((origin, above))
            case .alarm(let text): alarms.append(text)
            }
        }
    }

    private mutating func subscribe(_ ports: [String]) throws {
        let host = settings.hub.prefix { $0 != ":" }
        let wanted = ports.map { "tcp://\(host):\($0)" }
        guard wanted != endpoints else { return }
        subscribers = try wanted.map { endpoint in
            let socket = try Socket(.subscribe, in: context)
            try socket.useCURVE(settings.keys, server: settings.hubKey)
            try socket.subscribeToAll()
            try socket.connect(endpoint)
            return socket
        }
        endpoints = wanted
    }

    /// Own origins' heads, told to the session when they changed.
    private mutating func reportHeads(_ reader: any EventReader, _ now: Timestamp) throws {
        let own = try reader.originHeads().filter { $0.origin.node == settings.node }
            .map { OriginMark(origin: $0.origin, sequence: $0.sequence) }
        guard own != reported else { return }
        reported = own
        try act(session.step(.localHeads(own), now: now), reader)
    }

    private static func upload(_ origin: Origin, _ above: Int64, _ reader: any EventReader) throws -> [Event] {
        var size = 0
        var events: [Event] = []
        for event in try reader.events(of: origin, above: above, limit: 200) {
            size += event.canonicalBytes.count + 4
            if !events.isEmpty, size > Message.fillLimit { break }
            events.append(event)
        }
        return events
    }
}
