// A recording VFS of CSQLite with a Swift face: open a database under its `name`, mark what is acknowledged, take the
// trace. csqlite_recorder.h says what is recorded.

package import CSQLite

/// What could not be recorded or rebuilt; all of them are mistakes of a test.
package enum PowerLossFailure: Error, Equatable {
    /// The name is taken, or SQLite has no default VFS.
    case cannotRegister(vfs: String)
    /// The trace outgrew its memory, so nothing can be concluded from it.
    case incomplete(entries: Int, limit: Int)
    /// The file held `size` bytes when the recording began, and the base has `given`.
    case wrongBase(path: String, size: Int, given: Int)
    case cannotWrite(path: String, errno: Int32)
}

/// Safe to share: the C side takes its own lock in every call, and the handle lives as long as `self`.
@safe package final class Recorder: @unchecked Sendable {
    package let name: String
    package let limit: Int
    private let handle: OpaquePointer

    /// Registers a VFS under `name`, which must be its own in this process.
    ///
    /// - Parameter limit: the memory of the trace in bytes.
    /// - Parameter reallySyncs: whether a sync also reaches the real disk, where it takes its time.
    package init(name: String, limit: Int = 256 << 20, reallySyncs: Bool = false) throws(PowerLossFailure) {
        guard let handle = unsafe csqlite_recorder_create(name, Int64(limit)) else {
            throw .cannotRegister(vfs: name)
        }
        unsafe self.handle = handle
        self.name = name
        self.limit = limit
        unsafe csqlite_recorder_skip_real_sync(handle, reallySyncs ? 0 : 1)
    }

    deinit {
        // A connection that outlives its recorder would call into freed memory: rather keep the VFS for ever.
        if unsafe csqlite_recorder_destroy(handle) != SQLITE_OK { print("recorder \(name) still has open files") }
    }

    // MARK: Recording

    /// Notes that `value` is acknowledged at this moment.
    package func mark(_ value: Int64) { unsafe csqlite_recorder_mark(handle, value) }

    package var count: Int { Int(unsafe csqlite_recorder_count(handle)) }
    package var overflowed: Bool { unsafe csqlite_recorder_overflowed(handle) != 0 }

    /// Forgets trace, counters and faults; what the files hold now is the base of what follows.
    package func reset() { unsafe csqlite_recorder_reset(handle) }

    /// Copies the trace out.
    ///
    /// - Throws: `.incomplete` when the limit was reached.
    package func trace() throws(PowerLossFailure) -> Trace {
        let count = count
        var operations: [Operation] = []
        operations.reserveCapacity(count)
        for index in 0..<count {
            var entry = unsafe csqlite_trace_entry()
            guard unsafe csqlite_recorder_entry(handle, Int64(index), &entry) == SQLITE_OK else { break }
            operations.append(unsafe Operation(entry))
        }
        guard !overflowed, operations.count == count else { throw .incomplete(entries: count, limit: limit) }
        return Trace(paths: paths, operations: operations)
    }

    // MARK: Counting

    private struct File {
        let path: String
        let writes, syncs: Int
    }

    private var files: [File] {
        (0..<(unsafe csqlite_recorder_file_count(handle))).compactMap { number in
            var file = unsafe csqlite_trace_file()
            guard unsafe csqlite_recorder_file(handle, number, &file) == SQLITE_OK else { return nil }
            return File(
                path: unsafe String(cString: file.path), writes: Int(unsafe file.writes), syncs: Int(unsafe file.syncs))
        }
    }

    /// The files used so far, by full path.
    package var paths: [String] { files.map(\.path) }

    /// Syncs that succeeded on files whose path ends in `suffix`, since the last reset.
    package func syncs(endingIn suffix: String) -> Int {
        files.reduce(0) { $1.path.hasSuffix(suffix) ? $0 + $1.syncs : $0 }
    }

    /// Writes that succeeded on files whose path ends in `suffix`, since the last reset.
    package func writes(endingIn suffix: String) -> Int {
        files.reduce(0) { $1.path.hasSuffix(suffix) ? $0 + $1.writes : $0 }
    }

    // MARK: Faults

    /// Makes the `nth` next operation at `point` fail with `code`, and those after it, `times` in all.
    ///
    /// - Parameter suffix: only files whose path ends in it count; nil means all.
    package func fail(
        _ point: csqlite_fault_point, nth: Int = 1, times: Int = 1, code: Int32, endingIn suffix: String? = nil
    ) {
        unsafe csqlite_recorder_fail(handle, point, suffix, Int64(nth), Int64(times), code)
    }

    /// Leaves room for files to grow by `bytes` in all; nil removes the bound.
    package func limitSpace(_ bytes: Int?) { unsafe csqlite_recorder_limit_space(handle, Int64(bytes ?? -1)) }

    package func faults(_ point: csqlite_fault_point) -> Int {
        Int(unsafe csqlite_recorder_fault_count(handle, point))
    }
}
