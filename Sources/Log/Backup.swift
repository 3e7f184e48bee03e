/// The one right way to copy a log, also while a node writes to it.

import CSQLite
package import Events

package enum Backup {
    /// Copies a log into a new file, as it is at one instant, and notes in the copy where it now stands.
    ///
    /// Uses SQLite's backup interface on a connection of its own, in one step, so that the copy is one snapshot
    /// and never waits for the writer (sqlite.org/backup.html).
    ///
    /// - Throws: `LogFailure` when the target exists or a file cannot be read or written.
    package static func copy(from source: String, to target: String) throws(LogFailure) {
        guard FilePlace.of(target) == nil else {
            throw .storage(operation: "back up to \(target)", detail: "the file exists; name a new one", fatal: false)
        }
        let from = try Connection(path: source, mode: .readOnly)
        try from.execute("PRAGMA wal_autocheckpoint = 0;")
        try from.forbidCheckpointOnClose()
        try Schema.check(from)
        let to = try Connection(path: target, mode: .readWrite)
        guard let backup = unsafe sqlite3_backup_init(to.handle, "main", from.handle, "main") else {
            throw to.failure(SQLITE_ERROR, "back up to \(target)")
        }
        let step = unsafe sqlite3_backup_step(backup, -1)
        let finish = unsafe sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finish == SQLITE_OK else {
            throw to.failure(step == SQLITE_DONE ? finish : step, "back up to \(target)")
        }
        try to.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")
        try FilePlace.record(to, path: target)
        try to.execute("PRAGMA journal_mode = WAL;")
    }
}
