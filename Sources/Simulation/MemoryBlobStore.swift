/// The blob store in memory: the same contract as the folder's, and a disk that fails when a test wants it.

package import Events
import Synchronization

package final class MemoryBlobStore: BlobStorage {
    fileprivate struct Content {
        var named: [Digest: [UInt8]] = [:]
        var parts: [Digest: [UInt8]] = [:]
        var note: [UInt8]?
        var isFull = false
    }

    package let limit: Int64
    fileprivate let content: Mutex<Content>

    package init(limit: Int64 = 32 << 20) {
        self.limit = limit
        content = Mutex(Content())
    }

    /// Whether the disk takes nothing more.
    package var isFull: Bool {
        get { content.withLock { $0.isFull } }
        set { content.withLock { $0.isFull = newValue } }
    }

    /// All that is here, whole.
    package var held: Set<Digest> { content.withLock { Set($0.named.keys) } }

    /// The power goes: what was not synced is gone, or is something else; what has a name stays.
    package func losePower(_ random: inout some RandomNumberGenerator) {
        let chance = UInt64.random(in: 0...UInt64.max, using: &random)
        content.withLock { content in
            for (blob, bytes) in content.parts where !bytes.isEmpty {
                var left = Array(bytes.prefix(Int(chance >> 8) % (bytes.count + 1)))
                if chance % 3 == 0, !left.isEmpty { left[left.count - 1] ^= 0xFF }
                content.parts[blob] = left
            }
            if chance % 5 == 0 { content.note = nil }
        }
    }

    /// The disk is lost, with all that was on it.
    func lose() { content.withLock { $0 = Content() } }

    package func size(of blob: Digest) -> Int64? { content.withLock { $0.named[blob].map { Int64($0.count) } } }

    package func read(_ blob: Digest, at offset: Int64, count: Int) throws(BlobFailure) -> [UInt8] {
        guard let bytes = content.withLock({ $0.named[blob] }) else { throw .unknown(blob) }
        return Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
    }

    package func begin() -> any BlobUpload { MemoryUpload(self) }

    package func partial(of blob: Digest) -> Int64 { content.withLock { Int64($0.parts[blob]?.count ?? 0) } }

    package func add(_ bytes: [UInt8], to blob: Digest, at offset: Int64) throws(BlobFailure) {
        guard offset + Int64(bytes.count) <= limit else { throw .tooLong(limit: limit) }
        try checkRoom()
        content.withLock { content in
            let here = content.parts[blob]?.prefix(Int(offset)) ?? []
            // As a file: a hole is zeros.
            content.parts[blob] = here + [UInt8](repeating: 0, count: Int(offset) - here.count) + bytes
        }
    }

    package func complete(_ blob: Digest) throws(BlobFailure) -> Bool {
        try checkRoom()
        return content.withLock { content in
            guard let bytes = content.parts.removeValue(forKey: blob), Digest.sha256(bytes) == blob else {
                return false
            }
            content.named[blob] = bytes
            return true
        }
    }

    package func sweep(keeping blobs: Set<Digest>) {
        content.withLock { $0.parts = $0.parts.filter { blobs.contains($0.key) } }
    }

    package func note() -> [UInt8]? { content.withLock { $0.note } }
    package func keep(note: [UInt8]) { content.withLock { $0.note = note } }

    fileprivate func checkRoom() throws(BlobFailure) {
        if isFull { throw .storage(.full(operation: "write")) }
    }

    fileprivate func name(_ bytes: [UInt8]) -> Digest {
        let blob = Digest.sha256(bytes)
        content.withLock { $0.named[blob] = bytes }
        return blob
    }
}

private final class MemoryUpload: BlobUpload {
    private let store: MemoryBlobStore
    private var bytes: [UInt8] = []

    init(_ store: MemoryBlobStore) { self.store = store }

    func write(_ more: [UInt8]) throws(BlobFailure) {
        guard Int64(bytes.count + more.count) <= store.limit else { throw .tooLong(limit: store.limit) }
        try store.checkRoom()
        bytes += more
    }

    func finish(as said: String?) throws(BlobFailure) -> StoredBlob {
        guard !bytes.isEmpty else { throw .empty }
        let type = try MediaType(bytes, as: said)
        try store.checkRoom()
        return StoredBlob(blob: store.name(bytes), size: Int64(bytes.count), type: type)
    }

    func cancel() { bytes = [] }
}
