/// What a clerk wants listed, as the list's form sends it; a link to another page of the list carries it along.

import Events
import Foundation
import Projections
import Texts
import Tickets

struct ListChoice: Equatable {
    /// Which tickets, by their time.
    enum Group: String, CaseIterable {
        case open, registered, dispatch, due, overdue, unconfirmed, soon, decision

        /// What a role looks at first: whoever dispatches, what waits for it, and whoever passes on what was registered, that.
        static func first(for role: TicketRole) -> Group {
            func does(_ kind: TicketEventKind) -> Bool { kind.who(streetOwned: false).people.contains(role) }
            return does(.dispatched) ? .dispatch : does(.queuedForDispatch) ? .registered : .open
        }

        var label: TextKey {
            switch self {
            case .open: .groupOpen
            case .registered: .groupRegistered
            case .dispatch: .groupDispatch
            case .due: .groupDue
            case .overdue: .groupOverdue
            case .unconfirmed: .groupUnconfirmed
            case .soon: .groupSoon
            case .decision: .groupDecision
            }
        }
    }

    /// In place of a unit's code: those of every unit, and those of none.
    static let everyUnit = "*"

    /// A unit's code, or `everyUnit`.
    var unit: String
    var group = Group.open
    /// As typed: a path from the top, such as `城市管理/停车`.
    var category = ""
    /// Words to be found; empty for a plain list.
    var text = ""

    init(unit: String) { self.unit = unit }

    /// - Parameter session: of whoever asks; unit and role say what is listed when the form says nothing.
    init(_ form: FormData, _ session: Session) {
        unit = form["unit"].isEmpty ? session.unit : form["unit"]
        group = Group(rawValue: form["group"]) ?? Group.first(for: session.role)
        category = form["category"]
        text = form["text"]
    }

    /// The unit to filter by; nil for every unit.
    var holder: String? { unit == ListChoice.everyUnit ? nil : unit }

    /// Whether these are tickets that no unit has yet.
    var isOfNobody: Bool { group == .registered || group == .dispatch }

    func filter(now: Timestamp) -> TicketFilter {
        var filter = TicketFilter()
        filter.holderUnit = holder
        filter.category = category.split(separator: "/").map { $0.trimmingCharacters(in: .whitespaces) }
        switch group {
        case .open: filter.statuses = TicketStatus.allCases.filter(\.isOpen)
        // No unit has these yet.
        case .registered, .dispatch:
            let next: TicketEventKind = group == .dispatch ? .dispatched : .queuedForDispatch
            filter.statuses = TicketStatus.allCases.filter(next.rule.from.contains)
            filter.holderUnit = nil
        case .due:
            filter.statuses = [.dispatched, .inHand, .returnAsked, .ruling]
            // Any due time at all.
            filter.dueBefore = Timestamp(milliseconds: .max)
        case .overdue: filter.overdueAt = now
        case .unconfirmed: filter.isOverdueUnconfirmed = true
        case .soon: filter.isPreWarned = true
        case .decision: filter.decisionDueBefore = Timestamp(milliseconds: .max)
        }
        return filter
    }

    /// The address of this list, or of a later page of it.
    func address(cursor: String? = nil) -> String {
        var members = [("unit", unit), ("group", group.rawValue)]
        if !category.isEmpty { members.append(("category", category)) }
        if !text.isEmpty { members.append(("text", text)) }
        if let cursor { members.append(("cursor", cursor)) }
        return PageAddress.make("/", members)
    }
}

/// Addresses of pages with a query.
enum PageAddress {
    static func make(_ path: String, _ members: [(String, String)]) -> String {
        path + "?" + members.map { "\($0)=\(encode($1))" }.joined(separator: "&")
    }

    /// Leaves only what stands for itself everywhere in a query (RFC 3986, unreserved).
    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            case _: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension TicketForms {
    /// The address of a ticket's page.
    static func address(_ ticket: StreamName) -> String { "/tickets/\(ticket.key)" }
}
