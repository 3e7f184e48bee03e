/// The hash of what views hold, from the canonical form of their rows (`docs/format/views.md` 3).

import Events
import GRDB

/// A chain over rows: each value is the SHA-256 of the one before and the row's bytes, so that any amount of
/// rows is hashed in the memory of one.
struct ContentHash {
    private(set) var value = Digest.zero

    private enum Tag: UInt8 { case null = 0, integer = 1, text = 2, table = 0x54, row = 0x52 }

    mutating func table(_ name: String) {
        var writer = ByteWriter(reserving: 64)
        writer.digest(value)
        writer.integer(Tag.table.rawValue)
        writer.string8(name)
        value = Digest.sha256(writer.bytes)
    }

    mutating func row(_ cells: Cells) {
        var writer = ByteWriter(reserving: 640)
        writer.digest(value)
        writer.integer(Tag.row.rawValue)
        writer.integer(UInt16(cells.count))
        for cell in cells {
            switch cell {
            case .null: writer.integer(Tag.null.rawValue)
            case .integer(let number):
                writer.integer(Tag.integer.rawValue)
                writer.integer(number)
            case .text(let text):
                writer.integer(Tag.text.rawValue)
                writer.string32(text)
            }
        }
        value = Digest.sha256(writer.bytes)
    }
}

extension ContentHash {
    /// The hash of all declared tables: stream tables, then sums, each in the order of its key.
    static func all(_ views: ViewSet, on db: Database) throws -> (hash: Digest, rows: [TableCount]) {
        var hash = ContentHash()
        var counts: [TableCount] = []
        let streams = views.tables.map { ($0.name, $0.columnList, $0.keyCount, $0.columns.count) }
        let sums = views.sums.map { ($0.name, $0.columnList, $0.groups.count, $0.groups.count + 1 + $0.sums.count) }
        for (name, columns, keyCount, columnCount) in streams + sums {
            hash.table(name)
            let key = (1...keyCount).map(String.init).joined(separator: ", ")
            let select = try RowStatement("SELECT \(columns) FROM \(name) ORDER BY \(key)", on: db)
            var rows: Int64 = 0
            while try select.step() {
                hash.row(select.row(columnCount))
                rows += 1
            }
            counts.append(TableCount(table: name, rows: rows))
        }
        return (hash.value, counts)
    }

    /// The hash of the rows of some streams; sums, which belong to no stream, are left out.
    static func streams(_ streams: [StreamName], _ views: ViewSet, on db: Database) throws -> Digest {
        var hash = ContentHash()
        let sorted = Set(streams).sorted()
        for table in views.tables {
            hash.table(table.name)
            let key = (1...table.keyCount).map(String.init).joined(separator: ", ")
            let select = try RowStatement(
                "SELECT \(table.columnList) FROM \(table.name) WHERE stream = ?1 ORDER BY \(key)", on: db)
            for stream in sorted {
                select.bind(1, .text(stream.text))
                while try select.step() { hash.row(select.row(table.columns.count)) }
            }
        }
        return hash.value
    }
}
