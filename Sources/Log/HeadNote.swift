/// `log.sqlite.head`: what the log held after its last commit, noted beside it (`docs/format/log.md`, "Head note").
///
/// SQLite drops the end of a damaged WAL without a word, and a file that was cut contradicts nothing in itself. The
/// note is written after each commit and never synced: it costs no disk write, is exact after the death of the process,
/// and after a power failure is at most older than the log, never ahead of it. So a log that holds less than its note
/// has lost what was acknowledged.

import Events
import Glibc

/// Writes the note; one per open log.
final class HeadNote {
    private let descriptor: Int32
    private let path: String
    private static let magic: [UInt8] = [0x47, 0x4C, 0x48, 0x31]  // "GLH1"
    /// More than any note: a street applies two feeds, and names are short.
    private static let limit = 64 * 1024

    static func path(ofLogAt path: String) -> String { path + ".head" }

    /// - Throws: `.storage` when the file can be neither opened nor made.
    init(path: String) throws(LogFailure) {
        self.path = path
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw .storage(operation: "open \(path)", detail: Words(verbatim: FileLock.systemError()), fatal: false)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// - Returns: whether it was written; an older note stays true, so the commit that it follows stands either way.
    @discardableResult func write(_ certificate: LogCertificate) -> Bool {
        let bytes = HeadNote.encode(certificate)
        let written = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return written == bytes.count
    }

    // MARK: - Bytes

    static func encode(_ certificate: LogCertificate) -> [UInt8] {
        var writer = ByteWriter(reserving: 192)
        writer.raw(magic)
        for (count, chain) in [
            (certificate.position, certificate.root), (certificate.emptyCommands, certificate.emptyRoot),
            (certificate.quarantined, certificate.quarantineRoot),
        ] {
            writer.integer(count)
            writer.chain(chain)
        }
        writer.integer(UInt8(clamping: certificate.cursors.count))
        for cursor in certificate.cursors.prefix(255) {
            writer.string8(cursor.feed.text)
            writer.integer(cursor.cursor.fseq)
            writer.chain(cursor.cursor.chain)
        }
        let check = ChainValue.zero.extended(by: writer.bytes)
        writer.chain(check)
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(DecodeError) -> LogCertificate {
        var reader = ByteReader(bytes)
        guard try reader.raw(4).elementsEqual(magic) else { throw .malformed(offset: 0, what: "no head note") }
        let (position, root) = (try reader.integer(Int64.self), try reader.chain())
        let (empty, emptyRoot) = (try reader.integer(Int64.self), try reader.chain())
        let (quarantined, quarantineRoot) = (try reader.integer(Int64.self), try reader.chain())
        var cursors: [NamedCursor] = []
        for _ in 0..<(try reader.integer(UInt8.self)) {
            let start = reader.offset
            let text = try reader.string8()
            guard let feed = try? FeedName(text) else { throw .malformed(offset: start, what: "feed name \"\(text)\"") }
            cursors.append(NamedCursor(feed, FeedCursor(fseq: try reader.integer(), chain: try reader.chain())))
        }
        let end = reader.offset
        guard try reader.chain() == ChainValue.zero.extended(by: Array(bytes[..<end])) else {
            throw .malformed(offset: end, what: "a check value that is not that of the bytes")
        }
        return LogCertificate(
            position: position, root: root, emptyCommands: empty, emptyRoot: emptyRoot, quarantined: quarantined,
            quarantineRoot: quarantineRoot, cursors: cursors)
    }

    /// Reads the note of a log.
    ///
    /// A writer may be at it, so bytes that do not hold are read again, three times in all.
    ///
    /// - Returns: nil when there is no note, or none that holds: then nothing can be said from it.
    static func read(ofLogAt path: String) -> LogCertificate? {
        for _ in 0..<3 {
            guard let bytes = FileBytes.all(path: HeadNote.path(ofLogAt: path), atMost: limit), !bytes.isEmpty else {
                return nil
            }
            if let certificate = try? decode(bytes) { return certificate }
        }
        return nil
    }
}

/// Reads files that SQLite does not read for us: the note and the WAL.
///
/// Never the database itself: closing any descriptor of it would drop SQLite's locks on it in this process
/// (sqlite.org/howtocorrupt.html, 2.2). The WAL carries no locks.
struct FileBytes: ~Copyable {
    private let descriptor: Int32
    /// Bytes in the file when it was opened.
    let count: Int

    /// - Returns: nil when the file cannot be opened.
    init?(path: String) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0 else {
            close(opened)
            return nil
        }
        descriptor = opened
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// - Returns: fewer than `count` bytes only at the file's end or when the disk fails.
    func read(at offset: Int, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                guard got > 0 else { return }
                filled += got
            }
        }
    }

    static func all(path: String, atMost limit: Int) -> [UInt8]? {
        guard let file = FileBytes(path: path) else { return nil }
        return file.read(at: 0, count: min(file.count, limit))
    }
}
