/// What a street's log holds though its centre never sent it there: what `gridline compare` looks for.

package import Events

/// An event of another node's in a street's log for which the centre's feeds have no row.
package struct UnsentEvent: Sendable, Equatable {
    package var position: Int64
    package var id: EventID
    package var stream: StreamName
}

extension SQLiteReader {
    /// The first event in this log that another node wrote and that came by no feed.
    ///
    /// An event came by a feed when it has a row, with its hash, in the hub's common feed or in the street's own there (also one
    /// before the feed's base), or when this log keeps a row of it that a rewind put aside. Of a row that is rotten or damaged
    /// nobody can say which event it is: `verify` names it, and it is passed over here. What came in by `import --events` is not
    /// told from what came in otherwise, since a log does not say how a row came.
    ///
    /// Costs a look into this log for each row of both feeds, and a bit of memory for each event.
    ///
    /// - Parameters:
    ///   - hub: the log of the street's centre.
    ///   - street: whose log this is.
    ///   - pageSize: rows read at once, so that no log is kept from its checkpoints.
    package func unsent(
        by hub: SQLiteReader, to street: NodeID, pageSize: Int64 = 10_000
    ) throws(LogFailure) -> UnsentEvent? {
        // Before the hub is read: what comes here meanwhile has its row there first.
        var known = PositionSet(through: try head().position)
        for feed in [FeedName.common, .node(street)] {
            try noteSent(by: hub, in: feed, except: street, pageSize, &known)
        }
        let aside = try connection.prepare(
            """
            SELECT position FROM supersededRows WHERE position > ?1 AND position IS NOT NULL ORDER BY position LIMIT ?2
            """)
        try forEachRow(of: aside, pageSize, last: 0) { row in known.insert(row.integer(0)) }
        return try firstForeign(except: street, not: known, pageSize)
    }

    /// Notes what the rows of one of the hub's feeds bring here.
    private func noteSent(
        by hub: SQLiteReader, in feed: FeedName, except street: NodeID, _ pageSize: Int64, _ known: inout PositionSet
    ) throws(LogFailure) {
        let sent = try hub.connection.prepare(
            """
            SELECT r.fseq, e.position, e.origin, e.sequence, e.hash FROM feedRows r CROSS JOIN events e ON e.position = r.position
                WHERE r.feed = (SELECT no FROM feeds WHERE name = ?3) AND r.fseq > ?1 AND r.kind = 1 ORDER BY r.fseq LIMIT ?2
            """)
        sent.bind(3, text: feed.text)
        let here = try connection.prepare("SELECT position, hash FROM events WHERE origin = ?1 AND sequence = ?2")
        // An origin has another number in each log; 0 for one that is not here, or is the street's.
        var numbers: [Int64: Int64] = [:]
        try forEachRow(of: sent, pageSize, last: 0) { row throws(LogFailure) in
            let there = row.integer(2)
            let number: Int64
            if let noted = numbers[there] {
                number = noted
            } else {
                let origin = try hub.names.origin(there)
                number = origin.node == street ? 0 : try names.number(of: origin, insert: false) ?? 0
                numbers[there] = number
            }
            guard number > 0 else { return }
            here.bind(1, number)
            here.bind(2, row.integer(3))
            defer { here.reset() }
            guard try here.step(), !known.contains(here.integer(0)) else { return }
            let position = here.integer(0)
            let isSame = row.digest(4).map { $0 == here.digest(1) } ?? false
            // A hash that has rotted says nothing; two that stand are two events under one id.
            if isSame { return known.insert(position) }
            let whole = (try readable(position), try hub.readable(row.integer(1)))
            if whole.0 == nil || whole.1 == nil { known.insert(position) }
        }
    }

    /// The first row that is readable, of another node and not known.
    private func firstForeign(
        except street: NodeID, not known: PositionSet, _ pageSize: Int64
    ) throws(LogFailure) -> UnsentEvent? {
        let foreign = try connection.prepare(
            """
            SELECT position FROM events WHERE position > ?1 AND position <= ?3
                AND +origin NOT IN (SELECT no FROM origins WHERE node = ?4) ORDER BY position LIMIT ?2
            """)
        foreign.bind(3, known.last)
        foreign.bind(4, text: street.text)
        var found: UnsentEvent?
        try forEachRow(of: foreign, pageSize, last: 0) { row throws(LogFailure) in
            let position = row.integer(0)
            guard found == nil, !known.contains(position), let event = try readable(position) else { return }
            found = UnsentEvent(position: position, id: event.id, stream: event.stream)
        }
        return found
    }

    /// All rows of a statement of which ?1 is the last first column, exclusive, and ?2 the limit.
    private func forEachRow(
        of statement: Statement, _ pageSize: Int64, last begin: Int64, _ body: (Statement) throws(LogFailure) -> Void
    ) throws(LogFailure) {
        var last = begin
        var count = pageSize
        while count == pageSize {
            statement.bind(1, last)
            statement.bind(2, pageSize)
            count = 0
            try statement.forEach { row throws(LogFailure) in
                last = row.integer(0)
                count += 1
                try body(row)
            }
        }
    }

    /// The event of a row; nil when it is damaged, or its content does not give its hash.
    private func readable(_ position: Int64) throws(LogFailure) -> Event? {
        let read = try LogFailure.orDamage { () throws(LogFailure) in
            try page(.all, .forward, from: position - 1, limit: 1).first
        }
        guard case .success(let stored?) = read, stored.position == position,
            LogFailure.rot(of: stored.event, at: position) == nil
        else { return nil }
        return stored.event
    }
}

/// Positions of a log, a bit each: a million of them take 125 kB.
private struct PositionSet {
    /// Inclusive; what is above is not kept.
    let last: Int64
    private var words: [UInt64]

    init(through last: Int64) {
        self.last = last
        words = Array(repeating: 0, count: Int(last / 64) + 1)
    }

    mutating func insert(_ position: Int64) {
        guard (0...last).contains(position) else { return }
        words[Int(position / 64)] |= 1 << UInt64(position % 64)
    }

    func contains(_ position: Int64) -> Bool {
        (0...last).contains(position) && words[Int(position / 64)] & 1 << UInt64(position % 64) != 0
    }
}
