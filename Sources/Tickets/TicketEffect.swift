/// Effect (生效): which events of a ticket count, by what each author knew and never by a clock.
///
/// The first of the fold's two passes. Its input is the set of a stream's events; its answer depends on
/// nothing else, so every node that has the same events comes to the same answer in whatever order they came.
///
/// The owner's events count, in the owner's order. A holder's event counts iff a grant that its author knew gave
/// the author's node the right, and every later decision that ended that right knew the event already: a decision
/// that the author knew, or that was made unaware of the event, stands against it. Anyone's additions count. What
/// does not count stays as evidence and makes a conflict.

package import Events

/// Whether an event of a ticket counts.
package enum TicketEffect: Sendable, Equatable, Hashable {
    case effective
    /// The same command, recorded by another origin too; the first in canonical order counts.
    case duplicate(of: EventID)
    /// Its author's node was not the owner's.
    case notOwner(owner: NodeID)
    /// Its author's node never held the ticket as far as it knew.
    case notHolder
    /// The right to write it had ended by this decision.
    case rightEnded(by: EventID)
    /// A street's decision, made unaware that the centre had taken the case over.
    case overruled(by: EventID)
    /// The body is not what the type asks for.
    case malformed(String)
    /// This version does not know the type; a later one may.
    case unknownType
    /// Its ticket left this node, and bodies were let go: nothing is judged.
    case letGo
    /// Its body was let go while the ticket was elsewhere, and nobody gives it back.
    case missing

    package var isEffective: Bool { self == .effective }

    /// Whether a person has to look at it: a decision that was meant to count and does not.
    package var isConflict: Bool {
        switch self {
        case .notOwner, .notHolder, .rightEnded, .overruled: true
        case .effective, .duplicate, .malformed, .unknownType, .letGo, .missing: false
        }
    }

    /// A short code for views and exports.
    package var code: String {
        switch self {
        case .effective: "effective"
        case .duplicate: "duplicate"
        case .notOwner: "notOwner"
        case .notHolder: "notHolder"
        case .rightEnded: "rightEnded"
        case .overruled: "overruled"
        case .malformed: "malformed"
        case .unknownType: "unknownType"
        case .letGo: "letGo"
        case .missing: "missing"
        }
    }
}

/// A ticket event, read once.
///
/// A class because a fold hands it from list to list: copying an event costs a dozen retains each time.
package final class TicketRecord: Sendable, Equatable {
    package let event: Event
    /// nil for a type this version does not know.
    package let kind: TicketEventKind?
    /// The kind's row, looked up once.
    let rule: TicketRule?
    package let body: JSONObject
    /// What it comes to when the body could not be read, or is not here.
    package let defect: TicketEffect?
    /// Whether its body was let go, so that nothing of its ticket is judged.
    var isLetGo: Bool { defect == .letGo }

    package init(_ event: Event) {
        self.event = event
        kind = TicketEventKind(event.type)
        rule = kind?.rule
        var read = JSONObject()
        var problem: TicketEffect?
        switch event.body {
        case .here(let bytes):
            do { read = try JSONReader.readObject(bytes) } catch { problem = .malformed(error.message.description) }
        case .letGo: problem = .letGo
        case .missing: problem = .missing
        }
        body = read
        defect = problem
    }

    package static func == (left: TicketRecord, right: TicketRecord) -> Bool {
        left.event == right.event && left.kind == right.kind && left.body == right.body && left.defect == right.defect
    }

    /// Whether this event's author knew `other`, an event of the same stream.
    func knows(_ other: EventID) -> Bool { event.basis.knows(other, author: event.id) }
}

/// The first pass.
struct EffectPass {
    private let centre: NodeID
    private var owner: NodeID
    /// More than one when a centre that was restored from a backup took the case over again; the first in canonical
    /// order counts against the street.
    private var takeovers: [Decision] = []
    /// About owner and holder, those that count.
    private var owners: [Decision] = []
    private var commands: [CommandIndex: EventID] = [:]

    /// What later events are judged by, without the record: thousands of tickets keep theirs in memory.
    private struct Decision {
        let id: EventID
        let basis: Basis
        let gives: Bool
        /// The node that it gives the ticket to.
        let receiver: String?

        init(_ record: TicketRecord) {
            id = record.event.id
            basis = record.event.basis
            gives = record.rule?.holder == .grants
            receiver = record.body["leadNode"]?.string
        }

        /// Whether its author knew `other`.
        func knows(_ other: TicketRecord) -> Bool { basis.knows(other.event.id, author: id) }
    }

    private struct CommandIndex: Hashable {
        let command: CommandID
        let index: UInt16
        /// With it, nobody takes the command of a timer away by writing something else under its id.
        let type: EventType
    }

    /// - Parameter records: all of the stream, in canonical order, each once.
    init(_ records: [TicketRecord], centre: NodeID) {
        self.centre = centre
        owner = centre
        if let first = records.first(where: { $0.kind == .registered || $0.kind == .imported }),
            first.body["owner"]?.string == "street", let node = first.body["ownerNode"]?.string,
            node == first.event.id.origin.node.text
        {
            owner = first.event.id.origin.node
        }
        commands.reserveCapacity(records.count)
        takeovers = records.filter { $0.kind == .takenOver && $0.event.id.origin.node == centre && $0.defect == nil }
            .map(Decision.init)
    }

    /// As `run` leaves it, to judge events that follow.
    init(standing entries: [TicketEntry], centre: NodeID) {
        self.init(entries.map(\.record), centre: centre)
        commands = [:]
        owners = entries.filter { $0.effect == .effective && $0.record.rule?.holder != HolderChange.none }
            .map { Decision($0.record) }
    }

    /// The effect of a record that comes after all others, whose command is new and that says nothing of owner or holder.
    func effect(ofLast record: TicketRecord) -> TicketEffect {
        guard let rule = record.rule else { return .unknownType }
        if let defect = record.defect { return defect }
        return rule.writer == .holder ? right(of: record) : ownership(of: record, rule.writer)
    }

    /// The effect of each record, in their order.
    mutating func run(_ records: [TicketRecord]) -> [TicketEffect] {
        // Decisions first: a holder's right follows from them, also from those that stand later in the order.
        var effects = records.map { decision($0) }
        owners = zip(records, effects).filter { $1 == .effective && $0.rule?.holder != HolderChange.none }
            .map { Decision($0.0) }
        for (place, record) in records.enumerated()
        where record.rule?.writer == .holder && effects[place] == .effective {
            let answer = right(of: record)
            effects[place] = answer.isEffective ? claim(record) : answer
        }
        return effects
    }

    /// Takes the command for the first event that counts, so that one that does not cannot void another's.
    private mutating func claim(_ record: TicketRecord) -> TicketEffect {
        let key = CommandIndex(
            command: record.event.command, index: record.event.index, type: record.event.type)
        if let first = commands[key], first.origin != record.event.id.origin { return .duplicate(of: first) }
        commands[key] = record.event.id
        return .effective
    }

    /// Everything but a holder's right.
    private mutating func decision(_ record: TicketRecord) -> TicketEffect {
        guard let rule = record.rule else { return .unknownType }
        if let defect = record.defect { return defect }
        if rule.writer == .holder { return .effective }
        let answer = ownership(of: record, rule.writer)
        return answer.isEffective ? claim(record) : answer
    }

    private func ownership(of record: TicketRecord, _ writer: WriterClass) -> TicketEffect {
        let author = record.event.id.origin.node
        switch writer {
        case .any, .holder: return .effective
        case .centre: return author == centre ? .effective : .notOwner(owner: centre)
        case .owner: break
        }
        guard let takeover = takeovers.first, owner != centre else {
            return author == owner ? .effective : .notOwner(owner: owner)
        }
        if author == owner { return takeover.knows(record) ? .effective : .overruled(by: takeover.id) }
        // The centre decides from its takeover on.
        let knows = takeovers.contains { record.knows($0.id) || record.event.id == $0.id }
        return author == centre && knows ? .effective : .notOwner(owner: owner)
    }

    private func right(of record: TicketRecord) -> TicketEffect {
        let author = record.event.id.origin.node
        // A street holds its own case until it is taken over.
        var granted = owner != centre && author == owner
        var ended: EventID?
        for decision in owners {
            let givesAuthor = decision.gives && decision.receiver == author.text
            if record.knows(decision.id) {
                let held = granted
                granted = givesAuthor
                if granted { ended = nil } else if held { ended = decision.id }
            } else if granted, !decision.knows(record) {
                // Made unaware of the event: it stands against it, unless it gives the same node the right anew.
                if !givesAuthor { return .rightEnded(by: decision.id) }
            }
        }
        if granted { return .effective }
        return ended.map { .rightEnded(by: $0) } ?? .notHolder
    }
}
