// The vault's prepared statements; used under the vault's lock.

import Events

final class VaultStatements {
    let lookupKey: Statement
    private let insertKey, findKey, eraseKey, setConfirmed, deleteKey: Statement
    private let insertUse, allUses, deleteUse, deleteNewUse: Statement
    private let insertLookupRow, keepLookups, deleteLookups, deleteTriedLookups, deleteLookupsOfPerson: Statement
    private let surePersons, personsByLookup: Statement
    private let eraseRows: [Statement]

    init(_ connection: Connection) throws(LogFailure) {
        lookupKey = try connection.prepare("SELECT value FROM meta WHERE name = 'lookupKey'")
        insertKey = try connection.prepare("INSERT OR IGNORE INTO keys(person, key, createdAt) VALUES (?1, ?2, ?3)")
        findKey = try connection.prepare("SELECT key, erasedAt IS NOT NULL FROM keys WHERE person = ?1")
        eraseKey = try connection.prepare(
            """
            INSERT INTO keys(person, createdAt, erasedAt) VALUES (?1, ?2, ?2)
                ON CONFLICT(person) DO UPDATE SET key = NULL, erasedAt = ifnull(erasedAt, ?2)
            """)
        deleteLookupsOfPerson = try connection.prepare("DELETE FROM lookups WHERE person = ?1")
        eraseRows = [
            deleteLookupsOfPerson, try connection.prepare("DELETE FROM newLookups WHERE person = ?1"),
            try connection.prepare("DELETE FROM uses WHERE person = ?1"),
        ]
        insertUse = try connection.prepare("INSERT OR IGNORE INTO uses(person, command, at) VALUES (?1, ?2, ?3)")
        allUses = try connection.prepare("SELECT person, command FROM uses ORDER BY person, command LIMIT 100000")
        deleteUse = try connection.prepare("DELETE FROM uses WHERE person = ?1 AND command = ?2")
        deleteNewUse = try connection.prepare(
            "DELETE FROM uses WHERE person = ?1 AND command = ?2 AND at = ?3 RETURNING 1")
        setConfirmed = try connection.prepare("UPDATE keys SET isConfirmed = 1 WHERE person = ?1")
        deleteKey = try connection.prepare(
            """
            DELETE FROM keys WHERE person = ?1 AND isConfirmed = 0 AND erasedAt IS NULL
                AND NOT EXISTS (SELECT 1 FROM uses WHERE person = ?1) RETURNING 1
            """)
        insertLookupRow = try connection.prepare(
            "INSERT OR IGNORE INTO newLookups(command, person, hmac) VALUES (?1, ?2, ?3)")
        keepLookups = try connection.prepare(
            """
            INSERT OR IGNORE INTO lookups(hmac, person)
                SELECT hmac, person FROM newLookups WHERE command = ?1 AND person = ?2
            """)
        deleteLookups = try connection.prepare("DELETE FROM newLookups WHERE command = ?1 AND person = ?2")
        deleteTriedLookups = try connection.prepare("DELETE FROM newLookups WHERE command = ?1")
        surePersons = try connection.prepare("SELECT person FROM lookups WHERE hmac = ?1 ORDER BY person LIMIT 1000")
        // New ones are those of a turn, and of the few commands that nobody knows the end of: no index leads to them.
        personsByLookup = try connection.prepare(
            """
            SELECT person FROM lookups WHERE hmac = ?1 UNION SELECT person FROM newLookups WHERE hmac = ?1
                ORDER BY person LIMIT 1000
            """)
    }

    /// A person's first key stays.
    func insert(_ person: VaultPerson, at now: Timestamp) throws(LogFailure) {
        insertKey.bind(1, text: person.person.text)
        insertKey.bind(2, blob: person.key.bytes)
        insertKey.bind(3, now.milliseconds)
        try insertKey.run()
    }

    func use(_ person: PersonID, _ command: CommandID, at now: Timestamp) throws(LogFailure) {
        insertUse.bind(1, text: person.text)
        insertUse.bind(2, command)
        insertUse.bind(3, now.milliseconds)
        try insertUse.run()
    }

    /// What finds a person once the command is stored.
    func insertLookup(_ hmac: [UInt8], _ person: PersonID, of command: CommandID) throws(LogFailure) {
        insertLookupRow.bind(1, command)
        insertLookupRow.bind(2, text: person.text)
        insertLookupRow.bind(3, blob: hmac)
        try insertLookupRow.run()
    }

    /// - Parameter person: nil for whoever the command was sealed for.
    func forgetLookups(of command: CommandID, _ person: PersonID? = nil) throws(LogFailure) {
        let statement = person == nil ? deleteTriedLookups : deleteLookups
        statement.bind(1, command)
        if let person { statement.bind(2, text: person.text) }
        try statement.run()
    }

    /// - Parameter isSure: whether only what stored commands brought counts.
    /// - Throws: `.corrupt` when a row names no person; its position is that among the rows that were found.
    func persons(_ hmac: [UInt8], isSure: Bool) throws(LogFailure) -> [PersonID] {
        let statement = isSure ? surePersons : personsByLookup
        statement.bind(1, blob: hmac)
        var found: [PersonID] = []
        try statement.forEach { row throws(LogFailure) in
            // Passing over it would make a new person of a known caller, and hide him from whoever looks for him.
            guard let person = try? PersonID(row.text(0)) else {
                throw .corrupt(
                    table: "lookups", position: Int64(found.count), detail: "a person in vault.sqlite is malformed")
            }
            found.append(person)
        }
        return found
    }

    func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        findKey.bind(1, text: person.text)
        defer { findKey.reset() }
        guard try findKey.step() else { return .absent }
        if findKey.integer(1) != 0 { return .erased }
        guard let key = PersonKey(bytes: findKey.bytes(0)) else {
            throw .corrupt(table: "keys", position: 0, detail: "a key in vault.sqlite is malformed")
        }
        return .here(key)
    }

    /// Leaves a row that says so, also for a key that comes later.
    func erase(_ person: PersonID, at now: Timestamp) throws(LogFailure) {
        eraseKey.bind(1, text: person.text)
        eraseKey.bind(2, now.milliseconds)
        try eraseKey.run()
        for statement in eraseRows {
            statement.bind(1, text: person.text)
            try statement.run()
        }
    }

    /// Uses that are not settled, at most 100,000.
    func uses() throws(LogFailure) -> [(person: PersonID, command: CommandID)] {
        var found: [(person: PersonID, command: CommandID)] = []
        try allUses.forEach { row throws(LogFailure) in
            guard let person = try? PersonID(row.text(0)), let command = row.chain(1) else {
                throw .corrupt(table: "uses", position: Int64(found.count), detail: "a person or command is malformed")
            }
            found.append((person, CommandID(high: command.high, low: command.low)))
        }
        return found
    }

    /// A use whose command is stored: its key stays, and what it brought finds its person.
    func confirm(_ person: PersonID, _ command: CommandID) throws(LogFailure) {
        setConfirmed.bind(1, text: person.text)
        try setConfirmed.run()
        keepLookups.bind(1, command)
        keepLookups.bind(2, text: person.text)
        try keepLookups.run()
        try forgetLookups(of: command, person)
        deleteUse.bind(1, text: person.text)
        deleteUse.bind(2, command)
        try deleteUse.run()
    }

    /// Forgets a use that was written down at this instant; one from before stays.
    ///
    /// - Returns: whether there was one.
    func forgetUse(_ person: PersonID, _ command: CommandID, at instant: Timestamp) throws(LogFailure) -> Bool {
        deleteNewUse.bind(1, text: person.text)
        deleteNewUse.bind(2, command)
        deleteNewUse.bind(3, instant.milliseconds)
        defer { deleteNewUse.reset() }
        return try deleteNewUse.step()
    }

    /// Deletes a key that no command is known to need, with its lookups.
    func deleteUnused(_ person: PersonID) throws(LogFailure) {
        deleteKey.bind(1, text: person.text)
        let isDeleted = try deleteKey.step()
        deleteKey.reset()
        guard isDeleted else { return }
        deleteLookupsOfPerson.bind(1, text: person.text)
        try deleteLookupsOfPerson.run()
    }
}
