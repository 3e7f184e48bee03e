// A prepared statement that is reused: bind, step, read, reset.

import CSQLite
import Events

/// Safe to hold: the pointer is private, used only while `self` lives, and finalized once.
@safe final class Statement {
    private let handle: OpaquePointer
    private let connection: Connection
    private let sql: String
    /// The first failure of a bind since the last reset: SQLite refuses one on a statement that still stands on a row, and
    /// would go on with the values of before.
    private var bound = SQLITE_OK

    init(_ sql: String, on connection: Connection) throws(LogFailure) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(connection.handle, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else {
            throw connection.failure(code, Words(verbatim: sql))
        }
        unsafe handle = prepared
        self.connection = connection
        self.sql = sql
    }

    deinit { unsafe sqlite3_finalize(handle) }

    // MARK: Binding; parameters count from 1

    func bind(_ parameter: Int32, _ value: Int64) { note(unsafe sqlite3_bind_int64(handle, parameter, value)) }

    func bind(_ parameter: Int32, _ value: Int64?) {
        if let value { bind(parameter, value) } else { note(unsafe sqlite3_bind_null(handle, parameter)) }
    }

    func bind(_ parameter: Int32, text value: String) {
        var value = value
        note(
            value.withUTF8 { unsafe csqlite_bind_text_transient(handle, parameter, $0.baseAddress, Int32($0.count)) })
    }

    /// UTF-8 bytes as TEXT, so that plain `sqlite3` shows them.
    func bind(_ parameter: Int32, utf8 value: [UInt8]) {
        note(
            unsafe value.withUnsafeBufferPointer {
                unsafe csqlite_bind_text_transient(handle, parameter, $0.baseAddress, Int32($0.count))
            })
    }

    func bind(_ parameter: Int32, blob value: [UInt8]?) {
        guard let value else {
            note(unsafe sqlite3_bind_null(handle, parameter))
            return
        }
        note(
            unsafe value.withUnsafeBufferPointer {
                unsafe csqlite_bind_blob_transient(handle, parameter, $0.baseAddress, Int32($0.count))
            })
    }

    func bind(_ parameter: Int32, _ value: Digest) {
        var words = (value.words.0.bigEndian, value.words.1.bigEndian, value.words.2.bigEndian, value.words.3.bigEndian)
        note(
            unsafe withUnsafeBytes(of: &words) {
                unsafe csqlite_bind_blob_transient(handle, parameter, $0.baseAddress, 32)
            })
    }

    func bind(_ parameter: Int32, _ value: ChainValue) {
        var words = (value.high.bigEndian, value.low.bigEndian)
        note(
            unsafe withUnsafeBytes(of: &words) {
                unsafe csqlite_bind_blob_transient(handle, parameter, $0.baseAddress, 16)
            })
    }

    func bind(_ parameter: Int32, _ value: CommandID) {
        bind(parameter, ChainValue(high: value.high, low: value.low))
    }

    private func note(_ code: Int32) { if code != SQLITE_OK, bound == SQLITE_OK { bound = code } }

    // MARK: Stepping

    /// Goes through all rows; the statement is reset behind it, also when `body` throws.
    func forEach(_ body: (Statement) throws(LogFailure) -> Void) throws(LogFailure) {
        defer { reset() }
        while try step() { try body(self) }
    }

    /// Moves to the next row.
    ///
    /// At the end, or on an error, the statement is reset. A caller that leaves before the end resets it.
    ///
    /// - Returns: whether there is a row.
    func step() throws(LogFailure) -> Bool {
        guard bound == SQLITE_OK else {
            let code = bound
            reset()
            throw connection.failure(code, "bind a parameter of \(sql)")
        }
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        unsafe sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw connection.failure(code, Words(verbatim: sql)) }
        return false
    }

    /// Runs a statement that returns no row.
    func run() throws(LogFailure) { _ = try step() }

    func reset() {
        bound = SQLITE_OK
        unsafe sqlite3_reset(handle)
    }

    // MARK: Columns of the present row, counted from 0

    /// A value as it is stored, whatever it should be.
    enum Value: Equatable {
        case null
        case integer(Int64)
        case text([UInt8])
        case blob([UInt8])
    }

    func value(_ column: Int32) -> Value {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_TEXT: .text(bytes(column))
        case _: .blob(bytes(column))
        }
    }

    func bind(_ parameter: Int32, value: Value) {
        switch value {
        case .null: bind(parameter, blob: nil)
        case .integer(let number): bind(parameter, number)
        case .text(let bytes): bind(parameter, utf8: bytes)
        case .blob(let bytes): bind(parameter, blob: bytes)
        }
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }
    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }
    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// The bytes of a BLOB or TEXT column.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    /// - Returns: nil unless the column holds exactly 32 bytes.
    func digest(_ column: Int32) -> Digest? {
        guard let start = unsafe sqlite3_column_blob(handle, column), unsafe sqlite3_column_bytes(handle, column) == 32
        else {
            return nil
        }
        func word(_ offset: Int) -> UInt64 {
            unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return Digest(words: (word(0), word(8), word(16), word(24)))
    }

    /// - Returns: nil unless the column holds exactly 16 bytes.
    func chain(_ column: Int32) -> ChainValue? {
        guard let start = unsafe sqlite3_column_blob(handle, column), unsafe sqlite3_column_bytes(handle, column) == 16
        else {
            return nil
        }
        func word(_ offset: Int) -> UInt64 {
            unsafe UInt64(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return ChainValue(high: word(0), low: word(8))
    }
}
