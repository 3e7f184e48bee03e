import CSQLite
import Events
import Foundation
import LogContract
import Testing

@testable import Log

@Suite("Verify") struct VerifyTests {
    @Test("a whole log verifies, and its certificate is its head")
    func whole() throws {
        let log = try Fixture(events: 2_500)
        let report = log.verify()
        #expect(report.problems.isEmpty)
        #expect(report.certificate.position == log.head.position)
        #expect(report.certificate.root == log.head.chain)
        #expect(report.certificate.emptyCommands == 1)
        #expect(!report.isRawCopy)
    }

    /// Each tampering leaves a file that SQLite itself finds whole.
    static let tamperings: [(sql: String, table: String)] = [
        ("UPDATE events SET body = replace(body, 'text', 'tent') WHERE position = 700", "events"),
        ("UPDATE events SET occurredAt = occurredAt + 1 WHERE position = 700", "events"),
        ("UPDATE events SET receivedAt = receivedAt + 1 WHERE position = 700", "events"),
        ("UPDATE events SET actor = 2 WHERE position = 700", "events"),
        ("UPDATE actors SET actor = replace(actor, 'wang', 'wing') WHERE no = 1", "events"),
        ("UPDATE types SET version = '2' WHERE no = 1", "events"),
        ("UPDATE streams SET name = 'ticket/x' WHERE no = 3", "events"),
        ("DELETE FROM events WHERE position = 700", "events"),
        ("DELETE FROM events WHERE position = 1", "events"),
        (
            "UPDATE events SET position = -1 WHERE position = 700; UPDATE events SET position = 700 WHERE position = 701; "
                + "UPDATE events SET position = 701 WHERE position = -1", "events"
        ),
        ("INSERT INTO streams(name) VALUES ('ticket/unused')", "streams"),
        ("DELETE FROM emptyCommands WHERE no = 1", ""),
        ("UPDATE emptyCommands SET recordedAt = 5", "emptyCommands"),
        (
            "INSERT INTO emptyCommands(no, command, recordedAt, about, chain) VALUES (2, x'00112233445566778899aabbccddeeff', 1, '', zeroblob(16))",
            "emptyCommands"
        ),
        ("DELETE FROM feedRows WHERE fseq = (SELECT max(fseq) FROM feedRows)", "feedRows"),
        ("UPDATE feedRows SET common = common + 1 WHERE fseq = 2", "feedRows"),
        ("UPDATE feedRows SET position = 1 WHERE fseq = 5 AND position IS NOT NULL", "feedRows"),
        ("DELETE FROM membership", "membership"),
        ("INSERT OR IGNORE INTO membership SELECT 1, no, 0 FROM feeds LIMIT 1", "membership"),
        ("UPDATE membership SET since = since + 1", "membership"),
        ("UPDATE feeds SET base = 1", "feeds"),
        ("DELETE FROM blockKeys WHERE block = 1", "blockKeys"),
        ("INSERT INTO blockKeys VALUES (2, 'made.up', 0)", "blockKeys"),
        ("UPDATE blockTimes SET occurredTo = occurredTo - 1 WHERE block = 0", "blockTimes"),
        ("DROP INDEX eventsByCommand", "sqlite_schema"),
    ]

    @Test("changed, deleted, swapped and inserted rows are found with their table", arguments: tamperings)
    func tampering(sql: String, table: String) throws {
        let log = try Fixture(events: 2_500)
        let certificate = log.verify().certificate
        try log.tamper(sql)
        let problems = log.verify(against: certificate).problems
        #expect(!problems.isEmpty, "not found: \(sql)")
        if !table.isEmpty { #expect(problems.first?.table == table, "\(problems)") }
    }

    @Test("the first bad row is named")
    func position() throws {
        let log = try Fixture(events: 2_500)
        try log.tamper("UPDATE events SET body = '{}' WHERE position IN (1201, 1900)")
        #expect(log.verify().problems.map(\.position) == [1_201])
    }

    @Test("a cut tail is found by the head note; without it the file is whole, and found against a certificate")
    func cutTail() throws {
        let log = try Fixture(events: 1_000, routed: false)
        let certificate = log.verify().certificate
        try log.tamper("DELETE FROM events WHERE position > 990")
        #expect(log.verify().problems.first?.detail.description.contains("the head note knows 1000") == true)
        try FileManager.default.removeItem(atPath: log.path + ".head")
        #expect(log.verify().problems.isEmpty)
        #expect(log.verify(against: certificate).problems.first?.position == 990)
    }

    @Test("a later log still holds an earlier certificate")
    func growth() throws {
        let log = try Fixture(events: 100)
        let certificate = log.verify().certificate
        try log.append(50)
        #expect(log.verify(against: certificate).problems.isEmpty)
    }

    @Test("a raw copy says so, a backup does not, and both verify when the log was at rest")
    func copies() throws {
        let log = try Fixture(events: 100)
        let backup = log.folder.path + "/backup.sqlite"
        try Backup.copy(from: log.path, to: backup)
        let report = Verifier.report(of: backup)
        #expect(report.problems.isEmpty)
        #expect(!report.isRawCopy)
        #expect(report.certificate == log.verify().certificate)
        #expect(throws: LogFailure.self) { try Backup.copy(from: log.path, to: backup) }
        log.close()
        let raw = log.folder.path + "/raw.sqlite"
        try log.copyFile(to: raw)
        #expect(Verifier.report(of: raw).isRawCopy)
    }
}

extension Verifier {
    fileprivate static func report(of path: String) -> VerifyReport {
        do {
            return try Verifier.verify(path: path, audience: FixtureAudience())
        } catch {
            Issue.record("cannot open \(path): \(error)")
            return VerifyReport()
        }
    }
}

@Suite("Verify against a peer") struct PeerTests {
    @Test("a feed that ends before what a peer has applied, or was written anew, is found by its row")
    func peers() throws {
        let fixture = try Fixture(events: 400)
        fixture.close()
        let feed = FeedName.node(try NodeID("a"))
        let reader = try SQLiteReader(path: fixture.path)
        let head = try reader.feedHead(feed)
        let before = try #require(try reader.rows(of: feed, above: head.fseq - 2, limit: 1).first)
        func problem(_ cursor: FeedCursor) throws -> VerifyProblem? {
            try Verifier.verify(
                path: fixture.path, audience: FixtureAudience(), peer: [NamedCursor(feed, cursor)]
            ).problems.first
        }
        #expect(try problem(head) == nil)
        #expect(try problem(FeedCursor(fseq: before.fseq, chain: before.chain)) == nil)
        #expect(try problem(FeedCursor(fseq: 0, chain: .zero)) == nil)
        let cut = try #require(try problem(FeedCursor(fseq: head.fseq + 1, chain: head.chain)))
        #expect(cut.table == "feedRows" && cut.position == head.fseq)
        let other = try #require(try problem(FeedCursor(fseq: before.fseq, chain: head.chain)))
        #expect(other.table == "feedRows" && other.position == before.fseq)
    }
}
