/// `vault.sqlite`: the keys of sealed identities and what finds them, the only file of a node that forgets
/// (`docs/format/identity.md` 2).
///
/// A key is committed here before the event that needs it is committed in the log. Erasing overwrites the key and its
/// lookups (`secure_delete`) and leaves a row that says so; no journal keeps the old page, since the file is not in WAL mode.

import Crypto
package import Events
import Foundation

/// A person for whom a command seals something.
package struct VaultPerson: Sendable, Equatable {
    package var person: PersonID
    package var key: PersonKey
}

package final class Vault: @unchecked Sendable {
    // SAFETY: every use of the connection and its statements happens under the lock.
    private let lock = NSLock()
    private let file: FileLock
    private let connection: Connection
    private let statements: VaultStatements
    private let lookupKey: SymmetricKey
    /// Milliseconds after which a use that never came to the log is forgotten.
    private static let patience: Int64 = 24 * 3_600_000

    /// Opens the vault for one process.
    ///
    /// - Throws: `LogFailure` when another process holds it or the file is none of ours.
    package init(path: String) throws(LogFailure) {
        file = try FileLock(path: path + ".lock")
        connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(
            """
            PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;
            CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS keys(person TEXT PRIMARY KEY, key BLOB, createdAt INTEGER NOT NULL,
                erasedAt INTEGER, isConfirmed INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS uses(person TEXT NOT NULL, command BLOB NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY(person, command)) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS lookups(hmac BLOB NOT NULL, person TEXT NOT NULL,
                PRIMARY KEY(hmac, person)) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS lookupsByPerson ON lookups(person);
            INSERT OR IGNORE INTO meta(name, value) VALUES ('lookupKey', randomblob(32));
            """)
        statements = try VaultStatements(connection)
        guard try statements.lookupKey.step() else {
            throw .corrupt(table: "meta", position: 0, detail: "the vault has no lookup key")
        }
        lookupKey = SymmetricKey(data: statements.lookupKey.bytes(0))
        statements.lookupKey.reset()
    }

    /// A vault's file as it is at one moment, also of a node that runs.
    ///
    /// - Throws: `LogFailure` when it cannot be read.
    package static func bytes(path: String) throws(LogFailure) -> [UInt8] {
        try Connection(path: path, mode: .readOnly).serialized()
    }

    /// What a command asks for.
    package struct Request: Sendable {
        package var command: CommandID
        /// What finds the person, the surest first; the first that is known decides who it is.
        package var lookups: [String]
        /// Finds nobody, but is found.
        package var mentioned: [String]

        package init(command: CommandID, lookups: [String], mentioned: [String]) {
            self.command = command
            self.lookups = lookups
            self.mentioned = mentioned
        }
    }

    /// Finds or makes a person for each request, and commits all keys to the disk in one transaction.
    package func people(
        for requests: [Request], at now: Timestamp, random: inout some RandomNumberGenerator
    ) throws(LogFailure) -> [VaultPerson] {
        if requests.isEmpty { return [] }
        lock.lock()
        defer { lock.unlock() }
        var found: [VaultPerson] = []
        try transaction { () throws(LogFailure) in
            for request in requests {
                let person =
                    try known(request.lookups)
                    ?? VaultPerson(
                        person: PersonID(random: &random), key: PersonKey(random: &random))
                try statements.insert(person, at: now)
                try statements.use(person.person, request.command, at: now)
                for lookup in request.lookups + request.mentioned {
                    try statements.insertLookup(hmac(lookup), person.person)
                }
                found.append(person)
            }
        }
        return found
    }

    /// The persons that a number finds, sorted; those that were erased are found no more.
    package func find(_ lookup: String) throws(LogFailure) -> [PersonID] {
        lock.lock()
        defer { lock.unlock() }
        return try statements.persons(hmac(lookup))
    }

    /// The key of a person; nil when there is none here, or it was erased.
    package func key(of person: PersonID) throws(LogFailure) -> PersonKey? {
        lock.lock()
        defer { lock.unlock() }
        return try statements.key(of: person)
    }

    /// Destroys persons' keys and lookups, for ever; those that have none are passed over.
    package func erase(_ persons: [PersonID], at now: Timestamp) throws(LogFailure) {
        if persons.isEmpty { return }
        lock.lock()
        defer { lock.unlock() }
        try transaction { () throws(LogFailure) in
            for person in persons { try statements.erase(person, at: now) }
        }
    }

    /// Settles the uses that are older than a day, and deletes keys that no event needs.
    ///
    /// - Parameter isInLog: whether the log has what a command stored.
    /// - Returns: how many keys were deleted.
    package func sweep(at now: Timestamp, isInLog: (CommandID) throws -> Bool) throws -> Int {
        lock.lock()
        defer { lock.unlock() }
        let old = try statements.uses(before: now + -Vault.patience)
        var deleted = 0
        let settled = try old.map { (use: $0, isInLog: try isInLog($0.command)) }
        try transaction { () throws(LogFailure) in
            for (use, isInLog) in settled {
                if isInLog { try statements.confirm(use.person) }
                try statements.forgetUse(use.person, use.command)
            }
            for person in Set(old.map(\.person.text)).sorted() {
                if try statements.deleteUnused(person) { deleted += 1 }
            }
        }
        return deleted
    }

    // MARK: - Under the lock

    private func known(_ lookups: [String]) throws(LogFailure) -> VaultPerson? {
        for lookup in lookups {
            for person in try statements.persons(hmac(lookup)) {
                if let key = try statements.key(of: person) { return VaultPerson(person: person, key: key) }
            }
        }
        return nil
    }

    private func hmac(_ lookup: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(lookup.utf8), using: lookupKey))
    }

    private func transaction(_ body: () throws(LogFailure) -> Void) throws(LogFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            try body()
            try connection.execute("COMMIT")
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }
}
