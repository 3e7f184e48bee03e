/// Small numbers for the long names that every event repeats: origins, streams, types, actors.
///
/// Numbers are given in the order of first use, from 1, and never change, so `verify` can recompute
/// them. On rollback the caller forgets everything, since numbers of the lost transaction are given anew.

import Events

final class Names {
    private let connection: Connection
    private var originNumbers: [Origin: Int64] = [:]
    private var origins = Numbered<Origin>()
    private var typeNumbers: [EventType: Int64] = [:]
    private var types = Numbered<EventType>()
    private var actorNumbers: [Actor: Int64] = [:]
    private var actors = Numbered<Actor>()
    /// What was asked for last: a node's events have one origin, and often follow each other in type and actor.
    private var lastOrigin: (name: Origin, number: Int64)?
    private var lastType: (name: EventType, number: Int64)?
    private var lastActor: (name: Actor, number: Int64)?
    private var streams: [Int64: StreamName] = [:]
    /// Scans ask for one stream many times in a row.
    private var lastStream: (number: Int64, name: StreamName)?
    /// Streams and actors are unbounded in the log; their caches are emptied at this size.
    private static let cacheLimit = 200_000

    private let insertOrigin, findOrigin, originByNumber: Statement
    private let insertType, findType, typeByNumber: Statement
    private let insertActor, findActor, actorByNumber: Statement
    private let insertStream, findStream, streamByNumber: Statement

    init(_ connection: Connection) throws(LogFailure) {
        self.connection = connection
        insertOrigin = try connection.prepare("INSERT INTO origins(node, incarnation) VALUES (?1, ?2) RETURNING no")
        findOrigin = try connection.prepare("SELECT no FROM origins WHERE node = ?1 AND incarnation = ?2")
        originByNumber = try connection.prepare("SELECT node, incarnation FROM origins WHERE no = ?1")
        insertType = try connection.prepare("INSERT INTO types(name, version) VALUES (?1, ?2) RETURNING no")
        findType = try connection.prepare("SELECT no FROM types WHERE name = ?1 AND version = ?2")
        typeByNumber = try connection.prepare("SELECT name, version FROM types WHERE no = ?1")
        insertActor = try connection.prepare("INSERT INTO actors(actor) VALUES (?1) RETURNING no")
        findActor = try connection.prepare("SELECT no FROM actors WHERE actor = ?1")
        actorByNumber = try connection.prepare("SELECT actor FROM actors WHERE no = ?1")
        insertStream = try connection.prepare("INSERT INTO streams(name) VALUES (?1) RETURNING no")
        findStream = try connection.prepare("SELECT no FROM streams WHERE name = ?1")
        streamByNumber = try connection.prepare("SELECT name FROM streams WHERE no = ?1")
    }

    func forget() {
        originNumbers.removeAll()
        origins.removeAll()
        typeNumbers.removeAll()
        types.removeAll()
        actorNumbers.removeAll()
        actors.removeAll()
        streams.removeAll()
        lastOrigin = nil
        lastType = nil
        lastActor = nil
        lastStream = nil
    }

    // MARK: Name → number

    func number(of origin: Origin, insert: Bool) throws(LogFailure) -> Int64? {
        if let lastOrigin, lastOrigin.name == origin { return lastOrigin.number }
        if let known = originNumbers[origin] {
            lastOrigin = (origin, known)
            return known
        }
        let incarnation = Int64(bitPattern: origin.incarnation.bits)
        findOrigin.bind(1, text: origin.node.text)
        findOrigin.bind(2, incarnation)
        insertOrigin.bind(1, text: origin.node.text)
        insertOrigin.bind(2, incarnation)
        let number = try resolve(findOrigin, insertOrigin, insert: insert)
        if let number {
            originNumbers[origin] = number
            origins[number] = origin
        }
        return number
    }

    func number(of type: EventType, insert: Bool) throws(LogFailure) -> Int64? {
        if let lastType, lastType.name == type { return lastType.number }
        if let known = typeNumbers[type] {
            lastType = (type, known)
            return known
        }
        findType.bind(1, text: type.name)
        findType.bind(2, text: type.version)
        insertType.bind(1, text: type.name)
        insertType.bind(2, text: type.version)
        let number = try resolve(findType, insertType, insert: insert)
        if let number {
            typeNumbers[type] = number
            types[number] = type
        }
        return number
    }

    func number(of actor: Actor, insert: Bool) throws(LogFailure) -> Int64? {
        if let lastActor, lastActor.name == actor { return lastActor.number }
        if let known = actorNumbers[actor] {
            lastActor = (actor, known)
            return known
        }
        findActor.bind(1, text: actor.text)
        insertActor.bind(1, text: actor.text)
        let number = try resolve(findActor, insertActor, insert: insert)
        if let number {
            if actorNumbers.count >= Names.cacheLimit {
                actorNumbers.removeAll(keepingCapacity: true)
            }
            actorNumbers[actor] = number
            actors[number] = actor
        }
        return number
    }

    func number(of stream: StreamName, insert: Bool) throws(LogFailure) -> Int64? {
        findStream.bind(1, text: stream.text)
        insertStream.bind(1, text: stream.text)
        return try resolve(findStream, insertStream, insert: insert)
    }

    private func resolve(_ find: Statement, _ insertion: Statement, insert: Bool) throws(LogFailure) -> Int64? {
        if try find.step() {
            defer { find.reset() }
            return find.integer(0)
        }
        guard insert, try insertion.step() else { return nil }
        defer { insertion.reset() }
        return insertion.integer(0)
    }

    // MARK: Number → name

    func origin(_ number: Int64) throws(LogFailure) -> Origin {
        if let known = origins[number] { return known }
        originByNumber.bind(1, number)
        guard try originByNumber.step() else { throw missing("origins", number) }
        defer { originByNumber.reset() }
        guard let node = try? NodeID(originByNumber.text(0)) else { throw missing("origins", number) }
        let origin = Origin(node: node, incarnation: Incarnation(UInt64(bitPattern: originByNumber.integer(1))))
        origins[number] = origin
        return origin
    }

    func type(_ number: Int64) throws(LogFailure) -> EventType {
        if let known = types[number] { return known }
        typeByNumber.bind(1, number)
        guard try typeByNumber.step() else { throw missing("types", number) }
        defer { typeByNumber.reset() }
        let type = EventType(typeByNumber.text(0), version: typeByNumber.text(1))
        // A damaged row can hold any length; the canonical bytes hold 255.
        guard type.name.utf8.count <= 255, type.version.utf8.count <= 255 else { throw missing("types", number) }
        types[number] = type
        return type
    }

    func actor(_ number: Int64) throws(LogFailure) -> Actor {
        if let known = actors[number] { return known }
        actorByNumber.bind(1, number)
        guard try actorByNumber.step() else { throw missing("actors", number) }
        defer { actorByNumber.reset() }
        let actor = Actor(text: actorByNumber.text(0))
        actors[number] = actor
        return actor
    }

    func stream(_ number: Int64) throws(LogFailure) -> StreamName {
        if let lastStream, lastStream.number == number { return lastStream.name }
        if let known = streams[number] {
            lastStream = (number, known)
            return known
        }
        streamByNumber.bind(1, number)
        guard try streamByNumber.step() else { throw missing("streams", number) }
        defer { streamByNumber.reset() }
        guard let name = try? StreamName(streamByNumber.text(0)) else { throw missing("streams", number) }
        if streams.count >= Names.cacheLimit { streams.removeAll(keepingCapacity: true) }
        streams[number] = name
        lastStream = (number, name)
        return name
    }

    private func missing(_ table: String, _ number: Int64) -> LogFailure {
        .corrupt(table: table, position: number, detail: "a row that events refer to is missing or unreadable")
    }
}

/// Values by their small, dense numbers; those above a limit are not kept.
private struct Numbered<Value> {
    private var values: [Value?] = []
    private static var limit: Int64 { 200_000 }

    subscript(number: Int64) -> Value? {
        get { number >= 0 && number < values.count ? values[Int(number)] : nil }
        set {
            guard number >= 0, number < Self.limit else { return }
            while values.count <= number { values.append(nil) }
            values[Int(number)] = newValue
        }
    }

    mutating func removeAll() { values.removeAll() }
}

/// The compact form of references to events in columns: LEB128 varints of origin number and sequence.
enum References {
    static func encode(_ pairs: [(origin: Int64, sequence: Int64)]) -> [UInt8]? {
        if pairs.isEmpty { return nil }
        var bytes: [UInt8] = []
        for pair in pairs {
            append(UInt64(bitPattern: pair.origin), to: &bytes)
            append(UInt64(bitPattern: pair.sequence), to: &bytes)
        }
        return bytes
    }

    /// - Returns: nil when the bytes are no whole pairs.
    static func decode(_ bytes: [UInt8]) -> [(origin: Int64, sequence: Int64)]? {
        var pairs: [(origin: Int64, sequence: Int64)] = []
        var origin: Int64?
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            guard shift < 64 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                let number = Int64(bitPattern: value)
                if let first = origin { pairs.append((first, number)) }
                origin = origin == nil ? number : nil
                value = 0
                shift = 0
            } else {
                shift += 7
            }
        }
        return shift == 0 && origin == nil ? pairs : nil
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
