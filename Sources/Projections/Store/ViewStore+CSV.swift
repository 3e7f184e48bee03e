/// A view as CSV (RFC 4180), for people with spreadsheets and for other programs.

import Events
import GRDB

extension ViewStore {
    /// Hands out a table's header and rows, in primary-key order, one line at a time without its line end.
    ///
    /// - Throws: `ViewFailure` when the views have no such table.
    package func csv(of table: String, line: (String) throws -> Void) throws {
        try read { db in
            guard views.tableNames.contains(table) else {
                throw ViewFailure.malformed(
                    what: "view; there are \(Words.list(views.tableNames))", value: table)
            }
            let columns = try db.columns(in: table).map(\.name)
            try line(columns.map(ViewStore.field).joined(separator: ","))
            let keys = try db.primaryKey(table).columns.joined(separator: ", ")
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table) ORDER BY \(keys)")
            while let row = try rows.next() {
                try line(row.map { ViewStore.field(text(of: $0.1)) }.joined(separator: ","))
            }
        }
    }

    private func text(of value: DatabaseValue) -> String {
        switch value.storage {
        case .null: ""
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .blob(let data): data.map { UInt64($0).hexadecimal.suffix(2) }.joined()
        }
    }

    private static func field(_ text: String) -> String {
        let special: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
        let needsQuotes = text.utf8.contains(where: special.contains)
        return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
}

extension ViewSet {
    /// The tables that can be read by name, sorted.
    package var tableNames: [String] { (tables.map(\.name) + sums.map(\.name)).sorted() }
}
