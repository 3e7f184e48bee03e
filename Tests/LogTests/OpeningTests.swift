import Events
import Foundation
import Testing

@testable import Log

@Suite("Opening a log") struct OpeningTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/log.sqlite" }
    init() throws { folder = try TemporaryFolder() }

    private func open(_ incarnation: UInt64, node: String = "centre") throws -> SQLiteLog {
        try SQLiteLog(path: path, node: NodeID(node), incarnation: Incarnation(incarnation), audience: NoAudience())
    }

    private func put(_ log: SQLiteLog, _ number: Int) throws -> StoredEvent {
        let draft = Draft(
            stream: try StreamName("ticket/1"), type: EventType("ticket.noted"), body: [:],
            occurredAt: Timestamp(milliseconds: 1))
        let outcome = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "opening", String(number)), actor: Actor(system: "test", rule: "1"),
                    now: Timestamp(milliseconds: 5), drafts: [draft]))
        }
        guard case .appended(let stored) = outcome, let first = stored.first else { throw Mismatch(what: "\(outcome)") }
        return first
    }

    private struct Mismatch: Error { let what: String }

    @Test("the writer commits with synchronous=FULL")
    func synchronous() throws { #expect(try open(1).synchronousLevel() == 2) }

    @Test("a second writer is refused while the first lives, and let in after")
    func oneWriter() throws {
        var first: SQLiteLog? = try open(1)
        let error = #expect(throws: LogFailure.self) { try open(2) }
        #expect(error?.message.description.contains("another process") == true)
        _ = try first?.reader.head()
        first = nil
        #expect(throws: Never.self) { _ = try open(3) }
    }

    @Test("each opening is a new incarnation whose first event follows the last of the one before")
    func incarnations() throws {
        let one = try put(open(1), 1)
        let two = try put(open(2), 2)
        #expect(one.event.previous == .zero)
        #expect(
            two.event.id
                == EventID(origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(2)), sequence: 1))
        #expect(two.event.previous == one.event.hash)
        #expect(two.event.basis == Basis([one.event.id]))
        #expect(two.event.hlc > one.event.hlc)
        #expect(try Verifier.verify(path: path, audience: NoAudience()).problems.isEmpty)
    }

    @Test("another node's log, an earlier or later format and a file that is no log are refused by name")
    func foreignFiles() throws {
        _ = try open(1)
        #expect(
            try #require(throws: LogFailure.self) { try open(2, node: "street1") }.message.description.contains(
                "belongs to node centre"))
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute("PRAGMA user_version = 1")
        #expect(try #require(throws: LogFailure.self) { try open(3) }.message.description.contains("format 1"))
        try connection.execute("PRAGMA user_version = 3")
        #expect(try #require(throws: LogFailure.self) { try open(4) }.message.description.contains("format 3"))
        #expect(throws: LogFailure.self) { try SQLiteReader(path: folder.path + "/absent.sqlite") }
    }

    @Test("readers can neither write nor checkpoint")
    func readersOnlyRead() throws {
        let log = try open(1)
        _ = try put(log, 1)
        let wal = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        do {
            let reader = try log.makeReader()
            #expect(try reader.head().position == 1)
            for sql in [
                "DELETE FROM events", "CREATE TABLE t(x)", "PRAGMA wal_checkpoint(PASSIVE)",
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ] {
                #expect(throws: LogFailure.self, "\(sql)") { try reader.attempt(sql) }
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "-wal")) == wal, "also not when it closes")
    }
}
