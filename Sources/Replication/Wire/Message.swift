/// The messages of GRP/1, Gridline's replication protocol (`docs/format/wire.md`): what a street and the hub say to each other.
///
/// Every message is one frame of at most 64 KiB. Which side may send it stands in the table of the format.

package import Events

/// Who gets rows, and what it says it has of its own events.
///
/// Of these it gets receipts; a street whose folder was lost and restored from an older copy gets the rest whole.
package struct Subscriber: Sendable, Equatable {
    /// Per own origin, how far it has it.
    private var own: [Origin: Int64]

    /// A feed that many subscribe to.
    package static let many = Subscriber(own: [:])

    private init(own: [Origin: Int64]) { self.own = own }

    /// - Parameters:
    ///   - process: the origin of the session's process, which has all that it writes.
    ///   - marks: what it said of its origins.
    package init(process: Origin, marks: [OriginMark]) {
        own = Dictionary(marks.map { ($0.origin, $0.sequence) }, uniquingKeysWith: max)
        own[process] = .max
    }

    func wrote(_ id: EventID) -> Bool { id.sequence <= own[id.origin] ?? 0 }
}

/// A row of a feed on its way: as `FeedRow`, but an event that the subscriber wrote itself travels as a receipt.
package struct WireRow: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case event(Event)
        /// The subscriber's own event: the hub has it durably.
        case receipt(EventID, Digest)
        case join(history: Int64)
        case leave
    }

    package var fseq: Int64
    package var stream: StreamName
    package var common: Int64
    package var content: Content

    package init(fseq: Int64, stream: StreamName, common: Int64, content: Content) {
        self.fseq = fseq
        self.stream = stream
        self.common = common
        self.content = content
    }

    /// The row as it travels to a subscriber.
    package init(_ row: FeedRow, to subscriber: Subscriber) {
        let content: Content =
            switch row.operation {
            case .event(let event): subscriber.wrote(event.id) ? .receipt(event.id, event.hash) : .event(event)
            case .join(let history): .join(history: history)
            case .leave: .leave
            }
        self.init(fseq: row.fseq, stream: row.stream, common: row.common, content: content)
    }

    /// Bytes that the row takes in a message, or a little more.
    var size: Int {
        let length: Int =
            switch content {
            case .event(let event): event.canonicalBytes.count + 4
            case .receipt: 96
            case .join, .leave: 8
            }
        return length + stream.text.utf8.count + 24
    }

    /// The feed's chain value after this row.
    package func chain(after previous: ChainValue) -> ChainValue {
        let (kind, hash, history): (FeedRow.Kind, Digest?, Int64) =
            switch content {
            case .event(let event): (.event, event.hash, 0)
            case .receipt(_, let hash): (.event, hash, 0)
            case .join(let history): (.join, nil, history)
            case .leave: (.leave, nil, 0)
            }
        return FeedRow.chain(
            after: previous, fseq: fseq, stream: stream, kind: kind, event: hash, history: history, common: common)
    }
}

/// A row with the chain value to which it leads.
package struct ChainedRow: Sendable, Equatable {
    package var row: WireRow
    package var chain: ChainValue

    package init(row: WireRow, chain: ChainValue) {
        self.row = row
        self.chain = chain
    }
}

/// How far an origin's events go.
package struct OriginMark: Sendable, Equatable {
    package var origin: Origin
    package var sequence: Int64
    package init(origin: Origin, sequence: Int64) {
        self.origin = origin
        self.sequence = sequence
    }
}

/// A feed and a place in it.
package struct FeedMark: Sendable, Equatable {
    package var feed: FeedName
    package var cursor: FeedCursor
    package init(feed: FeedName, cursor: FeedCursor) {
        self.feed = feed
        self.cursor = cursor
    }
}

package enum Message: Sendable, Equatable {
    /// Opens or replaces a session.
    case hello(Hello)
    /// The answer to a HELLO.
    case welcome(Welcome)
    /// No session: why, and when to come again. `session` is the one that is refused, the incarnation of the process
    /// whose HELLO is, or 0 for whatever the node says.
    case refuse(session: UInt64, reason: Refusal, retryAfterMilliseconds: UInt32)
    /// Asks for rows above `above`, at most `credit` bytes of them.
    case pull(session: UInt64, feed: FeedName, above: Int64, credit: UInt32)
    /// Rows in order and the chain value after them; `isLast` when the credit is used or the head is reached; `head` is the feed's.
    case batch(session: UInt64, feed: FeedName, rows: [WireRow], chain: ChainValue, head: FeedCursor, isLast: Bool)
    /// Durable at the node up to here.
    case ack(session: UInt64, feed: FeedName, cursor: FeedCursor)
    /// On PUB: new rows as they come.
    case live(feed: FeedName, rows: [WireRow], chain: ChainValue)
    /// On PUB, each second: the feed's head, and which opening of the hub says so.
    case hint(feed: FeedName, head: FeedCursor, hub: Incarnation, clock: Timestamp)
    /// Events of one of the node's own origins, in order.
    case push(session: UInt64, events: [Event])
    /// Durable at the hub up to here.
    case pack(session: UInt64, origin: Origin, sequence: Int64)
    /// The hub has an origin up to `sequence` and will not take what follows it.
    case halt(session: UInt64, origin: Origin, sequence: Int64, reason: Halt)
    case ping(session: UInt64, clock: Timestamp, outbox: Int64)
    case pong(session: UInt64, clock: Timestamp)
    case bye(session: UInt64)
    /// Chain values of a feed as the node has them, ascending; asks which of them the hub has.
    case compare(session: UInt64, feed: FeedName, cursors: [FeedCursor])
    /// The last of them that is the same at the hub, 0 for none, and where the feed ends there.
    case compared(session: UInt64, feed: FeedName, same: Int64, head: FeedCursor)
    /// About keys of persons.
    case keys(session: UInt64, KeyMessage)
    /// About what one side lost and the other has.
    case repair(session: UInt64, RepairMessage)
    /// About photographs and recordings.
    case blobs(session: UInt64, BlobMessage)
    /// About where a node's feed begins, and which tickets have rows in it.
    case bases(session: UInt64, BaseMessage)
    /// A stranger, on the socket for enrolment: lets itself in as `node`, with the secret of its invitation.
    case enrol(node: NodeID, secret: String)
    /// The key that CURVE showed is the node's from now on.
    case enrolled(node: NodeID)

    package enum Refusal: UInt8, Sendable {
        case unknownSession = 1, busy = 2, upgrade = 3, revoked = 4, notInvited = 5

        /// As it stands in an alarm.
        var words: Words {
            switch self {
            case .unknownSession: "it does not know the session"
            case .busy: "it is busy"
            case .upgrade: "it speaks another version"
            case .revoked: "this node is revoked"
            case .notInvited: "this node is not invited"
            }
        }
    }

    /// Why a hub stops taking an origin's events.
    package enum Halt: UInt8, Sendable {
        /// It has another event under the same id.
        case fork = 1
        /// A hash is not that of its fields, or not that of the event before.
        case broken = 2
    }

    /// What a node says of itself when it opens a session.
    package struct Hello: Sendable, Equatable {
        /// Who, and the incarnation of this process: two processes of one node differ in it.
        package var origin: Origin
        /// The protocol versions that the node speaks.
        package var versions: ClosedRange<UInt8>
        package var clock: Timestamp
        /// The node's own origins with their last sequences.
        package var origins: [OriginMark]
        /// How far its feeds were applied.
        package var cursors: [FeedMark]

        package init(
            origin: Origin, versions: ClosedRange<UInt8> = Message.versions, clock: Timestamp,
            origins: [OriginMark], cursors: [FeedMark]
        ) {
            self.origin = origin
            self.versions = versions
            self.clock = clock
            self.origins = origins
            self.cursors = cursors
        }
    }

    /// What a hub answers to a HELLO that it takes.
    package struct Welcome: Sendable, Equatable {
        package var session: UInt64
        /// What the session's frames are written in: the version of WELCOME's own header.
        package var version: UInt8
        /// Which opening of the hub: another one knows nothing of this session.
        package var hub: Incarnation
        package var clock: Timestamp
        /// Ports of the PUBs that carry the node's feeds, at the hub's address.
        package var endpoints: [String]
        /// The ends of the node's feeds.
        package var heads: [FeedMark]
        /// How far the hub has each origin of the HELLO.
        package var have: [OriginMark]

        package init(
            session: UInt64, version: UInt8 = Message.forAll, hub: Incarnation, clock: Timestamp,
            endpoints: [String], heads: [FeedMark], have: [OriginMark]
        ) {
            self.session = session
            self.version = version
            self.hub = hub
            self.clock = clock
            self.endpoints = endpoints
            self.heads = heads
            self.have = have
        }
    }

    /// Bytes a message may have.
    package static let sizeLimit = 64 * 1024
    /// Origin marks that a message can have: with the longest names they take 50 kB.
    package static let originLimit = 1_024
    /// Bytes of rows or events that a sender puts into one message, leaving room for one event more.
    package static let fillLimit = 48 * 1024
    /// The protocol's versions that are spoken here; a session is in the highest that both ends speak.
    package static let versions: ClosedRange<UInt8> = 1...2
    /// From this version on a body may be compressed.
    static let compressing: UInt8 = 2

    /// The version of what all ends read, whatever else they speak: for ever the first.
    static let forAll: UInt8 = 1

    /// Whether two ends read it that share no version: its layout and its header's version never change.
    var isForAll: Bool {
        switch self {
        case .hello, .refuse, .enrol, .enrolled: true
        case _: false
        }
    }
}
