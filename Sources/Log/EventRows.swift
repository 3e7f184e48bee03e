/// Rows of `events` to `StoredEvent` and back: the one place that knows the columns' order.

import Events

enum EventColumns {
    /// The last event of every origin: its number, sequence, position and hash.
    ///
    /// CROSS JOIN keeps SQLite from going through all events for the few origins: without statistics it thinks that
    /// the larger table is the smaller one.
    static let originHeads = """
        SELECT o.no, e.sequence, e.position, e.hash FROM origins o CROSS JOIN events e ON e.origin = o.no
            AND e.sequence = (SELECT max(sequence) FROM events WHERE origin = o.no) ORDER BY o.no
        """

    /// The columns that `EventRows.read` reads, in its order.
    static let list = """
        position, origin, sequence, hlc, stream, streamVersion, type, basis, actor, occurredAt, recordedAt, receivedAt, \
        command, "index", causation, correlation, body, sealed, algorithm, previous, hash
        """
    static let insert = """
        INSERT INTO events(\(list), chain) VALUES
        (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
        """
}

/// Decodes rows; remembers the last hash of each origin, from which the `previous` of most rows follows.
final class EventRows {
    private let names: Names
    private let hashByID, stream, byPosition, letGo: Statement
    private var lastHash: [Int64: (sequence: Int64, hash: Digest)] = [:]

    init(_ connection: Connection, names: Names) throws(LogFailure) {
        self.names = names
        hashByID = try connection.prepare("SELECT hash FROM events WHERE origin = ?1 AND sequence = ?2")
        stream = try connection.prepare(
            "SELECT \(EventColumns.list) FROM events WHERE stream = ?1 AND position <= ?2 ORDER BY streamVersion")
        byPosition = try connection.prepare("SELECT \(EventColumns.list) FROM events WHERE position = ?1")
        letGo = try connection.prepare("SELECT state FROM letGo WHERE position = ?1")
    }

    /// The event of a row, without its `previous`; nil when there is no such row.
    func event(at position: Int64) throws(LogFailure) -> Event? {
        byPosition.bind(1, position)
        guard try byPosition.step() else { return nil }
        defer { byPosition.reset() }
        return try event(byPosition, linked: false)
    }

    /// The rows of a stream that other nodes wrote, and whether each has its body or has let it go.
    ///
    /// - Throws: `.corrupt` at the first that is neither.
    func foreignRows(of number: Int64, at node: NodeID) throws(LogFailure) -> [(position: Int64, isHere: Bool)] {
        stream.bind(1, number)
        stream.bind(2, Int64.max)
        var found: [(position: Int64, isHere: Bool)] = []
        try stream.forEach { row throws(LogFailure) in
            let event = try event(row)
            if let rot = LogFailure.rot(of: event, at: row.integer(0)) { throw rot }
            if event.id.origin.node != node { found.append((row.integer(0), event.body.isHere)) }
        }
        return found
    }

    /// The events of a stream up to a position, in the order in which they came, each without its `previous`.
    func events(of number: Int64, to position: Int64) throws(LogFailure) -> [Event] {
        stream.bind(1, number)
        stream.bind(2, position)
        var events: [Event] = []
        try stream.forEach { row throws(LogFailure) in events.append(try event(row, linked: false)) }
        return events
    }

    /// The same without those that are damaged or rotten.
    func soundEvents(of number: Int64, to position: Int64) throws(LogFailure) -> [Event] {
        stream.bind(1, number)
        stream.bind(2, position)
        var events: [Event] = []
        try stream.forEach { row throws(LogFailure) in
            let read = try LogFailure.orDamage { () throws(LogFailure) in try event(row) }
            if case .success(let event) = read, event.isWhole { events.append(event) }
        }
        return events
    }

    /// The same, each with its `previous`, as long as all of them are whole.
    ///
    /// - Throws: `.corrupt` at the first whose bytes do not give its hash.
    func wholeEvents(of number: Int64, to position: Int64) throws(LogFailure) -> [Event] {
        stream.bind(1, number)
        stream.bind(2, position)
        var events: [Event] = []
        try stream.forEach { row throws(LogFailure) in
            let event = try event(row)
            if let failure = LogFailure.unsendable(event, at: row.integer(0)) { throw failure }
            events.append(event)
        }
        return events
    }

    func forget() { lastHash.removeAll() }

    /// The event in the statement's present row, whose columns are `EventColumns.list`, with what is local.
    ///
    /// - Throws: `.corrupt` when a column holds what no writer of this log puts there.
    func read(_ row: Statement) throws(LogFailure) -> StoredEvent {
        StoredEvent(
            event: try event(row), position: row.integer(0), receivedAt: Timestamp(milliseconds: row.integer(11)),
            streamVersion: row.integer(5))
    }

    /// The event alone.
    ///
    /// - Parameter linked: whether `previous` is wanted; without it, it stands as zero.
    /// - Throws: `.corrupt` when a column holds what no writer of this log puts there.
    func event(_ row: Statement, linked: Bool = true) throws(LogFailure) -> Event {
        do { return try decode(row, linked: linked) } catch { throw damage(error, of: row) }
    }

    private func decode(_ row: Statement, linked: Bool) throws(LogFailure) -> Event {
        let position = row.integer(0)
        let originNumber = row.integer(1)
        let sequence = row.integer(2)
        let origin = try names.origin(originNumber)
        guard let hash = row.digest(20), let command = row.chain(12),
            let algorithm = HashAlgorithm(rawValue: UInt8(clamping: row.integer(18))),
            let index = UInt16(exactly: row.integer(13)), sequence >= 1
        else {
            throw .corrupt(
                table: "events", position: position, detail: "hash, command, algorithm, index or sequence is malformed")
        }
        let previous: Digest
        if !linked {
            previous = .zero
        } else if row.isNull(19) {
            previous = try hashBefore(originNumber, sequence, at: position)
        } else if let stored = row.digest(19) {
            previous = stored
        } else {
            throw .corrupt(table: "events", position: position, detail: "previous is not 32 bytes")
        }
        if linked { lastHash[originNumber] = (sequence, hash) }
        return Event(
            id: EventID(origin: origin, sequence: sequence), hlc: HybridTime(rawValue: row.integer(3)),
            stream: try names.stream(row.integer(4)), type: try names.type(row.integer(6)),
            basis: Basis(try references(row, 7, at: position)), actor: try names.actor(row.integer(8)),
            occurredAt: Timestamp(milliseconds: row.integer(9)), recordedAt: Timestamp(milliseconds: row.integer(10)),
            command: CommandID(high: command.high, low: command.low), index: index,
            causation: try references(row, 14, at: position).first,
            correlation: row.isNull(15) ? nil : try names.stream(row.integer(15)),
            body: row.isNull(16) ? try bodyGone(at: position) : .here(row.bytes(16)),
            sealed: row.isNull(17) ? nil : row.bytes(17), previous: previous, algorithm: algorithm, hash: hash)
    }

    /// A body that is gone has its place among those that were let go, or it is damage.
    private func bodyGone(at position: Int64) throws(LogFailure) -> EventBody {
        letGo.bind(1, position)
        guard try letGo.step(), let state = LetGoState(rawValue: letGo.integer(0)) else {
            letGo.reset()
            throw .corrupt(table: "events", position: position, detail: "its body is gone, and was not let go")
        }
        letGo.reset()
        return state.body
    }

    /// The id alone; nil when the row does not say it.
    func id(_ row: Statement) -> EventID? {
        let sequence = row.integer(2)
        guard sequence >= 1, let origin = try? names.origin(row.integer(1)) else { return nil }
        return EventID(origin: origin, sequence: sequence)
    }

    /// The stream alone of the statement's present row.
    func stream(_ row: Statement) throws(LogFailure) -> StreamName {
        do { return try names.stream(row.integer(4)) } catch { throw damage(error, of: row) }
    }

    /// The type alone.
    func type(_ row: Statement) throws(LogFailure) -> EventType {
        do { return try names.type(row.integer(6)) } catch { throw damage(error, of: row) }
    }

    /// One of the times.
    func time(_ row: Statement, _ field: ReadScope.TimeField) -> Timestamp {
        let column: Int32 =
            switch field {
            case .occurredAt: 9
            case .recordedAt: 10
            case .receivedAt: 11
            }
        return Timestamp(milliseconds: row.integer(column))
    }

    /// Whose name is missing is damaged: who reads on must know behind which position.
    private func damage(_ failure: LogFailure, of row: Statement) -> LogFailure {
        guard case .corrupt(let table, let number, let detail) = failure, table != "events" else { return failure }
        return .corrupt(table: "events", position: row.integer(0), detail: "\(table) at \(number): \(detail)")
    }

    private func references(_ row: Statement, _ column: Int32, at position: Int64) throws(LogFailure) -> [EventID] {
        if row.isNull(column) { return [] }
        guard let pairs = References.decode(row.bytes(column)) else {
            throw .corrupt(table: "events", position: position, detail: "a reference to other events is malformed")
        }
        var ids: [EventID] = []
        for pair in pairs { ids.append(EventID(origin: try names.origin(pair.origin), sequence: pair.sequence)) }
        return ids
    }

    /// A NULL `previous` stands for the hash of the same origin's event before, which is in this log.
    private func hashBefore(_ origin: Int64, _ sequence: Int64, at position: Int64) throws(LogFailure) -> Digest {
        if let last = lastHash[origin], last.sequence == sequence - 1 { return last.hash }
        hashByID.bind(1, origin)
        hashByID.bind(2, sequence - 1)
        guard try hashByID.step() else {
            throw .corrupt(
                table: "events", position: position, detail: "the event before, whose hash it needs, is missing")
        }
        defer { hashByID.reset() }
        guard let hash = hashByID.digest(0) else {
            throw .corrupt(table: "events", position: position, detail: "the hash of the event before is malformed")
        }
        return hash
    }
}
