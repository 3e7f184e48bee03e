/// What nodes say to each other about blobs (`docs/format/wire.md`, kinds 17 and 18; `docs/format/blobs.md`).

package import Events

/// What two nodes say to each other about blobs.
package enum BlobMessage: Sendable, Equatable {
    /// Asks for a blob, or says that all of it is here.
    case want(BlobWant)
    /// A piece of a blob that was asked for.
    case chunk(BlobChunk)
}

/// Asks for the bytes of a blob, or, with a credit of 0, says that all of it is durable at the sender.
package struct BlobWant: Sendable, Equatable {
    /// An event that names the blob, and that both have: for its sake the sender may have it.
    package var event: EventID
    package var blob: Digest
    /// Bytes that the sender has; with a credit of 0 the blob's size.
    package var offset: Int64
    /// Bytes from there on that may be sent.
    package var credit: UInt32

    package init(event: EventID, blob: Digest, offset: Int64, credit: UInt32) {
        self.event = event
        self.blob = blob
        self.offset = offset
        self.credit = credit
    }

    /// Whether it says that the sender has all of it.
    var isHeld: Bool { credit == 0 }
}

/// A piece of a blob; without bytes and size 0 the answer that it is not here, or not for who asks.
package struct BlobChunk: Sendable, Equatable {
    package var blob: Digest
    /// Of the whole blob.
    package var size: Int64
    package var offset: Int64
    package var bytes: [UInt8]

    /// Bytes of a piece, at most.
    package static let most = 32 << 10

    package init(blob: Digest, size: Int64, offset: Int64, bytes: [UInt8]) {
        self.blob = blob
        self.size = size
        self.offset = offset
        self.bytes = bytes
    }

    /// The answer of who does not have it, or not for who asks.
    static func none(of blob: Digest) -> BlobChunk { BlobChunk(blob: blob, size: 0, offset: 0, bytes: []) }
}

extension BlobMessage {
    var kind: Message.Kind {
        switch self {
        case .want: .blobWant
        case .chunk: .blobChunk
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .want(let want): writer.want(want)
        case .chunk(let chunk): writer.chunk(chunk)
        }
    }

    init(_ kind: Message.Kind, from reader: inout ByteReader) throws(DecodeError) {
        switch kind {
        case .blobWant: self = .want(try reader.want())
        case _: self = .chunk(try reader.chunk())
        }
    }
}

extension ByteWriter {
    fileprivate mutating func want(_ want: BlobWant) {
        eventID(want.event)
        digest(want.blob)
        integer(want.offset)
        integer(want.credit)
    }

    fileprivate mutating func chunk(_ chunk: BlobChunk) {
        digest(chunk.blob)
        integer(chunk.size)
        integer(chunk.offset)
        bytes32(chunk.bytes)
    }
}

extension ByteReader {
    fileprivate mutating func want() throws(DecodeError) -> BlobWant {
        BlobWant(event: try eventID(), blob: try digest(), offset: try number(), credit: try integer())
    }

    fileprivate mutating func chunk() throws(DecodeError) -> BlobChunk {
        let blob = try digest()
        let start = offset
        let (size, place) = (try number(), try number())
        let bytes = try bytes32(atMost: BlobChunk.most)
        guard place <= size, Int64(bytes.count) <= size - place else {
            throw .malformed(offset: start, what: "a piece up to byte \(place) and \(bytes.count) of \(size)")
        }
        return BlobChunk(blob: blob, size: size, offset: place, bytes: bytes)
    }
}
