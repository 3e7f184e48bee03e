/// Which SQLite this process runs on, and what is known to be wrong with it.

import CSQLite
package import Events

package struct SQLiteVersion: Sendable, Equatable {
    /// Version and source id, as SQLite gives them.
    package let text: String
    package let warnings: [Words]

    package static var current: SQLiteVersion {
        let version = unsafe String(cString: sqlite3_libversion())
        let source = unsafe String(cString: sqlite3_sourceid())
        return SQLiteVersion(
            text: "\(version) \(source.prefix(19))", warnings: warnings(of: Int(sqlite3_libversion_number())))
    }

    /// - Parameter number: as in `SQLITE_VERSION_NUMBER`, 3040001 for 3.40.1.
    static func warnings(of number: Int) -> [Words] {
        let isMended =
            number >= 3_051_003 || (3_050_007..<3_051_000).contains(number) || (3_044_006..<3_045_000).contains(number)
        return isMended
            ? []
            : [
                """
                this version can lose commits when two connections checkpoint at once \
                (sqlite.org/wal.html#walresetbug); Gridline checkpoints on one connection only, so do not open log.sqlite \
                for writing with other tools
                """
            ]
    }
}
