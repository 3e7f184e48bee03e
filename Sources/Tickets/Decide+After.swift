/// After the finish: callback (回访), proposal of a redo, close, and the finding that it was no finish.

import Events

extension Decision {
    func after() throws(TicketRefusal) -> JSONObject {
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
