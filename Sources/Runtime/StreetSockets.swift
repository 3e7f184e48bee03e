/// A street's sockets: a DEALER to the hub's ROUTER, a SUB to each of its feeds' PUBs.

package import Events
package import Replication
package import ZeroMQ

package struct StreetSockets: Transport {
    /// How to reach the hub.
    package struct Settings: Sendable {
        /// `host:port` of the hub's ROUTER; PUBs are at the same host.
        package var hub: String
        package var hubKey: String
        package var keys: any KeyRing
        /// How long the hub may be silent before another pair is tried, where there are two.
        package var patience: Duration

        package init(hub: String, hubKey: String, keys: any KeyRing, patience: Duration = .seconds(10)) {
            self.hub = hub
            self.hubKey = hubKey
            self.keys = keys
            self.patience = patience
        }

        package init(hub: String, hubKey: String, keys: CurveKeys) {
            self.init(hub: hub, hubKey: hubKey, keys: OneKey(keys))
        }
    }

    private let settings: Settings
    /// nil when stopped.
    private var context: ZeroMQContext?
    private var dealer: Socket?
    private var keys: KeyChoice
    private var subscribers: [Socket] = []
    private var endpoints: [String] = []
    private var alarms: [Words] = []
    /// The same failure of the keys is one alarm.
    private var hasKeyAlarm = false
    package private(set) var dropped: [String: Int64] = ["dealer": 0]

    package init(_ settings: Settings) throws {
        self.settings = settings
        let context = try ZeroMQContext()
        self.context = context
        keys = try KeyChoice(settings.keys, patience: settings.patience, now: .now)
        let dealer = try Socket(.dealer, in: context)
        try dealer.useCURVE(keys.pair, server: settings.hubKey)
        self.dealer = dealer
    }

    package mutating func start() throws { try dealer?.connect("tcp://\(settings.hub)") }
    package mutating func admit(_ members: [Member]) -> [FeedName: String] { [:] }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(
            for: [dealer].compactMap { $0 } + subscribers, authenticator: nil, wakeUp: wakeUp,
            milliseconds: milliseconds)
    }

    package mutating func receive(limit: Int) throws -> [Received] {
        var received: [Received] = []
        func take(_ socket: Socket) throws {
            while received.count < limit, let message = try socket.receive() {
                if let frame = message.frames.last { received.append(Received(frame: frame, from: .hub)) }
            }
        }
        if let dealer { try take(dealer) }
        let isHeard = !received.isEmpty
        for socket in subscribers { try take(socket) }
        try lookAtKeys(isHeard: isHeard)
        return received
    }

    /// What fails at the keys' files stops no line that stands.
    private mutating func lookAtKeys(isHeard: Bool) throws {
        do {
            if isHeard { try keys.heard(now: .now) }
            guard try keys.changes(now: .now) else { return }
        } catch {
            guard !hasKeyAlarm else { return }
            hasKeyAlarm = true
            alarms.append(.alarm("the node's keys", error))
            return
        }
        hasKeyAlarm = false
        try connectAnew()
    }

    /// With another pair: the session goes on, it is the node's and not the connection's.
    ///
    /// What is lost on the way is asked for again, as rows and keys are, sent again, as events without their PACK are, or said again
    /// with the next PING, as ACK is.
    private mutating func connectAnew() throws {
        guard let context else { return }
        let dealer = try Socket(.dealer, in: context)
        try dealer.useCURVE(keys.pair, server: settings.hubKey)
        self.dealer = dealer
        try start()
        try subscribe(to: endpoints)
    }

    package mutating func send(_ outgoing: [Outgoing]) throws {
        for one in outgoing {
            switch one {
            case .send(_, let frame): if try dealer?.send([frame]) != true { dropped["dealer", default: 0] += 1 }
            case .subscribe(let ports): try subscribe(ports)
            case .publish, .answer: break
            }
        }
    }

    private mutating func subscribe(_ ports: [String]) throws {
        let host = settings.hub.prefix { $0 != ":" }
        let wanted = ports.map { "tcp://\(host):\($0)" }
        guard wanted != endpoints else { return }
        try subscribe(to: wanted)
    }

    private mutating func subscribe(to wanted: [String]) throws {
        guard let context else { return }
        subscribers = try wanted.map { endpoint in
            let socket = try Socket(.subscribe, in: context)
            try socket.useCURVE(keys.pair, server: settings.hubKey)
            try socket.subscribeToAll()
            try socket.connect(endpoint)
            return socket
        }
        endpoints = wanted
    }

    package mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    /// What was said last, the farewell, has this long to leave; a hub that is not there is not waited for any longer.
    private static let farewell: Int32 = 500

    package mutating func stop() {
        subscribers = []
        do { try dealer?.linger(milliseconds: StreetSockets.farewell) } catch {
            alarms.append(.alarm("the hub is not told that this node stops", error))
        }
        // The context goes when what lingers has left.
        dealer = nil
        context = nil
    }
}
