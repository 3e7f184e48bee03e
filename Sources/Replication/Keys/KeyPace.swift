// When keys of persons are worked on: what a vault writes takes its disk longer than a log's commit, and so rows go first. A caller's
// name may come a moment later than the ticket; the ticket may not wait for the name.

struct KeyPace: Sendable {
    /// Milliseconds, rows of a turn, and keys.
    enum Limit {
        /// Between two turns that write or ask: what came meanwhile is one commit of the vault.
        static let pause: Int64 = 10
        /// The same while rows come, and so long after.
        static let pauseRows: Int64 = 50
        /// The same while many rows come.
        static let pauseManyRows: Int64 = 500
        static let manyRows = 200
        /// Keys that are asked for at once: a hub's socket holds 64 messages for a node, and rows are to have their place among them.
        static let asked = 32
        static let askedManyRows = 8
    }

    private var rowsAt = Int64.min / 2
    private var manyRowsAt = Int64.min / 2
    private var workedAt = Int64.min / 2

    /// Rows came with a turn's commit.
    mutating func came(rows: Int, now: Int64) {
        if rows > 0 { rowsAt = now }
        if rows >= Limit.manyRows { manyRowsAt = now }
    }

    /// The vault was written, or something was asked.
    mutating func worked(now: Int64) { workedAt = now }

    private func hasManyRows(_ now: Int64) -> Bool { now - manyRowsAt < Limit.pauseManyRows }
    private func hasRows(_ now: Int64) -> Bool { now - rowsAt < Limit.pauseRows }

    /// How many keys to ask for now.
    func asked(now: Int64) -> Int { hasManyRows(now) ? Limit.askedManyRows : Limit.asked }

    /// Whether to work now.
    ///
    /// - Parameter isAnswered: whether all that was asked for is here: nothing is won by waiting.
    func isDue(isAnswered: Bool, now: Int64) -> Bool {
        if hasManyRows(now) { return now - workedAt >= Limit.pauseManyRows }
        if hasRows(now) { return now - workedAt >= Limit.pauseRows }
        return isAnswered || now - workedAt >= Limit.pause
    }
}
