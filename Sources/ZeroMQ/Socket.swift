/// libzmq sockets for one thread: a context, sockets that close themselves, and what libzmq says when it fails.
///
/// Nothing here is `Sendable`: sockets are not thread safe (zmq_socket(3)), and the node's loop owns them all.

import CZeroMQ
package import Events
import Glibc

/// A libzmq call failed.
package struct ZeroMQError: Problem, Equatable {
    package let operation: Words
    package let number: Int32
    package let detail: Words

    package var code: String { "GL-5001" }
    package var message: Words { "\(operation) failed: \(detail)" }
    package var hint: Words {
        switch number {
        case EADDRINUSE: "another program listens there; stop it, or change the address in gridline.yaml"
        case EINVAL: "check the address and the keys in gridline.yaml and keys/"
        case _: "see the system's log; the node tries again by itself"
        }
    }

    package var isAddressInUse: Bool { number == EADDRINUSE }

    /// What libzmq says of the last call.
    static func last(call: String) -> ZeroMQError { last(Words(verbatim: call)) }

    /// What libzmq says of the last call; `operation` is what it was for.
    static func last(_ operation: Words) -> ZeroMQError {
        let number = zmq_errno()
        return ZeroMQError(
            operation: operation, number: number, detail: Words(verbatim: unsafe String(cString: zmq_strerror(number))))
    }
}

/// A libzmq context; sockets keep it alive.
@safe package final class ZeroMQContext {
    let handle: UnsafeMutableRawPointer

    /// - Throws: `ZeroMQError` when the system gives no context.
    package init() throws(ZeroMQError) {
        guard let handle = unsafe zmq_ctx_new() else { throw .last(call: "zmq_ctx_new") }
        unsafe self.handle = handle
    }

    deinit { unsafe zmq_ctx_term(handle) }
}

/// A socket; closed when it goes, without lingering unless it is told to.
@safe package final class Socket {
    package enum Kind: Int32 {
        case publish = 1
        case subscribe = 2
        case reply = 4
        case dealer = 5
        case router = 6
    }

    private let context: ZeroMQContext
    let handle: UnsafeMutableRawPointer
    private let kind: Kind

    /// Opens a socket with the settings every socket of Gridline has: no linger, at most 1 MiB a message, heartbeats.
    ///
    /// - Throws: `ZeroMQError` when libzmq refuses.
    package init(_ kind: Kind, in context: ZeroMQContext) throws(ZeroMQError) {
        guard let handle = unsafe zmq_socket(context.handle, kind.rawValue) else { throw .last(call: "zmq_socket") }
        unsafe self.handle = handle
        self.context = context
        self.kind = kind
        try set(ZMQ_LINGER, 0)
        try set(wide: ZMQ_MAXMSGSIZE, 1 << 20)
        if kind == .router || kind == .dealer {
            // A message has at most 64 KiB: 4 MiB a peer and direction.
            try set(ZMQ_SNDHWM, Int32(64))
            try set(ZMQ_RCVHWM, Int32(64))
        }
        if kind != .reply {
            // Both ends send heartbeats, so a half-open connection ends after 20 s; TTL stays unset, it overflows in 4.3.4.
            try set(ZMQ_HEARTBEAT_IVL, 5_000)
            try set(ZMQ_HEARTBEAT_TIMEOUT, 20_000)
            try set(ZMQ_HANDSHAKE_IVL, 5_000)
            try set(ZMQ_RECONNECT_IVL, 100)
            try set(ZMQ_RECONNECT_IVL_MAX, 500)
        }
    }

    deinit { unsafe zmq_close(handle) }

    // MARK: Options

    /// How long what was sent may still leave when the socket closes; its context waits for it.
    package func linger(milliseconds: Int32) throws(ZeroMQError) { try set(ZMQ_LINGER, milliseconds) }

    /// A ROUTER that says so when a peer is gone, instead of dropping in silence.
    package func reportUnroutable() throws(ZeroMQError) { try set(ZMQ_ROUTER_MANDATORY, Int32(1)) }

    private func set(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
        var value = value
        guard unsafe zmq_setsockopt(handle, option, &value, 4) == 0 else {
            throw .last(call: "zmq_setsockopt \(option)")
        }
    }

    /// For the options that take 64 bits.
    private func set(wide option: Int32, _ value: Int64) throws(ZeroMQError) {
        var value = value
        guard unsafe zmq_setsockopt(handle, option, &value, 8) == 0 else {
            throw .last(call: "zmq_setsockopt \(option)")
        }
    }

    private func set(_ option: Int32, _ text: String) throws(ZeroMQError) {
        let length = text.utf8.count
        guard unsafe zmq_setsockopt(handle, option, text, length) == 0 else {
            throw .last(call: "zmq_setsockopt \(option)")
        }
    }

    /// Serves CURVE with a key pair; who may connect is asked of the ZAP handler under `domain`.
    package func serveCURVE(_ keys: CurveKeys, domain: String) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVER, Int32(1))
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
        try set(ZMQ_ZAP_DOMAIN, domain)
    }

    /// Connects with CURVE to a server whose public key is known.
    package func useCURVE(_ keys: CurveKeys, server: String) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVERKEY, server)
        try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey)
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
    }

    package func subscribeToAll() throws(ZeroMQError) { try set(ZMQ_SUBSCRIBE, "") }

    package func bind(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_bind(handle, endpoint) == 0 else { throw .last("listen on \(endpoint)") }
    }

    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(handle, endpoint) == 0 else { throw .last("connect to \(endpoint)") }
    }

    /// The address it listens on, with the port the system chose.
    package func endpoint() throws(ZeroMQError) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        var size = buffer.count
        guard unsafe zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0 else {
            throw .last(call: "zmq_getsockopt")
        }
        return String(decoding: buffer.prefix(max(0, size - 1)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    // MARK: Messages

    /// Sends frames as one message without waiting.
    ///
    /// - Returns: false when the peer is gone or its queue is full; nothing was sent then.
    package func send(_ frames: [[UInt8]]) throws(ZeroMQError) -> Bool {
        for (place, frame) in frames.enumerated() {
            let flags = ZMQ_DONTWAIT | (place < frames.count - 1 ? ZMQ_SNDMORE : 0)
            var tries = 0
            while unsafe zmq_send(handle, frame, frame.count, flags) < 0 {
                let error = ZeroMQError.last(call: "zmq_send")
                tries += 1
                // A signal interrupts before anything is sent: the same frame again.
                if error.number == EINTR, tries < 100 { continue }
                guard error.number == EAGAIN || error.number == EHOSTUNREACH else { throw error }
                return false
            }
        }
        return true
    }

    /// A received message: its frames, and who sent it as the ZAP handler named them.
    package struct Received {
        package var frames: [[UInt8]]
        package var userID: String?
    }

    /// Takes the next message without waiting; nil when there is none.
    package func receive() throws(ZeroMQError) -> Received? {
        var received = Received(frames: [], userID: nil)
        while true {
            var message = zmq_msg_t()
            unsafe zmq_msg_init(&message)
            defer { unsafe zmq_msg_close(&message) }
            guard unsafe zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) >= 0 else {
                let error = ZeroMQError.last(call: "zmq_msg_recv")
                guard error.number == EAGAIN || error.number == EINTR else { throw error }
                return nil
            }
            let count = unsafe zmq_msg_size(&message)
            let bytes = unsafe zmq_msg_data(&message).map {
                unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: count))
            }
            received.frames.append(bytes ?? [])
            // After zmq_poll a ROUTER's identity frame has no User-Id in 4.3.4; the payload's is right.
            if let user = unsafe zmq_msg_gets(&message, "User-Id") { received.userID = unsafe String(cString: user) }
            if unsafe zmq_msg_more(&message) == 0 { return received }
        }
    }
}

/// A CURVE key pair, in Z85 text (40 characters each).
package struct CurveKeys: Sendable, Equatable {
    package let publicKey: String
    package let secretKey: String

    package init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The pair of a secret key.
    ///
    /// - Throws: `ZeroMQError` when it is none.
    package init(secretKey: String) throws(ZeroMQError) {
        var open = [CChar](repeating: 0, count: 41)
        guard secretKey.utf8.count == 40, unsafe zmq_curve_public(&open, secretKey) == 0 else {
            let detail: Words = "a key has 40 characters of Z85"
            throw ZeroMQError(operation: Words(verbatim: "zmq_curve_public"), number: EINVAL, detail: detail)
        }
        self.init(publicKey: CurveKeys.text(open), secretKey: secretKey)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Makes a fresh pair.
    package static func generate() throws(ZeroMQError) -> CurveKeys {
        var open = [CChar](repeating: 0, count: 41)
        var secret = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_keypair(&open, &secret) == 0 else { throw .last(call: "zmq_curve_keypair") }
        return CurveKeys(publicKey: text(open), secretKey: text(secret))
    }

    /// The Z85 text of a 32-byte public key as CURVE's handshake shows it; nil for another length.
    static func text(of key: [UInt8]) -> String? {
        guard key.count == 32 else { return nil }
        var buffer = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_z85_encode(&buffer, key, 32) != nil else { return nil }
        return String(decoding: buffer.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
