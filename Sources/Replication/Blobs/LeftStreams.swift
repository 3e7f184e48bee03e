/// Which streams have left this node's feed: read from the feed's rows, some at a time, when somebody asks.

import Events

struct LeftStreams {
    /// Rows that are read at once.
    static let rows = 1_000

    private let feed: FeedName
    private var place: FeedCursor?
    private var left: Set<StreamName> = []
    /// Whether all rows were read.
    private(set) var isCaughtUp = false

    init(feed: FeedName) { self.feed = feed }

    func contains(_ stream: StreamName) -> Bool { left.contains(stream) }

    /// Reads on; from the beginning where the feed went on behind an earlier row.
    ///
    /// - Throws: `LogFailure`, with everything that was read before.
    mutating func read(_ reader: any EventReader) throws(LogFailure) {
        if let here = place, try reader.received(of: feed, above: here.fseq - 1, limit: 1).first?.cursor != here {
            place = nil
            left = []
        }
        let rows = try reader.received(of: feed, above: place?.fseq ?? 0, limit: LeftStreams.rows)
        for row in rows {
            switch row.content {
            case .leave: left.insert(row.stream)
            case .join: left.remove(row.stream)
            case .event: break
            }
        }
        place = rows.last?.cursor ?? place
        isCaughtUp = rows.count < LeftStreams.rows
    }
}
