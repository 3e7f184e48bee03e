/// Who gets what (`docs/architecture.md`, feeds): a ticket goes to its holder's and helpers' nodes, a street's own case to
/// its street, rules and the like to everyone, and what a unit may not see to nobody.

package import Events

package struct TicketAudience: Audience {
    /// The node that decides centre-owned tickets; only the owner's events move a ticket.
    private let centre: NodeID

    package init(centre: NodeID) { self.centre = centre }

    private static let common: Set<Substring> = [
        "rule", "calendar", "catalogue", "territory", "account", "node", "person",
    ]

    package func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
        let category = event.stream.category
        if TicketAudience.common.contains(category) {
            return event.id.origin.node == centre ? Routing(joins: [], leaves: [], also: [.common]) : .stay
        }
        guard category == "ticket", let kind = TicketEventKind(event.type) else { return .stay }
        let author = event.id.origin.node
        // A street's own case comes back to its street as receipts, and moves only when the centre takes it over.
        // Only the event that founds the stream lets its author in: whoever knows a ticket's name could write another.
        if kind == .registered || kind == .imported {
            let isNew = author != centre && version == 1 && !membership.contains(.node(author))
            return isNew ? Routing(joins: [.node(author)], leaves: [], also: []) : .stay
        }
        guard author == centre, kind.rule.holder != .none, let body = try? JSONReader.readObject(event.body) else {
            return .stay
        }
        switch kind {
        case .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened:
            let wanted = TicketAudience.nodes(in: body)
            return Routing(
                joins: wanted.filter { !membership.contains($0) }, leaves: membership.filter { !wanted.contains($0) },
                also: [])
        case .returnApproved, .mergedInto: return Routing(joins: [], leaves: membership, also: [])
        case _: return .stay
        }
    }

    private static func nodes(in body: JSONObject) -> [FeedName] {
        let helpers = body["helpers"]?.array?.compactMap { $0.object?["node"]?.string } ?? []
        let names = ([body["leadNode"]?.string].compactMap { $0 } + helpers).compactMap { try? NodeID($0) }
        return Set(names.map(FeedName.node)).sorted()
    }
}
