/// After the finish: callback (回访), proposal of a redo, close, and the finding that it was no finish.

import Events

extension Decision {
    func after() throws(TicketRefusal) -> JSONObject {
        if kind == .redoDeclined, !state.isRedoProposed { throw refuse(.noRequest, found: "no proposal of a redo") }
        if kind == .redoProposed { try checkRedoWindow() }
        if kind == .closed, state.isRedoProposed { throw refuse(.redoOpen, found: "an open proposal") }
        if kind == .callbackRecorded || kind == .callbackExempted { try checkMerged() }
        guard kind == .callbackRecorded, fields["contacted"]?.bool == true else { return fields }
        if fields["solved"] == nil {
            throw .missingField(kind, field: "solved", meaning: "what the caller says, once reached")
        }
        if fields["grade"] == nil {
            throw .missingField(kind, field: "grade", meaning: "the caller's grade, once reached")
        }
        return fields
    }

    /// Each caller of a merged ticket still gets an answer and one callback, once the ticket that stayed is finished.
    private func checkMerged() throws(TicketRefusal) {
        guard state.status == .merged else {
            if text("code") == "mergedChild" { throw refuse(.notMerged, found: state.status.words) }
            return
        }
        let partner = context.partner?.status
        if partner?.isAnswered != true { throw refuse(.partnerOpen, found: partner?.words ?? "no such ticket") }
    }
}

extension TicketStatus {
    /// Whether the caller can be told what came of it: finished or later, answered or rejected.
    fileprivate var isAnswered: Bool {
        switch self {
        case .finished, .calledBack, .closed, .answered, .rejected: true
        case .registered, .toDispatch, .dispatched, .inHand, .returnAsked, .ruling, .replied, .merged, .void: false
        }
    }
}
