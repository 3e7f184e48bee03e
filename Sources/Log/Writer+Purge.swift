/// A street lets go what others wrote in streams that left, and takes it back when they come again (`docs/format/log.md` 11).

import Events

extension Writer {
    func purge(_ left: LeftStream, of feed: FeedName, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        guard let row = try received.row(left.leave.fseq, of: feed), row.cursor == left.leave, row.content == .leave,
            row.stream == left.stream, try leftStreams.isLast(left.leave.fseq, of: left.stream, in: feed),
            let feedNumber = received.number(of: feed), let stream = try names.number(of: left.stream, insert: false)
        else { return nil }
        var positions: [Int64] = []
        do throws(LogFailure) {
            for (position, isHere) in try rows.foreignRows(of: stream, at: origin.node) {
                // What was put aside may be all that is left of what the hub wrote, which is to take it back.
                if isHere { guard try !letGo.isAside(position) else { continue } }
                positions.append(position)
            }
        } catch {
            // What is rotten is healed first: without its body nobody could tell any more.
            guard case .corrupt = error else { throw error }
            note(met: error)
            return nil
        }
        guard !positions.isEmpty else { return nil }
        // The bodies go with the event that says so, or not at all.
        try connection.execute("SAVEPOINT purge")
        for position in positions {
            try letGo.letGo(position, stream: stream, feed: feedNumber, row: left.leave.fseq)
        }
        let purged = Purged(feed: feed, stream: left.stream, leave: left.leave, events: Int64(positions.count))
        guard let said = try record(.purged(purged), now: now) else {
            try connection.execute("ROLLBACK TO purge; RELEASE purge")
            try reload()
            return nil
        }
        try connection.execute("RELEASE purge")
        return said
    }

    /// Gives a row its body back that was let go.
    ///
    /// - Returns: false for a row that was not.
    func refill(_ position: Int64, with event: Event) throws(LogFailure) -> Bool {
        guard try letGo.state(of: position) != nil else { return false }
        try letGo.refill(position, event)
        rows.forget()
        return true
    }

    /// Streams of which all bodies are back say so, each with the last event that came.
    func recordRefilled(_ outcomes: inout [IngestOutcome], of events: [Event], now: Timestamp) throws(LogFailure) {
        var seen: Set<StreamName> = []
        for place in outcomes.indices.reversed() {
            guard case .refilled(let id, _) = outcomes[place], seen.insert(events[place].stream).inserted else {
                continue
            }
            let name = events[place].stream
            guard let stream = try names.number(of: name, insert: false), try !letGo.lacksBodies(stream) else {
                continue
            }
            outcomes[place] = .refilled(id, record: try record(.refilled(name), now: now))
        }
    }

    func miss(_ position: Int64, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        guard try letGo.state(of: position) == .wanted, let event = try rows.event(at: position),
            try !hasLeft(event.stream)
        else { return nil }
        guard let said = try record(.missing(event.id, event.stream), now: now) else { return nil }
        try letGo.miss(position)
        return said
    }

    /// Whether a stream is out again: then the hub has no reason to give anything of it back.
    private func hasLeft(_ stream: StreamName) throws(LogFailure) -> Bool {
        let feed = FeedName.node(origin.node)
        guard let last = try leftStreams.lastMove(of: stream, in: feed) else { return false }
        return try received.row(last, of: feed)?.content == .leave
    }

    private func record(_ change: BodyChange, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        let above = head.position
        return try record(what: change.words) { () throws(IdentifierError) in
            try change.request(at: origin.node, above: above, now: now)
        }?.first
    }
}
