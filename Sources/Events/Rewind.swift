/// Rows of another node's feed that were put aside, as the log itself records it: `feed.rewound` in stream `feed/<node>`
/// (`docs/format/log.md`, "Received feeds").

/// What was put aside at once.
package struct Rewind: Sendable, Equatable {
    package static let type = EventType("feed.rewound")
    package static let category = "feed"

    package var feed: FeedName
    /// The last row that stays.
    package var common: FeedCursor
    /// The last row that goes.
    package var last: FeedCursor
    /// The last end of the feed that the hub signed, when it is one of the rows that go.
    package var head: SignedHead?

    package init(feed: FeedName, common: FeedCursor, last: FeedCursor, head: SignedHead? = nil) {
        self.feed = feed
        self.common = common
        self.last = last
        self.head = head
    }

    package static func stream(of node: NodeID) throws(IdentifierError) -> StreamName {
        try StreamName(category: category, key: node.text)
    }

    /// The event that stands for it.
    package func request(at node: NodeID, now: Timestamp) throws(IdentifierError) -> AppendRequest {
        var body: JSONObject = [
            "feed": .string(feed.text), "commonRow": .integer(common.fseq),
            "commonChain": .string(common.chain.description), "lastRow": .integer(last.fseq),
            "lastChain": .string(last.chain.description),
        ]
        if let head {
            body["head"] = .object([
                "row": .integer(head.cursor.fseq), "chain": .string(head.cursor.chain.description),
                "node": .string(head.hub.node.text), "incarnation": .string(head.hub.incarnation.bits.hexadecimal),
                "clock": .integer(head.clock.milliseconds),
                "signature": .string(Hexadecimal.text(head.signature)),
            ])
        }
        let draft = Draft(stream: try Rewind.stream(of: node), type: Rewind.type, body: body, occurredAt: now)
        return AppendRequest(
            command: CommandID(
                derivedFrom: "rewind", node.text, feed.text, "\(common.chain)", "\(last.chain)", "\(now.milliseconds)"),
            actor: Actor(system: "log", rule: "1"), now: now, drafts: [draft])
    }

    /// The feeds of which a node has put rows aside, by the events that can be read.
    package static func feeds(at node: NodeID, in reader: any EventReader) throws -> Set<FeedName> {
        var feeds: Set<FeedName> = []
        try reader.forEachReadable(
            .stream(try Rewind.stream(of: node)),
            { page in
                for event in page.map(\.event) where event.type == Rewind.type && event.id.origin.node == node {
                    if let feed = Rewind(event)?.feed { feeds.insert(feed) }
                }
            }, passed: { _ in })
        return feeds
    }

    /// Reads the body of such an event; nil when it is none.
    package init?(_ event: Event) {
        guard let object = event.record,
            let feed = (object["feed"]?.string).flatMap({ try? FeedName($0) }),
            let common = FeedCursor(row: object["commonRow"], chain: object["commonChain"]),
            let last = FeedCursor(row: object["lastRow"], chain: object["lastChain"]), last.fseq > common.fseq
        else { return nil }
        self.init(feed: feed, common: common, last: last)
        guard let signed = object["head"]?.object else { return }
        guard let end = FeedCursor(row: signed["row"], chain: signed["chain"]), end.fseq > common.fseq,
            end.fseq <= last.fseq,
            let node = (signed["node"]?.string).flatMap({ try? NodeID($0) }),
            let bits = (signed["incarnation"]?.string).flatMap({ UInt64($0, radix: 16) }),
            let clock = signed["clock"]?.integer,
            let signature = (signed["signature"]?.string).flatMap(Hexadecimal.bytes),
            signature.count == SignedHead.signatureSize
        else { return nil }
        head = SignedHead(
            cursor: end, hub: Origin(node: node, incarnation: Incarnation(bits)),
            clock: Timestamp(milliseconds: clock), signature: signature)
    }
}
