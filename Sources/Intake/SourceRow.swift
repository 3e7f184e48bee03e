/// A row of a source file, as text, before any map has looked at it.

package import Events
package import Privacy

/// The column names of a file; one instance is shared by all rows that have the same.
package final class SourceColumns: Sendable {
    package let names: [String]
    private let places: [String: Int]

    /// Of two columns with the same name the first one counts.
    package init(_ names: [String]) {
        self.names = names
        places = Dictionary(names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    package func place(of name: String) -> Int? { places[name] }
}

/// One data row.
package struct SourceRow: Sendable {
    /// From 1; the header is no row.
    package let number: Int
    package let columns: SourceColumns
    /// As many as there are columns.
    package let fields: [String]

    package init(number: Int, columns: SourceColumns, fields: [String]) {
        self.number = number
        self.columns = columns
        self.fields = fields
    }

    /// The raw text of a column; nil when the row has no such column.
    package subscript(column: String) -> String? {
        guard let place = columns.place(of: column), place < fields.count else { return nil }
        return fields[place]
    }
}

/// What a reader makes of one row.
package enum RowOutcome: Sendable {
    case row(SourceRow)
    case refused(RefusedRow)
}

/// A row that was not taken, and why.
///
/// Nothing is refused silently: each one is counted and shown.
package struct RefusedRow: Sendable, Equatable {
    /// From 1; the header is no row.
    package let number: Int
    package let reason: RefusalReason

    package init(number: Int, reason: RefusalReason) {
        self.number = number
        self.reason = reason
    }
}

/// Why a row was refused.
package enum RefusalReason: Sendable, Equatable {
    /// A byte that the encoding does not have; offset in the (unpacked) file.
    case notText(offset: Int, encoding: String)
    case fieldCount(found: Int, expected: Int)
    /// A field, line or row above its limit, in bytes.
    case oversize(what: Words, limit: Int)
    /// Quotes opened at this offset of the decoded text and never closed.
    case unclosedQuote(offset: Int)
    /// Text behind a closing quote, at this offset of the decoded text.
    case textBehindQuote(offset: Int)
    /// A carriage return that no newline follows, at this offset of the decoded text; a fault in a header only.
    case loneReturn(offset: Int)
    case notJSON(what: Words)
    case noID(columns: [String])
    /// The id is, or holds, a phone or identity number, which would stand open.
    case openID(column: String)
    case noValue(field: Words, columns: [String])
    case badTime(column: String, value: String)
    /// A time of intake before 1900, or more than a day after the import; counted with `badTime`.
    case unlikelyTime(column: String, value: String)
    case badCoordinate(column: String, value: String)
    /// The record would make an event body above the limit; cutting it would lose text.
    case bodyTooLong(bytes: Int, limit: Int, longest: String)
    /// Who called cannot be taken; the reason never holds a value.
    case badPerson(PersonProblem)
    /// The caller and the numbers in the texts make a box above the limit of an event.
    case tooMuchToSeal(bytes: Int, limit: Int)

    /// A short name to count by.
    package var name: String {
        switch self {
        case .notText: "notText"
        case .fieldCount: "fieldCount"
        case .oversize: "oversize"
        case .unclosedQuote: "unclosedQuote"
        case .textBehindQuote: "textBehindQuote"
        case .loneReturn: "loneReturn"
        case .notJSON: "notJSON"
        case .noID: "noID"
        case .openID: "openID"
        case .noValue: "noValue"
        case .badTime, .unlikelyTime: "badTime"
        case .badCoordinate: "badCoordinate"
        case .bodyTooLong: "bodyTooLong"
        case .badPerson: "badPerson"
        case .tooMuchToSeal: "tooMuchToSeal"
        }
    }

    /// One sentence for a person; the values in it are without numbers of persons.
    package var message: Words {
        switch self {
        case .notText(let offset, let encoding):
            "byte \(offset) of the file is not \(encoding); does the map name the right encoding?"
        case .fieldCount(let found, let expected): "\(found) fields where the header has \(expected)"
        case .oversize(let what, let limit): "\(what) is longer than \(limit) bytes"
        case .unclosedQuote(let offset): "the quote opened at byte \(offset) is never closed"
        case .textBehindQuote(let offset): "text follows a closing quote at byte \(offset)"
        case .loneReturn(let offset):
            "no newline (LF) follows the carriage return (CR) at byte \(offset); lines end in LF or CRLF"
        case .notJSON(let what): "the line is no JSON object: \(what)"
        case .noID(let columns): "no id in \(Words.list(columns))"
        case .openID(let column):
            """
            the id in \(column) holds a phone or identity number, which would stand open for ever; take another column, or \
            name this one in `plain` if its values are none
            """
        case .noValue(let field, let columns): "no \(field) in \(Words.list(columns))"
        case .badTime(let column, let value):
            "\(column) holds \"\(value)\", which matches none of the map's time formats"
        case .unlikelyTime(let column, let value):
            "\(column) holds \"\(value)\", and nothing came in before 1900 or more than a day after this import"
        case .badCoordinate(let column, let value): "\(column) holds \"\(value)\", which is no coordinate in degrees"
        case .bodyTooLong(let bytes, let limit, let longest):
            "the record needs \(bytes) bytes, an event holds \(limit); its longest field is \(longest)"
        case .badPerson(let problem): problem.message
        case .tooMuchToSeal(let bytes, let limit):
            "caller and numbers in the texts need \(bytes) sealed bytes, an event holds \(limit)"
        }
    }
}
