/// Conflicts that nobody has settled (待处理冲突), a page at a time.

package import Events
import GRDB
import Tickets

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
    // Of its ticket
    /// As it is shown, with `-2` and so on where several share it.
    package var number: String?
    package var title: String?
    /// What lists call it.
    package var heading: String
    package var holderUnit: String?
}

package struct ConflictPage: Sendable, Equatable {
    package var items: [TicketConflict]
    /// Where the next page begins; nil after the last.
    package var next: String?
    /// What the views held when the page was read.
    package var position: Int64
}

extension ViewStore {
    package func openConflictCount() throws -> Int64 {
        try read { db in
            let select = try RowStatement("SELECT count(*) FROM conflicts WHERE resolvedBy IS NULL", on: db)
            return try select.step() ? select.integer(0) : 0
        }
    }

    /// One page of the open conflicts, oldest first.
    ///
    /// - Parameters:
    ///   - cursor: `next` of the page before; nil for the first.
    ///   - limit: 1–500.
    /// - Throws: `ViewFailure.malformed` for a cursor of another list.
    package func openConflicts(after cursor: String? = nil, limit: Int = 100) throws -> ConflictPage {
        let limit = max(1, min(limit, ViewStore.pageLimit))
        let start = try cursor.map { try PageCursor($0, of: conflictFingerprint) }
        // The second key is two: names of streams and ids of events hold no blank.
        let keys = (start?.stream ?? "").split(separator: " ").map(String.init)
        guard start == nil || keys.count == 2 else {
            throw ViewFailure.malformed(what: "cursor of this list", value: cursor ?? "")
        }
        return try read { db in
            let select = try RowStatement(
                """
                SELECT c.stream, c.event, c.type, c.reason, c.against, c.occurredAt, t.number, t.title, t.holderUnit,
                        t.category, t.place, \(TicketItem.matterStart("t.matter"))
                    FROM conflicts c LEFT JOIN tickets t ON t.stream = c.stream
                    WHERE c.resolvedBy IS NULL \(start == nil ? "" : "AND (c.occurredAt, c.stream, c.event) > (?, ?, ?)")
                    ORDER BY c.occurredAt, c.stream, c.event LIMIT \(limit + 1)
                """, on: db)
            if let start { select.bind(row: [.integer(start.number)] + keys.map(Cell.text)) }
            var items = try select.rows(12).map(TicketConflict.init)
            let shown = try ViewStore.shownNumbers(Set(items.compactMap(\.number)), on: db)
            for at in items.indices {
                if let number = items[at].number.flatMap({ shown[$0]?[items[at].stream] }) { items[at].number = number }
            }
            let hasMore = items.count > limit
            items.removeLast(max(0, items.count - limit))
            let next = items.last.map {
                PageCursor(
                    fingerprint: conflictFingerprint, number: $0.occurredAt.milliseconds,
                    stream: "\($0.stream) \($0.event)"
                ).text
            }
            return ConflictPage(
                items: items, next: hasMore ? next : nil, position: try ViewStore.checkpoint(on: db).position)
        }
    }

    private var conflictFingerprint: String { "openConflicts" }
}

extension TicketConflict {
    /// Reads the columns that the statement above names.
    fileprivate init(_ cells: Cells) throws {
        func text(_ cell: Cell) -> String? { if case .text(let value) = cell, !value.isEmpty { value } else { nil } }
        guard case .integer(let occurred) = cells[5], let event = text(cells[1]) else {
            throw ViewFailure.malformed(what: "conflict", value: "\(cells)")
        }
        let heading = TicketHeading.text(
            title: text(cells[7]), category: TicketItem.path(text(cells[9])), matter: text(cells[11]) ?? "",
            place: text(cells[10]))
        self.init(
            stream: try StreamName(text(cells[0]) ?? ""), event: try EventID(event), type: text(cells[2]) ?? "",
            reason: text(cells[3]) ?? "", against: try text(cells[4]).map { try EventID($0) },
            occurredAt: Timestamp(milliseconds: occurred), number: text(cells[6]), title: text(cells[7]),
            heading: heading, holderUnit: text(cells[8]))
    }
}
