// Puts bytes on the real disk without syncing: the images of a sweep live for milliseconds.

import Glibc

enum DiskFile {
    /// Replaces the file at `path`; nil removes it.
    static func replace(_ path: String, with bytes: [UInt8]?) throws(PowerLossFailure) {
        // A new inode: a connection that a test forgot to close must not see the next image.
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .cannotWrite(path: path, errno: errno) }
        guard let bytes else { return }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, errno: errno) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 else { throw .cannotWrite(path: path, errno: errno) }
            written += count
        }
    }
}
