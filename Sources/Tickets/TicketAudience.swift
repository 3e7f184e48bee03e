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
        if category == Rewind.category {
            guard event.id.origin.node == centre else { return .stay }
            if let base = FeedBase(event) { return Routing(also: [base.feed], base: base) }
            return FeedWake(event).map { Routing(wake: $0) } ?? .stay
        }
        guard category == "ticket", let kind = TicketEventKind(event.type) else { return .stay }
        let author = event.id.origin.node
        // A street's own case comes back to its street as receipts, and moves only when the centre takes it over.
        // Only the event that founds the stream lets its author in: whoever knows a ticket's name could write another.
        if TicketAudience.founding.contains(kind) {
            let isNew = author != centre && version == 1 && !membership.contains(.node(author))
            return isNew ? Routing(joins: [.node(author)], leaves: [], also: []) : .stay
        }
        guard author == centre, let placing = Placing(kind), let body = event.record else {
            return .stay
        }
        switch placing {
        case .gives:
            let wanted = TicketAudience.nodes(in: body)
            return Routing(
                joins: wanted.filter { !membership.contains($0) }, leaves: membership.filter { !wanted.contains($0) },
                also: [])
        case .empties: return Routing(joins: [], leaves: membership, also: [])
        }
    }

    private static let founding: Set<TicketEventKind> = [.registered, .imported]

    package func founds(_ event: Event) -> Bool {
        event.id.origin.node != centre && event.stream.category == "ticket"
            && TicketEventKind(event.type).map(TicketAudience.founding.contains) ?? false
    }

    /// What an event of the centre does to a ticket's feeds, whatever they were.
    private enum Placing {
        /// They are those of the nodes in its body.
        case gives
        /// The ticket is in none.
        case empties

        init?(_ kind: TicketEventKind) {
            switch kind {
            case .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened: self = .gives
            case .returnApproved, .mergedInto: self = .empties
            case _: return nil
            }
        }
    }

    package func decides(_ event: Event) -> Bool {
        event.id.origin.node == centre && event.stream.category == "ticket"
    }

    package func places(_ event: Event) -> Bool {
        guard decides(event), let kind = TicketEventKind(event.type), Placing(kind) != nil else { return false }
        return event.record != nil
    }

    /// Where the ticket is by its fold: in the canonical order, and by the events alone that count and change the state.
    package func members(by events: [Event]) -> [FeedName] {
        var members: [FeedName] = []
        // The order of arrival says who founded it: the canonical one would let in whoever writes an early time.
        let founder = events.first?.id.origin.node
        if let first = events.prefix(while: { $0.id.origin.node == founder }).first(where: founds) {
            members = route(first, version: 1, membership: []).joins
        }
        var state = TicketState()
        for entry in TicketFold(centre: centre, events: events).entries where entry.effect.isEffective {
            let fits = entry.record.rule?.from.contains(state.status) ?? false
            state.apply(entry.record)
            guard entry.record.event.id.origin.node == centre else { continue }
            switch entry.record.kind.flatMap(Placing.init) {
            case .gives: members = TicketAudience.nodes(in: entry.record.body)
            case .empties: if fits { members = [] }
            case nil: break
            }
        }
        return members
    }

    /// A ticket is over by the last status that its centre, or the street that founded it, led it to.
    package func isOver(_ type: EventType, by author: NodeID, foundedBy founder: NodeID) -> Bool? {
        guard author == centre || author == founder, let kind = TicketEventKind(type) else { return nil }
        return kind.rule.to.map { !$0.isOpen }
    }

    private static func nodes(in body: JSONObject) -> [FeedName] {
        let helpers = body["helpers"]?.array?.compactMap { $0.object?["node"]?.string } ?? []
        let names = ([body["leadNode"]?.string].compactMap { $0 } + helpers).compactMap { try? NodeID($0) }
        return Set(names.map(FeedName.node)).sorted()
    }
}
