/// Overlays (附加状态): what events leave on a ticket beside its status.

import Events

extension TicketState {
    /// A reopened ticket is in hand at once, in a round of its own, with nothing of the unit that had it before.
    ///
    /// One that was answered directly and archived gets its first dispatch by it, and its clocks run from here.
    mutating func applyReopening(_ body: JSONObject, _ event: Event) {
        isReopened = true
        hop += 1
        firstDispatcher = firstDispatcher ?? event.actor.account
        firstDispatchedAt = firstDispatchedAt ?? event.recordedAt
        beginHop(body, event, startsRound: true)
        // In hand without a signature, so no time to sign runs.
        signDue = nil
        signDeemedAt = nil
        signedAt = nil
        signEvent = nil
        isSignDeemed = false
        returnRequest = .none
        returnProposal = nil
    }

    /// The lead's subtasks, and the helpers' reports.
    mutating func applyShares(_ kind: TicketEventKind, _ body: JSONObject, _ event: Event) {
        if kind == .subDispatched {
            guard let unit = body["unit"]?.string else { return }
            let due = body["due"]?.integer.map(Timestamp.init(milliseconds:))
            subtasks.append(TicketSubtask(unit: unit, due: due, givenAt: event.occurredAt))
            return
        }
        // The helper that reports, or the one for which the clerk of its street does.
        let node = event.id.origin.node
        let place =
            helpers.firstIndex { $0.node == node && $0.unit == event.actor.unit }
            ?? helpers.firstIndex { $0.node == node }
        if let place { helpers[place].reportedAt = event.occurredAt }
    }

    mutating func applySuspensionWish(_ body: JSONObject) {
        suspendReason = body["reasonClass"]?.string
        suspendReview = body["review"]?.integer.map(Timestamp.init(milliseconds:))
        suspendPromised = body["promised"]?.integer.map(Timestamp.init(milliseconds:))
    }

    /// A callback, or why there was none; each has the fields of the other empty.
    mutating func applyCallback(_ body: JSONObject, _ event: Event) {
        calledBackAt = event.recordedAt
        callbackGrade = body["grade"]?.string
        isSolvedByCaller = body["solved"]?.bool
        isCallerReached = body["contacted"]?.bool
        callbackExemption = body["code"]?.string
    }

    /// The second clock (法定时限); what is not said leaves what was known.
    mutating func applyRegime(_ body: JSONObject) {
        regime = body["regime"]?.string ?? regime
        statutoryDue = body["statutoryDue"]?.integer.map(Timestamp.init(milliseconds:)) ?? statutoryDue
    }
}
