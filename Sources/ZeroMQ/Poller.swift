/// Waits for sockets and for other threads: one `zmq_poll` over all sockets and an eventfd.

import CZeroMQ
import Events
import Glibc

/// Wakes the thread that polls.
///
/// The only part of this module that other threads may hold.
@safe package final class WakeUp: Sendable {
    let descriptor: Int32

    /// - Throws: `ZeroMQError` when the system gives no eventfd.
    package init() throws(ZeroMQError) {
        descriptor = gridline_eventfd()
        guard descriptor >= 0 else {
            throw ZeroMQError(operation: Words(verbatim: "eventfd"), number: errno, detail: "no event descriptor")
        }
    }

    deinit { close(descriptor) }

    package func signal() {
        var one: UInt64 = 1
        // A full counter wakes as well, so the result does not matter.
        _ = unsafe Glibc.write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(descriptor, &count, 8)
    }
}

package enum Poller {
    /// Waits for nothing but time.
    package static func pause(milliseconds: Int) throws(ZeroMQError) {
        guard zmq_poll(nil, 0, milliseconds) >= 0 || zmq_errno() == EINTR else { throw .last(call: "zmq_poll") }
    }

    /// Waits until a socket has a message, the wake-up was signalled, or the time is over.
    ///
    /// - Parameter milliseconds: 0 only looks.
    package static func wait(
        for sockets: [Socket], authenticator: Authenticator?, wakeUp: WakeUp, milliseconds: Int
    ) throws(ZeroMQError) {
        var items = unsafe [zmq_pollitem_t(socket: nil, fd: wakeUp.descriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
        for socket in sockets + [authenticator?.pollHandle].compactMap({ $0 }) {
            unsafe items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
        }
        let count = unsafe items.count
        let ready = unsafe zmq_poll(&items, Int32(count), milliseconds)
        guard ready >= 0 || zmq_errno() == EINTR else { throw .last(call: "zmq_poll") }
        wakeUp.clear()
    }
}
