/// Why an import cannot start or go on. A fault of one row is no error: the row is refused (`RefusedRow`).
package import Events

package enum ImportError: Problem, Equatable {
    case file(path: String, what: Words)
    case gzip(path: String, offset: Int, what: Words)
    case system(what: Words)
    /// A map that says what no map may say.
    case map(name: String, line: Int, what: Words)
    case unknownMap(name: String, shipped: [String])
    /// A column that the map names and the file does not have.
    ///
    /// `shown` are the file's names, none where the row may be no header but somebody's data; `count` is how many there are.
    case missingColumn(column: String, count: Int, shown: [String], map: String)
    case noHeader(map: String)
    /// A header row with a fault, so that no column has a name.
    case badHeader(path: String, reason: RefusalReason)
    /// The file begins neither as UTF-8 nor as GB18030; `offset` is the first byte (of the unpacked file) that is not UTF-8.
    case unclearEncoding(path: String, offset: Int)

    package var code: String {
        switch self {
        case .file: "GL-7001"
        case .gzip: "GL-7002"
        case .system: "GL-7003"
        case .map: "GL-7004"
        case .unknownMap: "GL-7005"
        case .missingColumn: "GL-7006"
        case .noHeader: "GL-7007"
        case .unclearEncoding: "GL-7008"
        case .badHeader: "GL-7009"
        }
    }

    package var message: Words {
        switch self {
        case .file(let path, let what): "\(path): \(what)"
        case .gzip(let path, let offset, let what): "\(path): at byte \(offset), \(what)"
        case .system(let what): what
        case .map(let name, let line, let what): "map \(name), line \(line): \(what)"
        case .unknownMap(let name, _): "there is no map \"\(name)\""
        case .missingColumn(let column, let count, let shown, let map):
            shown.isEmpty
                ? "map \(map) reads the column \"\(column)\", and the first row has \(count) fields, which are not named so"
                : "map \(map) reads the column \"\(column)\", and the file has only \(count): \(Words.list(shown))"
        case .noHeader(let map): "the file has no header row, which map \(map) needs"
        case .badHeader(let path, let reason): "\(path): the header row cannot be read: \(reason.message)"
        case .unclearEncoding(let path, let offset):
            "\(path): byte \(offset) is not UTF-8, and the first bytes do not tell whether the file is UTF-8 or GB18030"
        }
    }

    package var hint: Words {
        switch self {
        case .file: "give the path of a CSV or JSON lines file, plain or packed with gzip"
        case .gzip: "fetch the file again; rows before the fault were taken, and a second run repeats none of them"
        case .system: "install zlib and glibc with its gconv modules (Debian: zlib1g, libc6)"
        case .map: "docs/import.md lists every key of a map"
        case .unknownMap(_, let shipped): "give the path of a map file, or one of \(Words.list(shipped))"
        case .missingColumn:
            "take the map that fits the file, change the column's name in the map, or put a header row above the data"
        case .noHeader: "CSV files need their column names in the first row"
        case .badHeader:
            "mend the first row of the file, or save the file again as CSV with LF or CRLF at the ends of lines"
        case .unclearEncoding:
            "write `encoding: utf-8` or `encoding: gb18030` into the map; what is not of it is then refused row by row"
        }
    }
}
