/// Streams whose fold failed, and tickets that this version does not wholly know: counted for status and metrics, the former
/// listed by `gridline export --view poison`.

import Events

extension ViewStore {
    /// How many streams no view shows, because their events make no sense together.
    package func poisonedCount() throws -> Int64 {
        try read { db in
            let select = try RowStatement("SELECT count(*) FROM poison", on: db)
            return try select.step() ? select.integer(0) : 0
        }
    }

    /// How many tickets hold events of a later version.
    package func needingUpgradeCount() throws -> Int64 {
        try read { db in
            let select = try RowStatement("SELECT count(*) FROM tickets WHERE needsUpgrade = 1", on: db)
            return try select.step() ? select.integer(0) : 0
        }
    }
}
