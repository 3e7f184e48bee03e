/// A node's replication as its loop sees it, over the log's ports and without sockets: frames in, one transaction,
/// frames out. The same code runs under real sockets and in the simulator.

package import Events

/// Who sent a frame, as the transport knows for sure.
package enum Sender: Sendable, Equatable {
    /// The hub that this street connects to.
    case hub
    /// A node whose key is enrolled.
    case node(NodeID)
    /// Anybody, with this CURVE key in Z85, on the socket for enrolment.
    case stranger(key: String)
}

/// A stranger that says it is an invited node, and shows the secret of its invitation.
package struct Application: Sendable, Equatable {
    package var node: NodeID
    package var key: String
    package var secret: String
}

/// A node as the transport has to know it.
package struct Member: Sendable, Equatable {
    package var node: NodeID
    /// From 1: its feed is published this many ports above the common feed's.
    package var slot: Int
    /// The CURVE public keys in Z85 with which it may connect, the newest first; empty when it may not.
    package var keys: [String]
    /// Keys of it that an operator ended.
    package var revokedKeys: [String]
    /// Milliseconds for which strangers may come to enrol as this node; nil when they may not.
    package var invitedFor: Int64?

    /// The port of a feed that cannot be published now, which is an alarm: its node pulls when it says HELLO.
    package static let noPort = "0"

    package init(node: NodeID, slot: Int, keys: [String], revokedKeys: [String] = [], invitedFor: Int64? = nil) {
        self.node = node
        self.slot = slot
        self.keys = keys
        self.revokedKeys = revokedKeys
        self.invitedFor = invitedFor
    }
}

/// A node that has two keys said something under the newer one.
package struct KeyUse: Sendable, Equatable {
    package var node: NodeID
    package var key: String

    package init(node: NodeID, key: String) {
        self.node = node
        self.key = key
    }
}

/// What a desk wants sent.
package enum Outgoing: Sendable, Equatable {
    /// To whom an application came from.
    case answer(key: String, [UInt8])
    /// To the hub (nil) or to a node that has a session here.
    case send(to: NodeID?, [UInt8])
    /// On the feed's PUB.
    case publish(FeedName, [UInt8])
    /// Listen to these PUB ports of the hub, instead of any before.
    case subscribe([String])
}

package protocol Desk {
    /// - Parameters:
    ///   - process: this opening of the log.
    ///   - ports: where each feed is published, as the transport bound them; a hub's.
    mutating func start(process: Origin, ports: [FeedName: String], reader: any EventReader, now: Moment) throws

    /// Takes one frame.
    mutating func receive(_ frame: [UInt8], from sender: Sender, reader: any EventReader, now: Moment) throws

    /// Does what time makes due; called at each turn, after what was received.
    mutating func tick(reader: any EventReader, now: Moment) throws

    /// Whether `store` has something to do.
    var hasStorageWork: Bool { get }

    /// Whether what has come waits for a further turn, since a turn is bounded.
    var hasMore: Bool { get }

    /// Events of a category that were received and wait for `store`; whether they are taken is not known yet.
    func received(in category: String) -> [Event]

    /// Stores what was received; returns the events that are new here.
    mutating func store(_ transaction: any LogTransaction, now: Moment) throws -> [Event]

    /// The turn's transaction is on the disk, or there was none: acknowledge, publish, upload.
    mutating func committed(reader: any EventReader, now: Moment) throws

    /// Lets keys of persons expire whose tickets have been over for long enough; called at each turn in which the wall clock can
    /// be believed, before `committed`.
    mutating func expireKeys(reader: any EventReader, now: Moment)

    /// Looks for tickets that left long enough ago to let go what others wrote in them, when that is due; called as `expireKeys`
    /// is. A street's.
    mutating func lookForPurges(reader: any EventReader, now: Moment) throws

    /// The turn's transaction was lost: what waited is forgotten and comes again.
    mutating func storageFailed(now: Moment, reader: any EventReader) throws

    /// The process stops: says so where it has a session; a street's.
    mutating func leave()

    mutating func takeOutgoing() -> [Outgoing]
    mutating func takeAlarms() -> [Words]
    /// Strangers that want to be enrolled; a hub's.
    mutating func takeApplications() -> [Application]
    /// What became of an application; its transaction, if it took one, is committed with the turn.
    ///
    /// - Parameter refusal: why it is not let in; nil when it is. The stranger is not told.
    mutating func answer(_ application: Application, refusal: (any Problem)?)
    /// Publishes at these ports from now on, and ends the sessions of nodes whose feed is not among them; a hub's.
    mutating func publish(at ports: [FeedName: String], reader: any EventReader) throws
    /// Lines that came up or went down; a hub's.
    mutating func takeLinkChanges() -> [LinkChange]

    var isUp: Bool { get }
    /// Own events that the hub has not confirmed; a street's.
    var outbox: Int64 { get }
    /// How far the hub has confirmed each own origin, sorted; a street's, empty elsewhere.
    var confirmed: [OriginMark] { get }
    /// Rows of the hub that are missing here; a street's.
    var lag: Int64 { get }
    /// A hub's nodes.
    var peers: [Peer] { get }
    /// The log's end up to which `peers` counts the rows of feeds; nil at a street, and before the first look.
    var peersAt: Int64? { get }
    /// A node's wall clock less the hub's, in milliseconds; nil without a session.
    func clockOffset(of node: NodeID) -> Int64?
    /// Milliseconds that may pass before the next turn when no command waits, so that what comes meanwhile is stored together.
    var rest: Int { get }
    /// A street's line to its hub; nil elsewhere.
    var link: HubLink? { get }
    /// Rows of the log that are rotten; what a read meets is noted here.
    var rotten: RottenRows { get set }
    /// Photographs and recordings that the log names.
    var blobs: BlobStatus { get }
    /// Asks the hub for a ticket of which nothing is here, or tells what it has said; a street's, nil elsewhere, and when too
    /// many are asked for.
    mutating func wake(_ ticket: StreamName) -> TicketWake?
}

extension Desk {
    package mutating func wake(_ ticket: StreamName) -> TicketWake? { nil }
}

extension Desk {
    package mutating func leave() {}
    package mutating func expireKeys(reader: any EventReader, now: Moment) {}
    package mutating func lookForPurges(reader: any EventReader, now: Moment) throws {}
    package func clockOffset(of node: NodeID) -> Int64? { nil }
    package var rest: Int { 0 }
    package var hasMore: Bool { false }
}

/// A node by itself.
package struct NoDesk: Desk {
    package var rotten = RottenRows()
    package init() {}
    package mutating func start(process: Origin, ports: [FeedName: String], reader: any EventReader, now: Moment) {}
    package mutating func receive(_ frame: [UInt8], from sender: Sender, reader: any EventReader, now: Moment) {}
    package mutating func tick(reader: any EventReader, now: Moment) {}
    package var hasStorageWork: Bool { false }
    package func received(in category: String) -> [Event] { [] }
    package mutating func store(_ transaction: any LogTransaction, now: Moment) -> [Event] { [] }
    package mutating func committed(reader: any EventReader, now: Moment) {}
    package mutating func storageFailed(now: Moment, reader: any EventReader) {}
    package mutating func takeOutgoing() -> [Outgoing] { [] }
    package mutating func takeAlarms() -> [Words] { [] }
    package mutating func takeLinkChanges() -> [LinkChange] { [] }
    package mutating func takeApplications() -> [Application] { [] }
    package mutating func answer(_ application: Application, refusal: (any Problem)?) {}
    package mutating func publish(at ports: [FeedName: String], reader: any EventReader) {}
    package var isUp: Bool { false }
    package var outbox: Int64 { 0 }
    package var confirmed: [OriginMark] { [] }
    package var lag: Int64 { 0 }
    package var peers: [Peer] { [] }
    package var peersAt: Int64? { nil }
    package var blobs: BlobStatus { BlobStatus() }
}

/// Counts the messages that came over one way, by their numbers.
struct Arrivals: Sendable {
    private var last: UInt32?
    /// Messages that were sent and did not come, as far as later ones show.
    private(set) var lost: UInt64 = 0

    mutating func note(_ number: UInt32) {
        if let last, number > last { lost += UInt64(number - last - 1) }
        last = number
    }
}
