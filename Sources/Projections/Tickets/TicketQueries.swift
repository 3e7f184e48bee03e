/// Lists and searches tickets, a page at a time.

package import Events
import GRDB
import Tickets

package struct TicketPage: Sendable, Equatable {
    package var items: [TicketItem]
    /// Where the next page begins; nil after the last.
    package var next: String?
    /// What the views held when the page was read.
    package var position: Int64
}

extension ViewStore {
    /// Rows of a page at most.
    package static let pageLimit = 500

    /// One page of a list.
    ///
    /// Each status is read in its own index range, already in order, and the ranges are merged: a page costs about
    /// `limit` rows a status however many tickets there are, as long as the other filters do not drop most rows.
    ///
    /// - Parameters:
    ///   - cursor: `next` of the page before; nil for the first.
    ///   - limit: 1–500.
    /// - Throws: `ViewFailure.malformed` for a cursor of another list.
    package func tickets(
        _ filter: TicketFilter = TicketFilter(), order: TicketOrder = .due, after cursor: String? = nil, limit: Int = 50
    ) throws -> TicketPage {
        let limit = max(1, min(limit, ViewStore.pageLimit))
        let fingerprint = filter.fingerprint(order)
        let start = try cursor.map { try PageCursor($0, of: fingerprint) }
        return try read { db in
            let select = try ViewStore.listStatement(filter, order, start, limit: limit + 1, on: db)
            var items: [TicketItem] = []
            while try select.step() { items.append(try TicketItem(select)) }
            let hasMore = items.count > limit
            items.removeLast(max(0, items.count - limit))
            let next = items.last.map { last in
                let key = order == .due ? last.dueAt?.milliseconds ?? .max : last.createdAt.milliseconds
                return PageCursor(fingerprint: fingerprint, number: key, stream: last.stream.text).text
            }
            return TicketPage(
                items: try ViewStore.shown(items, on: db), next: hasMore ? next : nil,
                position: try ViewStore.checkpoint(on: db).position)
        }
    }

    /// Tickets for which a clock may run (`TicketState.mayHaveClock`), in the order of their streams: in a round and open, or
    /// waiting for the archive.
    ///
    /// - Parameter ticket: exclusive; nil from the beginning.
    package func ticketsWithClocks(after ticket: StreamName?, limit: Int) throws -> [StreamName] {
        try read { db in
            let select = try RowStatement(
                """
                SELECT stream FROM tickets WHERE stream > ?1 AND (round > 0 AND open = 1 OR status = 'calledBack'
                    OR sourceID IS NULL AND status IN ('answered', 'rejected'))
                ORDER BY stream LIMIT ?2
                """, on: db)
            select.bind(row: [.text(ticket?.text ?? ""), .integer(Int64(limit))])
            var found: [StreamName] = []
            while try select.step() { found.append(try StreamName(select.text(0))) }
            return found
        }
    }

    static func listStatement(
        _ filter: TicketFilter, _ order: TicketOrder, _ start: PageCursor?, limit: Int, on db: Database
    ) throws -> RowStatement {
        var (condition, arguments) = filter.condition
        if let start {
            condition += " AND (\(order.key), stream) \(order.comparison) (?, ?)"
            arguments += [.integer(start.number), .text(start.stream)]
        }
        let tail = "ORDER BY \(order.key)\(order.direction), stream\(order.direction) LIMIT \(limit)"
        let sql: String
        var bound: Cells = []
        let statuses = filter.readStatuses
        if statuses.isEmpty {
            // The filter holds in none of the statuses that were named; a merge of no ranges is no SQL.
            sql = "SELECT \(TicketItem.columns) FROM tickets WHERE 0"
        } else if order == .newest, statuses.count == TicketStatus.allCases.count {
            sql = "SELECT \(TicketItem.columns) FROM tickets WHERE \(condition) \(tail)"
            bound = arguments
        } else if order == .newest {
            let marks = statuses.map { _ in "?" }.joined(separator: ", ")
            sql = "SELECT \(TicketItem.columns) FROM tickets WHERE \(condition) AND status IN (\(marks)) \(tail)"
            bound = arguments + statuses.map { .text($0.rawValue) }
        } else {
            let ranges = statuses.map { _ in
                "SELECT * FROM (SELECT \(TicketItem.columns) FROM tickets WHERE status = ? AND \(condition) \(tail))"
            }
            sql = "SELECT * FROM (\(ranges.joined(separator: " UNION ALL "))) \(tail)"
            for status in statuses { bound += [.text(status.rawValue)] + arguments }
        }
        let statement = try RowStatement(sql, on: db)
        statement.bind(row: bound)
        return statement
    }

    /// One ticket; nil when the views do not hold it.
    package func ticket(_ stream: StreamName) throws -> TicketItem? {
        try read { db in
            let select = try RowStatement("SELECT \(TicketItem.columns) FROM tickets WHERE stream = ?1", on: db)
            select.bind(1, .text(stream.text))
            return try select.step() ? try ViewStore.shown([TicketItem(select)], on: db).first : nil
        }
    }

    /// The items with their numbers as they are shown.
    static func shown(_ items: [TicketItem], on db: Database) throws -> [TicketItem] {
        let shown = try shownNumbers(Set(items.compactMap(\.number)), on: db)
        if shown.isEmpty { return items }
        return items.map { item in
            var item = item
            if let number = item.number { item.shownNumber = shown[number]?[item.stream] ?? number }
            return item
        }
    }

    /// What the tickets show that share one of these numbers; nothing for a number that only one has.
    static func shownNumbers(_ numbers: Set<String>, on db: Database) throws -> [String: [StreamName: String]] {
        let numbers = numbers.sorted()
        if numbers.isEmpty { return [:] }
        let marks = numbers.map { _ in "?" }.joined(separator: ", ")
        let select = try RowStatement(
            """
            SELECT number, stream, filingTime, filing FROM tickets WHERE filing IS NOT NULL AND number IN (
                SELECT number FROM tickets WHERE number IN (\(marks)) GROUP BY number HAVING count(*) > 1)
            """, on: db)
        select.bind(row: numbers.map(Cell.text))
        var filings: [String: [TicketFiling]] = [:]
        while try select.step() {
            let filing = TicketFiling(
                ticket: try StreamName(select.text(1)), hlc: HybridTime(rawValue: select.integer(2)),
                event: try EventID(select.text(3)))
            filings[select.text(0), default: []].append(filing)
        }
        let shown = filings.map { number, filings in (number, TicketNumber.shown(number, of: filings)) }
        return Dictionary(uniqueKeysWithValues: shown)
    }
}
