/// The reply (答复), its review, and the finish (办结).

import Events

extension Decision {
    func reply() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .replySubmitted:
            body["callerTold"] = .object(try checkedReply())
            if isOwner { settleStop(into: &body) }
        case .unitReviewed: try checkReviewer()
        case .finished:
            try checkReviewer()
            body["kind"] = fields["kind"] ?? state.finishKind.map(JSON.string)
            body["onTime"] = onTime.map(JSON.bool)
            body["countedAt"] = state.repliedAt.map { .integer($0.milliseconds) }
            settleStop(into: &body)
            body["warnings"] = nil
        case .replySentBack: settleStop(into: &body)
        case .receiptNoted: addWhatFollows(to: &body)
        case _: break
        }
        return body
    }

    /// What the arrival of an event starts or ends at its owner's.
    private func addWhatFollows(to body: inout JSONObject) {
        guard isOwner, let id = fields["event"]?.string.flatMap({ try? EventID($0) }) else { return }
        // The time to decide begins when the request is here.
        if state.openAsks.contains(id) { addDecisionDue(to: &body, asked: instant("arrivedAt")) }
        guard id == state.replyEvent else { return }
        var counted = state
        counted.repliedAt = instant("countedAt")
        settleStop(into: &body, by: TicketClock(state: counted, rules: context.rules))
    }

    /// Whether this node may move the due time.
    private var isOwner: Bool { context.node == state.ownerNode ?? context.centre }

    /// Whether the counted time of the reply lies within the limit; nil when the ticket has none.
    private var onTime: Bool? {
        guard let replied = state.repliedAt else { return nil }
        return clock.due(at: context.now).map { replied <= $0.at }
    }

    /// - Returns: how and when the caller was told.
    private func checkedReply() throws(TicketRefusal) -> JSONObject {
        var told = fields["callerTold"]?.object ?? [:]
        if !FieldShape.text.fits(told["way"] ?? .null) {
            throw .missingField(kind, field: "callerTold.way", meaning: "how the caller was told")
        }
        guard FieldShape.instant.fits(told["at"] ?? .null), let milliseconds = told["at"]?.integer else {
            throw .missingField(kind, field: "callerTold.at", meaning: "when the caller was told")
        }
        // Written down as done, so it is; what is to come is a promise.
        let at = Timestamp(milliseconds: milliseconds)
        if !isPast(at) {
            throw .badField(kind, field: "callerTold.at", rule: "an instant that is not later than now")
        }
        if (fields["evidence"]?.array ?? []).isEmpty, context.rules.needsEvidence(category: state.category) {
            throw refuse(.evidence, found: "none")
        }
        told["at"] = .integer(past(at).milliseconds)
        return told
    }

    private func checkReviewer() throws(TicketRefusal) {
        guard let handler = state.handler, handler == account else { return }
        throw refuse(.handlerReviews, found: Words(verbatim: handler))
    }
}
