/// The pages that list: tickets by the form's choice, open conflicts, counts.

import Events
import Hummingbird
import Projections
import Texts
import Tickets

extension Pages {
    /// Rows of a list's page.
    private static let rows = 100
    /// Rows of each table of counts on the page with all of them.
    private static let rowsOfEach = 20

    func list(_ request: Request) throws -> Response {
        let frame = frame(request)
        guard let session = frame.session else { return Pages.redirect("/login") }
        let form = Pages.query(request)
        var choice = ListChoice(form, session)
        if let number = TicketNumber.read(choice.text) {
            let found = try ports.tickets(number.number, number.place)
            if let one = found.first, found.count == 1 { return Pages.redirect(TicketForms.address(one.stream)) }
        }
        let now = ports.clock.now()
        let cursor = form["cursor"].isEmpty ? nil : form["cursor"]
        var page: TicketPage
        do {
            page = try listed(choice, now: now, after: cursor)
            // Some roles begin with what no unit has yet: whoever types words there looks for more than that.
            if page.items.isEmpty, cursor == nil, !choice.text.isEmpty, choice.isOfNobody {
                choice.group = .open
                choice.unit = ListChoice.everyUnit
                page = try listed(choice, now: now, after: nil)
            }
        } catch ViewFailure.malformed where cursor != nil {
            // An old link: the list begins anew.
            return Pages.redirect(choice.address())
        }
        // Looked for as it stands before: another system's number may have the same form.
        let isMistaken =
            try page.items.isEmpty && TicketNumber.isMistaken(choice.text)
            && ports.views.tickets(numbered: choice.text).isEmpty
        let notice = isMistaken ? Pages.alert(frame, NumberProblem.mistaken(choice.text)) : ""
        return html(frame, frame.texts.title(ports.node), notice + PageBodies.list(page, choice, frame, now: now))
    }

    private func listed(_ choice: ListChoice, now: Timestamp, after cursor: String?) throws -> TicketPage {
        let filter = choice.filter(now: now)
        return choice.text.isEmpty
            ? try ports.views.tickets(filter, order: .due, after: cursor, limit: Pages.rows)
            : try ports.views.search(choice.text, filter: filter, after: cursor, limit: Pages.rows)
    }

    func conflicts(_ request: Request) throws -> Response {
        let frame = frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        let cursor = Pages.query(request)["cursor"]
        let page: ConflictPage
        do {
            page = try ports.views.openConflicts(after: cursor.isEmpty ? nil : cursor, limit: Pages.rows)
        } catch ViewFailure.malformed where !cursor.isEmpty {
            return Pages.redirect("/conflicts")
        }
        return html(frame, "\(frame.texts[.conflictList]) · \(ports.node)", PageBodies.conflicts(page, frame))
    }

    /// By unit, category and day; with `by`, one of them from a cursor on.
    func counts(_ request: Request) throws -> Response {
        let frame = frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        let form = Pages.query(request)
        let unit = form["unit"].isEmpty ? ListChoice.everyUnit : form["unit"]
        let single = CountQuery.Group(rawValue: form["by"])
        let cursor = single == nil || form["cursor"].isEmpty ? nil : form["cursor"]
        var tables: [(group: CountQuery.Group, page: CountPage)] = []
        do {
            for group in single.map({ [$0] }) ?? [.unit, .category, .day] {
                var query = CountQuery()
                query.groups = [group]
                query.holderUnit = ListChoice(unit: unit).holder
                // The last days are what people look at first.
                query.isDescending = group == .day
                let limit = single == nil ? Pages.rowsOfEach : Pages.rows
                tables.append((group, try ports.views.counts(query, after: cursor, limit: limit)))
            }
        } catch ViewFailure.malformed where cursor != nil {
            return Pages.redirect(PageAddress.make("/counts", [("unit", unit)]))
        }
        return html(
            frame, "\(frame.texts[.counts]) · \(ports.node)", PageBodies.counts(tables, unit: unit, frame))
    }

    /// What a form sent by GET; empty when it cannot be read.
    private static func query(_ request: Request) -> FormData { FormData(request.uri.query ?? "") ?? FormData() }
}
