/// The hub's sockets: a ROUTER for catch-up and upload, one PUB per feed with a ZAP domain of its own, and a ROUTER for
/// strangers that is open only while somebody is invited.

package import Events
package import Replication
package import ZeroMQ

package struct HubSockets: Transport {
    package struct Settings: Sendable {
        /// `host:port` of the ROUTER.
        package var listen: String
        /// The PUB port of the common feed; a node's feed is its slot above.
        ///
        /// 0 takes free ports.
        package var publishFrom: Int
        /// The port on which invited nodes enrol, at the ROUTER's host; 0 takes a free one.
        package var enrolPort: Int
        package var keys: CurveKeys

        package init(listen: String, publishFrom: Int, enrolPort: Int, keys: CurveKeys) {
            self.listen = listen
            self.publishFrom = publishFrom
            self.enrolPort = enrolPort
            self.keys = keys
        }

        var host: Substring { listen.prefix { $0 != ":" } }
    }

    private let settings: Settings
    private let context: ZeroMQContext
    private var authenticator: Authenticator
    private let router: Socket
    /// Open while somebody is invited, and a little longer.
    private var enrolment: Socket?
    /// When it closes.
    private var enrolmentEnds: ContinuousClock.Instant?
    private var publishers: [FeedName: (socket: Socket, port: String, slot: Int)] = [:]
    /// Slots whose port was taken by somebody else.
    private var unbound: Set<Int> = []
    /// The keys that may connect, as last told, and whose they are; each message is asked for its key here.
    private var admitted: [String: NodeID] = [:]
    /// The newer key of each node that has two, until it is used.
    private var unused: [String: NodeID] = [:]
    private var uses: [KeyUse] = []
    /// From the first list of members on: what cannot be bound later is an alarm, and no reason to stop.
    private var isServing = false
    /// The ROUTER's names for each node's connections, the newest first.
    ///
    /// More than one stand for a moment after a connection is made anew, and while two processes run on copies of one
    /// folder. What is sent goes to all: a frame names its session, and every process drops what is not its own.
    private var routes: [NodeID: [Route]] = [:]
    /// The same of strangers, by their keys, until they are answered.
    private var strangers: [String: [UInt8]] = [:]
    private var alarms: [Words] = []
    /// When an alarm said last that messages are malformed.
    private var malformedAt: ContinuousClock.Instant?
    private static let malformedPause = Duration.seconds(60)
    /// A PUB takes everything, and leaves out who is too slow without a word: that shows in the street's gaps.
    package private(set) var dropped: [String: Int64] = ["router": 0]

    private struct Route: Equatable {
        var name: [UInt8]
        /// The key that CURVE showed.
        var key: String
    }

    private enum Domain {
        static let nodes = "gridline"
        static let enrolment = "gridline.enrol"
    }

    /// Strangers that may wait for an answer.
    private static let strangerLimit = 64
    /// How long the last one that enrolled may ask again, when its answer was lost.
    private static let farewell = Duration.seconds(10)

    /// - Throws: `ZeroMQError` when a key is malformed.
    package init(_ settings: Settings) throws {
        self.settings = settings
        context = try ZeroMQContext()
        authenticator = try Authenticator(in: context)
        authenticator.allowAll(in: Domain.enrolment)
        router = try Socket(.router, in: context)
        try router.reportUnroutable()
        try router.serveCURVE(settings.keys, domain: Domain.nodes)
    }

    package mutating func start() throws { try router.bind("tcp://\(settings.listen)") }

    /// A key that ends loses its connections at once: the PUB of its node's feed closes, or is made anew for the node's other
    /// key, and the common feed's is made anew, to which all others come back; what they missed meanwhile they pull.
    package mutating func admit(_ members: [Member]) throws -> [FeedName: String] {
        authenticator.forgetAllowed()
        for key in members.flatMap(\.revokedKeys) { authenticator.revoke(key: key) }
        let before = admitted
        admitted = [:]
        for member in members { for key in member.keys { admitted[key] = member.node } }
        let ended = before.filter { admitted[$0.key] != $0.value }
        for node in ended.values { publishers[.node(node)] = nil }
        if !ended.isEmpty { publishers[.common] = nil }
        // Two nodes that had one slot have two now: the ports that are left are free before anybody takes them.
        for member in members {
            let feed = FeedName.node(member.node)
            if let publisher = publishers[feed], publisher.slot != member.slot { publishers[feed] = nil }
        }
        unused = [:]
        for member in members {
            routes[member.node]?.removeAll { !member.keys.contains($0.key) }
            guard let newest = member.keys.first else {
                publishers[.node(member.node)] = nil
                continue
            }
            if member.keys.count > 1 { unused[newest] = member.node }
            for key in member.keys {
                authenticator.pardon(key: key)
                for domain in [Domain.nodes, HubSockets.domain(.common), HubSockets.domain(.node(member.node))] {
                    authenticator.allow(key: key, as: key, in: domain)
                }
            }
            try publish(.node(member.node), slot: member.slot)
        }
        try publish(.common, slot: 0)
        let invited = members.compactMap(\.invitedFor).max()
        if invited != nil, enrolment == nil {
            enrolment = try bound(.router, Domain.enrolment, port: settings.enrolPort)
        }
        enrolmentEnds = ContinuousClock.now + .milliseconds(invited ?? 0) + HubSockets.farewell
        isServing = true
        var ports = publishers.mapValues(\.port)
        for node in admitted.values where ports[.node(node)] == nil { ports[.node(node)] = Member.noPort }
        return ports
    }

    /// A socket, or nil with an alarm when it cannot be bound while the centre serves others.
    private mutating func bound(
        _ kind: Socket.Kind, _ domain: String, port: Int, tries: Int = HubSockets.bindTries
    ) throws -> Socket? {
        do { return try listen(kind, domain, port: port, tries: tries) } catch let error as ZeroMQError where isServing
        {
            alarms.append(.alarm("\(domain)", error))
            return nil
        }
    }

    private static func domain(_ feed: FeedName) -> String { "feed:\(feed)" }

    private mutating func publish(_ feed: FeedName, slot: Int) throws {
        guard publishers[feed] == nil else { return }
        let port = settings.publishFrom == 0 ? 0 : settings.publishFrom + slot
        // One that somebody else has is looked at once with each change of members, and waited for no more.
        let tries = unbound.contains(slot) ? 1 : HubSockets.bindTries
        guard let socket = try bound(.publish, HubSockets.domain(feed), port: port, tries: tries) else {
            unbound.insert(slot)
            return
        }
        unbound.remove(slot)
        let taken = try socket.endpoint().split(separator: ":").last.map(String.init) ?? String(port)
        publishers[feed] = (socket, taken, slot)
    }

    /// A socket that serves CURVE at a port; 0 takes a free one.
    ///
    /// libzmq closes in its own thread, so the port of a socket that has just gone may be taken for a moment.
    private func listen(_ kind: Socket.Kind, _ domain: String, port: Int, tries: Int) throws -> Socket {
        let socket = try Socket(kind, in: context)
        try socket.serveCURVE(settings.keys, domain: domain)
        let endpoint = "tcp://\(settings.host):\(port == 0 ? "*" : String(port))"
        for _ in 1..<tries {
            do throws(ZeroMQError) {
                try socket.bind(endpoint)
                return socket
            } catch {
                guard error.isAddressInUse else { throw error }
                try Poller.pause(milliseconds: 10)
            }
        }
        try socket.bind(endpoint)
        return socket
    }

    /// A second, with the pause between two tries.
    private static let bindTries = 100

    /// The ROUTER's address with the port the system chose, for tests.
    package func address() throws -> String { String(try router.endpoint().dropFirst(6)) }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(
            for: [router] + [enrolment].compactMap { $0 }, authenticator: authenticator, wakeUp: wakeUp,
            milliseconds: milliseconds)
    }

    package mutating func receive(limit: Int) throws -> [Received] {
        try authenticator.answer()
        var received: [Received] = []
        // What is dropped counts as well: nobody may hold up the turn with it.
        var count = 0
        while count < limit, let message = try router.receive() {
            count += 1
            guard message.frames.count == 2, let key = message.userID else {
                noteMalformed()
                continue
            }
            // A connection that is older than the end of its key may still bring something.
            guard let node = admitted[key] else { continue }
            if unused.removeValue(forKey: key) != nil { uses.append(KeyUse(node: node, key: key)) }
            note(Route(name: message.frames[0], key: key), of: node)
            received.append(Received(frame: message.frames[1], from: .node(node)))
        }
        if let end = enrolmentEnds, enrolment != nil, ContinuousClock.now >= end {
            enrolment = nil
            strangers = [:]
        }
        count = 0
        while count < HubSockets.strangerLimit, let message = try enrolment?.receive() {
            count += 1
            guard message.frames.count == 2, let key = message.userID else { continue }
            // Who is forgotten asks again.
            if strangers.count >= HubSockets.strangerLimit { strangers = [:] }
            strangers[key] = message.frames[0]
            received.append(Received(frame: message.frames[1], from: .stranger(key: key)))
        }
        return received
    }

    package mutating func send(_ outgoing: [Outgoing]) throws {
        for one in outgoing {
            switch one {
            case .send(let node, let frame):
                guard let node else { continue }
                // A connection that is gone, or takes nothing, is forgotten until it says something.
                let open = try routes[node]?.filter { try router.send([$0.name, frame]) } ?? []
                if open.isEmpty { dropped["router", default: 0] += 1 }
                routes[node] = open
            case .publish(let feed, let frame): _ = try publishers[feed]?.socket.send([frame])
            case .answer(let key, let frame):
                guard let route = strangers.removeValue(forKey: key) else { continue }
                _ = try enrolment?.send([route, frame])
            case .subscribe: break
            }
        }
    }

    private mutating func noteMalformed() {
        let now = ContinuousClock.now
        if let last = malformedAt, now - last < HubSockets.malformedPause { return }
        malformedAt = now
        alarms.append("a message without a node's key; refused")
    }

    private mutating func note(_ route: Route, of node: NodeID) {
        guard routes[node]?.first != route else { return }
        let others = (routes[node] ?? []).filter { $0 != route }
        routes[node] = Array(([route] + others).prefix(HubSockets.routeLimit))
    }

    /// Connections of one node that are answered.
    private static let routeLimit = 3

    package mutating func takeKeyUses() -> [KeyUse] {
        defer { uses = [] }
        return uses
    }

    package mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    package mutating func stop() {
        publishers = [:]
        enrolment = nil
    }
}
