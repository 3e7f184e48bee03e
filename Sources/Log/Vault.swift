/// `vault.sqlite`: the keys of sealed identities, the only file of a node that forgets.
///
/// A key is committed here before the event that needs it is committed in the log. Erasing overwrites the key
/// (`secure_delete`) and leaves a row that says so; no journal keeps the old page, since the file is not in WAL mode.

package import Events

package final class Vault {
    private let lock: FileLock
    private let connection: Connection
    private let insert, find, erase: Statement

    /// Opens the vault for one process.
    ///
    /// - Throws: `LogFailure` when another process holds it or the file is none of ours.
    package init(path: String) throws(LogFailure) {
        lock = try FileLock(path: path + ".lock")
        connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(
            """
            PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;
            CREATE TABLE IF NOT EXISTS keys(person TEXT PRIMARY KEY, key BLOB, createdAt INTEGER NOT NULL,
                erasedAt INTEGER) STRICT, WITHOUT ROWID;
            """)
        insert = try connection.prepare("INSERT OR IGNORE INTO keys(person, key, createdAt) VALUES (?1, ?2, ?3)")
        find = try connection.prepare("SELECT key FROM keys WHERE person = ?1")
        erase = try connection.prepare(
            "UPDATE keys SET key = NULL, erasedAt = ?2 WHERE person = ?1 AND key IS NOT NULL")
    }

    /// Commits keys to the disk, all or none; a person's first key stays.
    package func add(_ keys: [(person: PersonID, key: PersonKey)], at now: Timestamp) throws(LogFailure) {
        if keys.isEmpty { return }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            for (person, key) in keys {
                insert.bind(1, text: person.text)
                insert.bind(2, blob: key.bytes)
                insert.bind(3, now.milliseconds)
                try insert.run()
            }
            try connection.execute("COMMIT")
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// The key of a person; nil when there is none here, or it was erased.
    package func key(of person: PersonID) throws(LogFailure) -> PersonKey? {
        find.bind(1, text: person.text)
        defer { find.reset() }
        return try find.step() ? PersonKey(bytes: find.bytes(0)) : nil
    }

    /// Destroys a person's key, for ever.
    package func erase(_ person: PersonID, at now: Timestamp) throws(LogFailure) {
        erase.bind(1, text: person.text)
        erase.bind(2, now.milliseconds)
        try erase.run()
    }
}
