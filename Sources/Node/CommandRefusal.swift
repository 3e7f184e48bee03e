/// Why a node does not carry out a command.

package import Events
package import Rules
package import Tickets

package enum CommandRefusal: Problem, Equatable {
    /// The decision says no.
    case notDecided(TicketRefusal)
    /// The log says no, such as for a version that somebody else changed.
    case notAppended(AppendRefusal)
    /// A node's membership does not change that way.
    case membership(NodeRefusal)
    /// Rules are not published so.
    case rules(RulesError)
    /// What is asked for is for other roles than `actor`.
    case wrongRole(Duty, actor: Words, allowed: [Words])
    /// The idempotency key was used for another command, or by somebody else.
    case keyTaken(CommandID, by: String)

    /// What stands behind it; nil for what is this type's own.
    private var problem: (any Problem)? {
        switch self {
        case .notDecided(let refusal): refusal
        case .notAppended(let refusal): refusal
        case .membership(let refusal): refusal
        case .rules(let error): error
        case .wrongRole, .keyTaken: nil
        }
    }

    package var code: String {
        if case .wrongRole = self { return "GL-6031" }
        return problem?.code ?? "GL-6028"
    }
    package var message: Words {
        switch self {
        case .keyTaken(let id, let other): return "the key \(id) was used before, for \(other)"
        case .wrongRole(let duty, let actor, let allowed):
            return "\(duty.words) is for \(Words.anyOf(allowed)), not for \(actor)"
        case .notDecided, .notAppended, .membership, .rules: return problem?.message ?? ""
        }
    }
    package var hint: Words {
        if case .wrongRole = self { return "let one of them do it; docs/format/nodes.md lists the roles" }
        return problem?.hint
            ?? "give each command a key of its own; only a repeat of the same command takes the same key"
    }
}
