/// Bodies that are let go and come back, in the log in memory (`docs/format/log.md` 11).

package import Events

/// A row whose body was let go.
struct LetGoRow {
    enum State { case out, wanted, missing }

    var stream: StreamName
    var feed: FeedName
    /// Of the LEAVE.
    var row: Int64
    var state = State.out
}

extension MemoryStore {
    /// What is wrong with a row; a body that is gone has its place among those that were let go.
    func damage(_ stored: StoredEvent) -> LogFailure? {
        if stored.event.body.isHere || letGo[stored.position] != nil { return stored.rot }
        return .corrupt(
            table: "events", position: stored.position, detail: "its body is gone, and was not let go")
    }

    /// Why a row cannot be sent.
    func unsendable(_ stored: StoredEvent) -> LogFailure? {
        damage(stored) ?? LogFailure.unsendable(stored.event, at: stored.position)
    }

    /// Rows that a feed's rows name which were put aside.
    var asidePositions: Set<Int64> {
        var positions: Set<Int64> = []
        for row in superseded.flatMap(\.rows) {
            if case .event(_, let position?) = row.content { positions.insert(position) }
        }
        return positions
    }

    /// The last JOIN or LEAVE of a stream in a feed.
    private func lastMove(of stream: StreamName, in feed: FeedName) -> ReceivedRow? {
        (received[feed] ?? []).last { row in
            if case .event = row.content { false } else { row.stream == stream }
        }
    }

    /// Whether the last word of a feed on a stream is that it left.
    func hasLeft(_ stream: StreamName, _ feed: FeedName) -> Bool {
        lastMove(of: stream, in: feed)?.content == .leave
    }

    /// Whether a LEAVE row is a stream's last word in a feed.
    func stands(_ leave: ReceivedRow, in feed: FeedName) -> Bool {
        leave.content == .leave && lastMove(of: leave.stream, in: feed) == leave
    }
}

extension MemoryLog {
    var asidePositions: Set<Int64> { committed.asidePositions }
}

extension MemoryTransaction {
    func purge(_ left: LeftStream, of feed: FeedName, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        guard let row = (store.received[feed] ?? []).first(where: { $0.cursor == left.leave }),
            row.stream == left.stream, store.stands(row, in: feed)
        else { return nil }
        let rows = store.stream(left.stream)
        if let damage = rows.lazy.compactMap(store.damage).first {
            met.append(damage)
            return nil
        }
        let aside = store.asidePositions
        let foreign = rows.filter {
            $0.event.id.origin.node != origin.node && !($0.event.body.isHere && aside.contains($0.position))
        }
        guard !foreign.isEmpty else { return nil }
        let before = store
        for stored in foreign {
            let place = Int(stored.position - 1)
            store.events[place].event = stored.event.withoutBody()
            store.letGo[stored.position] = LetGoRow(stream: left.stream, feed: feed, row: left.leave.fseq)
        }
        let purged = Purged(feed: feed, stream: left.stream, leave: left.leave, events: Int64(foreign.count))
        guard let said = try record(.purged(purged), now) else {
            store = before
            return nil
        }
        return said
    }

    func miss(_ position: Int64, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        guard store.letGo[position]?.state == .wanted else { return nil }
        let place = Int(position - 1)
        let event = store.events[place].event
        guard !store.hasLeft(event.stream, .node(origin.node)) else { return nil }
        guard let said = try record(.missing(event.id, event.stream), now) else { return nil }
        store.letGo[position]?.state = .missing
        store.events[place].event = event.withoutBody(.missing)
        return said
    }

    /// Rows that went are this node's again.
    func want(_ isMeant: (LetGoRow) -> Bool) {
        for (position, row) in store.letGo where row.state == .out && isMeant(row) {
            store.letGo[position]?.state = .wanted
        }
    }

    func refill(_ place: Int, with event: Event) -> IngestOutcome {
        guard store.letGo.removeValue(forKey: Int64(place + 1)) != nil else { return .duplicate(event.id) }
        store.events[place].event = event
        return .refilled(event.id, record: nil)
    }

    func heal(gone position: Int64, with event: Event, now: Timestamp) throws(LogFailure) -> Healing {
        let place = Int(position - 1)
        guard store.events[place].event.hash == event.hash else {
            return .refused(reason: "nothing proves that it stood there")
        }
        let before = store
        _ = refill(place, with: event)
        return try recordHealing(
            of: event, at: position, problem: "its body was let go", kept: nil, before: before, now: now)
    }

    func recordRefilled(_ outcomes: inout [IngestOutcome], of events: [Event], now: Timestamp) throws(LogFailure) {
        var seen: Set<StreamName> = []
        for place in outcomes.indices.reversed() {
            let stream = events[place].stream
            guard case .refilled(let id, _) = outcomes[place], seen.insert(stream).inserted,
                !store.letGo.values.contains(where: { $0.stream == stream && $0.state != .missing })
            else { continue }
            outcomes[place] = .refilled(id, record: try record(.refilled(stream), now))
        }
    }

    private func record(_ change: BodyChange, _ now: Timestamp) throws(LogFailure) -> StoredEvent? {
        let above = Int64(store.events.count)
        return try record(what: change.words) { () throws(IdentifierError) in
            try change.request(at: origin.node, above: above, now: now)
        }?.first
    }
}

extension MemoryReader {
    package func left(_ feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> LeftPage {
        let store = store
        let leaves = (store.received[feed] ?? []).filter { $0.fseq > fseq && $0.content == .leave }.prefix(max(1, rows))
        var page = LeftPage(streams: [], looked: leaves.count, through: leaves.last?.fseq)
        let aside = store.asidePositions
        for leave in leaves where store.stands(leave, in: feed) {
            let events = store.stream(leave.stream)
            let gone = events.compactMap { store.letGo[$0.position]?.state }
            let isOpen =
                gone.isEmpty
                ? events.contains { $0.event.id.origin.node != owner && !aside.contains($0.position) }
                : gone.contains { $0 != .out }
            guard isOpen else { continue }
            var since = events.map { max($0.event.recordedAt, $0.receivedAt) }.max() ?? Timestamp(milliseconds: 0)
            let before = (store.received[feed] ?? []).first { $0.fseq == leave.fseq - 1 }
            if case .event(_, let position?) = before?.content, before?.stream == leave.stream {
                let last = store.events[Int(position - 1)]
                since = max(last.event.recordedAt, last.receivedAt)
            }
            var ends: [Origin: EventID] = [:]
            for id in events.map(\.event.id) { ends[id.origin] = max(ends[id.origin] ?? id, id) }
            page.streams.append(
                LeftStream(stream: leave.stream, leave: leave.cursor, since: since, last: ends.values.sorted()))
        }
        return page
    }

    package func wantedBodies(limit: Int, missedBehind place: Int64) throws(LogFailure) -> [WantedBody] {
        let wanted = store.letGo.filter { $0.value.state == .wanted }.keys.sorted()
        let missed = store.letGo.filter { $0.value.state == .missing }.keys.sorted()
        let inTurn = missed.filter { $0 > place } + missed.filter { $0 <= place }
        let bodies = wanted.map { ($0, false) } + inTurn.map { ($0, true) }
        return bodies.prefix(max(1, limit)).map { position, isMissing in
            WantedBody(
                position: position, event: store.events[Int(position - 1)].event.id, isMissing: isMissing)
        }
    }
}
