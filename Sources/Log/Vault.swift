/// `vault.sqlite`: the keys of sealed identities and what finds them, the only file of a node that forgets
/// (`docs/format/identity.md` 2).
///
/// A key is committed here before the event that needs it is committed in the log. Erasing overwrites the key and its
/// lookups (`secure_delete`) and leaves a row that says so; no journal keeps the old page, since the file is not in WAL mode.

import Crypto
package import Events
import Foundation

package final class Vault: @unchecked Sendable {
    // SAFETY: every use of the connection and its statements happens under the lock.
    private let lock = NSLock()
    private let file: FileLock
    private let connection: Connection
    private let statements: VaultStatements
    let boxes: VaultBoxes
    private let lookupKey: SymmetricKey
    /// Commands that are stored, which the next transaction takes down.
    private var stored: [Use] = []

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
            CREATE TABLE IF NOT EXISTS newLookups(command BLOB NOT NULL, person TEXT NOT NULL, hmac BLOB NOT NULL,
                PRIMARY KEY(command, person, hmac)) STRICT, WITHOUT ROWID;
            INSERT OR IGNORE INTO meta(name, value) VALUES ('lookupKey', randomblob(32));
            \(VaultBoxes.schema)
            """)
        boxes = try VaultBoxes(connection)
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

    /// That a command seals something under a person's key.
    package typealias Use = (person: PersonID, command: CommandID)

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
    ///
    /// What a request brings to look a person up by decides about nobody before its command is stored (`keep`): a refused
    /// one may have it wrong. So requests of one call are taken for one person only when they bring the same.
    /// - Parameter leaving: persons whose key is about to be destroyed; nobody is found to be one of them.
    /// - Returns: in the order of the requests; a failure where what finds its person, or the key, is damaged: nothing is kept of
    ///   that request, and the others are none the worse.
    /// - Throws: `LogFailure` when nothing can be written.
    package func people(
        for requests: [Request], leaving: Set<PersonID> = [], at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) throws(LogFailure) -> [Result<VaultPerson, LogFailure>] {
        if requests.isEmpty { return [] }
        lock.lock()
        defer { lock.unlock() }
        var found: [Result<VaultPerson, LogFailure>] = []
        var made: [[String]: VaultPerson] = [:]
        try transaction { () throws(LogFailure) in
            for request in requests {
                let known = try LogFailure.orDamage { () throws(LogFailure) in
                    try self.known(request.lookups, leaving)
                }
                guard case .success(let one) = known else {
                    if case .failure(let damage) = known { found.append(.failure(damage)) }
                    continue
                }
                let person =
                    one ?? made[request.lookups]
                    ?? VaultPerson(
                        person: PersonID(random: &random), key: PersonKey(random: &random))
                if !request.lookups.isEmpty { made[request.lookups] = person }
                found.append(.success(person))
                // What an earlier try brought, of which nobody knows how it ended.
                try statements.forgetLookups(of: request.command)
            }
            for (request, result) in zip(requests, found) {
                guard case .success(let person) = result else { continue }
                try statements.insert(person, at: now)
                try statements.use(person.person, request.command, at: now)
                for lookup in request.lookups {
                    try statements.insertLookup(hmac(lookup), person.person, of: request.command)
                }
                for number in request.mentioned {
                    try statements.insertLookup(hmac(mention: number), person.person, of: request.command)
                }
            }
        }
        return found
    }

    /// The persons that a number finds, their own or one in their texts, sorted; those that were erased are found no more.
    package func find(_ lookup: String) throws(LogFailure) -> [PersonID] {
        lock.lock()
        defer { lock.unlock() }
        let own = try statements.persons(hmac(lookup), isSure: false)
        return Set(own + (try statements.persons(hmac(mention: lookup), isSure: false))).sorted { $0.text < $1.text }
    }

    /// The key of a person; nil when it is not here, whatever the reason.
    package func key(of person: PersonID) throws(LogFailure) -> PersonKey? { try held(person).key }

    /// The key of a person, or why it is not here.
    package func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        lock.lock()
        defer { lock.unlock() }
        return try statements.held(person)
    }

    /// Destroys persons' keys and lookups, for ever; those that have none are passed over.
    package func erase(_ persons: [PersonID], at now: Timestamp) throws(LogFailure) {
        if persons.isEmpty { return }
        lock.lock()
        defer { lock.unlock() }
        try transaction { () throws(LogFailure) in
            for person in persons {
                try statements.erase(person, at: now)
                try boxes.clear(person)
                try boxes.expiry.destroyed(person)
            }
        }
    }

    /// Notes that commands are stored: their keys stay, and what they brought finds their persons from now on.
    ///
    /// It costs no transaction: the next one takes it down, or else the next start.
    package func keep(_ uses: [Use]) {
        lock.lock()
        defer { lock.unlock() }
        stored += uses
    }

    /// Confirms the keys of uses that the log has, with what finds their persons.
    ///
    /// A use that it has not stays, and its key with it: the log may have been restored from an older copy than the vault,
    /// and the event come back from another node, or from an export, however late.
    /// - Parameter isInLog: whether the log has a box of the person under the command.
    package func confirm(isInLog: (Use) throws -> Bool) throws {
        lock.lock()
        defer { lock.unlock() }
        let settled = try statements.uses().filter { try isInLog($0) }
        if settled.isEmpty { return }
        try transaction { () throws(LogFailure) in
            for use in settled { try statements.confirm(use.person, use.command) }
        }
    }

    /// Forgets uses whose command is known to have stored nothing, with what it brought, and deletes keys that nothing else
    /// needs.
    ///
    /// - Parameter now: of the `people` call that wrote them down. A use from before it stays: its command may have been
    ///   stored in what a restored log has lost.
    package func release(_ uses: [Use], at now: Timestamp) throws(LogFailure) {
        if uses.isEmpty { return }
        lock.lock()
        defer { lock.unlock() }
        try transaction { () throws(LogFailure) in
            for use in uses where try statements.forgetUse(use.person, use.command, at: now) {
                try statements.forgetLookups(of: use.command, use.person)
            }
            for use in uses { try statements.deleteUnused(use.person) }
        }
    }

    // MARK: - Under the lock

    func locked<T>(_ body: () throws(LogFailure) -> T) throws(LogFailure) -> T {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }

    /// A transaction of its own.
    func writing(_ body: () throws(LogFailure) -> Void) throws(LogFailure) {
        try locked { () throws(LogFailure) in try transaction(body) }
    }

    private func known(_ lookups: [String], _ leaving: Set<PersonID>) throws(LogFailure) -> VaultPerson? {
        for lookup in lookups {
            for person in try statements.persons(hmac(lookup), isSure: true) where !leaving.contains(person) {
                if let key = try statements.held(person).key { return VaultPerson(person: person, key: key) }
            }
        }
        return nil
    }

    private func hmac(_ lookup: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(lookup.utf8), using: lookupKey))
    }

    /// Of a number in a text, which may be anybody's: another than that of a person's own, so that it decides about nobody.
    private func hmac(mention number: String) -> [UInt8] { hmac("mention:" + number) }

    private func transaction(_ body: () throws(LogFailure) -> Void) throws(LogFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            for use in stored { try statements.confirm(use.person, use.command) }
            try body()
            try connection.execute("COMMIT")
            stored = []
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }
}
