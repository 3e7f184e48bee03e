/// The one right way to copy a log, also while a node writes to it.

import CSQLite
package import Events
import Glibc

package enum Backup {
    /// What has been done, in order; a test ends the process after each.
    enum Phase: CaseIterable { case copied, sealed, synced, named }

    /// Copies a log into a new file, as it is at one instant, and notes in the copy where it now stands.
    ///
    /// Uses SQLite's backup interface on a connection of its own, in one step, so that the copy is one snapshot
    /// and never waits for the writer (sqlite.org/backup.html). The copy gets its name last, after file and folder are
    /// synced: whatever bears the name is whole. What a killed backup leaves is `<target>.partial`, which the next one
    /// to the same target replaces. The copy is one file without a WAL, so that it opens on read-only media too.
    ///
    /// - Parameter configuration: the text of the node's configuration, to be kept in the copy; nil keeps what is there.
    /// - Returns: the position up to which the copy holds the log, and the log's root there.
    /// - Throws: `LogFailure` when the target exists, or a file beside it that SQLite would read into it, or when a file
    ///   cannot be read or written.
    @discardableResult
    package static func copy(
        from source: String, to target: String, configuration: String? = nil
    ) throws(LogFailure) -> LogHead {
        try copy(from: source, to: target, configuration: configuration, vfs: nil) { _ in }
    }

    /// The configuration that a backup was made with; nil when it holds none.
    package static func configuration(in backup: String) throws(LogFailure) -> String? {
        try reader(of: backup, vfs: nil).text("SELECT value FROM meta WHERE key = 'configuration'")
    }

    /// Refuses a backup beside which a WAL stands: it was made without one, so SQLite would read another log's into it.
    ///
    /// A log that a node wrote itself says in its header that it has a WAL, and is read with it. For files that this process
    /// has not open: closing a second descriptor would drop SQLite's locks (`FileBytes`).
    package static func checkAlone(_ backup: String) throws(LogFailure) {
        guard FilePlace.of(backup + "-wal") != nil, let file = FileBytes(path: backup) else { return }
        // The read version of the file format: 1 without a WAL, 2 with one (sqlite.org/fileformat2.html, 1.3).
        guard file.read(at: 19, count: 1) == [1] else { return }
        throw .leftover(path: backup + "-wal", of: backup)
    }

    static func copy(
        from source: String, to target: String, configuration: String? = nil, vfs: String?, after: (Phase) -> Void
    ) throws(LogFailure) -> LogHead {
        try checkPlace(of: target)
        let partial = target + ".partial"
        for suffix in [""] + companions { try remove(partial + suffix) }
        do {
            let from = try reader(of: source, vfs: vfs)
            let to = try Connection(path: partial, mode: .readWrite, vfs: vfs)
            try copyPages(from: from, to: to, target: target)
        }
        after(.copied)
        let head = try seal(partial, configuration, vfs: vfs)
        after(.sealed)
        try sync(partial)
        after(.synced)
        try checkPlace(of: target)
        guard unsafe rename(partial, target) == 0 else { throw failure("name \(target)") }
        try sync(folder(of: target))
        after(.named)
        return head
    }

    private static func reader(of source: String, vfs: String?) throws(LogFailure) -> Connection {
        let from = try Connection(path: source, mode: .readOnly, vfs: vfs)
        try from.execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0;")
        try from.forbidCheckpointOnClose()
        try Schema.check(from)
        return from
    }

    private static func copyPages(from: Connection, to: Connection, target: String) throws(LogFailure) {
        guard let backup = unsafe sqlite3_backup_init(to.handle, "main", from.handle, "main") else {
            throw to.failure(SQLITE_ERROR, "back up to \(target)")
        }
        let step = unsafe sqlite3_backup_step(backup, -1)
        let finish = unsafe sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finish == SQLITE_OK else {
            throw to.failure(step == SQLITE_DONE ? finish : step, "back up to \(target)")
        }
    }

    /// Leaves WAL mode, notes the copy's place in it, and reads its end.
    private static func seal(_ path: String, _ configuration: String?, vfs: String?) throws(LogFailure) -> LogHead {
        let copy = try Connection(path: path, mode: .readWrite, vfs: vfs)
        try copy.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")
        if let configuration {
            let insert = try copy.prepare(
                "INSERT INTO meta(key, value) VALUES ('configuration', ?1) ON CONFLICT(key) DO UPDATE SET value = ?1")
            insert.bind(1, text: configuration)
            try insert.run()
        }
        try FilePlace.record(copy, path: path)
        let row = try copy.prepare("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1")
        guard try row.step() else { return .empty }
        defer { row.reset() }
        guard let chain = row.chain(1) else {
            throw .corrupt(table: "events", position: row.integer(0), detail: "chain is not 16 bytes")
        }
        return LogHead(position: row.integer(0), chain: chain)
    }

    // MARK: - Files

    /// What SQLite takes for a part of a database by its name alone, whichever database it was of.
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Refuses to put a file where one is, or beside what a database of the same name left: a WAL whose checksums hold is
    /// replayed into whatever file bears the name.
    private static func checkPlace(of target: String) throws(LogFailure) {
        guard FilePlace.of(target) == nil else { throw .exists(path: target) }
        for suffix in companions where FilePlace.of(target + suffix) != nil {
            throw .leftover(path: target + suffix, of: target)
        }
    }

    private static func remove(_ path: String) throws(LogFailure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("remove \(path)") }
    }

    /// Syncs a file or a folder.
    private static func sync(_ path: String) throws(LogFailure) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync \(path)") }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ operation: Words) -> LogFailure {
        .storage(operation: operation, detail: Words(verbatim: FileLock.systemError()), fatal: false)
    }
}
