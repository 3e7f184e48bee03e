/// Commands that are about no ticket's step: records, members, and what a key stands for.

import Events
import Rules
import Tickets

extension NodeCore {
    func record(
        _ drafts: [Draft], _ command: NodeCommand, _ transaction: any LogTransaction, _ reader: any EventReader,
        _ now: Timestamp
    ) throws -> Result<CommandReply, CommandRefusal> {
        guard let first = drafts.first else { preconditionFailure("a command records at least one draft") }
        if let answer = try repeated(command, first.stream, first.type, reader, drafts: drafts) { return answer }
        if drafts.contains(where: { RuleBook.types.contains($0.type) }) {
            let versions = try BookRules.versions(reader: reader, centre: centre)
            do throws(RulesError) { try versions.check(drafts) } catch { return .failure(.rules(error)) }
        }
        let outcome = try transaction.append(
            AppendRequest(
                command: command.id, actor: command.actor, now: now, drafts: drafts,
                conditions: command.conditions(first.stream)))
        return try answer(first.stream, outcome, reader)
    }

    func perform(
        _ step: NodeStep, of node: NodeID, _ command: NodeCommand, _ transaction: any LogTransaction,
        _ reader: any EventReader, _ now: Timestamp
    ) throws -> Result<CommandReply, CommandRefusal> {
        let stream = try StreamName(category: NodeBook.category, key: node.text)
        if let answer = try repeated(command, stream, step.type, reader) { return answer }
        guard self.node == centre else { return .failure(.membership(.notCentre(self.node))) }
        let book = try NodeBook(reader: reader, centre: centre)
        let draft: Draft?
        do throws(NodeRefusal) {
            draft = try book.decide(step, of: node, now: now)
        } catch {
            return .failure(.membership(error))
        }
        let outcome = try transaction.append(
            AppendRequest(
                command: command.id, actor: command.actor, now: now, drafts: draft.map { [$0] } ?? [],
                conditions: command.conditions(stream), about: NodeCore.about(stream, step.type)))
        return try answer(stream, outcome, reader)
    }

    static func about(_ stream: StreamName, _ type: EventType) -> String { "\(stream) \(type.name)" }

    /// The answer to a command that was here before, or the refusal of one that comes under another's key; nil for a new
    /// one.
    ///
    /// - Parameter drafts: of a record, which a repeat repeats to the byte, and whose repeat names who asked: a record
    ///   says who looked, erased or published, so that nobody is answered under another's name.
    func repeated(
        _ command: NodeCommand, _ stream: StreamName, _ type: EventType, _ reader: any EventReader,
        drafts: [Draft]? = nil
    ) throws -> Result<CommandReply, CommandRefusal>? {
        guard let outcome = try reader.outcome(of: command.id),
            let stored = outcome.answer(to: command.actor, at: node)
        else { return nil }
        let was = stored.first.map { NodeCore.about($0.event.stream, $0.event.type) } ?? outcome.about
        let isSame =
            drafts.map { drafts in
                stored.count == drafts.count
                    && zip(stored.map(\.event), drafts).allSatisfy { event, draft in
                        event.stream == draft.stream && event.type == draft.type
                            && event.body == .here(JSON.object(draft.body).canonicalBytes)
                            && event.actor.isSame(as: command.actor)
                    }
            } ?? (was == NodeCore.about(stream, type))
        guard isSame else { return .failure(.keyTaken(command.id, by: was)) }
        return .success(try reply(stream, stored, isRepeat: true, reader))
    }
}

extension Actor {
    /// Whether both name the same somebody; the device, and who vouches, may be others.
    fileprivate func isSame(as other: Actor) -> Bool {
        account == other.account && role == other.role && unit == other.unit && system == other.system
    }
}
