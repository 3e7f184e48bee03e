/// Intake (受理): registering a ticket and what becomes of it before a dispatch.

import Events

extension Decision {
    func intake() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .registered:
            let isStreet = context.node != context.centre
            body["owner"] = .string(isStreet ? "street" : "centre")
            body["ownerNode"] = .string(context.node.text)
            body["number"] = context.nextNumber.map(JSON.string)
            body["unit"] = nil
            if isStreet { body["lead"] = (fields["unit"]?.string ?? context.actor.unit).map(JSON.string) }
        case .directAnswerGiven:
            if fields["article"] == nil, fields["call"] == nil { throw refuse(.answerSource, found: "neither") }
        case .rejected:
            if text("confirmedBy") == account { throw refuse(.sameAccount, found: "\(text("confirmedBy")) twice") }
        case .queuedForDispatch:
            if (fields["category"]?.array ?? []).isEmpty, state.category.isEmpty {
                throw refuse(.categoryUnknown, found: "none")
            }
        case _: break
        }
        return body
    }
}
