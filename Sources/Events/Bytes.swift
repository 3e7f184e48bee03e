/// Reading and writing the binary layouts of `docs/format/`: big-endian integers, length-prefixed bytes.
///
/// The reader checks every length against what is left and never traps on bytes from disk or network.

/// Writes a binary layout.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
        var rest = value.bigEndian
        unsafe withUnsafeBytes(of: &rest) { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

    /// A string with one byte of length.
    ///
    /// - Precondition: at most 255 bytes of UTF-8.
    package mutating func string8(_ value: String) {
        let utf8 = value.utf8
        precondition(utf8.count <= 255, "a string8 holds 255 bytes, not \(utf8.count)")
        integer(UInt8(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// A string with four bytes of length.
    package mutating func string32(_ value: String) {
        let utf8 = value.utf8
        integer(UInt32(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// Bytes with four bytes of length.
    package mutating func bytes32(_ value: [UInt8]) {
        integer(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func digest(_ value: Digest) {
        var words = (
            value.words.0.bigEndian, value.words.1.bigEndian, value.words.2.bigEndian, value.words.3.bigEndian
        )
        unsafe withUnsafeBytes(of: &words) { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func chain(_ value: ChainValue) {
        var words = (value.high.bigEndian, value.low.bigEndian)
        unsafe withUnsafeBytes(of: &words) { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func origin(_ value: Origin) {
        string8(value.node.text)
        integer(value.incarnation.bits)
    }

    package mutating func eventID(_ value: EventID) {
        origin(value.origin)
        integer(value.sequence)
    }
}

/// Reads a binary layout; each failure names the offset at which it stands.
package struct ByteReader {
    private let bytes: [UInt8]
    package private(set) var offset = 0

    package init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var remaining: Int { bytes.count - offset }
    package var isAtEnd: Bool { offset == bytes.count }

    package mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(DecodeError) -> Value {
        let width = Value.bitWidth / 8
        guard remaining >= width else { throw .truncated(offset: offset, needed: width, left: remaining) }
        let value = unsafe bytes.withUnsafeBytes {
            unsafe Value(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        offset += width
        return value
    }

    package mutating func raw(_ count: Int) throws(DecodeError) -> ArraySlice<UInt8> {
        guard count >= 0, remaining >= count else { throw .truncated(offset: offset, needed: count, left: remaining) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    package mutating func string8() throws(DecodeError) -> String { try string(Int(integer(UInt8.self))) }
    package mutating func string32(atMost limit: Int) throws(DecodeError) -> String {
        try string(length(atMost: limit))
    }
    package mutating func bytes32(atMost limit: Int) throws(DecodeError) -> [UInt8] {
        Array(try raw(length(atMost: limit)))
    }

    package mutating func digest() throws(DecodeError) -> Digest {
        Digest(words: (try integer(), try integer(), try integer(), try integer()))
    }
    package mutating func chain() throws(DecodeError) -> ChainValue {
        ChainValue(high: try integer(), low: try integer())
    }

    package mutating func origin() throws(DecodeError) -> Origin {
        let start = offset
        let text = try string8()
        do {
            return Origin(node: try NodeID(text), incarnation: Incarnation(try integer()))
        } catch let error as DecodeError {
            throw error
        } catch {
            throw .malformed(offset: start, what: "node id \"\(text)\"")
        }
    }

    package mutating func eventID() throws(DecodeError) -> EventID {
        let author = try origin()
        let start = offset
        let sequence: Int64 = try integer()
        guard sequence >= 1 else { throw .malformed(offset: start, what: "sequence \(sequence), which is below 1") }
        return EventID(origin: author, sequence: sequence)
    }

    private mutating func length(atMost limit: Int) throws(DecodeError) -> Int {
        let start = offset
        let count = Int(try integer(UInt32.self))
        guard count <= limit else { throw .oversize(offset: start, length: count, limit: limit) }
        return count
    }

    private mutating func string(_ count: Int) throws(DecodeError) -> String {
        let start = offset
        guard let text = String(validating: try raw(count), as: UTF8.self) else {
            throw .malformed(offset: start, what: "text, which is not UTF-8")
        }
        return text
    }
}

/// Why bytes from disk or network are not what they should be.
///
/// Offsets count from 0.
package enum DecodeError: Problem, Equatable {
    /// Fewer bytes are left than the layout needs.
    case truncated(offset: Int, needed: Int, left: Int)
    /// A length is above its limit.
    case oversize(offset: Int, length: Int, limit: Int)
    /// A field holds what it may not.
    case malformed(offset: Int, what: Words)
    /// The bytes go on behind the end of the layout.
    case trailing(offset: Int, left: Int)

    package var code: String { "GL-1002" }
    package var message: Words {
        switch self {
        case .truncated(let offset, let needed, let left):
            "cut off at byte \(offset): \(needed) bytes needed, \(left) left"
        case .oversize(let offset, let length, let limit):
            "length \(length) at byte \(offset) is above the limit of \(limit)"
        case .malformed(let offset, let what): "malformed at byte \(offset): \(what)"
        case .trailing(let offset, let left): "\(left) bytes too many after byte \(offset)"
        }
    }
    package var hint: Words {
        "the bytes were changed on the way or come from another format; fetch them again from their source"
    }
}
