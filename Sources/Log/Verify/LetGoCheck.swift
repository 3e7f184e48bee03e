/// Verify's look at bodies that were let go: each by right, of a stream that this node's own events name, at a LEAVE that stands
/// (`docs/format/log.md` 11). A body that is gone and has no row here is damage, which the walk over the events finds.

import Events

struct LetGoCheck {
    /// What verify has to say of rows without a body that are no damage.
    struct Result {
        /// Rows whose stream is out.
        var out: Int64 = 0
        /// Rows that are to come back, or that nobody gave back; the first of many.
        var wanted: [Int64] = []
    }

    private let connection: Connection
    private let names: Names
    private let owner: NodeID
    private let leftStreams: LeftStreamReader
    private let received: ReceivedRowReader
    /// Rows that are to come back that a report names.
    static let limit = 100

    init(_ connection: Connection, names: Names, owner: NodeID) throws(LogFailure) {
        self.connection = connection
        self.names = names
        self.owner = owner
        leftStreams = try LeftStreamReader(connection, names: names)
        received = try ReceivedRowReader(connection)
    }

    private func broken(_ position: Int64, _ detail: Words) -> LogFailure {
        .corrupt(table: "letGo", position: position, detail: detail)
    }

    /// - Parameter told: this node's events about bodies, with their positions.
    func run(told: [(change: BodyChange, position: Int64)]) throws(LogFailure) -> Result {
        var purges: [FeedName: [Int64: [(purged: Purged, position: Int64)]]] = [:]
        var missing: Set<EventID> = []
        for (change, position) in told {
            switch change {
            case .purged(let purged):
                purges[purged.feed, default: [:]][purged.leave.fseq, default: []].append((purged, position))
            case .missing(let event, _): missing.insert(event)
            case .refilled: break
            }
        }
        var result = Result()
        let rows = try connection.prepare(
            """
            SELECT l.position, l.stream, f.name, l.row, l.state, e.stream, e.origin, e.sequence,
                e.body IS NULL AND e.sealed IS NULL, s.name
                FROM letGo l LEFT JOIN events e ON e.position = l.position LEFT JOIN receivedFeeds f ON f.no = l.feed
                LEFT JOIN streams s ON s.no = l.stream ORDER BY l.position
            """)
        try rows.forEach { row throws(LogFailure) in
            let position = row.integer(0)
            guard row.integer(8) == 1 else { throw broken(position, "the row has its body or its box, or is none") }
            guard row.integer(1) == row.integer(5), let stream = try? StreamName(row.text(9)),
                let feed = try? FeedName(row.text(2)), let state = LetGoState(rawValue: row.integer(4))
            else { throw broken(position, "its stream, feed or state is none") }
            let id = EventID(origin: try names.origin(row.integer(6)), sequence: row.integer(7))
            guard id.origin.node != owner else { throw broken(position, "\(id) is this node's own, and never goes") }
            let fseq = row.integer(3)
            let said = purges[feed]?[fseq]?.last { $0.purged.stream == stream && $0.position > position }
            guard let said else { throw broken(position, "no event of this node says that \(stream) went") }
            switch state {
            case .out:
                guard try stands(said.purged) else {
                    throw broken(position, "\(stream) has not left \(feed) at row \(fseq)")
                }
                result.out += 1
            case .missing where !missing.contains(id):
                throw broken(position, "no event of this node says that \(id) is not to be had")
            case .wanted, .missing: if result.wanted.count < LetGoCheck.limit { result.wanted.append(position) }
            }
        }
        try checkNamed()
        return result
    }

    /// Whether a LEAVE is a row that was received, and the last word on its stream there.
    private func stands(_ purged: Purged) throws(LogFailure) -> Bool {
        let row = try received.rows(of: purged.feed, above: purged.leave.fseq - 1, limit: 1).first
        guard let row, row.cursor == purged.leave, row.content == .leave, row.stream == purged.stream else {
            return false
        }
        return try leftStreams.isLast(purged.leave.fseq, of: purged.stream, in: purged.feed)
    }

    /// What an EVENT row above the LEAVE names came again, with its body.
    private func checkNamed() throws(LogFailure) {
        guard try connection.integer("SELECT 1 FROM letGo LIMIT 1") != nil else { return }
        let named = try connection.integer(
            """
            SELECT l.position FROM receivedRows r CROSS JOIN letGo l ON l.position = r.position
                WHERE l.feed = r.feed AND r.fseq > l.row LIMIT 1
            """)
        guard let named else { return }
        throw broken(named, "its event came again, and its body is gone")
    }
}
