/// An event's canonical bytes: what the hash covers, and what travels on the wire in front of the hash.
///
/// Layout in `docs/format/log.md`, "Canonical bytes"; all integers big-endian, all strings UTF-8.

extension Event {
    private static let magic: [UInt8] = [0x47, 0x4C, 0x45, 0x31]  // "GLE1"

    /// The bytes that `hash` covers; of an event whose body is not here no event's (`isWhole`).
    package var canonicalBytes: [UInt8] {
        let body = body.bytes ?? []
        var writer = ByteWriter(reserving: 320 + body.count + (sealed?.count ?? 0))
        writer.raw(Event.magic)
        writer.integer(algorithm.rawValue)
        writer.digest(previous)
        writer.eventID(id)
        writer.integer(hlc.rawValue)
        writer.string8(stream.text)
        writer.string8(type.name)
        writer.string8(type.version)
        writer.integer(UInt16(basis.entries.count))
        for entry in basis.entries { writer.eventID(entry) }
        writer.string32(actor.text)
        writer.integer(occurredAt.milliseconds)
        writer.integer(recordedAt.milliseconds)
        writer.integer(command.high)
        writer.integer(command.low)
        writer.integer(index)
        writer.integer(UInt8(causation == nil ? 0 : 1))
        if let causation { writer.eventID(causation) }
        writer.string8(correlation?.text ?? "")
        writer.bytes32(body)
        writer.bytes32(sealed ?? [])
        return writer.bytes
    }

    /// The hash its fields ask for; equals `hash` unless something was changed.
    package var computedHash: Digest {
        switch algorithm {
        case .sha256: .sha256(canonicalBytes)
        }
    }

    /// A copy with `previous` set and the hash computed over it.
    package func chained(to previous: Digest) -> Event {
        var event = self
        event.previous = previous
        return event.hashed()
    }

    /// Reads canonical bytes and computes the hash over them.
    ///
    /// - Throws: `DecodeError` at the first byte that does not fit; never traps on foreign bytes.
    package init(canonicalBytes bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count <= Limit.canonical else {
            throw .oversize(offset: 0, length: bytes.count, limit: Limit.canonical)
        }
        var reader = ByteReader(bytes)
        guard try reader.raw(4).elementsEqual(Event.magic) else {
            throw .malformed(offset: 0, what: "an event that does not start with GLE1")
        }
        guard let algorithm = HashAlgorithm(rawValue: try reader.integer()) else {
            throw .malformed(offset: 4, what: "hash algorithm \(bytes[4]), which this version does not know")
        }
        let previous = try reader.digest()
        let id = try reader.eventID()
        let hlcOffset = reader.offset
        let hlc: Int64 = try reader.integer()
        guard (0...HybridTime.limit.rawValue).contains(hlc) else {
            throw .malformed(offset: hlcOffset, what: "an hlc of \(hlc), which is out of range")
        }
        let stream = try reader.streamName()
        let type = EventType(try reader.string8(), version: try reader.string8())
        let basis = try reader.basis()
        let actor = Actor(text: try reader.string32(atMost: Limit.actor))
        let occurredAt = try reader.instant()
        let recordedAt = try reader.instant()
        let command = CommandID(high: try reader.integer(), low: try reader.integer())
        let index: UInt16 = try reader.integer()
        let hasCausation: UInt8 = try reader.integer()
        guard hasCausation <= 1 else {
            throw .malformed(offset: reader.offset - 1, what: "a causation flag of \(hasCausation)")
        }
        let causation = hasCausation == 1 ? try reader.eventID() : nil
        let correlation = try reader.optionalStreamName()
        let body = try reader.bytes32(atMost: Limit.body)
        let sealed = try reader.bytes32(atMost: Limit.sealed)
        guard reader.isAtEnd else { throw .trailing(offset: reader.offset, left: reader.remaining) }
        self.init(
            id: id, hlc: HybridTime(rawValue: hlc), stream: stream, type: type, basis: basis, actor: actor,
            occurredAt: occurredAt, recordedAt: recordedAt, command: command, index: index, causation: causation,
            correlation: correlation, body: .here(body), sealed: sealed.isEmpty ? nil : sealed, previous: previous,
            algorithm: algorithm, hash: .sha256(bytes), isProven: true)
    }
}

extension ByteReader {
    package mutating func streamName() throws(DecodeError) -> StreamName {
        let start = offset
        let text = try string8()
        guard let name = try? StreamName(text) else { throw .malformed(offset: start, what: "stream name \"\(text)\"") }
        return name
    }

    fileprivate mutating func optionalStreamName() throws(DecodeError) -> StreamName? {
        let start = offset
        let text = try string8()
        if text.isEmpty { return nil }
        guard let name = try? StreamName(text) else { throw .malformed(offset: start, what: "stream name \"\(text)\"") }
        return name
    }

    package mutating func instant() throws(DecodeError) -> Timestamp {
        let start = offset
        let milliseconds: Int64 = try integer()
        guard Timestamp.range.contains(milliseconds) else {
            throw .malformed(offset: start, what: "an instant of \(milliseconds) ms, outside the years 1 to 9999")
        }
        return Timestamp(milliseconds: milliseconds)
    }

    fileprivate mutating func basis() throws(DecodeError) -> Basis {
        let start = offset
        let count = Int(try integer(UInt16.self))
        guard count <= Event.Limit.basis else {
            throw .oversize(offset: start, length: count, limit: Event.Limit.basis)
        }
        var entries: [EventID] = []
        for _ in 0..<count {
            let entry = try eventID()
            if let last = entries.last, !(last.origin < entry.origin) {
                throw .malformed(offset: start, what: "a basis whose origins are not in order")
            }
            entries.append(entry)
        }
        return Basis(entries)
    }
}
