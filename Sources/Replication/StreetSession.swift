/// A street's side of replication, as a machine without IO: inputs in, actions out, time as an argument.
///
/// The street declares what it has and pulls what it lacks; what PUB brings is taken only while it is the next
/// row of its feed. Local work never waits for any of this. States: offline → hello → online; in each feed
/// pulling or live. A feed whose chain differs from the hub's stops and raises an alarm: never wipe and reload.

package import Events

package struct StreetSession: Sendable {
    package enum Input: Sendable {
        case tick
        case message(Message)
        /// The shell has committed rows up to here.
        case applied(FeedName, FeedCursor)
        /// A transaction with rows was lost: what was handed out and is not durable comes again.
        case applyFailed
        /// The own origins' heads after local commits.
        case localHeads([OriginMark])
        /// The answer to `.readOwn`.
        case ownEvents(Origin, [Event])
    }

    package enum Action: Sendable, Equatable {
        case send(Message)
        /// Connect SUB to these endpoints, instead of any before.
        case subscribe([String])
        /// Ingest the rows' events and set the cursor in one transaction, then report `.applied`.
        case apply(FeedName, [WireRow], FeedCursor)
        /// Read events of an own origin above a sequence, at most `Message.fillLimit` bytes.
        case readOwn(Origin, above: Int64)
        case alarm(String)
    }

    package enum Phase: Sendable, Equatable {
        case offline(until: Timestamp)
        case hello(sent: Timestamp)
        case online(session: UInt64)
    }

    private struct Feed {
        var name: FeedName
        /// Durable here.
        var cursor: FeedCursor
        /// Handed to the shell, perhaps not durable yet.
        var received: FeedCursor
        var head: FeedCursor?
        var pulledAt: Timestamp?
        /// Rows wait until the common feed is here.
        var waitsForCommon: Int64?
        var isDiverged = false
    }

    private struct Outbox {
        var head: Int64
        var packed: Int64 = 0
        var sent: Int64 = 0
        var sentAt = Timestamp(milliseconds: 0)
        var isReading = false
    }

    /// Limits and times in milliseconds.
    package enum Limit {
        package static let hello: Int64 = 2_000
        package static let ping: Int64 = 5_000
        package static let silence: Int64 = 20_000
        package static let answer: Int64 = 3_000
        package static let credit: UInt32 = 1 << 20
        package static let backoffFirst: Int64 = 100
        package static let backoffLast: Int64 = 30_000
        /// Events on their way to the hub without its word.
        package static let inFlight: Int64 = 2_000
    }

    package let node: NodeID
    package private(set) var phase: Phase
    private var feeds: [Feed]
    private var outbox: [Origin: Outbox] = [:]
    private var lastHeard: Timestamp
    private var lastPing: Timestamp
    private var backoff = Limit.backoffFirst
    private var random: UInt64

    /// - Parameters:
    ///   - cursors: how far each feed was applied here.
    ///   - seed: for the jitter of the backoff.
    package init(node: NodeID, cursors: [FeedMark], seed: UInt64, now: Timestamp) {
        self.node = node
        feeds = cursors.map { Feed(name: $0.feed, cursor: $0.cursor, received: $0.cursor) }
        phase = .offline(until: now)
        lastHeard = now
        lastPing = now
        random = seed | 1
    }

    /// Own events that the hub has not confirmed.
    package var outboxDepth: Int64 { outbox.values.reduce(0) { $0 + StreetSession.gap($1.head, $1.packed) } }
    package var isOnline: Bool { if case .online = phase { true } else { false } }
    /// Rows of the hub that are known to be missing here.
    package var lag: Int64 { feeds.reduce(0) { $0 + StreetSession.gap($1.head?.fseq ?? 0, $1.cursor.fseq) } }

    /// How far `low` is behind `high`; bounded, because the numbers come from another node.
    private static func gap(_ high: Int64, _ low: Int64) -> Int64 { high > low ? min(high - low, 1 << 40) : 0 }

    package mutating func step(_ input: Input, now: Timestamp) -> [Action] {
        switch input {
        case .tick: return tick(now)
        case .message(let message): return take(message, now)
        case .applied(let name, let cursor): return applied(name, cursor, now)
        case .applyFailed: return startOver(now)
        case .localHeads(let marks):
            for mark in marks { outbox[mark.origin, default: Outbox(head: 0)].head = mark.sequence }
            return upload(now)
        case .ownEvents(let origin, let events): return push(origin, events, now)
        }
    }

    // MARK: - Time

    private mutating func tick(_ now: Timestamp) -> [Action] {
        switch phase {
        case .offline(let until):
            guard now >= until else { return [] }
            phase = .hello(sent: now)
            return [.send(hello(now))]
        case .hello(let sent):
            guard now - sent >= Limit.hello + backoff else { return [] }
            backoff = min(backoff * 2, Limit.backoffLast)
            phase = .hello(sent: now)
            return [.send(hello(now))]
        case .online(let session):
            guard now - lastHeard < Limit.silence else { return goOffline(now) }
            var actions: [Action] = []
            if now - lastPing >= Limit.ping {
                lastPing = now
                actions.append(.send(.ping(session: session, clock: now, outbox: outboxDepth)))
            }
            for place in feeds.indices {
                if let pulled = feeds[place].pulledAt, now - pulled >= Limit.answer { feeds[place].pulledAt = nil }
                actions += pull(place, now)
            }
            for (origin, box) in outbox.sorted(by: { $0.key < $1.key })
            where box.sent > box.packed && now - box.sentAt >= Limit.answer {
                outbox[origin]?.sent = box.packed
            }
            return actions + upload(now)
        }
    }

    private mutating func goOffline(_ now: Timestamp) -> [Action] {
        // xorshift64: jitter of up to half the backoff keeps a hundred streets from coming back at once.
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        phase = .offline(until: now + backoff + Int64(random % UInt64(max(1, backoff / 2))))
        return []
    }

    private func hello(_ now: Timestamp) -> Message {
        .hello(
            node: node, clock: now,
            origins: outbox.sorted { $0.key < $1.key }.map { OriginMark(origin: $0.key, sequence: $0.value.head) },
            cursors: feeds.map { FeedMark(feed: $0.name, cursor: $0.cursor) })
    }

    // MARK: - Messages

    private mutating func take(_ message: Message, _ now: Timestamp) -> [Action] {
        switch message {
        case .welcome(let session, _, let endpoints, let heads, let have):
            lastHeard = now
            lastPing = now
            backoff = Limit.backoffFirst
            phase = .online(session: session)
            for mark in have { outbox[mark.origin]?.packed = mark.sequence }
            for (origin, box) in outbox {
                outbox[origin] = Outbox(head: box.head, packed: box.packed, sent: box.packed)
            }
            var actions: [Action] = [.subscribe(endpoints)]
            for place in feeds.indices {
                feeds[place].pulledAt = nil
                feeds[place].received = feeds[place].cursor
                feeds[place].waitsForCommon = nil
                feeds[place].head = heads.first { $0.feed == feeds[place].name }?.cursor
                actions += compare(place) + compareRestored(place)
                actions += pull(place, now)
            }
            return actions + upload(now)
        case .refuse(let reason, let retry):
            guard phase != .hello(sent: now) || reason != .unknownSession else { return [] }
            phase = .offline(until: now + Int64(retry))
            return reason == .unknownSession || reason == .busy ? [] : [.alarm("the hub refuses this node: \(reason)")]
        case .batch(let session, let feed, let rows, let chain, let head, let isLast):
            guard phase == .online(session: session), let place = feeds.firstIndex(where: { $0.name == feed }) else {
                return []
            }
            lastHeard = now
            feeds[place].head = head
            feeds[place].pulledAt = isLast ? nil : now
            return accept(rows, chain, place) + compare(place) + (isLast ? pull(place, now) : [])
        case .live(let feed, let rows, let chain):
            guard isOnline, let place = feeds.firstIndex(where: { $0.name == feed }), feeds[place].pulledAt == nil
            else { return [] }
            if let last = rows.last, last.fseq > feeds[place].head?.fseq ?? 0 {
                feeds[place].head = nil
            }
            let actions = accept(rows, chain, place)
            let isBehind = rows.last.map { $0.fseq > feeds[place].received.fseq } ?? false
            return actions + (isBehind ? pull(place, now, force: true) : [])
        case .hint(let feed, let head, _):
            // PUB says nothing about the way back, so a hint does not count as having heard of the hub.
            guard isOnline, let place = feeds.firstIndex(where: { $0.name == feed }) else { return [] }
            feeds[place].head = head
            return compare(place) + pull(place, now)
        case .pack(let session, let origin, let sequence):
            guard phase == .online(session: session), let box = outbox[origin] else { return [] }
            lastHeard = now
            // Without progress (a repeat, a hole) nothing is sent again at once: the timer does it, once.
            if sequence > box.packed {
                outbox[origin]?.packed = sequence
                outbox[origin]?.sentAt = now
            }
            return upload(now)
        case .pong(let session, _):
            if phase == .online(session: session) { lastHeard = now }
            return []
        case .bye(let session):
            guard phase == .online(session: session) else { return [] }
            return goOffline(now)
        case .hello, .pull, .ack, .push, .ping: return []
        }
    }

    // MARK: - Feeds

    /// Takes rows as far as they are the next, and their rules are here.
    ///
    /// - Parameter chain: the hub's chain value after the last row: rows that lead elsewhere are never applied.
    private mutating func accept(_ rows: [WireRow], _ chain: ChainValue, _ place: Int) -> [Action] {
        guard !feeds[place].isDiverged else { return [] }
        var taken: [WireRow] = []
        var received = feeds[place].received
        let common = feeds.first { $0.name == .common }?.received.fseq ?? 0
        feeds[place].waitsForCommon = nil
        if let alarm = divergence(rows, chain, place) { return [alarm] }
        for row in rows where row.fseq > received.fseq {
            guard row.fseq == received.fseq + 1 else { break }
            if feeds[place].name != .common, row.common > common {
                feeds[place].waitsForCommon = row.common
                break
            }
            received = FeedCursor(fseq: row.fseq, chain: row.chain(after: received.chain))
            taken.append(row)
        }
        guard !taken.isEmpty else { return [] }
        feeds[place].received = received
        return [.apply(feeds[place].name, taken, received)]
    }

    /// Follows all of the rows, also those that have to wait, and compares where they lead.
    private mutating func divergence(_ rows: [WireRow], _ chain: ChainValue, _ place: Int) -> Action? {
        var here = feeds[place].received
        for row in rows where row.fseq > here.fseq {
            guard row.fseq == here.fseq + 1 else { return nil }
            here = FeedCursor(fseq: row.fseq, chain: row.chain(after: here.chain))
        }
        guard here.fseq > feeds[place].received.fseq, here.chain != chain else { return nil }
        feeds[place].isDiverged = true
        return .alarm(
            "feed \(feeds[place].name) differs from the hub's at row \(here.fseq): \(here.chain) here, \(chain) there")
    }

    /// A hub that ends before this node's cursor was restored from an older copy: nothing may be skipped in silence.
    private mutating func compareRestored(_ place: Int) -> [Action] {
        let feed = feeds[place]
        guard !feed.isDiverged, let head = feed.head, head.fseq < feed.cursor.fseq else { return [] }
        feeds[place].isDiverged = true
        return [
            .alarm(
                "feed \(feed.name) ends at row \(head.fseq) at the hub, and at \(feed.cursor.fseq) here; was the hub restored?"
            )
        ]
    }

    private mutating func startOver(_ now: Timestamp) -> [Action] {
        var actions: [Action] = []
        for place in feeds.indices {
            feeds[place].received = feeds[place].cursor
            feeds[place].waitsForCommon = nil
            feeds[place].pulledAt = nil
            actions += pull(place, now)
        }
        return actions
    }

    /// At the hub's head, both chains must be the same.
    private mutating func compare(_ place: Int) -> [Action] {
        let feed = feeds[place]
        guard !feed.isDiverged, let head = feed.head, head.fseq == feed.received.fseq, head.chain != feed.received.chain
        else {
            return []
        }
        feeds[place].isDiverged = true
        return [
            .alarm(
                "feed \(feed.name) differs from the hub's at row \(head.fseq): \(feed.received.chain) here, \(head.chain) there"
            )
        ]
    }

    private mutating func pull(_ place: Int, _ now: Timestamp, force: Bool = false) -> [Action] {
        guard case .online(let session) = phase, !feeds[place].isDiverged, feeds[place].pulledAt == nil else {
            return []
        }
        let feed = feeds[place]
        if let wanted = feed.waitsForCommon, (feeds.first { $0.name == .common }?.received.fseq ?? 0) < wanted {
            return []
        }
        guard force || (feed.head?.fseq ?? 0) > feed.received.fseq else { return [] }
        feeds[place].pulledAt = now
        return [.send(.pull(session: session, feed: feed.name, above: feed.received.fseq, credit: Limit.credit))]
    }

    private mutating func applied(_ name: FeedName, _ cursor: FeedCursor, _ now: Timestamp) -> [Action] {
        guard let place = feeds.firstIndex(where: { $0.name == name }) else { return [] }
        feeds[place].cursor = cursor
        guard case .online(let session) = phase else { return [] }
        var actions: [Action] = [.send(.ack(session: session, feed: name, cursor: cursor))]
        for other in feeds.indices { actions += pull(other, now) }
        return actions
    }

    // MARK: - Upload

    private mutating func upload(_ now: Timestamp) -> [Action] {
        guard isOnline else { return [] }
        var actions: [Action] = []
        // Oldest origin first: an incarnation hangs on the one before.
        for (origin, box) in outbox.sorted(by: { $0.key < $1.key })
        where box.head > box.sent && !box.isReading && box.sent - box.packed < Limit.inFlight {
            outbox[origin]?.isReading = true
            actions.append(.readOwn(origin, above: box.sent))
        }
        return actions
    }

    private mutating func push(_ origin: Origin, _ events: [Event], _ now: Timestamp) -> [Action] {
        outbox[origin]?.isReading = false
        guard case .online(let session) = phase, let first = events.first, let last = events.last,
            outbox[origin].map({ $0.sent == first.id.sequence - 1 }) == true
        else { return [] }
        outbox[origin]?.sent = last.id.sequence
        outbox[origin]?.sentAt = now
        return [.send(.push(session: session, events: events))] + upload(now)
    }
}
