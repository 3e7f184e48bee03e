/// Reads the log stream by stream, for whoever folds all of it (a rebuild of the views).

/// A place among all events in the order of stream number, then version in the stream.
///
/// Streams are numbered from 1 in the order in which this log first heard of them. The number is local to one
/// log, good for cutting work into ranges, and never part of a result.
package struct StreamPlace: Sendable, Equatable {
    package var number: Int64
    /// 0: before the stream's first event.
    package var version: Int64

    package init(number: Int64, version: Int64) {
        self.number = number
        self.version = version
    }
}

/// Events of one stream, in versions: all of them, or as many as a page still took.
package struct ScannedStream: Sendable, Equatable {
    /// Where its last event stands.
    package var place: StreamPlace
    /// Whole but for `previous`, which stands as zero: no fold reads it, and finding it costs a look-up an event.
    package var events: [Event]

    package init(place: StreamPlace, events: [Event]) {
        self.place = place
        self.events = events
    }
}

/// A reader of committed events by stream.
///
/// Used from one thread at a time.
package protocol StreamScanner: AnyObject {
    /// The highest stream number; 0 for an empty log.
    func lastStreamNumber() throws(LogFailure) -> Int64

    /// The local chain's value at a position; nil when the log has no such position. Zero at position 0.
    func chain(at position: Int64) throws(LogFailure) -> ChainValue?

    /// One page of events in the order (stream number, version).
    ///
    /// - Parameters:
    ///   - categories: streams of others are passed over without reading their events.
    ///   - place: exclusive; version 0 of number n is from the beginning of stream n.
    ///   - last: the last stream number, inclusive.
    ///   - position: events above it are left out.
    ///   - limit: 1–100,000 events.
    /// - Returns: streams by number, each once; fewer than `limit` events in all only when there are no more.
    func streams(
        of categories: [String], after place: StreamPlace, through last: Int64, upTo position: Int64, limit: Int
    ) throws(LogFailure) -> [ScannedStream]
}
