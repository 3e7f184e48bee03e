/// Finds tickets by what stands in them, a page at a time.

import Events
import GRDB
import Tickets

extension ViewStore {
    /// Tickets with exactly this number or source id, as a person typed it, that fit the filter; the oldest first, at most
    /// 500.
    ///
    /// Two may share a number when two nodes gave it offline: the number alone finds both, with `-2` the second.
    package func tickets(numbered typed: String, _ filter: TicketFilter = TicketFilter()) throws -> [TicketItem] {
        try read { try ViewStore.numbered(typed, filter, on: $0) }
    }

    private static func numbered(_ typed: String, _ filter: TicketFilter, on db: Database) throws -> [TicketItem] {
        let read = TicketNumber.read(typed)
        let text = read?.number.text ?? typed
        let (condition, arguments) = filter.condition
        let statuses = filter.readStatuses
        let marks = statuses.map { _ in "?" }.joined(separator: ", ")
        let select = try RowStatement(
            """
            SELECT \(TicketItem.columns) FROM tickets
                WHERE row IN (SELECT row FROM tickets WHERE number = ? UNION SELECT row FROM tickets WHERE sourceID = ?)
                    AND status IN (\(marks)) AND \(condition)
                ORDER BY createdAt, stream LIMIT \(ViewStore.pageLimit)
            """, on: db)
        select.bind(row: [.text(text), .text(text)] + statuses.map { .text($0.rawValue) } + arguments)
        var items: [TicketItem] = []
        while try select.step() { items.append(try TicketItem(select)) }
        items = try shown(items, on: db)
        guard let place = read?.place else { return items }
        return items.filter { $0.shownNumber == "\(text)-\(place)" }
    }

    /// Tickets whose number, source id, title, place or matter holds every blank-separated term of `text`, and that fit
    /// the filter.
    ///
    /// Those with exactly this number or source id come first. The rest comes in the order in which these views first
    /// heard of the tickets, last first: the one order that full text gives without sorting all its hits. A cursor
    /// does not outlive a rebuild.
    ///
    /// - Parameter limit: 1–500.
    /// - Throws: `ViewFailure.malformed` for a cursor of another search.
    package func search(
        _ text: String, filter: TicketFilter = TicketFilter(), after cursor: String? = nil, limit: Int = 50
    ) throws -> TicketPage {
        let limit = max(1, min(limit, ViewStore.pageLimit))
        let fingerprint = filter.fingerprint(.newest) + String(Digest.sha256(Array(text.utf8)).description.prefix(16))
        let start = try cursor.map { try PageCursor($0, of: fingerprint) }
        let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        return try read { db in
            let position = try ViewStore.checkpoint(on: db).position
            let exact = trimmed.isEmpty ? [] : try ViewStore.numbered(trimmed, filter, on: db)
            // A cursor with a stream is a place among the exact hits, one without a place among the others.
            var items: [TicketItem] = []
            var below = start?.number ?? .max
            if start.map({ !$0.stream.isEmpty }) ?? true {
                items = exact.filter { item in
                    guard let start else { return true }
                    return (item.createdAt.milliseconds, item.stream.text) > (start.number, start.stream)
                }
                below = .max
            }
            if items.count > limit {
                items.removeLast(items.count - limit)
                let next = items.last.map {
                    PageCursor(
                        fingerprint: fingerprint, number: $0.createdAt.milliseconds, stream: $0.stream.text
                    ).text
                }
                return TicketPage(items: items, next: next, position: position)
            }
            guard let expression = SearchWords.expression(for: text) else {
                return TicketPage(items: items, next: nil, position: position)
            }
            let room = limit - items.count
            var found = try ViewStore.hits(
                expression, filter, below: below, without: exact.map(\.stream), limit: room + 1, on: db)
            let hasMore = found.count > room
            found.removeLast(max(0, found.count - room))
            let last = found.last?.row ?? below
            return TicketPage(
                items: items + (try ViewStore.shown(found.map(\.item), on: db)),
                next: hasMore ? PageCursor(fingerprint: fingerprint, number: last, stream: "").text : nil,
                position: position)
        }
    }

    /// Hits of the full text below a row, last first.
    private static func hits(
        _ expression: String, _ filter: TicketFilter, below row: Int64, without shown: [StreamName], limit: Int,
        on db: Database
    ) throws -> [(item: TicketItem, row: Int64)] {
        let (condition, arguments) = filter.condition
        let statuses = filter.readStatuses
        func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
        let select = try RowStatement(
            """
            SELECT \(TicketItem.columns), tickets.row FROM ticketText CROSS JOIN tickets ON tickets.row = ticketText.rowid
                WHERE ticketText MATCH ? AND ticketText.rowid < ? AND status IN (\(marks(statuses.count)))
                    AND stream NOT IN (\(marks(shown.count))) AND \(condition)
                ORDER BY ticketText.rowid DESC LIMIT \(limit)
            """, on: db)
        select.bind(
            row: [.text(expression), .integer(row)] + statuses.map { .text($0.rawValue) }
                + shown.map { .text($0.text) } + arguments)
        var found: [(item: TicketItem, row: Int64)] = []
        while try select.step() { found.append((try TicketItem(select), select.integer(TicketItem.columnCount))) }
        return found
    }
}
