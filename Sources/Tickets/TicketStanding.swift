/// A ticket as it stands: its state, and of its history only what the effect of the next event is judged by.
///
/// What nodes keep in memory of many tickets, where whole histories would be most of what they hold. An event that stands behind
/// all others and moves nobody's right, as nearly every one, is taken from here in one step; for any other the history is read again.

package import Events

package struct TicketStanding: Sendable {
    /// The centre's node.
    package let centre: NodeID
    package private(set) var state: TicketState
    /// Events of the ticket, and those of them that count.
    package private(set) var count = 0
    package private(set) var effective = 0
    /// Whether it holds events of a later version, so that this node does not know all that it has come to (需升级).
    package private(set) var needsUpgrade = false
    private var disputed: [TicketEntry] = []
    /// The id, and its answer, of each conflict that a person has settled.
    private var resolved: [EventID: EventID] = [:]
    /// The last in canonical order.
    private var last: (hlc: HybridTime, id: EventID)?
    private var commands: [CommandID] = []
    private var pass: EffectPass

    package init(_ fold: TicketFold) {
        centre = fold.centre
        state = fold.state
        pass = EffectPass(standing: fold.entries, centre: fold.centre)
        for entry in fold.entries { note(entry) }
    }

    /// Adds an event that stands behind all others in canonical order.
    ///
    /// - Returns: what came of it; nil when it does not, or is here, or may change what others come to: nothing is changed
    ///   then, and the ticket is to be folded from its history.
    package mutating func add(_ event: Event) -> TicketEntry? {
        guard count > 0 else {
            let fold = TicketFold(centre: centre, events: [event])
            self = TicketStanding(fold)
            return fold.entries.last
        }
        let record = TicketRecord(event)
        guard follows(record) else { return nil }
        let entry = TicketEntry(record: record, effect: pass.effect(ofLast: record))
        note(entry)
        if entry.effect.isEffective { state.apply(record) }
        return entry
    }

    /// Whether no earlier answer can change: the event comes last, it says nothing of owner or holder, and its command is new.
    ///
    /// What its author knew decides about itself alone.
    private func follows(_ record: TicketRecord) -> Bool {
        let event = record.event
        guard !state.isLetGo, !record.isLetGo else { return false }
        switch record.kind {
        case .registered, .imported, .takenOver: return false
        case _: break
        }
        guard record.kind.map({ $0.rule.holder == HolderChange.none }) ?? true, let last else { return false }
        guard last.hlc == event.hlc ? last.id < event.id : last.hlc < event.hlc else { return false }
        return !commands.contains(event.command)
    }

    /// Keeps what later events are judged by.
    private mutating func note(_ entry: TicketEntry) {
        let (record, effect) = (entry.record, entry.effect)
        count += 1
        if effect == .unknownType { needsUpgrade = true }
        if effect.isConflict { disputed.append(entry) }
        last = (record.event.hlc, record.event.id)
        commands.append(record.event.command)
        guard effect.isEffective else { return }
        effective += 1
        if record.kind == .conflictResolved, let id = record.body["event"]?.string.flatMap({ try? EventID($0) }) {
            resolved[id] = resolved[id] ?? record.event.id
        }
    }

    /// Events that were meant to decide something and do not count, with the event that settled each; in canonical order.
    package var conflicts: [(entry: TicketEntry, resolvedBy: EventID?)] {
        disputed.map { ($0, resolved[$0.record.event.id]) }
    }
}
