/// Streams whose fold failed: counted for status and metrics, listed by `gridline export --view poison`.

import Events

extension ViewStore {
    /// How many streams no view shows, because their events make no sense together.
    package func poisonedCount() throws -> Int64 {
        try read { db in
            let select = try RowStatement("SELECT count(*) FROM poison", on: db)
            return try select.step() ? select.integer(0) : 0
        }
    }
}
