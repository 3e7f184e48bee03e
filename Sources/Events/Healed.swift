/// Rotten rows: what a node finds, what takes their place, and the event that says so (`docs/format/log.md` 10).

/// That a rotten row got its content back: `log.healed` in stream `log/<node>`.
package struct Healed: Sendable, Equatable {
    package static let type = EventType("log.healed")
    package static let category = "log"

    /// The row.
    package var position: Int64
    /// What stands in it again.
    package var event: EventID
    /// The event's stream: whatever was made of it is to be made anew.
    package var stream: StreamName
    /// What was wrong, in English.
    package var problem: String
    /// The number in the quarantine of what stood there; nil when the quarantine was full.
    package var kept: Int64?

    package init(position: Int64, event: EventID, stream: StreamName, problem: String, kept: Int64?) {
        self.position = position
        self.event = event
        self.stream = stream
        self.problem = problem
        self.kept = kept
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == Healed.type, let body = event.record,
            let position = body["position"]?.integer, let id = (body["event"]?.string).flatMap({ try? EventID($0) }),
            let stream = (body["stream"]?.string).flatMap({ try? StreamName($0) }),
            let problem = body["problem"]?.string
        else { return nil }
        self.init(position: position, event: id, stream: stream, problem: problem, kept: body["kept"]?.integer)
    }

    /// Where a node says what it found and mended in its log.
    package static func stream(of node: NodeID) throws(IdentifierError) -> StreamName {
        try StreamName(category: category, key: node.text)
    }

    /// The event that stands for it.
    ///
    /// - Parameter head: where the log ended before, so that a row that rots again is another healing.
    package func request(at node: NodeID, above head: Int64, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        var body: JSONObject = [
            "position": .integer(position), "event": .string(event.description), "stream": .string(stream.text),
            "problem": .string(problem),
        ]
        body["kept"] = kept.map(JSON.integer)
        return AppendRequest(
            command: CommandID(derivedFrom: "healed", node.text, String(position), String(head)),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [
                Draft(
                    stream: try Healed.stream(of: node), type: Healed.type, body: body, occurredAt: now)
            ])
    }
}

/// What became of an event that was to take the place of a rotten row.
package enum Healing: Sendable, Equatable {
    /// It stands there; the event that says so.
    case healed(StoredEvent)
    /// The row is not rotten.
    case sound
    /// Nothing changed.
    case refused(reason: Words)
}

extension StoredEvent {
    /// The row's rot as a failure; nil when the event is whole, or its body was let go.
    package var rot: LogFailure? { LogFailure.rot(of: event, at: position) }
}

extension LogFailure {
    /// The rot of a row whose event is not whole; nil when it is, and when its body was let go: a log gives only such out as
    /// have their place among those.
    package static func rot(of event: Event, at position: Int64) -> LogFailure? {
        event.isWhole || !event.body.isHere
            ? nil
            : .corrupt(
                table: "events", position: position, detail: "the hash of \(event.id) is not that of its fields")
    }

    /// Why an event cannot be sent: its row is rotten, or its body was let go; nil when it can.
    package static func unsendable(_ event: Event, at position: Int64) -> LogFailure? {
        if event.isWhole { return nil }
        return rot(of: event, at: position)
            ?? .corrupt(table: "events", position: position, detail: "the body of \(event.id) was let go")
    }
}
