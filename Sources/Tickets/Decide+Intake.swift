/// Intake (受理): registering a ticket and what becomes of it before a dispatch.

import Events

extension Decision {
    func intake() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .registered:
            body["owner"] = .string(isAtStreet ? "street" : "centre")
            body["ownerNode"] = .string(context.node.text)
            body["number"] = context.nextNumber.map(JSON.string)
            body["unit"] = nil
            if isAtStreet, let unit = fields["unit"]?.string { try checkKnown(unit) }
            let chain = reporterChain(given: fields["reporterChain"])
            body["reporterChain"] = chain.isEmpty ? nil : .array(chain.map(JSON.string))
            if isAtStreet { body["lead"] = (fields["unit"]?.string ?? context.actor.unit).map(JSON.string) }
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

    var isAtStreet: Bool { context.node != context.centre }

    /// What was given, and for one who reports from a grid his own unit with those above it below the street (上报链).
    func reporterChain(given: JSON?) -> [String] {
        var chain = given?.array?.compactMap(\.string) ?? []
        guard let role = context.actor.role.flatMap(TicketRole.init(rawValue:)), role.isOfGrid,
            let unit = context.actor.unit
        else { return chain }
        for one in context.rules.reporterChain(of: unit) where !chain.contains(one) { chain.append(one) }
        return chain
    }
}
