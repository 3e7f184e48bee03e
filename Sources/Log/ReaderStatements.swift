/// The reader's prepared statements; each pair reads the same rows forward and backward.

import Events

/// A statement for each direction.
struct DirectedStatement {
    let forward, backward: Statement
    subscript(direction: ReadDirection) -> Statement { direction == .forward ? forward : backward }

    /// - Parameter condition: may use parameters from ?3 on; ?1 is the exclusive position, ?2 the limit.
    init(_ connection: Connection, where condition: String) throws(LogFailure) {
        let select = "SELECT \(EventColumns.list) FROM events WHERE"
        forward = try connection.prepare("\(select) position > ?1 AND \(condition) ORDER BY position LIMIT ?2")
        backward = try connection.prepare("\(select) position < ?1 AND \(condition) ORDER BY position DESC LIMIT ?2")
    }

    init(_ connection: Connection, forward: String, backward: String) throws(LogFailure) {
        self.forward = try connection.prepare(forward)
        self.backward = try connection.prepare(backward)
    }
}

struct ReaderStatements {
    let all, stream, origin, correlation, block: DirectedStatement
    let blockByKey, occurred, recorded, received: DirectedStatement
    let head, version, byID, byPosition, bySequence, originHeads: Statement
    let lastStream, chainAt, byStreams: Statement
    let membership, feedRows, feedHead, feedChain: Statement
    let receivedRows: ReceivedRowReader
    let signedHeads: SignedHeadReader

    init(_ connection: Connection) throws(LogFailure) {
        let select = "SELECT \(EventColumns.list) FROM events WHERE"
        all = try DirectedStatement(connection, where: "1")
        // In a stream, versions grow with positions: the order comes from the index, without a sort.
        stream = try DirectedStatement(
            connection, forward: "\(select) stream = ?3 AND position > ?1 ORDER BY streamVersion LIMIT ?2",
            backward: "\(select) stream = ?3 AND position < ?1 ORDER BY streamVersion DESC LIMIT ?2")
        // The unary plus keeps SQLite from sorting a whole origin for each page.
        origin = try DirectedStatement(connection, where: "+origin = ?3")
        correlation = try DirectedStatement(
            connection, where: "(correlation = ?3 OR (stream = ?3 AND correlation IS NULL))")
        block = try DirectedStatement(connection, where: "position BETWEEN ?3 AND ?4")
        blockByKey = try DirectedStatement(
            connection,
            forward: "SELECT block FROM blockKeys WHERE kind = ?2 AND key = ?3 AND block >= ?1 ORDER BY block LIMIT 1",
            backward:
                "SELECT block FROM blockKeys WHERE kind = ?2 AND key = ?3 AND block <= ?1 ORDER BY block DESC LIMIT 1")
        occurred = try ReaderStatements.times(connection, "occurred")
        recorded = try ReaderStatements.times(connection, "recorded")
        received = try ReaderStatements.times(connection, "received")
        head = try connection.prepare("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1")
        version = try connection.prepare("SELECT max(streamVersion) FROM events WHERE stream = ?1")
        byID = try connection.prepare("\(select) origin = ?1 AND sequence = ?2")
        byPosition = try connection.prepare("\(select) position = ?1")
        bySequence = try connection.prepare("\(select) sequence > ?1 AND origin = ?3 ORDER BY sequence LIMIT ?2")
        originHeads = try connection.prepare(EventColumns.originHeads)
        lastStream = try connection.prepare("SELECT max(no) FROM streams")
        chainAt = try connection.prepare("SELECT chain FROM events WHERE position = ?1")
        byStreams = try connection.prepare(
            """
            SELECT \(EventColumns.list) FROM streams CROSS JOIN events ON stream = no
                WHERE no BETWEEN ?1 AND ?3 AND (no > ?1 OR streamVersion > ?2) AND position <= ?4
                    AND substr(name, 1, instr(name, '/') - 1) IN (SELECT value FROM json_each(?6))
                ORDER BY no, streamVersion LIMIT ?5
            """)
        membership = try connection.prepare(
            "SELECT f.name, m.since < f.base FROM membership m JOIN feeds f ON f.no = m.feed WHERE m.stream = ?1")
        feedRows = try connection.prepare(
            """
            SELECT fseq, kind, stream, position, history, common, chain FROM feedRows
                WHERE feed = (SELECT no FROM feeds WHERE name = ?1) AND fseq > ?2 ORDER BY fseq LIMIT ?3
            """)
        feedHead = try connection.prepare(
            """
            SELECT fseq, chain FROM feedRows WHERE feed = (SELECT no FROM feeds WHERE name = ?1) ORDER BY fseq DESC LIMIT 1
            """)
        feedChain = try connection.prepare(
            "SELECT chain FROM feedRows WHERE feed = (SELECT no FROM feeds WHERE name = ?1) AND fseq = ?2")
        receivedRows = try ReceivedRowReader(connection)
        signedHeads = try SignedHeadReader(connection)
    }

    func blockByTime(_ field: ReadScope.TimeField) -> DirectedStatement {
        switch field {
        case .occurredAt: occurred
        case .recordedAt: recorded
        case .receivedAt: received
        }
    }

    private static func times(_ connection: Connection, _ field: String) throws(LogFailure) -> DirectedStatement {
        let select = "SELECT block FROM blockTimes WHERE \(field)To >= ?2 AND \(field)From < ?3 AND"
        return try DirectedStatement(
            connection, forward: "\(select) block >= ?1 ORDER BY block LIMIT 1",
            backward: "\(select) block <= ?1 ORDER BY block DESC LIMIT 1")
    }
}
