// What a recording VFS saw, as Swift values: the operations of all files in one order, and the marks between them.

import CSQLite

/// One step that a power failure can fall before or after.
package enum Operation: Sendable, Equatable {
    /// `size` is what the file held when it was opened; 0 for a new one.
    case open(file: Int, size: Int)
    case write(file: Int, offset: Int, bytes: [UInt8])
    /// `size` is what the file holds afterwards, also after it grew.
    case truncate(file: Int, size: Int)
    case syncBegan(file: Int)
    case syncReturned(file: Int, succeeded: Bool)
    case delete(file: Int, folderSynced: Bool)
    /// The folder of `file` was synced: deletions in it are on the disk.
    case folderSynced(file: Int)
    /// An acknowledgement left: from here on `value` must survive.
    case mark(Int64)
}

/// A complete recording.
///
/// Indices of `operations` are the cuts: cut *k* keeps the first *k* operations.
package struct Trace: Sendable, Equatable {
    /// Full paths; an operation's `file` is an index into it.
    package let paths: [String]
    package let operations: [Operation]

    package init(paths: [String], operations: [Operation]) {
        self.paths = paths
        self.operations = operations
    }

    /// The number of the file whose path ends in `suffix`; nil when none does.
    package func file(endingIn suffix: String) -> Int? { paths.firstIndex { $0.hasSuffix(suffix) } }

    /// The marks in the order in which they were set.
    package var marks: [Int64] {
        operations.compactMap { if case .mark(let value) = $0 { value } else { nil } }
    }
}

extension Operation {
    /// - Precondition: `entry` was just read from a recorder, whose memory its bytes point to.
    init(_ entry: csqlite_trace_entry) {
        let file = Int(unsafe entry.file)
        let length = Int(unsafe entry.length)
        switch unsafe entry.kind {
        case .CSQLITE_TRACE_OPEN: self = .open(file: file, size: length)
        case .CSQLITE_TRACE_WRITE:
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: entry.bytes, count: length))
            self = .write(file: file, offset: Int(unsafe entry.offset), bytes: bytes)
        case .CSQLITE_TRACE_TRUNCATE: self = .truncate(file: file, size: length)
        case .CSQLITE_TRACE_SYNC_BEGIN: self = .syncBegan(file: file)
        case .CSQLITE_TRACE_SYNC_END: self = .syncReturned(file: file, succeeded: unsafe entry.code == SQLITE_OK)
        case .CSQLITE_TRACE_DELETE: self = .delete(file: file, folderSynced: unsafe entry.flags != 0)
        case .CSQLITE_TRACE_FOLDER_SYNC: self = .folderSynced(file: file)
        case .CSQLITE_TRACE_MARK: self = .mark(unsafe entry.offset)
        }
    }
}
