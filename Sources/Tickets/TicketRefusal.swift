/// Why a command on a ticket is refused: what was expected, what is, and what to do.

package import Events

package enum TicketRefusal: Problem, Equatable {
    case unknownTicket(StreamName)
    case alreadyExists(StreamName)
    case wrongState(StreamName, TicketEventKind, is: TicketStatus, expected: [TicketStatus])
    case notWriter(StreamName, TicketEventKind, node: NodeID, expected: String)
    case missingField(TicketEventKind, field: String, meaning: String)
    case badField(TicketEventKind, field: String, rule: String)
    case unknownField(TicketEventKind, field: String)
    case inFuture(StreamName, occurredAt: Timestamp, now: Timestamp)
    case guarded(StreamName, TicketEventKind, TicketGuard, found: String)

    package var code: String {
        switch self {
        case .unknownTicket: "GL-4001"
        case .alreadyExists: "GL-4002"
        case .wrongState: "GL-4003"
        case .notWriter: "GL-4004"
        case .missingField: "GL-4005"
        case .badField: "GL-4006"
        case .unknownField: "GL-4007"
        case .inFuture: "GL-4008"
        case .guarded(_, _, let rule, _): rule.code
        }
    }

    package var message: String {
        switch self {
        case .unknownTicket(let ticket): "\(ticket) does not exist here"
        case .alreadyExists(let ticket): "\(ticket) is registered already"
        case .wrongState(let ticket, let kind, let status, let expected):
            "\(ticket) is \(status.rawValue); \(kind.rawValue) needs "
                + (expected.isEmpty
                    ? "a ticket that is not there yet" : expected.map(\.rawValue).joined(separator: " or "))
        case .notWriter(let ticket, let kind, let node, let expected):
            "\(kind.rawValue) of \(ticket) is for \(expected) to write, and this is node \(node)"
        case .missingField(let kind, let field, let meaning): "\(kind.rawValue) needs \"\(field)\": \(meaning)"
        case .badField(let kind, let field, let rule): "\"\(field)\" of \(kind.rawValue) must be \(rule)"
        case .unknownField(let kind, let field): "\(kind.rawValue) has no field \"\(field)\""
        case .inFuture(let ticket, let at, let now):
            "\(ticket): it cannot have happened at \(at.milliseconds) ms, now is \(now.milliseconds) ms"
        case .guarded(let ticket, let kind, let rule, let found):
            "\(ticket), \(kind.rawValue): \(rule.expectation); found \(found)"
        }
    }

    package var hint: String {
        switch self {
        case .unknownTicket: "check the number; a ticket of another street does not reach this node"
        case .alreadyExists: "supplement the ticket that is there, or register a new one"
        case .wrongState: "look at the ticket's history: somebody may have acted before you"
        case .notWriter: "ask there, or note progress: that is open to every node that has the ticket"
        case .missingField, .badField, .unknownField: "docs/format/tickets.md lists the fields of every kind"
        case .inFuture: "check this computer's clock"
        case .guarded(_, _, let rule, _): rule.hint
        }
    }
}

/// The guards of the table that go beyond state, writer and fields.
package enum TicketGuard: String, Sendable, Equatable, CaseIterable {
    case communityLead, leadReported, unitAbove, returnLimit, returnWindow, returnAfterRuling, sameDispatcher
    case noRequest, extensionLate, extensionLimit, extensionUrgent, extensionSpan, contactTries, sameAccount, helper
    case evidence, answerSource, categoryUnknown, redoWindow, supervisionLevel, mergeWithItself, streetOwned
    case afterDispatch, notSuspended, dateOrder, handlerReviews

    package var code: String {
        "GL-40" + String(10 + (TicketGuard.allCases.firstIndex(of: self) ?? 0))
    }

    package var expectation: String { text.expectation }
    package var hint: String { text.hint }

    private var text: (expectation: String, hint: String) {
        switch self {
        case .communityLead: ("a community helps and never leads", "dispatch to its street, name it as a helper")
        case .leadReported:
            (
                "the lead is not one of those who reported it",
                "choose another lead, or give \"override\" with name and reason"
            )
        case .unitAbove: ("the unit stands below the lead", "note progress, or ask to return the ticket")
        case .returnLimit: ("one return a round", "handle it, or note your objection as progress")
        case .returnWindow: ("the return window is open", "handle it, or ask the dispatcher to reassign")
        case .returnAfterRuling: ("no return after a ruling", "handle it: the ruling is final")
        case .sameDispatcher: ("another dispatcher than the first decides", "let a colleague decide")
        case .noRequest: ("a request is open", "nothing waits for an answer; look at the history")
        case .extensionLate:
            ("an extension is asked for in time", "reply now; the time that is left is too short to ask")
        case .extensionLimit: ("no more extensions than the rules give", "reply, or ask to suspend")
        case .extensionUrgent: ("an urgent ticket is not extended", "reply with what was done so far")
        case .extensionSpan:
            ("an extension is later than the due time and at most as long as the limit", "choose a date in that range")
        case .contactTries: ("the tries that the rules ask for", "try again, at another time of day")
        case .sameAccount: ("a second person confirms", "let a colleague confirm")
        case .helper: ("the unit at this node is a helper", "note progress instead")
        case .evidence: ("a photograph of the facility", "attach at least one in \"evidence\"")
        case .answerSource: ("a knowledge article or a three-party call", "give \"article\" or \"call\"")
        case .categoryUnknown: ("the category is known", "give \"category\"")
        case .redoWindow: ("a redo within the days that the rules give", "register a new ticket that names this one")
        case .supervisionLevel: ("a level above or below the present one", "choose another level")
        case .mergeWithItself: ("another ticket", "name the ticket that stays")
        case .streetOwned: ("the case belongs to a street", "the centre owns it already; reassign it")
        case .afterDispatch: ("the ticket was never dispatched", "finish it with an explanation")
        case .notSuspended: ("the clock is stopped", "nothing to resume")
        case .dateOrder: ("now, then review, then the promised date", "correct the dates")
        case .handlerReviews: ("another person than the handler reviews", "let a colleague review")
        }
    }
}
