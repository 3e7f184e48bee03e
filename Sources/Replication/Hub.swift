/// The hub's side of replication, as a machine without IO: who has a session, and what each message asks for.
///
/// The hub keeps no cursor of its own for a street: the street declares what it has. A session costs a few words;
/// a street that is away costs nothing, its queue is its feed in the log.

package import Events

package struct Hub: Sendable {
    package enum Input: Sendable {
        /// A message, with the node that CURVE and ZAP say it comes from.
        case message(from: NodeID, Message)
        /// What became of a node's pushed events; all of it is committed.
        case ingested(NodeID, session: UInt64, [IngestOutcome])
    }

    package enum Action: Sendable, Equatable {
        case send(to: NodeID, Message)
        /// Answer with `.welcome`, the heads read from the log.
        case welcome(NodeID, session: UInt64, origins: [OriginMark])
        /// Answer with `Hub.batches` of this feed.
        case readRows(NodeID, session: UInt64, FeedName, above: Int64, credit: UInt32)
        /// Ingest densely in one transaction, then report `.ingested`.
        case ingest(NodeID, session: UInt64, [Event])
        case alarm(String)
    }

    private struct Session {
        var id: UInt64
        var cursors: [FeedName: FeedCursor] = [:]
        var outbox: Int64 = 0
    }

    private var sessions: [NodeID: Session] = [:]
    private var random: any RandomNumberGenerator & Sendable

    package init(random: any RandomNumberGenerator & Sendable) { self.random = random }

    /// What each node of this run has confirmed and still holds back, sorted by node.
    package var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] {
        sessions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.cursors, $0.value.outbox) }
    }

    package mutating func step(_ input: Input, now: Timestamp) -> [Action] {
        switch input {
        case .message(let node, let message): take(message, from: node, now)
        case .ingested(let node, let session, let outcomes): answer(node, session, outcomes)
        }
    }

    private mutating func take(_ message: Message, from node: NodeID, _ now: Timestamp) -> [Action] {
        if case .hello(let claimed, _, let origins, let cursors) = message {
            guard claimed == node else { return [.alarm("node \(node) says that it is \(claimed); refused")] }
            // The newest hello wins: the same node in two places fights itself, and shows.
            var session = Session(id: random.next())
            for mark in cursors { session.cursors[mark.feed] = mark.cursor }
            sessions[node] = session
            return [.welcome(node, session: session.id, origins: origins)]
        }
        let named: UInt64? =
            switch message {
            case .pull(let id, _, _, _), .ack(let id, _, _), .push(let id, _), .ping(let id, _, _), .bye(let id): id
            case .hello, .welcome, .refuse, .batch, .live, .hint, .pack, .pong: nil
            }
        guard let named else { return [] }
        guard let session = sessions[node], session.id == named else {
            return [.send(to: node, .refuse(reason: .unknownSession, retryAfterMilliseconds: 1_000))]
        }
        switch message {
        case .pull(_, let feed, let above, let credit):
            guard feed == .common || feed == .node(node) else {
                return [.alarm("node \(node) asks for feed \(feed); refused")]
            }
            return [.readRows(node, session: named, feed, above: above, credit: credit)]
        case .ack(_, let feed, let cursor):
            sessions[node]?.cursors[feed] = cursor
            return []
        case .push(_, let events):
            if let forged = events.first(where: { $0.id.origin.node != node }) {
                return [.alarm("node \(node) sends \(forged.id), which is another node's; refused")]
            }
            return [.ingest(node, session: named, events)]
        case .ping(_, _, let outbox):
            sessions[node]?.outbox = outbox
            return [.send(to: node, .pong(session: named, clock: now))]
        case .bye:
            sessions[node] = nil
            return []
        case .hello, .welcome, .refuse, .batch, .live, .hint, .pack, .pong: return []
        }
    }

    private func answer(_ node: NodeID, _ session: UInt64, _ outcomes: [IngestOutcome]) -> [Action] {
        var durable: [Origin: Int64] = [:]
        var alarms: [Action] = []
        for outcome in outcomes {
            switch outcome {
            case .stored(let stored): durable[stored.event.id.origin] = stored.event.id.sequence
            case .duplicate(let id): durable[id.origin] = max(durable[id.origin] ?? 0, id.sequence)
            case .gap(let id, let expected): durable[id.origin] = durable[id.origin] ?? expected - 1
            case .fork(let id, let here, let offered):
                alarms.append(
                    .alarm("\(id) of node \(node) is here as \(here) and comes as \(offered); kept in quarantine"))
            case .broken(let id, let reason): alarms.append(.alarm("\(id) of node \(node) is refused: \(reason)"))
            }
        }
        let packs = durable.sorted { $0.key < $1.key }.map {
            Action.send(to: node, .pack(session: session, origin: $0.key, sequence: $0.value))
        }
        return packs + alarms
    }

    /// Rows as messages of at most `Message.fillLimit` bytes of content, up to the credit; the last one says so.
    ///
    /// - Parameter rows: from the first one asked for, in order; may be more than the credit lets through.
    package static func batches(
        _ rows: [FeedRow], of feed: FeedName, head: FeedCursor, to node: NodeID, session: UInt64, credit: UInt32
    ) -> [Message] {
        chunks(rows, to: node, credit: Int(credit)).map { chunk in
            .batch(
                session: session, feed: feed, rows: chunk.rows, chain: chunk.chain, head: head, isLast: chunk.isLast)
        }
    }

    /// Rows as they are published; whole on the common feed, which has many subscribers.
    package static func live(_ rows: [FeedRow], of feed: FeedName, to node: NodeID?) -> [Message] {
        chunks(rows, to: node, credit: .max).filter { !$0.rows.isEmpty }.map {
            .live(feed: feed, rows: $0.rows, chain: $0.chain)
        }
    }

    private static func chunks(
        _ rows: [FeedRow], to node: NodeID?, credit: Int
    ) -> [(rows: [WireRow], chain: ChainValue, isLast: Bool)] {
        var chunks: [(rows: [WireRow], chain: ChainValue)] = [([], .zero)]
        var size = 0
        var total = 0
        for row in rows {
            let wire = WireRow(row, to: node)
            let length = wire.size
            if total > 0, total + length > credit { break }
            if size > 0, size + length > Message.fillLimit {
                chunks.append(([], .zero))
                size = 0
            }
            chunks[chunks.count - 1].rows.append(wire)
            chunks[chunks.count - 1].chain = row.chain
            size += length
            total += length
        }
        return chunks.enumerated().map { ($1.rows, $1.chain, $0 == chunks.count - 1) }
    }
}
