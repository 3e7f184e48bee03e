/// That a feed begins anew, and that tickets which sleep in it since then wake: `feed.rebased` and `feed.woken` in stream
/// `feed/<node>` (`docs/format/log.md`, "A feed begins anew").

/// Where a feed's past ends: whoever has nothing of it begins behind this row.
package struct FeedBase: Sendable, Equatable {
    package static let type = EventType("feed.rebased")

    package var feed: FeedName
    /// The last row of the past; the event's own row is the next.
    package var before: FeedCursor

    package init(feed: FeedName, before: FeedCursor) {
        self.feed = feed
        self.before = before
    }

    /// Reads the body of such an event; nil when it is none.
    package init?(_ body: [UInt8]) {
        guard let object = try? JSONReader.readObject(body),
            let feed = (object["feed"]?.string).flatMap({ try? FeedName($0) }),
            let before = FeedCursor(row: object["row"], chain: object["chain"])
        else { return nil }
        self.init(feed: feed, before: before)
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == FeedBase.type, let body = event.body.bytes else { return nil }
        self.init(body)
    }

    /// The event that stands for it.
    package func request(of node: NodeID, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        let body: JSONObject = [
            "feed": .string(feed.text), "row": .integer(before.fseq), "chain": .string(before.chain.description),
        ]
        return AppendRequest(
            command: CommandID(derivedFrom: "rebase", feed.text, "\(before.fseq)", "\(before.chain)"),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [Draft(stream: try Rewind.stream(of: node), type: FeedBase.type, body: body, occurredAt: now)])
    }

    /// Whether a row with this event may be the first of a feed that is kept here.
    package func begins(_ feed: FeedName, at fseq: Int64) -> Bool { self.feed == feed && before.fseq == fseq - 1 }

    /// The row behind which this node began in another node's feed; nil where it began with row 1, and where the event that says so is
    /// damaged: who compares such a feed finds nothing in common below its rows.
    package static func kept(of feed: FeedName, in reader: any EventReader) throws -> FeedCursor? {
        guard let first = try reader.received(of: feed, above: 0, limit: 1).first, first.fseq > 1,
            case .event(_, let position?) = first.content,
            case .success(let stored?) = try LogFailure.orDamage({ () throws(LogFailure) in
                try reader.page(.all, .forward, from: position - 1, limit: 1).first
            }), let base = FeedBase(stored.event), base.begins(feed, at: first.fseq)
        else { return nil }
        return base.before
    }

    /// A base that stands in a feed of this log.
    package struct Standing: Sendable, Equatable {
        package var base: FeedBase
        package var at: Timestamp
        /// `FeedWake.Progress.below`; nil as long as nothing was carried over.
        package var below: Int64?
        /// Events about it that are damaged, and say nothing: what they said to be done is looked at again.
        package var damage: [LogFailure] = []
        /// Pages of a hundred events that are read for it.
        static let pages = 50
    }

    /// The last one of a feed; nil for a feed that never began anew.
    package static func last(of feed: FeedName, _ node: NodeID, in reader: any EventReader) throws -> Standing? {
        let row = try reader.base(of: feed)
        guard row > 0, case .event(let event)? = try reader.rows(of: feed, above: row - 1, limit: 1).first?.operation,
            let base = FeedBase(event)
        else { return nil }
        let stream = try Rewind.stream(of: node)
        var standing = Standing(base: base, at: event.recordedAt)
        var position = Int64.max
        // A node that writes into the stream itself makes the hub carry over from the top again, and costs it no more than that.
        for _ in 0..<Standing.pages {
            let page = try reader.readable(.stream(stream), .backward, from: position, limit: 100)
            if let damage = page.damage { standing.damage.append(damage) }
            for stored in page.events {
                if stored.event.id == event.id { return standing }
                guard stored.event.id.origin.node == event.id.origin.node, stored.event.type == FeedWake.type else {
                    continue
                }
                if let rot = stored.rot {
                    standing.damage.append(rot)
                } else if let progress = FeedWake(stored.event)?.progress, progress.base == base.before {
                    standing.below = min(standing.below ?? .max, progress.below)
                }
            }
            guard let next = page.next else { return nil }
            position = next
        }
        return standing
    }
}

/// That tickets which sleep in a feed get their rows there: what is open behind a base, or one that a node asked for.
package struct FeedWake: Sendable, Equatable {
    package static let type = EventType("feed.woken")
    /// Streams that one event names, well below the limit of a body.
    package static let most = 200

    /// How far the hub has carried over what is open behind a base.
    package struct Progress: Sendable, Equatable {
        /// The base's last row of the past.
        package var base: FeedCursor
        /// Streams whose number in the hub's log is below this one were not looked at yet; 0 when all were.
        package var below: Int64

        package init(base: FeedCursor, below: Int64) {
            self.base = base
            self.below = below
        }
    }

    package var feed: FeedName
    /// At most `most`; may be none for the last of a base.
    package var streams: [StreamName]
    /// nil for what a node asked for.
    package var progress: Progress?

    package init(feed: FeedName, streams: [StreamName], progress: Progress? = nil) {
        self.feed = feed
        self.streams = streams
        self.progress = progress
    }

    /// Reads such an event; nil for any other.
    package init?(_ event: Event) {
        guard event.type == FeedWake.type, let body = event.record,
            let feed = (body["feed"]?.string).flatMap({ try? FeedName($0) }),
            let names = body["streams"]?.array, names.count <= FeedWake.most
        else { return nil }
        var streams: [StreamName] = []
        for name in names {
            guard let stream = (name.string).flatMap({ try? StreamName($0) }) else { return nil }
            streams.append(stream)
        }
        var progress: Progress?
        if let below = body["below"]?.integer, below >= 0,
            let base = FeedCursor(row: body["row"], chain: body["chain"])
        {
            progress = Progress(base: base, below: below)
        }
        self.init(feed: feed, streams: streams, progress: progress)
    }

    /// The event that stands for it.
    ///
    /// - Parameter head: the feed's end, since a ticket may sleep again and be woken again.
    package func request(of node: NodeID, head: FeedCursor, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        var body: JSONObject = [
            "feed": .string(feed.text), "streams": .array(streams.map { .string($0.text) }),
        ]
        if let progress {
            body["row"] = .integer(progress.base.fseq)
            body["chain"] = .string(progress.base.chain.description)
            body["below"] = .integer(progress.below)
        }
        return AppendRequest(
            command: CommandID(
                derivedFrom: "wake", feed.text, streams.first?.text ?? "", "\(progress?.below ?? -1)", "\(head.fseq)",
                "\(head.chain)"),
            actor: Actor(system: "log", rule: "1"), now: now,
            drafts: [
                Draft(stream: try Rewind.stream(of: node), type: FeedWake.type, body: body, occurredAt: now)
            ])
    }
}

/// Streams that are in a feed without rows, the newest first.
package struct SleepingPage: Sendable, Equatable {
    package var streams: [StreamName]
    /// Their numbers in the log.
    package var numbers: [Int64]
    /// Names that cannot be read; their streams are passed over.
    package var damage: [LogFailure]
    /// The next page is below this number of the log's streams; 0 when there is none.
    package var below: Int64

    package init(streams: [StreamName], numbers: [Int64], damage: [LogFailure] = [], below: Int64) {
        self.streams = streams
        self.numbers = numbers
        self.damage = damage
        self.below = below
    }
}

/// What the hub has said of a ticket that was asked for.
package enum TicketWake: String, Sendable {
    /// Nothing yet.
    case asked
    /// Its rows are in this node's feed, and come as any.
    case onItsWay
    /// This node is not in its audience, or there is no such ticket.
    case notForYou
}

extension FeedCursor {
    /// As an event's body has it; nil when it is none.
    init?(row: JSON?, chain: JSON?) {
        guard let row = row?.integer, row >= 0, let text = chain?.string, text.utf8.count == 32,
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(fseq: row, chain: ChainValue(high: high, low: low))
    }
}
