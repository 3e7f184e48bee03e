// The last signed end of each received feed, in the street's log: with the rows before it the proof that they are the hub's.

import Events

/// Writes them, in the log's transactions.
struct SignedHeadWriter {
    private let insert, remove, rowChain: Statement
    private let reader: SignedHeadReader

    init(_ connection: Connection) throws(LogFailure) {
        insert = try connection.prepare(
            """
            INSERT OR REPLACE INTO signedHeads(feed, fseq, chain, node, incarnation, clock, signature, seal)
                SELECT no, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM receivedFeeds WHERE name = ?1
            """)
        remove = try connection.prepare(
            "DELETE FROM signedHeads WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1)")
        rowChain = try connection.prepare(
            """
            SELECT chain FROM receivedRows WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND fseq = ?2
            """)
        reader = try SignedHeadReader(connection)
    }

    /// Keeps the end of a feed when its row is here with the same chain value, and none behind it is kept.
    func keep(_ head: SignedHead, of feed: FeedName) throws(LogFailure) {
        if let known = try readable(feed), known.cursor.fseq >= head.cursor.fseq { return }
        rowChain.bind(1, text: feed.text)
        rowChain.bind(2, head.cursor.fseq)
        let isHere = try rowChain.step() && rowChain.chain(0) == head.cursor.chain
        rowChain.reset()
        guard isHere else { return }
        insert.bind(1, text: feed.text)
        insert.bind(2, head.cursor.fseq)
        insert.bind(3, head.cursor.chain)
        insert.bind(4, text: head.hub.node.text)
        insert.bind(5, Int64(bitPattern: head.hub.incarnation.bits))
        insert.bind(6, head.clock.milliseconds)
        insert.bind(7, blob: head.signature)
        insert.bind(8, head.seal(of: feed))
        try insert.run()
    }

    /// Takes the end that stands above a row out of the table: the rows up to it are put aside.
    func take(of feed: FeedName, above fseq: Int64) throws(LogFailure) -> SignedHead? {
        guard let head = try readable(feed), head.cursor.fseq > fseq else { return nil }
        remove.bind(1, text: feed.text)
        try remove.run()
        return head
    }

    /// One that is damaged proves nothing, and a later one takes its place: it may hold up no transaction.
    private func readable(_ feed: FeedName) throws(LogFailure) -> SignedHead? {
        switch try LogFailure.orDamage({ () throws(LogFailure) in try reader.head(of: feed) }) {
        case .success(let head): head
        case .failure: nil
        }
    }
}

/// Reads them; also verify's.
struct SignedHeadReader {
    private let find: Statement

    init(_ connection: Connection) throws(LogFailure) {
        find = try connection.prepare(
            """
            SELECT fseq, chain, node, incarnation, clock, signature, seal FROM signedHeads
                WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1)
            """)
    }

    /// - Throws: `.corrupt` for one that is not as it was written.
    func head(of feed: FeedName) throws(LogFailure) -> SignedHead? {
        find.bind(1, text: feed.text)
        guard try find.step() else { return nil }
        defer { find.reset() }
        guard let chain = find.chain(1), let node = try? NodeID(find.text(2)), let seal = find.chain(6) else {
            throw SignedHeadReader.malformed(feed, find.integer(0))
        }
        let head = SignedHead(
            cursor: FeedCursor(fseq: find.integer(0), chain: chain),
            hub: Origin(node: node, incarnation: Incarnation(UInt64(bitPattern: find.integer(3)))),
            clock: Timestamp(milliseconds: find.integer(4)), signature: find.bytes(5))
        guard head.seal(of: feed) == seal else { throw SignedHeadReader.malformed(feed, head.cursor.fseq) }
        return head
    }

    static func malformed(_ feed: FeedName, _ fseq: Int64) -> LogFailure {
        .corrupt(table: "signedHeads", position: fseq, detail: "\(feed): the signed end is not as it was written")
    }
}
