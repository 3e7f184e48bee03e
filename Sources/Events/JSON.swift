/// JSON values as event bodies use them: integers only, object members sorted by key.
///
/// Foundation's decoder reads 80,000–250,000 bodies a second on one core; folds need more, and the
/// canonical form (sorted keys, no blanks, no floats) must be ours to the byte. See `JSONReader`
/// for what is read and `canonicalText` for what is written.

package enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    /// Byte by byte, as it is written.
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.integer(let one), .integer(let other)): one == other
        case (.string(let one), .string(let other)): one.hasBytes(of: other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        case _: false
        }
    }
}

/// An object's members, sorted by the bytes of their keys, each key once.
package struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [(key: String, value: JSON)]

    package init() { members = [] }

    /// - Precondition: keys are unique.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }

    /// Members that are already sorted and unique; the reader's way in.
    init(sorted members: [(key: String, value: JSON)]) { self.members = members }

    package var isEmpty: Bool { members.isEmpty }

    /// The value of a member; nil when there is none.
    ///
    /// Setting nil removes it.
    package subscript(key: String) -> JSON? {
        get {
            // Bodies have few members, and a linear look at short keys beats a search.
            for member in members where member.key == key { return member.value }
            return nil
        }
        set {
            let place = members.firstIndex { !$0.key.utf8.lexicographicallyPrecedes(key.utf8) } ?? members.endIndex
            let found = place < members.endIndex && members[place].key.hasBytes(of: key)
            switch (found, newValue) {
            case (true, .some(let value)): members[place].value = value
            case (true, .none): members.remove(at: place)
            case (false, .some(let value)): members.insert((key, value), at: place)
            case (false, .none): break
            }
        }
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count
            && zip(left.members, right.members).allSatisfy { $0.key.hasBytes(of: $1.key) && $0.value == $1.value }
    }
}

// MARK: - Looking into a value

extension JSON {
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }
}

// MARK: - Writing

extension JSON {
    /// The canonical bytes: no blanks, members sorted by key bytes, `"` `\` and controls escaped
    /// (`\n` `\r` `\t` `\b` `\f` in short form, others as `\u00xx`), everything else as UTF-8.
    package var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        write(to: &bytes)
        return bytes
    }

    package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .string(let value): JSON.write(value, to: &bytes)
        case .array(let values):
            bytes.append(0x5B)
            for (offset, value) in values.enumerated() {
                if offset > 0 { bytes.append(0x2C) }
                value.write(to: &bytes)
            }
            bytes.append(0x5D)
        case .object(let object):
            bytes.append(0x7B)
            for (offset, member) in object.members.enumerated() {
                if offset > 0 { bytes.append(0x2C) }
                JSON.write(member.key, to: &bytes)
                bytes.append(0x3A)
                member.value.write(to: &bytes)
            }
            bytes.append(0x7D)
        }
    }

    /// Whether a text stands in JSON as it is.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = unsafe text.utf8.span.bytes
        var place = 0
        // Eight bytes at a look: taking n from a byte below n sets its highest bit. The borrow can only mislead about
        // bytes above one that is found anyway.
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while place + 8 <= bytes.byteCount {
            let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            let quote = word ^ ones &* 0x22
            let slash = word ^ ones &* 0x5C
            let found = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash
            if found & high != 0 { return false }
            place += 8
        }
        while place < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt8.self)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
            place += 1
        }
        return true
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        // Most texts need no escape: one look, one copy.
        if isPlain(text) {
            bytes.append(contentsOf: text.utf8)
            bytes.append(0x22)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x08: bytes.append(contentsOf: [0x5C, 0x62])
            case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
            case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
            case 0x0C: bytes.append(contentsOf: [0x5C, 0x66])
            case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
            case 0..<0x20:
                bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30])
                for nibble in [byte >> 4, byte & 15] { bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
