/// The writer's prepared statements; what is written where stands in `docs/format/log.md`.

import Events

struct WriterStatements {
    let insertEvent, insertEmpty, insertQuarantine, findQuarantine, forksInQuarantine: Statement
    let lastEvent, lastEmpty, lastQuarantine, originHeads, hashByID, previousByID, positionByID, streamLast: Statement

    init(_ connection: Connection) throws(LogFailure) {
        insertEvent = try connection.prepare(EventColumns.insert)
        insertEmpty = try connection.prepare(
            "INSERT INTO emptyCommands(no, command, recordedAt, about, chain) VALUES (?1, ?2, ?3, ?4, ?5)")
        insertQuarantine = try connection.prepare(
            """
            INSERT INTO quarantine(origin, sequence, hash, receivedAt, event, no, chain)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        findQuarantine = try connection.prepare(
            "SELECT 1 FROM quarantine WHERE origin = ?1 AND sequence = ?2 AND hash = ?3")
        // What stood in rotten rows has a limit of its own. Few rows, by the index: there are no more than may be.
        forksInQuarantine = try connection.prepare(
            """
            SELECT count(*), ifnull(sum(length(event)), 0) FROM quarantine
                WHERE origin = ?1 AND substr(event, 1, 4) <> x'474C5231'
            """)
        lastEvent = try connection.prepare("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1")
        lastEmpty = try connection.prepare("SELECT no, chain FROM emptyCommands ORDER BY no DESC LIMIT 1")
        lastQuarantine = try connection.prepare("SELECT no, chain FROM quarantine ORDER BY no DESC LIMIT 1")
        originHeads = try connection.prepare(EventColumns.originHeads)
        hashByID = try connection.prepare(
            "SELECT hash, position, body IS NULL FROM events WHERE origin = ?1 AND sequence = ?2")
        positionByID = try connection.prepare("SELECT position, hash FROM events WHERE origin = ?1 AND sequence = ?2")
        previousByID = try connection.prepare("SELECT previous FROM events WHERE origin = ?1 AND sequence = ?2")
        streamLast = try connection.prepare(
            "SELECT origin, max(sequence), max(hlc), count(*) FROM events WHERE stream = ?1 GROUP BY origin ORDER BY origin"
        )
    }
}
