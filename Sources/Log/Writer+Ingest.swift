/// What other nodes wrote, taken into the log: checked, deduplicated, stored like the own; what may not be stored is named.

import Events

extension Writer {
    func ingest(_ events: [Event], dense: Bool, receivedAt: Timestamp) throws(LogFailure) -> [IngestOutcome] {
        try connection.execute("SAVEPOINT ingest")
        do throws(LogFailure) {
            var outcomes = try take(events, dense: dense, receivedAt: receivedAt, looksFirst: false)
            try connection.execute("RELEASE ingest")
            try recordRefilled(&outcomes, of: events, now: receivedAt)
            return outcomes
        } catch {
            // One event that the tables forbid must not sink the others of the group. Who it is shows a second look.
            guard case .forbidden = error else { throw error }
            try connection.execute("ROLLBACK TO ingest; RELEASE ingest")
            try reload()
            var outcomes = try take(events, dense: dense, receivedAt: receivedAt, looksFirst: true)
            try recordRefilled(&outcomes, of: events, now: receivedAt)
            return outcomes
        }
    }

    private func take(
        _ events: [Event], dense: Bool, receivedAt: Timestamp, looksFirst: Bool
    ) throws(LogFailure) -> [IngestOutcome] {
        var outcomes: [IngestOutcome] = []
        outcomes.reserveCapacity(events.count)
        for event in events {
            if looksFirst, let refusal = try repeatsCommand(event) {
                outcomes.append(refusal)
            } else {
                outcomes.append(try ingest(event, dense: dense, receivedAt: receivedAt))
            }
        }
        return outcomes
    }

    /// The refusal of an event whose origin has written another one under the same command and index.
    private func repeatsCommand(_ event: Event) throws(LogFailure) -> IngestOutcome? {
        let others = try lookup.outcome(of: event.command)?.stored ?? []
        let isRepeat = others.contains {
            $0.event.index == event.index && $0.event.id.origin == event.id.origin && $0.event.id != event.id
        }
        return isRepeat
            ? .broken(event.id, reason: "its origin has another event of the same command and index") : nil
    }

    private func ingest(_ event: Event, dense: Bool, receivedAt: Timestamp) throws(LogFailure) -> IngestOutcome {
        guard event.isWhole else {
            return .broken(event.id, reason: "its hash is not that of its fields")
        }
        let number = try names.number(of: event.id.origin, insert: false)
        let last = number.flatMap { originHeads[$0] }
        var end: (sequence: Int64, hash: Digest)?
        if dense, let number { end = try denseEnd(of: number) }
        // Also one that is here, above a hole: who sends it would take it for all before it.
        let expected = (end?.sequence ?? 0) + 1
        if dense, event.id.sequence > expected { return .gap(event.id, expected: expected) }
        if let number, let last, event.id.sequence <= last.sequence {
            statements.hashByID.bind(1, number)
            statements.hashByID.bind(2, event.id.sequence)
            if try statements.hashByID.step() {
                defer { statements.hashByID.reset() }
                let here = statements.hashByID.digest(0)
                guard let here, here != event.hash else {
                    guard here != nil, statements.hashByID.integer(2) == 1 else { return .duplicate(event.id) }
                    let isBack = try refill(statements.hashByID.integer(1), with: event)
                    return isBack ? .refilled(event.id, record: nil) : .duplicate(event.id)
                }
                let isKept = try keepFork(event, receivedAt: receivedAt)
                return .fork(event.id, here: here, offered: event.hash, isKept: isKept)
            }
        }
        if dense {
            if let end, end.hash != event.previous {
                return .broken(event.id, reason: "its previous is not the hash of the event before")
            }
            if let number, let after = try storedPrevious(of: number, at: expected + 1), after != event.hash {
                return .broken(event.id, reason: "the event after it, which is here, follows another one")
            }
        }
        return .stored(try store(event, in: existingOrNewState(of: event.stream), receivedAt: receivedAt))
    }

    /// What an event that came before the one it follows says of that one; nil when it is not here.
    private func storedPrevious(of origin: Int64, at sequence: Int64) throws(LogFailure) -> Digest? {
        guard let last = originHeads[origin], last.sequence >= sequence else { return nil }
        statements.previousByID.bind(1, origin)
        statements.previousByID.bind(2, sequence)
        guard try statements.previousByID.step() else { return nil }
        defer { statements.previousByID.reset() }
        return statements.previousByID.digest(0)
    }

    /// Keeps an event whose id is another's here, as long as there is room for its origin.
    ///
    /// - Returns: whether it is kept now, or was before.
    private func keepFork(_ event: Event, receivedAt: Timestamp) throws(LogFailure) -> Bool {
        if try isInQuarantine(event.id, hash: event.hash) { return true }
        let bytes = event.canonicalBytes
        statements.forksInQuarantine.bind(1, text: event.id.origin.description)
        guard try statements.forksInQuarantine.step() else { return false }
        let kept = (events: statements.forksInQuarantine.integer(0), bytes: statements.forksInQuarantine.integer(1))
        statements.forksInQuarantine.reset()
        guard Quarantine.hasRoom(for: bytes.count, beside: kept) else { return false }
        return try quarantine(bytes, hash: event.hash, of: event.id, receivedAt: receivedAt) != nil
    }

    private func isInQuarantine(_ id: EventID, hash: Digest) throws(LogFailure) -> Bool {
        statements.findQuarantine.bind(1, text: id.origin.description)
        statements.findQuarantine.bind(2, id.sequence)
        statements.findQuarantine.bind(3, hash)
        defer { statements.findQuarantine.reset() }
        return try statements.findQuarantine.step()
    }

    /// Keeps bytes that have no place among the events.
    ///
    /// - Parameter hash: of the bytes.
    /// - Returns: the number of the row; nil when the same are there already.
    func quarantine(
        _ bytes: [UInt8], hash: Digest, of id: EventID, receivedAt: Timestamp
    ) throws(LogFailure) -> Int64? {
        if try isInQuarantine(id, hash: hash) { return nil }
        let number = quarantineHead.position + 1
        let chain = LocalChain.value(
            after: quarantineHead.chain, no: number, receivedAt: receivedAt, hash: hash)
        statements.insertQuarantine.bind(1, text: id.origin.description)
        statements.insertQuarantine.bind(2, id.sequence)
        statements.insertQuarantine.bind(3, hash)
        statements.insertQuarantine.bind(4, receivedAt.milliseconds)
        statements.insertQuarantine.bind(5, blob: bytes)
        statements.insertQuarantine.bind(6, number)
        statements.insertQuarantine.bind(7, chain)
        try statements.insertQuarantine.run()
        quarantineHead = LogHead(position: number, chain: chain)
        return number
    }

    func keep(_ head: SignedHead, of feed: FeedName) throws(LogFailure) { try signedHeads.keep(head, of: feed) }

    func position(of id: EventID, hash: Digest) throws(LogFailure) -> Int64? {
        guard let origin = try names.number(of: id.origin, insert: false) else { return nil }
        statements.positionByID.bind(1, origin)
        statements.positionByID.bind(2, id.sequence)
        guard try statements.positionByID.step() else { return nil }
        defer { statements.positionByID.reset() }
        let position = statements.positionByID.integer(0)
        if statements.positionByID.digest(1) == hash { return position }
        // Where the hash is what rotted, the event is here all the same, and comes to be whole again.
        return try isProved(hash, at: position) ? position : nil
    }

    func rewind(_ feed: FeedName, to cursor: FeedCursor, now: Timestamp) throws(LogFailure) -> [StoredEvent]? {
        // The rows and the event that says so, or neither.
        try connection.execute("SAVEPOINT rewind")
        guard let last = try received.rewind(feed, to: cursor) else {
            try connection.execute("RELEASE rewind")
            return []
        }
        try letGo.want(of: feed, above: cursor.fseq)
        let head = try signedHeads.take(of: feed, above: cursor.fseq)
        let rewind = Rewind(feed: feed, common: cursor, last: last, head: head)
        let told = try record(what: "what was put aside of feed \(feed)") { () throws(IdentifierError) in
            try rewind.request(at: origin.node, now: now)
        }
        guard let told else {
            try connection.execute("ROLLBACK TO rewind; RELEASE rewind")
            try reload()
            return nil
        }
        try connection.execute("RELEASE rewind")
        return told
    }

    func keep(_ rows: [ReceivedRow], of feed: FeedName) throws(LogFailure) {
        try received.keep(rows, of: feed)
        for row in rows { if case .join = row.content { try letGo.want(row.stream, of: feed) } }
    }

    func rebase(_ feed: FeedName, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        let base = FeedBase(feed: feed, before: feeds.head(of: feed))
        guard base.before.fseq > 0 else { return nil }
        return try record(what: "that feed \(feed) begins anew") { () throws(IdentifierError) in
            try base.request(of: node, now: now)
        }?.first
    }

    func wake(_ wake: FeedWake, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        var wake = wake
        var sleeping: [StreamName] = []
        for name in wake.streams {
            let members = try state(of: name, insert: false)?.members ?? []
            if members.contains(where: { $0.feed == wake.feed && feeds.isAsleep($0) }) { sleeping.append(name) }
        }
        wake.streams = sleeping
        guard !sleeping.isEmpty || wake.progress != nil else { return nil }
        let (said, end) = (wake, feeds.head(of: wake.feed))
        return try record(what: "that tickets wake in feed \(said.feed)") { () throws(IdentifierError) in
            try said.request(of: node, head: end, now: now)
        }?.first
    }
}
