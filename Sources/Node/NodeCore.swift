/// The synchronous core of a node: command → fold → decide → append, inside a transaction that the shell opened.
///
/// Knows no clock, socket, disk or thread (`docs/architecture.md`, rule 10): the shell hands in the transaction, a
/// reader that sees it, and the time, and acknowledges only after the commit.

package import Events
package import Tickets

/// A person's or program's wish, as it reaches a node.
package struct NodeCommand: Sendable, Equatable {
    package enum Wish: Sendable, Equatable {
        /// About a ticket; nil for a command that makes one.
        case ticket(StreamName?, TicketCommand)
        /// To have these on record together, whatever their streams hold; at least one.
        case record([Draft])
        /// About a node's membership; the centre's.
        case node(NodeID, NodeStep)
    }

    /// The idempotency key; a ticket that the command makes is named by it.
    package var id: CommandID
    package var wish: Wish
    package var actor: Actor
    /// The version the caller saw (`If-Match`); nil takes any.
    package var expectedVersion: Int64?
    /// What the caller saw that version of; nil for the ticket or node it is about, or the first stream that it records in.
    package var seen: StreamName?
    /// Goes with the first event; bound to this command.
    package var sealed: [UInt8]?
    /// Whether the reply is to carry the ticket as it is folded after the command.
    package var wantsTicket = false

    package init(
        id: CommandID, ticket: StreamName?, wish: TicketCommand, actor: Actor, expectedVersion: Int64? = nil
    ) {
        self.id = id
        self.wish = .ticket(ticket, wish)
        self.actor = actor
        self.expectedVersion = expectedVersion
    }

    package init(id: CommandID, _ wish: Wish, actor: Actor) {
        self.id = id
        self.wish = wish
        self.actor = actor
    }

    /// What must hold for it to be appended.
    ///
    /// - Parameter stream: what it is about.
    func conditions(_ stream: StreamName) -> [StreamCondition] {
        expectedVersion.map { [StreamCondition(seen ?? stream, .exactly($0))] } ?? []
    }
}

/// What a command came to, once its transaction is committed.
package struct CommandReply: Sendable, Equatable {
    /// The ticket, or the stream of a record.
    package var ticket: StreamName
    /// The last position written, or found when the command was a repeat; of a command that recorded nothing, the last of
    /// the stream.
    package var position: Int64
    /// The stream's version there.
    package var version: Int64
    /// Whether the command was here before.
    package var isRepeat: Bool
    /// Whether the command has events of its own; not when what it asks for was so already.
    package var isRecorded = true
    /// The ticket after the command, for one that asked for it; after a repeat, the ticket as it is by now.
    package var fold: TicketFold?
}

package final class NodeCore {
    package let node: NodeID
    package let centre: NodeID
    /// The rules in force; exchanged between two turns when the log has new ones.
    package var rules: any TicketRules
    private var numbers: NumberBook
    /// Tickets as they stand, by stream; emptied after a lost transaction.
    ///
    /// Each takes some 5 kB; one whose history has to be read again is nil.
    private var cache = BoundedCache<StreamName, TicketAtHand?>(limit: 10_000)
    /// How often an event made a ticket in memory fold again from its history, since the start.
    package private(set) var refolds: Int64 = 0

    /// - Parameters:
    ///   - number: the node's two digits in ticket numbers, 0–99.
    ///   - utcOffsetMinutes: of the node's zone, in which ticket numbers count their days.
    package init(node: NodeID, centre: NodeID, rules: any TicketRules, number: Int, utcOffsetMinutes: Int) {
        self.node = node
        self.centre = centre
        self.rules = rules
        numbers = NumberBook(node: node, number: number, utcOffsetMinutes: utcOffsetMinutes)
    }

    /// Forgets what was folded and counted; called when a transaction was lost.
    package func forget() {
        cache.removeAll()
        numbers.forget()
    }

    /// What was folded of a ticket is not so any more.
    func forget(_ ticket: StreamName) { cache.set(nil, of: ticket) }

    /// Decides one command and appends what it yields.
    ///
    /// - Parameter reader: sees what the transaction wrote so far.
    /// - Throws: `LogFailure` when reading or storing failed; the whole transaction is then lost.
    package func perform(
        _ command: NodeCommand, in transaction: any LogTransaction, reader: any EventReader, now: Timestamp
    ) throws -> Result<CommandReply, CommandRefusal> {
        for duty in command.wish.duties {
            if let refusal = duty.refusal(of: command.actor) { return .failure(refusal) }
        }
        switch command.wish {
        case .ticket(let ticket, let wish):
            return try perform(
                wish, of: ticket ?? name(ofTicketBy: command.id, reader), command, transaction, reader, now)
        case .record(let drafts): return try record(drafts, command, transaction, reader, now)
        case .node(let node, let step):
            return try perform(step, of: node, command, transaction, reader, now)
        }
    }

    /// The name of the ticket that a command makes, or made when it came here before.
    ///
    /// At the centre it is the command's id; at a street an id of its own comes from that. So the same command at two nodes,
    /// such as a program that gives up on one and asks another, makes two tickets that both stand, and never one that each
    /// node takes for its own.
    private func name(ofTicketBy command: CommandID, _ reader: any EventReader) throws -> StreamName {
        let first = try reader.outcome(of: command)?.stored.first?.event
        if let first, TicketEventKind(first.type) == .registered { return first.stream }
        let key = node == centre ? command : CommandID(derivedFrom: "ticket", node.text, command.description)
        return try StreamName(category: "ticket", key: key.description)
    }

    private func perform(
        _ wish: TicketCommand, of ticket: StreamName, _ command: NodeCommand, _ transaction: any LogTransaction,
        _ reader: any EventReader, _ now: Timestamp
    ) throws -> Result<CommandReply, CommandRefusal> {
        let type = EventType(wish.kind.typeName)
        if var answer = try repeated(command, ticket, type, reader) {
            if command.wantsTicket, case .success(var reply) = answer {
                reply.fold = try NodeCore.read(ticket, centre: centre, reader)
                answer = .success(reply)
            }
            return answer
        }
        // Before anything is written: what of it cannot be read then costs this command alone.
        var whole = command.wantsTicket ? try NodeCore.read(ticket, centre: centre, reader) : nil
        let fold = try standing(ticket, reader, whole: whole)
        var past = fold.past(of: wish)
        // Behind the same token may be another number, so that what carries a box was never said before.
        if command.sealed != nil { past.said = nil }
        let context = TicketContext(
            ticket: ticket, now: now, actor: command.actor, node: node, centre: centre, rules: rules,
            past: past, partner: try fold.partner(of: wish).map { try standing($0, reader).state },
            nextNumber: wish.kind == .registered ? try numbers.next(at: now, reader) : nil)
        var drafts: [Draft]
        do throws(TicketRefusal) {
            drafts = try TicketDecider.decide(wish, in: fold.state, context: context).map { $0.draft(in: ticket) }
        } catch {
            return .failure(.notDecided(error))
        }
        if !drafts.isEmpty { drafts[0].sealed = command.sealed }
        let outcome = try transaction.append(
            AppendRequest(
                command: command.id, actor: command.actor, now: now, drafts: drafts,
                conditions: command.conditions(ticket), about: NodeCore.about(ticket, type)))
        if case .appended(let stored) = outcome {
            take(stored.map(\.event), into: ticket)
            for one in stored { whole?.add(one.event) }
            if wish.kind == .registered, !stored.isEmpty { numbers.taken() }
        }
        var answer = try answer(ticket, outcome, reader)
        if command.wantsTicket, case .success(var reply) = answer {
            reply.fold = whole
            answer = .success(reply)
        }
        return answer
    }

    func answer(
        _ stream: StreamName, _ outcome: AppendOutcome, _ reader: any EventReader
    ) throws -> Result<CommandReply, CommandRefusal> {
        switch outcome {
        case .appended(let stored): .success(try reply(stream, stored, isRepeat: false, reader))
        case .repeated(let stored): .success(try reply(stream, stored, isRepeat: true, reader))
        case .refused(let refusal): .failure(.notAppended(refusal))
        }
    }

    /// Adds ingested events to what is folded.
    package func take(_ events: [Event], into ticket: StreamName) {
        cache.update(ticket) { kept in
            for event in events where kept?.add(event) == false {
                kept = nil
                refolds += 1
            }
        }
    }

    /// The ticket as it stands; one without events when this node has no such stream.
    ///
    /// - Parameter whole: the same, with its history, where that was read already.
    package func standing(
        _ ticket: StreamName, _ reader: any EventReader, whole: TicketFold? = nil
    ) throws -> TicketAtHand {
        if case .some(.some(let known)) = cache.value(of: ticket) { return known }
        let standing = TicketAtHand(try whole ?? NodeCore.read(ticket, centre: centre, reader))
        cache.set(standing, of: ticket)
        return standing
    }

    /// Folds a ticket from the log, remembering nothing.
    ///
    /// - Parameter sees: which of its events; all of them unless it is to be shown as it was.
    package static func read(
        _ ticket: StreamName, centre: NodeID, _ reader: any EventReader, sees: (StoredEvent) -> Bool = { _ in true }
    ) throws -> TicketFold {
        var events: [Event] = []
        try reader.forEachPage(.stream(ticket)) { page in events += page.filter(sees).map(\.event) }
        return TicketFold(centre: centre, events: events)
    }

    func reply(
        _ stream: StreamName, _ stored: [StoredEvent], isRepeat: Bool, _ reader: any EventReader
    ) throws -> CommandReply {
        // What recorded nothing was so already: where the stream stands is what the caller goes on from.
        let last = try stored.last ?? reader.page(.stream(stream), .backward, from: .max, limit: 1).first
        return CommandReply(
            ticket: stream, position: last?.position ?? 0, version: last?.streamVersion ?? 0, isRepeat: isRepeat,
            isRecorded: !stored.isEmpty)
    }
}
