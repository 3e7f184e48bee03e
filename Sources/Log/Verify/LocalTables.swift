/// Verify's look at the tables that follow from no event: the log's owner, commands that yielded nothing, the
/// quarantine and the rows of other nodes' feeds.

import Events

struct LocalTables {
    let connection: Connection
    let witnesses: [Witness]

    /// `meta` holds what the writer puts there and nothing else; the owner's name is sealed.
    ///
    /// - Returns: the owner.
    func checkOwner() throws(LogFailure) -> NodeID {
        var meta: [String: String] = [:]
        let statement = try connection.prepare("SELECT key, value FROM meta")
        while try statement.step() { meta[statement.text(0)] = statement.text(1) }
        func broken(_ detail: Words) -> LogFailure { .corrupt(table: "meta", position: 0, detail: detail) }
        for key in meta.keys.sorted() where !["configuration", "node", "format", "place", "seal"].contains(key) {
            throw broken("it has the key \"\(key)\", which no writer puts there")
        }
        guard let node = meta["node"], let owner = try? NodeID(node) else { throw broken("the owner is missing") }
        guard meta["format"] == String(Schema.format) else { throw broken("the format is not \(Schema.format)") }
        guard meta["seal"] == LocalChain.seal(ofNode: node).description else {
            throw broken("the seal is not that of node \(node)")
        }
        return owner
    }

    func checkEmptyCommands() throws(LogFailure) -> (Int64, ChainValue) {
        let statement = try connection.prepare(
            "SELECT no, command, recordedAt, chain, about FROM emptyCommands ORDER BY no")
        var number: Int64 = 0
        var chain = ChainValue.zero
        while try statement.step() {
            number += 1
            guard let command = statement.chain(1), let stored = statement.chain(3), statement.integer(0) == number
            else {
                defer { statement.reset() }
                throw .corrupt(
                    table: "emptyCommands", position: number,
                    detail: "row \(statement.integer(0)) where \(number) was due")
            }
            chain = LocalChain.value(
                after: chain, no: number, command: CommandID(high: command.high, low: command.low),
                recordedAt: Timestamp(milliseconds: statement.integer(2)), about: statement.text(4))
            guard chain == stored else {
                statement.reset()
                throw .corrupt(
                    table: "emptyCommands", position: number,
                    detail: "its chain value does not follow from the rows before")
            }
            for one in witnesses {
                try one.check(
                    "emptyCommands", number, chain, knows: (one.certificate.emptyCommands, one.certificate.emptyRoot))
            }
        }
        for one in witnesses { try one.checkEnd("emptyCommands", number, knows: one.certificate.emptyCommands) }
        return (number, chain)
    }

    func checkQuarantine() throws(LogFailure) -> (Int64, ChainValue) {
        let statement = try connection.prepare(
            "SELECT no, hash, event, origin, sequence, receivedAt, chain FROM quarantine ORDER BY no")
        var number: Int64 = 0
        var chain = ChainValue.zero
        func broken(_ detail: Words) -> LogFailure {
            .corrupt(table: "quarantine", position: number, detail: detail)
        }
        while try statement.step() {
            number += 1
            guard statement.integer(0) == number else { throw broken("row \(statement.integer(0)) stands here") }
            let bytes = statement.bytes(2)
            guard let hash = statement.digest(1), hash == Digest.sha256(bytes) else {
                throw broken("the hash is not that of the bytes")
            }
            if !bytes.starts(with: RottenRow.magic) {
                guard let event = try? Event(canonicalBytes: bytes), statement.integer(4) == event.id.sequence,
                    statement.text(3) == event.id.origin.description
                else { throw broken("the event's id is not that of its bytes") }
            }
            chain = LocalChain.value(
                after: chain, no: number, receivedAt: Timestamp(milliseconds: statement.integer(5)), hash: hash)
            guard statement.chain(6) == chain else {
                throw broken("its chain value does not follow from the rows before")
            }
            for one in witnesses {
                try one.check(
                    "quarantine", number, chain, knows: (one.certificate.quarantined, one.certificate.quarantineRoot))
            }
        }
        for one in witnesses { try one.checkEnd("quarantine", number, knows: one.certificate.quarantined) }
        return (number, chain)
    }

    /// The rows of each received feed are dense and lead to their chain values; what they name is here.
    func checkReceived() throws(LogFailure) -> [NamedCursor] {
        let feeds = try connection.prepare("SELECT name FROM receivedFeeds ORDER BY name")
        let reader = try ReceivedRowReader(connection)
        let heads = try SignedHeadReader(connection)
        let bases = try FeedBaseReader(connection)
        var cursors: [NamedCursor] = []
        func broken(_ fseq: Int64, _ detail: Words) -> LogFailure {
            .corrupt(table: "receivedRows", position: fseq, detail: detail)
        }
        try feeds.forEach { row throws(LogFailure) in
            guard let feed = try? FeedName(row.text(0)) else { throw broken(0, "\"\(row.text(0))\" is no feed's name") }
            var cursor = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
            while true {
                let rows = try reader.rows(of: feed, above: cursor.fseq, limit: 10_000)
                if cursor.fseq == 0, let first = rows.first, let base = try bases.base(of: feed, at: first) {
                    cursor = base
                }
                for row in rows {
                    guard row.fseq == cursor.fseq + 1 else {
                        throw broken(cursor.fseq + 1, "\(feed): the row is missing")
                    }
                    guard row.chain == row.chain(after: cursor.chain) else {
                        throw broken(row.fseq, "\(feed): the chain does not follow from the rows before")
                    }
                    cursor = row.cursor
                }
                if rows.isEmpty { break }
            }
            cursors.append(NamedCursor(feed, cursor))
            if let head = try heads.head(of: feed), try !stands(NamedCursor(feed, head.cursor), in: "receivedRows") {
                throw SignedHeadReader.malformed(feed, head.cursor.fseq)
            }
        }
        let strayHeads =
            try connection.integer(
                "SELECT count(*) FROM signedHeads WHERE feed NOT IN (SELECT no FROM receivedFeeds)") ?? 0
        guard strayHeads == 0 else {
            throw .corrupt(table: "signedHeads", position: 0, detail: "\(strayHeads) rows are of no feed")
        }
        let stray =
            try connection.integer(
                "SELECT count(*) FROM receivedRows WHERE feed NOT IN (SELECT no FROM receivedFeeds)") ?? 0
        guard stray == 0 else { throw broken(0, "\(stray) rows are of no feed") }
        for one in witnesses {
            // Of a feed that was put aside as a whole and not begun again there is no row to look for.
            for known in one.certificate.cursors where known.cursor.fseq > 0 {
                guard try !wasReceived(known) else { continue }
                let here = cursors.first { $0.feed == known.feed }?.cursor.fseq ?? 0
                guard here >= known.cursor.fseq else {
                    throw broken(here, "\(known.feed) is applied to here; \(one.name) knows \(known.cursor.fseq)")
                }
                throw broken(known.cursor.fseq, "the chain of \(known.feed) is not that of \(one.name)")
            }
        }
        return cursors
    }

    /// Whether a feed's row is here, or was and is put aside.
    private func wasReceived(_ known: NamedCursor) throws(LogFailure) -> Bool {
        for table in ["receivedRows", "supersededRows"] where try stands(known, in: table) { return true }
        return false
    }

    /// Whether a table has a row of a feed with this chain value.
    private func stands(_ known: NamedCursor, in table: String) throws(LogFailure) -> Bool {
        let statement = try connection.prepare(
            """
            SELECT 1 FROM \(table) WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND fseq = ?2 AND chain = ?3
            """)
        statement.bind(1, text: known.feed.text)
        statement.bind(2, known.cursor.fseq)
        statement.bind(3, known.cursor.chain)
        defer { statement.reset() }
        return try statement.step()
    }

    /// The rows that were put aside are those of which this node's events say so, each lot as they say.
    ///
    /// - Parameter told: these events, in their order.
    func checkSuperseded(told: [Event]) throws(LogFailure) {
        let reader = try ReceivedRowReader(connection)
        let bases = try FeedBaseReader(connection)
        func broken(_ position: Int64, _ detail: Words) -> LogFailure {
            .corrupt(table: "supersededRows", position: position, detail: detail)
        }
        var count: Int64 = 0
        for (place, event) in told.enumerated() {
            let number = Int64(place + 1)
            guard let rewind = Rewind(event) else {
                throw broken(number, "\(event.id) does not say what was put aside")
            }
            var last = rewind.common
            while last.fseq < rewind.last.fseq {
                let rows = try reader.aside(number, of: rewind.feed, above: last.fseq)
                guard let first = rows.first else {
                    throw broken(last.fseq + 1, "\(rewind.feed): the row is missing")
                }
                if last.fseq == 0, let base = try bases.base(of: rewind.feed, at: first) {
                    last = base
                    count -= base.fseq
                }
                for row in rows {
                    guard row.fseq == last.fseq + 1, row.chain == row.chain(after: last.chain) else {
                        throw broken(row.fseq, "\(rewind.feed): the row does not follow from the one before")
                    }
                    last = row.cursor
                }
            }
            guard last == rewind.last else { throw broken(last.fseq, "\(rewind.feed): other rows were put aside") }
            count += rewind.last.fseq - rewind.common.fseq
        }
        let stored = try connection.integer("SELECT count(*) FROM supersededRows") ?? 0
        guard stored == count else { throw broken(0, "\(stored) rows in all, the events ask for \(count)") }
    }
}
