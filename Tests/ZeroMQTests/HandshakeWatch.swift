import CZeroMQ

@testable import ZeroMQ

/// Hears when libzmq has turned somebody away at a socket, so that "nothing arrives" need not be waited for.
///
/// Safe to hold: the pointer is private, used on the test's thread alone, and closed once.
@safe final class HandshakeWatch {
    private let pair: UnsafeMutableRawPointer
    private let context: ZeroMQContext

    init(_ socket: Socket, in context: ZeroMQContext) throws {
        let events = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        let address = "inproc://handshakes"
        guard unsafe zmq_socket_monitor(socket.handle, address, events) == 0 else {
            throw ZeroMQError.last(call: "zmq_socket_monitor")
        }
        guard let pair = unsafe zmq_socket(context.handle, ZMQ_PAIR) else { throw ZeroMQError.last(call: "zmq_socket") }
        unsafe self.pair = pair
        self.context = context
        guard unsafe zmq_connect(pair, address) == 0 else { throw ZeroMQError.last(call: "zmq_connect") }
    }

    deinit { unsafe zmq_close(pair) }

    /// Whether a handshake has failed since the watch began: at the key that the server has, or at the ZAP handler's word.
    ///
    /// What it brought can arrive no more.
    func hasRefused() -> Bool {
        var event: UInt16 = 0
        return unsafe zmq_recv(pair, &event, 2, ZMQ_DONTWAIT) > 0
    }
}
