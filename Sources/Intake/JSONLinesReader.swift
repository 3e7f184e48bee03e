/// Reads JSON lines from decoded chunks: one object a line, foreign numbers kept as their own text.
///
/// Nested members become columns with a dotted name (`place.street`, `tags.0`), so that a map can name them.

import Events
import Privacy

package struct JSONLinesReader {
    /// In bytes.
    package static let longestLine = 4 << 20
    /// In bytes, of all names of a line's columns: a long key before many values makes a name as long of each.
    package static let longestNames = 4 << 20

    package private(set) var columns: SourceColumns?
    private var line: [UInt8] = []
    private var fault: RefusalReason?
    private var rowNumber = 0
    private var offset = 0
    private let encoding: String

    package init(encoding: String = "UTF-8") { self.encoding = encoding }

    /// Takes the next chunk of UTF-8, in which `TextDecoder.marker` stands for each undecodable byte.
    package mutating func feed(_ chunk: [UInt8], into rows: inout [RowOutcome]) {
        var start = 0
        for place in chunk.indices {
            if chunk[place] == TextDecoder.marker { note(.notText(offset: offset + place, encoding: encoding)) }
            guard chunk[place] == 0x0A else { continue }
            append(chunk[start..<place])
            endLine(&rows)
            start = place + 1
        }
        append(chunk[start...])
        offset += chunk.count
    }

    package mutating func finish(into rows: inout [RowOutcome]) { endLine(&rows) }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard line.count + bytes.count <= JSONLinesReader.longestLine else {
            return note(.oversize(what: "a line", limit: JSONLinesReader.longestLine))
        }
        line.append(contentsOf: bytes)
    }

    private mutating func note(_ reason: RefusalReason) { fault = fault ?? reason }

    private mutating func endLine(_ rows: inout [RowOutcome]) {
        defer {
            line.removeAll(keepingCapacity: true)
            fault = nil
        }
        guard fault != nil || !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
        rowNumber += 1
        if let fault { return rows.append(.refused(RefusedRow(number: rowNumber, reason: fault))) }
        do throws(DecodeError) {
            guard case .object(let object) = try JSONReader.read(line, numbers: .text) else {
                throw .malformed(offset: 0, what: "a value that is no object")
            }
            guard let row = row(of: object) else {
                let reason = RefusalReason.oversize(
                    what: "the names of a line's columns", limit: JSONLinesReader.longestNames)
                return rows.append(.refused(RefusedRow(number: rowNumber, reason: reason)))
            }
            rows.append(.row(row))
        } catch {
            rows.append(.refused(RefusedRow(number: rowNumber, reason: .notJSON(what: error.message.withoutNumbers))))
        }
    }

    /// - Returns: nil when its names are too long.
    private mutating func row(of object: JSONObject) -> SourceRow? {
        var names: [String] = []
        var fields: [String] = []
        var left = JSONLinesReader.longestNames
        JSONLinesReader.flatten(.object(object), as: "", &names, &fields, &left)
        guard left >= 0 else { return nil }
        let shared: SourceColumns
        if let columns, columns.names == names { shared = columns } else { shared = SourceColumns(names) }
        columns = shared
        return SourceRow(number: rowNumber, columns: shared, fields: fields)
    }

    /// - Parameter left: bytes that names may still have; below 0 nothing more is taken.
    private static func flatten(
        _ value: JSON, as name: String, _ names: inout [String], _ fields: inout [String], _ left: inout Int
    ) {
        left -= name.utf8.count
        guard left >= 0 else { return }
        switch value {
        case .object(let object):
            for member in object.members {
                flatten(member.value, as: name.isEmpty ? member.key : "\(name).\(member.key)", &names, &fields, &left)
            }
            return
        case .array(let values):
            for (place, value) in values.enumerated() { flatten(value, as: "\(name).\(place)", &names, &fields, &left) }
            return
        case .null: fields.append("")
        case .bool(let value): fields.append(value ? "true" : "false")
        case .integer(let value): fields.append(String(value))
        case .string(let value): fields.append(value)
        }
        names.append(name)
    }
}
