/// What a log keeps of other nodes' feeds, the boxes in what came, and what sleeps in its own.

package import Events

extension SQLiteReader {
    /// Whether the log has ever written a feed row, as a centre's does and a street's does not.
    package func servesFeeds() throws(LogFailure) -> Bool {
        try connection.integer("SELECT 1 FROM feeds LIMIT 1") != nil
    }

    package func asleep(_ stream: StreamName) throws(LogFailure) -> [FeedName] {
        guard let number = try names.number(of: stream, insert: false) else { return [] }
        statements.membership.bind(1, number)
        var feeds: [FeedName] = []
        try statements.membership.forEach { row throws(LogFailure) in
            if row.integer(1) != 0 { feeds.append(try feedName(row.text(0))) }
        }
        return feeds.sorted()
    }

    package func base(of feed: FeedName) throws(LogFailure) -> Int64 {
        let statement = try connection.prepare("SELECT base FROM feeds WHERE name = ?1")
        statement.bind(1, text: feed.text)
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Numbers of streams that one page of sleeping ones goes through: memberships of all feeds lie between.
    private static let reach: Int64 = 5_000

    package func sleeping(in feed: FeedName, below: Int64, limit: Int) throws(LogFailure) -> SleepingPage {
        let end = try min(below, (connection.integer("SELECT max(no) FROM streams") ?? 0) + 1)
        let begin = max(0, end - SQLiteReader.reach)
        let statement = try connection.prepare(
            """
            SELECT m.stream FROM membership m JOIN feeds f ON f.no = m.feed
                WHERE f.name = ?1 AND m.stream >= ?2 AND m.stream < ?3 AND m.since < f.base
                ORDER BY m.stream DESC LIMIT ?4
            """)
        statement.bind(1, text: feed.text)
        statement.bind(2, begin)
        statement.bind(3, end)
        statement.bind(4, Int64(max(1, limit)))
        var numbers: [Int64] = []
        try statement.forEach { row in numbers.append(row.integer(0)) }
        var streams: [StreamName] = []
        var read: [Int64] = []
        var damage: [LogFailure] = []
        for number in numbers {
            switch try LogFailure.orDamage({ () throws(LogFailure) in try names.stream(number) }) {
            case .success(let name):
                streams.append(name)
                read.append(number)
            case .failure(let problem): damage.append(problem)
            }
        }
        return SleepingPage(
            streams: streams, numbers: read, damage: damage,
            below: numbers.count < max(1, limit) ? begin : numbers[numbers.count - 1])
    }

    package func aside(
        _ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int
    ) throws(LogFailure) -> [ReceivedRow] {
        try statements.receivedRows.aside(rewind, of: feed, above: fseq, limit: limit)
    }

    package func signedHead(of feed: FeedName) throws(LogFailure) -> SignedHead? {
        try statements.signedHeads.head(of: feed)
    }

    package func boxes(above position: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        let end = min(try head().position, position + Int64(rows))
        guard end > position, let chain = try chain(at: end) else { return BoxPage(changes: [], end: nil) }
        let (found, damage) = try boxReader.boxes(above: position, through: end)
        return BoxPage(changes: found, end: FeedCursor(fseq: end, chain: chain), damage: damage)
    }

    package func boxes(of feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        try boxReader.boxes(of: feed, above: fseq, rows: Int64(rows))
    }

    package func left(_ feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> LeftPage {
        try leftStreams.page(feed, above: fseq, rows: rows)
    }

    package func wantedBodies(limit: Int, missedBehind place: Int64) throws(LogFailure) -> [WantedBody] {
        try leftStreams.wanted(limit: limit, missedBehind: place)
    }
}
