/// The reading side of the log's port: short pages, never one cursor over the whole log.

/// Where the log ends, and the chain value there: the root of everything before it.
package struct LogHead: Sendable, Equatable {
    /// 0 for an empty log.
    package var position: Int64
    package var chain: ChainValue
    package init(position: Int64, chain: ChainValue) {
        self.position = position
        self.chain = chain
    }
    package static let empty = LogHead(position: 0, chain: .zero)
}

/// Which events to read.
package enum ReadScope: Sendable, Equatable {
    case all
    case stream(StreamName)
    /// All streams whose name starts with `category/`.
    case category(String)
    /// All versions of one type name.
    case type(String)
    case origin(Origin)
    /// All events of a case: those that name it, and those of the stream of that name that name no other.
    case correlation(StreamName)
    /// Half-open range of one of the event's times.
    case time(TimeField, Range<Timestamp>)

    package enum TimeField: String, Sendable, CaseIterable { case occurredAt, recordedAt, receivedAt }
}

package enum ReadDirection: Sendable { case forward, backward }

/// Reads committed events.
///
/// A reader may be used from one thread at a time.
package protocol EventReader: AnyObject {
    func head() throws(LogFailure) -> LogHead

    /// One page of events in the order of positions.
    ///
    /// - Parameters:
    ///   - position: exclusive; forward from 0 is from the beginning, backward from `Int64.max` from the end.
    ///   - limit: 1–10,000 events.
    /// - Returns: fewer than `limit` events only when there are no more.
    func page(_ scope: ReadScope, _ direction: ReadDirection, from position: Int64, limit: Int) throws(LogFailure)
        -> [StoredEvent]

    /// The count of events in a stream; 0 when it holds none.
    func version(of stream: StreamName) throws(LogFailure) -> Int64

    /// What a command came to, by whatever origin; nil when it was never appended.
    func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome?

    func event(_ id: EventID) throws(LogFailure) -> StoredEvent?

    /// Which event a row holds, also one that is damaged; nil when there is no such row, or it does not say.
    func id(at position: Int64) throws(LogFailure) -> EventID?

    /// The last event of every origin, sorted by origin.
    func originHeads() throws(LogFailure) -> [OriginHead]

    /// The last sequence up to which every event of an origin is here: below `originHeads` where an import left a hole.
    ///
    /// - Parameter known: up to there every one is here, as an earlier call said; only what follows is counted.
    func denseEnd(of origin: Origin, from known: Int64) throws(LogFailure) -> Int64

    /// Events of one origin with sequences above `sequence`, in order; at most `limit`; to be sent.
    ///
    /// - Throws: `.corrupt` at the first one whose hash is not that of its fields.
    func events(of origin: Origin, above sequence: Int64, limit: Int) throws(LogFailure) -> [Event]

    /// The feeds that a stream's events enter now, sorted.
    func membership(of stream: StreamName) throws(LogFailure) -> [FeedName]

    /// Those of them in which the stream has no rows since they began anew, sorted.
    func asleep(_ stream: StreamName) throws(LogFailure) -> [FeedName]

    /// The row with which a feed that this node serves began anew the last time (`FeedBase`); 0 when it never did.
    func base(of feed: FeedName) throws(LogFailure) -> Int64

    /// Streams that sleep in a feed, the newest first.
    ///
    /// - Parameters:
    ///   - below: of the log's numbers of streams, which go by first mention; `Int64.max` for the first page.
    ///   - limit: streams of the page; it may have fewer and not be the last, as what is looked through is bounded too.
    func sleeping(in feed: FeedName, below: Int64, limit: Int) throws(LogFailure) -> SleepingPage

    /// Rows of a feed that this node serves, above `fseq`, at most `limit`; an EVENT row with its event; to be sent.
    ///
    /// - Throws: `.corrupt` at the first event whose hash is not that of its fields.
    func rows(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [FeedRow]

    /// The last row of a feed that this node serves; fseq 0 and the feed's seed when it has none.
    func feedHead(_ feed: FeedName) throws(LogFailure) -> FeedCursor

    /// The row of a feed that this node serves in which an event stands, above a row; nil when it stands at that row, before it,
    /// or nowhere in the feed.
    ///
    /// Goes through the rows above: for what is asked once.
    func row(of event: EventID, in feed: FeedName, above fseq: Int64) throws(LogFailure) -> Int64?

    /// The chain value at a row of a feed that this node serves; nil when there is no such row.
    func chain(of feed: FeedName, at fseq: Int64) throws(LogFailure) -> ChainValue?

    /// How far a feed of another node was applied here; nil when none ever was.
    func cursor(of feed: FeedName) throws(LogFailure) -> FeedCursor?

    /// Rows that were put aside, above `fseq`, at most `limit` (1–10,000).
    ///
    /// - Parameter rewind: from 1, in the order of this node's `Rewind` events.
    func aside(_ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow]

    /// The last signed end of another node's feed that is kept here.
    func signedHead(of feed: FeedName) throws(LogFailure) -> SignedHead?

    /// The local chain's value at a position; nil when the log has no such position. Zero at position 0.
    func chain(at position: Int64) throws(LogFailure) -> ChainValue?

    /// The boxes in the events above a position, in at most so many of them.
    func boxes(above position: Int64, rows: Int) throws(LogFailure) -> BoxPage

    /// The boxes in the events of another node's feed that were applied here above `fseq`, and the streams that left it, in at
    /// most so many rows.
    func boxes(of feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> BoxPage

    /// Streams that left another node's feed, in some LEAVE rows above `fseq`: those whose last word that is, and of which others'
    /// bodies are there that may go. One that cannot be read for damage is passed over.
    ///
    /// - Parameter rows: LEAVE rows that are looked at, whatever is found in them.
    func left(_ feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> LeftPage

    /// Rows whose bodies were let go and that are this node's again, at most `limit`, each once: those that nobody missed yet by
    /// position, then the others, from the first behind `place` on and round.
    ///
    /// - Parameter place: a position; 0 for the first.
    func wantedBodies(limit: Int, missedBehind place: Int64) throws(LogFailure) -> [WantedBody]

    /// Rows of another node's feed that were applied here, above `fseq`, at most `limit` (1–10,000).
    func received(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow]
}

extension EventReader {
    /// The same from the first missed one on.
    package func wantedBodies(limit: Int) throws(LogFailure) -> [WantedBody] {
        try wantedBodies(limit: limit, missedBehind: 0)
    }

    /// All events of a scope above a position, oldest first, a page at a time, so that memory is bounded whatever the log
    /// holds.
    ///
    /// - Parameter pageSize: 1–10,000 events.
    package func forEachPage(
        _ scope: ReadScope, above position: Int64 = 0, pageSize: Int = 1_000, _ body: ([StoredEvent]) throws -> Void
    ) throws {
        var position = position
        while true {
            let events = try page(scope, .forward, from: position, limit: pageSize)
            if !events.isEmpty { try body(events) }
            guard events.count == pageSize, let last = events.last else { return }
            position = last.position
        }
    }
}

/// The last event of an origin in this log.
package struct OriginHead: Sendable, Equatable {
    package var origin: Origin
    package var sequence: Int64
    package var hash: Digest
    package init(origin: Origin, sequence: Int64, hash: Digest) {
        self.origin = origin
        self.sequence = sequence
        self.hash = hash
    }
}
