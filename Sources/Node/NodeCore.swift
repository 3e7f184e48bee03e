/// The synchronous core of a node: command → fold → decide → append, inside a transaction that the shell opened.
///
/// Knows no clock, socket, disk or thread (`docs/architecture.md`, rule 10): the shell hands in the transaction, a
/// reader that sees it, and the time, and acknowledges only after the commit.

package import Events
package import Tickets

/// A person's or program's wish about a ticket.
package struct TicketCommand: Sendable, Equatable {
    /// The idempotency key; the ticket's key too when the command makes one.
    package var id: CommandID
    /// nil for a command that makes a ticket.
    package var ticket: StreamName?
    package var kind: TicketEventKind
    package var body: JSONObject
    package var actor: Actor
    /// When it happened; nil is now.
    ///
    /// Late entries lie before.
    package var occurredAt: Timestamp?
    /// The version the caller saw (`If-Match`); nil takes any.
    package var expectedVersion: Int64?

    package init(
        id: CommandID, ticket: StreamName?, kind: TicketEventKind, body: JSONObject, actor: Actor,
        occurredAt: Timestamp? = nil, expectedVersion: Int64? = nil
    ) {
        self.id = id
        self.ticket = ticket
        self.kind = kind
        self.body = body
        self.actor = actor
        self.occurredAt = occurredAt
        self.expectedVersion = expectedVersion
    }
}

/// What a command came to, once its transaction is committed.
package struct CommandReply: Sendable, Equatable {
    package var ticket: StreamName
    /// The last position written, or found when the command was a repeat.
    package var position: Int64
    package var version: Int64
    package var isRepeat: Bool
}

/// Why a command was not carried out.
package enum CommandRefusal: Problem, Equatable {
    case noTicket(StreamName)
    case wrongState(StreamName, kind: String, state: String, allowed: [String])
    case notOurs(StreamName, kind: String, node: NodeID, decider: String)
    case notAppended(AppendRefusal)

    package var code: String {
        switch self {
        case .noTicket: "GL-4001"
        case .wrongState: "GL-4002"
        case .notOurs: "GL-4003"
        case .notAppended(let refusal): refusal.code
        }
    }

    package var message: String {
        switch self {
        case .noTicket(let ticket): "there is no \(ticket) at this node"
        case .wrongState(let ticket, let kind, let state, let allowed):
            "\(kind) of \(ticket): it is \(state), and must be \(allowed.joined(separator: " or "))"
        case .notOurs(let ticket, let kind, let node, let decider):
            "\(kind) of \(ticket) is for \(decider) to decide, not for \(node)"
        case .notAppended(let refusal): refusal.message
        }
    }

    package var hint: String {
        switch self {
        case .noTicket: "look it up by its number; a ticket of another street is not here"
        case .wrongState: "show the ticket, and take the step that its state allows"
        case .notOurs: "ask the deciding unit, or note progress on the ticket"
        case .notAppended(let refusal): refusal.hint
        }
    }
}

package final class NodeCore {
    package let node: NodeID
    package let centre: NodeID
    /// Folded tickets by stream, each good for the version it was folded at; emptied when full and after a lost transaction.
    private var cache: [StreamName: TicketFold] = [:]
    private static let cacheLimit = 20_000

    package init(node: NodeID, centre: NodeID) {
        self.node = node
        self.centre = centre
    }

    /// Forgets folded tickets; called when a transaction was lost.
    package func forget() { cache.removeAll() }

    /// Decides one command and appends what it yields.
    ///
    /// - Parameter reader: sees what the transaction wrote so far.
    /// - Throws: `LogFailure` when reading or storing failed; the whole transaction is then lost.
    package func perform(
        _ command: TicketCommand, in transaction: any LogTransaction, reader: any EventReader, now: Timestamp
    ) throws -> Result<CommandReply, CommandRefusal> {
        let ticket = try command.ticket ?? StreamName(category: "ticket", key: command.id.description)
        if let earlier = try reader.outcome(of: command.id) { return .success(reply(ticket, earlier, isRepeat: true)) }
        let fold = try self.fold(ticket, reader)
        if let refusal = refusal(of: command, ticket, fold) { return .failure(refusal) }
        let draft = Draft(
            stream: ticket, type: EventType(command.kind.typeName), body: command.body,
            occurredAt: command.occurredAt ?? now)
        let conditions = command.expectedVersion.map { [StreamCondition(ticket, .exactly($0))] } ?? []
        let outcome = try transaction.append(
            AppendRequest(command: command.id, actor: command.actor, now: now, drafts: [draft], conditions: conditions))
        switch outcome {
        case .appended(let stored):
            take(stored.map(\.event), into: ticket)
            return .success(reply(ticket, stored, isRepeat: false))
        case .repeated(let stored): return .success(reply(ticket, stored, isRepeat: true))
        case .refused(let refusal): return .failure(.notAppended(refusal))
        }
    }

    /// Adds ingested events to what is folded.
    package func take(_ events: [Event], into ticket: StreamName) {
        for event in events { cache[ticket]?.add(event) }
    }

    /// The folded ticket; an empty fold when this node has no such stream.
    package func fold(_ ticket: StreamName, _ reader: any EventReader) throws -> TicketFold {
        if let known = cache[ticket] { return known }
        var events: [Event] = []
        var position: Int64 = 0
        while true {
            let page = try reader.page(.stream(ticket), .forward, from: position, limit: 1_000)
            events += page.map(\.event)
            guard page.count == 1_000, let last = page.last else { break }
            position = last.position
        }
        let fold = TicketFold(centre: centre, events: events)
        if cache.count >= NodeCore.cacheLimit { cache.removeAll(keepingCapacity: true) }
        cache[ticket] = fold
        return fold
    }

    private func refusal(of command: TicketCommand, _ ticket: StreamName, _ fold: TicketFold) -> CommandRefusal? {
        let state = fold.state
        let rule = command.kind.rule
        let makes = command.kind == .registered || command.kind == .imported
        guard makes != state.exists else {
            return makes
                ? .wrongState(ticket, kind: command.kind.rawValue, state: state.status.rawValue, allowed: ["new"])
                : .noTicket(ticket)
        }
        if !makes, !rule.from.contains(state.status) {
            let allowed = rule.from.map(\.rawValue).sorted()
            return .wrongState(ticket, kind: command.kind.rawValue, state: state.status.rawValue, allowed: allowed)
        }
        let decider: NodeID?
        switch rule.writer {
        case .any: return nil
        case .centre: decider = centre
        case .owner: decider = makes ? (command.body["owner"]?.string == "street" ? node : centre) : state.ownerNode
        case .holder: decider = state.lead?.node
        }
        guard decider == node else {
            return .notOurs(
                ticket, kind: command.kind.rawValue, node: node, decider: decider?.text ?? "a unit that holds it")
        }
        return nil
    }

    private func reply(_ ticket: StreamName, _ stored: [StoredEvent], isRepeat: Bool) -> CommandReply {
        CommandReply(
            ticket: ticket, position: stored.last?.position ?? 0, version: stored.last?.streamVersion ?? 0,
            isRepeat: isRepeat)
    }
}
