// One SQLite connection, through the C API: the log decides itself when the disk is synced, who
// checkpoints and which statement stays prepared (`docs/decisions/0002-log-on-the-c-api.md`).
//
// A connection is used by one thread at a time. It opens in `NOMUTEX` mode, so SQLite does not check that.

import CSQLite
import Events

/// A connection and its pointer.
///
/// Safe to hold: the pointer is closed once, when `self` goes.
@safe final class Connection {
    enum Mode { case readWrite, readOnly }
    /// The path of a database without a file.
    static let inMemory = ":memory:"

    /// Valid until `deinit`; never handed out of this module.
    private(set) var handle: OpaquePointer
    private let path: String
    /// 256 MiB: a WAL that has grown so far is not begun anew by itself.
    private static let walLimit: Int32 = 32_768
    /// Frames in the WAL after the last commit, and those of them that were there at the last checkpoint.
    private var walFrames: Int32 = 0
    private var framesAtCheckpoint: Int32 = 0
    /// Frames that the WAL has got since the last checkpoint; the writer checkpoints by it.
    ///
    /// What stood in the WAL before counts no more, copied or not: a reader that stays keeps the WAL from beginning anew, and
    /// would make every commit a checkpoint.
    var freshFrames: Int32 { walFrames - framesAtCheckpoint }

    /// SQLite counts its allocations under one mutex for the whole process, and nobody reads the count.
    ///
    /// False when another library has opened a database first: then it stays so, and costs a little.
    private static let allocatesWithoutMutex = csqlite_config_memory_status(0) == SQLITE_OK

    /// A new file is its owner's alone from its first moment: it holds a log, a backup of one or the vault.
    ///
    /// - Throws: `LogFailure.storage` when SQLite cannot open the file.
    init(path: String, mode: Mode, vfs: String? = nil) throws(LogFailure) {
        let flags =
            switch mode {
            case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            case .readOnly: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
            }
        _ = Connection.allocatesWithoutMutex
        // Where no file can be made, SQLite says why.
        if mode == .readWrite, path != Connection.inMemory { _ = unsafe csqlite_make_private_file(path) }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let detail = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(opened)
            throw .storage(operation: "open \(path)", detail: Words(verbatim: detail), fatal: false)
        }
        unsafe handle = opened
        self.path = path
        unsafe sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs statements that return no rows.
    ///
    /// - Throws: `LogFailure` with SQLite's own words.
    func execute(_ sql: String) throws(LogFailure) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, Words(verbatim: sql)) }
    }

    /// Prepares a statement that lives as long as the connection.
    func prepare(_ sql: String) throws(LogFailure) -> Statement { try Statement(sql, on: self) }

    /// The first column of the first row as an integer; nil when there is no row.
    func integer(_ sql: String) throws(LogFailure) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row as text; nil when there is no row.
    func text(_ sql: String) throws(LogFailure) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : nil
    }

    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Keeps a reader from checkpointing when it closes: only the writer may (SQLite's WAL-reset bug,
    /// sqlite.org/wal.html#walresetbug, is in Debian 12's 3.40.1).
    func forbidCheckpointOnClose() throws(LogFailure) {
        let code = unsafe csqlite_db_config_int(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nil)
        guard code == SQLITE_OK else { throw failure(code, "forbid checkpoint on close") }
    }

    /// Lets SQLite copy the WAL and remove it when the last connection closes; a writer's that has nothing to complain of.
    func allowCheckpointOnClose() { _ = unsafe csqlite_db_config_int(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nil) }

    /// Counts the WAL's frames after each commit, in `freshFrames`.
    func watchWAL() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        // SAFETY: the hook dies with the handle, which dies with self.
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, frames in
                if let context = unsafe context {
                    unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().note(frames)
                }
                return SQLITE_OK
            }, context)
    }

    private func note(_ frames: Int32) {
        // The WAL has begun anew.
        if frames < walFrames { framesAtCheckpoint = 0 }
        walFrames = frames
    }

    enum Checkpoint { case passive, truncate }

    /// Copies the WAL into the database file; what readers still need stays in the WAL.
    func checkpoint(_ kind: Checkpoint) throws(LogFailure) {
        let mode = kind == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
        framesAtCheckpoint = walFrames
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
        // A busy reader delays a checkpoint; the next one catches up. Locked is our own statement that was left open.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw failure(code, "checkpoint") }
        guard walFrames < Connection.walLimit else {
            throw .storage(
                operation: "checkpoint",
                detail: "the WAL holds \(walFrames) pages of 8 KiB, because a reader of the log never ends",
                fatal: false)
        }
    }

    /// Rows that this connection has inserted, changed or deleted since it was opened, undone ones too.
    var changes: Int64 { unsafe sqlite3_total_changes64(handle) }

    /// Rows that this connection's statements went through without an index, since they were prepared.
    var fullScanSteps: Int { status(SQLITE_STMTSTATUS_FULLSCAN_STEP) }

    /// Steps that SQLite's machine did for this connection's statements, since they were prepared: a measure of work that no
    /// busy computer changes.
    var steps: Int { status(SQLITE_STMTSTATUS_VM_STEP) }

    /// A counter of all statements that are prepared now.
    private func status(_ counter: Int32) -> Int {
        var sum = 0
        var statement = unsafe sqlite3_next_stmt(handle, nil)
        while let current = unsafe statement {
            // A counter has 32 bits, and goes round.
            sum += Int(UInt32(bitPattern: unsafe sqlite3_stmt_status(current, counter, 0)))
            unsafe statement = sqlite3_next_stmt(handle, current)
        }
        return sum
    }

    /// The database as its file would be, in one snapshot.
    func serialized() throws(LogFailure) -> [UInt8] {
        var size: sqlite3_int64 = 0
        guard let bytes = unsafe sqlite3_serialize(handle, "main", &size, 0) else {
            throw failure(unsafe sqlite3_errcode(handle), "read \(path)")
        }
        defer { unsafe sqlite3_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(size)))
    }

    /// Bounds what one value or row may take, in bytes.
    func limitValues(to bytes: Int32) { unsafe _ = sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, bytes) }

    /// A page of the database file as it is on the disk, whatever the WAL holds of it; nil when the file ends before.
    ///
    /// - Parameter number: from 1.
    func databasePage(_ number: UInt32, size: Int) -> [UInt8]? {
        var page = [UInt8](repeating: 0, count: size)
        let offset = (Int64(number) - 1) * Int64(size)
        let code = unsafe page.withUnsafeMutableBytes {
            unsafe csqlite_read_database_file(handle, offset, $0.baseAddress, Int32(size))
        }
        return code == SQLITE_OK ? page : nil
    }

    func failure(_ code: Int32, _ operation: Words) -> LogFailure {
        let detail = Words(verbatim: "\(unsafe String(cString: sqlite3_errmsg(handle))) (SQLite \(code), \(path))")
        switch code & 0xFF {
        case SQLITE_FULL: return .full(operation: operation)
        case SQLITE_CONSTRAINT: return .forbidden(operation: operation, detail: detail)
        // A value beyond the bound of `limitValues` is longer than any that a writer stored.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_TOOBIG: return .corrupt(table: "file", position: 0, detail: detail)
        // After a failed sync the page cache cannot be trusted: treat it like damage (log.md of the design, fsync).
        default: return .storage(operation: operation, detail: detail, fatal: code & 0xFF == SQLITE_IOERR)
        }
    }
}
