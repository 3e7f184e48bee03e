// A message on its way: the header around it, which version it is written in, and whether its body is compressed
// (`docs/format/wire.md`, Header).

package import Events

/// A message on its way: what is around it in the header.
package struct Frame: Sendable, Equatable {
    /// Counts the sender's messages of a connection from 1, and wraps: a receiver counts what the way lost.
    package var number: UInt32
    /// The protocol's version in which it is written.
    package var version: UInt8
    /// The sender's line is slow: what is sent to it is to be compressed; from `Message.compressing` on.
    package var isLineSlow = false
    /// nil for a kind of a later version, which is skipped.
    package var message: Message?

    /// - Parameter version: of the session; what all versions read, and WELCOME, have their own.
    package init(
        number: UInt32, message: Message, version: UInt8 = Message.forAll, isLineSlow: Bool = false
    ) {
        self.number = number
        self.message = message
        if case .welcome(let welcome) = message {
            self.version = welcome.version
        } else {
            self.version = message.isForAll ? Message.forAll : version
        }
        self.isLineSlow = isLineSlow && self.version >= Message.compressing
    }
}

extension Frame {
    /// The header's length: magic 3, version 1, kind 1, flags 1, number 4, session 8.
    static let headerSize = 18

    private enum Flag {
        /// The body is its length as it was, u32, and raw DEFLATE.
        static let compressed: UInt8 = 1
        static let lineSlow: UInt8 = 2
    }

    package var bytes: [UInt8] { bytes(compressing: false) }

    /// The frame as it is sent.
    ///
    /// - Parameter compressing: whether rows and events are compressed where that saves an eighth and the receiver reads it.
    package func bytes(compressing: Bool) -> [UInt8] {
        guard let message else { return [] }
        var plain = message.bytes(number: number, version: version, flags: isLineSlow ? Flag.lineSlow : 0)
        guard compressing, version >= Message.compressing, message.isCompressible,
            let packed = Deflate.packed(plain[Frame.headerSize...])
        else { return plain }
        plain[Frame.flagsOffset] |= Flag.compressed
        var writer = ByteWriter(reserving: Frame.headerSize + 4 + packed.count)
        writer.raw(plain[..<Frame.headerSize])
        writer.integer(UInt32(plain.count - Frame.headerSize))
        writer.raw(packed)
        return writer.bytes
    }

    private static let flagsOffset = 5

    /// Reads one frame.
    ///
    /// - Parameter versions: those that the receiver speaks.
    /// - Throws: `DecodeError` at the first byte that does not fit, of a compressed body counted in what it unpacks to; never
    ///   traps on foreign bytes.
    package init(_ bytes: [UInt8], versions: ClosedRange<UInt8> = Message.versions) throws(DecodeError) {
        guard bytes.count <= Message.sizeLimit else {
            throw .oversize(offset: 0, length: bytes.count, limit: Message.sizeLimit)
        }
        var reader = ByteReader(bytes)
        guard try reader.raw(3).elementsEqual(Message.magic) else {
            throw .malformed(offset: 0, what: "a message that is no GRP")
        }
        version = try reader.integer()
        let kindNumber: UInt8 = try reader.integer()
        let kind = Message.Kind(rawValue: kindNumber)
        guard versions.contains(version) || kind?.isForAll == true && version == Message.forAll else {
            throw .malformed(offset: 3, what: "protocol version \(version)")
        }
        let flags: UInt8 = try reader.integer()
        // A flag changes how the rest reads, so a frame with one that is not known here cannot be read.
        let known = version >= Message.compressing ? Flag.compressed | Flag.lineSlow : 0
        guard flags & ~known == 0 else {
            throw .malformed(offset: Frame.flagsOffset, what: "flags \(flags)")
        }
        isLineSlow = flags & Flag.lineSlow != 0
        number = try reader.integer()
        let session: UInt64 = try reader.integer()
        guard let kind else {
            message = nil
            return
        }
        guard kind.hasSession || session == 0 else {
            throw .malformed(offset: 10, what: "session \(session) of a message that has none")
        }
        if flags & Flag.compressed != 0 {
            guard kind.isCompressible else { throw .malformed(offset: Frame.flagsOffset, what: "flags \(flags)") }
            reader = try Frame.unpacked(&reader)
        }
        message = try Message(kind, version: version, session: session, from: &reader)
        guard reader.isAtEnd else { throw .trailing(offset: reader.offset, left: reader.remaining) }
    }

    /// The body of a compressed frame.
    private static func unpacked(_ reader: inout ByteReader) throws(DecodeError) -> ByteReader {
        let start = reader.offset
        let length = Int(try reader.integer(UInt32.self))
        // Before anything is allocated for it.
        guard length <= Deflate.limit else { throw .oversize(offset: start, length: length, limit: Deflate.limit) }
        guard let body = Deflate.unpacked(try reader.raw(reader.remaining), length: length) else {
            throw .malformed(offset: start, what: "a compressed body that does not unpack to \(length) bytes")
        }
        return ByteReader(body)
    }
}

extension Message.Kind {
    /// What is read in the first version by ends that do not speak it: what is said without a session, and what a PUB with
    /// many subscribers says.
    fileprivate var isForAll: Bool {
        switch self {
        case .hello, .refuse, .enrol, .enrolled, .live, .hint: true
        case _: false
        }
    }

    /// What carries rows or events.
    fileprivate var isCompressible: Bool {
        switch self {
        case .batch, .live, .push: true
        case _: false
        }
    }
}

extension Message {
    fileprivate var isCompressible: Bool {
        switch self {
        case .batch, .live, .push: true
        case _: false
        }
    }
}
