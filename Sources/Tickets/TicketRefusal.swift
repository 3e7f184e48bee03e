/// Why a command on a ticket is refused: what was expected, what is, and what to do.

package import Events

package enum TicketRefusal: Problem, Equatable {
    case unknownTicket(StreamName)
    case alreadyExists(StreamName)
    /// It left for another unit, and what others wrote in it was let go here.
    case left(StreamName)
    case wrongState(StreamName, TicketEventKind, is: TicketStatus, expected: [TicketStatus])
    case notWriter(StreamName, TicketEventKind, node: NodeID, expected: Words)
    /// It is for the holder to write, and there is none.
    case noHolder(StreamName, TicketEventKind, node: NodeID)
    case missingField(TicketEventKind, field: String, meaning: Words)
    case badField(TicketEventKind, field: String, rule: Words)
    case unknownField(TicketEventKind, field: String)
    case inFuture(StreamName, occurredAt: Timestamp, now: Timestamp)
    /// The kind is for other roles than `actor`.
    case wrongRole(StreamName, TicketEventKind, actor: Words, allowed: [Words])
    case guarded(StreamName, TicketEventKind, TicketGuard, found: Words)

    package var code: String {
        switch self {
        case .unknownTicket: "GL-4001"
        case .alreadyExists: "GL-4002"
        case .wrongState: "GL-4003"
        case .notWriter, .noHolder: "GL-4004"
        case .missingField: "GL-4005"
        case .badField: "GL-4006"
        case .unknownField: "GL-4007"
        case .inFuture: "GL-4008"
        case .wrongRole: "GL-4009"
        case .left: "GL-4039"
        case .guarded(_, _, let rule, _): rule.code
        }
    }

    package var message: Words {
        switch self {
        case .unknownTicket(let ticket): "\(ticket) does not exist here"
        case .alreadyExists(let ticket): "\(ticket) is registered already"
        case .left(let ticket): "\(ticket) left for another unit, and this node has let go what it said"
        case .wrongState(let ticket, let kind, let status, let expected):
            "\(ticket) is \(status.words); \(kind.words) needs \(TicketRefusal.wanted(expected))"
        case .notWriter(let ticket, let kind, let node, let expected):
            "\(kind.words) of \(ticket) is for \(expected) to write, and this is node \(node)"
        case .noHolder(let ticket, let kind, let node):
            "\(kind.words) of \(ticket) is for its holder to write, and it has none; this is node \(node)"
        case .missingField(let kind, let field, let meaning):
            "\(kind.words) needs \"\(TicketFields.words(field, of: kind))\": \(meaning)"
        case .badField(let kind, let field, let rule):
            "\"\(TicketFields.words(field, of: kind))\" of \(kind.words) must be \(rule)"
        case .unknownField(let kind, let field): "\(kind.words) has no field \"\(field)\""
        case .inFuture(let ticket, let at, let now):
            "\(ticket): it cannot have happened at \(at), now is \(now)"
        case .wrongRole(let ticket, let kind, let actor, let allowed):
            "\(kind.words) of \(ticket) is for \(Words.anyOf(allowed)), not for \(actor)"
        case .guarded(let ticket, let kind, let rule, let found):
            "\(ticket), \(kind.words): \(rule.expectation); found \(found)"
        }
    }

    private static func wanted(_ statuses: [TicketStatus]) -> Words {
        statuses.isEmpty ? "a ticket that is not there yet" : .anyOf(statuses.map(\.words))
    }

    package var hint: Words {
        switch self {
        case .unknownTicket: "check the number; a ticket of another street does not reach this node"
        case .left: "ask there, or at the centre, which has all of it; it is here again as soon as it comes back"
        case .alreadyExists: "supplement the ticket that is there, or register a new one"
        case .wrongState: "look at the ticket's history: somebody may have acted before you"
        case .notWriter: "ask there, or note progress: that is open to every node that has the ticket"
        case .noHolder: "dispatch it first, or note progress: that is open to every node that has the ticket"
        case .missingField: "fill it in, and send again"
        case .badField: "correct it, and send again"
        case .unknownField: "leave it out; `gridline ticket steps` lists what each step takes"
        case .inFuture: "check this computer's clock"
        case .wrongRole: "let one of them do it"
        case .guarded(_, _, let rule, _): rule.hint
        }
    }
}

extension TicketStatus {
    /// Its name for people.
    package var words: Words { Words(name: rawValue, of: "status") }
}

extension RequestStatus {
    /// Its name for people.
    package var words: Words { Words(name: rawValue, of: "request") }
}

extension TicketRole {
    /// Its name for people.
    package var words: Words { Words(name: rawValue, of: "role") }
}

extension TicketEventKind {
    /// Its name for people.
    package var words: Words { Words(name: rawValue, of: "event") }
}
