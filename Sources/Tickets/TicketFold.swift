/// A ticket, folded from its stream: its state, and its complete history with what counts and what does not.
///
/// A pure function of the set of events: order of arrival, repetition and splits do not matter. Adding an event
/// whose author knew everything here, which is the common case, costs one step; any other refolds the stream.

package import Events

/// One line of a ticket's history (办理过程).
package struct TicketEntry: Sendable, Equatable {
    package let record: TicketRecord
    package let effect: TicketEffect
}

package struct TicketFold: Sendable, Equatable {
    /// The centre's node: it decides centre-owned tickets and may take over a street's.
    package let centre: NodeID
    package private(set) var state = TicketState()
    /// In canonical order, each event once, also those that do not count.
    package private(set) var entries: [TicketEntry] = []
    /// How often a late or concurrent event made the whole stream fold again.
    package private(set) var refolds = 0
    /// The id, and its answer, of each conflict that a person has settled.
    private var resolved: [EventID: EventID] = [:]

    package init(centre: NodeID) { self.centre = centre }

    /// Folds a stream's events, in any order.
    package init(centre: NodeID, events: some Sequence<Event>) {
        self.init(centre: centre)
        refold(events.map(TicketRecord.init))
    }

    /// Adds an event; one that is here already changes nothing.
    package mutating func add(_ event: Event) {
        if entries.contains(where: { $0.record.event.id == event.id }) { return }
        let record = TicketRecord(event)
        guard isSimple(record) else {
            refold(entries.map(\.record) + [record])
            refolds += 1
            return
        }
        var pass = EffectPass(entries.map(\.record) + [record], centre: centre)
        let effect = pass.run(entries.map(\.record) + [record]).last ?? .unknownType
        entries.append(TicketEntry(record: record, effect: effect))
        take(record, effect)
    }

    /// Whether no earlier answer can change: the event comes last, its author knew everything here, it says nothing
    /// of owner or holder, and its command is new.
    private func isSimple(_ record: TicketRecord) -> Bool {
        // A ticket of which something was let go is a stub as a whole.
        guard !state.isLetGo, !record.isLetGo else { return false }
        guard let last = entries.last?.record.event else { return true }
        switch record.kind {
        case .registered, .imported, .takenOver: return false
        case _: break
        }
        let changesHolder = record.kind.map { $0.rule.holder != HolderChange.none } ?? false
        return !changesHolder && Event.precedes(last, record.event)
            && entries.allSatisfy {
                record.knows($0.record.event.id) && record.event.command != $0.record.event.command
            }
    }

    private mutating func refold(_ records: [TicketRecord]) {
        let sorted = TicketFold.canonical(records)
        guard !sorted.contains(where: \.isLetGo) else {
            entries = sorted.map { TicketEntry(record: $0, effect: .letGo) }
            state = TicketState(stubOf: sorted.map(\.event))
            resolved = [:]
            return
        }
        var pass = EffectPass(sorted, centre: centre)
        let effects = pass.run(sorted)
        entries = zip(sorted, effects).map { TicketEntry(record: $0, effect: $1) }
        state = TicketState()
        resolved = [:]
        for entry in entries { take(entry.record, entry.effect) }
    }

    /// In canonical order, each event once.
    private static func canonical(_ records: [TicketRecord]) -> [TicketRecord] {
        // A log mostly gives them in order and once already: one look is cheaper than a sort.
        if zip(records, records.dropFirst()).allSatisfy({ Event.precedes($0.event, $1.event) }) { return records }
        var sorted: [TicketRecord] = []
        for record in records.sorted(by: { Event.precedes($0.event, $1.event) })
        where record.event.id != sorted.last?.event.id { sorted.append(record) }
        return sorted
    }

    private mutating func take(_ record: TicketRecord, _ effect: TicketEffect) {
        if record.kind == .conflictResolved, effect.isEffective,
            let id = record.body["event"]?.string.flatMap({ try? EventID($0) })
        {
            resolved[id] = resolved[id] ?? record.event.id
        }
        if effect.isEffective { state.apply(record) }
    }

    /// Whether it holds events of a later version, so that this node does not know all that it has come to (需升级).
    package var needsUpgrade: Bool { entries.contains { $0.effect == .unknownType } }

    /// Events whose body was let go while the ticket was elsewhere, and that nobody gives back.
    package var missing: Int { entries.count { $0.effect == .missing } }

    /// Events that were meant to decide something and do not count, with the event that settled each; in canonical order.
    package var conflicts: [(entry: TicketEntry, resolvedBy: EventID?)] {
        entries.filter(\.effect.isConflict).map { ($0, resolved[$0.record.event.id]) }
    }
}
