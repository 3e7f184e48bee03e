/// Dispatch (派单): who leads, who helps, and by when.

import Events

extension Decision {
    func dispatch() throws(TicketRefusal) -> JSONObject {
        let lead = text("lead")
        if context.rules.isCommunity(unit: lead) { throw refuse(.communityLead, found: lead) }
        if state.reporterChain.contains(lead) { try checkOverride(lead) }
        if kind == .redoOrdered { try checkRedo() }
        var body = fields
        let leadNode = node(of: lead, given: fields["leadNode"])
        // What leaves the street is the centre's to send: nobody else moves a ticket between nodes.
        if state.isStreetOwned, leadNode != context.node.text { throw refuse(.insideStreet, found: leadNode) }
        body["leadNode"] = .string(leadNode)
        body["helpers"] = .array(try helpers())
        body["hop"] = .integer(Int64(state.hop + 1))
        if kind == .rulingMade { body["final"] = .bool(true) }
        addDues(to: &body)
        return body
    }

    /// By when what is to be done: the round's limit runs from its first dispatch, the hop's windows from now.
    private func addDues(to body: inout JSONObject) {
        let now = context.now
        let startsRound = state.round == 0 || kind == .redoOrdered || kind == .reopened
        let round = startsRound ? now : state.roundStartedAt ?? now
        let limits = context.rules.limits(of: state, round: round, hop: now)
        var (limit, due) = (limits.limit, limits.due)
        if !startsRound {
            // A new unit does not reset the clock, and does not lose an extension that was granted.
            limit = state.limit ?? limit
            due = clock.due(at: now) ?? due
            body["stop"] = clock.stop(until: now)?.json
        }
        let warnings = clock.warnings(
            of: limit, from: round, due: due, at: now, warned: startsRound ? 0 : state.preWarnedPermille)
        body["rule"] = .string(context.rules.version)
        body["limit"] = .object(limit.json)
        body["due"] = due.json
        body["warnings"] = .array(warnings.map(\.json))
        body["signDue"] = limits.signDue.json
        if kind != .reopened { body["signDeemedAt"] = limits.signDeemedAt?.json }
        body["contactDue"] = limits.contactDue.json
        body["returnDue"] = limits.returnDue.json
    }

    private func checkOverride(_ lead: String) throws(TicketRefusal) {
        guard let override = fields["override"]?.object else { throw refuse(.leadReported, found: lead) }
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
            if state.isStreetOwned, node != context.node.text { throw refuse(.insideStreet, found: node) }
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
        try checkRedoWindow()
    }

    /// The window of a redo runs from the archive on: before that the ticket is at hand.
    func checkRedoWindow() throws(TicketRefusal) {
        guard state.status == .closed, !state.isFakeFinish else { return }
        let since = state.closedAt ?? state.lastChangedAt
        let end = context.rules.redoEnds(after: since)
        guard context.now > end else { return }
        let (passed, window) = ((context.now - since) / 86_400_000, (end - since) / 86_400_000)
        throw refuse(.redoWindow, found: "\(passed) days of \(window)")
    }
}
