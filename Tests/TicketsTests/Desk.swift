/// A desk that commands are given to: decisions of the real decider, written into a history as a node's log would.

import Events
import Testing

@testable import Tickets

/// Rules with round numbers: 24 h to handle, 1 h to sign, 2 h to contact, 4 h to return, 3 h to decide on a request.
struct RoundRules: TicketRules {
    var version = "test-1"
    var numbers = TicketRuleNumbers()
    /// nil: nothing is ever deemed signed.
    var deemedSigningFactor: Int64? = 2
    /// Whether the calendar is published that far.
    var isProvisional = false
    /// Hours by which everything is later: a holiday that a new calendar brought.
    var holiday: Int64 = 0

    private func after(_ start: Timestamp, _ hours: Int64) -> DueInstant {
        DueInstant(at: start + (hours + holiday) * 3_600_000, isProvisional: isProvisional)
    }

    func limits(of ticket: TicketState, round: Timestamp, hop: Timestamp) -> TicketLimits {
        TicketLimits(
            limit: TicketLimit(amount: 24, unit: "naturalHours", fromNextDay: false), due: after(round, 24),
            signDue: after(hop, 1), signDeemedAt: deemedSigningFactor.map { after(hop, $0) }, contactDue: after(hop, 2),
            returnDue: after(hop, 4))
    }
    func due(of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]) -> DueInstant {
        var due = after(start, limit.amount)
        for stop in stops { due.at = due.at + (stop.until - stop.since) }
        return due
    }
    func share(_ permille: Int64, of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]) -> Timestamp {
        let used = limit.amount * permille * 3_600 + holiday * 3_600_000
        return stops.reduce(start + used) { $1.since < $0 ? $0 + ($1.until - $1.since) : $0 }
    }
    func moved(_ instant: Timestamp, by span: TicketStop, of limit: TicketLimit) -> DueInstant {
        DueInstant(at: instant + (span.until - span.since), isProvisional: isProvisional)
    }
    func longestExtension(of limit: TicketLimit, from due: Timestamp) -> Timestamp { due + limit.amount * 3_600_000 }
    func decisionDue(of ticket: TicketState, asked instant: Timestamp) -> DueInstant { after(instant, 3) }
    func redoEnds(after close: Timestamp) -> Timestamp { close + 30 * 86_400_000 }
    func closes(after since: Timestamp) -> Timestamp { since + 72 * 3_600_000 }
    func isCommunity(unit: String) -> Bool { unit.hasPrefix("community") }
    func isUnit(_ unit: String, below parent: String) -> Bool { unit.hasPrefix(parent) && unit != parent }
    func isGrid(unit: String) -> Bool { unit.prefix { $0.isNumber }.count >= 12 }
    func reporterChain(of unit: String) -> [String] {
        unit.count > 9 ? [unit] + [15, 12].filter { $0 < unit.count }.map { String(unit.prefix($0)) } : []
    }
    func isKnown(unit: String) -> Bool { !unit.hasSuffix("nowhere") }
    func isEnrolled(_ node: NodeID) -> Bool { [History.street, History.other].contains(node) }
    func node(of unit: String) -> NodeID? { unit.hasPrefix("320507001") ? History.street : nil }
    func place(of unit: String) -> UnitPlace { node(of: unit).map(UnitPlace.node) ?? .centre }
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

    /// The centre takes in the last event at an hour: which time counts, and why.
    mutating func receive(hour: Int64, counted: Int64, why: String = "outage") throws {
        let event = try #require(history.events.last)
        try give(
            .receiptNoted, hour: hour,
            [
                "event": .string(event.id.description), "of": .string(event.type.name),
                "arrivedAt": .integer(Desk.at(hour).milliseconds), "countedAt": .integer(Desk.at(counted).milliseconds),
                "why": .string(why),
            ])
    }

    /// What time has made due.
    func due(hour: Int64, line: HolderLine = .up(since: nil)) -> [PolicyFiring] {
        TicketPolicies.due(state, of: history.stream, rules: rules, now: Desk.at(hour), line: line)
    }

    /// Does what time has made due, as a node's turn does: each against the state after the one before.
    ///
    /// - Returns: the kinds that were written.
    @discardableResult
    mutating func fire(hour: Int64, line: HolderLine = .up(since: nil)) throws -> [TicketEventKind] {
        var written: [TicketEventKind] = []
        var done: Set<CommandID> = []
        while let firing = due(hour: hour, line: line).first(where: { done.insert($0.id).inserted }) {
            // A command id that the log has is a repeat.
            if history.events.contains(where: { $0.command == firing.id }) { continue }
            let actor = Actor(system: firing.policy, rule: rules.version)
            let drafts = try decide(
                firing.command.kind, at: History.centre, hour: hour, actor: actor, in: state, firing.command.fields)
            for draft in drafts {
                history.write(draft.kind, at: History.centre, hour: hour, as: actor, command: firing.id, draft.body)
                written.append(draft.kind)
            }
        }
        for node in [History.centre, History.street, History.other] { history.tell(node) }
        return written
    }

    static let units = [History.street: "320507001", History.other: "320507002"]

    /// What the decider says; nothing is written.
    func decide(
        _ kind: TicketEventKind, at node: NodeID, hour: Int64, actor: Actor, in state: TicketState,
        happened: Int64? = nil, _ fields: JSONObject
    ) throws(TicketRefusal) -> [TicketDraft] {
        let command = TicketCommand(kind, fields, occurredAt: happened.map(Desk.at))
        let context = TicketContext(
            ticket: history.stream, now: Desk.at(hour), actor: actor, node: node, centre: History.centre, rules: rules,
            past: history.fold.past(of: command), partner: partner)
        return try TicketDecider.decide(command, in: state, context: context)
    }

    /// Decides at `node`, knowing everything, and writes what comes of it; everybody hears of it.
    ///
    /// - Parameter happened: the hour that its author names; nil for now.
    @discardableResult
    mutating func give(
        _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64, by account: String = "wang",
        as role: String? = nil, of unit: String? = nil, happened: Int64? = nil, _ fields: JSONObject = [:]
    ) throws(TicketRefusal) -> Int {
        let actor = actor(kind, at: node, by: account, role: role, unit: unit)
        let drafts = try decide(kind, at: node, hour: hour, actor: actor, in: state, happened: happened, fields)
        for draft in drafts {
            history.write(draft.kind, at: node, hour: hour, happened: happened, as: actor, draft.body)
        }
        for node in [History.centre, History.street, History.other] { history.tell(node) }
        return drafts.count
    }

    mutating func refusal(
        _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64, by account: String = "wang",
        as role: String? = nil, of unit: String? = nil, happened: Int64? = nil, _ fields: JSONObject = [:]
    ) -> String? {
        do throws(TicketRefusal) {
            try give(kind, at: node, hour: hour, by: account, as: role, of: unit, happened: happened, fields)
            return nil
        } catch { return error.code }
    }
}

extension TicketFold {
    /// What a decision has to know of the past.
    func past(of command: TicketCommand) -> TicketPast { TicketAtHand(self).past(of: command) }
}
