// SQLite by its C API and nothing else, for tests that must not depend on the log's own code.

import CSQLite

struct SQLiteError: Error, Equatable {
    /// The extended result code.
    let code: CInt
}

/// A connection.
///
/// Safe to hold: the pointer is closed once.
@safe final class RawDatabase {
    private(set) var handle: OpaquePointer?

    /// - Parameter vfs: nil for SQLite's default.
    init(path: String, vfs: String? = nil) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, vfs)
        unsafe handle = opened
        guard code == SQLITE_OK else { throw SQLiteError(code: code) }
    }

    deinit { close() }

    func close() {
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs statements, ignoring rows.
    func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code: code) }
    }

    /// Runs one statement and returns its first row as text, [] when there is none.
    ///
    /// - Parameter bind: binds the parameters and returns the codes of doing so.
    @discardableResult
    func row(_ sql: String, bind: (OpaquePointer?) -> [CInt] = { _ in [] }) throws(SQLiteError) -> [String] {
        var statement: OpaquePointer?
        let prepared = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard prepared == SQLITE_OK else { throw SQLiteError(code: prepared) }
        defer { unsafe sqlite3_finalize(statement) }
        if let failed = unsafe bind(statement).first(where: { $0 != SQLITE_OK }) { throw SQLiteError(code: failed) }
        let code = unsafe sqlite3_step(statement)
        guard code == SQLITE_ROW else {
            guard code == SQLITE_DONE else { throw SQLiteError(code: code) }
            return []
        }
        return (0..<(unsafe sqlite3_column_count(statement))).map { column in
            unsafe sqlite3_column_text(statement, column).map { unsafe String(cString: $0) } ?? ""
        }
    }

    func integer(_ sql: String) throws(SQLiteError) -> Int64? { try unsafe row(sql).first.flatMap(Int64.init) }
}
