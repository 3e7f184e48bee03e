/// That the hub looked through rows which a street had put aside, and what came of it: `feed.reclaimed` in the street's stream
/// `feed/<node>` (`docs/format/log.md`, "Received feeds").

package struct Reclaimed: Sendable, Equatable {
    package static let type = EventType("feed.reclaimed")

    /// The street's event.
    package var rewind: EventID
    package var feed: FeedName
    /// Events that came back.
    package var events: Int64
    /// Rows that no signature covers; they stay aside at the street.
    package var unsigned: Int64
    /// Why not all came back that was signed, in English.
    package var problem: String?

    package init(rewind: EventID, feed: FeedName, events: Int64, unsigned: Int64, problem: String?) {
        self.rewind = rewind
        self.feed = feed
        self.events = events
        self.unsigned = unsigned
        self.problem = problem
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == Reclaimed.type, let body = event.record,
            let rewind = (body["rewind"]?.string).flatMap({ try? EventID($0) }),
            let feed = (body["feed"]?.string).flatMap({ try? FeedName($0) }), let events = body["events"]?.integer,
            let unsigned = body["unsigned"]?.integer
        else { return nil }
        self.init(rewind: rewind, feed: feed, events: events, unsigned: unsigned, problem: body["problem"]?.string)
    }

    /// The event that stands for it.
    package func request(of node: NodeID, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        var body: JSONObject = [
            "rewind": .string(rewind.description), "feed": .string(feed.text), "events": .integer(events),
            "unsigned": .integer(unsigned),
        ]
        body["problem"] = problem.map(JSON.string)
        return AppendRequest(
            command: CommandID(derivedFrom: "reclaimed", rewind.description),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [Draft(stream: try Rewind.stream(of: node), type: Reclaimed.type, body: body, occurredAt: now)])
    }
}
