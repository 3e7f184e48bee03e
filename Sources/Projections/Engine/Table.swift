/// What a view's table looks like: declared once, from which follow the SQL, the row writer and the
/// canonical bytes of a certificate (`docs/format/views.md`).

import Events

/// A value of a view's column.
package enum Cell: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)

    package static func text(_ value: String?) -> Cell { value.map { .text($0) } ?? .null }
    package static func integer(_ value: Int64?) -> Cell { value.map { .integer($0) } ?? .null }
    package static func flag(_ value: Bool) -> Cell { .integer(value ? 1 : 0) }

    /// As SQLite has it, by bytes.
    package static func == (left: Cell, right: Cell) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let one), .integer(let other)): one == other
        case (.text(let one), .text(let other)): one.hasBytes(of: other)
        case _: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value): hasher.combine(value)
        case .text(let text): text.hashBytes(into: &hasher)
        }
    }
}

/// A row in the order of its table's columns.
package typealias Cells = [Cell]

package struct Column: Sendable, Equatable {
    package enum Kind: String, Sendable { case integer = "INTEGER", text = "TEXT" }

    package var name: String
    package var kind: Kind
    package var isNullable: Bool

    package static func text(_ name: String) -> Column { Column(name: name, kind: .text, isNullable: false) }
    package static func integer(_ name: String) -> Column { Column(name: name, kind: .integer, isNullable: false) }
    package var orNull: Column { Column(name: name, kind: kind, isNullable: true) }

    var sql: String { "\(name) \(kind.rawValue)\(isNullable ? "" : " NOT NULL")" }
}

/// A further index of a stream table.
package struct Index: Sendable, Equatable {
    package var name: String
    /// What stands in the parentheses: columns or expressions.
    package var columns: String
    /// Which rows are in it; nil for all.
    package var condition: String?

    package init(_ name: String, _ columns: String, where condition: String? = nil) {
        self.name = name
        self.columns = columns
        self.condition = condition
    }
}

/// A table whose rows are folded from one stream each.
///
/// Its first column is always `stream`.
package struct StreamTable: Sendable, Equatable {
    package var name: String
    package var columns: [Column]
    /// How many leading columns make a row's key, at least 1; rows are unique by them.
    package var keyCount: Int
    package var indexes: [Index]

    /// - Precondition: the first column is `stream`.
    package init(name: String, keyCount: Int, columns: [Column], indexes: [Index] = []) {
        precondition(columns.first == .text("stream"), "\(name) does not start with the column stream")
        precondition((1...columns.count).contains(keyCount), "\(name) has a key of \(keyCount) columns")
        self.name = name
        self.columns = columns
        self.keyCount = keyCount
        self.indexes = indexes
    }

    /// The table alone.
    ///
    /// `row` is a number of this file only: search refers to it, certificates leave it out.
    var createStatement: String {
        "CREATE TABLE \(name)(row INTEGER PRIMARY KEY, \(columns.map(\.sql).joined(separator: ", "))) STRICT"
    }

    /// Made after the rows in a rebuild: sorting once is several times cheaper than inserting in place.
    var indexStatements: [String] {
        let key = columns.prefix(keyCount).map(\.name).joined(separator: ", ")
        return ["CREATE UNIQUE INDEX \(name)ByKey ON \(name)(\(key))"]
            + indexes.map { index in
                "CREATE INDEX \(index.name) ON \(name)(\(index.columns))"
                    + (index.condition.map { " WHERE \($0)" } ?? "")
            }
    }

    var columnList: String { columns.map(\.name).joined(separator: ", ") }

    /// The place of a column.
    ///
    /// - Precondition: the table has it.
    func place(of column: String) -> Int {
        guard let place = columns.firstIndex(where: { $0.name == column }) else {
            preconditionFailure("\(name) has no column \(column)")
        }
        return place
    }
}

/// Sums over the rows of a stream table, kept as new − old; recomputable at any time by one `GROUP BY`.
package struct SumTable: Sendable, Equatable {
    package var name: String
    /// The stream table whose rows are summed.
    package var source: String
    /// The source's columns that make a group.
    ///
    /// They must not be nullable.
    package var groups: [String]
    /// The source's integer columns that are added up; a null counts as 0.
    package var sums: [String]
    /// The source's flag of rows that are in no sum; nil when all are.
    package var unless: String?

    package init(name: String, source: String, groups: [String], sums: [String], unless: String? = nil) {
        self.name = name
        self.source = source
        self.groups = groups
        self.sums = sums
        self.unless = unless
    }

    /// The column that counts the rows of a group.
    static let count = "count"

    func createStatement(_ source: StreamTable) -> String {
        let columns = groups.map { source.columns[source.place(of: $0)].sql }
        let sums = ([SumTable.count] + sums).map { "\($0) INTEGER NOT NULL" }
        return """
            CREATE TABLE \(name)(\((columns + sums).joined(separator: ", ")), \
            PRIMARY KEY(\(groups.joined(separator: ", ")))) STRICT, WITHOUT ROWID
            """
    }

    var columnList: String { (groups + [SumTable.count] + sums).joined(separator: ", ") }

    /// The rows that the source asks for.
    var recount: String {
        let sums = sums.map { "sum(ifnull(\($0), 0))" }
        let columns = (groups + ["count(*)"] + sums).joined(separator: ", ")
        let condition = unless.map { " WHERE \($0) = 0" } ?? ""
        return "SELECT \(columns) FROM \(source)\(condition) GROUP BY \(groups.joined(separator: ", "))"
    }
}

/// A full-text index over columns of a stream table, see `SearchWords`.
package struct TextTable: Sendable, Equatable {
    package var name: String
    package var source: String
    /// The source's text columns that are searched.
    package var columns: [String]

    package init(name: String, source: String, columns: [String]) {
        self.name = name
        self.source = source
        self.columns = columns
    }

    /// Contentless: the words are made anew from the source's row when they must be taken out.
    ///
    /// The `ascii` tokenizer splits at the blanks that `SearchWords` writes and does nothing else. A query's last character
    /// stands for every word that begins with it (`77号`), which has an index of its own: without, FTS5 would gather the places of
    /// all these words before it looks at the rest of the phrase.
    var createStatement: String {
        """
        CREATE VIRTUAL TABLE \(name) USING fts5(words, content = '', tokenize = 'ascii', prefix = '1', columnsize = 0)
        """
    }
}
