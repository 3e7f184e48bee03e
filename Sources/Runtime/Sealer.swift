/// Seals what identifies people before a command reaches the node's machine, and destroys keys after an erasure.
///
/// Works for all commands of a turn at once: one transaction of the vault, on the disk before the log's begins
/// (`docs/format/identity.md`).

package import Events
package import Log
package import Node
package import Privacy
import Tickets

package struct Sealer {
    private let vault: Vault

    package init(vault: Vault) { self.vault = vault }

    /// A command whose texts are clean, and what was in them.
    private struct Cleaned {
        var command: NodeCommand
        var stream: StreamName?
        var wish: TicketCommand
        var content: SealedContent
    }

    /// A wish that is about no ticket, as it may be stored: why somebody looked or erased without the numbers of people, which
    /// have no box there; everything else, rules above all, to the letter as it was checked.
    ///
    /// - Throws: `OpenNumber` when one stands in a code, in rules, or in the reason of a node's step.
    package static func cleaned(_ wish: NodeCommand.Wish) throws(OpenNumber) -> NodeCommand.Wish {
        switch wish {
        case .ticket: return wish
        case .node(_, .revoke(let reason)):
            if PersonalNumbers.stand(in: reason, field: "reason") { throw OpenNumber(field: "reason") }
            return wish
        case .node(_, .endKey(let key, let end)):
            if PersonalNumbers.stand(in: key, field: "key") { throw OpenNumber(field: "key") }
            if case .revoked(let reason) = end, PersonalNumbers.stand(in: reason, field: "reason") {
                throw OpenNumber(field: "reason")
            }
            return wish
        case .node(_, .invite(let hash, _)), .node(_, .rotate(let hash, _, _)):
            if PersonalNumbers.stand(in: hash, field: "secretHash") { throw OpenNumber(field: "secretHash") }
            return wish
        case .node(_, .enrol): return wish
        case .record(let drafts):
            var cleaned = drafts
            for (place, draft) in drafts.enumerated() {
                guard draft.type.name.hasPrefix("identity.") else {
                    if let open = OpenNumber(inRules: draft.body) { throw open }
                    continue
                }
                var text = FreeText(draft.body)
                cleaned[place].body = text.clean(draft.body)
                if let open = text.open { throw open }
            }
            return .record(cleaned)
        }
    }

    /// Takes names and numbers out of commands and into boxes; a command that the log has already stays as it is.
    ///
    /// All that people and programs want comes by here, over HTTP and from a shell. So this is where a wish that says itself
    /// whose it is (`person` in its fields) is refused: a name would stand there in the open for ever.
    ///
    /// - Parameters:
    ///   - work: commands with the person block that came along.
    ///   - leaving: persons whose erasure is in the log before these commands, or comes with them, and whose key is still here.
    /// - Returns: in the same order, the command as it may be stored, or why it may not: `OpenNumber`, `PersonProblem.inBody`,
    ///   `LogFailure` where the vault is damaged for this one.
    func seal(
        _ work: [(command: NodeCommand, person: PersonData?)], leaving: Set<PersonID> = [],
        reader: any EventReader, now: Timestamp
    ) throws -> [Result<NodeCommand, any Error>] {
        var commands = work.map(\.command)
        var refused: [Int: any Problem] = [:]
        var boxes: [(place: Int, cleaned: Cleaned)] = []
        for (place, (command, person)) in work.enumerated() {
            switch command.wish {
            case .record, .node:
                do throws(OpenNumber) { commands[place].wish = try Sealer.cleaned(command.wish) } catch {
                    refused[place] = error
                }
            case .ticket(let stream, let wish):
                // What is stored already was taken before this was asked, and is answered as what it came to.
                if let person = wish.fields["person"], !person.isNull, try reader.outcome(of: command.id) == nil {
                    refused[place] = PersonProblem.inBody
                    continue
                }
                var text = FreeText(wish.fields)
                let clean = TicketCommand(wish.kind, text.clean(wish.fields), occurredAt: wish.occurredAt)
                if let open = text.open {
                    refused[place] = open
                    continue
                }
                commands[place].wish = .ticket(stream, clean)
                let content = SealedContent(person: person, numbers: text.numbers)
                guard !content.isEmpty, try reader.outcome(of: command.id) == nil else { continue }
                boxes.append((place, Cleaned(command: command, stream: stream, wish: clean, content: content)))
            }
        }
        var random = SystemRandomNumberGenerator()
        let requests = boxes.map { box in
            Vault.Request(
                command: box.cleaned.command.id, lookups: box.cleaned.content.lookups,
                mentioned: box.cleaned.content.mentioned)
        }
        let people = try vault.people(for: requests, leaving: leaving, at: now, random: &random)
        for (box, result) in zip(boxes, people) {
            let person: VaultPerson
            switch result {
            case .success(let found): person = found
            case .failure(let damage):
                refused[box.place] = damage
                continue
            }
            commands[box.place].sealed = try Sealing.seal(
                box.cleaned.content.json, of: person.person, key: person.key, command: box.cleaned.command.id,
                random: &random)
            guard box.cleaned.content.person != nil else { continue }
            var fields = box.cleaned.wish.fields
            fields["person"] = .string(person.person.text)
            commands[box.place].wish = .ticket(
                box.cleaned.stream,
                TicketCommand(box.cleaned.wish.kind, fields, occurredAt: box.cleaned.wish.occurredAt))
        }
        return commands.enumerated().map { place, command in
            refused[place].map(Result.failure) ?? .success(command)
        }
    }

    func erase(_ persons: [PersonID], now: Timestamp) throws { try vault.erase(persons, at: now) }

    /// Keeps what commands that are stored sealed and looked up, and deletes keys and lookups of those that stored nothing.
    ///
    /// Only here is it known that no event needs them. Keys of a turn that ended without its answers stay: nobody can tell
    /// later whether its event was never written, or is missing from a log that was restored.
    /// - Parameter now: the instant at which the commands were sealed.
    func settle(
        _ commands: [NodeCommand], _ answers: [Result<CommandReply, any Error>], reader: any EventReader, now: Timestamp
    ) throws {
        var stored: [Vault.Use] = []
        var unneeded: [Vault.Use] = []
        for (command, answer) in zip(commands, answers) {
            guard let box = command.sealed else { continue }
            let use = (person: try Sealing.person(in: box), command: command.id)
            switch answer {
            case .success(let reply) where reply.isRecorded && !reply.isRepeat: stored.append(use)
            case .failure(let error) where !(error is CommandRefusal):
                // A lost transaction decided nothing, and comes again.
                break
            case .success, .failure:
                // Under the same id another command of the turn may have stored something about the same person.
                if try Sealer.isStored(use, reader) { stored.append(use) } else { unneeded.append(use) }
            }
        }
        vault.keep(stored)
        try vault.release(unneeded, at: now)
    }

    /// Whether the log has a box of a person under a command.
    package static func isStored(_ use: Vault.Use, _ reader: any EventReader) throws -> Bool {
        try reader.outcome(of: use.command)?.stored.contains { stored in
            try stored.event.sealed.map(Sealing.person(in:)) == use.person
        } ?? false
    }

    /// What a node does before it opens: erasures that the log holds are carried out, and keys that it needs confirmed.
    func start(reader: any EventReader, centre: NodeID, now: Timestamp) throws {
        try Erasure.all(in: reader, centre: centre) { try vault.erase($0, at: now) }
        try vault.confirm { try Sealer.isStored($0, reader) }
    }
}
