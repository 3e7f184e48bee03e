/// What a node lets go of a stream that left its feed, and how it comes back: `feed.purged`, `feed.refilled` and
/// `feed.bodyMissing` in stream `purge/<node>` (`docs/format/log.md` 11).

/// That the bodies which others wrote went: `feed.purged`.
package struct Purged: Sendable, Equatable {
    package static let type = EventType("feed.purged")
    /// Apart from `feed`, whose readers look for few events at each start: there are as many of these as tickets that left.
    package static let category = "purge"

    package var feed: FeedName
    package var stream: StreamName
    /// The row of its LEAVE.
    package var leave: FeedCursor
    /// Bodies that are let go under it.
    package var events: Int64

    package init(feed: FeedName, stream: StreamName, leave: FeedCursor, events: Int64) {
        self.feed = feed
        self.stream = stream
        self.leave = leave
        self.events = events
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == Purged.type, let body = event.record,
            let feed = (body["feed"]?.string).flatMap({ try? FeedName($0) }),
            let stream = (body["stream"]?.string).flatMap({ try? StreamName($0) }),
            let leave = FeedCursor(row: body["row"], chain: body["chain"]), let events = body["events"]?.integer
        else { return nil }
        self.init(feed: feed, stream: stream, leave: leave, events: events)
    }

    /// Where a node says what it let go.
    package static func stream(of node: NodeID) throws(IdentifierError) -> StreamName {
        try StreamName(category: category, key: node.text)
    }

    /// The event that stands for it.
    ///
    /// - Parameter head: where the log ended before: what came back may go again.
    package func request(at node: NodeID, above head: Int64, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        AppendRequest(
            command: CommandID(
                derivedFrom: "purged", node.text, feed.text, "\(leave.fseq)", "\(leave.chain)", "\(head)"),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [
                Draft(
                    stream: try Purged.stream(of: node), type: Purged.type,
                    body: [
                        "feed": .string(feed.text), "stream": .string(stream.text), "row": .integer(leave.fseq),
                        "chain": .string(leave.chain.description), "events": .integer(events),
                    ], occurredAt: now)
            ])
    }
}

/// What became of bodies that were let go: all of a stream are back (`feed.refilled`), or one is not to be had
/// (`feed.bodyMissing`).
package enum BodyChange: Sendable, Equatable {
    case purged(Purged)
    case refilled(StreamName)
    case missing(EventID, StreamName)

    package static let refilledType = EventType("feed.refilled")
    package static let missingType = EventType("feed.bodyMissing")

    /// Whatever was made of it is to be made anew.
    package var stream: StreamName {
        switch self {
        case .purged(let purged): purged.stream
        case .refilled(let stream), .missing(_, let stream): stream
        }
    }

    /// What of it is on record.
    package var words: Words {
        switch self {
        case .purged(let purged): "what was let go of \(purged.stream)"
        case .refilled(let stream): "that \(stream) is whole again"
        case .missing(let event, _): "that nobody gives back \(event)"
        }
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.stream.category == Purged.category else { return nil }
        if let purged = Purged(event) {
            self = .purged(purged)
            return
        }
        guard let body = event.record, let stream = (body["stream"]?.string).flatMap({ try? StreamName($0) }) else {
            return nil
        }
        switch event.type {
        case BodyChange.refilledType: self = .refilled(stream)
        case BodyChange.missingType:
            guard let id = (body["event"]?.string).flatMap({ try? EventID($0) }) else { return nil }
            self = .missing(id, stream)
        case _: return nil
        }
    }

    /// The event that stands for it.
    ///
    /// - Parameter head: where the log ended before.
    package func request(at node: NodeID, above head: Int64, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        let (type, name, body): (EventType, String, JSONObject)
        switch self {
        case .purged(let purged): return try purged.request(at: node, above: head, now: now)
        case .refilled(let stream):
            (type, name, body) = (BodyChange.refilledType, stream.text, ["stream": .string(stream.text)])
        case .missing(let event, let stream):
            (type, name) = (BodyChange.missingType, event.description)
            body = ["event": .string(event.description), "stream": .string(stream.text)]
        }
        return AppendRequest(
            command: CommandID(derivedFrom: type.name, node.text, name, "\(head)"),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [Draft(stream: try Purged.stream(of: node), type: type, body: body, occurredAt: now)])
    }
}

/// A stream whose last word in another node's feed is that it left.
package struct LeftStream: Sendable, Equatable {
    package var stream: StreamName
    /// The row of its LEAVE.
    package var leave: FeedCursor
    /// From when days count: the later of when the event with which it left was recorded, by its author's clock, and when it came
    /// here, by this node's.
    package var since: Timestamp
    /// The last event of each origin in it.
    package var last: [EventID]

    package init(stream: StreamName, leave: FeedCursor, since: Timestamp, last: [EventID]) {
        self.stream = stream
        self.leave = leave
        self.since = since
        self.last = last
    }
}

/// What looking at some LEAVE rows gave.
package struct LeftPage: Sendable, Equatable {
    /// Streams of them that are out and have bodies that may go, in the order of their rows.
    package var streams: [LeftStream]
    /// LEAVE rows that were looked at, and the last of them; 0 and nil when there is none above.
    package var looked: Int
    package var through: Int64?

    package init(streams: [LeftStream], looked: Int, through: Int64?) {
        self.streams = streams
        self.looked = looked
        self.through = through
    }
}

/// A body that was let go and is this node's again.
package struct WantedBody: Sendable, Equatable {
    package var position: Int64
    package var event: EventID
    /// Whether it is on record that nobody gives it back.
    package var isMissing: Bool

    package init(position: Int64, event: EventID, isMissing: Bool) {
        self.position = position
        self.event = event
        self.isMissing = isMissing
    }
}
