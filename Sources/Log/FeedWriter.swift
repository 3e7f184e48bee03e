/// Writes feed rows and memberships, in the transaction that stores the event (`docs/format/log.md`, "Feeds").

import Events

/// That a stream is in a feed.
struct FeedMember: Equatable {
    let feed: FeedName
    /// The JOIN row behind which it has its rows there; before the feed's base it sleeps.
    var since: Int64
}

struct FeedWriter {
    private struct Feed {
        let name: FeedName
        let number: Int64
        var cursor: FeedCursor
        /// The row with which it began anew; 0 for never.
        var base: Int64 = 0
    }

    private var feeds: [Feed] = []
    /// Where each is in `feeds`.
    private var places: [FeedName: Int] = [:]
    private var placesByNumber: [Int64: Int] = [:]
    /// Where the common feed is, whose end stands in each row of the others.
    private var commonPlace: Int?
    private let insertRow, insertFeed, insertMember, deleteMember, members, heads, history: Statement
    private let setSince, setBase: Statement

    init(_ connection: Connection) throws(LogFailure) {
        insertRow = try connection.prepare(
            """
            INSERT INTO feedRows(feed, fseq, kind, stream, position, history, common, chain)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        insertFeed = try connection.prepare("INSERT INTO feeds(name, base) VALUES (?1, 0) RETURNING no")
        insertMember = try connection.prepare("INSERT INTO membership(stream, feed, since) VALUES (?1, ?2, ?3)")
        deleteMember = try connection.prepare("DELETE FROM membership WHERE stream = ?1 AND feed = ?2")
        members = try connection.prepare("SELECT feed, since FROM membership WHERE stream = ?1")
        setSince = try connection.prepare("UPDATE membership SET since = ?3 WHERE stream = ?1 AND feed = ?2")
        setBase = try connection.prepare("UPDATE feeds SET base = ?2 WHERE no = ?1")
        heads = try connection.prepare(
            """
            SELECT f.no, f.name, r.fseq, r.chain, f.base FROM feeds f LEFT JOIN feedRows r ON r.feed = f.no
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
            keep(Feed(name: name, number: number, cursor: cursor, base: row.integer(4)))
        }
    }

    private mutating func keep(_ feed: Feed) {
        places[feed.name] = feeds.count
        placesByNumber[feed.number] = feeds.count
        if feed.name == .common { commonPlace = feeds.count }
        feeds.append(feed)
    }

    /// The feeds of a stream, sorted.
    func membership(of stream: Int64) throws(LogFailure) -> [FeedMember] {
        members.bind(1, stream)
        var found: [FeedMember] = []
        while try members.step() {
            if let place = placesByNumber[members.integer(0)] {
                found.append(FeedMember(feed: feeds[place].name, since: members.integer(1)))
            }
        }
        return found.sorted { $0.feed < $1.feed }
    }

    /// Whether the stream has no rows in the feed since that began anew.
    func isAsleep(_ member: FeedMember) -> Bool { places[member.feed].map { member.since < feeds[$0].base } ?? false }

    /// Whether a feed gets the history of a stream by an event that is routed so.
    func givesHistory(of stream: StreamState, by routing: Routing) -> Bool {
        stream.members.contains(where: isAsleep) || routing.joins.contains { !stream.isIn($0) }
            || routing.told.contains { !stream.isIn($0) }
    }

    /// Where a feed ends now.
    func head(of feed: FeedName) -> FeedCursor {
        places[feed].map { feeds[$0].cursor } ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
    }

    /// Writes the rows that a stored event asks for: members get the event, or wake if they slept; who leaves gets LEAVE, who
    /// joins gets JOIN and the whole history, this event last, and who is told gets that and LEAVE.
    ///
    /// - Parameters:
    ///   - isNew: false when the members have the event already.
    ///   - wakes: false when the stream cannot be read: where it sleeps it sleeps on.
    mutating func route(
        _ stored: StoredEvent, stream: inout StreamState, by routing: Routing, isNew: Bool = true, wakes: Bool = true
    ) throws(LogFailure) {
        let (number, name) = (stream.number, stored.event.stream)
        let isBase = routing.base.map { head(of: $0.feed) == $0.before } ?? false
        for place in stream.members.indices {
            let member = stream.members[place]
            if isAsleep(member) {
                if wakes { stream.members[place].since = try wake(number, name, in: member.feed) }
            } else if isNew {
                try add(.event, to: member.feed, number, name, stored.position, stored.event.hash)
            }
        }
        guard routing != .stay else { return }
        for feed in routing.leaves.sorted() where stream.isIn(feed) {
            try add(.leave, to: feed, number, name, nil, nil)
            stream.members.removeAll { $0.feed == feed }
            deleteMember.bind(1, number)
            deleteMember.bind(2, feeds[try place(of: feed)].number)
            try deleteMember.run()
        }
        for feed in routing.joins.sorted() where !stream.isIn(feed) {
            let since = try join(feed, number, name)
            stream.members.append(FeedMember(feed: feed, since: since))
            stream.members.sort { $0.feed < $1.feed }
            insertMember.bind(1, number)
            insertMember.bind(2, feeds[try place(of: feed)].number)
            insertMember.bind(3, since)
            try insertMember.run()
        }
        for feed in routing.also.sorted() where !stream.isIn(feed) {
            try add(.event, to: feed, number, name, stored.position, stored.event.hash)
        }
        for feed in routing.told.sorted() where !stream.isIn(feed) {
            _ = try join(feed, number, name)
            try add(.leave, to: feed, number, name, nil, nil)
        }
        if isBase, let base = routing.base {
            let place = try place(of: base.feed)
            feeds[place].base = base.before.fseq + 1
            setBase.bind(1, feeds[place].number)
            setBase.bind(2, feeds[place].base)
            try setBase.run()
        }
    }

    /// Gives a stream its rows in a feed in which it sleeps.
    ///
    /// - Returns: the row of its JOIN.
    mutating func wake(_ stream: Int64, _ name: StreamName, in feed: FeedName) throws(LogFailure) -> Int64 {
        let since = try join(feed, stream, name)
        setSince.bind(1, stream)
        setSince.bind(2, feeds[try place(of: feed)].number)
        setSince.bind(3, since)
        try setSince.run()
        return since
    }

    /// JOIN and the whole history.
    ///
    /// - Returns: the row of JOIN.
    private mutating func join(_ feed: FeedName, _ stream: Int64, _ name: StreamName) throws(LogFailure) -> Int64 {
        var events: [(position: Int64, hash: Digest)] = []
        history.bind(1, stream)
        let history = history
        try history.forEach { row throws(LogFailure) in
            guard let hash = row.digest(1) else {
                throw .corrupt(table: "events", position: row.integer(0), detail: "hash is not 32 bytes")
            }
            events.append((row.integer(0), hash))
        }
        try add(.join, to: feed, stream, name, nil, nil, history: Int64(events.count))
        let since = head(of: feed).fseq
        for (position, hash) in events { try add(.event, to: feed, stream, name, position, hash) }
        return since
    }

    private mutating func add(
        _ kind: FeedRow.Kind, to feed: FeedName, _ stream: Int64, _ name: StreamName, _ position: Int64?,
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
        insertRow.bind(4, stream)
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
