/// Reading a log in which some rows are damaged: what stands before one is read, and it alone is passed over.

/// A page of events around damaged rows.
package struct ReadablePage: Sendable, Equatable {
    /// Up to the first damaged row; empty when that comes first.
    package var events: [StoredEvent]
    /// Where the next page begins, exclusive; nil when there is no more.
    package var next: Int64?
    /// The row that is passed over, when it comes first.
    package var damage: LogFailure?
}

extension LogFailure {
    /// What a read gives up to the first damaged row: it is asked for ever less.
    ///
    /// - Throws: the damage of the first row, and every other failure.
    package static func upToDamage<Row>(
        limit: Int, _ read: (Int) throws(LogFailure) -> [Row]
    ) throws(LogFailure) -> [Row] {
        var limit = limit
        while true {
            do {
                return try read(limit)
            } catch {
                guard limit > 1, case .corrupt = error else { throw error }
                limit /= 2
            }
        }
    }
}

extension LogFailure {
    /// What reading gives, or the damage that it met: only who asked has to do without.
    ///
    /// - Throws: everything else.
    package static func orDamage<Value>(
        _ read: () throws(LogFailure) -> Value
    ) throws(LogFailure) -> Result<Value, LogFailure> {
        do { return .success(try read()) } catch {
            guard case .corrupt = error else { throw error }
            return .failure(error)
        }
    }
}

extension EventReader {
    /// One page of a scope up to the first damaged row; one that comes first is passed over.
    ///
    /// - Parameters:
    ///   - position: exclusive, as of `page`.
    ///   - limit: 1–10,000 events.
    /// - Throws: what is not the damage of a row that comes next.
    package func readable(
        _ scope: ReadScope, _ direction: ReadDirection, from position: Int64, limit: Int
    ) throws(LogFailure) -> ReadablePage {
        var asked = limit
        do {
            let events = try LogFailure.upToDamage(limit: limit) { limit throws(LogFailure) in
                asked = limit
                return try page(scope, direction, from: position, limit: limit)
            }
            return ReadablePage(events: events, next: events.count == asked ? events.last?.position : nil)
        } catch {
            // Reading must go on behind it, or it would never end.
            guard case .corrupt("events", let place, _) = error,
                direction == .forward ? place > position : place < position
            else { throw error }
            return ReadablePage(events: [], next: place, damage: error)
        }
    }

    /// All events of a scope that can be read, oldest first, a page at a time.
    ///
    /// - Parameter passed: told of each damaged row that is passed over.
    package func forEachReadable(
        _ scope: ReadScope, _ body: ([StoredEvent]) throws -> Void, passed: (LogFailure) throws -> Void
    ) throws {
        var next: Int64? = 0
        while let position = next {
            let page = try readable(scope, .forward, from: position, limit: 1_000)
            if let damage = page.damage { try passed(damage) }
            if !page.events.isEmpty { try body(page.events) }
            next = page.next
        }
    }
}
