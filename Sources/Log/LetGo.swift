/// Bodies that were let go of streams that left (`docs/format/log.md` 11): `letGo` has a row for each, and a NULL body without one is
/// damage.

import Events

/// How a row without a body stands.
enum LetGoState: Int64 {
    /// Its stream is out, and the body went by right.
    case out = 0
    /// The stream is this node's again, and the body is to come back.
    case wanted = 1
    /// Nobody gave it back, which is on record.
    case missing = 2

    var body: EventBody { self == .missing ? .missing : .letGo }
}

/// Keeps the table, in the transactions of the writer.
struct LetGoWriter {
    private let add, remove, state, wantStream, wantAbove, miss, left, empty, refill, aside: Statement

    init(_ connection: Connection) throws(LogFailure) {
        add = try connection.prepare(
            "INSERT OR REPLACE INTO letGo(position, stream, feed, row, state) VALUES (?1, ?2, ?3, ?4, 0)")
        remove = try connection.prepare("DELETE FROM letGo WHERE position = ?1")
        state = try connection.prepare("SELECT state FROM letGo WHERE position = ?1")
        wantStream = try connection.prepare(
            """
            UPDATE letGo INDEXED BY letGoByStream SET state = 1
                WHERE state = 0 AND feed = (SELECT no FROM receivedFeeds WHERE name = ?2)
                AND stream = (SELECT no FROM streams WHERE name = ?1)
            """)
        wantAbove = try connection.prepare(
            """
            UPDATE letGo INDEXED BY letGoByRow SET state = 1
                WHERE state = 0 AND feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND row > ?2
            """)
        miss = try connection.prepare("UPDATE letGo SET state = 2 WHERE position = ?1")
        left = try connection.prepare("SELECT 1 FROM letGo WHERE stream = ?1 AND state < 2 LIMIT 1")
        empty = try connection.prepare("UPDATE events SET body = NULL, sealed = NULL WHERE position = ?1")
        aside = try connection.prepare(
            "SELECT 1 FROM supersededRows INDEXED BY supersededPositions WHERE position = ?1")
        refill = try connection.prepare("UPDATE events SET body = ?2, sealed = ?3 WHERE position = ?1")
    }

    /// - Returns: nil for a row that has its body, or should.
    func state(of position: Int64) throws(LogFailure) -> LetGoState? {
        state.bind(1, position)
        guard try state.step() else { return nil }
        defer { state.reset() }
        return LetGoState(rawValue: state.integer(0))
    }

    /// Whether a row of a feed that was put aside names it.
    func isAside(_ position: Int64) throws(LogFailure) -> Bool {
        aside.bind(1, position)
        defer { aside.reset() }
        return try aside.step()
    }

    /// Takes the body out of a row.
    func letGo(_ position: Int64, stream: Int64, feed: Int64, row: Int64) throws(LogFailure) {
        empty.bind(1, position)
        try empty.run()
        add.bind(1, position)
        add.bind(2, stream)
        add.bind(3, feed)
        add.bind(4, row)
        try add.run()
    }

    /// Gives a row its body back.
    ///
    /// - Parameter event: the row's own, whole.
    func refill(_ position: Int64, _ event: Event) throws(LogFailure) {
        refill.bind(1, position)
        refill.bind(2, utf8: event.body.bytes ?? [])
        refill.bind(3, blob: event.sealed)
        try refill.run()
        remove.bind(1, position)
        try remove.run()
    }

    /// Whether bodies of a stream are still to come back.
    func lacksBodies(_ stream: Int64) throws(LogFailure) -> Bool {
        left.bind(1, stream)
        defer { left.reset() }
        return try left.step()
    }

    /// A stream joined: what of it went is this node's again.
    func want(_ stream: StreamName, of feed: FeedName) throws(LogFailure) {
        wantStream.bind(1, text: stream.text)
        wantStream.bind(2, text: feed.text)
        try wantStream.run()
    }

    /// Rows of a feed were put aside: streams that left in them are this node's again.
    func want(of feed: FeedName, above fseq: Int64) throws(LogFailure) {
        wantAbove.bind(1, text: feed.text)
        wantAbove.bind(2, fseq)
        try wantAbove.run()
    }

    func miss(_ position: Int64) throws(LogFailure) {
        miss.bind(1, position)
        try miss.run()
    }
}

/// Finds the streams that left a feed: by the index of LEAVE rows, however long the feed is.
struct LeftStreamReader {
    private let leaves, lastMove, open, authors, before, latest, last, wanted, missed: Statement
    private let names: Names
    /// The node whose log it is: its own bodies stay.
    private let owner: String
    /// Own rows of a stream behind which what others wrote is not looked for.
    private static let ownRows: Int64 = 1_000

    /// The statement that goes through LEAVE rows, for the test that reads its plan.
    static let leavesStatement = """
        SELECT fseq, stream, chain FROM receivedRows INDEXED BY receivedLeaves
            WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND kind = 3 AND fseq > ?2 ORDER BY fseq LIMIT ?3
        """
    /// The statement for a stream's last JOIN or LEAVE.
    static let lastMoveStatement = """
        SELECT max(fseq) FROM receivedRows INDEXED BY receivedMoves
            WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND stream = ?2 AND kind > 1
        """

    init(_ connection: Connection, names: Names) throws(LogFailure) {
        self.names = names
        owner = try connection.text("SELECT value FROM meta WHERE key = 'node'") ?? ""
        leaves = try connection.prepare(LeftStreamReader.leavesStatement)
        lastMove = try connection.prepare(LeftStreamReader.lastMoveStatement)
        // Of what went under an earlier LEAVE and did not all come back, the rest is to go again.
        open = try connection.prepare(
            "SELECT count(*), ifnull(max(state), 0) FROM letGo INDEXED BY letGoByStream WHERE stream = ?1")
        // What was put aside stays (`Writer.purge`).
        authors = try connection.prepare(
            """
            SELECT origin FROM events e WHERE stream = ?1 AND NOT EXISTS (
                SELECT 1 FROM supersededRows s INDEXED BY supersededPositions WHERE s.position = e.position)
                ORDER BY streamVersion LIMIT ?2
            """)
        before = try connection.prepare(
            """
            SELECT e.stream, e.recordedAt, e.receivedAt FROM receivedRows r CROSS JOIN events e ON e.position = r.position
                WHERE r.feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND r.fseq = ?2
            """)
        latest = try connection.prepare("SELECT max(recordedAt), max(receivedAt) FROM events WHERE stream = ?1")
        last = try connection.prepare("SELECT origin, max(sequence) FROM events WHERE stream = ?1 GROUP BY origin")
        wanted = try connection.prepare(
            """
            SELECT l.position, e.origin, e.sequence, l.state FROM letGo l INDEXED BY letGoWanted CROSS JOIN events e
                ON e.position = l.position WHERE l.state > 0 AND l.state = 1 ORDER BY l.position LIMIT ?1
            """)
        // With the state's bound the index of these rows may be used.
        missed = try connection.prepare(
            """
            SELECT l.position, e.origin, e.sequence, l.state FROM letGo l INDEXED BY letGoWanted CROSS JOIN events e
                ON e.position = l.position WHERE l.state > 0 AND l.state = 2 AND l.position > ?2 AND l.position <= ?3
                ORDER BY l.position LIMIT ?1
            """)
    }

    func page(_ feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> LeftPage {
        leaves.bind(1, text: feed.text)
        leaves.bind(2, fseq)
        leaves.bind(3, Int64(max(1, min(rows, 10_000))))
        var found: [(fseq: Int64, stream: StreamName, chain: ChainValue)] = []
        var page = LeftPage(streams: [], looked: 0, through: nil)
        try leaves.forEach { row throws(LogFailure) in
            page.looked += 1
            page.through = row.integer(0)
            // A malformed row is verify's to name; nothing is let go by it.
            guard let name = try? StreamName(row.text(1)), let chain = row.chain(2) else { return }
            found.append((row.integer(0), name, chain))
        }
        for (fseq, name, chain) in found {
            // What of a stream is damaged keeps that stream, which verify names, and none behind it.
            let read = try LogFailure.orDamage { () throws(LogFailure) in
                try left(name, at: FeedCursor(fseq: fseq, chain: chain), in: feed)
            }
            if case .success(let left?) = read { page.streams.append(left) }
        }
        return page
    }

    /// A stream that left; nil when there is nothing to go.
    private func left(
        _ name: StreamName, at leave: FeedCursor, in feed: FeedName
    ) throws(LogFailure) -> LeftStream? {
        guard try isLast(leave.fseq, of: name, in: feed), let stream = try names.number(of: name, insert: false),
            try isOpen(stream), let since = try since(stream, leftIn: feed, at: leave.fseq)
        else { return nil }
        return LeftStream(stream: name, leave: leave, since: since, last: try ends(of: stream))
    }

    /// Whether no row above moves the stream in the feed.
    func isLast(_ fseq: Int64, of stream: StreamName, in feed: FeedName) throws(LogFailure) -> Bool {
        try lastMove(of: stream, in: feed) == fseq
    }

    /// The stream's last JOIN or LEAVE in the feed; nil when it was never in it.
    func lastMove(of stream: StreamName, in feed: FeedName) throws(LogFailure) -> Int64? {
        lastMove.bind(1, text: feed.text)
        lastMove.bind(2, text: stream.text)
        defer { lastMove.reset() }
        return try lastMove.step() && !lastMove.isNull(0) ? lastMove.integer(0) : nil
    }

    /// Whether something is there to go.
    private func isOpen(_ stream: Int64) throws(LogFailure) -> Bool {
        open.bind(1, stream)
        defer { open.reset() }
        if try open.step(), open.integer(0) > 0 { return open.integer(1) > 0 }
        return try hasForeignRows(stream)
    }

    /// Whether somebody else wrote in a stream; true when its first rows, all own, do not tell.
    private func hasForeignRows(_ stream: Int64) throws(LogFailure) -> Bool {
        authors.bind(1, stream)
        authors.bind(2, LeftStreamReader.ownRows)
        defer { authors.reset() }
        var own: Int64 = 0
        while try authors.step() {
            if try names.origin(authors.integer(0)).node.text != owner { return true }
            own += 1
        }
        return own == LeftStreamReader.ownRows
    }

    private func since(_ stream: Int64, leftIn feed: FeedName, at fseq: Int64) throws(LogFailure) -> Timestamp? {
        before.bind(1, text: feed.text)
        before.bind(2, fseq - 1)
        if try before.step() {
            defer { before.reset() }
            if before.integer(0) == stream {
                return Timestamp(milliseconds: max(before.integer(1), before.integer(2)))
            }
        }
        // One that left when its rows were healed has no event before its LEAVE: it counts from the last of all.
        latest.bind(1, stream)
        defer { latest.reset() }
        guard try latest.step(), !latest.isNull(0) else { return nil }
        return Timestamp(milliseconds: max(latest.integer(0), latest.integer(1)))
    }

    private func ends(of stream: Int64) throws(LogFailure) -> [EventID] {
        last.bind(1, stream)
        var ends: [EventID] = []
        try last.forEach { row throws(LogFailure) in
            ends.append(EventID(origin: try names.origin(row.integer(0)), sequence: row.integer(1)))
        }
        return ends.sorted()
    }

    /// - Parameter place: missed ones begin behind this position, and go on with the first behind the last.
    func wanted(limit: Int, missedBehind place: Int64) throws(LogFailure) -> [WantedBody] {
        let limit = max(1, min(limit, 10_000))
        var found: [WantedBody] = []
        try read(wanted, limit, &found)
        for (above, through) in [(place, Int64.max), (Int64(0), place)] where found.count < limit {
            missed.bind(2, above)
            missed.bind(3, through)
            try read(missed, limit - found.count, &found)
        }
        return found
    }

    private func read(_ rows: Statement, _ limit: Int, _ found: inout [WantedBody]) throws(LogFailure) {
        rows.bind(1, Int64(limit))
        var read: [WantedBody] = []
        try rows.forEach { row throws(LogFailure) in
            // Whose name is damaged is asked of nobody; it keeps no other from being asked for.
            let origin = try LogFailure.orDamage { () throws(LogFailure) in try names.origin(row.integer(1)) }
            guard case .success(let origin) = origin else { return }
            read.append(
                WantedBody(
                    position: row.integer(0), event: EventID(origin: origin, sequence: row.integer(2)),
                    isMissing: row.integer(3) == LetGoState.missing.rawValue))
        }
        found += read
    }
}
