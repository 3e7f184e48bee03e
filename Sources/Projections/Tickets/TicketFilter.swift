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
    /// With a request that is to be decided before this instant, exclusive (审核时限).
    package var decisionDueBefore: Timestamp?
    /// Whether it is late is still to be settled, since the holder's line was down (超期待核); or it is not (false).
    package var isOverdueUnconfirmed: Bool?

    package init() {}

    /// A condition over the columns of `tickets`, with its arguments; statuses are not part of it.
    ///
    /// Tickets that were let go meet none.
    var condition: (sql: String, arguments: Cells) {
        var terms = [TicketTables.listed]
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
            // Codes are digits, and ":" follows "9". Nothing is below a community's (GB/T 10114: street 9, community 12 digits), and
            // equality keeps the index's order.
            if area.utf8.count >= 12 {
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
        if let decisionDueBefore { add("decisionDueAt < ?", .integer(decisionDueBefore.milliseconds)) }
        if let isOverdueUnconfirmed {
            // What has no clock any more may keep the note, and nobody waits for it; for true `readStatuses` leaves it out.
            let settled = TicketStatus.allCases.filter { !$0.isClockOpen }.map { "'\($0.rawValue)'" }
            add(
                isOverdueUnconfirmed
                    ? "overdueUnconfirmed = 1"
                    : "(overdueUnconfirmed = 0 OR status IN (\(settled.joined(separator: ", "))))")
        }
        return (terms.joined(separator: " AND "), arguments)
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
    /// "overdue", "pre-warned" and "unconfirmed", since a finished ticket is late or not for good, and those in which
    /// requests are decided for their due times; none at all when only others are named.
    var readStatuses: [TicketStatus] {
        var read = statuses.isEmpty ? TicketStatus.allCases : TicketStatus.allCases.filter(statuses.contains)
        if overdueAt != nil || isPreWarned == true || isOverdueUnconfirmed == true {
            read.removeAll { !$0.isClockOpen }
        }
        if decisionDueBefore != nil { read.removeAll { !$0.takesDecisions } }
        return read
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
