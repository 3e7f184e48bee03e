import CSQLite
import Events
import LogContract
import Testing

@testable import Log

/// What of a street's log may be NULL, by what it says itself; and by which indexes what left is found.
@Suite("Bodies that were let go") struct PurgeVerifyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/log.sqlite"
    }

    private func open() throws -> LeavingLog {
        let path = path
        return try LeavingLog(
            LogContract { try SQLiteLog(path: path, node: $0, incarnation: Incarnation($1), audience: $2) })
    }

    private func tamper(_ sql: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(sql)
        try connection.checkpoint(.truncate)
    }

    private func verify() throws -> VerifyReport { try Verifier.verify(path: path, audience: NoAudience()) }

    /// Two streams that left, one of them with an own event, one that stays; then `change`.
    private func make(_ change: (inout LeavingLog) throws -> Void = { _ in }) throws {
        var street = try open()
        for number in Int64(1)...3 {
            let name = "ticket/\(number)"
            try street.take([
                (name, .join(2)), (name, .event(street.event(10 * number, in: name))),
                (name, .event(street.event(10 * number + 5, in: name))),
            ])
        }
        let stream = try StreamName("ticket/1")
        let now = LeavingLog.arrived
        _ = try street.log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "own"), actor: Actor(system: "test", rule: "1"), now: now,
                    drafts: [Draft(stream: stream, type: EventType("ticket.noted"), body: [:], occurredAt: now)]))
        }
        try street.take([("ticket/1", .leave), ("ticket/2", .leave)])
        try street.purge()
        try change(&street)
    }

    @Test("a log that let go by right is whole, also with a JOIN that is here by half and behind a rewind")
    func whole() throws {
        try make { street in
            #expect(try verify().problems == [])
            #expect(try verify().letGo == 4)
            let end = street.end
            try street.take([("ticket/2", .join(2)), ("ticket/2", .event(street.event(20, in: "ticket/2")))])
            var report = try verify()
            #expect(report.problems == [] && report.letGo == 2 && report.wanted.count == 1)
            try street.take([("ticket/2", .event(street.event(25, in: "ticket/2")))])
            report = try verify()
            #expect(report.problems == [] && report.letGo == 2 && report.wanted.isEmpty)
            try street.take([("ticket/2", .leave)])
            #expect(try street.purge().count == 1)
            #expect(try verify().problems == [])
            try street.rewind(to: end)
            report = try verify()
            #expect(report.problems == [] && report.letGo == 2 && report.wanted.count == 2)
            _ = try street.log.write { try $0.miss(report.wanted.first ?? 0, now: LeavingLog.arrived) }
            #expect(try verify().problems == [])
            #expect(try verify().wanted.count == 2)
        }
        #expect(try verify().problems == [])
    }

    /// Position 1 and 2 are of ticket 1 and gone, 5 and 6 of ticket 3 and here, 7 is the node's own.
    static let tamperings: [(sql: String, table: String)] = [
        ("UPDATE events SET body = NULL WHERE position = 5", "events"),
        ("UPDATE events SET body = NULL WHERE position = 7", "events"),
        ("DELETE FROM letGo WHERE position = 1", "events"),
        ("UPDATE events SET body = '{\"text\":\"10\"}' WHERE position = 1", "letGo"),
        ("UPDATE events SET sealed = x'01' WHERE position = 1", "letGo"),
        (
            "UPDATE events SET body = NULL WHERE position = 5; INSERT INTO letGo SELECT 5, stream, 1, 10, 0 FROM events WHERE position = 5",
            "letGo"
        ),
        ("UPDATE events SET body = NULL WHERE position = 5; INSERT INTO letGo SELECT 5, 1, 1, 10, 0", "letGo"),
        (
            "UPDATE events SET body = NULL WHERE position = 7; INSERT INTO letGo SELECT 7, stream, 1, 10, 0 FROM events WHERE position = 7",
            "letGo"
        ),
        (
            """
            UPDATE events SET body = '{"text":"10"}' WHERE position = 1; DELETE FROM letGo WHERE position = 1;
            UPDATE events SET body = NULL WHERE position = 7; INSERT INTO letGo SELECT 7, stream, 1, 10, 0 FROM events
                WHERE position = 7
            """, "letGo"
        ),
        ("INSERT INTO letGo SELECT 5, stream, 1, 10, 0 FROM events WHERE position = 5", "letGo"),
        ("INSERT INTO letGo SELECT 99, stream, 1, 10, 0 FROM events WHERE position = 5", "letGo"),
        ("UPDATE letGo SET row = 3 WHERE position = 1", "letGo"),
        ("UPDATE letGo SET state = 2 WHERE position = 1", "letGo"),
    ]

    @Test("a body that is gone without a word, or by a word that does not hold, is found", arguments: tamperings)
    func tampering(sql: String, table: String) throws {
        try make()
        try tamper(sql)
        let report = try verify()
        #expect(report.problems.first?.table == table, "\(report.problems)")
    }

    @Test("what came again above the LEAVE is not to be gone")
    func cameAgain() throws {
        try make { street in
            try street.take([
                ("ticket/2", .join(2)), ("ticket/2", .event(street.event(20, in: "ticket/2"))),
                ("ticket/2", .event(street.event(25, in: "ticket/2"))),
            ])
        }
        try tamper(
            "UPDATE events SET body = NULL WHERE position = 3; INSERT INTO letGo SELECT 3, stream, 1, 11, 1 FROM events WHERE position = 3"
        )
        #expect(try verify().problems.first?.table == "letGo")
    }

    @Test("a row of a stream that joined again does not count as out")
    func joined() throws {
        try make { street in
            try street.take([("ticket/2", .join(2)), ("ticket/2", .event(street.event(20, in: "ticket/2")))])
        }
        #expect(try verify().problems == [])
        try tamper("UPDATE letGo SET state = 0")
        #expect(try verify().problems.first?.table == "letGo")
    }

    @Test("a centre has none, whatever streets' events say there")
    func centre() throws {
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let other = try LeavingLog(
            LogContract { [folder] in
                try SQLiteLog(path: folder.path + "/other.sqlite", node: $0, incarnation: Incarnation($1), audience: $2)
            })
        let purged = Purged(
            feed: other.feed, stream: try StreamName("ticket/1"), leave: FeedCursor(fseq: 3, chain: .zero), events: 1)
        let request = try purged.request(at: other.log.origin.node, above: 0, now: LeavingLog.arrived)
        guard case .appended(let said) = try other.log.write({ try $0.append(request) }) else { return }
        _ = try log.write {
            try $0.ingest(
                [other.event(1, in: "ticket/1")] + said.map(\.event), dense: false, receivedAt: LeavingLog.arrived)
        }
        #expect(try verify().problems == [])
        try tamper("UPDATE events SET body = NULL WHERE position = 1")
        #expect(try verify().problems.first?.table == "events")
        try tamper("INSERT INTO letGo SELECT 1, stream, 1, 3, 0 FROM events WHERE position = 1")
        #expect(try verify().problems.first?.table == "letGo")
    }

    @Test("a stream that cannot be read for damage keeps none behind it from being found")
    func damagedStream() throws {
        let feed: FeedName
        do {
            var street = try open()
            for number in Int64(1)...3 {
                let name = "ticket/\(number)"
                try street.take([(name, .join(1)), (name, .event(street.event(number, in: name))), (name, .leave)])
            }
            feed = street.feed
        }
        try tamper("UPDATE events SET origin = 99 WHERE position = 2")
        let page = try SQLiteReader(path: path).left(feed, above: 0, rows: 10)
        #expect(page.streams.map(\.stream.text) == ["ticket/1", "ticket/3"])
        #expect(page.looked == 3 && page.through == 9)
        #expect(try !verify().problems.isEmpty)
    }

    @Test("whether others wrote in a stream is looked for in so many of its rows, and what these do not tell is found")
    func ownRows() throws {
        var street = try open()
        let now = LeavingLog.arrived
        for (number, count) in [(Int64(1), 999), (2, 1_001)] {
            let stream = try StreamName("ticket/\(number)")
            for own in 0..<count {
                _ = try street.log.write {
                    try $0.append(
                        AppendRequest(
                            command: CommandID(derivedFrom: "own", stream.text, "\(own)"),
                            actor: Actor(system: "test", rule: "1"), now: now,
                            drafts: [
                                Draft(stream: stream, type: EventType("ticket.noted"), body: [:], occurredAt: now)
                            ]))
                }
            }
            try street.take([(stream.text, .join(0)), (stream.text, .leave)])
        }
        #expect(try street.left().streams.map(\.stream.text) == ["ticket/2"])
    }

    @Test("what left is found by the indexes of LEAVE rows and of moves, and goes through no feed")
    func plans() throws {
        try make()
        let connection = try Connection(path: path, mode: .readOnly)
        func plan(_ sql: String) throws -> String {
            let statement = try connection.prepare("EXPLAIN QUERY PLAN " + sql)
            var lines: [String] = []
            try statement.forEach { lines.append($0.text(3)) }
            return lines.joined(separator: "; ")
        }
        let leaves = try plan(LeftStreamReader.leavesStatement)
        #expect(leaves.contains("SEARCH receivedRows USING INDEX receivedLeaves (feed=? AND fseq>?)"), "\(leaves)")
        let moves = try plan(LeftStreamReader.lastMoveStatement)
        #expect(
            moves.contains("SEARCH receivedRows USING") && moves.contains("receivedMoves (feed=? AND stream=?)"),
            "\(moves)")
        for plan in [leaves, moves] { #expect(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "\(plan)") }
    }

    @Test("a look costs what it looks at, however many rows the feed has")
    func cost() throws {
        var street = try open()
        for number in Int64(1)...40 {
            let name = "ticket/\(number)"
            let events = try (0..<50).map { try street.event(1_000 * number + 2 * $0, in: name) }
            try street.take([(name, .join(50))] + events.map { (name, .event($0)) } + [(name, .leave)])
        }
        let reader = try SQLiteReader(path: path)
        #expect(try reader.left(street.feed, above: 0, rows: 5).streams.count == 5)
        #expect(reader.fullScanSteps <= 64, "\(reader.fullScanSteps)")
    }
}
