// A prepared statement on a connection that GRDB holds: rows go in and out without a record or an argument
// array between, which is most of a rebuild's cost otherwise.
//
// The connection keeps it for the next access: SQLite's parser took a tenth of a busy node's time.

import CSQLite
import Events
import GRDB

/// Valid inside the access that made it, and used by its thread only.
///
/// One at a time of the same SQL goes through its rows: they are the same statement.
@safe final class RowStatement {
    /// Owns the handle; GRDB finalizes it with the connection.
    private let statement: Statement
    private let handle: OpaquePointer
    private let database: OpaquePointer
    private let sql: String

    init(_ sql: String, on db: Database) throws {
        guard let connection = unsafe db.sqliteConnection else {
            throw ViewFailure.storage(operation: Words(verbatim: sql), detail: "the connection is closed")
        }
        do {
            statement = try db.cachedStatement(sql: sql)
        } catch {
            throw ViewFailure.from(error, Words(verbatim: sql))
        }
        unsafe handle = statement.sqliteStatement
        unsafe database = connection
        self.sql = sql
    }

    deinit {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Binds a value; parameters count from 1.
    func bind(_ parameter: Int, _ cell: Cell) {
        switch cell {
        case .null: unsafe sqlite3_bind_null(handle, Int32(parameter))
        case .integer(let value): unsafe sqlite3_bind_int64(handle, Int32(parameter), value)
        case .text(var value):
            _ = value.withUTF8 {
                unsafe csqlite_bind_text_transient(handle, Int32(parameter), $0.baseAddress, Int32($0.count))
            }
        }
    }

    func bind(_ parameter: Int, utf8 value: [UInt8]) {
        _ = unsafe value.withUnsafeBufferPointer {
            unsafe csqlite_bind_text_transient(handle, Int32(parameter), $0.baseAddress, Int32($0.count))
        }
    }

    /// Binds a row from a parameter on.
    func bind(row: some Sequence<Cell>, from parameter: Int = 1) {
        for (offset, cell) in row.enumerated() { bind(parameter + offset, cell) }
    }

    /// Moves to the next row; at the end, or on an error, the statement is reset.
    func step() throws -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        unsafe sqlite3_reset(handle)
        guard code == SQLITE_DONE else {
            throw ViewFailure.sqlite(
                code, Words(verbatim: sql), unsafe String(cString: sqlite3_errmsg(database)))
        }
        return false
    }

    func run() throws { _ = try step() }
    func reset() { unsafe sqlite3_reset(handle) }

    // MARK: Columns of the present row, counted from 0

    func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

    func cell(_ column: Int) -> Cell {
        switch unsafe sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(integer(column))
        case _: .text(text(column))
        }
    }

    func text(_ column: Int) -> String {
        guard let start = unsafe sqlite3_column_text(handle, Int32(column)) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func row(_ count: Int, from column: Int = 0) -> Cells { (column..<column + count).map { cell($0) } }

    /// All rows of `count` columns.
    func rows(_ count: Int) throws -> [Cells] {
        var found: [Cells] = []
        while try step() { found.append(row(count)) }
        return found
    }
}
