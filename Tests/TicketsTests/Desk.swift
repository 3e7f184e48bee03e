/// A desk that commands are given to: decisions of the real decider, written into a history as a node's log would.

import Events
import Testing

@testable import Tickets

/// Rules with round numbers: 24 h to handle, 1 h to sign, 2 h to contact, 4 h to return.
struct RoundRules: TicketRules {
    let version = "test-1"
    var numbers = TicketRuleNumbers()
    func limits(of ticket: TicketState, round: Timestamp, hop: Timestamp) -> TicketLimits {
        func after(_ start: Timestamp, _ hours: Int64) -> DueInstant { DueInstant(at: start + hours * 3_600_000) }
        return TicketLimits(
            due: after(round, 24), signDue: after(hop, 1), contactDue: after(hop, 2), returnDue: after(hop, 4))
    }
    func resumed(_ due: DueInstant, of ticket: TicketState, since: Timestamp, until: Timestamp) -> DueInstant {
        DueInstant(at: due.at + (until - since))
    }
    func redoEnds(after close: Timestamp) -> Timestamp { close + 30 * 86_400_000 }
    func closes(after since: Timestamp) -> Timestamp { since + 72 * 3_600_000 }
    func isCommunity(unit: String) -> Bool { unit.hasPrefix("community") }
    func isUnit(_ unit: String, below parent: String) -> Bool { unit.hasPrefix(parent) && unit != parent }
    func isGrid(unit: String) -> Bool { unit.prefix { $0.isNumber }.count >= 12 }
    func reporterChain(of unit: String) -> [String] {
        unit.count > 9 ? [unit] + [15, 12].filter { $0 < unit.count }.map { String(unit.prefix($0)) } : []
    }
    func isEnrolled(_ node: NodeID) -> Bool { [History.street, History.other].contains(node) }
    func node(of unit: String) -> NodeID? { unit.hasPrefix("320507001") ? History.street : nil }
    func needsEvidence(category: [String]) -> Bool { category.first == "facility" }
}

/// A ticket that commands are given to, each at its hour, by its account in the usual role, at its node.
struct Desk {
    var history = History()
    var rules = RoundRules()
    /// The ticket that this one goes into.
    var partner: TicketState?

    static func at(_ hour: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + hour * 3_600_000) }

    /// The ticket's state as everybody knows it.
    var state: TicketState { history.fold.state }

    /// A person in `role`; nil for the usual one, which for what only time does is its policy.
    ///
    /// - Parameter unit: nil for the unit that the node stands for.
    func actor(
        _ kind: TicketEventKind, at node: NodeID, by account: String, role: String?, unit: String? = nil
    ) -> Actor {
        let isStreets = state.exists ? state.isStreetOwned : node != History.centre
        let who = kind.who(streetOwned: isStreets)
        if let role = role ?? who.people.first?.rawValue {
            return Actor(account: account, role: role, unit: unit ?? Desk.units[node] ?? "320507")
        }
        return Actor(system: who.systems.first ?? "nobody", rule: "test-1")
    }

    static let units = [History.street: "320507001", History.other: "320507002"]

    /// What the decider says; nothing is written.
    func decide(
        _ kind: TicketEventKind, at node: NodeID, hour: Int64, actor: Actor, in state: TicketState, _ fields: JSONObject
    ) throws(TicketRefusal) -> [TicketDraft] {
        let command = TicketCommand(kind, fields)
        let context = TicketContext(
            ticket: history.stream, now: Desk.at(hour), actor: actor, node: node, centre: History.centre, rules: rules,
            past: history.fold.past(of: command), partner: partner)
        return try TicketDecider.decide(command, in: state, context: context)
    }

    /// Decides at `node`, knowing everything, and writes what comes of it; everybody hears of it.
    @discardableResult
    mutating func give(
        _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64, by account: String = "wang",
        as role: String? = nil, of unit: String? = nil, _ fields: JSONObject = [:]
    ) throws(TicketRefusal) -> Int {
        let actor = actor(kind, at: node, by: account, role: role, unit: unit)
        let drafts = try decide(kind, at: node, hour: hour, actor: actor, in: state, fields)
        for draft in drafts { history.write(draft.kind, at: node, hour: hour, as: actor, draft.body) }
        for node in [History.centre, History.street, History.other] { history.tell(node) }
        return drafts.count
    }

    mutating func refusal(
        _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64, by account: String = "wang",
        as role: String? = nil, of unit: String? = nil, _ fields: JSONObject = [:]
    ) -> String? {
        do throws(TicketRefusal) {
            try give(kind, at: node, hour: hour, by: account, as: role, of: unit, fields)
            return nil
        } catch { return error.code }
    }
}
