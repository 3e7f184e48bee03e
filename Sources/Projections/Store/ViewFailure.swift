/// Why views could not be read or written.

package import Events
import GRDB

package enum ViewFailure: Problem, Equatable {
    /// SQLite answered with an error.
    case storage(operation: Words, detail: Words)
    /// The file's pages are damaged; the node makes the views anew.
    case damaged(operation: Words, detail: Words)
    /// The views hold a position that the log does not have.
    case ahead(views: Int64, log: Int64)
    /// A cursor, a filter or a file is not what it should be.
    case malformed(what: Words, value: String)
    /// A rebuild was stopped by its caller; the file keeps what was done.
    case stopped(path: String)
    /// The machine went down while a node wrote the views; what of them reached the disk is not known.
    case unsynced(path: String)

    package var code: String {
        switch self {
        case .storage: "GL-8001"
        case .ahead: "GL-8002"
        case .malformed: "GL-8003"
        case .stopped: "GL-8004"
        case .damaged: "GL-8005"
        case .unsynced: "GL-8006"
        }
    }

    package var message: Words {
        switch self {
        case .storage(let operation, let detail), .damaged(let operation, let detail):
            "\(operation) failed: \(detail)"
        case .ahead(let views, let log): "the views are at position \(views), the log ends at \(log)"
        case .malformed(let what, let value): "\"\(value)\" is not a \(what)"
        case .stopped(let path): "the rebuild into \(path) was stopped"
        case .unsynced(let path): "the machine went down before \(path) was on the disk"
        }
    }

    package var hint: Words {
        switch self {
        case .damaged, .unsynced:
            "a running node makes its views anew by itself; else delete views.sqlite, it is rebuilt"
        case .storage: "views hold nothing of their own: delete views.sqlite and start again, it is rebuilt"
        case .ahead: "the log was restored or exchanged; start the node, which rebuilds its views"
        case .malformed: "take the value from the answer that gave it, unchanged"
        case .stopped: "start it again; it goes on where it stopped"
        }
    }

    /// The same error in our words, whatever threw it.
    static func from(_ error: any Error, _ operation: Words) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return sqlite(error.extendedResultCode.rawValue, operation, error.description)
    }

    /// - Parameter code: SQLite's, extended or not.
    static func sqlite(_ code: Int32, _ operation: Words, _ detail: String) -> ViewFailure {
        let isDamage = [ResultCode.SQLITE_CORRUPT.rawValue, ResultCode.SQLITE_NOTADB.rawValue].contains(code & 0xFF)
        return isDamage
            ? .damaged(operation: operation, detail: Words(verbatim: detail))
            : .storage(operation: operation, detail: Words(verbatim: detail))
    }
}
