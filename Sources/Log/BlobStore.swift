/// `blobs/`: photographs and recordings by SHA-256 (`docs/format/blobs.md`).
///
/// ```
/// blobs/ab/cdef…           a blob, its name the 64 digits of its hash, two of them the folder's
/// blobs/ab/cdef….partial   what has come of one from another node
/// blobs/….upload           what has come of one whose hash is not known yet
/// blobs/exchange           what the exchange wrote down
/// ```
/// A name is given last: bytes written, hash looked at, file synced, renamed, folder synced. So whatever bears a hash is
/// whole and durable, whenever the process or the power went.

package import Events
import Glibc
import Synchronization

package final class BlobStore: BlobStorage {
    /// What is done before a blob is durable, in order; a test ends the process, or fails the disk, before each.
    package enum Step: CaseIterable, Sendable { case write, sync, name, syncFolder }

    package let limit: Int64
    let folder: String
    /// Says what the system is to answer in place of doing a step, as `errno`; 0 lets it be done.
    private let fault: @Sendable (Step) -> Int32
    private let uploads = Atomic<UInt64>(0)

    /// Bytes of one blob, unless the configuration says otherwise.
    package static let usualLimit: Int64 = 32 << 20
    /// A part is synced as often, so that the last sync of a long blob holds nobody up.
    private static let syncEvery: Int64 = 1 << 20
    /// Bytes that are read at once.
    private static let pieceSize = 256 << 10
    private static let noteLimit = 64 << 20

    /// - Parameters:
    ///   - folder: made with the first blob when it is not there.
    ///   - limit: bytes that one blob may have.
    package init(
        folder: String, limit: Int64 = BlobStore.usualLimit, fault: @escaping @Sendable (Step) -> Int32 = { _ in 0 }
    ) {
        self.folder = folder
        self.limit = limit
        self.fault = fault
    }

    private func make(_ folder: String) throws(BlobFailure) {
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw BlobStore.failure("make \(folder)") }
    }

    // MARK: - Reading

    package func size(of blob: Digest) throws(BlobFailure) -> Int64? { try length(path(of: blob)) }

    package func read(_ blob: Digest, at offset: Int64, count: Int) throws(BlobFailure) -> [UInt8] {
        let path = path(of: blob)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .unknown(blob) }
            throw BlobStore.failure("open \(path)")
        }
        defer { close(descriptor) }
        return try BlobStore.read(descriptor, at: offset, count: count, path)
    }

    // MARK: - Uploads

    package func begin() throws(BlobFailure) -> any BlobUpload {
        try make(folder)
        var random = SystemRandomNumberGenerator()
        let number = uploads.add(1, ordering: .relaxed).newValue
        let bits: UInt64 = random.next()
        return try Upload(self, path: "\(folder)/\(bits.hexadecimal)-\(number).upload")
    }

    /// Syncs a file, gives it its name and syncs the folders that hold it.
    fileprivate func name(_ path: String, _ descriptor: Int32, _ blob: Digest) throws(BlobFailure) {
        try step(.sync, path) { fsync(descriptor) }
        let target = self.path(of: blob)
        let parent = String(target.dropLast(63))
        try make(parent)
        // Whoever made the folder may not have synced its name.
        try syncFolder(folder)
        // Over what is there, too: it has the same bytes, and whoever put it may not have synced the folder yet.
        try step(.name, path) { unsafe rename(path, target) }
        try syncFolder(parent)
    }

    fileprivate func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int64, _ path: String) throws(BlobFailure)
    {
        var done = 0
        while done < bytes.count {
            var written = 0
            try step(.write, path) {
                written = unsafe bytes.withUnsafeBytes { buffer in
                    unsafe pwrite(
                        descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + done)
                }
                return written < 0 ? -1 : 0
            }
            done += written
        }
    }

    private func syncFolder(_ path: String) throws(BlobFailure) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BlobStore.failure("open \(path)") }
        defer { close(descriptor) }
        try step(.syncFolder, path) { fsync(descriptor) }
    }

    /// Does one step; a signal in between repeats it.
    private func step(_ step: Step, _ path: String, _ body: () -> Int32) throws(BlobFailure) {
        let wrong = fault(step)
        if wrong != 0 {
            errno = wrong
            throw BlobStore.failure(BlobStore.words(of: step, path))
        }
        while body() != 0 {
            guard errno == EINTR else { throw BlobStore.failure(BlobStore.words(of: step, path)) }
        }
    }

    // MARK: - Parts from another node

    package func partial(of blob: Digest) throws(BlobFailure) -> Int64 { try length(path(of: blob) + ".partial") ?? 0 }

    package func add(_ bytes: [UInt8], to blob: Digest, at offset: Int64) throws(BlobFailure) {
        guard offset + Int64(bytes.count) <= limit else { throw .tooLong(limit: limit) }
        let path = path(of: blob) + ".partial"
        let parent = String(path.dropLast(71))
        try make(folder)
        try make(parent)
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | (offset == 0 ? O_TRUNC : 0), 0o600)
        guard descriptor >= 0 else { throw BlobStore.failure("open \(path)") }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, at: offset, path)
        let end = offset + Int64(bytes.count)
        if end / BlobStore.syncEvery > offset / BlobStore.syncEvery {
            try step(.sync, path) { fdatasync(descriptor) }
        }
    }

    package func complete(_ blob: Digest) throws(BlobFailure) -> Bool {
        let path = path(of: blob) + ".partial"
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw BlobStore.failure("open \(path)")
        }
        defer { close(descriptor) }
        guard try BlobStore.hash(descriptor, path) == blob else {
            try remove(path)
            return false
        }
        try name(path, descriptor, blob)
        return true
    }

    /// Whether the bytes under a blob's name give it; nil when it is not here.
    package func isWhole(_ blob: Digest) throws(BlobFailure) -> Bool? {
        let path = path(of: blob)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw BlobStore.failure("open \(path)")
        }
        defer { close(descriptor) }
        return try BlobStore.hash(descriptor, path) == blob
    }

    private static func hash(_ descriptor: Int32, _ path: String) throws(BlobFailure) -> Digest {
        var hash = RunningDigest()
        var offset: Int64 = 0
        while true {
            let piece = try read(descriptor, at: offset, count: pieceSize, path)
            if piece.isEmpty { return hash.value }
            hash.add(piece)
            offset += Int64(piece.count)
        }
    }

    /// All blobs that are here, in the order of their hashes, a folder at a time.
    package func forEach(_ body: (Digest) throws -> Void) throws {
        for name in try names(in: folder) where name.utf8.count == 2 {
            for rest in try names(in: "\(folder)/\(name)") {
                if let blob = Digest(hexadecimal: name + rest) { try body(blob) }
            }
        }
    }

    // MARK: - Sweeping, notes

    package func sweep(keeping blobs: Set<Digest>) throws(BlobFailure) {
        for name in try names(in: folder) where name.utf8.count == 2 {
            for part in try names(in: "\(folder)/\(name)") where part.hasSuffix(".partial") {
                guard let blob = Digest(hexadecimal: name + part.dropLast(8)), !blobs.contains(blob) else { continue }
                try remove("\(folder)/\(name)/\(part)")
            }
        }
    }

    /// Removes what a process that died left of uploads; called before the first one begins.
    package func removeUploads() throws(BlobFailure) {
        for name in try names(in: folder) where name.hasSuffix(".upload") { try remove("\(folder)/\(name)") }
    }

    package func note() throws(BlobFailure) -> [UInt8]? {
        let path = "\(folder)/exchange"
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw BlobStore.failure("open \(path)")
        }
        defer { close(descriptor) }
        return try BlobStore.read(descriptor, at: 0, count: BlobStore.noteLimit, path)
    }

    package func keep(note: [UInt8]) throws(BlobFailure) {
        try make(folder)
        let path = "\(folder)/exchange"
        let descriptor = unsafe open(path + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BlobStore.failure("open \(path)") }
        defer { close(descriptor) }
        try write(note, to: descriptor, at: 0, path)
        guard unsafe rename(path + ".partial", path) == 0 else { throw BlobStore.failure("name \(path)") }
    }

    // MARK: - Files

    /// Where a blob is, or would be.
    package func path(of blob: Digest) -> String {
        let digits = blob.description
        return "\(folder)/\(digits.prefix(2))/\(digits.dropFirst(2))"
    }

    private func length(_ path: String) throws(BlobFailure) -> Int64? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw BlobStore.failure("look at \(path)")
        }
        return Int64(status.st_size)
    }

    private static func read(
        _ descriptor: Int32, at offset: Int64, count: Int, _ path: String
    ) throws(BlobFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let wanted = min(count - bytes.count, pieceSize)
            var got = 0
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                repeat {
                    got = unsafe pread(descriptor, buffer.baseAddress, wanted, off_t(offset) + bytes.count)
                } while got < 0 && errno == EINTR
                filled = max(0, got)
            }
            guard got >= 0 else { throw failure("read \(path)") }
            if got == 0 { return bytes }
            bytes += piece
        }
        return bytes
    }

    private func names(in folder: String) throws(BlobFailure) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            if errno == ENOENT { return [] }
            throw BlobStore.failure("open \(folder)")
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    fileprivate func remove(_ path: String) throws(BlobFailure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw BlobStore.failure("remove \(path)") }
    }

    private static func words(of step: Step, _ path: String) -> Words {
        switch step {
        case .write: "write to \(path)"
        case .sync, .syncFolder: "sync \(path)"
        case .name: "name \(path)"
        }
    }

    fileprivate static func failure(_ operation: Words) -> BlobFailure {
        if errno == ENOSPC || errno == EDQUOT { return .storage(.full(operation: operation)) }
        return .storage(
            .storage(operation: operation, detail: Words(verbatim: FileLock.systemError()), fatal: false))
    }
}

/// A blob that comes in without a name.
private final class Upload: BlobUpload {
    private let store: BlobStore
    private let path: String
    private let descriptor: Int32
    private var hash = RunningDigest()
    private var beginning: [UInt8] = []
    private var size: Int64 = 0
    private var isDone = false

    init(_ store: BlobStore, path: String) throws(BlobFailure) {
        self.store = store
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BlobStore.failure("open \(path)") }
    }

    deinit {
        cancel()
        if descriptor >= 0 { close(descriptor) }
    }

    func write(_ bytes: [UInt8]) throws(BlobFailure) {
        guard size + Int64(bytes.count) <= store.limit else { throw .tooLong(limit: store.limit) }
        try store.write(bytes, to: descriptor, at: size, path)
        if beginning.count < MediaType.beginning {
            beginning += bytes.prefix(MediaType.beginning - beginning.count)
        }
        hash.add(bytes)
        size += Int64(bytes.count)
    }

    func finish(as said: String?) throws(BlobFailure) -> StoredBlob {
        guard size > 0 else { throw .empty }
        let type = try MediaType(beginning, as: said)
        let blob = hash.value
        try store.name(path, descriptor, blob)
        isDone = true
        return StoredBlob(blob: blob, size: size, type: type)
    }

    func cancel() {
        guard !isDone else { return }
        isDone = true
        // What stays is swept at the next start.
        unsafe unlink(path)
    }
}
