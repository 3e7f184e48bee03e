/// The vault's side of keys that travel: which boxes are here, whose keys are lacking, which may go
/// (`docs/format/identity.md` 4).

package import Events

extension Vault: KeyVault {
    package func place() throws(LogFailure) -> FeedCursor? { try locked { () throws(LogFailure) in try boxes.place() } }

    package func note(
        _ changes: [BoxChange], to place: FeedCursor?, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            if isAnew, holder == nil { try boxes.forget() } else if isAnew { try boxes.leaveAll() }
            for change in changes {
                switch change {
                case .came(let box, let author): try boxes.add(box, of: holder ?? author)
                case .left(let stream): try boxes.leave(stream)
                }
            }
            try boxes.setPlace(place)
        }
    }

    package func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try locked { () throws(LogFailure) in try boxes.wanted(of: holder, below: number, limit: limit) }
    }

    package func wanted(exceptOf holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try locked { () throws(LogFailure) in try boxes.wanted(exceptOf: holder, below: number, limit: limit) }
    }

    package func leaving(above number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try locked { () throws(LogFailure) in try boxes.leaving(above: number, limit: limit) }
    }

    @discardableResult
    package func keep(_ keys: [VaultPerson], at now: Timestamp, needed: Bool) throws(LogFailure) -> Set<PersonID> {
        var kept: Set<PersonID> = []
        try writing { () throws(LogFailure) in
            for one in keys {
                if needed, try !boxes.need(one.person) { continue }
                try boxes.keep(one, at: now)
                kept.insert(one.person)
            }
        }
        return kept
    }

    /// The key of a box for whoever may look into it; absent also where its stream has left this node, or it is expired, and the
    /// key only waits for the centre to say that it has it.
    package func held(for box: Box) throws(LogFailure) -> HeldKey {
        if try locked({ () throws(LogFailure) in try boxes.hasLeft(box) }) { return .absent }
        return try held(box.person)
    }

    package func shared(_ persons: [PersonID]) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for person in persons { try boxes.share(person) }
        }
    }

    package func standing(above number: Int64, limit: Int) throws(LogFailure) -> [StandingBox] {
        try locked { () throws(LogFailure) in try boxes.expiry.standing(above: number, limit: limit) }
    }

    package func isExpired(_ stream: StreamName?) throws(LogFailure) -> Bool {
        try locked { () throws(LogFailure) in try boxes.expiry.isExpired(stream) }
    }

    package func expire(_ ends: [KeyExpired]) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for end in ends { try boxes.expiry.expire(end) }
        }
    }

    package func revive(_ streams: [StreamName]) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for stream in streams { try boxes.expiry.revive(stream) }
        }
    }

    package func gone(limit: Int) throws(LogFailure) -> [KeyExpired] {
        try locked { () throws(LogFailure) in try boxes.expiry.gone(limit: limit) }
    }

    package func told(_ gone: [KeyExpired]) throws(LogFailure) {
        try writing { () throws(LogFailure) in
            for one in gone { try boxes.expiry.told(one) }
        }
    }
}

/// Its statements; used under the vault's lock.
///
/// `boxes.hasLeft`: 1 and 2: the row stays only because the key must not go yet: its stream left this node's feed, or the feed
/// went on behind an earlier row and has not brought it again. 3 and 4: the box is expired: its key is here, or not.
final class VaultBoxes {
    static let schema = """
        CREATE TABLE IF NOT EXISTS boxes(no INTEGER PRIMARY KEY, stream TEXT NOT NULL, person TEXT NOT NULL,
            holder TEXT NOT NULL, isWanted INTEGER NOT NULL, hasLeft INTEGER NOT NULL DEFAULT 0,
            UNIQUE(stream, person)) STRICT;
        CREATE INDEX IF NOT EXISTS boxesByPerson ON boxes(person);
        CREATE INDEX IF NOT EXISTS boxesWanted ON boxes(holder, no) WHERE isWanted;
        CREATE INDEX IF NOT EXISTS boxesLacked ON boxes(no) WHERE isWanted;
        DROP INDEX IF EXISTS boxesLeft;
        CREATE INDEX IF NOT EXISTS boxesLeaving ON boxes(no) WHERE hasLeft IN (1, 2, 3);
        \(VaultExpiry.schema)
        CREATE TABLE IF NOT EXISTS boxPlace(fseq INTEGER NOT NULL, chain BLOB NOT NULL) STRICT;
        """

    private let findPlace, deletePlace, insertPlace, deleteBoxes, leaveBoxes, deleteLeft: Statement
    private let insertBox, leaveStream, personsOfStream: Statement
    private let findWanted, findLacked, findLeaving, findNeed, findLeft: Statement
    private let insertKey, clearWants: Statement
    private let dropKey, dropLookups, dropBoxes: Statement
    let expiry: VaultExpiry

    init(_ connection: Connection) throws(LogFailure) {
        expiry = try VaultExpiry(connection)
        findPlace = try connection.prepare("SELECT fseq, chain FROM boxPlace")
        deletePlace = try connection.prepare("DELETE FROM boxPlace")
        insertPlace = try connection.prepare("INSERT INTO boxPlace(fseq, chain) VALUES (?1, ?2)")
        deleteBoxes = try connection.prepare("DELETE FROM boxes")
        leaveBoxes = try connection.prepare("UPDATE boxes SET hasLeft = 2, isWanted = 0 WHERE hasLeft NOT IN (1, 2)")
        deleteLeft = try connection.prepare(
            """
            DELETE FROM boxes WHERE hasLeft IN (1, 2)
                AND NOT EXISTS (SELECT 1 FROM keys WHERE person = boxes.person AND key IS NOT NULL)
            """)
        insertBox = try connection.prepare(
            """
            INSERT OR REPLACE INTO boxes(stream, person, holder, isWanted, hasLeft)
                SELECT ?1, ?2, ?3, NOT state AND NOT EXISTS
                    (SELECT 1 FROM keys WHERE person = ?2 AND (key IS NOT NULL OR erasedAt IS NOT NULL)), state
                FROM (SELECT ifnull((SELECT hasLeft FROM boxes
                    WHERE stream = ?1 AND person = ?2 AND hasLeft IN (3, 4)), 0) AS state)
            """)
        leaveStream = try connection.prepare("UPDATE boxes SET hasLeft = 1, isWanted = 0 WHERE stream = ?1")
        personsOfStream = try connection.prepare("SELECT person FROM boxes WHERE stream = ?1")
        findWanted = try connection.prepare(
            """
            SELECT no, stream, person FROM boxes WHERE isWanted AND holder = ?1 AND no < ?2 ORDER BY no DESC LIMIT ?3
            """)
        findLacked = try connection.prepare(
            """
            SELECT no, stream, person FROM boxes INDEXED BY boxesLacked
                WHERE isWanted AND holder <> ?1 AND no < ?2 ORDER BY no DESC LIMIT ?3
            """)
        // Not one that a command of this node still needs: the centre's word would not let it go.
        findLeaving = try connection.prepare(
            """
            SELECT no, stream, person FROM boxes b INDEXED BY boxesLeaving
                WHERE hasLeft IN (1, 2, 3) AND no > ?1
                AND EXISTS (SELECT 1 FROM keys WHERE person = b.person AND key IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM boxes WHERE person = b.person AND NOT hasLeft)
                AND NOT EXISTS (SELECT 1 FROM uses WHERE person = b.person) ORDER BY no LIMIT ?2
            """)
        findNeed = try connection.prepare("SELECT 1 FROM boxes WHERE person = ?1 AND NOT hasLeft LIMIT 1")
        findLeft = try connection.prepare(
            "SELECT 1 FROM boxes WHERE stream = ?1 AND person = ?2 AND hasLeft IN (1, 3, 4)")
        insertKey = try connection.prepare(
            """
            INSERT OR IGNORE INTO keys(person, key, createdAt, isConfirmed) VALUES (?1, ?2, ?3, 1)
            """)
        clearWants = try connection.prepare("UPDATE boxes SET isWanted = 0 WHERE person = ?1")
        dropKey = try connection.prepare(
            """
            DELETE FROM keys WHERE person = ?1 AND erasedAt IS NULL
                AND EXISTS (SELECT 1 FROM boxes WHERE person = ?1)
                AND NOT EXISTS (SELECT 1 FROM boxes WHERE person = ?1 AND NOT hasLeft)
                AND NOT EXISTS (SELECT 1 FROM uses WHERE person = ?1) RETURNING 1
            """)
        dropLookups = try connection.prepare("DELETE FROM lookups WHERE person = ?1")
        dropBoxes = try connection.prepare(
            """
            DELETE FROM boxes WHERE person = ?1 AND hasLeft IN (1, 2)
                AND NOT EXISTS (SELECT 1 FROM keys WHERE person = ?1 AND key IS NOT NULL)
            """)
    }

    func place() throws(LogFailure) -> FeedCursor? {
        guard try findPlace.step() else { return nil }
        defer { findPlace.reset() }
        return findPlace.chain(1).map { FeedCursor(fseq: findPlace.integer(0), chain: $0) }
    }

    func setPlace(_ place: FeedCursor?) throws(LogFailure) {
        try deletePlace.run()
        guard let place else { return }
        insertPlace.bind(1, place.fseq)
        insertPlace.bind(2, place.chain)
        try insertPlace.run()
    }

    func forget() throws(LogFailure) { try deleteBoxes.run() }

    /// All boxes have left until they come again.
    func leaveAll() throws(LogFailure) {
        try expiry.forget()
        try leaveBoxes.run()
        try deleteLeft.run()
    }

    /// A box is here, for the first time or again: it gets the next number.
    ///
    /// One that is expired stays so until its stream goes on.
    func add(_ box: Box, of holder: NodeID) throws(LogFailure) {
        insertBox.bind(1, text: box.stream.text)
        insertBox.bind(2, text: box.person.text)
        insertBox.bind(3, text: holder.text)
        try insertBox.run()
    }

    func leave(_ stream: StreamName) throws(LogFailure) {
        try expiry.forget(stream)
        leaveStream.bind(1, text: stream.text)
        try leaveStream.run()
        personsOfStream.bind(1, text: stream.text)
        var persons: [String] = []
        try personsOfStream.forEach { row throws(LogFailure) in persons.append(row.text(0)) }
        for person in persons { try forgetLeft(person) }
    }

    func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        findWanted.bind(1, text: holder.text)
        findWanted.bind(2, number)
        findWanted.bind(3, Int64(limit))
        return try VaultBoxes.numbered(findWanted)
    }

    func wanted(exceptOf holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        findLacked.bind(1, text: holder.text)
        findLacked.bind(2, number)
        findLacked.bind(3, Int64(limit))
        return try VaultBoxes.numbered(findLacked)
    }

    func leaving(above number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        findLeaving.bind(1, number)
        findLeaving.bind(2, Int64(limit))
        return try VaultBoxes.numbered(findLeaving)
    }

    /// Whether a box that has not left needs a person's key.
    func need(_ person: PersonID) throws(LogFailure) -> Bool {
        findNeed.bind(1, text: person.text)
        defer { findNeed.reset() }
        return try findNeed.step()
    }

    func hasLeft(_ box: Box) throws(LogFailure) -> Bool {
        findLeft.bind(1, text: box.stream.text)
        findLeft.bind(2, text: box.person.text)
        defer { findLeft.reset() }
        return try findLeft.step()
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

    /// Lets a key go that is elsewhere, when nothing here needs it and all its boxes have left; with it what finds its person.
    func share(_ person: PersonID) throws(LogFailure) {
        dropKey.bind(1, text: person.text)
        let isDropped = try dropKey.step()
        dropKey.reset()
        if isDropped {
            dropLookups.bind(1, text: person.text)
            try dropLookups.run()
            try expiry.went(person)
        }
        try forgetLeft(person.text)
    }

    /// While a key stays, so does a box that has left: it is found by it later.
    private func forgetLeft(_ person: String) throws(LogFailure) {
        dropBoxes.bind(1, text: person)
        try dropBoxes.run()
    }

    private static func numbered(_ statement: Statement) throws(LogFailure) -> [NumberedBox] {
        var found: [NumberedBox] = []
        try statement.forEach { row throws(LogFailure) in
            found.append(NumberedBox(box: try box(row.text(1), row.text(2)), number: row.integer(0)))
        }
        return found
    }

    static func box(_ stream: String, _ person: String) throws(LogFailure) -> Box {
        guard let stream = try? StreamName(stream), let person = try? PersonID(person) else {
            throw .corrupt(table: "boxes", position: 0, detail: "a stream or person in vault.sqlite is malformed")
        }
        return Box(stream: stream, person: person)
    }
}
