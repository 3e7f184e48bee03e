/// The reply (答复), its review, and the finish (办结).

import Events

extension Decision {
    func reply() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .replySubmitted: try checkReply()
        case .unitReviewed: try checkReviewer()
        case .finished:
            try checkReviewer()
            body["kind"] = fields["kind"] ?? state.finishKind.map(JSON.string)
            body["onTime"] = onTime.map(JSON.bool)
            body["countedAt"] = state.repliedAt.map { .integer($0.milliseconds) }
        case _: break
        }
        return body
    }

    /// Whether the counted time of the reply lies within the limit; nil when the ticket has none.
    private var onTime: Bool? {
        guard let replied = state.repliedAt else { return nil }
        let stopped = state.suspendedUntil.map { min($0, replied) } ?? replied
        return dueWithStop(until: stopped).map { replied <= $0.at }
    }

    private func checkReply() throws(TicketRefusal) {
        let told = fields["callerTold"]?.object
        if !FieldShape.text.fits(told?["way"] ?? .null) {
            throw .missingField(kind, field: "callerTold.way", meaning: "how the caller was told")
        }
        if !FieldShape.instant.fits(told?["at"] ?? .null) {
            throw .missingField(kind, field: "callerTold.at", meaning: "when the caller was told")
        }
        if (fields["evidence"]?.array ?? []).isEmpty, context.rules.needsEvidence(category: state.category) {
            throw refuse(.evidence, found: "none")
        }
    }

    private func checkReviewer() throws(TicketRefusal) {
        guard let handler = state.handler, handler == account else { return }
        throw refuse(.handlerReviews, found: Words(verbatim: handler))
    }
}
