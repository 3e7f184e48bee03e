/// The log on SQLite: one file, one writer, `synchronous=FULL`.
///
/// Opening for writing takes the folder's lock, mints an incarnation and makes the tables if there are
/// none. Only this connection ever checkpoints, between its own commits. The format is
/// `docs/format/log.md`; the contract is `EventLog`, and `Tests/LogContract` holds it.

package import Events

package final class SQLiteLog: EventLog {
    package let path: String
    private let lock: FileLock
    private let connection: Connection
    private let writer: Writer
    private let begin, commit, rollback: Statement
    private let ownReader: SQLiteReader
    private let note: HeadNote
    /// Whether opening came to its end.
    private var isOpen = false
    /// Set when the disk failed under a commit: the page cache can no longer be trusted, so nothing more is written.
    private var fatalFailure: LogFailure?
    /// WAL size, in pages of 8 KiB, above which the writer checkpoints between two commits.
    private let checkpointFrames: Int32
    /// Why the last checkpoint did not come about: a full disk, or one that failed; nil after one that did.
    package private(set) var checkpointFailure: LogFailure?

    package private(set) var commitTimes = CommitTimes()

    package var origin: Origin { writer.origin }
    package var reader: any EventReader { ownReader }
    package var head: LogHead { writer.head }

    /// Opens a log for writing.
    ///
    /// - Parameters:
    ///   - path: of `log.sqlite`; made when absent.
    ///   - node: whose log it is.
    ///   - incarnation: 64 fresh random bits; never reuse one.
    ///   - audience: decides the feeds of each event.
    ///   - vfs: SQLite's default file layer unless a test records through its own.
    /// - Throws: `LogFailure.held` when another process holds the log, `.storage` when the file is not this node's.
    package convenience init(
        path: String, node: NodeID, incarnation: Incarnation, audience: any Audience, vfs: String? = nil
    ) throws(LogFailure) {
        try self.init(
            path: path, node: node, incarnation: incarnation, audience: audience, vfs: vfs, checkpointFrames: 2_048)
    }

    /// - Parameters:
    ///   - synchronous: anything but FULL breaks the promise of `write`; only the test that must catch it asks for less.
    ///   - checkpointFrames: 16 MiB of WAL unless a test wants to see checkpoints sooner.
    init(
        path: String, node: NodeID, incarnation: Incarnation, audience: any Audience, vfs: String?,
        synchronous: String = "FULL", checkpointFrames: Int32 = 2_048
    ) throws(LogFailure) {
        self.path = path
        self.checkpointFrames = checkpointFrames
        lock = try FileLock(path: path + ".lock")
        try SQLiteLog.checkTail(path: path, vfs: vfs)
        connection = try Connection(path: path, mode: .readWrite, vfs: vfs)
        // Until it is certain that this is our log, and whole, closing must leave the WAL as it is.
        try connection.forbidCheckpointOnClose()
        try connection.execute("PRAGMA synchronous = \(synchronous); PRAGMA mmap_size = 0; PRAGMA cache_size = -32768;")
        try Schema.prepare(connection, node: node)
        // A restored backup is in no WAL mode; for any other log this changes nothing.
        try connection.execute("PRAGMA journal_mode = WAL;")
        try connection.execute(
            "PRAGMA synchronous = \(synchronous); PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = OFF;"
        )
        connection.watchWAL()
        try FilePlace.record(connection, path: path)
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        writer = try Writer(
            connection: connection, origin: Origin(node: node, incarnation: incarnation), audience: audience)
        ownReader = try SQLiteReader(connection: connection, lookup: writer.lookup)
        note = try HeadNote(path: HeadNote.path(ofLogAt: path))
        isOpen = true
    }

    /// Whether a process has the log at this path open for writing now.
    package static func isHeld(path: String) throws(LogFailure) -> Bool { try FileLock.isHeld(path: path + ".lock") }

    /// Refuses to write over the traces of a tail that is gone, before any connection that could.
    private static func checkTail(path: String, vfs: String?) throws(LogFailure) {
        guard let known = HeadNote.read(ofLogAt: path), known.position > 0 else { return }
        let connection = try Connection(path: path, mode: .readOnly, vfs: vfs)
        try connection.forbidCheckpointOnClose()
        try Schema.check(connection)
        let row = try connection.prepare("SELECT chain FROM events WHERE position = ?1")
        row.bind(1, known.position)
        if try row.step() {
            defer { row.reset() }
            if row.chain(0) == known.root { return }
        }
        let end = try connection.integer("SELECT max(position) FROM events") ?? 0
        throw .corrupt(
            table: "events", position: min(end, known.position),
            detail: """
                the log ends at \(end) and does not hold the event \(known.position) that it acknowledged; an older copy \
                that is meant to be here needs log.sqlite.head removed
                """)
    }

    deinit {
        // A last checkpoint makes the file whole by itself; when it fails, or the disk has, the WAL still holds everything.
        guard isOpen, fatalFailure == nil, (try? connection.checkpoint(.truncate)) != nil else { return }
        connection.allowCheckpointOnClose()
    }

    package func write<Result>(_ body: (any LogTransaction) throws -> Result) throws -> Result {
        if let fatalFailure { throw fatalFailure }
        try begin.run()
        let result: Result
        do {
            result = try body(writer)
            let began = ContinuousClock.now
            try commit.run()
            let ended = ContinuousClock.now
            commitTimes.note(ended - began, at: ended)
        } catch {
            try undo(after: error)
            throw error
        }
        note.write(writer.certificate)
        keepWALSmall()
        return result
    }

    package func takeDamage() -> [LogFailure] { writer.takeDamage() }
    package func takeUnrecorded() -> [Unrecorded] { writer.takeUnrecorded() }

    /// Checkpoints when the WAL has grown by enough since the last time.
    ///
    /// What was written is durable in the WAL whatever becomes of this, so a failure here never fails the commit
    /// before it; a failed sync stops all later ones.
    private func keepWALSmall() {
        guard connection.freshFrames > checkpointFrames else { return }
        do throws(LogFailure) {
            try connection.checkpoint(.passive)
            checkpointFailure = nil
        } catch {
            checkpointFailure = error
            if case .storage(_, _, fatal: true) = error { fatalFailure = error }
        }
    }

    /// Brings the writer back to what is committed.
    ///
    /// When that fails, its heads are those of a transaction that never was: nothing may be written after them.
    private func undo(after error: any Error) throws(LogFailure) {
        if let failure = error as? LogFailure, case .storage(_, _, fatal: true) = failure { fatalFailure = failure }
        do throws(LogFailure) {
            // SQLite rolls back by itself on a full disk and on I/O errors.
            if connection.isInTransaction { try rollback.run() }
            ownReader.forget()
            if fatalFailure == nil { try writer.reload() }
        } catch {
            fatalFailure = fatalFailure ?? .storage(operation: "roll back", detail: error.message, fatal: true)
            throw error
        }
    }

    /// Rows that the writer's connection went through without an index so far.
    var fullScanSteps: Int { connection.fullScanSteps }

    /// Steps that SQLite did for the writer so far, in statements that it keeps.
    var steps: Int { connection.steps }

    /// The journal mode as SQLite has it now.
    func journalMode() throws(LogFailure) -> String { try connection.text("PRAGMA journal_mode") ?? "" }

    /// Copies the WAL into the database file now; for tests that want part of a log here and part there.
    func copyWAL(emptied: Bool = false) throws(LogFailure) { try connection.checkpoint(emptied ? .truncate : .passive) }

    /// A second connection that only reads; for another thread.
    package func makeReader() throws(LogFailure) -> SQLiteReader { try SQLiteReader(path: path) }

    /// The pragma as SQLite has it now, for the test that reads it back.
    ///
    /// 2 is FULL.
    package func synchronousLevel() throws(LogFailure) -> Int64 { try connection.integer("PRAGMA synchronous") ?? -1 }
}
