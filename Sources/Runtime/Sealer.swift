/// Seals what identifies people before a command reaches the node's machine, and destroys keys after an erasure.
///
/// Works for all commands of a turn at once: one transaction of the vault, on the disk before the log's begins
/// (`docs/format/identity.md`).

import Events
package import Log
import Node
import Privacy
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

    /// Takes names and numbers out of commands and into boxes; a command that the log has already stays as it is.
    ///
    /// - Parameter work: commands with the person block that came along.
    func seal(
        _ work: [(command: NodeCommand, person: PersonData?)], reader: any EventReader, now: Timestamp
    ) throws -> [NodeCommand] {
        var commands = work.map(\.command)
        var boxes: [(place: Int, cleaned: Cleaned)] = []
        for (place, (command, person)) in work.enumerated() {
            switch command.wish {
            case .record(let drafts):
                commands[place].wish = .record(
                    drafts.map { draft in
                        var draft = draft
                        var text = FreeText(draft.body)
                        draft.body = text.clean(draft.body)
                        return draft
                    })
            case .node: break
            case .ticket(let stream, let wish):
                var text = FreeText(wish.fields)
                let clean = TicketCommand(wish.kind, text.clean(wish.fields), occurredAt: wish.occurredAt)
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
        let people = try vault.people(for: requests, at: now, random: &random)
        for (box, person) in zip(boxes, people) {
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
        return commands
    }

    func erase(_ persons: [PersonID], now: Timestamp) throws { try vault.erase(persons, at: now) }

    /// What a node does before it opens: erasures that the log holds are carried out, and keys that no event came to
    /// need are deleted.
    func start(reader: any EventReader, centre: NodeID, now: Timestamp) throws {
        try Erasure.all(in: reader, centre: centre) { try vault.erase($0, at: now) }
        _ = try vault.sweep(at: now) { try reader.outcome(of: $0) != nil }
    }
}
