/// A node's sockets, as its loop sees them: where frames come from and go to.

package import Events
package import Replication
package import ZeroMQ

/// A frame, with its sender as CURVE and ZAP name it.
package struct Received: Sendable {
    package var frame: [UInt8]
    package var from: Sender
}

package protocol Transport {
    /// Binds or connects.
    mutating func start() throws
    /// Lets these nodes in and no others; a hub's.
    ///
    /// - Returns: the port of each feed that is published here.
    mutating func admit(_ members: [Member]) throws -> [FeedName: String]
    /// Waits until a frame, the wake-up or the time comes.
    func wait(wakeUp: WakeUp, milliseconds: Int) throws
    /// Takes up to `limit` frames.
    mutating func receive(limit: Int) throws -> [Received]
    /// Sends what it can without waiting: a message for a peer that is gone, or whose queue is full, is lost, and the
    /// protocol's timers send it again.
    mutating func send(_ outgoing: [Outgoing]) throws
    mutating func takeAlarms() -> [Words]
    /// Nodes with two keys that said something under the newer one, since the last call; a hub's.
    mutating func takeKeyUses() -> [KeyUse]
    /// Messages that a socket did not take since the start, by the socket's kind.
    var dropped: [String: Int64] { get }
    mutating func stop()
}

extension Transport {
    package mutating func takeKeyUses() -> [KeyUse] { [] }
    package var dropped: [String: Int64] { [:] }
}

/// A node by itself.
package struct NoTransport: Transport {
    package init() {}
    package mutating func start() {}
    package mutating func admit(_ members: [Member]) -> [FeedName: String] { [:] }
    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [], authenticator: nil, wakeUp: wakeUp, milliseconds: milliseconds)
    }
    package mutating func receive(limit: Int) -> [Received] { [] }
    package mutating func send(_ outgoing: [Outgoing]) {}
    package mutating func takeAlarms() -> [Words] { [] }
    package mutating func stop() {}
}
