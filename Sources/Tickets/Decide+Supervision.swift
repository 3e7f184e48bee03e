/// Supervision (督办), merging (并单), corrections, and taking over a street's case.

package import Events

extension Decision {
    func supervision() throws(TicketRefusal) -> JSONObject {
        var body = fields
        let level = Int(fields["level"]?.integer ?? 0)
        switch kind {
        case .supervisionRaised:
            if level <= state.supervisionLevel {
                throw refuse(.supervisionLevel, found: "\(level) at level \(state.supervisionLevel)")
            }
        case .supervisionLowered:
            if level >= state.supervisionLevel {
                throw refuse(.supervisionLevel, found: "\(level) at level \(state.supervisionLevel)")
            }
        case .mergedInto:
            if !text("into").hasPrefix("ticket/") {
                throw .badField(kind, field: "into", rule: "the stream of a ticket, ticket/…")
            }
            if text("into") == context.ticket.text {
                throw refuse(.mergeWithItself, found: Words(verbatim: text("into")))
            }
            try checkPartner()
            settleStop(into: &body)
        case .conflictResolved:
            let id = try? EventID(text("event"))
            if id.map(context.past.openConflicts.contains) != true {
                throw refuse(.conflictOpen, found: Words(verbatim: text("event")))
            }
        case .recategorised: body["before"] = .array(state.category.map(JSON.string))
        case .placeCorrected: body["before"] = .object(state.place.json)
        case .takenOver:
            if !state.isStreetOwned { throw refuse(.streetOwned, found: "a ticket of the centre") }
            body["from"] = state.ownerNode.map { .string($0.text) }
            settleStop(into: &body)
        case .voided:
            if state.firstDispatchedAt != nil { throw refuse(.afterDispatch, found: "a dispatch") }
        case _: break
        }
        return body
    }

    /// Two tickets never go into each other: one that is merged takes no other in, and one owner decides both in turn.
    private func checkPartner() throws(TicketRefusal) {
        guard let partner = context.partner, partner.exists else {
            throw refuse(.mergePartner, found: "no such ticket")
        }
        if partner.status == .merged || partner.status == .void {
            throw refuse(.mergePartner, found: partner.status.words)
        }
        if partner.ownerNode != state.ownerNode {
            let owner = partner.ownerNode.map { Words(verbatim: $0.text) } ?? "none"
            throw refuse(.mergePartner, found: "owner \(owner)")
        }
    }
}

extension TicketPlace {
    /// As bodies carry it.
    package var json: JSONObject {
        var object = JSONObject()
        object["text"] = text.map(JSON.string)
        object["area"] = area.map(JSON.string)
        object["street"] = street.map(JSON.string)
        object["community"] = community.map(JSON.string)
        object["latitudeE7"] = latitudeE7.map(JSON.integer)
        object["longitudeE7"] = longitudeE7.map(JSON.integer)
        return object
    }
}
