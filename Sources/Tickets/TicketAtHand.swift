/// A ticket that decisions are made about (在手工单): as it stands, and what was said last by events of each kind.

package import Events

package struct TicketAtHand: Sendable {
    /// What was said last by the events of a kind that count.
    private struct Said: Sendable {
        var kind: TicketEventKind
        /// As it stands in the event: read, it takes some five times the room, and a decision looks at one.
        var body: [UInt8]
        var at: Timestamp
        /// Of conflicts, what was said about another one is another matter.
        var about: JSON?
    }

    package private(set) var standing: TicketStanding
    private var said: [Said] = []

    package init(_ fold: TicketFold) {
        standing = TicketStanding(fold)
        for entry in fold.entries { note(entry) }
    }

    package var state: TicketState { standing.state }

    /// Adds an event that stands behind all others in canonical order.
    ///
    /// - Returns: false when it does not, or is here, or may change what others come to: nothing is changed then, and the
    ///   ticket is to be folded from its history.
    package mutating func add(_ event: Event) -> Bool {
        guard let entry = standing.add(event) else { return false }
        note(entry)
        return true
    }

    private mutating func note(_ entry: TicketEntry) {
        let event = entry.record.event
        guard entry.effect.isEffective, let kind = entry.record.kind, case .here(let body) = event.body else { return }
        let now = Said(
            kind: kind, body: body, at: event.occurredAt,
            about: kind == .conflictResolved ? entry.record.body["event"] : nil)
        said.removeAll { $0.kind == kind && $0.about == now.about }
        said.append(now)
    }

    /// What a decision of `command` has to know of the past.
    package func past(of command: TicketCommand) -> TicketPast {
        var past = TicketPast()
        let about = command.kind == .conflictResolved ? command.fields["event"] : nil
        if let last = said.last(where: { said in said.kind == command.kind && about.map { said.about == $0 } ?? true })
        {
            // It counts, so that it was read once already.
            past.said = try? JSONReader.readObject(last.body)
            past.saidAt = last.at
        }
        if command.kind == .conflictResolved {
            past.openConflicts = Set(
                standing.conflicts.filter { $0.resolvedBy == nil }.map(\.entry.record.event.id))
        }
        return past
    }

    /// The ticket that a decision of `command` looks at beside this one: the partner of a merge (并单).
    package func partner(of command: TicketCommand) -> StreamName? {
        switch command.kind {
        case .mergedInto: command.fields["into"]?.string.flatMap { try? StreamName($0) }
        case .callbackRecorded, .callbackExempted: state.mergedInto
        case _: nil
        }
    }
}
