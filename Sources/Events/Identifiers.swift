/// Names of things in the log: nodes, origins, events, streams, commands and feeds.
///
/// Every identifier is a type of its own, so that a sequence is never taken for a position. The text
/// forms below are what files, the wire and JSON show; `docs/format/log.md` fixes them.

/// A node's name (节点), fixed at `gridline init`: 1–32 of `a–z`, `0–9` and `-`, starting with a letter.
package struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// - Throws: `.malformed` when `text` is not 1–32 characters of `a–z 0–9 -` starting with a letter.
    package init(_ text: String) throws(IdentifierError) {
        let bytes = text.utf8
        let shaped = bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard let first = bytes.first, (0x61...0x7A).contains(first), bytes.count <= 32, shaped else {
            throw .malformed(kind: "node id", value: text, rule: "1-32 of a-z, 0-9 and -, starting with a letter")
        }
        self.text = text
    }

    package var description: String { text }
    package static func < (left: NodeID, right: NodeID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// One opening of a node's log for writing: 64 random bits, so that a restored or copied folder can
/// never issue a number that was issued before (`docs/format/log.md`, origins).
package struct Incarnation: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let bits: UInt64
    package init(_ bits: UInt64) { self.bits = bits }

    /// 16 lower-case hexadecimal digits.
    package var description: String { bits.hexadecimal }
    package static func < (left: Incarnation, right: Incarnation) -> Bool { left.bits < right.bits }
}

/// The author of a dense run of events: a node in one incarnation.
///
/// Text form `node.incarnation`.
package struct Origin: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let node: NodeID
    package let incarnation: Incarnation

    package init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }

    /// Reads the text form `node.incarnation`.
    ///
    /// - Throws: `.malformed` when the text is not of that form.
    package init(_ text: String) throws(IdentifierError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 16, let bits = UInt64(parts[1], radix: 16) else {
            throw .malformed(kind: "origin", value: text, rule: "node.incarnation with 16 hexadecimal digits")
        }
        self.init(node: try NodeID(String(parts[0])), incarnation: Incarnation(bits))
    }

    package var description: String { "\(node).\(incarnation)" }
    package static func < (left: Origin, right: Origin) -> Bool {
        left.node == right.node ? left.incarnation < right.incarnation : left.node < right.node
    }
}

/// An event's id: its origin and its sequence there, dense from 1.
///
/// Text form `node.incarnation/sequence`.
package struct EventID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let origin: Origin
    package let sequence: Int64

    package init(origin: Origin, sequence: Int64) {
        self.origin = origin
        self.sequence = sequence
    }

    /// Reads the text form `node.incarnation/sequence`.
    ///
    /// - Throws: `.malformed` when the text is not of that form or the sequence is below 1.
    package init(_ text: String) throws(IdentifierError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[1]), sequence >= 1 else {
            throw .malformed(kind: "event id", value: text, rule: "node.incarnation/sequence")
        }
        self.init(origin: try Origin(String(parts[0])), sequence: sequence)
    }

    package var description: String { "\(origin)/\(sequence)" }
    package static func < (left: EventID, right: EventID) -> Bool {
        left.origin == right.origin ? left.sequence < right.sequence : left.origin < right.origin
    }
}

/// The name of an aggregate's stream, `category/key`: `ticket/0197…`, `agent/li/2026-11-23`.
///
/// 3–200 bytes of printable ASCII without blanks; the category is what stands before the first `/`.
package struct StreamName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// - Throws: `.malformed` when the name has no category, no key, a blank or a non-ASCII byte.
    package init(_ text: String) throws(IdentifierError) {
        let bytes = text.utf8
        guard let slash = bytes.firstIndex(of: 0x2F), slash > bytes.startIndex,
            bytes.index(after: slash) < bytes.endIndex,
            bytes.count <= 200, bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .malformed(kind: "stream name", value: text, rule: "category/key, at most 200 printable ASCII bytes")
        }
        self.text = text
    }

    package init(category: String, key: String) throws(IdentifierError) { try self.init("\(category)/\(key)") }

    /// What stands before the first `/`.
    package var category: Substring { text[..<slash] }
    /// What stands after the first `/`.
    package var key: Substring { text[slash...].dropFirst() }
    /// Looked for among bytes: finding characters costs twenty times as much.
    private var slash: String.Index { text.utf8.firstIndex(of: 0x2F) ?? text.endIndex }
    package var description: String { text }
    package static func < (left: StreamName, right: StreamName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// An event's type and the version of its body, both explicit strings that outlive the code: `ticket.dispatched`,
/// `1`.
///
/// A renamed Swift type changes no byte of it.
package struct EventType: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let version: String

    package init(_ name: String, version: String = "1") {
        self.name = name
        self.version = version
    }

    package var description: String { "\(name)@\(version)" }

    package static func == (left: EventType, right: EventType) -> Bool {
        left.name.hasBytes(of: right.name) && left.version.hasBytes(of: right.version)
    }

    package func hash(into hasher: inout Hasher) {
        name.hashBytes(into: &hasher)
        version.hashBytes(into: &hasher)
    }
}

/// The idempotency key of a command (指令标识): 128 bits, shown as a UUID.
///
/// Unique for ever, on every node.
package struct CommandID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A time-ordered id (RFC 9562 UUIDv7): neighbours in time are neighbours in the index, which makes
    /// appends 1.6–2.7 × cheaper than random ids.
    package init(at now: Timestamp, random: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, now.milliseconds)) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | (random.next() & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.next() >> 2)
    }

    /// An id derived from words (RFC 9562 UUIDv8 over SHA-256): the same words give the same id on every
    /// node, so a timer that fires twice, or an import that runs twice, adds nothing.
    package init(derivedFrom words: String...) {
        var writer = ByteWriter()
        for word in words { writer.string32(word) }
        let digest = Digest.sha256(writer.bytes)
        high = digest.words.0 & 0xFFFF_FFFF_FFFF_0FFF | 0x8000
        low = digest.words.1 & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// Reads a UUID in its 36-character form.
    ///
    /// - Throws: `.malformed` when the text is no UUID.
    package init(_ text: String) throws(IdentifierError) {
        let digits = text.utf8.filter { $0 != 0x2D }
        let hyphens = text.utf8.enumerated().filter { $0.element == 0x2D }.map(\.offset)
        guard text.utf8.count == 36, digits.count == 32, hyphens == [8, 13, 18, 23],
            let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
        else {
            throw .malformed(
                kind: "command id", value: text, rule: "a UUID such as 0197c1f2-....-7...-8...-............")
        }
        self.init(high: high, low: low)
    }

    package var description: String {
        let digits = high.hexadecimal + low.hexadecimal
        var text = ""
        for (offset, digit) in digits.enumerated() {
            if offset == 8 || offset == 12 || offset == 16 || offset == 20 { text.append("-") }
            text.append(digit)
        }
        return text
    }
}

/// The name of a subscriber's feed: `common`, `node/<node id>` or `*` (a standby's).
package struct FeedName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    private init(unchecked text: String) { self.text = text }

    /// The feed of rules, calendars, accounts and nodes: every node reads it.
    package static let common = FeedName(unchecked: "common")
    /// The feed of one node: the tickets it holds or helps with, and receipts of what it wrote.
    package static func node(_ node: NodeID) -> FeedName { FeedName(unchecked: "node/\(node)") }

    /// - Throws: `.malformed` when the text is neither `common`, `*` nor `node/<node id>`.
    package init(_ text: String) throws(IdentifierError) {
        if text.hasPrefix("node/") {
            self = .node(try NodeID(String(text.dropFirst(5))))
        } else if text == "common" || text == "*" {
            self.init(unchecked: text)
        } else {
            throw .malformed(kind: "feed name", value: text, rule: "common, * or node/<node id>")
        }
    }

    package var description: String { text }
    package static func < (left: FeedName, right: FeedName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// Why a text is no identifier.
package enum IdentifierError: Problem, Equatable {
    case malformed(kind: Words, value: String, rule: Words)

    package var code: String { "GL-1001" }
    package var message: Words {
        switch self {
        case .malformed(let kind, let value, _): "\"\(value)\" is not a \(kind)"
        }
    }
    package var hint: Words {
        switch self {
        case .malformed(let kind, _, let rule): "a \(kind) is \(rule)"
        }
    }
}

extension UInt64 {
    /// 16 lower-case hexadecimal digits, zero-padded.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
