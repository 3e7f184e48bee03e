/// What time alone makes due (定时策略): deemed signing, resuming, warnings, overdue, closing.
///
/// Pure, and only for the owner's node. Each firing carries a command id derived from what set it off, so that no
/// restart, rebuild or standby adds a second; it goes through `TicketDecider` like any command. Clocks run only for
/// what was dispatched here: an imported history has had its own.

package import Events

/// A command that time has made due.
package struct PolicyFiring: Sendable, Equatable {
    /// The policy's name, the system actor of its event.
    package let policy: String
    package let command: TicketCommand
    package let id: CommandID
}

package enum TicketPolicies {
    /// A policy's command and the instant from which it is due.
    private struct Timer {
        var at: Timestamp
        /// It makes no sense any more from here on; nil for never.
        var until: Timestamp?
        var policy: String
        /// What makes one firing another one than the last.
        var trigger: String
        var command: TicketCommand
    }

    /// - Returns: what is due at `now`, in the order in which it is to be decided; each against the state after the one before.
    package static func due(
        _ state: TicketState, of ticket: StreamName, rules: any TicketRules, now: Timestamp
    ) -> [PolicyFiring] {
        timers(state, rules).filter { $0.at <= now && $0.until.map { now < $0 } ?? true }.map { timer in
            let id = CommandID(
                derivedFrom: "policy", timer.policy, ticket.text, timer.trigger, String(state.round))
            return PolicyFiring(policy: timer.policy, command: timer.command, id: id)
        }
    }

    /// When to look again: an instant at or before which nothing becomes due; nil for never, as long as nothing else happens.
    package static func next(_ state: TicketState, rules: any TicketRules, after now: Timestamp) -> Timestamp? {
        timers(state, rules).filter { $0.until.map { now < $0 } ?? true }.map(\.at).min()
    }

    private static func timers(_ state: TicketState, _ rules: any TicketRules) -> [Timer] {
        guard state.exists else { return [] }
        let numbers = rules.numbers
        var timers: [Timer] = []
        if state.status == .dispatched, numbers.deemedSigningFactor > 0, let due = state.signDue?.at,
            let start = state.dispatchedAt
        {
            timers.append(
                Timer(
                    at: start + (due - start) * numbers.deemedSigningFactor, policy: "deemedSigning",
                    trigger: "hop-\(state.hop)", command: TicketCommand(.signDeemed, [:])))
        }
        if state.status == .inHand, let until = state.suspendedUntil {
            timers.append(
                Timer(
                    at: until, policy: "resume", trigger: String(until.milliseconds),
                    command: TicketCommand(.resumed, [:])))
        }
        if let due = state.due?.at, let start = state.roundStartedAt, state.isBeingHandled,
            state.suspendedUntil == nil
        {
            timers += warnings(state, numbers, from: start, to: due)
            if !state.isOverdueNoted {
                timers.append(
                    Timer(
                        at: due + 1, policy: "overdue", trigger: "due-\(due.milliseconds)",
                        command: TicketCommand(.overdueNoted, [:])))
            }
        }
        if let since = state.closableSince {
            timers.append(
                Timer(
                    at: rules.closes(after: since), policy: "close", trigger: state.status.rawValue,
                    command: TicketCommand(.closed, ["retention": .string("standard")])))
        }
        return timers
    }

    /// One warning at a time: that of the highest share that is reached.
    private static func warnings(
        _ state: TicketState, _ numbers: TicketRuleNumbers, from start: Timestamp, to due: Timestamp
    ) -> [Timer] {
        let open = numbers.preWarningPercents.filter { $0 > Int64(state.preWarnedPercent) }
        let instants = open.map { start + (due - start) / 100 * $0 }
        return zip(open, instants).enumerated().map { place, warning in
            Timer(
                at: warning.1, until: place + 1 < instants.count ? instants[place + 1] : due, policy: "preWarning",
                trigger: "\(warning.0)-of-\(due.milliseconds)",
                command: TicketCommand(.preWarned, ["percent": .integer(warning.0)]))
        }
    }
}

extension TicketState {
    /// Whether time can make anything due: what a node that starts asks its views for, in SQL (`TicketQueries`).
    ///
    /// May say yes where no clock runs, never no where one does.
    package var mayHaveClock: Bool {
        switch status {
        case .answered, .rejected: source == nil
        case .calledBack: true
        case .closed, .merged, .void: false
        case .registered, .toDispatch, .dispatched, .inHand, .returnAsked, .ruling, .replied, .finished: round > 0
        }
    }

    /// Whether the handling clock runs against a unit.
    fileprivate var isBeingHandled: Bool {
        switch status {
        case .dispatched, .inHand, .returnAsked, .ruling: true
        case .registered, .answered, .rejected, .toDispatch, .replied, .finished, .calledBack, .closed, .merged, .void:
            false
        }
    }

    /// Since when nothing stands in the way of the archive (归档).
    fileprivate var closableSince: Timestamp? {
        switch status {
        case .calledBack: isRedoProposed ? nil : calledBackAt
        case .answered, .rejected: source == nil ? lastChangedAt : nil
        case .registered, .toDispatch, .dispatched, .inHand, .returnAsked, .ruling, .replied, .finished, .closed,
            .merged, .void:
            nil
        }
    }
}
