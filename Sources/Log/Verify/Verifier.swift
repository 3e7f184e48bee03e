/// Checks a log against itself, from the first event to the last: hashes, chains, numbers, feeds, indexes.
///
/// What a log says of its events follows from the events alone, so everything else is computed anew and
/// compared (`docs/format/log.md`). A cut tail contradicts nothing inside the file: it shows against a
/// certificate that was noted elsewhere (`LogCertificate`).

package import Events

/// One thing that is wrong, with the place where it shows first.
package struct VerifyProblem: Sendable, Equatable {
    package var table: String
    /// The row: a position in `events`, a row number elsewhere; 0 for the file as a whole.
    package var position: Int64
    package var detail: String
    package init(table: String, position: Int64, detail: String) {
        self.table = table
        self.position = position
        self.detail = detail
    }
}

/// What a whole and honest log comes to.
package struct LogCertificate: Sendable, Equatable {
    package var position: Int64
    /// The local chain at `position`.
    package var root: ChainValue
    package var emptyCommands: Int64
    package var emptyRoot: ChainValue

    package init(position: Int64, root: ChainValue, emptyCommands: Int64, emptyRoot: ChainValue) {
        self.position = position
        self.root = root
        self.emptyCommands = emptyCommands
        self.emptyRoot = emptyRoot
    }
}

package struct VerifyReport: Sendable, Equatable {
    package var certificate: LogCertificate
    package var streams: Int64
    package var feeds: [FeedName: FeedCursor]
    /// Empty when everything holds; else the first problem of each kind of check.
    package var problems: [VerifyProblem]
    /// Set when the file is a raw copy of a log that was made without `gridline backup`.
    package var isRawCopy: Bool
}

package final class Verifier {
    private let connection: Connection
    private let names: Names
    private let rows: EventRows
    private let audience: any Audience
    private let path: String
    private var problems: [VerifyProblem] = []

    /// - Throws: `LogFailure` when the file cannot be opened as a log at all.
    package init(path: String, audience: any Audience) throws(LogFailure) {
        self.path = path
        self.audience = audience
        connection = try Connection(path: path, mode: .readOnly)
        try connection.execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;")
        try connection.forbidCheckpointOnClose()
        try Schema.check(connection)
        names = try Names(connection)
        rows = try EventRows(connection, names: names)
    }

    /// Reads the whole log once.
    ///
    /// - Parameters:
    ///   - against: a certificate noted earlier; the log must still have that root at that position.
    ///   - progress: called with the position about every 10,000 events.
    package func run(against: LogCertificate? = nil, progress: (Int64) -> Void = { _ in }) -> VerifyReport {
        var certificate = LogCertificate(position: 0, root: .zero, emptyCommands: 0, emptyRoot: .zero)
        var feeds: [FeedName: FeedCursor] = [:]
        var streams: Int64 = 0
        do {
            // One snapshot for all tables, also while a node writes.
            try connection.execute("BEGIN")
            try checkStructure()
            var walk = try EventWalk(connection: connection, names: names, rows: rows, audience: audience)
            (certificate.position, certificate.root) = try walk.run(against: against, progress: progress)
            streams = walk.streamCount
            feeds = walk.feedHeads
            problems += walk.problems
            (certificate.emptyCommands, certificate.emptyRoot) = try checkEmptyCommands(against: against)
            try checkQuarantine()
            try connection.execute("COMMIT")
        } catch {
            note(error)
        }
        return VerifyReport(
            certificate: certificate, streams: streams, feeds: feeds, problems: problems, isRawCopy: isRawCopy())
    }

    private func note(_ failure: LogFailure) {
        switch failure {
        case .corrupt(let table, let position, let detail):
            problems.append(VerifyProblem(table: table, position: position, detail: detail))
        case .storage(_, let detail, _): problems.append(VerifyProblem(table: "file", position: 0, detail: detail))
        case .full(let operation):
            problems.append(VerifyProblem(table: "file", position: 0, detail: "\(operation): disk full"))
        }
    }

    /// B-trees, indexes against their tables, and the schema's own text.
    private func checkStructure() throws(LogFailure) {
        let expected = try Connection(path: ":memory:", mode: .readWrite)
        try expected.execute(Schema.statements)
        let listing =
            "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name)"
        if try connection.text(listing) != expected.text(listing) {
            problems.append(
                VerifyProblem(
                    table: "sqlite_schema", position: 0, detail: "the tables are not those of format \(Schema.format)"))
        }
        let answer = try connection.text("PRAGMA integrity_check(1)") ?? ""
        if answer != "ok" { problems.append(VerifyProblem(table: "file", position: 0, detail: answer)) }
    }

    private func checkEmptyCommands(against: LogCertificate?) throws(LogFailure) -> (Int64, ChainValue) {
        let statement = try connection.prepare("SELECT no, command, recordedAt, chain FROM emptyCommands ORDER BY no")
        var number: Int64 = 0
        var chain = ChainValue.zero
        while try statement.step() {
            number += 1
            guard let command = statement.chain(1), let stored = statement.chain(3), statement.integer(0) == number
            else {
                defer { statement.reset() }
                throw .corrupt(
                    table: "emptyCommands", position: number,
                    detail: "row \(statement.integer(0)) where \(number) was due")
            }
            chain = LocalChain.value(
                after: chain, no: number, command: CommandID(high: command.high, low: command.low),
                recordedAt: Timestamp(milliseconds: statement.integer(2)))
            guard chain == stored else {
                statement.reset()
                throw .corrupt(
                    table: "emptyCommands", position: number,
                    detail: "its chain value does not follow from the rows before")
            }
            if number == against?.emptyCommands, chain != against?.emptyRoot {
                statement.reset()
                throw .corrupt(
                    table: "emptyCommands", position: number, detail: "its chain value is not that of the certificate")
            }
        }
        if let against, number < against.emptyCommands {
            throw .corrupt(
                table: "emptyCommands", position: number,
                detail: "ends here; the certificate knows \(against.emptyCommands) rows")
        }
        return (number, chain)
    }

    private func checkQuarantine() throws(LogFailure) {
        let statement = try connection.prepare("SELECT no, hash, event FROM quarantine ORDER BY no")
        while try statement.step() {
            if statement.digest(1) == Digest.sha256(statement.bytes(2)) { continue }
            defer { statement.reset() }
            throw .corrupt(
                table: "quarantine", position: statement.integer(0), detail: "the hash is not that of the bytes")
        }
    }

    private func isRawCopy() -> Bool {
        do {
            guard let place = try connection.text("SELECT value FROM meta WHERE key = 'place'") else { return false }
            return place != FilePlace.of(path)
        } catch {
            return false
        }
    }
}
