/// An event as one line of JSON, for `gridline export --events` and `gridline import --events`
/// (`docs/cli-json.md`). The body's bytes stand in it verbatim.

extension Event {
    /// The event as JSON; `body` and `actor` are embedded as they are stored.
    ///
    /// Where the body is not here, `bodyGone` stands instead.
    package var exportLine: [UInt8] {
        var head = JSONObject()
        // Who takes lines in has to tell one that says nothing from one that is damaged.
        head["bodyGone"] = body.isHere ? nil : .bool(true)
        head["algorithm"] = .integer(Int64(algorithm.rawValue))
        head["basis"] = .array(basis.entries.map { .string($0.description) })
        head["causation"] = causation.map { .string($0.description) }
        head["command"] = .string(command.description)
        head["correlation"] = correlation.map { .string($0.text) }
        head["hash"] = .string(hash.description)
        head["hlc"] = .integer(hlc.rawValue)
        head["id"] = .string(id.description)
        head["index"] = .integer(Int64(index))
        head["occurredAt"] = .integer(occurredAt.milliseconds)
        head["previous"] = .string(previous.description)
        head["recordedAt"] = .integer(recordedAt.milliseconds)
        head["sealed"] = sealed.map { .string(Hexadecimal.text($0)) }
        head["stream"] = .string(stream.text)
        head["type"] = .string(type.name)
        head["version"] = .string(type.version)
        var line = JSON.object(head).canonicalBytes
        line.removeLast()
        line.append(contentsOf: ",\"actor\":".utf8)
        line.append(contentsOf: actor.text.utf8)
        if let bytes = body.bytes {
            line.append(contentsOf: ",\"body\":".utf8)
            line.append(contentsOf: bytes)
        }
        line.append(0x7D)
        return line
    }

    /// Reads a line that `exportLine` wrote, and checks the hash.
    ///
    /// - Throws: `DecodeError` when the line is no event, or its hash is not that of its fields.
    package init(exportLine line: [UInt8]) throws(DecodeError) {
        guard case .event(let event) = try EventLine(line) else {
            throw .malformed(offset: 0, what: "an event line without body")
        }
        self = event
    }

    fileprivate init(exportLine object: JSONObject) throws(DecodeError) {
        func text(_ key: String) throws(DecodeError) -> String {
            guard let value = object[key]?.string else {
                throw .malformed(offset: 0, what: "an event line without text \"\(key)\"")
            }
            return value
        }
        func number(_ key: String) throws(DecodeError) -> Int64 {
            guard let value = object[key]?.integer else {
                throw .malformed(offset: 0, what: "an event line without number \"\(key)\"")
            }
            return value
        }
        func digest(_ key: String) throws(DecodeError) -> Digest {
            guard let bytes = Hexadecimal.bytes(try text(key)), let value = Digest(bytes: bytes) else {
                throw .malformed(offset: 0, what: "\"\(key)\", which is no hash")
            }
            return value
        }
        guard let actor = object["actor"], let body = object["body"], let index = UInt16(exactly: try number("index")),
            let algorithm = HashAlgorithm(rawValue: UInt8(clamping: try number("algorithm")))
        else { throw .malformed(offset: 0, what: "an event line without actor, body, index or known algorithm") }
        // Nothing above can be longer than its field but these two.
        for key in ["type", "version"] {
            let length = try text(key).utf8.count
            guard length <= UInt8.max else { throw .oversize(offset: 0, length: length, limit: Int(UInt8.max)) }
        }
        let said: Event
        do {
            said = Event(
                id: try EventID(text("id")), hlc: HybridTime(rawValue: try number("hlc")),
                stream: try StreamName(text("stream")),
                type: EventType(try text("type"), version: try text("version")),
                basis: Basis(try (object["basis"]?.array ?? []).map { try EventID($0.string ?? "") }),
                actor: Actor(text: actor.canonicalText), occurredAt: Timestamp(milliseconds: try number("occurredAt")),
                recordedAt: Timestamp(milliseconds: try number("recordedAt")), command: try CommandID(text("command")),
                index: index,
                causation: try object["causation"]?.string.map { try EventID($0) },
                correlation: try object["correlation"]?.string.map { try StreamName($0) }, body: body.canonicalBytes,
                sealed: try object["sealed"]?.string.map { text in
                    guard let bytes = Hexadecimal.bytes(text) else {
                        throw DecodeError.malformed(offset: 0, what: "sealed data")
                    }
                    return bytes
                }, previous: try digest("previous"), algorithm: algorithm, hash: try digest("hash"))
        } catch let error as DecodeError {
            throw error
        } catch let error as IdentifierError {
            throw .malformed(offset: 0, what: error.message)
        } catch {
            throw .malformed(offset: 0, what: "an event line: \(error)")
        }
        // Limits and order are held by the one reader of events: what a line brings in can be read again.
        self = try Event(canonicalBytes: said.canonicalBytes)
        guard hash == said.hash else {
            throw .malformed(offset: 0, what: "event \(id), whose hash is not that of its fields")
        }
    }
}

/// A line of exported events.
package enum EventLine: Sendable, Equatable {
    case event(Event)
    /// Its node had let the body go: nothing here can be stored, and nothing is wrong with the file.
    case bodyGone(EventID)

    /// - Throws: `DecodeError` when the line is neither.
    package init(_ line: [UInt8]) throws(DecodeError) {
        let object = try JSONReader.readObject(line)
        guard object["body"] == nil, object["bodyGone"]?.bool == true else {
            self = .event(try Event(exportLine: object))
            return
        }
        guard let id = (object["id"]?.string).flatMap({ try? EventID($0) }) else {
            throw .malformed(offset: 0, what: "an event line without text \"\("id")\"")
        }
        self = .bodyGone(id)
    }
}

/// Lower-case hexadecimal text.
package enum Hexadecimal {
    package static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil unless the text is an even number of hexadecimal digits.
    package static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            let nibble: UInt8
            switch character {
            case 0x30...0x39: nibble = character - 0x30
            case 0x61...0x66: nibble = character - 0x57
            case 0x41...0x46: nibble = character - 0x37
            case _: return nil
            }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return high == nil ? bytes : nil
    }
}
