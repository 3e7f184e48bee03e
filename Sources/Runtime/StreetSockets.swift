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
        package var keys: CurveKeys

        package init(hub: String, hubKey: String, keys: CurveKeys) {
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
    package private(set) var dropped: [String: Int64] = ["dealer": 0]

    package init(_ settings: Settings) throws {
        self.settings = settings
        context = try ZeroMQContext()
        dealer = try Socket(.dealer, in: context)
        try dealer.useCURVE(settings.keys, server: settings.hubKey)
    }

    package mutating func start() throws { try dealer.connect("tcp://\(settings.hub)") }
    package mutating func admit(_ members: [Member]) -> [FeedName: String] { [:] }

    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [dealer] + subscribers, authenticator: nil, wakeUp: wakeUp, milliseconds: milliseconds)
    }

    package mutating func receive(limit: Int) throws -> [Received] {
        var received: [Received] = []
        for socket in [dealer] + subscribers {
            while received.count < limit, let message = try socket.receive() {
                if let frame = message.frames.last { received.append(Received(frame: frame, from: .hub)) }
            }
        }
        return received
    }

    package mutating func send(_ outgoing: [Outgoing]) throws {
        for one in outgoing {
            switch one {
            case .send(_, let frame): if try !dealer.send([frame]) { dropped["dealer", default: 0] += 1 }
            case .subscribe(let ports): try subscribe(ports)
            case .publish, .answer: break
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

    package mutating func takeAlarms() -> [Words] { [] }

    package mutating func stop() { subscribers = [] }
}
