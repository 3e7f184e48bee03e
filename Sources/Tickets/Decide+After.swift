/// After the finish: callback (回访), proposal of a redo, close, and the finding that it was no finish.

import Events

extension Decision {
    func after() throws(TicketRefusal) -> JSONObject {
        if kind == .redoDeclined, !state.isRedoProposed { throw refuse(.noRequest, found: "no proposal of a redo") }
        if kind == .redoProposed { try checkRedoWindow() }
        if kind == .closed, state.isRedoProposed { throw refuse(.redoOpen, found: "an open proposal") }
        guard kind == .callbackRecorded, fields["contacted"]?.bool == true else { return fields }
        if fields["solved"] == nil {
            throw .missingField(kind, field: "solved", meaning: "what the caller says, once reached")
        }
        if fields["grade"] == nil {
            throw .missingField(kind, field: "grade", meaning: "the caller's grade, once reached")
        }
        return fields
    }
}
