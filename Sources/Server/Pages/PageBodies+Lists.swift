/// The bodies of the pages that list: tickets, open conflicts, counts.

import Events
import Projections
import Texts
import Tickets

extension PageBodies {
    // MARK: - Tickets

    static func list(_ page: TicketPage, _ choice: ListChoice, _ frame: PageFrame, now: Timestamp) -> String {
        let rows = page.items.map { item in
            let name = item.shownNumber ?? item.sourceID ?? String(item.stream.key.prefix(8))
            return [
                link(TicketForms.address(item.stream), name),
                HTML.escape(frame.texts.status(item.status))
                    + mark(item.needsUpgrade ? (.needsUpgrade, "unsure") : nil, frame),
                HTML.escape(item.category.last ?? ""),
                HTML.escape(item.heading), HTML.escape(item.holderUnit ?? ""),
                due(item, frame, now: now),
            ]
        }
        return listForm(choice, frame)
            + table([.number, .status, .category, .title, .unit, .due], rows, frame)
            + more(page.next.map { choice.address(cursor: $0) }, .next, frame)
    }

    /// The form above the list; it stays as it was sent.
    private static func listForm(_ choice: ListChoice, _ frame: PageFrame) -> String {
        let groups = ListChoice.Group.allCases.map { group in
            option(group.rawValue, frame.texts[group.label], isSelected: group == choice.group)
        }.joined()
        return """
            <form method="get" action="/" class="filter">\(unitField(choice.unit, frame))
            <label><span>\(frame.text(.group))</span><select name="group">\(groups)</select></label>
            <label><span>\(frame.text(.categoryPath))</span>
            <input name="category" value="\(HTML.escape(choice.category))"></label>
            <label><span>\(frame.text(.words))</span>
            <input type="search" name="text" value="\(HTML.escape(choice.text))"></label>
            <button>\(frame.text(.search))</button></form>
            """
    }

    /// Own unit, all units, and one that a link named.
    private static func unitField(_ unit: String, _ frame: PageFrame) -> String {
        let own = frame.session?.unit ?? ""
        var options = [
            option(own, "\(frame.texts[.ownUnit]) \(own)", isSelected: unit == own),
            option(ListChoice.everyUnit, frame.texts[.allUnits], isSelected: unit == ListChoice.everyUnit),
        ]
        if unit != own, unit != ListChoice.everyUnit { options.append(option(unit, unit, isSelected: true)) }
        return "<label><span>\(frame.text(.unit))</span><select name=\"unit\">\(options.joined())</select></label>"
    }

    /// The due time and how the ticket stands with it; below it, by when its first open request is to be decided.
    private static func due(_ item: TicketItem, _ frame: PageFrame, now: Timestamp) -> String {
        let due = item.dueAt.map { due in
            HTML.escape(frame.time(due)) + mark(standing(item, due: due, now: now), frame)
        }
        let decision = item.decisionDueAt.map { due in
            "<div>\(frame.text(.decisionDue)) \(HTML.escape(frame.time(due)))"
                + "\(mark(due < now ? (.late, "late") : nil, frame))</div>"
        }
        return (due ?? "") + (decision ?? "")
    }

    /// What is to be said of a due time, and in which style; lateness that is not confirmed comes before all else, since
    /// "overdue" would say of the holder what nobody knows yet.
    private static func standing(_ item: TicketItem, due: Timestamp, now: Timestamp) -> (key: TextKey, style: String)? {
        if item.isLatenessOpen { return (.lateUnconfirmed, "unsure") }
        // What is done was late or was not, and what is replied to too: neither becomes late by waiting for somebody else.
        if !item.status.isClockOpen { return item.isOverdueNoted && !item.isOverdueUnconfirmed ? (.late, "late") : nil }
        if item.status == .replied, let replied = item.repliedAt { return replied > due ? (.late, "late") : nil }
        if item.isSuspended { return nil }
        if due < now { return (.late, "late") }
        return due - now < 24 * 3_600_000 ? (.soon, "soon") : nil
    }

    private static func mark(_ said: (key: TextKey, style: String)?, _ frame: PageFrame) -> String {
        said.map { " <span class=\"\($0.style)\">\(frame.text($0.key))</span>" } ?? ""
    }

    // MARK: - Conflicts

    static func conflicts(_ page: ConflictPage, _ frame: PageFrame) -> String {
        let rows = page.items.map { item in
            let name = item.number ?? String(item.stream.key.prefix(8))
            return [
                link(TicketForms.address(item.stream), name), HTML.escape(item.heading),
                HTML.escape(item.holderUnit ?? ""), HTML.escape(frame.texts.event(named: item.type)),
                HTML.escape(frame.texts.conflictReason(item.reason)), HTML.escape(item.against?.description ?? ""),
                HTML.escape(frame.time(item.occurredAt)),
            ]
        }
        return table([.ticket, .title, .unit, .what, .reason, .against, .when], rows, frame)
            + more(page.next.map { PageAddress.make("/conflicts", [("cursor", $0)]) }, .next, frame)
    }

    // MARK: - Counts

    /// Tables of counts, each with the address of what follows in it.
    static func counts(
        _ tables: [(group: CountQuery.Group, page: CountPage)], unit: String, _ frame: PageFrame
    ) -> String {
        let form = """
            <form method="get" action="/counts" class="filter">\(unitField(unit, frame))
            <button>\(frame.text(.search))</button></form>
            """
        return form
            + tables.map { group, page in
                let (title, column) = labels(of: group)
                let rows = page.rows.map { row in
                    [name(row, unit, frame)]
                        + [row.count, row.overdueNoted, row.overdueUnconfirmed, row.urges, row.redos, row.conflicts]
                        .map(String.init)
                }
                let address = page.next.map {
                    PageAddress.make("/counts", [("unit", unit), ("by", group.rawValue), ("cursor", $0)])
                }
                return "<h2>\(frame.text(title))</h2>"
                    + table(
                        [
                            column, .ticketCount, .overdueCount, .unconfirmedCount, .urgeCount, .redoCount,
                            .conflicts,
                        ], rows, frame, isNumbers: true)
                    + more(address, .more, frame)
            }.joined()
    }

    private static func labels(of group: CountQuery.Group) -> (title: TextKey, column: TextKey) {
        switch group {
        case .unit: (.byUnit, .unit)
        case .category: (.byCategory, .category)
        case .day: (.byDay, .day)
        case .status: (.status, .status)
        }
    }

    /// What a row counts, linked to its open tickets where a list can show them.
    private static func name(_ row: TicketCount, _ unit: String, _ frame: PageFrame) -> String {
        if let holder = row.unit {
            guard !holder.isEmpty else { return frame.text(.noUnit) }
            return link(ListChoice(unit: holder).address(), holder)
        }
        if let category = row.category {
            guard !category.isEmpty else { return frame.text(.noCategory) }
            var choice = ListChoice(unit: unit)
            choice.category = category.joined(separator: "/")
            return link(choice.address(), category.joined(separator: " / "))
        }
        return HTML.escape(row.day.map { PageTime.day($0) } ?? row.status.map { frame.texts.status($0) } ?? "")
    }

    // MARK: - Parts

    static func link(_ address: String, _ name: String) -> String {
        "<a href=\"\(HTML.escape(address))\">\(HTML.escape(name))</a>"
    }

    static func option(_ value: String, _ name: String, isSelected: Bool) -> String {
        "<option value=\"\(HTML.escape(value))\"\(isSelected ? " selected" : "")>\(HTML.escape(name))</option>"
    }

    /// - Parameters:
    ///   - rows: cells that are HTML already.
    ///   - isNumbers: whether all columns but the first hold numbers.
    private static func table(
        _ columns: [TextKey], _ rows: [[String]], _ frame: PageFrame, isNumbers: Bool = false
    ) -> String {
        let head = columns.map { "<th scope=\"col\">\(frame.text($0))</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }
        let none = "<tr><td colspan=\"\(columns.count)\">\(frame.text(.none))</td></tr>"
        let style = isNumbers ? " class=\"numbers\"" : ""
        return "<div class=\"wide\"><table\(style)><thead><tr>\(head)</tr></thead><tbody>"
            + (body.isEmpty ? none : body.joined(separator: "\n")) + "</tbody></table></div>"
    }

    private static func more(_ address: String?, _ key: TextKey, _ frame: PageFrame) -> String {
        address.map { "<p class=\"more\"><a href=\"\(HTML.escape($0))\">\(frame.text(key))</a></p>" } ?? ""
    }
}
