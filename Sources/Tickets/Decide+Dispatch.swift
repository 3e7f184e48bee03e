/// Dispatch (派单): who leads, who helps, and by when.

import Events

extension Decision {
    func dispatch() throws(TicketRefusal) -> JSONObject {
        let lead = text("lead")
        if context.rules.isCommunity(unit: lead) { throw refuse(.communityLead, found: Words(verbatim: lead)) }
        // A street may give its own case to a grid; what the centre owns is for streets and departments.
        if !state.isStreetOwned, context.rules.isGrid(unit: lead) {
            throw refuse(.gridLead, found: Words(verbatim: lead))
        }
        try checkKnown(lead)
        if state.reporterChain.contains(lead) { try checkOverride(lead) }
        if kind == .redoOrdered { try checkRedo() }
        var body = fields
        let leadNode = node(of: lead, given: fields["leadNode"])
        try checkInside(leadNode)
        try checkNode(leadNode)
        body["leadNode"] = .string(leadNode)
        body["hop"] = .integer(Int64(state.hop + 1))
        if kind == .rulingMade { body["final"] = .bool(true) }
        let due = addDues(to: &body)
        body["helpers"] = .array(try checkedHelpers(until: due).map(\.json))
        return body
    }

    /// By when what is to be done: the round's limit runs from its first dispatch, the hop's windows from now.
    ///
    /// - Returns: the due time.
    private func addDues(to body: inout JSONObject) -> Timestamp {
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
        return due.at
    }

    private func checkOverride(_ lead: String) throws(TicketRefusal) {
        guard let override = fields["override"]?.object else {
            throw refuse(.leadReported, found: Words(verbatim: lead))
        }
        for member in ["by", "reason"] where !FieldShape.text.fits(override[member] ?? .null) {
            throw .missingField(kind, field: "override.\(member)", meaning: "who answers for it, and why")
        }
    }

    /// The helpers that an object names, each with its node; what is no helper is left out.
    func helpers(in object: JSONObject) -> [TicketHelper] {
        (object["helpers"]?.array ?? []).compactMap { TicketHelper($0.object) }.map { helper in
            let given = helper.node.map { JSON.string($0.text) }
            return TicketHelper(
                unit: helper.unit, node: try? NodeID(node(of: helper.unit, given: given)), due: helper.due)
        }
    }

    /// - Parameter due: of the ticket; no helper has longer.
    private func checkedHelpers(until due: Timestamp) throws(TicketRefusal) -> [TicketHelper] {
        for helper in fields["helpers"]?.array ?? [] {
            if helper.object?["unit"]?.string == nil {
                throw .missingField(kind, field: "helpers.unit", meaning: "unit code of the helper")
            }
            for (name, shape) in [("unit", FieldShape.unit), ("node", .node), ("due", .instant)] {
                guard let value = helper.object?[name], !value.isNull else { continue }
                if !shape.fits(value) { throw .badField(kind, field: "helpers.\(name)", rule: shape.rule) }
            }
        }
        let found = helpers(in: fields)
        for helper in found {
            try checkKnown(helper.unit)
            let node = helper.node?.text ?? context.node.text
            try checkInside(node)
            try checkNode(node)
            if let own = helper.due, own <= context.now || own > due {
                throw .badField(kind, field: "helpers.due", rule: "later than now, and not after the ticket's due time")
            }
        }
        return found
    }

    /// A ticket that goes to a unit which does not exist is in nobody's inbox, and would be signed by the clock alone.
    func checkKnown(_ unit: String) throws(TicketRefusal) {
        if !context.rules.isKnown(unit: unit) { throw refuse(.unitUnknown, found: Words(verbatim: unit)) }
    }

    /// What leaves the street is the centre's to send: nobody else moves a ticket between nodes.
    private func checkInside(_ node: String) throws(TicketRefusal) {
        if state.isStreetOwned, node != context.node.text {
            throw refuse(.insideStreet, found: Words(verbatim: node))
        }
    }

    /// A ticket that goes to a node which is not enrolled would reach nobody.
    private func checkNode(_ text: String) throws(TicketRefusal) {
        let isKnown =
            text == context.centre.text || text == context.node.text
            || (try? NodeID(text)).map { context.rules.isEnrolled($0) } ?? false
        if !isKnown { throw refuse(.nodeNotEnrolled, found: Words(verbatim: text)) }
    }

    /// A unit without a node of its own works at the node that decides.
    func node(of unit: String, given: JSON?) -> String {
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
