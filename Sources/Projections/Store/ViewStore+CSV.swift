/// A view as CSV (RFC 4180), for people with spreadsheets and for other programs.
///
/// A spreadsheet calculates what begins as a formula does, whoever wrote it: `=HYPERLINK(…)` in a citizen's words would send what
/// stands beside it to anybody at a click. Such texts get an apostrophe before them, as OWASP advises against CSV injection; numbers
/// of the views are ours and stay as they are.

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
                try line(row.map { ViewStore.field(of: $0.1) }.joined(separator: ","))
            }
        }
    }

    private static func field(of value: DatabaseValue) -> String {
        switch value.storage {
        case .null: ""
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): field(isFormula(text) ? "'\(text)" : text)
        case .blob(let data): data.map { UInt64($0).hexadecimal.suffix(2) }.joined()
        }
    }

    /// Whether a spreadsheet would calculate the text: by its first character, full-width ones too, which some read as the same.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        return ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"].contains(first)
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
