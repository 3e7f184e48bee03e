/// Files that are there whole, or not at all.

import Events
import Foundation
import Glibc

enum WholeFile {
    /// Puts a file into place: written under a temporary name, synced, then named; who reads the name reads all of it.
    ///
    /// Only its owner may read it. What a killed process leaves is `<path>.partial`, which the next one replaces.
    ///
    /// - Throws: `CommandProblem` naming the file and what the system says; the file that was there before stays.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let partial = path + ".partial"
        guard unsafe unlink(partial) == 0 || errno == ENOENT else { throw failure(path) }
        let descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        do {
            defer { close(descriptor) }
            do throws(OutputFailure) { try Sink(descriptor: descriptor).write(bytes) } catch {
                unsafe unlink(partial)
                throw CommandProblem(
                    message: "\(path) cannot be written: \(error.reason)",
                    hint: "check the folder's owner and free space")
            }
            guard fsync(descriptor) == 0 else { throw failure(path) }
        }
        try name(partial, path)
    }

    /// Gives what is synced its name: a file, or a folder with all that is in it.
    ///
    /// - Throws: `CommandProblem` when the system refuses, as where a folder of the name holds anything.
    static func name(_ partial: String, _ path: String) throws {
        guard unsafe rename(partial, path) == 0 else { throw failure(path) }
        try sync(folder: folder(of: path))
    }

    /// Puts the names in a folder on the disk.
    static func sync(folder: String) throws {
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder) }
    }

    /// - Throws: `CommandProblem` when no file can be made there.
    static func checkPlace(of path: String) throws {
        guard unsafe access(folder(of: path), W_OK | X_OK) != 0 else { return }
        throw CommandProblem(
            message: "\(path) cannot be written: \(systemError())",
            hint: "name a file in a folder that is there and where you may write")
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ path: String) -> CommandProblem {
        CommandProblem(
            message: "\(path) cannot be written: \(systemError())", hint: "check the folder's owner and free space")
    }

    private static func systemError() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}
