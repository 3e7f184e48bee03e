/// Keeps a second process from writing to a log, and tells a file from its raw copy.

import CSQLite
import Events
import Glibc

/// An advisory lock on a file beside the log, held as long as the object lives; the system drops it when the process
/// dies, however it dies.
///
/// A file of its own, since closing any descriptor of the database would drop SQLite's own POSIX locks
/// (sqlite.org/howtocorrupt.html, 2.2).
final class FileLock {
    private let descriptor: Int32

    /// - Throws: `.held` when another process holds it.
    init(path: String) throws(LogFailure) {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw .storage(operation: "open \(path)", detail: Words(verbatim: FileLock.systemError()), fatal: false)
        }
        guard FileLock.take(opened) else {
            close(opened)
            throw .held(path: path.hasSuffix(".lock") ? String(path.dropLast(5)) : path)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Who only looks (`isHeld`) has the lock for a moment, so that one refusal says nothing yet.
    private static func take(_ descriptor: Int32) -> Bool {
        for _ in 0..<tries {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            poll(nil, 0, 10)
        }
        return false
    }

    /// A fifth of a second in all.
    private static let tries = 20

    /// Whether a process holds the lock now; changes nothing.
    static func isHeld(path: String) throws(LogFailure) -> Bool {
        let opened = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard opened >= 0 else {
            if errno == ENOENT { return false }
            throw .storage(operation: "open \(path)", detail: Words(verbatim: FileLock.systemError()), fatal: false)
        }
        defer { close(opened) }
        return flock(opened, LOCK_SH | LOCK_NB) != 0
    }

    static func systemError() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}

/// Where the file stood when it was last opened for writing: a raw copy has another inode, and says so.
enum FilePlace {
    /// Notes the present place; called by the writer at opening.
    static func record(_ connection: Connection, path: String) throws(LogFailure) {
        guard let place = of(path) else { return }
        let insert = try connection.prepare(
            "INSERT INTO meta(key, value) VALUES ('place', ?1) ON CONFLICT(key) DO UPDATE SET value = ?1 WHERE value <> ?1"
        )
        insert.bind(1, text: place)
        try insert.run()
    }

    static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    /// `device:inode` of a file; nil when there is none.
    static func of(_ path: String) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return "\(status.st_dev):\(status.st_ino)"
    }
}
