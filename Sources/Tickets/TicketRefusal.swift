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
    /// The kind is for other roles than `actor`.
    case wrongRole(StreamName, TicketEventKind, actor: String, allowed: [String])
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
        case .wrongRole: "GL-4009"
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
        case .wrongRole(let ticket, let kind, let actor, let allowed):
            "\(kind.rawValue) of \(ticket) is for \(allowed.joined(separator: " or ")), not for \(actor)"
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
        case .wrongRole: "let one of them do it; docs/format/tickets.md lists the roles of every kind"
        case .guarded(_, _, let rule, _): rule.hint
        }
    }
}
