/// Erasure of a person (个人信息删除): decided at the centre, carried to every node by the common feed
/// (`docs/format/identity.md` 3).

package import Events

package enum Erasure {
    package static let type = EventType("identity.erased")
    package static let category = "person"
    /// A node's word that it holds no key of the person any more, in the person's stream; the centre counts them.
    package static let destroyed = EventType("identity.keyDestroyed")

    /// The person whose erasure an event is; nil for any other event, and for one that another node than the centre wrote:
    /// it stays in the log and destroys nothing.
    static func person(_ type: EventType, _ stream: StreamName, by node: NodeID, centre: NodeID) -> PersonID? {
        guard type == Erasure.type, node == centre else { return nil }
        // Nil is the answer: a stream of another name is no person's.
        return try? PersonID(stream.text)
    }

    /// The id of a node's word: said once, whoever restarts.
    static func confirmation(_ person: PersonID, by node: NodeID) -> CommandID {
        CommandID(derivedFrom: "destroyed", node.text, person.text)
    }

    /// What a node says when the key is gone.
    static func request(
        _ person: PersonID, by node: NodeID, now: Timestamp
    ) throws(IdentifierError) -> AppendRequest {
        AppendRequest(
            command: confirmation(person, by: node), actor: Actor(system: "erasure", rule: "1"), now: now,
            drafts: [Draft(stream: try StreamName(person.text), type: destroyed, body: [:], occurredAt: now)])
    }

    /// All persons whose erasure the log holds, in its order.
    ///
    /// - Parameter body: called with a page at a time.
    package static func all(
        in reader: any EventReader, centre: NodeID, _ body: ([PersonID]) throws -> Void
    ) throws {
        try reader.forEachPage(.category(category)) { page in
            try body(
                page.compactMap { stored in
                    let event = stored.event
                    return person(event.type, event.stream, by: event.id.origin.node, centre: centre)
                })
        }
    }
}
