/// The hub's sockets: a ROUTER for catch-up and upload, one PUB per feed with a ZAP domain of its own.

package import Events
package import Replication
package import ZeroMQ

package struct HubSockets: Transport {
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

    private let settings: Settings
    private let context: ZeroMQContext
    private var authenticator: Authenticator
    private let router: Socket
    private var publishers: [FeedName: Socket] = [:]
    /// The ROUTER's name for each node's connection; the newest wins.
    private var routes: [NodeID: [UInt8]] = [:]
    private var alarms: [String] = []

    /// - Throws: `ZeroMQError` when a key is malformed.
    package init(_ settings: Settings) throws {
        self.settings = settings
        context = try ZeroMQContext()
        authenticator = try Authenticator(in: context)
        router = try Socket(.router, in: context)
        try router.reportUnroutable()
        try router.serveCURVE(settings.keys, domain: "gridline")
        for (node, key) in settings.nodes { authenticator.allow(key: key, as: node.text, in: "gridline") }
    }

    package mutating func start() throws -> [FeedName: String] {
        try router.bind("tcp://\(settings.listen)")
        let feeds = [FeedName.common] + settings.nodes.map(\.node).sorted().map(FeedName.node)
        var ports: [FeedName: String] = [:]
        for (place, feed) in feeds.enumerated() {
            let socket = try Socket(.publish, in: context)
            let domain = "feed:\(feed)"
            try socket.serveCURVE(settings.keys, domain: domain)
            for (node, key) in settings.nodes where feed == .common || feed == .node(node) {
                authenticator.allow(key: key, as: node.text, in: domain)
            }
            let port = settings.publishFrom == 0 ? "*" : String(settings.publishFrom + place)
            try socket.bind("tcp://\(settings.listen.prefix { $0 != ":" }):\(port)")
            ports[feed] = try socket.endpoint().split(separator: ":").last.map(String.init) ?? port
            publishers[feed] = socket
        }
        return ports
    }

    /// The ROUTER's address with the port the system chose, for tests.
    package func address() throws -> String { String(try router.endpoint().dropFirst(6)) }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [router], authenticator: authenticator, wakeUp: wakeUp, milliseconds: milliseconds)
    }

    package mutating func receive(limit: Int) throws -> [Received] {
        try authenticator.answer()
        var received: [Received] = []
        while received.count < limit, let message = try router.receive() {
            guard message.frames.count == 2, let name = message.userID, let node = try? NodeID(name) else {
                alarms.append("a message without a node's name; refused")
                continue
            }
            routes[node] = message.frames[0]
            received.append(Received(frame: message.frames[1], from: node))
        }
        return received
    }

    package mutating func send(_ outgoing: [Outgoing]) throws {
        for one in outgoing {
            switch one {
            case .send(let node, let frame):
                guard let node, let route = routes[node] else { continue }
                _ = try router.send([route, frame])
            case .publish(let feed, let frame): _ = try publishers[feed]?.send([frame])
            case .subscribe: break
            }
        }
    }

    package mutating func takeAlarms() -> [String] {
        defer { alarms = [] }
        return alarms
    }

    package mutating func stop() { publishers = [:] }
}
