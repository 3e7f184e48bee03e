/// Reads the log in short pages (`EventReader`), on a connection that can neither write nor checkpoint.

package import Events

package final class SQLiteReader: EventReader, StreamScanner {
    let connection: Connection
    let names: Names
    private let rows: EventRows
    let statements: ReaderStatements
    private let lookup: CommandLookup
    private let density: Density
    let boxReader: BoxReader
    let leftStreams: LeftStreamReader

    /// Opens a read-only connection to a log.
    ///
    /// - Parameter vfs: SQLite's default file layer unless a test records through its own.
    /// - Throws: `LogFailure` when the file is missing or no log of this format.
    package convenience init(path: String, vfs: String? = nil) throws(LogFailure) {
        let connection = try Connection(path: path, mode: .readOnly, vfs: vfs)
        try connection.execute(
            "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = 0; PRAGMA cache_size = -16384;")
        try connection.forbidCheckpointOnClose()
        try Schema.check(connection)
        try self.init(connection: connection, lookup: nil)
    }

    /// Reads on a connection that is open.
    ///
    /// - Parameter lookup: the writer's, on the writer's connection.
    init(connection: Connection, lookup: CommandLookup?) throws(LogFailure) {
        self.connection = connection
        names = try Names(connection)
        rows = try EventRows(connection, names: names)
        statements = try ReaderStatements(connection)
        density = try Density(connection)
        boxReader = try BoxReader(connection, names: names)
        leftStreams = try LeftStreamReader(connection, names: names)
        if let lookup {
            self.lookup = lookup
        } else {
            self.lookup = try CommandLookup(connection, rows: rows, isOnly: false)
        }
    }

    /// Runs any statement, for the test that none of them changes a byte.
    func attempt(_ sql: String) throws(LogFailure) { try connection.execute(sql) }

    /// Rows that were read without an index so far.
    var fullScanSteps: Int { connection.fullScanSteps }

    /// Drops what was remembered; needed after a rollback on the same connection.
    func forget() {
        names.forget()
        rows.forget()
    }

    /// The node whose log this is.
    package func node() throws(LogFailure) -> String {
        try connection.text("SELECT value FROM meta WHERE key = 'node'") ?? ""
    }

    // MARK: - Pages

    package func head() throws(LogFailure) -> LogHead {
        guard try statements.head.step() else { return .empty }
        defer { statements.head.reset() }
        guard let chain = statements.head.chain(1) else {
            throw .corrupt(table: "events", position: statements.head.integer(0), detail: "chain is not 16 bytes")
        }
        return LogHead(position: statements.head.integer(0), chain: chain)
    }

    package func page(
        _ scope: ReadScope, _ direction: ReadDirection, from position: Int64, limit: Int
    ) throws(LogFailure) -> [StoredEvent] {
        let limit = max(1, min(limit, 10_000))
        switch scope {
        case .all: return try run(statements.all[direction], from: position, limit: limit) { _ in }
        case .stream(let name):
            guard let number = try names.number(of: name, insert: false) else { return [] }
            return try run(statements.stream[direction], from: position, limit: limit) { $0.bind(3, number) }
        case .origin(let origin):
            guard let number = try names.number(of: origin, insert: false) else { return [] }
            return try run(statements.origin[direction], from: position, limit: limit) { $0.bind(3, number) }
        case .correlation(let name):
            guard let number = try names.number(of: name, insert: false) else { return [] }
            return try run(statements.correlation[direction], from: position, limit: limit) { $0.bind(3, number) }
        case .category(let category):
            return try byBlocks(.key(.category, category), direction, from: position, limit: limit) {
                row throws(LogFailure) in try rows.stream(row).category == category
            }
        case .type(let type):
            return try byBlocks(.key(.type, type), direction, from: position, limit: limit) {
                row throws(LogFailure) in try rows.type(row).name == type
            }
        case .time(let field, let range):
            return try byBlocks(.time(field, range), direction, from: position, limit: limit) { row in
                range.contains(rows.time(row, field))
            }
        }
    }

    private func run(
        _ statement: Statement, from position: Int64, limit: Int, bind: (Statement) -> Void
    ) throws(LogFailure) -> [StoredEvent] {
        statement.bind(1, position)
        statement.bind(2, Int64(max(1, min(limit, 10_000))))
        bind(statement)
        var page: [StoredEvent] = []
        page.reserveCapacity(min(limit, 1_000))
        try statement.forEach { row throws(LogFailure) in page.append(try rows.read(row)) }
        return page
    }

    // MARK: - Reading by blocks

    private enum BlockFilter {
        case key(BlockBuilder.Kind, String)
        case time(ReadScope.TimeField, Range<Timestamp>)
    }

    /// Scans only the blocks that can hold a match, and the unfinished one; a row is read whole only when it is wanted, so
    /// that a damaged one is in nobody's way.
    private func byBlocks(
        _ filter: BlockFilter, _ direction: ReadDirection, from position: Int64, limit: Int,
        matches: (Statement) throws(LogFailure) -> Bool
    ) throws(LogFailure) -> [StoredEvent] {
        let end = try head().position
        let unfinished = end / BlockBuilder.size
        var page: [StoredEvent] = []
        var next: Int64? =
            direction == .forward
            ? BlockBuilder.block(of: max(1, min(position, end) + 1))
            : BlockBuilder.block(of: min(max(2, position) - 1, max(1, end)))
        while page.count < limit, let start = next {
            let found = try block(filter, direction, at: start, unfinished: unfinished)
            guard let found else { break }
            let range = found * BlockBuilder.size + 1...(found + 1) * BlockBuilder.size
            let candidates = statements.block[direction]
            candidates.bind(1, position)
            candidates.bind(2, BlockBuilder.size)
            candidates.bind(3, range.lowerBound)
            candidates.bind(4, range.upperBound)
            try candidates.forEach { row throws(LogFailure) in
                if page.count < limit, try matches(row) { page.append(try rows.read(row)) }
            }
            next = direction == .forward ? found + 1 : (found > 0 ? found - 1 : nil)
        }
        return page
    }

    /// The nearest block from `start` on that can hold a match; the unfinished one always can.
    private func block(
        _ filter: BlockFilter, _ direction: ReadDirection, at start: Int64, unfinished: Int64
    ) throws(LogFailure) -> Int64? {
        if start >= unfinished { return direction == .forward ? (start == unfinished ? unfinished : nil) : unfinished }
        let statement: Statement
        switch filter {
        case .key(let kind, let key):
            statement = statements.blockByKey[direction]
            statement.bind(2, kind.rawValue)
            statement.bind(3, text: key)
        case .time(let field, let range):
            statement = statements.blockByTime(field)[direction]
            statement.bind(2, range.lowerBound.milliseconds)
            statement.bind(3, range.upperBound.milliseconds)
        }
        statement.bind(1, start)
        if try statement.step() {
            defer { statement.reset() }
            return statement.integer(0)
        }
        return direction == .forward ? unfinished : nil
    }

    // MARK: - Single answers

    package func version(of stream: StreamName) throws(LogFailure) -> Int64 {
        guard let number = try names.number(of: stream, insert: false) else { return 0 }
        statements.version.bind(1, number)
        defer { statements.version.reset() }
        return try statements.version.step() ? statements.version.integer(0) : 0
    }

    package func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome? {
        try lookup.outcome(of: command)
    }

    package func event(_ id: EventID) throws(LogFailure) -> StoredEvent? {
        guard let number = try names.number(of: id.origin, insert: false) else { return nil }
        statements.byID.bind(1, number)
        statements.byID.bind(2, id.sequence)
        defer { statements.byID.reset() }
        return try statements.byID.step() ? try rows.read(statements.byID) : nil
    }

    package func id(at position: Int64) throws(LogFailure) -> EventID? {
        statements.byPosition.bind(1, position)
        defer { statements.byPosition.reset() }
        return try statements.byPosition.step() ? rows.id(statements.byPosition) : nil
    }

    package func originHeads() throws(LogFailure) -> [OriginHead] {
        var heads: [OriginHead] = []
        try statements.originHeads.forEach { row throws(LogFailure) in
            guard let hash = row.digest(3) else {
                throw .corrupt(table: "events", position: 0, detail: "the hash of an origin's last event is malformed")
            }
            heads.append(
                OriginHead(origin: try names.origin(row.integer(0)), sequence: row.integer(1), hash: hash))
        }
        return heads.sorted { $0.origin < $1.origin }
    }

    package func denseEnd(of origin: Origin, from known: Int64) throws(LogFailure) -> Int64 {
        guard let number = try names.number(of: origin, insert: false) else { return 0 }
        return try density.end(of: number, from: known)
    }

    package func events(of origin: Origin, above sequence: Int64, limit: Int) throws(LogFailure) -> [Event] {
        guard let number = try names.number(of: origin, insert: false) else { return [] }
        let page = try run(statements.bySequence, from: sequence, limit: limit) { $0.bind(3, number) }
        for one in page { if let failure = LogFailure.unsendable(one.event, at: one.position) { throw failure } }
        return page.map(\.event)
    }

    // MARK: - By stream

    package func lastStreamNumber() throws(LogFailure) -> Int64 {
        defer { statements.lastStream.reset() }
        return try statements.lastStream.step() ? statements.lastStream.integer(0) : 0
    }

    package func chain(at position: Int64) throws(LogFailure) -> ChainValue? {
        if position == 0 { return .zero }
        statements.chainAt.bind(1, position)
        guard try statements.chainAt.step() else { return nil }
        defer { statements.chainAt.reset() }
        guard let chain = statements.chainAt.chain(0) else {
            throw .corrupt(table: "events", position: position, detail: "chain is not 16 bytes")
        }
        return chain
    }

    package func streams(
        of categories: [String], after place: StreamPlace, through last: Int64, upTo position: Int64, limit: Int
    ) throws(LogFailure) -> [ScannedStream] {
        let statement = statements.byStreams
        statement.bind(1, place.number)
        statement.bind(2, place.version)
        statement.bind(3, last)
        statement.bind(4, position)
        statement.bind(5, Int64(max(1, min(limit, 100_000))))
        statement.bind(6, text: JSON.array(categories.map(JSON.string)).canonicalText)
        var page: [ScannedStream] = []
        try statement.forEach { row throws(LogFailure) in
            let event = try rows.event(row, linked: false)
            let place = StreamPlace(number: row.integer(4), version: row.integer(5))
            if page.last?.place.number != place.number { page.append(ScannedStream(place: place, events: [])) }
            page[page.count - 1].place = place
            page[page.count - 1].events.append(event)
        }
        return page
    }

    // MARK: - Feeds

    package func membership(of stream: StreamName) throws(LogFailure) -> [FeedName] {
        guard let number = try names.number(of: stream, insert: false) else { return [] }
        statements.membership.bind(1, number)
        var feeds: [FeedName] = []
        try statements.membership.forEach { row throws(LogFailure) in feeds.append(try feedName(row.text(0))) }
        return feeds.sorted()
    }

    /// The streams that have rows in a feed and are in it now, sorted: those that sleep there are not among them.
    package func streams(in feed: FeedName) throws(LogFailure) -> [StreamName] {
        let statement = try connection.prepare(
            """
            SELECT m.stream FROM membership m JOIN feeds f ON f.no = m.feed WHERE f.name = ?1 AND m.since >= f.base
            """)
        statement.bind(1, text: feed.text)
        var streams: [StreamName] = []
        try statement.forEach { row throws(LogFailure) in streams.append(try names.stream(row.integer(0))) }
        return streams.sorted()
    }

    package func rows(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [FeedRow] {
        let statement = statements.feedRows
        statement.bind(1, text: feed.text)
        statement.bind(2, fseq)
        statement.bind(3, Int64(max(1, min(limit, 10_000))))
        var page: [FeedRow] = []
        var wanted: [(index: Int, position: Int64)] = []
        try statement.forEach { row throws(LogFailure) in
            guard let chain = row.chain(6), let kind = FeedRow.Kind(rawValue: UInt8(clamping: row.integer(1))) else {
                throw .corrupt(table: "feedRows", position: row.integer(0), detail: "kind or chain is malformed")
            }
            if kind == .event { wanted.append((page.count, row.integer(3))) }
            page.append(
                FeedRow(
                    fseq: row.integer(0), stream: try names.stream(row.integer(2)),
                    operation: kind == .join ? .join(history: row.integer(4)) : .leave,
                    common: row.integer(5), chain: chain))
        }
        for (index, position) in wanted {
            statements.byPosition.bind(1, position)
            guard try statements.byPosition.step() else {
                throw .corrupt(
                    table: "feedRows", position: page[index].fseq,
                    detail: "names position \(position), which is not in events")
            }
            defer { statements.byPosition.reset() }
            let event = try rows.event(statements.byPosition)
            if let failure = LogFailure.unsendable(event, at: position) { throw failure }
            page[index].operation = .event(event)
        }
        return page
    }

    package func feedHead(_ feed: FeedName) throws(LogFailure) -> FeedCursor {
        statements.feedHead.bind(1, text: feed.text)
        guard try statements.feedHead.step() else { return FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)) }
        defer { statements.feedHead.reset() }
        guard let chain = statements.feedHead.chain(1) else {
            throw .corrupt(table: "feedRows", position: statements.feedHead.integer(0), detail: "chain is not 16 bytes")
        }
        return FeedCursor(fseq: statements.feedHead.integer(0), chain: chain)
    }

    package func chain(of feed: FeedName, at fseq: Int64) throws(LogFailure) -> ChainValue? {
        let statement = statements.feedChain
        statement.bind(1, text: feed.text)
        statement.bind(2, fseq)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        guard let chain = statement.chain(0) else {
            throw .corrupt(table: "feedRows", position: fseq, detail: "chain is not 16 bytes")
        }
        return chain
    }

    package func cursor(of feed: FeedName) throws(LogFailure) -> FeedCursor? {
        try statements.receivedRows.cursor(of: feed)
    }

    package func received(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow] {
        try statements.receivedRows.rows(of: feed, above: fseq, limit: limit)
    }

    /// The last row of each feed that this node serves, sorted by feed.
    package func feedHeads() throws(LogFailure) -> [NamedCursor] {
        let statement = try connection.prepare("SELECT name FROM feeds")
        var names: [FeedName] = []
        while try statement.step() { names.append(try feedName(statement.text(0))) }
        var heads: [NamedCursor] = []
        for name in names.sorted() { heads.append(NamedCursor(name, try feedHead(name))) }
        return heads
    }

    package func row(of event: EventID, in feed: FeedName, above fseq: Int64) throws(LogFailure) -> Int64? {
        guard let origin = try names.number(of: event.origin, insert: false) else { return nil }
        let statement = try connection.prepare(
            """
            SELECT fseq FROM feedRows WHERE feed = (SELECT no FROM feeds WHERE name = ?1) AND fseq > ?2
                AND position = (SELECT position FROM events WHERE origin = ?3 AND sequence = ?4) LIMIT 1
            """)
        statement.bind(1, text: feed.text)
        statement.bind(2, fseq)
        statement.bind(3, origin)
        statement.bind(4, event.sequence)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.integer(0)
    }

    /// How far each feed of another node was applied here, sorted by feed.
    package func cursors() throws(LogFailure) -> [NamedCursor] {
        let statement = try connection.prepare("SELECT name FROM receivedFeeds")
        var names: [FeedName] = []
        while try statement.step() { names.append(try feedName(statement.text(0))) }
        var found: [NamedCursor] = []
        for name in names.sorted() {
            if let cursor = try cursor(of: name) { found.append(NamedCursor(name, cursor)) }
        }
        return found
    }

    func feedName(_ text: String) throws(LogFailure) -> FeedName {
        guard let name = try? FeedName(text) else {
            throw .corrupt(table: "feeds", position: 0, detail: "\"\(text)\" is no feed's name")
        }
        return name
    }
}
