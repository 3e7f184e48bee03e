import Events
import LogContract
import Testing

@testable import Log

/// Verify computes feeds that began anew from the events alone, at the hub and at a street that begins behind the base.
@Suite("Feeds that begin anew, verified") struct FeedBaseTests {
    private let folder: TemporaryFolder
    private let hubPath: String
    private let streetPath: String
    private let feed: FeedName
    private let node: NodeID

    /// A hub with a base, a sleeping ticket, one that woke by its event and one that was asked for; a street behind the base.
    init() throws {
        folder = try TemporaryFolder()
        hubPath = folder.path + "/hub.sqlite"
        streetPath = folder.path + "/street.sqlite"
        node = try NodeID("a")
        feed = .node(node)
        let hub = try SQLiteLog(
            path: hubPath, node: NodeID("centre"), incarnation: Incarnation(1), audience: ScriptedAudience())
        func put(_ number: Int, _ type: String, _ tickets: ClosedRange<Int>) throws {
            let drafts = try tickets.map {
                Draft(
                    stream: try StreamName("ticket/\($0)"), type: EventType(type), body: ["n": .integer(Int64($0))],
                    occurredAt: Timestamp(milliseconds: 3))
            }
            _ = try hub.write {
                try $0.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "base", String(number)),
                        actor: Actor(account: "wang", role: "agent", unit: "centre"), now: Timestamp(milliseconds: 4),
                        drafts: drafts))
            }
        }
        let now = Timestamp(milliseconds: 5)
        try put(1, "move.-.a", 1...8)
        try put(2, "noted", 3...8)
        _ = try hub.write { [node, feed] in try $0.rebase(feed, of: node, now: now) }
        try put(3, "noted", 3...3)
        let wake = FeedWake(
            feed: feed, streams: [try StreamName("ticket/4"), try StreamName("ticket/1")],
            progress: FeedWake.Progress(base: try hub.reader.feedHead(feed), below: 1))
        _ = try hub.write { [node] in try $0.wake(wake, of: node, now: now) }
        try put(4, "noted", 1...1)
        let past = try #require(try FeedBase.last(of: feed, node, in: hub.reader)).base.before
        let rows = try hub.reader.rows(of: feed, above: past.fseq, limit: 100)
        let street = try SQLiteLog(path: streetPath, node: node, incarnation: Incarnation(2), audience: NoAudience())
        try street.write { [feed] transaction in
            var kept: [ReceivedRow] = []
            for row in rows {
                var content = ReceivedRow.Content.leave
                if case .join(let history) = row.operation { content = .join(history: history) }
                if case .event(let event) = row.operation {
                    _ = try transaction.ingest([event], dense: false, receivedAt: now)
                    content = .event(event.hash, position: try transaction.position(of: event.id, hash: event.hash))
                }
                kept.append(
                    ReceivedRow(
                        fseq: row.fseq, stream: row.stream, content: content, common: row.common, chain: row.chain))
            }
            try transaction.keep(kept, of: feed)
        }
    }

    private func problems(_ path: String) throws -> [VerifyProblem] {
        let audience: any Audience = path == hubPath ? ScriptedAudience() : NoAudience()
        return try Verifier.verify(path: path, audience: audience).problems
    }

    private func tamper(_ path: String, _ sql: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(sql)
        try connection.checkpoint(.truncate)
    }

    @Test("both sides verify")
    func whole() throws {
        #expect(try problems(hubPath) == [])
        #expect(try problems(streetPath) == [])
    }

    @Test(
        "any change of what sleeps, and of the row behind the base, is found",
        arguments: [
            (true, "UPDATE membership SET since = since + 1 WHERE stream = 5"),
            (true, "UPDATE membership SET since = 1 WHERE stream = 4"),
            (true, "DELETE FROM membership WHERE stream = 6"),
            (true, "UPDATE feeds SET base = 0"),
            (true, "UPDATE feeds SET base = base + 1"),
            (false, "DELETE FROM receivedRows WHERE fseq = (SELECT min(fseq) FROM receivedRows)"),
            (false, "UPDATE receivedRows SET fseq = 1 WHERE fseq = (SELECT min(fseq) FROM receivedRows)"),
            (false, "UPDATE receivedRows SET chain = zeroblob(16) WHERE fseq = (SELECT min(fseq) FROM receivedRows)"),
        ])
    func tampered(isHub: Bool, sql: String) throws {
        let path = isHub ? hubPath : streetPath
        try tamper(path, sql)
        #expect(try problems(path) != [], "not found: \(sql)")
    }

    @Test(
        "a damaged word on what was carried over, or on the base, is told of, and nothing is believed of it",
        arguments: ["body = replace(body, '\"below\":3', '\"below\":0')", "hash = x'00'", "type = 4711"])
    func damagedWords(change: String) throws {
        let hub = try SQLiteLog(
            path: hubPath, node: NodeID("centre"), incarnation: Incarnation(4), audience: ScriptedAudience())
        let base = try #require(try FeedBase.last(of: feed, node, in: hub.reader)).base.before
        for below in [5, 3] as [Int64] {
            let wake = FeedWake(feed: feed, streams: [], progress: FeedWake.Progress(base: base, below: below))
            _ = try hub.write { [node] in try $0.wake(wake, of: node, now: Timestamp(milliseconds: 7)) }
        }
        #expect(try FeedBase.last(of: feed, node, in: hub.reader)?.below == 3)
        let word = try hub.reader.head().position
        func damage(_ position: Int64) throws {
            let connection = try Connection(path: hubPath, mode: .readWrite)
            try connection.execute("UPDATE events SET \(change) WHERE position = \(position)")
        }
        try damage(word)
        let last = try #require(try FeedBase.last(of: feed, node, in: hub.makeReader()))
        #expect(last.below == 5 && last.base.before == base)
        #expect(last.damage.map { if case .corrupt("events", let position, _) = $0 { position } else { 0 } } == [word])
        #expect(try problems(hubPath).first.map { $0.table == "events" && $0.position == word } == true)
        // The word on the base itself.
        let row = try #require(
            try hub.reader.page(.stream(Rewind.stream(of: node)), .forward, from: 0, limit: 1).first)
        try damage(row.position)
        if !change.hasPrefix("body") {
            #expect(throws: LogFailure.self) { try FeedBase.last(of: feed, node, in: hub.makeReader()) }
        }
        #expect(try problems(hubPath).first?.table == "events")
    }

    @Test("a sleeping ticket whose name is damaged is told of, and the others are found")
    func damagedName() throws {
        try tamper(hubPath, "UPDATE streams SET name = '' WHERE name = 'ticket/6'")
        let hub = try SQLiteReader(path: hubPath)
        let page = try hub.sleeping(in: feed, below: .max, limit: 10)
        #expect(page.streams == (try ["ticket/8", "ticket/7", "ticket/5", "ticket/2"].map { try StreamName($0) }))
        #expect(page.numbers.count == 4 && page.damage.count == 1 && page.below == 0)
        // Also at the end of a page.
        let first = try hub.sleeping(in: feed, below: .max, limit: 3)
        #expect(first.streams.count == 2 && first.damage.count == 1)
        let rest = try hub.sleeping(in: feed, below: first.below, limit: 3)
        #expect(rest.streams.count == 2 && rest.damage.isEmpty && rest.below == 0)
    }

    @Test("rows behind a base that are put aside are found as they are told of, and the feed begins again")
    func putAside() throws {
        let street = try SQLiteLog(path: streetPath, node: node, incarnation: Incarnation(3), audience: NoAudience())
        let kept = try street.reader.received(of: feed, above: 0, limit: 100)
        let base = try #require(try FeedBase.kept(of: feed, in: street.reader))
        _ = try street.write { [feed] in try $0.rewind(feed, to: base, now: Timestamp(milliseconds: 9)) }
        let aside = try problems(streetPath)
        #expect(aside == [])
        #expect(try street.reader.cursor(of: feed) == nil)
        try street.write { [feed] in try $0.keep(kept, of: feed) }
        #expect(try problems(streetPath) == [])
    }
}
