/// Events that came while rows of their stream were rotten: which feeds they lead to is decided once the stream can be read, and
/// both is on record, so that feeds follow from the events alone (`docs/format/log.md` 7).

/// That an event was stored and a stream stayed in its feeds as it was, for it could not be read: `log.unrouted` in stream
/// `log/<node>`.
package struct Unrouted: Sendable, Hashable {
    package static let type = EventType("log.unrouted")

    package var event: EventID
    /// The event's, or one that it wakes.
    package var stream: StreamName

    package init(event: EventID, stream: StreamName) {
        self.event = event
        self.stream = stream
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == Unrouted.type, let body = event.record,
            let id = (body["event"]?.string).flatMap({ try? EventID($0) }),
            let stream = (body["stream"]?.string).flatMap({ try? StreamName($0) })
        else { return nil }
        self.init(event: id, stream: stream)
    }

    /// The event that stands for it.
    package func request(at node: NodeID, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        let body: JSONObject = ["event": .string(event.description), "stream": .string(stream.text)]
        return AppendRequest(
            command: CommandID(derivedFrom: "unrouted", node.text, event.description, stream.text),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [Draft(stream: try Healed.stream(of: node), type: Unrouted.type, body: body, occurredAt: now)])
    }
}

/// That a stream with such events can be read again, and is in the feeds that all of it asks for: `log.routed` in stream
/// `log/<node>`.
package struct Routed: Sendable, Equatable {
    package static let type = EventType("log.routed")

    package var stream: StreamName

    package init(stream: StreamName) { self.stream = stream }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == Routed.type, let body = event.record,
            let stream = (body["stream"]?.string).flatMap({ try? StreamName($0) })
        else { return nil }
        self.init(stream: stream)
    }

    /// The event that stands for it.
    ///
    /// - Parameter head: where the log ended before, so that the same stream may be routed late again.
    package func request(at node: NodeID, above head: Int64, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        AppendRequest(
            command: CommandID(derivedFrom: "routed", node.text, stream.text, String(head)),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [
                Draft(
                    stream: try Healed.stream(of: node), type: Routed.type, body: ["stream": .string(stream.text)],
                    occurredAt: now)
            ])
    }

    /// The streams that wait, each with its events that were not routed.
    ///
    /// - Parameter own: what a node wrote to its stream of the log, in the order of the log.
    package static func pending(_ own: some Sequence<Event>) -> [StreamName: Set<EventID>] {
        var pending: [StreamName: Set<EventID>] = [:]
        for event in own {
            if let late = Unrouted(event) { pending[late.stream, default: []].insert(late.event) }
            if let done = Routed(event) { pending[done.stream] = nil }
        }
        return pending
    }
}

extension Audience {
    /// What moves a stream once all of it can be read, when events of it came while it could not.
    ///
    /// - Parameters:
    ///   - late: these events.
    ///   - membership: the feeds the stream is in, sorted.
    ///   - history: all of the stream, in the order in which it came.
    package func routing(ofLate late: Set<EventID>, membership: [FeedName], history: [Event]) -> Routing {
        let wanted = members(by: history)
        var routing = Routing(
            joins: wanted.filter { !membership.contains($0) }, leaves: membership.filter { !wanted.contains($0) },
            also: [])
        var told: Set<FeedName> = []
        for (place, event) in history.enumerated() where late.contains(event.id) {
            told.formUnion(route(event, version: Int64(place + 1), membership: []).joins)
        }
        routing.told = told.filter { !wanted.contains($0) && !membership.contains($0) }.sorted()
        return routing
    }
}
