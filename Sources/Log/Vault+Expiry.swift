/// The vault's side of keys that expire (`docs/format/identity.md` 4); used under the vault's lock.
///
/// `expiries` has what is to be told: a row comes with the expiry of a box whose key is here, counts (`isGone`) from the
/// transaction on in which the key goes for it, and goes when it is on record. So a node that dies in between tells it later.

import Events

final class VaultExpiry {
    static let schema = """
        CREATE TABLE IF NOT EXISTS expiries(no INTEGER PRIMARY KEY, stream TEXT NOT NULL, person TEXT NOT NULL,
            event TEXT NOT NULL, isGone INTEGER NOT NULL DEFAULT 0, UNIQUE(stream, person, event)) STRICT;
        CREATE INDEX IF NOT EXISTS expiriesByPerson ON expiries(person);
        """

    private let findStanding, findExpired, findAny: Statement
    private let expireBox, insertExpiry, reviveBoxes: Statement
    private let forgetAll, forgetStream, forgetPerson: Statement
    private let emptyBoxes, markGone, findGone, deleteGone: Statement

    init(_ connection: Connection) throws(LogFailure) {
        findStanding = try connection.prepare(
            """
            SELECT no, stream, person, hasLeft FROM boxes WHERE hasLeft NOT IN (1, 2) AND no > ?1 ORDER BY no LIMIT ?2
            """)
        findExpired = try connection.prepare("SELECT 1 FROM boxes WHERE stream = ?1 AND hasLeft IN (3, 4) LIMIT 1")
        findAny = try connection.prepare("SELECT 1 FROM boxes WHERE hasLeft IN (3, 4) LIMIT 1")
        expireBox = try connection.prepare(
            """
            UPDATE boxes SET isWanted = 0, hasLeft = CASE WHEN EXISTS
                (SELECT 1 FROM keys WHERE person = ?2 AND key IS NOT NULL) THEN 3 ELSE 4 END
                WHERE stream = ?1 AND person = ?2 AND NOT hasLeft RETURNING hasLeft
            """)
        insertExpiry = try connection.prepare(
            "INSERT OR IGNORE INTO expiries(stream, person, event) VALUES (?1, ?2, ?3)")
        reviveBoxes = try connection.prepare(
            """
            UPDATE boxes SET hasLeft = 0, isWanted = NOT EXISTS
                (SELECT 1 FROM keys WHERE person = boxes.person AND (key IS NOT NULL OR erasedAt IS NOT NULL))
                WHERE stream = ?1 AND hasLeft IN (3, 4)
            """)
        forgetAll = try connection.prepare("DELETE FROM expiries WHERE NOT isGone")
        forgetStream = try connection.prepare("DELETE FROM expiries WHERE stream = ?1 AND NOT isGone")
        forgetPerson = try connection.prepare("DELETE FROM expiries WHERE person = ?1 AND NOT isGone")
        emptyBoxes = try connection.prepare("UPDATE boxes SET hasLeft = 4 WHERE person = ?1 AND hasLeft = 3")
        markGone = try connection.prepare("UPDATE expiries SET isGone = 1 WHERE person = ?1")
        findGone = try connection.prepare(
            "SELECT stream, person, event FROM expiries WHERE isGone ORDER BY no LIMIT ?1")
        deleteGone = try connection.prepare(
            "DELETE FROM expiries WHERE stream = ?1 AND person = ?2 AND event = ?3 AND isGone")
    }

    func standing(above number: Int64, limit: Int) throws(LogFailure) -> [StandingBox] {
        findStanding.bind(1, number)
        findStanding.bind(2, Int64(limit))
        var found: [StandingBox] = []
        try findStanding.forEach { row throws(LogFailure) in
            found.append(
                StandingBox(
                    box: try VaultBoxes.box(row.text(1), row.text(2)), number: row.integer(0),
                    isExpired: row.integer(3) != 0))
        }
        return found
    }

    func isExpired(_ stream: StreamName?) throws(LogFailure) -> Bool {
        let statement = stream == nil ? findAny : findExpired
        if let stream { statement.bind(1, text: stream.text) }
        defer { statement.reset() }
        return try statement.step()
    }

    func expire(_ end: KeyExpired) throws(LogFailure) {
        expireBox.bind(1, text: end.box.stream.text)
        expireBox.bind(2, text: end.box.person.text)
        let hasKey = try expireBox.step() && expireBox.integer(0) == 3
        expireBox.reset()
        guard hasKey else { return }
        bind(end, to: insertExpiry)
        try insertExpiry.run()
    }

    func revive(_ stream: StreamName) throws(LogFailure) {
        try forget(stream)
        reviveBoxes.bind(1, text: stream.text)
        try reviveBoxes.run()
    }

    /// Whatever happens to keys from now on, it is for another reason.
    func forget() throws(LogFailure) { try forgetAll.run() }

    func forget(_ stream: StreamName) throws(LogFailure) {
        forgetStream.bind(1, text: stream.text)
        try forgetStream.run()
    }

    /// A person's key is destroyed.
    func destroyed(_ person: PersonID) throws(LogFailure) {
        forgetPerson.bind(1, text: person.text)
        try forgetPerson.run()
        emptyBoxes.bind(1, text: person.text)
        try emptyBoxes.run()
    }

    /// A person's key went, since nothing needed it.
    func went(_ person: PersonID) throws(LogFailure) {
        markGone.bind(1, text: person.text)
        try markGone.run()
        emptyBoxes.bind(1, text: person.text)
        try emptyBoxes.run()
    }

    func gone(limit: Int) throws(LogFailure) -> [KeyExpired] {
        findGone.bind(1, Int64(limit))
        var found: [KeyExpired] = []
        try findGone.forEach { row throws(LogFailure) in
            guard let ended = try? EventID(row.text(2)) else {
                throw .corrupt(table: "expiries", position: 0, detail: "an event in vault.sqlite is malformed")
            }
            found.append(KeyExpired(box: try VaultBoxes.box(row.text(0), row.text(1)), ended: ended))
        }
        return found
    }

    func told(_ gone: KeyExpired) throws(LogFailure) {
        bind(gone, to: deleteGone)
        try deleteGone.run()
    }

    private func bind(_ one: KeyExpired, to statement: Statement) {
        statement.bind(1, text: one.box.stream.text)
        statement.bind(2, text: one.box.person.text)
        statement.bind(3, text: one.ended.description)
    }
}
