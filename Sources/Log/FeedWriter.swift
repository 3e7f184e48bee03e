/// Writes feed rows and memberships, in the transaction that stores the event (`docs/format/log.md`, "Feeds").

import Events

struct FeedWriter {
    private struct Feed {
        let name: FeedName
        let number: Int64
        var cursor: FeedCursor
    }

    private var feeds: [Feed] = []
    /// Where each is in `feeds`.
    private var places: [FeedName: Int] = [:]
    private var placesByNumber: [Int64: Int] = [:]
    /// Where the common feed is, whose end stands in each row of the others.
    private var commonPlace: Int?
    private let insertRow, insertFeed, insertMember, deleteMember, members, heads, history: Statement

    init(_ connection: Connection) throws(LogFailure) {
        insertRow = try connection.prepare(
            """
            INSERT INTO feedRows(feed, fseq, kind, stream, position, history, common, chain)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        insertFeed = try connection.prepare("INSERT INTO feeds(name) VALUES (?1) RETURNING no")
        insertMember = try connection.prepare("INSERT INTO membership(stream, feed) VALUES (?1, ?2)")
        deleteMember = try connection.prepare("DELETE FROM membership WHERE stream = ?1 AND feed = ?2")
        members = try connection.prepare("SELECT feed FROM membership WHERE stream = ?1")
        heads = try connection.prepare(
            """
            SELECT f.no, f.name, r.fseq, r.chain FROM feeds f LEFT JOIN feedRows r ON r.feed = f.no
                AND r.fseq = (SELECT max(fseq) FROM feedRows WHERE feed = f.no)
            """)
        history = try connection.prepare("SELECT position, hash FROM events WHERE stream = ?1 ORDER BY streamVersion")
    }

    mutating func reload() throws(LogFailure) {
        feeds.removeAll()
        places.removeAll()
        placesByNumber.removeAll()
        commonPlace = nil
        let heads = heads
        try heads.forEach { row throws(LogFailure) in
            let number = row.integer(0)
            guard let name = try? FeedName(row.text(1)) else {
                throw .corrupt(table: "feeds", position: number, detail: "the name is no feed's")
            }
            let cursor = FeedCursor(fseq: row.integer(2), chain: row.chain(3) ?? FeedRow.seed(of: name))
            keep(Feed(name: name, number: number, cursor: cursor))
        }
    }

    private mutating func keep(_ feed: Feed) {
        places[feed.name] = feeds.count
        placesByNumber[feed.number] = feeds.count
        if feed.name == .common { commonPlace = feeds.count }
        feeds.append(feed)
    }

    /// The feeds of a stream, sorted.
    func membership(of stream: Int64) throws(LogFailure) -> [FeedName] {
        members.bind(1, stream)
        var found: [FeedName] = []
        while try members.step() {
            if let place = placesByNumber[members.integer(0)] { found.append(feeds[place].name) }
        }
        return found.sorted()
    }

    /// Writes the rows that a stored event asks for: members get the event, who leaves gets LEAVE, who joins
    /// gets JOIN and the whole history, this event last, and who is told gets that and LEAVE.
    ///
    /// - Parameter isNew: false when the members have the event already.
    mutating func route(
        _ stored: StoredEvent, stream: inout StreamState, by routing: Routing, isNew: Bool = true
    ) throws(LogFailure) {
        for feed in stream.feeds where isNew {
            try add(.event, to: feed, stream, stored.event.stream, stored.position, stored.event.hash)
        }
        guard routing != .stay else { return }
        for feed in routing.leaves.sorted() where stream.feeds.contains(feed) {
            try add(.leave, to: feed, stream, stored.event.stream, nil, nil)
            stream.feeds.removeAll { $0 == feed }
            deleteMember.bind(1, stream.number)
            deleteMember.bind(2, feeds[try place(of: feed)].number)
            try deleteMember.run()
        }
        for feed in routing.joins.sorted() where !stream.feeds.contains(feed) {
            try join(feed, stored, stream)
            stream.feeds.append(feed)
            stream.feeds.sort()
            insertMember.bind(1, stream.number)
            insertMember.bind(2, feeds[try place(of: feed)].number)
            try insertMember.run()
        }
        for feed in routing.also.sorted() where !stream.feeds.contains(feed) {
            try add(.event, to: feed, stream, stored.event.stream, stored.position, stored.event.hash)
        }
        for feed in routing.told.sorted() where !stream.feeds.contains(feed) {
            try join(feed, stored, stream)
            try add(.leave, to: feed, stream, stored.event.stream, nil, nil)
        }
    }

    /// JOIN and the whole history.
    private mutating func join(_ feed: FeedName, _ stored: StoredEvent, _ stream: StreamState) throws(LogFailure) {
        try add(.join, to: feed, stream, stored.event.stream, nil, nil, history: stored.streamVersion)
        history.bind(1, stream.number)
        let history = history
        try history.forEach { row throws(LogFailure) in
            guard let hash = row.digest(1) else {
                throw .corrupt(table: "events", position: row.integer(0), detail: "hash is not 32 bytes")
            }
            try add(.event, to: feed, stream, stored.event.stream, row.integer(0), hash)
        }
    }

    private mutating func add(
        _ kind: FeedRow.Kind, to feed: FeedName, _ stream: StreamState, _ name: StreamName, _ position: Int64?,
        _ hash: Digest?, history: Int64 = 0
    ) throws(LogFailure) {
        let place = try place(of: feed)
        let common = commonPlace.map { feeds[$0].cursor.fseq } ?? 0
        let before = feeds[place].cursor
        let fseq = before.fseq + 1
        let chain = FeedRow.chain(
            after: before.chain, fseq: fseq, stream: name, kind: kind, event: hash, history: history, common: common)
        insertRow.bind(1, feeds[place].number)
        insertRow.bind(2, fseq)
        insertRow.bind(3, Int64(kind.rawValue))
        insertRow.bind(4, stream.number)
        insertRow.bind(5, position)
        insertRow.bind(6, history)
        insertRow.bind(7, common)
        insertRow.bind(8, chain)
        try insertRow.run()
        feeds[place].cursor = FeedCursor(fseq: fseq, chain: chain)
    }

    /// Where a feed is in `feeds`; a new one gets its number now.
    private mutating func place(of feed: FeedName) throws(LogFailure) -> Int {
        if let known = places[feed] { return known }
        insertFeed.bind(1, text: feed.text)
        guard try insertFeed.step() else {
            throw .corrupt(table: "feeds", position: 0, detail: "SQLite gave no number to a new row")
        }
        let number = insertFeed.integer(0)
        insertFeed.reset()
        keep(Feed(name: feed, number: number, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))))
        return feeds.count - 1
    }
}
