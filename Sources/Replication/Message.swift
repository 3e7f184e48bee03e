/// The messages of GRP/1, Gridline's replication protocol (`docs/format/wire.md`): what a street and the hub say to each other.
///
/// Every message is one frame of at most 64 KiB. Which side may send it stands in the table of the format.

package import Events

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

    /// The row as it travels to `subscriber`; nil sends events whole.
    package init(_ row: FeedRow, to subscriber: NodeID?) {
        let content: Content =
            switch row.operation {
            case .event(let event): event.id.origin.node == subscriber ? .receipt(event.id, event.hash) : .event(event)
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
    /// Opens or replaces a session: who, its clock, its own origins' heads, how far its feeds are.
    case hello(node: NodeID, clock: Timestamp, origins: [OriginMark], cursors: [FeedMark])
    /// The session; where the feeds are published; the feeds' heads; how far the hub has the node's origins.
    case welcome(session: UInt64, clock: Timestamp, endpoints: [String], heads: [FeedMark], have: [OriginMark])
    /// No session: why, and when to come again.
    case refuse(reason: Refusal, retryAfterMilliseconds: UInt32)
    /// Asks for rows above `above`, at most `credit` bytes of them.
    case pull(session: UInt64, feed: FeedName, above: Int64, credit: UInt32)
    /// Rows in order and the chain value after them; `isLast` when the credit is used or the head is reached; `head` is the feed's.
    case batch(session: UInt64, feed: FeedName, rows: [WireRow], chain: ChainValue, head: FeedCursor, isLast: Bool)
    /// Durable at the node up to here.
    case ack(session: UInt64, feed: FeedName, cursor: FeedCursor)
    /// On PUB: new rows as they come.
    case live(feed: FeedName, rows: [WireRow], chain: ChainValue)
    /// On PUB, each second: the feed's head.
    case hint(feed: FeedName, head: FeedCursor, clock: Timestamp)
    /// Events of one of the node's own origins, in order.
    case push(session: UInt64, events: [Event])
    /// Durable at the hub up to here.
    case pack(session: UInt64, origin: Origin, sequence: Int64)
    case ping(session: UInt64, clock: Timestamp, outbox: Int64)
    case pong(session: UInt64, clock: Timestamp)
    case bye(session: UInt64)

    package enum Refusal: UInt8, Sendable { case unknownSession = 1, busy = 2, upgrade = 3, revoked = 4 }

    /// Bytes a message may have.
    package static let sizeLimit = 64 * 1024
    /// Bytes of rows or events that a sender puts into one message, leaving room for one event more.
    package static let fillLimit = 48 * 1024
    /// The protocol's version.
    package static let version: UInt8 = 1
}
