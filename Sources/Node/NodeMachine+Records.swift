// What a node puts on record by itself: lines, receipts, keys that are gone. What is refused of it is said (`OwnRecords.swift`).

import Events
import Replication
import Tickets

extension NodeMachine {
    /// Says what the log has refused since, and was not said before.
    func sayUnrecorded() { for one in log.takeUnrecorded() { say(one) } }

    private func say(_ one: Unrecorded) { if let alarm = refusals.note(one) { alarms.append(alarm) } }

    /// Does a command that is this node's own.
    ///
    /// - Parameter what: as in `Unrecorded`.
    /// - Returns: nil when it was refused, which is said.
    func record(
        what: Words, _ command: NodeCommand, in transaction: any LogTransaction, now: Timestamp
    ) throws -> CommandReply? {
        switch try core.perform(command, in: transaction, reader: log.reader, now: now) {
        case .success(let reply): return reply
        case .failure(let refusal):
            var stream: StreamName?
            if case .ticket(let ticket?, _) = command.wish { stream = ticket }
            say(Unrecorded(what: what, stream: stream, refusal: refusal))
            return nil
        }
    }

    func note(_ change: LinkChange, in transaction: any LogTransaction, now: Timestamp) throws {
        guard let draft = try links.draft(change) else { return }
        linkNumber += 1
        let request = AppendRequest(
            command: CommandID(derivedFrom: "link", log.origin.description, String(linkNumber)),
            actor: Actor(system: "link", rule: "1"), now: now, drafts: [draft])
        for one in try transaction.record(what: "the line to \(change.node)", { request }) ?? [] {
            links.take(one.event)
        }
    }

    /// Says in the log that these persons' keys are gone here; what is refused is tried again at the next start.
    func confirm(_ destroyed: [PersonID], in transaction: any LogTransaction, now: Timestamp) throws {
        for person in destroyed {
            _ = try transaction.record(what: "that the key of \(person) is destroyed") {
                () throws(IdentifierError) in
                try Erasure.request(person, by: core.node, now: now)
            }
        }
    }

    func receipt(
        for event: Event, arrival: Timestamp, in transaction: any LogTransaction, now: Timestamp
    ) throws {
        let author = event.id.origin.node
        guard author != core.node, Receipts.concern(event) else { return }
        let ticket = try core.standing(event.stream, log.reader).state
        let offset = desk.clockOffset(of: author) ?? .max
        let receipt =
            ticket.isStreetOwned
            ? Receipts.command(for: event, of: ticket, rules: core.rules, arrival: arrival)
            : Receipts.command(
                for: event, arrival: arrival, outages: links.outages(of: author), clockOffset: offset,
                rule: core.rules.numbers.outage)
        guard let command = receipt else { return }
        _ = try record(what: "the receipt of \(event.id)", command, in: transaction, now: now)
    }
}
