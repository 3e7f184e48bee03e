/// Verify's second computation of feeds, memberships and the block index from the events alone.

import Events

/// Computes what each event must have written to feeds, and compares row by row.
struct FeedCheck {
    private let audience: any Audience
    private let connection: Connection
    private let names: Names
    private let history: Statement
    private var readers: [FeedName: Statement] = [:]
    private let rows: EventRows
    private var members: [Int64: [FeedName]] = [:]
    /// Per feed, the row of JOIN behind which each stream has its rows, and those that sleep.
    private var since: [FeedName: [Int64: Int64]] = [:]
    private var asleep: [FeedName: Set<Int64>] = [:]
    /// The row with which each feed began anew the last time.
    private var bases: [FeedName: Int64] = [:]
    /// Per stream, of the events that place it the last in the canonical order.
    private var placed: [Int64: (hlc: HybridTime, id: EventID)] = [:]
    private(set) var heads: [FeedName: FeedCursor] = [:]
    private let owner: NodeID?
    /// Events of which this node says that it stored them while a stream was rotten to which they give rows; and of each stream, until
    /// it says that it is routed, those that have come.
    private var unrouted: Set<Unrouted> = []
    private var late: [StreamName: Set<EventID>] = [:]

    /// - Parameter owner: the log's node.
    init(
        _ connection: Connection, names: Names, rows: EventRows, audience: any Audience, owner: NodeID?
    ) throws(LogFailure) {
        self.owner = owner
        self.connection = connection
        self.names = names
        self.rows = rows
        self.audience = audience
        history = try connection.prepare(
            "SELECT position, hash FROM events WHERE stream = ?1 AND position <= ?2 ORDER BY streamVersion")
        try readUnrouted()
    }

    /// The word on an event stands behind it.
    private mutating func readUnrouted() throws(LogFailure) {
        guard let owner, let stream = try? Healed.stream(of: owner) else { return }
        let records = try connection.prepare(
            "SELECT \(EventColumns.list) FROM events WHERE stream = (SELECT no FROM streams WHERE name = ?1)")
        records.bind(1, text: stream.text)
        var found: Set<Unrouted> = []
        try records.forEach { row throws(LogFailure) in
            // One that is damaged is the walk's to find.
            let read = try LogFailure.orDamage { () throws(LogFailure) in try rows.event(row, linked: false) }
            guard case .success(let event) = read, event.id.origin.node == owner else { return }
            if let record = Unrouted(event) { found.insert(record) }
        }
        unrouted = found
    }

    mutating func add(_ stored: StoredEvent, stream: Int64) throws(LogFailure) {
        let event = stored.event
        let feeds = members[stream] ?? []
        var routing = Routing.stay
        let isUnrouted = unrouted.contains(Unrouted(event: event.id, stream: event.stream))
        if isUnrouted {
            late[event.stream, default: []].insert(event.id)
        } else {
            routing = try audience.routing(
                of: event, version: stored.streamVersion, membership: feeds, last: placed[stream]?.id,
                history: { () throws(LogFailure) in try rows.events(of: stream, to: stored.position) })
        }
        if audience.places(event), placed[stream].map({ ($0.hlc, $0.id) < (event.hlc, event.id) }) ?? true {
            placed[stream] = (event.hlc, event.id)
        }
        let isBase = routing.base.map { head(of: $0.feed) == $0.before } ?? false
        for feed in feeds {
            if asleep[feed]?.contains(stream) != true {
                try expect(.event, in: feed, event.stream, stored.position, event.hash)
            } else if !isUnrouted {
                try wake(stream, event.stream, in: feed, to: stored.position)
            }
        }
        try move(stored, stream: stream, by: routing, isBase: isBase)
        if event.id.origin.node == owner, let routed = Routed(event) { try settle(routed.stream, stored) }
    }

    /// What came while a stream was rotten leads to its feeds.
    private mutating func settle(_ name: StreamName, _ record: StoredEvent) throws(LogFailure) {
        guard let stream = try names.number(of: name, insert: false) else { return }
        let history = try rows.events(of: stream, to: record.position)
        guard let last = history.last, let late = late.removeValue(forKey: name) else { return }
        let routing = audience.routing(ofLate: late, membership: members[stream] ?? [], history: history)
        let end = StoredEvent(
            event: last, position: record.position, receivedAt: record.receivedAt, streamVersion: Int64(history.count))
        for feed in members[stream] ?? [] where asleep[feed]?.contains(stream) == true {
            try wake(stream, name, in: feed, to: record.position)
        }
        try move(end, stream: stream, by: routing, isBase: false)
    }

    private mutating func move(
        _ stored: StoredEvent, stream: Int64, by routing: Routing, isBase: Bool
    ) throws(LogFailure) {
        let event = stored.event
        var feeds = members[stream] ?? []
        for feed in routing.leaves.sorted() where feeds.contains(feed) {
            try expect(.leave, in: feed, event.stream, nil, nil)
            feeds.removeAll { $0 == feed }
            since[feed]?[stream] = nil
            asleep[feed]?.remove(stream)
        }
        for feed in routing.joins.sorted() where !feeds.contains(feed) {
            let row = try expectHistory(of: stream, event.stream, in: feed, to: stored.position)
            since[feed, default: [:]][stream] = row
            feeds.append(feed)
            feeds.sort()
        }
        for feed in routing.also.sorted() where !feeds.contains(feed) {
            try expect(.event, in: feed, event.stream, stored.position, event.hash)
        }
        for feed in routing.told.sorted() where !feeds.contains(feed) {
            _ = try expectHistory(of: stream, event.stream, in: feed, to: stored.position)
            try expect(.leave, in: feed, event.stream, nil, nil)
        }
        if !feeds.isEmpty || members[stream] != nil { members[stream] = feeds }
        if isBase, let base = routing.base {
            bases[base.feed] = base.before.fseq + 1
            asleep[base.feed] = Set((since[base.feed] ?? [:]).keys)
        }
        guard let wake = routing.wake else { return }
        for name in wake.streams {
            guard let number = try names.number(of: name, insert: false), asleep[wake.feed]?.contains(number) == true
            else { continue }
            if unrouted.contains(Unrouted(event: event.id, stream: name)) {
                late[name, default: []].insert(event.id)
            } else {
                try self.wake(number, name, in: wake.feed, to: stored.position)
            }
        }
    }

    private mutating func wake(
        _ stream: Int64, _ name: StreamName, in feed: FeedName, to position: Int64
    ) throws(LogFailure) {
        asleep[feed]?.remove(stream)
        let row = try expectHistory(of: stream, name, in: feed, to: position)
        since[feed]?[stream] = row
    }

    private func head(of feed: FeedName) -> FeedCursor {
        heads[feed] ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
    }

    /// - Returns: the row of JOIN.
    private mutating func expectHistory(
        of stream: Int64, _ name: StreamName, in feed: FeedName, to position: Int64
    ) throws(LogFailure) -> Int64 {
        var events: [(position: Int64, hash: Digest?)] = []
        history.bind(1, stream)
        history.bind(2, position)
        let history = history
        try history.forEach { row in events.append((row.integer(0), row.digest(1))) }
        try expect(.join, in: feed, name, nil, nil, history: Int64(events.count))
        let row = head(of: feed).fseq
        for (position, hash) in events { try expect(.event, in: feed, name, position, hash) }
        return row
    }

    private mutating func expect(
        _ kind: FeedRow.Kind, in feed: FeedName, _ stream: StreamName, _ position: Int64?, _ hash: Digest?,
        history: Int64 = 0
    ) throws(LogFailure) {
        let before = head(of: feed)
        let common = heads[.common]?.fseq ?? 0
        let fseq = before.fseq + 1
        let chain = FeedRow.chain(
            after: before.chain, fseq: fseq, stream: stream, kind: kind, event: hash, history: history, common: common)
        let row = try reader(of: feed)
        func broken(_ detail: Words) -> LogFailure {
            .corrupt(table: "feedRows", position: fseq, detail: "\(feed): \(detail)")
        }
        guard try row.step() else { throw broken("the row is missing") }
        guard row.integer(0) == fseq, row.integer(1) == Int64(kind.rawValue),
            try names.stream(row.integer(2)) == stream,
            row.isNull(3) ? position == nil : row.integer(3) == position, row.integer(4) == history,
            row.integer(5) == common
        else { throw broken("the row is not what the events ask for") }
        guard row.chain(6) == chain else { throw broken("the chain does not follow from the rows before") }
        heads[feed] = FeedCursor(fseq: fseq, chain: chain)
    }

    private mutating func reader(of feed: FeedName) throws(LogFailure) -> Statement {
        if let known = readers[feed] { return known }
        let statement = try connection.prepare(
            """
            SELECT fseq, kind, stream, position, history, common, chain FROM feedRows
                WHERE feed = (SELECT no FROM feeds WHERE name = ?1) ORDER BY fseq
            """)
        statement.bind(1, text: feed.text)
        readers[feed] = statement
        return statement
    }

    /// No feed may hold more rows, and no stream be in other feeds, than the events ask for.
    func finish() throws(LogFailure) {
        let totals = try connection.prepare(
            "SELECT f.name, (SELECT count(*) FROM feedRows r WHERE r.feed = f.no) FROM feeds f ORDER BY f.no")
        while try totals.step() {
            let name = totals.text(0)
            let expected = (try? FeedName(name)).flatMap { heads[$0]?.fseq } ?? 0
            guard totals.integer(1) == expected, expected > 0 else {
                defer { totals.reset() }
                throw .corrupt(
                    table: "feedRows", position: expected + 1,
                    detail: "\(name): \(totals.integer(1)) rows, the events ask for \(expected)")
            }
        }
        let stored = try connection.integer("SELECT count(*) FROM feedRows") ?? 0
        let asked = heads.values.reduce(0) { $0 + $1.fseq }
        guard stored == asked else {
            throw .corrupt(
                table: "feedRows", position: 0, detail: "\(stored) rows in all, the events ask for \(asked)")
        }
        try checkMemberships()
    }

    private func checkMemberships() throws(LogFailure) {
        let rows = try connection.prepare(
            """
            SELECT m.stream, f.name, m.since FROM membership m LEFT JOIN feeds f ON f.no = m.feed
                ORDER BY m.stream, f.name
            """)
        var stored: [Int64: [String]] = [:]
        while try rows.step() { stored[rows.integer(0), default: []].append("\(rows.text(1)) \(rows.integer(2))") }
        var asked: [Int64: [String]] = [:]
        for (stream, feeds) in members where !feeds.isEmpty {
            asked[stream] = feeds.map { "\($0.text) \(since[$0]?[stream] ?? 0)" }
        }
        if stored != asked {
            let streams = Set(stored.keys).union(asked.keys).filter { stored[$0] != asked[$0] }
            throw .corrupt(
                table: "membership", position: streams.min() ?? 0,
                detail: "the stream's feeds are not what the events ask for")
        }
        let begun = try connection.prepare("SELECT no, name, base FROM feeds ORDER BY no")
        while try begun.step() {
            let base = (try? FeedName(begun.text(1))).flatMap { bases[$0] } ?? 0
            guard begun.integer(2) == base else {
                defer { begun.reset() }
                throw .corrupt(
                    table: "feeds", position: begun.integer(0),
                    detail: "the feed begins at row \(begun.integer(2)), the events ask for \(base)")
            }
        }
    }
}

/// Computes the block index and compares it.
struct BlockCheck {
    private let keys, times, counts: Statement
    private var categories: Set<String> = []
    private var types: Set<String> = []
    private var expectedTimes = BlockBuilder.Times()
    private var keyCount: Int64 = 0
    private var blockCount: Int64 = 0

    init(_ connection: Connection) throws(LogFailure) {
        keys = try connection.prepare("SELECT 1 FROM blockKeys WHERE kind = ?1 AND key = ?2 AND block = ?3")
        times = try connection.prepare(
            "SELECT occurredFrom, occurredTo, recordedFrom, recordedTo, receivedFrom, receivedTo FROM blockTimes WHERE block = ?1"
        )
        counts = try connection.prepare("SELECT (SELECT count(*) FROM blockKeys), (SELECT count(*) FROM blockTimes)")
    }

    mutating func add(_ stored: StoredEvent) throws(LogFailure) {
        categories.insert(String(stored.event.stream.category))
        types.insert(stored.event.type.name)
        expectedTimes.add(
            occurred: stored.event.occurredAt.milliseconds, recorded: stored.event.recordedAt.milliseconds,
            received: stored.receivedAt.milliseconds)
        guard stored.position.isMultiple(of: BlockBuilder.size) else { return }
        let block = BlockBuilder.block(of: stored.position)
        for (kind, expected) in [(BlockBuilder.Kind.category, categories), (.type, types)] {
            for key in expected where try !has(key, kind, block) {
                throw .corrupt(table: "blockKeys", position: block, detail: "\"\(key)\" is missing")
            }
            keyCount += Int64(expected.count)
        }
        times.bind(1, block)
        guard try times.step() else {
            throw .corrupt(table: "blockTimes", position: block, detail: "the row is missing")
        }
        defer { times.reset() }
        let bounds = [expectedTimes.occurred, expectedTimes.recorded, expectedTimes.received]
        for (offset, range) in bounds.enumerated() {
            guard times.integer(Int32(2 * offset)) == range.lowerBound,
                times.integer(Int32(2 * offset + 1)) == range.upperBound
            else {
                throw .corrupt(
                    table: "blockTimes", position: block, detail: "a bound is not that of the block's events")
            }
        }
        blockCount += 1
        categories.removeAll()
        types.removeAll()
        expectedTimes = BlockBuilder.Times()
    }

    private func has(_ key: String, _ kind: BlockBuilder.Kind, _ block: Int64) throws(LogFailure) -> Bool {
        keys.bind(1, kind.rawValue)
        keys.bind(2, text: key)
        keys.bind(3, block)
        defer { keys.reset() }
        return try keys.step()
    }

    func finish() throws(LogFailure) {
        guard try counts.step() else { return }
        defer { counts.reset() }
        guard counts.integer(0) == keyCount else {
            throw .corrupt(
                table: "blockKeys", position: 0, detail: "\(counts.integer(0)) rows, the events ask for \(keyCount)")
        }
        guard counts.integer(1) == blockCount else {
            throw .corrupt(
                table: "blockTimes", position: 0, detail: "\(counts.integer(1)) rows, the events ask for \(blockCount)")
        }
    }
}
