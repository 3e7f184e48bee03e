/// Rows of other nodes' feeds, kept as they were applied (`docs/format/log.md`, "Received feeds").

import Events

/// Writes them, in the transaction of the events that they brought.
struct ReceivedRowWriter {
    private var feeds: [FeedName: (number: Int64, cursor: FeedCursor)] = [:]
    private let insertRow, insertFeed, heads, chainAt, lastRewind, putAside, remove: Statement
    private let bases: FeedBaseReader
    private let kept: ReceivedRowReader

    init(_ connection: Connection) throws(LogFailure) {
        bases = try FeedBaseReader(connection)
        kept = try ReceivedRowReader(connection)
        insertRow = try connection.prepare(
            """
            INSERT INTO receivedRows(feed, fseq, kind, position, stream, hash, history, common, chain)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        insertFeed = try connection.prepare("INSERT INTO receivedFeeds(name) VALUES (?1) RETURNING no")
        chainAt = try connection.prepare("SELECT chain FROM receivedRows WHERE feed = ?1 AND fseq = ?2")
        lastRewind = try connection.prepare("SELECT ifnull(max(rewind), 0) FROM supersededRows")
        // Rows of a rewound feed stay in the log, in another table.
        putAside = try connection.prepare(
            """
            INSERT INTO supersededRows(rewind, feed, fseq, kind, position, stream, hash, history, common, chain)
                SELECT ?1, feed, fseq, kind, position, stream, hash, history, common, chain FROM receivedRows
                WHERE feed = ?2 AND fseq > ?3
            """)
        remove = try connection.prepare("DELETE FROM receivedRows WHERE feed = ?1 AND fseq > ?2")
        heads = try connection.prepare(
            """
            SELECT f.no, f.name, r.fseq, r.chain FROM receivedFeeds f LEFT JOIN receivedRows r ON r.feed = f.no
                AND r.fseq = (SELECT max(fseq) FROM receivedRows WHERE feed = f.no)
            """)
    }

    /// Puts the rows above a kept one aside; they stay in the log.
    ///
    /// - Returns: the last that was; nil when there was none.
    mutating func rewind(_ feed: FeedName, to cursor: FeedCursor) throws(LogFailure) -> FeedCursor? {
        guard let (number, last) = feeds[feed] else { return nil }
        let seed = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        // Behind it no row is left.
        let isBase = try kept.rows(of: feed, above: 0, limit: 1).first.map { first throws(LogFailure) in
            try bases.base(of: feed, at: first) == cursor
        }
        if cursor != seed, isBase != true {
            chainAt.bind(1, number)
            chainAt.bind(2, cursor.fseq)
            let isKept = try chainAt.step() && chainAt.chain(0) == cursor.chain
            chainAt.reset()
            guard isKept else {
                throw .corrupt(
                    table: "receivedRows", position: cursor.fseq, detail: "\(feed): no such row was kept")
            }
        }
        guard last.fseq > cursor.fseq, try lastRewind.step() else { return nil }
        let rewind = lastRewind.integer(0) + 1
        lastRewind.reset()
        putAside.bind(1, rewind)
        putAside.bind(2, number)
        putAside.bind(3, cursor.fseq)
        try putAside.run()
        remove.bind(1, number)
        remove.bind(2, cursor.fseq)
        try remove.run()
        feeds[feed] = (number, isBase == true ? seed : cursor)
        return last
    }

    /// The number of a feed of which rows are kept.
    func number(of feed: FeedName) -> Int64? { feeds[feed]?.number }

    /// One row that is kept.
    func row(_ fseq: Int64, of feed: FeedName) throws(LogFailure) -> ReceivedRow? {
        try kept.rows(of: feed, above: fseq - 1, limit: 1).first { $0.fseq == fseq }
    }

    /// How far each feed was applied, sorted by feed.
    var cursors: [NamedCursor] {
        feeds.sorted { $0.key < $1.key }.map { NamedCursor($0.key, $0.value.cursor) }
    }

    mutating func reload() throws(LogFailure) {
        feeds.removeAll()
        let heads = heads
        try heads.forEach { row throws(LogFailure) in
            guard let name = try? FeedName(row.text(1)), row.isNull(2) || row.chain(3) != nil else {
                throw .corrupt(
                    table: "receivedRows", position: row.integer(2), detail: "a feed's name or chain is malformed")
            }
            feeds[name] = (
                row.integer(0), FeedCursor(fseq: row.integer(2), chain: row.chain(3) ?? FeedRow.seed(of: name))
            )
        }
    }

    mutating func keep(_ rows: [ReceivedRow], of feed: FeedName) throws(LogFailure) {
        let known = feeds[feed]
        let number: Int64
        if let known { number = known.number } else { number = try insert(feed) }
        var cursor = known?.cursor ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        if cursor.fseq == 0, let first = rows.first, let base = try bases.base(of: feed, at: first) {
            cursor = base
        }
        for row in rows {
            guard row.fseq == cursor.fseq + 1 else {
                throw .corrupt(
                    table: "receivedRows", position: row.fseq, detail: "\(feed): row \(cursor.fseq + 1) is the next one"
                )
            }
            try insert(row, into: number)
            cursor = row.cursor
        }
        feeds[feed] = (number, cursor)
    }

    private func insert(_ feed: FeedName) throws(LogFailure) -> Int64 {
        insertFeed.bind(1, text: feed.text)
        guard try insertFeed.step() else {
            throw .corrupt(table: "receivedFeeds", position: 0, detail: "SQLite gave no number to a new row")
        }
        defer { insertFeed.reset() }
        return insertFeed.integer(0)
    }

    /// An event that is here says its stream and hash itself.
    private func insert(_ row: ReceivedRow, into feed: Int64) throws(LogFailure) {
        let (kind, position, hash, history): (FeedRow.Kind, Int64?, Digest?, Int64) =
            switch row.content {
            case .event(let hash, let position): (.event, position, position == nil ? hash : nil, 0)
            case .join(let history): (.join, nil, nil, history)
            case .leave: (.leave, nil, nil, 0)
            }
        insertRow.bind(1, feed)
        insertRow.bind(2, row.fseq)
        insertRow.bind(3, Int64(kind.rawValue))
        insertRow.bind(4, position)
        if position == nil { insertRow.bind(5, text: row.stream.text) } else { insertRow.bind(5, blob: nil) }
        if let hash { insertRow.bind(6, hash) } else { insertRow.bind(6, blob: nil) }
        insertRow.bind(7, history)
        insertRow.bind(8, row.common)
        insertRow.bind(9, row.chain)
        try insertRow.run()
    }
}

/// Reads where the rows of a feed begin that are kept from a base on (`FeedBase`); also verify's.
struct FeedBaseReader {
    private let event: Statement

    init(_ connection: Connection) throws(LogFailure) {
        event = try connection.prepare(
            "SELECT e.body FROM events e JOIN types t ON t.no = e.type WHERE e.position = ?1 AND t.name = ?2")
    }

    /// The row before a feed's first one, when the event of this says so and it follows from that.
    ///
    /// - Returns: nil for row 1, and for any other that cannot be the first.
    func base(of feed: FeedName, at first: ReceivedRow) throws(LogFailure) -> FeedCursor? {
        guard first.fseq > 1, case .event(_, let position?) = first.content else { return nil }
        event.bind(1, position)
        event.bind(2, text: FeedBase.type.name)
        guard try event.step() else { return nil }
        defer { event.reset() }
        guard let base = FeedBase(event.bytes(0)), base.begins(feed, at: first.fseq),
            first.chain == first.chain(after: base.before.chain)
        else { return nil }
        return base.before
    }
}

/// Reads them; also verify's.
struct ReceivedRowReader {
    private let page, head, aside: Statement

    init(_ connection: Connection) throws(LogFailure) {
        func select(_ table: String, where condition: String) -> String {
            """
            SELECT r.fseq, r.kind, r.position, ifnull(r.stream, s.name), ifnull(r.hash, e.hash), r.history, r.common, r.chain
                FROM \(table) r LEFT JOIN events e ON e.position = r.position LEFT JOIN streams s ON s.no = e.stream
                WHERE \(condition) ORDER BY r.fseq LIMIT ?3
            """
        }
        page = try connection.prepare(
            select("receivedRows", where: "r.feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND r.fseq > ?2"))
        aside = try connection.prepare(
            select(
                "supersededRows",
                where: "r.rewind = ?1 AND r.feed = (SELECT no FROM receivedFeeds WHERE name = ?4) AND r.fseq > ?2"))
        head = try connection.prepare(
            """
            SELECT fseq, chain FROM receivedRows WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1)
                ORDER BY fseq DESC LIMIT 1
            """)
    }

    func cursor(of feed: FeedName) throws(LogFailure) -> FeedCursor? {
        head.bind(1, text: feed.text)
        guard try head.step() else { return nil }
        defer { head.reset() }
        guard let chain = head.chain(1) else { throw ReceivedRowReader.malformed(head.integer(0)) }
        return FeedCursor(fseq: head.integer(0), chain: chain)
    }

    func rows(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow] {
        page.bind(1, text: feed.text)
        page.bind(2, fseq)
        page.bind(3, Int64(max(1, min(limit, 10_000))))
        var rows: [ReceivedRow] = []
        try page.forEach { row throws(LogFailure) in rows.append(try ReceivedRowReader.read(row)) }
        return rows
    }

    /// Rows that were put aside at a rewind.
    func aside(
        _ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int = 10_000
    ) throws(LogFailure) -> [ReceivedRow] {
        aside.bind(1, rewind)
        aside.bind(2, fseq)
        aside.bind(3, Int64(max(1, min(limit, 10_000))))
        aside.bind(4, text: feed.text)
        var rows: [ReceivedRow] = []
        try aside.forEach { row throws(LogFailure) in rows.append(try ReceivedRowReader.read(row)) }
        return rows
    }

    private static func read(_ row: Statement) throws(LogFailure) -> ReceivedRow {
        let fseq = row.integer(0)
        guard let kind = FeedRow.Kind(rawValue: UInt8(clamping: row.integer(1))),
            let stream = try? StreamName(row.text(3)), let chain = row.chain(7)
        else { throw malformed(fseq) }
        let content: ReceivedRow.Content
        switch kind {
        case .event:
            guard let hash = row.digest(4) else { throw malformed(fseq) }
            content = .event(hash, position: row.isNull(2) ? nil : row.integer(2))
        case .join: content = .join(history: row.integer(5))
        case .leave: content = .leave
        }
        return ReceivedRow(fseq: fseq, stream: stream, content: content, common: row.integer(6), chain: chain)
    }

    private static func malformed(_ fseq: Int64) -> LogFailure {
        .corrupt(
            table: "receivedRows", position: fseq,
            detail: "kind, stream, hash or chain is malformed, or the event is gone")
    }
}
