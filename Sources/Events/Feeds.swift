/// Feeds: which events a subscriber gets, in which order, chained (`docs/format/log.md`, "Feeds").

/// One row of a feed.
package struct FeedRow: Sendable, Equatable {
    package enum Operation: Sendable, Equatable {
        /// An event of a stream that is in the feed.
        case event(Event)
        /// The stream joins the feed: its `history` events up to now follow as EVENT rows.
        case join(history: Int64)
        /// The stream leaves the feed.
        case leave
    }

    /// Dense from 1 in its feed.
    package var fseq: Int64
    package var stream: StreamName
    package var operation: Operation
    /// The common feed's head when this row was appended: apply it only when the own common cursor is there.
    package var common: Int64
    /// The feed's chain value after this row.
    package var chain: ChainValue

    package init(fseq: Int64, stream: StreamName, operation: Operation, common: Int64, chain: ChainValue) {
        self.fseq = fseq
        self.stream = stream
        self.operation = operation
        self.common = common
        self.chain = chain
    }

    /// The chain value of a feed before its first row.
    package static func seed(of feed: FeedName) -> ChainValue { ChainValue.zero.extended(by: Array(feed.text.utf8)) }

    /// The chain value after a row with these fields.
    ///
    /// An event stands in it by its hash alone, so that a subscriber that wrote the event itself can check a row that
    /// comes without it.
    package static func chain(
        after previous: ChainValue, fseq: Int64, stream: StreamName, kind: Kind, event: Digest?, history: Int64,
        common: Int64
    ) -> ChainValue {
        var writer = previous.nextRow(reserving: 112)
        writer.integer(fseq)
        writer.integer(kind.rawValue)
        writer.string8(stream.text)
        writer.digest(event ?? .zero)
        writer.integer(history)
        writer.integer(common)
        return ChainValue(endOf: writer)
    }

    /// The operation's number in columns and on the wire.
    package enum Kind: UInt8, Sendable { case event = 1, join = 2, leave = 3 }
}

/// A row of another node's feed, as it was applied here and is kept (`docs/decisions/0020-streets-keep-their-feeds.md`).
package struct ReceivedRow: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// - position: where the event with this hash stands in this log; nil when it is not here.
        case event(Digest, position: Int64?)
        case join(history: Int64)
        case leave
    }

    package var fseq: Int64
    package var stream: StreamName
    package var content: Content
    package var common: Int64
    /// The feed's chain value after this row.
    package var chain: ChainValue

    package init(fseq: Int64, stream: StreamName, content: Content, common: Int64, chain: ChainValue) {
        self.fseq = fseq
        self.stream = stream
        self.content = content
        self.common = common
        self.chain = chain
    }

    package var cursor: FeedCursor { FeedCursor(fseq: fseq, chain: chain) }

    /// The chain value that the row asks for behind another one.
    package func chain(after previous: ChainValue) -> ChainValue {
        let (kind, hash, history): (FeedRow.Kind, Digest?, Int64) =
            switch content {
            case .event(let hash, _): (.event, hash, 0)
            case .join(let history): (.join, nil, history)
            case .leave: (.leave, nil, 0)
            }
        return FeedRow.chain(
            after: previous, fseq: fseq, stream: stream, kind: kind, event: hash, history: history, common: common)
    }
}

/// What an event does to the feeds of its stream.
package struct Routing: Sendable, Equatable {
    /// Feeds that the stream joins with this event; they get its whole history, this event included.
    package var joins: [FeedName]
    /// Feeds that the stream leaves with this event; they still get the event itself.
    package var leaves: [FeedName]
    /// Further feeds that get this event without a membership of its stream (the common feed).
    package var also: [FeedName]
    /// Feeds that the event names and the stream does not join: they get its whole history once, and that it has left.
    package var told: [FeedName] = []
    /// A feed that begins anew with this event, which is in `also`: when the base names the feed's last row.
    package var base: FeedBase?
    /// Streams that get their rows in a feed in which they sleep.
    package var wake: FeedWake?

    package static let stay = Routing(joins: [], leaves: [], also: [])

    package init(
        joins: [FeedName] = [], leaves: [FeedName] = [], also: [FeedName] = [], base: FeedBase? = nil,
        wake: FeedWake? = nil
    ) {
        self.joins = joins
        self.leaves = leaves
        self.also = also
        self.base = base
        self.wake = wake
    }
}

/// Which feeds an event enters and how its stream's membership changes: pure, declared here, implemented
/// by the domain, called by the log in the transaction that stores the event, also for ingested events.
package protocol Audience: Sendable {
    /// - Parameters:
    ///   - version: the event's place in its stream here, from 1.
    ///   - membership: the feeds the stream is in before this event, sorted.
    func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing

    /// Whether an event says that its stream is over (`true`) or goes on (`false`); nil when it says neither. The last one that
    /// says something counts.
    ///
    /// - Parameters:
    ///   - author: the event's node.
    ///   - founder: the node of the stream's first event.
    func isOver(_ type: EventType, by author: NodeID, foundedBy founder: NodeID) -> Bool?

    /// Whether an event says which feeds its stream is in, whatever they were before.
    func places(_ event: Event) -> Bool

    /// Whether an event lets its author in as long as nobody else has written to the stream.
    func founds(_ event: Event) -> Bool

    /// Whether an event is of an author whose word places streams, so that it may change what such an event means.
    func decides(_ event: Event) -> Bool

    /// The feeds of a stream by all of its events, whatever the order in which they came; asked for a stream with such an event.
    ///
    /// - Parameter events: in the order in which they came here.
    func members(by events: [Event]) -> [FeedName]
}

extension Audience {
    package func isOver(_ type: EventType, by author: NodeID, foundedBy founder: NodeID) -> Bool? { nil }
    package func places(_ event: Event) -> Bool { false }
    package func founds(_ event: Event) -> Bool { false }
    package func decides(_ event: Event) -> Bool { places(event) }
    package func members(by events: [Event]) -> [FeedName] { [] }

    /// What an event does to the feeds of its stream, also one that comes late: of two that were written unaware of each other
    /// (by a centre before it was restored from a backup and after it) the order in which they came decides nothing.
    ///
    /// - Parameters:
    ///   - version: the event's place in its stream here, from 1.
    ///   - membership: the feeds the stream is in before this event, sorted.
    ///   - last: of the events here before it that place the stream the last in the canonical order; nil when there is none.
    ///   - history: all of the stream, in the order in which it came, this event last; read only for an event that does not
    ///     know `last`, or founds the stream behind others.
    package func routing<Failure: Error>(
        of event: Event, version: Int64, membership: [FeedName], last: EventID?,
        history: () throws(Failure) -> [Event]
    ) throws(Failure) -> Routing {
        var version = version
        // A node's processes before its present one may come behind it: what they founded is theirs all the same.
        if version > 1, founds(event) {
            let node = event.id.origin.node
            if try history().allSatisfy({ $0.id.origin.node == node }) { version = 1 }
        }
        let routing = route(event, version: version, membership: membership)
        guard let last, decides(event), !event.basis.knows(last, author: event.id) else { return routing }
        let wanted = members(by: try history())
        var settled = Routing(
            joins: wanted.filter { !membership.contains($0) }, leaves: membership.filter { !wanted.contains($0) },
            also: routing.also)
        // They were told that they have it, or would have been: without what came after it they would go on believing it.
        settled.told = route(event, version: version, membership: []).joins
            .filter { !wanted.contains($0) && !membership.contains($0) }
        return settled
    }
}

/// An audience of nobody: a street's log serves no feeds.
package struct NoAudience: Audience {
    package init() {}
    package func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing { .stay }
}
