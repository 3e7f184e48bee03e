/// What a person filters ticket lists by, and the SQL it becomes.

package import Events
package import Tickets

package struct TicketFilter: Sendable, Equatable {
    /// Empty: any.
    package var statuses: [TicketStatus] = []
    /// Unit code of the holder (承办单位).
    package var holderUnit: String?
    /// Unit code of a helper (协办单位).
    package var helperUnit: String?
    package var kind: String?
    package var urgency: String?
    /// A category's path from the top, one or more levels: finds everything below it.
    package var category: [String] = []
    /// Area code: finds every area that begins with it, so a district's or a street's.
    package var area: String?
    /// Due before this instant, exclusive.
    package var dueBefore: Timestamp?
    /// Overdue at this instant: due before it, the clock not stopped, and the reply not in in time.
    package var overdueAt: Timestamp?
    /// Half-open.
    package var created: Range<Timestamp>?
    /// With conflicts nobody has settled.
    package var isContested: Bool?
    package var isSuspended: Bool?
    /// Supervised at this level or above.
    package var supervisionFrom: Int?
    /// A warning that the limit runs out is noted for the present round, and it is still to be done (true); or none is noted.
    package var isPreWarned: Bool?

    package init() {}

    /// A condition over the columns of `tickets`, with its arguments; statuses are not part of it.
    var condition: (sql: String, arguments: Cells) {
        var terms: [String] = []
        var arguments: Cells = []
        func add(_ term: String, _ values: Cell...) {
            terms.append(term)
            arguments += values
        }
        if let holderUnit { add("holderUnit = ?", .text(holderUnit)) }
        if let helperUnit { add("instr(helpers, ?) > 0", .text(",\(helperUnit),")) }
        if let kind { add("kind = ?", .text(kind)) }
        if let urgency { add("urgency = ?", .text(urgency)) }
        if !category.isEmpty {
            let (term, values) = TicketFilter.below(category)
            terms.append(term)
            arguments += values
        }
        if let area {
            // Codes are digits, and ":" follows "9". An equal code is found by equality, which keeps the index's order.
            if area.utf8.count >= 9 {
                add("area = ?", .text(area))
            } else {
                add("area >= ? AND area < ?", .text(area), .text(area + ":"))
            }
        }
        if let dueBefore { add("dueAt < ?", .integer(dueBefore.milliseconds)) }
        if let overdueAt {
            add(
                "dueAt < ? AND suspended = 0 AND (repliedAt IS NULL OR repliedAt > dueAt OR status <> 'replied')",
                .integer(overdueAt.milliseconds))
        }
        if let created {
            add(
                "createdAt >= ? AND createdAt < ?", .integer(created.lowerBound.milliseconds),
                .integer(created.upperBound.milliseconds))
        }
        if let isContested { add(isContested ? "conflicts > 0" : "conflicts = 0") }
        if let isSuspended { add("suspended = ?", .flag(isSuspended)) }
        if let supervisionFrom { add("supervision >= ?", .integer(Int64(supervisionFrom))) }
        if let isPreWarned { add(isPreWarned ? "preWarnings > 0" : "preWarnings = 0") }
        return (terms.isEmpty ? "1" : terms.joined(separator: " AND "), arguments)
    }

    /// A category's path and everything below it.
    static func below(_ category: [String]) -> (sql: String, arguments: Cells) {
        let path = category.joined(separator: "/")
        // "0" follows "/": the half-open range holds exactly what begins with the path and a slash.
        return (
            "(category = ? OR (category >= ? AND category < ?))",
            [.text(path), .text(path + "/"), .text(path + "0")]
        )
    }

    /// The statuses to read, each in its own index range: all when none is named, those with work left for
    /// "overdue" and "pre-warned", since a finished ticket is late or not for good.
    var readStatuses: [TicketStatus] {
        let named = statuses.isEmpty ? TicketStatus.allCases : TicketStatus.allCases.filter(statuses.contains)
        guard overdueAt != nil || isPreWarned == true else { return named }
        return named.filter { $0.isOpen && $0 != .finished && $0 != .calledBack }
    }

    /// What a cursor is bound to: a cursor of one list means nothing in another.
    ///
    /// "Overdue now" goes on to be the same list while its pages are read, though now is later at each.
    func fingerprint(_ order: TicketOrder) -> String {
        var timeless = self
        if overdueAt != nil { timeless.overdueAt = Timestamp(milliseconds: 0) }
        let (sql, arguments) = timeless.condition
        let words = "\(order) \(readStatuses.map(\.rawValue)) \(sql) \(arguments)"
        return String(Digest.sha256(Array(words.utf8)).description.prefix(16))
    }
}

package enum TicketOrder: String, Sendable, CaseIterable {
    /// The most urgent first; tickets without a due time last.
    case due
    /// The newest first.
    case newest

    /// The first key; the second is the stream.
    ///
    /// Both go the same way.
    var key: String { self == .due ? TicketTables.dueOrder : "createdAt" }
    var direction: String { self == .due ? "" : " DESC" }
    var comparison: String { self == .due ? ">" : "<" }
}
