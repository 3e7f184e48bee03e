/// `views.sqlite.unsynced`: says that the views beside it may stand in the kernel's memory only, and of which boot.
///
/// The running node never waits for its views to reach the disk: a checkpoint of theirs would hold up the log's syncs
/// (`docs/decisions/0014-views-aside.md`). A killed process loses nothing by that, for the kernel keeps what was
/// written; a power cut may leave any mixture of pages. The mark is on the disk before the first write that is not
/// synced, and leaves it after the last was; found with the id of another boot, it tells that the views are not to be
/// trusted. It is a file of its own because a row in the views' file could be lost in that mixture itself.

import Events
import Glibc

/// The kernel's name for the time since it last started (`random(4)`, `/proc/sys/kernel/random/boot_id`).
package struct BootID: Sendable, Equatable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// This machine's; nil where the kernel does not tell, and views are then synced like any other file.
    package static var current: BootID? {
        guard let bytes = FileContents.read("/proc/sys/kernel/random/boot_id", atMost: 64) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { $0.isHexDigit || $0 == "-" }
        return text.count == 36 ? BootID(text) : nil
    }
}

struct UnsyncedMark {
    enum State: Equatable {
        /// All that the views hold is on the disk.
        case absent
        /// The kernel that took the writes still runs.
        case ofThisBoot
        /// Whatever was not on the disk when the machine went down is gone.
        case ofAnotherBoot
    }

    let path: String
    private let views: String

    init(views path: String) {
        views = path
        self.path = path + ".unsynced"
    }

    func state(in boot: BootID?) -> State {
        guard unsafe access(path, F_OK) == 0 else { return .absent }
        // Cut short, or not to be read: it was being made, and says no more than that it was there.
        guard let boot, let bytes = FileContents.read(path, atMost: 64) else { return .ofAnotherBoot }
        return bytes == Array(boot.text.utf8) ? .ofThisBoot : .ofAnotherBoot
    }

    /// Puts the mark on the disk; returns when it is there.
    ///
    /// - Throws: `ViewFailure.storage`.
    func make(_ boot: BootID) throws(ViewFailure) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open \(path)") }
        defer { close(file) }
        let bytes = Array(boot.text.utf8)
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, ftruncate(file, off_t(written)) == 0, fsync(file) == 0 else {
            throw failure("sync \(path)")
        }
        try syncFolder()
    }

    /// Brings the views' closed file to the disk and takes the mark away; leaves it when some of it is in a WAL still.
    ///
    /// Never while a connection of this process has the file open: closing any descriptor of it drops SQLite's locks
    /// (sqlite.org/howtocorrupt.html, 2.2).
    ///
    /// - Throws: `ViewFailure.storage`; the mark then stays, and the next boot makes the views anew.
    func settle() throws(ViewFailure) {
        guard unsafe access(path, F_OK) == 0, isWALEmpty else { return }
        let file = unsafe open(views, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("sync \(views)") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("sync \(views)") }
        // The mark must not go before the WAL's end is on the disk: an old frame over newer pages would be read as true.
        try syncWAL()
        try syncFolder()
        guard unsafe unlink(path) == 0 else { throw failure("remove \(path)") }
    }

    private func syncWAL() throws(ViewFailure) {
        let file = unsafe open(views + "-wal", O_RDONLY | O_CLOEXEC)
        // Deleted: the folder tells.
        guard file >= 0 else { return }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("sync \(views)") }
    }

    private var isWALEmpty: Bool {
        var status = stat()
        return unsafe stat(views + "-wal", &status) != 0 || status.st_size == 0
    }

    private func syncFolder() throws(ViewFailure) {
        let name = views.lastIndex(of: "/").map { $0 == views.startIndex ? "/" : String(views[..<$0]) } ?? "."
        let folder = unsafe open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("sync \(name)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("sync \(name)") }
    }

    private func failure(_ operation: Words) -> ViewFailure {
        .storage(operation: operation, detail: Words(verbatim: unsafe String(cString: strerror(errno))))
    }
}

/// Small files that are read as a whole.
private enum FileContents {
    static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, unsafe Glibc.read(file, buffer.baseAddress, limit))
        }
    }
}
