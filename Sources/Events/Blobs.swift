/// The port of the blob store (`docs/format/blobs.md`): photographs and recordings by their SHA-256.
///
/// Two implementations pass one contract suite (`Tests/LogContract`): a folder (`Log`) and memory (`Simulation`).

/// Holds blobs; may be used from any thread.
///
/// What it has bears its own hash: nothing gets a name before its bytes were found to give it, and file and folder are synced.
package protocol BlobStorage: Sendable {
    /// Bytes that one blob may have.
    var limit: Int64 { get }

    /// How long a blob is; nil when it is not here.
    func size(of blob: Digest) throws(BlobFailure) -> Int64?

    /// - Returns: up to `count` bytes from `offset` on; fewer only at the end.
    /// - Throws: `.unknown` when it is not here.
    func read(_ blob: Digest, at offset: Int64, count: Int) throws(BlobFailure) -> [UInt8]

    /// Begins a blob whose hash nobody knows yet.
    func begin() throws(BlobFailure) -> any BlobUpload

    /// How much of a blob is here that is on its way from another node; 0 when nothing is.
    func partial(of blob: Digest) throws(BlobFailure) -> Int64

    /// Adds the next bytes to what is here of a blob.
    ///
    /// - Parameter offset: how much is here; 0 begins anew.
    func add(_ bytes: [UInt8], to blob: Digest, at offset: Int64) throws(BlobFailure)

    /// Verifies what is here, and gives it its name, durably.
    ///
    /// - Returns: whether its bytes give the hash; when they do not, they are gone.
    func complete(_ blob: Digest) throws(BlobFailure) -> Bool

    /// Removes parts of other blobs than these.
    func sweep(keeping blobs: Set<Digest>) throws(BlobFailure)

    /// What the exchange of blobs wrote down last; nil when there is nothing.
    func note() throws(BlobFailure) -> [UInt8]?

    /// Keeps a note instead of the last one.
    ///
    /// Not synced: after a power failure it may be an older one, or none.
    func keep(note: [UInt8]) throws(BlobFailure)
}

/// A blob on its way in; used from one thread at a time.
package protocol BlobUpload: AnyObject {
    /// - Throws: `.tooLong` above the store's limit.
    func write(_ bytes: [UInt8]) throws(BlobFailure)

    /// Gives it the name that its bytes have; when this returns it is durable.
    ///
    /// - Parameter said: the media type that its sender says it is, in lower case; nil when nobody says any.
    /// - Throws: `.empty`; `.noType` for what is no media type of the list, `.otherType` for another than was said.
    func finish(as said: String?) throws(BlobFailure) -> StoredBlob

    /// Removes what was written; after `finish` it does nothing.
    func cancel()
}

/// A blob that is here.
package struct StoredBlob: Sendable, Equatable {
    package var blob: Digest
    package var size: Int64
    /// nil for what came from a node that knows more types.
    package var type: MediaType?

    package init(blob: Digest, size: Int64, type: MediaType?) {
        self.blob = blob
        self.size = size
        self.type = type
    }
}

extension BlobStorage {
    /// What a blob is; nil when it is not here.
    package func stored(_ blob: Digest) throws(BlobFailure) -> StoredBlob? {
        guard let size = try size(of: blob) else { return nil }
        return StoredBlob(blob: blob, size: size, type: MediaType(try read(blob, at: 0, count: MediaType.beginning)))
    }

    /// Puts a blob that is in memory.
    @discardableResult
    package func put(_ bytes: [UInt8]) throws(BlobFailure) -> StoredBlob {
        let upload = try begin()
        do throws(BlobFailure) {
            try upload.write(bytes)
            return try upload.finish(as: nil)
        } catch {
            upload.cancel()
            throw error
        }
    }
}

/// What a node's blobs look like from outside of its loop.
package struct BlobStatus: Sendable, Equatable {
    /// Whether all of the log was gone through, so that `unconfirmed` is complete.
    package var isCaughtUp = false
    /// Named by own events, and not known to be at the hub; a street's.
    package var unconfirmed: Set<Digest> = []
    /// Named by events that are here, and not here themselves.
    package var missing = 0

    package init() {}
}

/// Which blobs an event names; implemented by the domain.
package protocol BlobNaming: Sendable {
    func blobs(namedIn event: Event) -> [Digest]
}

/// Why a blob was not stored or given.
package enum BlobFailure: Problem, Equatable {
    case tooLong(limit: Int64)
    case empty
    /// The first bytes are those of no type of the list.
    case noType
    /// Another type than was said.
    case otherType(said: String, found: MediaType)
    /// Not here.
    case unknown(Digest)
    /// The bytes under this name do not give it.
    case damaged(Digest)
    /// The disk.
    case storage(LogFailure)

    package var code: String {
        switch self {
        case .tooLong: "GL-2020"
        case .empty: "GL-2021"
        case .noType: "GL-2022"
        case .otherType: "GL-2023"
        case .unknown: "GL-2024"
        case .damaged: "GL-2025"
        case .storage(let failure): failure.code
        }
    }

    package var message: Words {
        switch self {
        case .tooLong(let limit): "the file is longer than \(limit) bytes"
        case .empty: "the file is empty"
        case .noType: "the file is no photograph, recording or document of a known type"
        case .otherType(let said, let found): "the file is said to be \(said), and is \(found.rawValue)"
        case .unknown(let blob): "the file \(blob) is not here"
        case .damaged(let blob): "the file \(blob) is damaged"
        case .storage(let failure): failure.message
        }
    }

    package var hint: Words {
        switch self {
        case .tooLong: "send a smaller one, such as a photograph at a lower resolution"
        case .empty: "send the file's bytes as the body"
        case .noType: "types are \(Words.list(MediaType.allCases.map(\.rawValue)))"
        case .otherType(_, let found): "send it as \(found.rawValue)"
        case .unknown: "upload it first, to this node; what another node has comes with its event"
        case .damaged:
            """
            run `gridline verify`; stop the node, move the file and `blobs/exchange` away, start it: it comes again from a node \
            that has it
            """
        case .storage(let failure): failure.hint
        }
    }
}
