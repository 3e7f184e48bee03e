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
    /// Set when the disk failed under a commit: the page cache can no longer be trusted, so nothing more is written.
    private var fatalFailure: LogFailure?
    /// WAL size, in pages of 8 KiB, above which the writer checkpoints between two commits (16 MiB).
    private static let checkpointFrames: Int32 = 2_048

    package var origin: Origin { writer.origin }
    package var reader: any EventReader { ownReader }

    /// Opens a log for writing.
    ///
    /// - Parameters:
    ///   - path: of `log.sqlite`; made when absent.
    ///   - node: whose log it is.
    ///   - incarnation: 64 fresh random bits; never reuse one.
    ///   - audience: decides the feeds of each event.
    ///   - vfs: SQLite's default file layer unless a test records through its own.
    /// - Throws: `LogFailure.storage` when another process holds the log, or the file is not this node's.
    package convenience init(
        path: String, node: NodeID, incarnation: Incarnation, audience: any Audience, vfs: String? = nil
    ) throws(LogFailure) {
        try self.init(
            path: path, node: node, incarnation: incarnation, audience: audience, vfs: vfs, synchronous: "FULL")
    }

    /// - Parameter synchronous: anything but FULL breaks the promise of `write`; only the test that must catch it asks for less.
    init(
        path: String, node: NodeID, incarnation: Incarnation, audience: any Audience, vfs: String?, synchronous: String
    ) throws(LogFailure) {
        self.path = path
        lock = try FileLock(path: path + ".lock")
        connection = try Connection(path: path, mode: .readWrite, vfs: vfs)
        try connection.execute("PRAGMA synchronous = \(synchronous); PRAGMA mmap_size = 0; PRAGMA cache_size = -32768;")
        try Schema.prepare(connection, node: node)
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
        ownReader = try SQLiteReader(connection: connection)
    }

    deinit {
        // A last checkpoint makes the file whole by itself; when it fails the WAL still holds everything.
        if fatalFailure == nil { try? connection.checkpoint(.truncate) }
    }

    package func write<Result>(_ body: (any LogTransaction) throws -> Result) throws -> Result {
        if let fatalFailure { throw fatalFailure }
        try begin.run()
        let result: Result
        do {
            result = try body(writer)
            try commit.run()
        } catch {
            try undo(after: error)
            throw error
        }
        if connection.walFrames > SQLiteLog.checkpointFrames { try connection.checkpoint(.passive) }
        return result
    }

    private func undo(after error: any Error) throws {
        if let failure = error as? LogFailure, case .storage(_, _, fatal: true) = failure { fatalFailure = failure }
        // SQLite rolls back by itself on a full disk and on I/O errors.
        if connection.isInTransaction { try rollback.run() }
        ownReader.forget()
        if fatalFailure == nil { try writer.reload() }
    }

    /// A second connection that only reads; for another thread.
    package func makeReader() throws(LogFailure) -> SQLiteReader { try SQLiteReader(path: path) }

    /// The pragma as SQLite has it now, for status and for the test that reads it back.
    ///
    /// 2 is FULL.
    package func synchronousLevel() throws(LogFailure) -> Int64 { try connection.integer("PRAGMA synchronous") ?? -1 }
}
