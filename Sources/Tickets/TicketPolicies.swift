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

        func id(of ticket: StreamName, round: Int) -> CommandID {
            CommandID(derivedFrom: "policy", policy, ticket.text, trigger, String(round))
        }
    }

    /// Milliseconds after a line is back in which what was written behind it arrives.
    private static let settling: Int64 = 600_000

    /// What is due, in the order in which it is to be decided; each against the state after the one before.
    ///
    /// - Parameter line: to the holder's node.
    package static func due(
        _ state: TicketState, of ticket: StreamName, rules: any TicketRules, now: Timestamp,
        line: HolderLine = .up(since: nil)
    ) -> [PolicyFiring] {
        timers(state, rules, now, line).filter { $0.at <= now && $0.until.map { now < $0 } ?? true }.map { timer in
            PolicyFiring(policy: timer.policy, command: timer.command, id: timer.id(of: ticket, round: state.round))
        }
    }

    /// When to look again: an instant at or before which nothing becomes due; nil for never, as long as nothing else happens.
    ///
    /// - Parameter refused: firings that are not to be tried again.
    package static func next(
        _ state: TicketState, of ticket: StreamName, rules: any TicketRules, after now: Timestamp,
        line: HolderLine = .up(since: nil), without refused: Set<CommandID> = []
    ) -> Timestamp? {
        let open = timers(state, rules, now, line).filter { timer in
            (timer.until.map { now < $0 } ?? true)
                && (refused.isEmpty || !refused.contains(timer.id(of: ticket, round: state.round)))
        }
        var instants = open.map(\.at)
        // Nothing of the ticket's own says that a line is back.
        if state.isOverdueUnconfirmed, state.isBeingHandled, line == .down { instants.append(now + settling) }
        return instants.min()
    }

    private static func timers(
        _ state: TicketState, _ rules: any TicketRules, _ now: Timestamp, _ line: HolderLine
    ) -> [Timer] {
        guard state.exists else { return [] }
        var timers: [Timer] = []
        if let event = state.dueEvent, TicketClock(state: state, rules: rules).recomputed(at: now) != nil {
            timers.append(
                Timer(
                    at: now, policy: "recompute", trigger: "\(event)-\(rules.version)",
                    command: TicketCommand(.dueRecomputed, [:])))
        }
        if state.status == .dispatched, let at = state.signDeemedAt?.at {
            timers.append(
                Timer(
                    at: at, policy: "deemedSigning", trigger: "hop-\(state.hop)",
                    command: TicketCommand(.signDeemed, [:])))
        }
        if state.canResume, let until = state.suspendedUntil {
            timers.append(
                Timer(
                    at: until, policy: "resume", trigger: String(until.milliseconds),
                    command: TicketCommand(.resumed, [:])))
        }
        if let due = state.due?.at, state.isBeingHandled, state.suspendedUntil == nil {
            timers += warnings(state, before: due)
            if let overdue = overdue(state, due, line) { timers.append(overdue) }
        }
        if let since = state.closableSince {
            timers.append(
                Timer(
                    at: rules.closes(after: since), policy: "close", trigger: state.status.rawValue,
                    command: TicketCommand(.closed, ["retention": .string("standard")])))
        }
        return timers
    }

    /// Once; and once more when the line is back and nothing came over it that says otherwise.
    private static func overdue(_ state: TicketState, _ due: Timestamp, _ line: HolderLine) -> Timer? {
        // A reply that was in time and is sent back makes it overdue anew.
        let trigger = "due-\(due.milliseconds)-sent-\(state.sentBack)"
        if !state.isOverdueNoted {
            let fields: JSONObject = line == .down ? ["unconfirmed": .bool(true)] : [:]
            return Timer(
                at: due + 1, policy: "overdue", trigger: trigger, command: TicketCommand(.overdueNoted, fields))
        }
        guard state.isOverdueUnconfirmed, case .up(let since) = line else { return nil }
        return Timer(
            at: since.map { $0 + settling } ?? due + 1, policy: "overdue", trigger: trigger + "-confirmed",
            command: TicketCommand(.overdueNoted, [:]))
    }

    /// One warning at a time: that of the highest share that is reached.
    private static func warnings(_ state: TicketState, before due: Timestamp) -> [Timer] {
        let open = state.warnings.filter { $0.permille > state.preWarnedPermille }
        return open.enumerated().map { place, warning in
            Timer(
                at: warning.at, until: place + 1 < open.count ? open[place + 1].at : due + 1, policy: "preWarning",
                trigger: "\(warning.permille)-of-\(due.milliseconds)",
                command: TicketCommand(.preWarned, ["permille": .integer(warning.permille)]))
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

    /// Whether the handling clock runs: from the round's first dispatch to the reply, also while the ticket waits for
    /// another unit.
    fileprivate var isBeingHandled: Bool {
        switch status {
        case .dispatched, .inHand, .returnAsked, .ruling: true
        case .toDispatch: round > 0
        case .registered, .answered, .rejected, .replied, .finished, .calledBack, .closed, .merged, .void: false
        }
    }

    /// Whether a stop can end by itself.
    fileprivate var canResume: Bool { TicketEventKind.resumed.rule.from.contains(status) }

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
