/// A context, its ZAP handler and a bounded wait, for tests with real sockets on 127.0.0.1.
///
/// Everything runs on the test's thread; ports are chosen by the system.

import ZeroMQ

final class Loopback {
    let context: ZeroMQContext
    var authenticator: Authenticator
    let serverKeys: CurveKeys
    private let wakeUp: WakeUp

    init() throws {
        context = try ZeroMQContext()
        authenticator = try Authenticator(in: context)
        serverKeys = try CurveKeys.generate()
        wakeUp = try WakeUp()
    }

    /// A socket that serves CURVE under `domain` on a free port.
    func server(_ kind: Socket.Kind, domain: String, at endpoint: String = "tcp://127.0.0.1:*") throws -> Socket {
        let socket = try Socket(kind, in: context)
        try socket.serveCURVE(serverKeys, domain: domain)
        try socket.bind(endpoint)
        return socket
    }

    /// A socket that connects to `server` with its own keys; `serverKey` replaces the key it expects there.
    func client(_ kind: Socket.Kind, keys: CurveKeys, to server: Socket, serverKey: String? = nil) throws -> Socket {
        let socket = try Socket(kind, in: context)
        try socket.useCURVE(keys, server: serverKey ?? serverKeys.publicKey)
        if kind == .subscribe { try socket.subscribeToAll() }
        try socket.connect(try server.endpoint())
        return socket
    }

    /// Repeats `step` until it says true, waiting on `sockets` and answering ZAP in between.
    ///
    /// - Returns: false when it never did within `limit`.
    func until(_ sockets: [Socket], limit: Duration = .seconds(20), _ step: () throws -> Bool) throws -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        while ContinuousClock.now < end {
            try authenticator.answer()
            if try step() { return true }
            try Poller.wait(for: sockets, authenticator: authenticator, wakeUp: wakeUp, milliseconds: 20)
        }
        return false
    }

    /// Waits until somebody is turned away at `socket`, and expects that nothing of his arrived.
    ///
    /// - Returns: whether both are so.
    func refuses(at socket: Socket, _ watch: HandshakeWatch) throws -> Bool {
        let isRefused = try until([socket]) { watch.hasRefused() }
        return try isRefused && socket.receive() == nil
    }

    /// The next message at `socket`, or nil within `limit`.
    func next(at socket: Socket, limit: Duration = .seconds(20)) throws -> Socket.Received? {
        var found: Socket.Received?
        _ = try until([socket], limit: limit) {
            found = try socket.receive()
            return found != nil
        }
        return found
    }
}
