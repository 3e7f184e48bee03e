/// A SUB with somebody's key and nothing else of a street, at one port of a hub, subscribed to everything.

import CZeroMQ
import Events
import Replication

@testable import ZeroMQ

/// Hears what is published at the port, and whether it was let in.
///
/// Safe to hold: the pointer is private, used on the test's thread alone, and closed once.
@safe final class RawSubscriber {
    private let socket: Socket
    private let context: ZeroMQContext
    private let monitor: UnsafeMutableRawPointer
    /// The places of the rows that it heard, in the order in which they came.
    private(set) var rows: [Int64] = []
    /// When the hub said where its feed ends, by the hub's wall clock, in the order in which it was heard.
    private(set) var hints: [Timestamp] = []
    /// All messages, whatever they are.
    private(set) var count = 0
    /// It was let in, or turned away, at least once; libzmq takes a handshake that nobody answers for refused after 5 s.
    private(set) var isIn = false
    private(set) var isRefused = false

    init(_ keys: CurveKeys, server: String, port: Int) throws {
        let context = try ZeroMQContext()
        let socket = try Socket(.subscribe, in: context)
        let failures =
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        let address = "inproc://handshakes"
        guard
            unsafe zmq_socket_monitor(socket.handle, address, failures | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) == 0
        else { throw ZeroMQError.last(call: "zmq_socket_monitor") }
        guard let monitor = unsafe zmq_socket(context.handle, ZMQ_PAIR) else {
            throw ZeroMQError.last(call: "zmq_socket")
        }
        unsafe self.monitor = monitor
        self.context = context
        self.socket = socket
        guard unsafe zmq_connect(monitor, address) == 0 else { throw ZeroMQError.last(call: "zmq_connect") }
        try socket.useCURVE(keys, server: server)
        try socket.subscribeToAll()
        try socket.connect("tcp://127.0.0.1:\(port)")
    }

    deinit { unsafe zmq_close(monitor) }

    /// Takes what has come.
    ///
    /// - Throws: `ZeroMQError`; `DecodeError` for what is no frame of the hub's.
    func listen() throws {
        var event: UInt16 = 0
        while unsafe zmq_recv(monitor, &event, 2, ZMQ_DONTWAIT) > 0 {
            // The frame behind it names the address.
            _ = unsafe zmq_recv(monitor, nil, 0, ZMQ_DONTWAIT)
            if Int32(event) == ZMQ_EVENT_HANDSHAKE_SUCCEEDED { isIn = true } else { isRefused = true }
        }
        while let message = try socket.receive() {
            count += 1
            switch try Frame(message.frames.last ?? []).message {
            case .live(_, let rows, _): self.rows += rows.map(\.fseq)
            case .hint(_, _, _, let clock): hints.append(clock)
            case _: break
            }
        }
    }

    /// Whether it heard a row above a place, or where the feed ends, said after an instant of the hub's clock.
    func heard(above place: Int64, after instant: Timestamp) -> Bool {
        rows.contains { $0 > place } || hints.contains { $0 > instant }
    }
}

/// Turns loops until something holds, with what SUBs hear in between.
///
/// - Returns: false when it never did within `limit`.
func until(
    _ loops: [TestLoop], _ listeners: [RawSubscriber], limit: Duration = .seconds(20), _ holds: () throws -> Bool
) throws -> Bool {
    try until(loops, limit: limit) {
        for one in listeners { try one.listen() }
        return try holds()
    }
}
