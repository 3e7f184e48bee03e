/// Brings the tables from a stream's old rows to its new ones, with the sums and the search index.
///
/// Lives for one transaction. What was there is read from the tables themselves, so a row's contribution to a
/// sum is taken out exactly as it was put in.

import Events
import GRDB

final class RowWriter {
    private let tables: [TableStatements]
    private let texts: [TextStatements]
    private let sums: [SumStatements]
    /// Rows inserted, changed or deleted so far.
    private(set) var rowsWritten = 0

    init(_ views: ViewSet, on db: Database) throws {
        tables = try views.tables.map { try TableStatements($0, on: db) }
        texts = try views.texts.map { try TextStatements($0, source: views.source($0.source), on: db) }
        sums = try views.sums.map { try SumStatements($0, source: views.source($0.source), on: db) }
    }

    /// Replaces the rows of one stream.
    func replace(_ rows: StreamRows) throws {
        for (table, new) in zip(tables, rows.tables) {
            let old = try table.rows(of: rows.stream.text)
            var kept = Set<Int64>()
            for row in new {
                let key = row.prefix(table.table.keyCount)
                if let before = old.first(where: { $0.cells.prefix(table.table.keyCount) == key }) {
                    kept.insert(before.number)
                    guard before.cells != row else { continue }
                    try table.change(before.number, to: row)
                    try follow(table.table, before.number, from: before.cells, to: row)
                } else {
                    let number = try table.insert(row)
                    try follow(table.table, number, from: nil, to: row)
                }
                rowsWritten += 1
            }
            for before in old where !kept.contains(before.number) {
                try table.delete(before.number)
                try follow(table.table, before.number, from: before.cells, to: nil)
                rowsWritten += 1
            }
        }
    }

    /// Writes what was gathered in memory; call once, before the commit.
    func finish() throws { for sum in sums { try sum.flush() } }

    private func follow(_ table: StreamTable, _ number: Int64, from old: Cells?, to new: Cells?) throws {
        for sum in sums where sum.table.source == table.name { sum.gather(from: old, to: new) }
        for text in texts where text.table.source == table.name { try text.change(number, from: old, to: new) }
    }
}

/// The statements of one stream table.
final class TableStatements {
    let table: StreamTable
    private let select, insertion, update, deletion, lastNumber: RowStatement

    init(_ table: StreamTable, on db: Database) throws {
        self.table = table
        let names = table.columns.map(\.name)
        let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
        select = try RowStatement("SELECT row, \(table.columnList) FROM \(table.name) WHERE stream = ?1", on: db)
        insertion = try RowStatement("INSERT INTO \(table.name)(\(table.columnList)) VALUES (\(marks))", on: db)
        let sets = names.map { "\($0) = ?" }.joined(separator: ", ")
        update = try RowStatement("UPDATE \(table.name) SET \(sets) WHERE row = ?", on: db)
        deletion = try RowStatement("DELETE FROM \(table.name) WHERE row = ?1", on: db)
        lastNumber = try RowStatement("SELECT last_insert_rowid()", on: db)
    }

    func rows(of stream: String) throws -> [(number: Int64, cells: Cells)] {
        select.bind(1, .text(stream))
        var found: [(number: Int64, cells: Cells)] = []
        while try select.step() { found.append((select.integer(0), select.row(table.columns.count, from: 1))) }
        return found
    }

    func insert(_ row: Cells) throws -> Int64 {
        try append(row)
        defer { lastNumber.reset() }
        return try lastNumber.step() ? lastNumber.integer(0) : 0
    }

    /// Inserts without asking for the row's number.
    func append(_ row: Cells) throws {
        insertion.bind(row: row)
        try insertion.run()
    }

    func change(_ number: Int64, to row: Cells) throws {
        update.bind(row: row)
        update.bind(row.count + 1, .integer(number))
        try update.run()
    }

    func delete(_ number: Int64) throws {
        deletion.bind(1, .integer(number))
        try deletion.run()
    }
}

/// One table of sums: what changed is gathered in memory, then added once a group.
private final class SumStatements {
    let table: SumTable
    private let groups, sums: [Int]
    /// The flag of rows that are in no sum.
    private let unless: Int?
    private let add, removeEmpty: RowStatement
    private var deltas: [Cells: [Int64]] = [:]

    init(_ table: SumTable, source: StreamTable, on db: Database) throws {
        self.table = table
        groups = table.groups.map(source.place)
        sums = table.sums.map(source.place)
        unless = table.unless.map(source.place)
        let columns = [SumTable.count] + table.sums
        let marks = Array(repeating: "?", count: table.groups.count + columns.count).joined(separator: ", ")
        let additions = columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", ")
        add = try RowStatement(
            """
            INSERT INTO \(table.name)(\(table.columnList)) VALUES (\(marks))
                ON CONFLICT(\(table.groups.joined(separator: ", "))) DO UPDATE SET \(additions)
            """, on: db)
        let key = table.groups.map { "\($0) = ?" }.joined(separator: " AND ")
        removeEmpty = try RowStatement("DELETE FROM \(table.name) WHERE \(key) AND \(SumTable.count) = 0", on: db)
    }

    func gather(from old: Cells?, to new: Cells?) {
        for (row, sign) in [(old, Int64(-1)), (new, 1)] {
            guard let row, unless.map({ row[$0] == .integer(0) }) ?? true else { continue }
            let amounts = sums.map { place -> Int64 in if case .integer(let value) = row[place] { value } else { 0 } }
            let group = groups.map { row[$0] }
            let before = deltas[group] ?? Array(repeating: 0, count: sums.count + 1)
            deltas[group] = zip(before, [1] + amounts).map { $0 + sign * $1 }
        }
    }

    func flush() throws {
        for (group, amounts) in deltas where amounts.contains(where: { $0 != 0 }) {
            add.bind(row: group)
            add.bind(row: amounts.map(Cell.integer), from: group.count + 1)
            try add.run()
            guard let count = amounts.first, count < 0 else { continue }
            removeEmpty.bind(row: group)
            try removeEmpty.run()
        }
        deltas.removeAll()
    }
}

/// One search index.
final class TextStatements {
    let table: TextTable
    private let places: [Int]
    private let insertion, deletion: RowStatement

    init(_ table: TextTable, source: StreamTable, on db: Database) throws {
        self.table = table
        places = table.columns.map(source.place)
        insertion = try RowStatement("INSERT INTO \(table.name)(rowid, words) VALUES (?1, ?2)", on: db)
        deletion = try RowStatement(
            "INSERT INTO \(table.name)(\(table.name), rowid, words) VALUES ('delete', ?1, ?2)", on: db)
    }

    func change(_ number: Int64, from old: Cells?, to new: Cells?) throws {
        let before = old.map { row in places.map { row[$0] } }
        let after = new.map { row in places.map { row[$0] } }
        guard before != after else { return }
        if let before {
            deletion.bind(1, .integer(number))
            deletion.bind(2, utf8: SearchWords.indexed(before))
            try deletion.run()
        }
        if let after { try insert(number, after) }
    }

    /// - Parameter cells: the values of the table's columns.
    func insert(_ number: Int64, _ cells: Cells) throws {
        insertion.bind(1, .integer(number))
        insertion.bind(2, utf8: SearchWords.indexed(cells))
        try insertion.run()
    }
}
