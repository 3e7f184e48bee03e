/// A node's connection to the others, as the loop sees it: receive, store in the loop's transaction, go on after the commit.

package import Events
package import ZeroMQ

package protocol Link {
    var isUp: Bool { get }
    var outbox: Int64 { get }
    var lag: Int64 { get }
    var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] { get }
    var hasStorageWork: Bool { get }

    mutating func start(reader: any EventReader, now: Timestamp) throws
    func wait(wakeUp: WakeUp, milliseconds: Int) throws
    /// Takes what the sockets have, and the time.
    mutating func receive(reader: any EventReader, now: Timestamp) throws
    /// Stores what was received; returns the events that are new here.
    mutating func store(_ transaction: any LogTransaction, now: Timestamp) throws -> [Event]
    /// The transaction is on the disk: acknowledge, publish, upload.
    mutating func committed(reader: any EventReader, now: Timestamp) throws
    /// The transaction was lost: what waited is forgotten and comes again.
    mutating func storageFailed(_ error: any Error)
    mutating func takeAlarms() -> [String]
    mutating func stop()
}

/// A node by itself.
package struct NoLink: Link {
    package init() {}
    package var isUp: Bool { false }
    package var outbox: Int64 { 0 }
    package var lag: Int64 { 0 }
    package var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] { [] }
    package var hasStorageWork: Bool { false }
    package mutating func start(reader: any EventReader, now: Timestamp) {}
    package func wait(wakeUp: WakeUp, milliseconds: Int) throws {
        try Poller.wait(for: [], authenticator: nil, wakeUp: wakeUp, milliseconds: milliseconds)
    }
    package mutating func receive(reader: any EventReader, now: Timestamp) {}
    package mutating func store(_ transaction: any LogTransaction, now: Timestamp) -> [Event] { [] }
    package mutating func committed(reader: any EventReader, now: Timestamp) {}
    package mutating func storageFailed(_ error: any Error) {}
    package mutating func takeAlarms() -> [String] { [] }
    package mutating func stop() {}
}
