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
        case .extensionAsked:
            try checkExtension(asked: context.now)
            addDecisionDue(to: &body, asked: context.now)
        case .extensionGranted:
            guard state.extensionRequest == .asked else {
                throw refuse(.noRequest, found: state.extensionRequest.words)
            }
            try checkExtension(asked: state.extensionAsk?.at ?? context.now)
            body["stop"] = clock.stop(until: context.now)?.json
            // A date that a person chose; no calendar moves it.
            write(DueInstant(at: instant("until")), into: &body)
        case .extensionRefused:
            guard state.extensionRequest == .asked else {
                throw refuse(.noRequest, found: state.extensionRequest.words)
            }
        case .suspendAsked:
            try checkDates()
            addDecisionDue(to: &body, asked: context.now)
        case .suspendGranted:
            guard state.suspendRequest == .asked else { throw refuse(.noRequest, found: state.suspendRequest.words) }
            if instant("until") <= context.now { throw refuse(.dateOrder, found: "an end before now") }
            // The stop before has ended already, and nobody was there to say so.
            if let until = state.suspendedUntil, until <= context.now { settleStop(into: &body) }
        case .suspendRefused:
            guard state.suspendRequest == .asked else { throw refuse(.noRequest, found: state.suspendRequest.words) }
        case .resumed:
            if state.suspendedSince == nil { throw refuse(.notSuspended, found: "it runs") }
            body["stop"] = clock.stop(until: context.now)?.json
            write(clock.due(at: context.now), into: &body)
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
        try checkKnown(unit)
    }

    /// - Parameter asked: now at the holder's, the counted time of the request at the owner's.
    private func checkExtension(asked: Timestamp) throws(TicketRefusal) {
        if let urgency = state.urgency, urgency.hasPrefix("urgent"), !numbers.extendsUrgent {
            throw refuse(.extensionUrgent, found: Words(verbatim: urgency))
        }
        let limit = numbers.extensionsPerRound
        if state.extensionsGranted >= limit {
            throw refuse(.extensionLimit, found: "\(state.extensionsGranted) of \(limit)")
        }
        if let last = clock.askEnds(at: asked), asked > last {
            throw refuse(.extensionLate, found: "\(asked), the last moment was \(last)")
        }
        try checkSpan()
    }

    private func checkSpan() throws(TicketRefusal) {
        guard let due = clock.due(at: context.now), let last = clock.longestExtension(from: due) else { return }
        let wished = instant("until")
        if wished <= due.at || wished > last {
            throw refuse(.extensionSpan, found: "\(wished) for due \(due.at) and at most \(last)")
        }
    }

    private func checkDates() throws(TicketRefusal) {
        let review = instant("review")
        let promised = instant("promised")
        if review <= context.now || promised < review {
            throw refuse(.dateOrder, found: "review \(review), promised \(promised)")
        }
    }

    private func checkHelper() throws(TicketRefusal) {
        let own = state.helpers.first { $0.node == context.node && (account == nil || acts(for: $0.unit)) }
        guard let own else { throw refuse(.helper, found: Words(verbatim: context.actor.unit ?? context.node.text)) }
        if let due = own.due, context.now > due {
            throw refuse(
                .helperLate, found: "due at \(due), reported at \(context.now)")
        }
    }
}
