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
    package var detail: Words
    package init(table: String, position: Int64, detail: Words) {
        self.table = table
        self.position = position
        self.detail = detail
    }
}

package struct VerifyReport: Sendable, Equatable {
    package var certificate: LogCertificate
    package var streams: Int64
    package var feeds: [FeedName: FeedCursor]
    /// Empty when everything holds; else the first problem of each kind of check.
    package var problems: [VerifyProblem]
    /// Rows of `events` whose content does not give their hash, by position; at most 100, and empty when all is whole.
    package var rotten: [Int64] = []
    /// Rows whose body was let go by right; and those of them, at most 100, that are this node's again and are to come back.
    package var letGo: Int64 = 0
    package var wanted: [Int64] = []
    /// Set when the file is a raw copy of a log that was made without `gridline backup`.
    package var isRawCopy: Bool
    /// The position up to which the head note beside the log vouches for it; nil when there is no note that can be read.
    package var notedPosition: Int64?

    init(problems: [VerifyProblem] = []) {
        certificate = .empty
        streams = 0
        feeds = [:]
        self.problems = problems
        isRawCopy = false
    }
}

package final class Verifier {
    private let connection: Connection
    private let names: Names
    private let rows: EventRows
    private let audience: any Audience
    private let path: String
    private var problems: [VerifyProblem] = []
    /// Longest value that SQLite may hand out, in bytes: a damaged length must not ask for a gigabyte.
    private static let longestValue: Int32 = 4 << 20

    /// - Parameter vfs: SQLite's default file layer unless a test records through its own.
    /// - Throws: `LogFailure` when the file cannot be opened as a log at all.
    private init(path: String, audience: any Audience, vfs: String?) throws(LogFailure) {
        self.path = path
        self.audience = audience
        connection = try Connection(path: path, mode: .readOnly, vfs: vfs)
        connection.limitValues(to: Verifier.longestValue)
        try connection.execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;")
        try connection.forbidCheckpointOnClose()
        try Schema.check(connection)
        names = try Names(connection)
        rows = try EventRows(connection, names: names)
    }

    /// Reads a whole log once.
    ///
    /// A file that SQLite cannot make out is reported like any other damage.
    ///
    /// - Parameters:
    ///   - against: a certificate noted earlier; the log must still hold all that it knows.
    ///   - peer: how far another node has applied feeds of this log; they must still hold all of it.
    ///   - progress: called with the position about every 1,000 events.
    /// - Throws: `LogFailure.storage` when there is no file, or the system does not let it be read.
    package static func verify(
        path: String, audience: any Audience, against: LogCertificate? = nil, peer: [NamedCursor] = [],
        vfs: String? = nil, progress: (Int64) -> Void = { _ in }
    ) throws(LogFailure) -> VerifyReport {
        guard FilePlace.of(path) != nil, FilePlace.isReadable(path) else {
            throw .storage(operation: "verify \(path)", detail: Words(verbatim: FileLock.systemError()), fatal: false)
        }
        do {
            return try Verifier(path: path, audience: audience, vfs: vfs).run(
                against: against, peer: peer, progress: progress)
        } catch {
            return VerifyReport(problems: [Verifier.problem(error)])
        }
    }

    private func run(
        against: LogCertificate?, peer: [NamedCursor], progress: (Int64) -> Void
    ) -> VerifyReport {
        var report = VerifyReport()
        // Read before the snapshot, so that a writer that goes on cannot be ahead of it here.
        let note = HeadNote.read(ofLogAt: path)
        report.notedPosition = note?.position
        let witnesses =
            [note.map { Witness(name: "the head note", certificate: $0) }]
            + [against.map { Witness(name: "the certificate", certificate: $0) }]
        do {
            // One snapshot for all tables, also while a node writes.
            try connection.execute("BEGIN")
            try checkStructure()
            let tables = LocalTables(connection: connection, witnesses: witnesses.compactMap { $0 })
            let owner = try tables.checkOwner()
            var walk = try EventWalk(
                connection: connection, names: names, rows: rows, audience: audience, owner: owner)
            (report.certificate.position, report.certificate.root) = try walk.run(
                against: witnesses.compactMap { $0 }, progress: progress)
            report.streams = walk.streamCount
            report.feeds = walk.feedHeads
            try checkFeeds(report.feeds, against: peer)
            (report.certificate.emptyCommands, report.certificate.emptyRoot) = try tables.checkEmptyCommands()
            (report.certificate.quarantined, report.certificate.quarantineRoot) = try tables.checkQuarantine()
            report.certificate.cursors = try tables.checkReceived()
            try tables.checkSuperseded(told: walk.rewinds)
            let gone = try LetGoCheck(connection, names: names, owner: owner).run(told: walk.bodies)
            (report.letGo, report.wanted) = (gone.out, gone.wanted)
            try connection.execute("COMMIT")
        } catch {
            problems.append(Verifier.problem(error))
            do { report.rotten = try rottenRows() } catch {
                let further = Verifier.problem(error)
                if !problems.contains(further) { problems.append(further) }
            }
        }
        checkWAL()
        report.problems = problems
        report.isRawCopy = isRawCopy()
        return report
    }

    /// The positions of rows whose content does not give their hash; the first of many.
    private func rottenRows() throws(LogFailure) -> [Int64] {
        let page = try connection.prepare(
            "SELECT \(EventColumns.list) FROM events WHERE position > ?1 ORDER BY position LIMIT 1000")
        var found: [Int64] = []
        var last: Int64 = 0
        var isEnd = false
        while !isEnd, found.count < Verifier.rottenLimit {
            page.bind(1, last)
            isEnd = true
            try page.forEach { row throws(LogFailure) in
                isEnd = false
                last = row.integer(0)
                let read = try LogFailure.orDamage { () throws(LogFailure) in try rows.event(row) }
                if case .success(let event) = read, event.isWhole || !event.body.isHere { return }
                found.append(last)
            }
        }
        return Array(found.prefix(Verifier.rottenLimit))
    }

    /// Rotten rows that a report names.
    private static let rottenLimit = 100

    /// What a peer has applied was published, so that a feed that ends before it, or has another chain there, was cut or
    /// written anew.
    private func checkFeeds(_ heads: [FeedName: FeedCursor], against peer: [NamedCursor]) throws(LogFailure) {
        let row = try connection.prepare(
            "SELECT chain FROM feedRows WHERE feed = (SELECT no FROM feeds WHERE name = ?1) AND fseq = ?2")
        for known in peer where known.cursor.fseq > 0 {
            let end = heads[known.feed]?.fseq ?? 0
            guard end >= known.cursor.fseq else {
                throw .corrupt(
                    table: "feedRows", position: end,
                    detail: "\(known.feed) ends here; the peer has applied \(known.cursor.fseq) rows of it")
            }
            row.bind(1, text: known.feed.text)
            row.bind(2, known.cursor.fseq)
            let isSame = try row.step() && row.chain(0) == known.cursor.chain
            row.reset()
            guard isSame else {
                throw .corrupt(
                    table: "feedRows", position: known.cursor.fseq,
                    detail: "\(known.feed): the chain here is not the one that the peer has applied")
            }
        }
    }

    private static func problem(_ failure: LogFailure) -> VerifyProblem {
        switch failure {
        case .corrupt(let table, let position, let detail):
            // A damaged row can claim any position.
            VerifyProblem(table: table, position: max(0, position), detail: detail)
        case .storage(_, let detail, _): VerifyProblem(table: "file", position: 0, detail: detail)
        case .forbidden(_, let detail): VerifyProblem(table: "file", position: 0, detail: detail)
        case .full(let operation): VerifyProblem(table: "file", position: 0, detail: "\(operation): disk full")
        case .exists, .leftover, .held: VerifyProblem(table: "file", position: 0, detail: failure.message)
        }
    }

    /// B-trees, indexes against their tables, and the schema's own text.
    private func checkStructure() throws(LogFailure) {
        let expected = try Connection(path: Connection.inMemory, mode: .readWrite)
        try expected.execute(Schema.statements)
        let listing =
            "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name)"
        if try connection.text(listing) != expected.text(listing) {
            problems.append(
                VerifyProblem(
                    table: "sqlite_schema", position: 0, detail: "the tables are not those of format \(Schema.format)"))
        }
        let answer = try connection.text("PRAGMA integrity_check(1)") ?? ""
        if answer != "ok" {
            problems.append(VerifyProblem(table: "file", position: 0, detail: Words(verbatim: answer)))
        }
    }

    /// A problem of the rows says more than the frame that they were lost with, so this one comes last.
    private func checkWAL() {
        let scan = WALScan(pageSize: Schema.pageSize) { [connection] in
            connection.databasePage($0, size: Schema.pageSize)
        }
        guard let damage = scan.damage(inWALAt: path + "-wal") else { return }
        let place: Words = damage.frame == 0 ? "the header" : "frame \(damage.frame)"
        problems.append(
            VerifyProblem(
                table: "wal", position: damage.frame,
                detail: "\(place) is damaged, and commits stand behind it that SQLite no longer reads"))
    }

    private func isRawCopy() -> Bool {
        do {
            // Writer and backup both note the place, so a file without one is a copy of a database whose WAL stayed behind.
            return try connection.text("SELECT value FROM meta WHERE key = 'place'") != FilePlace.of(path)
        } catch {
            return false
        }
    }
}
