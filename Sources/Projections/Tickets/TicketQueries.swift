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
        if order == .newest, filter.overdueAt == nil, filter.statuses.isEmpty {
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

    /// Tickets with exactly this number or source id, as a person typed it.
    ///
    /// Two may share a number when two nodes gave it offline: the number alone finds both, with `-2` the second.
    package func tickets(numbered typed: String) throws -> [TicketItem] {
        let read = TicketNumber.read(typed)
        let text = read?.number.text ?? typed
        let found = try ticketsWith(number: text)
        guard let place = read?.place else { return found }
        return found.filter { $0.shownNumber == "\(text)-\(place)" }
    }

    private func ticketsWith(number text: String) throws -> [TicketItem] {
        try read { db in
            let select = try RowStatement(
                """
                SELECT \(TicketItem.columns) FROM tickets
                    WHERE row IN (SELECT row FROM tickets WHERE number = ?1
                        UNION SELECT row FROM tickets WHERE sourceID = ?1)
                    ORDER BY createdAt, stream LIMIT \(ViewStore.pageLimit)
                """, on: db)
            select.bind(1, .text(text))
            var items: [TicketItem] = []
            while try select.step() { items.append(try TicketItem(select)) }
            return try ViewStore.shown(items, on: db)
        }
    }

    /// The items with their numbers as they are shown; one more look for the numbers that several tickets have.
    private static func shown(_ items: [TicketItem], on db: Database) throws -> [TicketItem] {
        let numbers = Set(items.compactMap(\.number)).sorted()
        if numbers.isEmpty { return items }
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
        if filings.isEmpty { return items }
        let shown = filings.map { number, filings in (number, TicketNumber.shown(number, of: filings)) }
        let byNumber = Dictionary(uniqueKeysWithValues: shown)
        return items.map { item in
            var item = item
            if let number = item.number { item.shownNumber = byNumber[number]?[item.stream] ?? number }
            return item
        }
    }

    /// Tickets whose number, source id, title, place or matter holds every blank-separated term of `text`.
    ///
    /// A whole number or source id gives its tickets first, on the first page. The rest comes in the order in which
    /// these views first heard of the tickets, last first: the one order that full text gives without sorting all
    /// its hits. A cursor does not outlive a rebuild.
    ///
    /// - Parameter limit: 1–500, exact hits not counted.
    package func search(
        _ text: String, filter: TicketFilter = TicketFilter(), after cursor: String? = nil, limit: Int = 50
    ) throws -> TicketPage {
        let limit = max(1, min(limit, ViewStore.pageLimit))
        let fingerprint = filter.fingerprint(.newest) + String(Digest.sha256(Array(text.utf8)).description.prefix(16))
        let start = try cursor.map { try PageCursor($0, of: fingerprint) }
        let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        let exact = start == nil && !trimmed.isEmpty ? try tickets(numbered: trimmed) : []
        return try read { db in
            let position = try ViewStore.checkpoint(on: db).position
            guard let expression = Words.expression(for: text) else {
                return TicketPage(items: exact, next: nil, position: position)
            }
            let (condition, arguments) = filter.condition
            let statuses = filter.readStatuses
            let marks = statuses.map { _ in "?" }.joined(separator: ", ")
            let select = try RowStatement(
                """
                SELECT \(TicketItem.columns), tickets.row FROM ticketText CROSS JOIN tickets ON tickets.row = ticketText.rowid
                    WHERE ticketText MATCH ? AND ticketText.rowid < ? AND status IN (\(marks)) AND \(condition)
                    ORDER BY ticketText.rowid DESC LIMIT \(limit + 1)
                """, on: db)
            let below: Cell = .integer(start?.number ?? .max)
            select.bind(row: [.text(expression), below] + statuses.map { .text($0.rawValue) } + arguments)
            var items: [(item: TicketItem, row: Int64)] = []
            let rowColumn = TicketItem.columns.split(separator: ",").count
            while try select.step() { items.append((try TicketItem(select), select.integer(rowColumn))) }
            let hasMore = items.count > limit
            items.removeLast(max(0, items.count - limit))
            let next = items.last.map { PageCursor(fingerprint: fingerprint, number: $0.row, stream: "").text }
            let found = try ViewStore.shown(items.map(\.item), on: db)
            return TicketPage(
                items: exact + found.filter { item in !exact.contains { $0.stream == item.stream } },
                next: hasMore ? next : nil, position: position)
        }
    }

    /// Conflicts that nobody has settled (待处理冲突), oldest first.
    ///
    /// - Parameter limit: 1–500.
    package func openConflictCount() throws -> Int64 {
        try read { db in
            let select = try RowStatement("SELECT count(*) FROM conflicts WHERE resolvedBy IS NULL", on: db)
            return try select.step() ? select.integer(0) : 0
        }
    }

    package func openConflicts(limit: Int = 100) throws -> [TicketConflict] {
        try read { db in
            let select = try RowStatement(
                """
                SELECT stream, event, type, reason, against, occurredAt FROM conflicts WHERE resolvedBy IS NULL
                    ORDER BY occurredAt, stream, event LIMIT \(max(1, min(limit, ViewStore.pageLimit)))
                """, on: db)
            return try select.rows(6).map { cells in
                func text(_ cell: Cell) -> String { if case .text(let value) = cell { value } else { "" } }
                func event(_ cell: Cell) throws -> EventID? { try text(cell).isEmpty ? nil : EventID(text(cell)) }
                let occurred: Int64 = if case .integer(let value) = cells[5] { value } else { 0 }
                guard let id = try event(cells[1]) else {
                    throw ViewFailure.malformed(what: "conflict", value: text(cells[1]))
                }
                return TicketConflict(
                    stream: try StreamName(text(cells[0])), event: id, type: text(cells[2]), reason: text(cells[3]),
                    against: try event(cells[4]), occurredAt: Timestamp(milliseconds: occurred))
            }
        }
    }
}

/// An event that was meant to decide something and does not count.
package struct TicketConflict: Sendable, Equatable {
    package var stream: StreamName
    package var event: EventID
    package var type: String
    /// `TicketEffect.code`.
    package var reason: String
    /// The decision it lost against.
    package var against: EventID?
    package var occurredAt: Timestamp
}
