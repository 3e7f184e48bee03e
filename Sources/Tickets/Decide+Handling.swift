/// Handling (办理): signing, contact, sub-dispatch, and the requests for more time.

import Events

extension Decision {
    func handling() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .signDeemed: body["rule"] = .string(context.rules.version)
        case .firstContactFailed:
            let tries = fields["tries"]?.integer ?? 0
            if tries < numbers.contactTries {
                throw refuse(.contactTries, found: "\(tries) of \(numbers.contactTries)")
            }
        case .subDispatched: try checkSubDispatch()
        case .extensionAsked: try checkExtension()
        case .extensionGranted:
            guard state.extensionRequest == .asked else {
                throw refuse(.noRequest, found: state.extensionRequest.words)
            }
            try checkSpan()
            body["due"] = DueInstant(at: instant("until"), isProvisional: state.due?.isProvisional ?? false).json
        case .extensionRefused:
            guard state.extensionRequest == .asked else {
                throw refuse(.noRequest, found: state.extensionRequest.words)
            }
        case .suspendAsked: try checkDates()
        case .suspendGranted:
            guard state.suspendRequest == .asked else { throw refuse(.noRequest, found: state.suspendRequest.words) }
            if instant("until") <= occurredAt { throw refuse(.dateOrder, found: "an end before now") }
        case .suspendRefused:
            guard state.suspendRequest == .asked else { throw refuse(.noRequest, found: state.suspendRequest.words) }
        case .resumed: body["due"] = try resumedDue()?.json
        case .helperReported: try checkHelper()
        case _: break
        }
        return body
    }

    private func checkSubDispatch() throws(TicketRefusal) {
        let unit = text("unit")
        if state.reporterChain.contains(unit) { throw refuse(.leadReported, found: Words(verbatim: unit)) }
        let lead = state.lead?.unit ?? ""
        if !context.rules.isUnit(unit, below: lead) { throw refuse(.unitAbove, found: "\(unit) and lead \(lead)") }
    }

    private func checkExtension() throws(TicketRefusal) {
        if let urgency = state.urgency, urgency.hasPrefix("urgent") {
            throw refuse(.extensionUrgent, found: Words(verbatim: urgency))
        }
        let limit = numbers.extensionsPerRound
        if state.extensionsGranted >= limit {
            throw refuse(.extensionLimit, found: "\(state.extensionsGranted) of \(limit)")
        }
        if let due = state.due?.at {
            let start = state.roundStartedAt ?? due
            let last = start + (due - start) / 100 * numbers.extensionAskablePercent
            if occurredAt > last {
                throw refuse(.extensionLate, found: "\(occurredAt), the last moment was \(last)")
            }
        }
        try checkSpan()
    }

    private func checkSpan() throws(TicketRefusal) {
        guard let due = state.due?.at else { return }
        let wished = instant("until")
        let limit = due - (state.roundStartedAt ?? due)
        if wished <= due || wished - due > limit {
            throw refuse(.extensionSpan, found: "\(wished) for due \(due), at the latest \(due + limit)")
        }
    }

    private func checkDates() throws(TicketRefusal) {
        let review = instant("review")
        let promised = instant("promised")
        if review <= occurredAt || promised < review {
            throw refuse(.dateOrder, found: "review \(review), promised \(promised)")
        }
    }

    private func resumedDue() throws(TicketRefusal) -> DueInstant? {
        if state.suspendedSince == nil { throw refuse(.notSuspended, found: "it runs") }
        return dueWithStop(until: occurredAt)
    }

    /// The due time, with a stop of the clock that still lasts added up to `instant`.
    func dueWithStop(until instant: Timestamp) -> DueInstant? {
        guard let due = state.due, let since = state.suspendedSince, since < instant else { return state.due }
        return context.rules.resumed(due, of: state, since: since, until: instant)
    }

    private func checkHelper() throws(TicketRefusal) {
        let isHelper = state.helpers.contains {
            $0.node == context.node && (account == nil || $0.unit == context.actor.unit)
        }
        if !isHelper { throw refuse(.helper, found: Words(verbatim: context.actor.unit ?? context.node.text)) }
    }
}
