/// Hashes and chain values.
import Crypto

/// The algorithm of an event's hash.
///
/// The id is stored with each event, so that another can follow.
package enum HashAlgorithm: UInt8, Sendable {
    /// SHA-256 (FIPS 180-4).
    case sha256 = 1
    // 2 is reserved for SM3 (GB/T 32905-2016).
}

/// A 256-bit hash value.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes as four big-endian words.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Thirty-two zero bytes: the `previous` of a node's first event.
    package static let zero = Digest(words: (0, 0, 0, 0))

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var reader = ByteReader(bytes)
        guard let value = try? reader.digest() else { return nil }
        self = value
    }

    package static func sha256(_ bytes: [UInt8]) -> Digest {
        var parts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe SHA256.hash(data: bytes).withUnsafeBytes { raw in
            parts.0 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
            parts.1 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            parts.2 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            parts.3 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
        return Digest(words: parts)
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.digest(self)
        return writer.bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        words.0.hexadecimal + words.1.hexadecimal + words.2.hexadecimal + words.3.hexadecimal
    }

    /// Reads the text form.
    ///
    /// - Returns: nil unless it is 64 lower-case hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 64, let value = Hexadecimal.bytes(text).flatMap({ Digest(bytes: $0) }),
            value.description == text
        else { return nil }
        self = value
    }

    package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// A 128-bit chain value: the first 16 bytes of a SHA-256 over the value before and the row.
///
/// Chains of rows (the local order, a feed) carry 16 bytes where events carry 32: they are compared in
/// every ping and stored with every row, and finding a second row with the same value still takes 2¹²⁸ work.
package struct ChainValue: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Sixteen zero bytes: the value before the first row.
    package static let zero = ChainValue(high: 0, low: 0)

    /// The value after a row, of which `row` is the canonical form, behind this one.
    package func extended(by row: [UInt8]) -> ChainValue {
        var writer = nextRow(reserving: row.count)
        writer.raw(row)
        return ChainValue(endOf: writer)
    }

    /// Where the canonical form of the row behind this value is written, to be ended by `init(endOf:)`.
    package func nextRow(reserving bytes: Int) -> ByteWriter {
        var writer = ByteWriter(reserving: 16 + bytes)
        writer.chain(self)
        return writer
    }

    /// The value after the row that was written into what `nextRow` gave.
    package init(endOf row: ByteWriter) {
        let digest = Digest.sha256(row.bytes)
        self.init(high: digest.words.0, low: digest.words.1)
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.chain(self)
        return writer.bytes
    }

    /// - Returns: nil unless there are exactly 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        var reader = ByteReader(bytes)
        guard bytes.count == 16, let value = try? reader.chain() else { return nil }
        self = value
    }

    /// 32 lower-case hexadecimal digits.
    package var description: String { high.hexadecimal + low.hexadecimal }
}

/// SHA-256 of bytes that come one after the other.
package struct RunningDigest {
    private var hash = SHA256()

    package init() {}

    package mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }

    /// The digest of what came so far.
    package var value: Digest {
        var parts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe hash.finalize().withUnsafeBytes { raw in
            parts.0 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
            parts.1 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            parts.2 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            parts.3 = unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
        return Digest(words: parts)
    }
}
