/// What time alone makes due (定时策略): deemed signing, resuming, warnings, overdue, closing.
///
/// Pure, and only for the owner's node. Each firing carries a command id derived from what set it off, so that no
/// restart, rebuild or standby adds a second; it goes through `TicketDecider` like any command.

package import Events

/// A command that time has made due.
package struct PolicyFiring: Sendable, Equatable {
    /// The policy's name, the system actor of its event.
    package let policy: String
    package let command: TicketCommand
    package let id: CommandID
}

package enum TicketPolicies {
    /// - Returns: what is due at `now`, in the order in which it is to be decided; each against the state after the one before.
    package static func due(
        _ state: TicketState, of ticket: StreamName, rules: any TicketRules, now: Timestamp
    ) -> [PolicyFiring] {
        guard state.exists else { return [] }
        let numbers = rules.numbers
        var firings: [PolicyFiring] = []
        func fire(_ policy: String, trigger: String, _ kind: TicketEventKind, _ fields: JSONObject = [:]) {
            let id = CommandID(derivedFrom: "policy", policy, ticket.text, trigger, String(state.round))
            firings.append(PolicyFiring(policy: policy, command: TicketCommand(kind, fields), id: id))
        }
        if state.status == .dispatched, numbers.deemedSigningFactor > 0, let due = state.signDue?.at,
            let start = state.dispatchedAt, now >= start + (due - start) * numbers.deemedSigningFactor
        {
            fire("deemedSigning", trigger: "hop-\(state.hop)", .signDeemed)
        }
        if state.status == .inHand, let until = state.suspendedUntil, now >= until {
            fire("resume", trigger: String(until.milliseconds), .resumed)
        }
        if let due = state.due?.at, state.isBeingHandled, state.suspendedUntil == nil {
            if let start = state.roundStartedAt {
                let reached = numbers.preWarningPercents.last { now >= start + (due - start) / 100 * $0 }
                if let percent = reached, percent > Int64(state.preWarnedPercent), now < due {
                    fire("preWarning", trigger: String(percent), .preWarned, ["percent": .integer(percent)])
                }
            }
            if now > due, !state.isOverdueNoted { fire("overdue", trigger: "due", .overdueNoted) }
        }
        if state.status == .calledBack, !state.isRedoProposed, let since = state.calledBackAt,
            now >= since + numbers.closeAfter
        {
            fire("close", trigger: "callback", .closed, ["retention": .string("standard")])
        }
        return firings
    }
}

extension TicketState {
    /// Whether the handling clock runs against a unit.
    fileprivate var isBeingHandled: Bool {
        switch status {
        case .dispatched, .inHand, .returnAsked, .ruling: true
        case .registered, .answered, .rejected, .toDispatch, .replied, .finished, .calledBack, .closed, .merged, .void:
            false
        }
    }
}
