/// What views hold, read and computed in the plainest way there is.

import Events
import Foundation
import GRDB
import Testing

@testable import Projections

extension ViewStore {
    /// All declared tables, each in the order of its columns.
    func contents() throws -> [String: [Cells]] {
        try read { db in
            var all: [String: [Cells]] = [:]
            for table in views.tables {
                all[table.name] = try RowStatement(
                    "SELECT \(table.columnList) FROM \(table.name) ORDER BY 1, 2", on: db
                ).rows(table.columns.count)
            }
            for sum in views.sums {
                all[sum.name] = try RowStatement("SELECT \(sum.columnList) FROM \(sum.name) ORDER BY 1, 2", on: db)
                    .rows(sum.groups.count + 1 + sum.sums.count)
            }
            return all
        }
    }

    /// Expects that each table of sums is what one `GROUP BY` over its source gives.
    func expectSumsHold(_ comment: String) throws {
        try read { db in
            for sum in views.sums {
                let width = sum.groups.count + 1 + sum.sums.count
                let kept = try RowStatement("SELECT \(sum.columnList) FROM \(sum.name)", on: db).rows(width)
                let counted = try RowStatement(sum.recount, on: db).rows(width)
                #expect(Set(kept) == Set(counted) && kept.count == counted.count, "\(sum.name), \(comment)")
            }
        }
    }

    /// Expects that the search index holds exactly the words of the rows: every row is found by each of its words,
    /// and the index has no other.
    func expectTextHolds(_ comment: String) throws {
        try write { db in
            for text in views.texts {
                let select = try RowStatement(
                    "SELECT row, \(text.columns.joined(separator: ", ")) FROM \(text.source)", on: db)
                var wanted: [String: Set<Int64>] = [:]
                while try select.step() {
                    let words = String(
                        decoding: SearchWords.indexed(select.row(text.columns.count, from: 1)), as: UTF8.self)
                    for word in words.split(separator: " ") {
                        wanted[String(word), default: []].insert(select.integer(0))
                    }
                }
                try db.execute(
                    sql: "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, \(text.name), 'instance')")
                var found: [String: Set<Int64>] = [:]
                let rows = try GRDB.Row.fetchCursor(db, sql: "SELECT term, doc FROM temp.vocabulary")
                while let row = try rows.next() { found[row["term"], default: []].insert(row["doc"]) }
                try db.execute(sql: "DROP TABLE temp.vocabulary")
                #expect(found == wanted, "\(text.name), \(comment)")
            }
        }
    }
}

extension NoteFold {
    /// The tables of these events, computed without a database.
    static func contents(of events: [Event]) -> [String: [Cells]] {
        let views = ViewSet.notes()
        var all = Dictionary(uniqueKeysWithValues: views.tables.map { ($0.name, [Cells]()) })
        for (stream, own) in Dictionary(grouping: events, by: \.stream) {
            guard let rows = views.rows(of: stream, events: own) else { continue }
            for (table, new) in zip(views.tables, rows.tables) { all[table.name, default: []] += new }
        }
        var sums: [Cells: (Int64, Int64)] = [:]
        for note in all["notes"] ?? [] {
            guard case .integer(let weight) = note[4] else { continue }
            let before = sums[[note[3], note[1]]] ?? (0, 0)
            sums[[note[3], note[1]]] = (before.0 + 1, before.1 + weight)
        }
        all["noteCounts"] = sums.map { $0 + [.integer($1.0), .integer($1.1)] }
        return all.mapValues { rows in rows.sorted { "\($0[0]) \($0[1])" < "\($1[0]) \($1[1])" } }
    }
}

extension Array<UInt8> {
    func write(toPath path: String) throws { try Data(self).write(to: URL(fileURLWithPath: path)) }
}
