/// The vault's side of keys that travel: which boxes are here, whose keys are lacking, which may go
/// (`docs/format/identity.md` 4).

package import Events

extension Vault: KeyVault {
    package func place() throws(LogFailure) -> FeedCursor? { try locked { () throws(LogFailure) in try boxes.place() } }

    package func note(
        _ changes: [BoxChange], to place: FeedCursor, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            if isAnew { try boxes.forget() }
            for change in changes {
                switch change {
                case .came(let box, let author): try boxes.add(box, of: holder ?? author)
                case .left(let stream): try boxes.leave(stream)
                }
            }
            try boxes.setPlace(place)
        }
    }

    package func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [WantedBox] {
        try locked { () throws(LogFailure) in try boxes.wanted(of: holder, below: number, limit: limit) }
    }

    package func unshared(limit: Int) throws(LogFailure) -> [Box] {
        try locked { () throws(LogFailure) in try boxes.unshared(limit: limit) }
    }

    package func keep(_ keys: [VaultPerson], at now: Timestamp) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for one in keys { try boxes.keep(one, at: now) }
        }
    }

    package func shared(_ persons: [PersonID]) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for person in persons { try boxes.share(person) }
        }
    }
}

/// Its statements; used under the vault's lock.
///
/// `keys.isShared`: the key came from another node, or the centre said that it has it. `boxes.hasLeft`: the stream left this
/// node's feed, and the row stays only because the key must not go yet.
final class VaultBoxes {
    static let schema = """
        CREATE TABLE IF NOT EXISTS boxes(no INTEGER PRIMARY KEY, stream TEXT NOT NULL, person TEXT NOT NULL,
            holder TEXT NOT NULL, isWanted INTEGER NOT NULL, hasLeft INTEGER NOT NULL DEFAULT 0,
            UNIQUE(stream, person)) STRICT;
        CREATE INDEX IF NOT EXISTS boxesByPerson ON boxes(person);
        CREATE INDEX IF NOT EXISTS boxesWanted ON boxes(holder, no) WHERE isWanted;
        CREATE INDEX IF NOT EXISTS boxesLeft ON boxes(no) WHERE hasLeft;
        CREATE TABLE IF NOT EXISTS boxPlace(fseq INTEGER NOT NULL, chain BLOB NOT NULL) STRICT;
        """

    private let findPlace, deletePlace, insertPlace, deleteBoxes: Statement
    private let insertBox, leaveStream, personsOfStream, findWanted, findUnshared: Statement
    private let insertKey, clearWants, setShared: Statement
    private let dropKey, dropLookups, dropBoxes: Statement

    init(_ connection: Connection) throws(LogFailure) {
        findPlace = try connection.prepare("SELECT fseq, chain FROM boxPlace")
        deletePlace = try connection.prepare("DELETE FROM boxPlace")
        insertPlace = try connection.prepare("INSERT INTO boxPlace(fseq, chain) VALUES (?1, ?2)")
        deleteBoxes = try connection.prepare("DELETE FROM boxes")
        insertBox = try connection.prepare(
            """
            INSERT OR REPLACE INTO boxes(stream, person, holder, isWanted) VALUES (?1, ?2, ?3, NOT EXISTS
                (SELECT 1 FROM keys WHERE person = ?2 AND (key IS NOT NULL OR erasedAt IS NOT NULL)))
            """)
        leaveStream = try connection.prepare("UPDATE boxes SET hasLeft = 1, isWanted = 0 WHERE stream = ?1")
        personsOfStream = try connection.prepare("SELECT person FROM boxes WHERE stream = ?1")
        findWanted = try connection.prepare(
            """
            SELECT no, stream, person FROM boxes WHERE isWanted AND holder = ?1 AND no < ?2 ORDER BY no DESC LIMIT ?3
            """)
        findUnshared = try connection.prepare(
            """
            SELECT b.stream, b.person FROM boxes b JOIN keys k ON k.person = b.person
                WHERE b.hasLeft AND k.key IS NOT NULL AND NOT k.isShared ORDER BY b.no LIMIT ?1
            """)
        insertKey = try connection.prepare(
            """
            INSERT INTO keys(person, key, createdAt, isConfirmed, isShared) VALUES (?1, ?2, ?3, 1, 1)
                ON CONFLICT(person) DO UPDATE SET isShared = 1
            """)
        clearWants = try connection.prepare("UPDATE boxes SET isWanted = 0 WHERE person = ?1")
        setShared = try connection.prepare("UPDATE keys SET isShared = 1 WHERE person = ?1")
        // Not one that a command of this node still needs, and not one that nobody else is known to have.
        dropKey = try connection.prepare(
            """
            DELETE FROM keys WHERE person = ?1 AND isShared AND erasedAt IS NULL
                AND NOT EXISTS (SELECT 1 FROM boxes WHERE person = ?1 AND NOT hasLeft)
                AND NOT EXISTS (SELECT 1 FROM uses WHERE person = ?1) RETURNING 1
            """)
        dropLookups = try connection.prepare("DELETE FROM lookups WHERE person = ?1")
        dropBoxes = try connection.prepare(
            """
            DELETE FROM boxes WHERE person = ?1 AND hasLeft
                AND NOT EXISTS (SELECT 1 FROM keys WHERE person = ?1 AND key IS NOT NULL)
            """)
    }

    func place() throws(LogFailure) -> FeedCursor? {
        guard try findPlace.step() else { return nil }
        defer { findPlace.reset() }
        return findPlace.chain(1).map { FeedCursor(fseq: findPlace.integer(0), chain: $0) }
    }

    func setPlace(_ place: FeedCursor) throws(LogFailure) {
        try deletePlace.run()
        insertPlace.bind(1, place.fseq)
        insertPlace.bind(2, place.chain)
        try insertPlace.run()
    }

    func forget() throws(LogFailure) { try deleteBoxes.run() }

    /// A box is here, for the first time or again: it gets the next number.
    func add(_ box: Box, of holder: NodeID) throws(LogFailure) {
        insertBox.bind(1, text: box.stream.text)
        insertBox.bind(2, text: box.person.text)
        insertBox.bind(3, text: holder.text)
        try insertBox.run()
    }

    func leave(_ stream: StreamName) throws(LogFailure) {
        leaveStream.bind(1, text: stream.text)
        try leaveStream.run()
        personsOfStream.bind(1, text: stream.text)
        var persons: [String] = []
        try personsOfStream.forEach { row throws(LogFailure) in persons.append(row.text(0)) }
        for person in persons { try drop(person) }
    }

    func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [WantedBox] {
        findWanted.bind(1, text: holder.text)
        findWanted.bind(2, number)
        findWanted.bind(3, Int64(limit))
        var found: [WantedBox] = []
        try findWanted.forEach { row throws(LogFailure) in
            found.append(WantedBox(box: try VaultBoxes.box(row.text(1), row.text(2)), number: row.integer(0)))
        }
        return found
    }

    func unshared(limit: Int) throws(LogFailure) -> [Box] {
        findUnshared.bind(1, Int64(limit))
        var found: [Box] = []
        try findUnshared.forEach { row throws(LogFailure) in
            found.append(try VaultBoxes.box(row.text(0), row.text(1)))
        }
        return found
    }

    func keep(_ one: VaultPerson, at now: Timestamp) throws(LogFailure) {
        insertKey.bind(1, text: one.person.text)
        insertKey.bind(2, blob: one.key.bytes)
        insertKey.bind(3, now.milliseconds)
        try insertKey.run()
        try clear(one.person)
    }

    /// Asks nobody for a person's key any more.
    func clear(_ person: PersonID) throws(LogFailure) {
        clearWants.bind(1, text: person.text)
        try clearWants.run()
    }

    func share(_ person: PersonID) throws(LogFailure) {
        setShared.bind(1, text: person.text)
        try setShared.run()
        try drop(person.text)
    }

    /// Lets a key go that nothing here needs, and that is elsewhere; with it what finds its person.
    private func drop(_ person: String) throws(LogFailure) {
        dropKey.bind(1, text: person)
        let isDropped = try dropKey.step()
        dropKey.reset()
        if isDropped {
            dropLookups.bind(1, text: person)
            try dropLookups.run()
        }
        // While the key stays, so does the box: it is found by it later.
        dropBoxes.bind(1, text: person)
        try dropBoxes.run()
    }

    private static func box(_ stream: String, _ person: String) throws(LogFailure) -> Box {
        guard let stream = try? StreamName(stream), let person = try? PersonID(person) else {
            throw .corrupt(table: "boxes", position: 0, detail: "a stream or person in vault.sqlite is malformed")
        }
        return Box(stream: stream, person: person)
    }
}
