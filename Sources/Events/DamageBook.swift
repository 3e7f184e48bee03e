/// Which damage of the log was told: each place once, and at most `limit`, so that a damaged disk fills neither memory nor alarms.

package struct DamageBook: Sendable {
    /// Places that are told.
    package static let limit = 100
    private var told: [LogFailure] = []

    package init() {}

    /// Notes a damage.
    ///
    /// - Returns: whether it is to be told: not before now, and not when the book is full.
    @discardableResult
    package mutating func note(_ damage: LogFailure) -> Bool {
        guard told.count < DamageBook.limit, !told.contains(damage) else { return false }
        told.append(damage)
        return true
    }
}
