/// Dispatch (派单): who leads, who helps, and by when.

import Events

extension Decision {
    func dispatch() throws(TicketRefusal) -> JSONObject {
        let lead = text("lead")
        if context.rules.isCommunity(unit: lead) { throw refuse(.communityLead, found: Words(verbatim: lead)) }
        if state.reporterChain.contains(lead) { try checkOverride(lead) }
        if kind == .redoOrdered { try checkRedo() }
        var body = fields
        let leadNode = node(of: lead, given: fields["leadNode"])
        // What leaves the street is the centre's to send: nobody else moves a ticket between nodes.
        if state.isStreetOwned, leadNode != context.node.text {
            throw refuse(.insideStreet, found: Words(verbatim: leadNode))
        }
        body["leadNode"] = .string(leadNode)
        body["helpers"] = .array(try helpers())
        body["hop"] = .integer(Int64(state.hop + 1))
        body["rule"] = .string(context.rules.version)
        if kind == .rulingMade { body["final"] = .bool(true) }
        let startsRound = state.round == 0 || kind == .redoOrdered || kind == .reopened
        let round = startsRound ? occurredAt : state.roundStartedAt ?? occurredAt
        let limits = context.rules.limits(of: state, round: round, hop: occurredAt)
        // A new unit does not reset the clock, and does not lose an extension that was granted.
        let due = startsRound ? limits.due : dueWithStop(until: occurredAt) ?? limits.due
        body["due"] = due.json
        body["signDue"] = limits.signDue.json
        body["contactDue"] = limits.contactDue.json
        body["returnDue"] = limits.returnDue.json
        return body
    }

    private func checkOverride(_ lead: String) throws(TicketRefusal) {
        guard let override = fields["override"]?.object else {
            throw refuse(.leadReported, found: Words(verbatim: lead))
        }
        for member in ["by", "reason"] where !FieldShape.text.fits(override[member] ?? .null) {
            throw .missingField(kind, field: "override.\(member)", meaning: "who answers for it, and why")
        }
    }

    private func helpers() throws(TicketRefusal) -> [JSON] {
        var found: [JSON] = []
        for helper in fields["helpers"]?.array ?? [] {
            guard let unit = helper.object?["unit"]?.string else {
                throw .missingField(kind, field: "helpers.unit", meaning: "unit code of the helper")
            }
            let node = node(of: unit, given: helper.object?["node"])
            if state.isStreetOwned, node != context.node.text {
                throw refuse(.insideStreet, found: Words(verbatim: node))
            }
            found.append(.object(["unit": .string(unit), "node": .string(node)]))
        }
        return found
    }

    /// A unit without a node of its own works at the node that decides.
    private func node(of unit: String, given: JSON?) -> String {
        given?.string ?? context.rules.node(of: unit)?.text ?? context.node.text
    }

    private func checkRedo() throws(TicketRefusal) {
        // A finish that was found fake is redone at any time, before its callback too.
        if state.isFakeFinish { return }
        if state.status == .finished { throw refuse(.notFake, found: "no such finding") }
        let since = state.closedAt ?? state.finishedAt ?? occurredAt
        let end = context.rules.redoEnds(after: since)
        if occurredAt > end {
            let (passed, window) = ((occurredAt - since) / 86_400_000, (end - since) / 86_400_000)
            throw refuse(.redoWindow, found: "\(passed) days of \(window)")
        }
    }
}
