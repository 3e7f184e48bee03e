/// A ticket as it stands: its state, and of its history only what the next event is judged by.
///
/// What nodes keep in memory of many tickets, where whole histories would be most of what they hold. An event that stands behind
/// all others and moves nobody's right, as nearly every one, is taken from here in one step; for any other the history is read again.

package import Events

package struct TicketStanding: Sendable {
    /// What was said last by the events of a kind that count.
    private struct Said: Sendable {
        var kind: TicketEventKind
        var body: JSONObject
        var at: Timestamp
        /// Of conflicts, what was said about another one is another matter.
        var about: JSON? { kind == .conflictResolved ? body["event"] : nil }
    }

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
    private var said: [Said] = []
    /// The last in canonical order.
    private var last: (hlc: HybridTime, id: EventID)?
    private var commands: [CommandID] = []
    private var pass: EffectPass

    package init(_ fold: TicketFold) {
        centre = fold.centre
        state = fold.state
        pass = EffectPass(standing: fold.entries, centre: fold.centre)
        for entry in fold.entries { note(entry.record, entry.effect) }
    }

    /// Adds an event that stands behind all others in canonical order.
    ///
    /// - Returns: false when it does not, or is here, or may change what others come to: nothing is changed then, and the
    ///   ticket is to be folded from its history.
    package mutating func add(_ event: Event) -> Bool {
        guard count > 0 else {
            self = TicketStanding(TicketFold(centre: centre, events: [event]))
            return true
        }
        let record = TicketRecord(event)
        guard follows(record) else { return false }
        let effect = pass.effect(ofLast: record)
        note(record, effect)
        if effect.isEffective { state.apply(record) }
        return true
    }

    /// Whether no earlier answer can change: the event comes last, it says nothing of owner or holder, and its command is new.
    ///
    /// What its author knew decides about itself alone.
    private func follows(_ record: TicketRecord) -> Bool {
        let event = record.event
        switch record.kind {
        case .registered, .imported, .takenOver: return false
        case _: break
        }
        guard record.kind.map({ $0.rule.holder == HolderChange.none }) ?? true, let last else { return false }
        guard last.hlc == event.hlc ? last.id < event.id : last.hlc < event.hlc else { return false }
        return !commands.contains(event.command)
    }

    /// Keeps what later events are judged by.
    private mutating func note(_ record: TicketRecord, _ effect: TicketEffect) {
        let event = record.event
        count += 1
        if effect == .unknownType { needsUpgrade = true }
        if effect.isConflict { disputed.append(TicketEntry(record: record, effect: effect)) }
        last = (event.hlc, event.id)
        commands.append(event.command)
        guard effect.isEffective else { return }
        effective += 1
        guard let kind = record.kind else { return }
        if kind == .conflictResolved, let id = record.body["event"]?.string.flatMap({ try? EventID($0) }) {
            resolved[id] = resolved[id] ?? event.id
        }
        let now = Said(kind: kind, body: record.body, at: event.occurredAt)
        said.removeAll { $0.kind == kind && $0.about == now.about }
        said.append(now)
    }

    // MARK: - What is asked of it

    /// Events that were meant to decide something and do not count, with the event that settled each; in canonical order.
    package var conflicts: [(entry: TicketEntry, resolvedBy: EventID?)] {
        disputed.map { ($0, resolved[$0.record.event.id]) }
    }

    /// What a decision of `command` has to know of the past.
    package func past(of command: TicketCommand) -> TicketPast {
        var past = TicketPast()
        let about = command.kind == .conflictResolved ? command.fields["event"] : nil
        let last = said.last { said in said.kind == command.kind && about.map { said.about == $0 } ?? true }
        past.said = last?.body
        past.saidAt = last?.at
        if command.kind == .conflictResolved {
            past.openConflicts = Set(conflicts.filter { $0.resolvedBy == nil }.map(\.entry.record.event.id))
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
