/// Rotten rows get their events back, where they stand (`docs/format/log.md` 10).
///
/// Only columns that differ are written: SQLite then leaves the indexes of all others alone, whose entries are right.

import Events

/// What stood in a rotten row, as the quarantine keeps it.
enum RottenRow {
    static let magic: [UInt8] = [0x47, 0x4C, 0x52, 0x31]  // "GLR1"
    /// Bytes of a value that are kept: more than any that a writer stored.
    private static let longest = 65_536
    /// Rows of the quarantine from which on nothing more of this kind is kept: 64 MiB when each is as long as can be.
    static let limit: Int64 = 1_000

    static func bytes(_ row: [Statement.Value]) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(magic)
        func add(_ type: UInt8, _ bytes: [UInt8]) {
            writer.integer(type)
            writer.bytes32(Array(bytes.prefix(longest)))
        }
        for value in row {
            switch value {
            case .null: writer.integer(UInt8(0))
            case .integer(let number):
                writer.integer(UInt8(1))
                writer.integer(number)
            case .text(let bytes): add(2, bytes)
            case .blob(let bytes): add(3, bytes)
            }
        }
        return writer.bytes
    }
}

extension Writer {
    func heal(_ event: Event, at position: Int64, now: Timestamp) throws(LogFailure) -> Healing {
        guard event.isWhole else { return .refused(reason: "its hash is not that of its fields") }
        guard let row = try values(at: position) else { return .refused(reason: "there is no such row") }
        if let state = try letGo.state(of: position) {
            return state == .out ? .sound : try refill(row, with: event, at: position, now: now)
        }
        guard let problem = try problem(at: position) else {
            try routeLate(now: now)
            return .sound
        }
        guard try isProved(event.hash, of: row, at: position) else {
            return .refused(reason: "nothing proves that it stood there")
        }
        guard let wanted = try values(of: event, local: row) else {
            return .refused(reason: "a name in it is damaged, too")
        }
        // The row and the event that says so, or neither.
        try connection.execute("SAVEPOINT heal")
        do throws(LogFailure) {
            try replace(row, by: wanted, at: position)
        } catch {
            switch error {
            // The row contradicts its indexes.
            case .forbidden, .corrupt: try connection.execute("ROLLBACK TO heal; RELEASE heal")
            case _: throw error
            }
            try reload()
            return .refused(reason: "the row contradicts its indexes: \(error.message)")
        }
        let kept = try keep(row, for: event.id, now: now)
        return try recordHealing(of: event, at: position, problem: "\(problem)", kept: kept, now: now)
    }

    /// A body that was let go, and is this node's again, is back.
    private func refill(
        _ row: [Statement.Value], with event: Event, at position: Int64, now: Timestamp
    ) throws(LogFailure) -> Healing {
        guard row[20] == .blob(event.hash.bytes) else { return .refused(reason: "nothing proves that it stood there") }
        try connection.execute("SAVEPOINT heal")
        try letGo.refill(position, event)
        return try recordHealing(of: event, at: position, problem: "its body was let go", kept: nil, now: now)
    }

    /// Ends the savepoint of a healing.
    private func recordHealing(
        of event: Event, at position: Int64, problem: String, kept: Int64?, now: Timestamp
    ) throws(LogFailure) -> Healing {
        // Heads and what is known of streams may come from the row as it was.
        try reload()
        let healed = Healed(position: position, event: event.id, stream: event.stream, problem: problem, kept: kept)
        let above = head.position
        let told = try record(what: "that row \(position) of the log is healed") { () throws(IdentifierError) in
            try healed.request(at: origin.node, above: above, now: now)
        }
        guard let said = told?.first else {
            try connection.execute("ROLLBACK TO heal; RELEASE heal")
            try reload()
            return .refused(reason: "its healing cannot be put on record")
        }
        try connection.execute("RELEASE heal")
        try routeLate(now: now)
        return .healed(said)
    }

    /// A row as it is stored: the columns of `EventColumns.list`, then the chain.
    private func values(at position: Int64) throws(LogFailure) -> [Statement.Value]? {
        let row = try connection.prepare("SELECT \(EventColumns.list), chain FROM events WHERE position = ?1")
        row.bind(1, position)
        guard try row.step() else { return nil }
        defer { row.reset() }
        return (0..<22).map { row.value($0) }
    }

    /// What is wrong with a row; nil when nothing is.
    private func problem(at position: Int64) throws(LogFailure) -> Words? {
        let row = try connection.prepare("SELECT \(EventColumns.list) FROM events WHERE position = ?1")
        row.bind(1, position)
        defer { row.reset() }
        guard try row.step() else { return nil }
        rows.forget()
        do {
            guard case .corrupt(_, _, let detail) = LogFailure.rot(of: try rows.event(row), at: position) else {
                return nil
            }
            return detail
        } catch {
            guard case .corrupt(_, _, let detail) = error else { throw error }
            return detail
        }
    }

    /// Whether an event with this hash stood in a row: its own hash says so, or the local chain does.
    func isProved(_ hash: Digest, at position: Int64) throws(LogFailure) -> Bool {
        guard let row = try values(at: position) else { return false }
        return try isProved(hash, of: row, at: position)
    }

    private func isProved(
        _ hash: Digest, of row: [Statement.Value], at position: Int64
    ) throws(LogFailure) -> Bool {
        if row[20] == .blob(hash.bytes) { return true }
        guard case .integer(let version) = row[5], case .integer(let received) = row[11] else { return false }
        var before = ChainValue.zero
        if position > 1 {
            let chain = try connection.prepare("SELECT chain FROM events WHERE position = ?1")
            chain.bind(1, position - 1)
            guard try chain.step() else { return false }
            defer { chain.reset() }
            guard let value = chain.chain(0) else { return false }
            before = value
        }
        let value = LocalChain.value(
            after: before, position: position, receivedAt: Timestamp(milliseconds: received), streamVersion: version,
            hash: hash)
        return row[21] == .blob(value.bytes)
    }

    /// The columns that an event asks for, with what is local as it stands in the row; nil when a name of it has no number.
    private func values(of event: Event, local row: [Statement.Value]) throws(LogFailure) -> [Statement.Value]? {
        func references(_ ids: [EventID]) throws(LogFailure) -> Statement.Value? {
            var pairs: [(origin: Int64, sequence: Int64)] = []
            for id in ids {
                guard let number = try names.number(of: id.origin, insert: false) else { return nil }
                pairs.append((number, id.sequence))
            }
            return References.encode(pairs).map(Statement.Value.blob) ?? .null
        }
        // Rows name what the tables had when they were written.
        guard let origin = try names.number(of: event.id.origin, insert: false),
            let stream = try names.number(of: event.stream, insert: false),
            let type = try names.number(of: event.type, insert: false),
            let actor = try names.number(of: event.actor, insert: false),
            let basis = try references(event.basis.entries),
            let causation = try references(event.causation.map { [$0] } ?? [])
        else { return nil }
        var correlation = Statement.Value.null
        if let name = event.correlation {
            guard let number = try names.number(of: name, insert: false) else { return nil }
            correlation = .integer(number)
        }
        let command = ChainValue(high: event.command.high, low: event.command.low)
        let before = try hash(of: origin, before: event.id.sequence)
        return [
            row[0], .integer(origin), .integer(event.id.sequence), .integer(event.hlc.rawValue), .integer(stream),
            row[5], .integer(type), basis, .integer(actor), .integer(event.occurredAt.milliseconds),
            .integer(event.recordedAt.milliseconds), row[11], .blob(command.bytes), .integer(Int64(event.index)),
            causation, correlation, .text(event.body.bytes ?? []), event.sealed.map(Statement.Value.blob) ?? .null,
            .integer(Int64(event.algorithm.rawValue)),
            before == event.previous ? .null : .blob(event.previous.bytes), .blob(event.hash.bytes), row[21],
        ]
    }

    /// The stored hash of an origin's event before; nil when that is not here.
    private func hash(of origin: Int64, before sequence: Int64) throws(LogFailure) -> Digest? {
        statements.hashByID.bind(1, origin)
        statements.hashByID.bind(2, sequence - 1)
        defer { statements.hashByID.reset() }
        return try statements.hashByID.step() ? statements.hashByID.digest(0) : nil
    }

    private func replace(
        _ row: [Statement.Value], by wanted: [Statement.Value], at position: Int64
    ) throws(LogFailure) {
        let columns = EventColumns.list.split(separator: ",").map { $0.filter { $0 != " " } }
        let changed = columns.indices.filter { row[$0] != wanted[$0] }
        let assignments = changed.enumerated().map { "\(columns[$1]) = ?\($0 + 2)" }.joined(separator: ", ")
        guard !changed.isEmpty else { return }
        let update = try connection.prepare("UPDATE events SET \(assignments) WHERE position = ?1")
        update.bind(1, position)
        for (place, column) in changed.enumerated() { update.bind(Int32(place + 2), value: wanted[column]) }
        try update.run()
    }

    /// Keeps what stood in the row.
    ///
    /// - Returns: its number in the quarantine; nil when that is full.
    private func keep(_ row: [Statement.Value], for id: EventID, now: Timestamp) throws(LogFailure) -> Int64? {
        guard quarantineHead.position < RottenRow.limit else { return nil }
        let bytes = RottenRow.bytes(row)
        return try quarantine(bytes, hash: .sha256(bytes), of: id, receivedAt: now)
    }
}
