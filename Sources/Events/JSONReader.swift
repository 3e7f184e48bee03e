/// Reads JSON text (RFC 8259) into `JSON`, quickly and without trusting it.
///
/// Accepts what RFC 8259 accepts, with these differences, all for the sake of one canonical form:
/// numbers must be integers of 64 bits, a key may stand only once in an object, nesting ends at depth 64,
/// and unpaired surrogates are refused. Members come out sorted whatever their order in the text.

package struct JSONReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0
    private let numbers: Numbers

    /// What becomes of a number.
    package enum Numbers: Sendable {
        /// Our own JSON: an integer of 64 bits, anything else is refused.
        case integers
        /// Foreign JSON: the text of the number as it stands, as a `.string`, so that no digit is lost.
        case text
    }

    private init(_ bytes: [UInt8], numbers: Numbers) {
        self.bytes = bytes
        self.numbers = numbers
    }

    /// Reads one value that fills all of `bytes`, blanks around it allowed.
    ///
    /// - Throws: `DecodeError` with the offset of the first byte that does not fit.
    package static func read(_ bytes: [UInt8], numbers: Numbers = .integers) throws(DecodeError) -> JSON {
        var reader = JSONReader(bytes, numbers: numbers)
        reader.skipBlanks()
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.offset == bytes.count else {
            throw .trailing(offset: reader.offset, left: bytes.count - reader.offset)
        }
        return value
    }

    package static func read(_ text: String) throws(DecodeError) -> JSON { try read(Array(text.utf8)) }

    /// Reads one object that fills all of `bytes`.
    ///
    /// - Throws: `DecodeError`, also when the value is no object.
    package static func readObject(_ bytes: [UInt8]) throws(DecodeError) -> JSONObject {
        guard case .object(let object) = try read(bytes) else {
            throw .malformed(offset: 0, what: "a value that is no object")
        }
        return object
    }

    // MARK: Values

    private mutating func value() throws(DecodeError) -> JSON {
        switch peek() {
        case 0x7B: return try object()
        case 0x5B: return try array()
        case 0x22: return .string(try string())
        case 0x74: return try word("true", .bool(true))
        case 0x66: return try word("false", .bool(false))
        case 0x6E: return try word("null", .null)
        case .some(0x2D), .some(0x30...0x39):
            switch numbers {
            case .integers: return .integer(try integer())
            case .text: return .string(try numberText())
            }
        case .none: throw .truncated(offset: offset, needed: 1, left: 0)
        default: throw .malformed(offset: offset, what: "a value that starts with byte \(bytes[offset])")
        }
    }

    private mutating func object() throws(DecodeError) -> JSON {
        try enter()
        var members: [(key: String, value: JSON)] = []
        members.reserveCapacity(8)
        var isSorted = true
        var seen: Set<Key> = []
        skipBlanks()
        if peek() == 0x7D {
            leave()
            return .object(JSONObject())
        }
        while true {
            let start = offset
            guard peek() == 0x22 else { throw unexpected("a key in quotes") }
            let key = try string()
            skipBlanks()
            guard peek() == 0x3A else { throw unexpected("\":\"") }
            offset += 1
            skipBlanks()
            let member = try value()
            let follows = members.last?.key.utf8.lexicographicallyPrecedes(key.utf8) ?? true
            // While all are in order each is a new one; behind the first that is not, one that follows may stand before.
            if !isSorted || !follows {
                guard !JSONReader.stands(key, in: members, &seen) else {
                    throw .malformed(offset: start, what: "key \"\(key)\", which stands twice")
                }
                isSorted = false
            }
            members.append((key, member))
            skipBlanks()
            switch peek() {
            case 0x2C:
                offset += 1
                skipBlanks()
            case 0x7D:
                leave()
                if !isSorted { members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
                return .object(JSONObject(sorted: members))
            default: throw unexpected("\",\" or \"}\"")
            }
        }
    }

    /// A key as it is written.
    private struct Key: Hashable {
        let text: String
        static func == (left: Key, right: Key) -> Bool { left.text.hasBytes(of: right.text) }
        func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
    }

    /// Whether an object has a key, in time that does not grow with the object.
    ///
    /// - Parameter seen: the keys of the first members, as many as were looked for.
    private static func stands(_ key: String, in members: [(key: String, value: JSON)], _ seen: inout Set<Key>) -> Bool
    {
        // Few are looked through faster than hashed.
        guard members.count > 16 else { return members.contains { $0.key.hasBytes(of: key) } }
        for member in members[seen.count...] { seen.insert(Key(text: member.key)) }
        return seen.contains(Key(text: key))
    }

    private mutating func array() throws(DecodeError) -> JSON {
        try enter()
        var values: [JSON] = []
        skipBlanks()
        if peek() == 0x5D {
            leave()
            return .array([])
        }
        while true {
            values.append(try value())
            skipBlanks()
            switch peek() {
            case 0x2C:
                offset += 1
                skipBlanks()
            case 0x5D:
                leave()
                return .array(values)
            default: throw unexpected("\",\" or \"]\"")
            }
        }
    }

    private mutating func integer() throws(DecodeError) -> Int64 {
        let start = offset
        let isNegative = peek() == 0x2D
        if isNegative { offset += 1 }
        let first = offset
        var magnitude: UInt64 = 0
        while let byte = peek(), (0x30...0x39).contains(byte) {
            let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflowed, !carried else {
                throw .malformed(offset: start, what: "a number that does not fit 64 bits")
            }
            magnitude = sum
            offset += 1
        }
        let digits = offset - first
        guard digits > 0, digits == 1 || bytes[first] != 0x30 else { throw .malformed(offset: start, what: "a number") }
        if let byte = peek(), byte == 0x2E || byte == 0x65 || byte == 0x45 {
            throw .malformed(offset: start, what: "a number that is no integer; scale it to its smallest unit")
        }
        if isNegative, magnitude == Int64.min.magnitude { return .min }
        guard let value = Int64(exactly: magnitude) else {
            throw .malformed(offset: start, what: "a number that does not fit 64 bits")
        }
        return isNegative ? -value : value
    }

    /// A number of RFC 8259 as its own text.
    private mutating func numberText() throws(DecodeError) -> String {
        let start = offset
        if peek() == 0x2D { offset += 1 }
        let first = offset
        guard skipDigits() > 0, offset == first + 1 || bytes[first] != 0x30 else {
            throw .malformed(offset: start, what: "a number")
        }
        if peek() == 0x2E {
            offset += 1
            guard skipDigits() > 0 else {
                throw .malformed(offset: start, what: "a number without digits after its point")
            }
        }
        if let byte = peek(), byte == 0x65 || byte == 0x45 {
            offset += 1
            if let sign = peek(), sign == 0x2B || sign == 0x2D { offset += 1 }
            guard skipDigits() > 0 else {
                throw .malformed(offset: start, what: "a number without digits in its exponent")
            }
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while let byte = peek(), (0x30...0x39).contains(byte) { offset += 1 }
        return offset - start
    }

    private mutating func word(_ word: String, _ value: JSON) throws(DecodeError) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw unexpected("\"\(word)\"") }
        offset += word.utf8.count
        return value
    }

    // MARK: Strings

    private mutating func string() throws(DecodeError) -> String {
        offset += 1
        let start = offset
        // The common case holds no escape: find the end, validate once, copy once.
        while let byte = peek(), byte != 0x22, byte != 0x5C, byte >= 0x20 { offset += 1 }
        if peek() == 0x22 {
            defer { offset += 1 }
            return try text(bytes, start..<offset, at: start)
        }
        var unescaped = Array(bytes[start..<offset])
        while let byte = peek() {
            switch byte {
            case 0x22:
                offset += 1
                return try text(unescaped, unescaped.indices, at: start)
            case 0x5C: try escape(into: &unescaped)
            case 0..<0x20: throw .malformed(offset: offset, what: "a control character in a string")
            default:
                unescaped.append(byte)
                offset += 1
            }
        }
        throw .truncated(offset: offset, needed: 1, left: 0)
    }

    private func text(_ bytes: [UInt8], _ range: Range<Int>, at start: Int) throws(DecodeError) -> String {
        // Five times as fast for short texts as `String(validating:as:)`, which is generic at run time.
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw .malformed(offset: start, what: "a string that is not UTF-8")
        }
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(DecodeError) {
        let start = offset
        offset += 1
        guard let byte = peek() else { throw .truncated(offset: offset, needed: 1, left: 0) }
        offset += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: unescaped.append(byte)
        case 0x62: unescaped.append(0x08)
        case 0x66: unescaped.append(0x0C)
        case 0x6E: unescaped.append(0x0A)
        case 0x72: unescaped.append(0x0D)
        case 0x74: unescaped.append(0x09)
        case 0x75:
            var scalar = try hexadecimal4()
            if (0xD800..<0xDC00).contains(scalar), peek() == 0x5C, offset + 1 < bytes.count, bytes[offset + 1] == 0x75 {
                offset += 2
                let low = try hexadecimal4()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw .malformed(offset: start, what: "an unpaired surrogate")
                }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let value = Unicode.Scalar(scalar) else {
                throw .malformed(offset: start, what: "an unpaired surrogate")
            }
            unescaped.append(contentsOf: String(Character(value)).utf8)
        default: throw .malformed(offset: start, what: "an escape that JSON does not have")
        }
    }

    private mutating func hexadecimal4() throws(DecodeError) -> UInt32 {
        guard offset + 4 <= bytes.count else { throw .truncated(offset: offset, needed: 4, left: bytes.count - offset) }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[offset]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: throw .malformed(offset: offset, what: "a \\u escape without four hexadecimal digits")
            }
            offset += 1
        }
        return value
    }

    // MARK: Position

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func enter() throws(DecodeError) {
        guard depth < 64 else { throw .malformed(offset: offset, what: "nesting deeper than 64") }
        depth += 1
        offset += 1
    }

    private mutating func leave() {
        depth -= 1
        offset += 1
    }

    private func unexpected(_ wanted: Words) -> DecodeError {
        offset < bytes.count
            ? .malformed(offset: offset, what: "byte \(bytes[offset]) where \(wanted) was expected")
            : .truncated(offset: offset, needed: 1, left: 0)
    }
}
