/// The hub's sockets and its sessions: a ROUTER for catch-up and upload, one PUB per feed with a ZAP domain of its own.

package import Events
import Replication
package import ZeroMQ

package struct HubLink: Link {
    package struct Settings: Sendable {
        /// `host:port` of the ROUTER.
        package var listen: String
        /// The first PUB port: the common feed's; the nodes' follow in the order of their names.
        ///
        /// 0 takes free ports.
        package var publishFrom: Int
        package var keys: CurveKeys
        /// Enrolled nodes and their public keys.
        package var nodes: [(node: NodeID, key: String)]

        package init(listen: String, publishFrom: Int, keys: CurveKeys, nodes: [(node: NodeID, key: String)]) {
            self.listen = listen
            self.publishFrom = publishFrom
            self.keys = keys
            self.nodes = nodes
        }
    }

    private struct Publisher {
        var feed: FeedName
        var subscriber: NodeID?
        var socket: Socket
        var port: String
        var published: FeedCursor
    }

    private let settings: Settings
    private let context: ZeroMQContext
    private var authenticator: Authenticator
    private let router: Socket
    private var publishers: [Publisher] = []
    private var hub: Hub
    /// The ROUTER's name for each node's connection; the newest wins.
    private var routes: [NodeID: [UInt8]] = [:]
    private var toIngest: [(NodeID, UInt64, [Event])] = []
    private var ingested: [(NodeID, UInt64, [IngestOutcome])] = []
    private var alarms: [String] = []
    private var lastHint = Timestamp(milliseconds: 0)
    private static let turnLimit = 256
    /// Above this many new rows a turn publishes nothing: subscribers pull.
    private static let liveLimit = 500

    /// - Throws: `ZeroMQError` when an address is taken or a key malformed.
    package init(_ settings: Settings, random: any RandomNumberGenerator & Sendable) throws {
        self.settings = settings
        context = try ZeroMQContext()
        authenticator = try Authenticator(in: context)
        hub = Hub(random: random)
        router = try Socket(.router, in: context)
        try router.reportUnroutable()
        try router.serveCURVE(settings.keys, domain: "gridline")
        for (node, key) in settings.nodes { authenticator.allow(key: key, as: node.text, in: "gridline") }
    }

    package var isUp: Bool { true }
    package var outbox: Int64 { 0 }
    package var lag: Int64 { 0 }
    package var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] { hub.peers }
    package var hasStorageWork: Bool { !toIngest.isEmpty }

    package mutating func start(reader: any EventReader, now: Timestamp) throws {
        try router.bind("tcp://\(settings.listen)")
        let host = settings.listen.prefix { $0 != ":" }
        let nodes = settings.nodes.map(\.node).sorted()
        let feeds = [(FeedName.common, NodeID?.none)] + nodes.map { (.node($0), $0) }
        for (place, (feed, subscriber)) in feeds.enumerated() {
            let socket = try Socket(.publish, in: context)
            let domain = "feed:\(feed)"
            try socket.serveCURVE(settings.keys, domain: domain)
            for (node, key) in settings.nodes where subscriber == nil || subscriber == node {
                authenticator.allow(key: key, as: node.text, in: domain)
            }
            let port = settings.publishFrom == 0 ? "*" : String(settings.publishFrom + place)
            try socket.bind("tcp://\(host):\(port)")
            let bound = try socket.endpoint().split(separator: ":").last.map(String.init) ?? port
            publishers.append(
                Publisher(
                    feed: feed, subscriber: subscriber, socket: socket, port: bound,
                    published: try reader.feedHead(feed)))
        }
    }

    /// The ROUTER's address with the port the system chose, for tests.
    package func address() throws -> String { String(try router.endpoint().dropFirst(6)) }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [router], authenticator: authenticator, wakeUp: wakeUp, milliseconds: milliseconds)
    }

    package mutating func receive(reader: any EventReader, now: Timestamp) throws {
        try authenticator.answer()
        var budget = HubLink.turnLimit
        while budget > 0, let received = try router.receive() {
            budget -= 1
            guard received.frames.count == 2, let name = received.userID, let node = try? NodeID(name) else {
                alarms.append("a message without a node's name; refused")
                continue
            }
            routes[node] = received.frames[0]
            do {
                try act(hub.step(.message(from: node, Message(received.frames[1])), now: now), reader, now)
            } catch let error as DecodeError {
                alarms.append("a message of node \(node) is unreadable: \(error.message)")
            }
        }
    }

    package mutating func store(_ transaction: any LogTransaction, now: Timestamp) throws -> [Event] {
        var taken: [Event] = []
        for (node, session, events) in toIngest {
            let outcomes = try transaction.ingest(events, dense: true, receivedAt: now)
            for case .stored(let stored) in outcomes { taken.append(stored.event) }
            ingested.append((node, session, outcomes))
        }
        toIngest = []
        return taken
    }

    package mutating func committed(reader: any EventReader, now: Timestamp) throws {
        let done = ingested
        ingested = []
        for (node, session, outcomes) in done {
            try act(hub.step(.ingested(node, session: session, outcomes), now: now), reader, now)
        }
        try publish(reader, now)
    }

    package mutating func storageFailed(_ error: any Error) {
        toIngest = []
        ingested = []
    }

    package mutating func takeAlarms() -> [String] {
        defer { alarms = [] }
        return alarms
    }

    package mutating func stop() { publishers = [] }

    // MARK: - Actions

    private mutating func act(_ actions: [Hub.Action], _ reader: any EventReader, _ now: Timestamp) throws {
        for action in actions {
            switch action {
            case .send(let node, let message): try send(message, to: node)
            case .welcome(let node, let session, let origins):
                let heads = try [FeedName.common, .node(node)].map {
                    FeedMark(feed: $0, cursor: try reader.feedHead($0))
                }
                let here = try reader.originHeads().filter { $0.origin.node == node }
                let have = origins.map { mark in
                    OriginMark(origin: mark.origin, sequence: here.first { $0.origin == mark.origin }?.sequence ?? 0)
                }
                let ports = publishers.filter { $0.subscriber == nil || $0.subscriber == node }.map(\.port)
                try send(.welcome(session: session, clock: now, endpoints: ports, heads: heads, have: have), to: node)
            case .readRows(let node, let session, let feed, let above, let credit):
                let rows = try reader.rows(of: feed, above: above, limit: 2_000)
                let head = try reader.feedHead(feed)
                for message in Hub.batches(rows, of: feed, head: head, to: node, session: session, credit: credit) {
                    try send(message, to: node)
                }
            case .ingest(let node, let session, let events): toIngest.append((node, session, events))
            case .alarm(let text): alarms.append(text)
            }
        }
    }

    /// A node that is gone loses the message; it asks again when it is back.
    private func send(_ message: Message, to node: NodeID) throws {
        guard let route = routes[node] else { return }
        _ = try router.send([route, message.bytes])
    }

    private mutating func publish(_ reader: any EventReader, _ now: Timestamp) throws {
        let hints = now - lastHint >= 1_000
        if hints { lastHint = now }
        for place in publishers.indices {
            let publisher = publishers[place]
            let head = try reader.feedHead(publisher.feed)
            if head.fseq > publisher.published.fseq {
                if head.fseq - publisher.published.fseq <= HubLink.liveLimit {
                    let rows = try reader.rows(
                        of: publisher.feed, above: publisher.published.fseq, limit: HubLink.liveLimit)
                    for message in Hub.live(rows, of: publisher.feed, to: publisher.subscriber) {
                        _ = try publisher.socket.send([message.bytes])
                    }
                }
                publishers[place].published = head
            }
            if hints {
                _ = try publisher.socket.send([Message.hint(feed: publisher.feed, head: head, clock: now).bytes])
            }
        }
    }
}
