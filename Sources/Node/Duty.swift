/// Who may do what is about no ticket (岗位权限): the one table, beside that of the tickets (`TicketRoles.swift`).
///
/// The three administrators are apart (三员分立): who lets nodes in and publishes rules neither opens nor erases an identity,
/// and the other way round. Read when a command is decided, never when an event is folded: what is in the log is history,
/// whoever wrote it. `docs/format/nodes.md` prints the table for people.

package import Events
import Rules
package import Tickets

package enum Duty: String, Sendable, CaseIterable {
    /// 查看诉求人身份
    case reveal
    /// 查看保密工单的诉求人
    case revealConfidential
    /// 销毁身份信息
    case erase
    /// 发布规则
    case publishRules
    /// 邀请、撤销节点
    case admitNodes
    /// 入网: the node's own step, on its socket
    case enrol
    /// 旧密钥到期: what time, or the use of the new key, brings about
    case endKey

    package var who: TicketWho {
        switch self {
        // Who calls people, or takes their calls; and those who look into a complaint about that.
        case .reveal:
            TicketWho([
                .agent, .specialDesk, .dispatcher, .callback, .clerk, .handler, .auditor, .securityAdmin,
            ])
        // Whoever asked to be hidden from the units that handle it is.
        case .revealConfidential:
            TicketWho([.agent, .specialDesk, .dispatcher, .callback, .auditor, .securityAdmin])
        case .erase: TicketWho([.securityAdmin])
        case .publishRules, .admitNodes: TicketWho([.systemAdmin])
        case .enrol: TicketWho([], systems: ["enrol"])
        case .endKey: TicketWho([], systems: ["rotate"])
        }
    }

    /// Why an actor may not; nil when it may.
    package func refusal(of actor: Actor) -> CommandRefusal? {
        who.allows(actor) ? nil : .wrongRole(self, actor: TicketWho.words(of: actor), allowed: who.words)
    }

    /// Its name for people.
    package var words: Words {
        switch self {
        case .reveal: "looking at who called"
        case .revealConfidential: "looking at who called for a confidential ticket"
        case .erase: "erasing a person"
        case .publishRules: "publishing rules"
        case .admitNodes: "inviting and revoking nodes"
        case .enrol: "enrolling a node"
        case .endKey: "ending a key that was exchanged"
        }
    }

    /// What an event records; nil for a type that nobody can ask to have recorded.
    init?(_ type: EventType) {
        switch type {
        case Identity.revealed: self = .reveal
        case Erasure.type: self = .erase
        case _ where RuleBook.types.contains(type): self = .publishRules
        case _: return nil
        }
    }
}

/// Events about who called, beside their erasure (`docs/format/identity.md` 3).
package enum Identity {
    package static let revealed = EventType("identity.revealed")
}

extension NodeCommand.Wish {
    /// Whether it has a person erased: what comes after it is sealed when the key is gone.
    package var erases: Bool {
        guard case .record(let drafts) = self else { return false }
        return drafts.contains { $0.type == Erasure.type }
    }

    /// What it asks for beside steps of tickets, whose kinds have a table of their own.
    var duties: [Duty] {
        switch self {
        case .ticket: []
        case .record(let drafts): drafts.compactMap { Duty($0.type) }
        case .node(_, .invite), .node(_, .rotate), .node(_, .revoke), .node(_, .endKey(_, .revoked)): [.admitNodes]
        case .node(_, .enrol): [.enrol]
        case .node(_, .endKey(_, .used)), .node(_, .endKey(_, .overlap)): [.endKey]
        }
    }
}
