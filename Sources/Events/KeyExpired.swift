/// That a node let the key of a caller go because his ticket has been over for long enough (过期): `identity.keyExpired` in the
/// person's stream (`docs/format/identity.md` 3).
///
/// No acknowledgement of an erasure: when the ticket goes on, the key comes back.

package struct KeyExpired: Hashable, Sendable {
    package static let type = EventType("identity.keyExpired")

    package var box: Box
    /// The event that ended the ticket.
    package var ended: EventID

    package init(box: Box, ended: EventID) {
        self.box = box
        self.ended = ended
    }

    /// The event that stands for it: said once for each end of the ticket, whoever restarts.
    package func request(at node: NodeID, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        AppendRequest(
            command: CommandID(
                derivedFrom: "keyExpired", node.text, box.person.text, box.stream.text, ended.description),
            actor: Actor(system: "expiry", rule: "1"), now: now,
            drafts: [
                Draft(
                    stream: try StreamName(box.person.text), type: KeyExpired.type,
                    body: ["ticket": .string(box.stream.text)], occurredAt: now)
            ])
    }
}
