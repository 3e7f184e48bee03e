/// Counts of tickets by unit, category, day and status, over the sums in `ticketCounts`.
///
/// A page is bounded; what it costs is not below the rows of `ticketCounts` that the filter leaves, of which there are
/// at most as many as tickets.

import Events
import GRDB
package import Tickets

/// What tickets are counted by.
package struct CountQuery: Sendable, Equatable {
    package enum Group: String, Sendable, CaseIterable {
        case unit, category, day, status

        var column: String {
            switch self {
            case .unit: "holderUnit"
            case .category: "category"
            case .day: "createdDay"
            case .status: "status"
            }
        }
    }

    /// Each once; the rows come in their order.
    package var groups: [Group] = [.unit]
    /// Empty: any.
    package var statuses: [TicketStatus] = []
    /// Unit code of the holder; empty text for tickets that no unit holds.
    package var holderUnit: String?
    /// A category's path from the top: counts everything below it.
    package var category: [String] = []
    /// Days of filing as `yyyymmdd` in the district's zone, both inclusive.
    package var days: ClosedRange<Int64>?
    /// The greatest keys first, such as the last day.
    package var isDescending = false

    package init() {}

    var condition: (terms: [String], arguments: Cells) {
        var terms: [String] = []
        var arguments: Cells = []
        if !statuses.isEmpty {
            terms.append("status IN (\(statuses.map { _ in "?" }.joined(separator: ", ")))")
            arguments += statuses.map { .text($0.rawValue) }
        }
        if let holderUnit {
            terms.append("holderUnit = ?")
            arguments.append(.text(holderUnit))
        }
        if !category.isEmpty {
            let (term, values) = TicketFilter.below(category)
            terms.append(term)
            arguments += values
        }
        if let days {
            terms.append("createdDay BETWEEN ? AND ?")
            arguments += [.integer(days.lowerBound), .integer(days.upperBound)]
        }
        return (terms, arguments)
    }

    var fingerprint: String {
        let (terms, arguments) = condition
        let words = "\(groups.map(\.rawValue)) \(isDescending) \(terms) \(arguments)"
        return "counts" + String(Digest.sha256(Array(words.utf8)).description.prefix(16))
    }
}

/// What is counted of the tickets of one group.
package struct TicketCount: Sendable, Equatable {
    // Set when it is counted by it
    package var unit: String?
    package var category: [String]?
    /// Of filing, as `yyyymmdd`.
    package var day: Int64?
    package var status: TicketStatus?

    package var count: Int64
    /// Tickets that were late at some time, and are known to have been.
    package var overdueNoted: Int64
    /// Tickets that were late while their holder's line was down, which nothing has settled (超期待核): charged to nobody.
    package var overdueUnconfirmed: Int64
    package var urges: Int64
    /// Conflicts that nobody has settled.
    package var conflicts: Int64
    package var redos: Int64
}

package struct CountPage: Sendable, Equatable {
    package var rows: [TicketCount]
    /// Where the next page begins; nil after the last.
    package var next: String?
    /// What the views held when the page was read.
    package var position: Int64
}

extension ViewStore {
    /// One page of counts, in the order of their groups.
    ///
    /// - Parameters:
    ///   - cursor: `next` of the page before; nil for the first.
    ///   - limit: 1–500 groups.
    /// - Precondition: the query has a group, and none twice.
    /// - Throws: `ViewFailure.malformed` for a cursor of other counts.
    package func counts(_ query: CountQuery, after cursor: String? = nil, limit: Int = 100) throws -> CountPage {
        precondition(
            !query.groups.isEmpty && Set(query.groups).count == query.groups.count, "counts are by groups, each once")
        let limit = max(1, min(limit, ViewStore.pageLimit))
        let start = try cursor.map { try ViewStore.keys(in: $0, of: query) }
        let columns = query.groups.map(\.column)
        let list = columns.joined(separator: ", ")
        var (terms, arguments) = query.condition
        if let start {
            let marks = columns.map { _ in "?" }.joined(separator: ", ")
            terms.append("(\(list)) \(query.isDescending ? "<" : ">") (\(marks))")
            arguments += start
        }
        let order = columns.map { $0 + (query.isDescending ? " DESC" : "") }.joined(separator: ", ")
        return try read { [terms, arguments] db in
            let select = try RowStatement(
                """
                SELECT \(list), sum(count), sum(overdueNoted) - sum(overdueUnconfirmed), sum(overdueUnconfirmed),
                    sum(urges), sum(conflicts), sum(redos) FROM ticketCounts
                    WHERE \(terms.isEmpty ? "1" : terms.joined(separator: " AND "))
                    GROUP BY \(list) ORDER BY \(order) LIMIT \(limit + 1)
                """, on: db)
            select.bind(row: arguments)
            var rows = try select.rows(columns.count + 6)
            let hasMore = rows.count > limit
            rows.removeLast(max(0, rows.count - limit))
            let next = rows.last.map { ViewStore.cursor(behind: Array($0.prefix(columns.count)), of: query) }
            return CountPage(
                rows: try rows.map { try TicketCount($0, by: query.groups) }, next: hasMore ? next : nil,
                position: try ViewStore.checkpoint(on: db).position)
        }
    }

    /// A cursor whose second key is a list of all keys, as JSON.
    private static func cursor(behind keys: Cells, of query: CountQuery) -> String {
        let list = JSON.array(
            keys.map { cell in
                switch cell {
                case .null: .null
                case .integer(let value): .integer(value)
                case .text(let value): .string(value)
                }
            })
        return PageCursor(fingerprint: query.fingerprint, number: 0, stream: list.canonicalText).text
    }

    private static func keys(in cursor: String, of query: CountQuery) throws -> Cells {
        let text = try PageCursor(cursor, of: query.fingerprint).stream
        let keys: Cells? = (try? JSONReader.read(Array(text.utf8)))?.array?.compactMap { key in
            key.integer.map(Cell.integer) ?? key.string.map(Cell.text)
        }
        guard let keys, keys.count == query.groups.count else {
            throw ViewFailure.malformed(what: "cursor of these counts", value: cursor)
        }
        return keys
    }
}

extension TicketCount {
    /// Reads a row of groups and sums.
    fileprivate init(_ cells: Cells, by groups: [CountQuery.Group]) throws {
        func number(_ place: Int) -> Int64 { if case .integer(let value) = cells[place] { value } else { 0 } }
        func text(_ place: Int) -> String { if case .text(let value) = cells[place] { value } else { "" } }
        let sums = groups.count
        self.init(
            count: number(sums), overdueNoted: number(sums + 1), overdueUnconfirmed: number(sums + 2),
            urges: number(sums + 3), conflicts: number(sums + 4), redos: number(sums + 5))
        for (place, group) in groups.enumerated() {
            switch group {
            case .unit: unit = text(place)
            case .category: category = text(place).split(separator: "/").map(String.init)
            case .day: day = number(place)
            case .status:
                guard let known = TicketStatus(rawValue: text(place)) else {
                    throw ViewFailure.malformed(what: "ticket status", value: text(place))
                }
                status = known
            }
        }
    }
}
