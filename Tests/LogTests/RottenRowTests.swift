import Events
import Foundation
import Testing

@testable import Log

/// Rot in each column of a row, and in bytes of the file: its event heals it, and the log is whole again.
@Suite("Rotten rows") struct RottenRowTests {
    private static let position: Int64 = 12

    private let folder: TemporaryFolder
    private let path: String
    private let events: [Event]

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/log.sqlite"
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: FixtureAudience())
        try log.write { transaction in
            for number in 1...20 {
                let draft = Draft(
                    stream: try StreamName("ticket/\(number % 3)"), type: EventType("ticket.noted"),
                    body: ["text": .string("路灯不亮，第 \(number) 件")], occurredAt: Timestamp(milliseconds: 5),
                    causation: EventID(origin: log.origin, sequence: 1), correlation: try StreamName("ticket/9"),
                    sealed: Array(repeating: UInt8(number), count: 60))
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "rot", String(number)),
                        actor: Actor(account: "li", role: "agent", unit: "centre"), now: Timestamp(milliseconds: 10),
                        drafts: [draft]))
            }
        }
        events = try log.reader.page(.all, .forward, from: 0, limit: 100).map(\.event)
    }

    private func tamper(_ sql: String) throws {
        try Connection(path: path, mode: .readWrite).execute(sql)
    }

    private func verify() throws -> VerifyReport {
        try Verifier.verify(path: path, audience: FixtureAudience())
    }

    private func heal(_ event: Event, at position: Int64 = position, opening: UInt64 = 2) throws -> Healing {
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(opening), audience: FixtureAudience())
        return try log.write { try $0.heal(event, at: position, now: Timestamp(milliseconds: 99)) }
    }

    static let rots = [
        "sequence = 4711", "hlc = hlc + 1", "stream = 4711", "type = 9", "actor = 9",
        "basis = x'01'", "basis = x'0101'", "occurredAt = 6", "recordedAt = -1", "command = x'00'",
        "command = zeroblob(16)", "\"index\" = 9", "\"index\" = -1", "causation = NULL", "causation = x'ff'",
        "correlation = NULL", "body = ''", "body = body || ' '", "sealed = NULL", "sealed = x'00'",
        "algorithm = 2", "previous = x'00'", "previous = zeroblob(32)", "hash = x'00'", "hash = zeroblob(32)",
        "body = '', chain = zeroblob(16)", "body = '', receivedAt = 4711",
    ]

    @Test("whatever column rots, verify names the row, and its event heals it", arguments: rots)
    func columns(rot: String) throws {
        let certificate = try verify().certificate
        try tamper("UPDATE events SET \(rot) WHERE position = \(RottenRowTests.position)")
        #expect(try verify().rotten.contains(RottenRowTests.position))
        guard case .healed(let record) = try heal(events[11]) else {
            Issue.record("not healed")
            return
        }
        #expect(Healed(record.event)?.event == events[11].id)
        let reader = try SQLiteReader(path: path)
        #expect(try reader.events(of: events[0].id.origin, above: 0, limit: 100) == events)
        let report = try verify()
        // What is local and rotten as well is the chain's business.
        guard !rot.contains(", ") else {
            #expect(report.rotten == [] && report.problems.map(\.position) == [RottenRowTests.position])
            return
        }
        #expect(report.problems == [] && report.rotten == [])
        #expect(try Verifier.verify(path: path, audience: FixtureAudience(), against: certificate).problems == [])
        #expect(report.certificate.quarantined == 1)
    }

    @Test("an event that follows a row with a rotten hash is not touched once that is healed")
    func innocent() throws {
        try tamper("UPDATE events SET hash = zeroblob(32) WHERE position = \(RottenRowTests.position)")
        #expect(try verify().rotten == [12, 13])
        guard case .healed = try heal(events[11]) else {
            Issue.record("not healed")
            return
        }
        #expect(try heal(events[12], at: 13, opening: 3) == .sound)
        #expect(try verify().problems == [])
    }

    @Test("where neither the hash nor the chain is left to prove it, nothing heals")
    func unproved() throws {
        try tamper(
            "UPDATE events SET hash = zeroblob(32), chain = zeroblob(16) WHERE position = \(RottenRowTests.position)")
        guard case .refused = try heal(events[11]) else {
            Issue.record("healed without a proof")
            return
        }
        try tamper("UPDATE events SET hash = x'00' WHERE position = 13")
        guard case .refused = try heal(events[12], at: 13, opening: 3) else {
            Issue.record("healed without the chain before")
            return
        }
    }

    @Test("bytes of the file, not of a statement: the row heals, and SQLite finds its file whole")
    func bytes() throws {
        let url = URL(fileURLWithPath: path)
        var file = try Data(contentsOf: url)
        let text = try #require(file.range(of: Data("第 12 件".utf8)))
        file[text.lowerBound + 4] ^= 1
        try file.write(to: url)
        #expect(try verify().rotten == [12])
        guard case .healed = try heal(events[11]) else {
            Issue.record("not healed")
            return
        }
        #expect(try verify().problems == [])
    }

    @Test("a row that contradicts its indexes is left as it is, and the log goes on")
    func indexed() throws {
        let url = URL(fileURLWithPath: path)
        var file = try Data(contentsOf: url)
        let command = CommandID(derivedFrom: "rot", "12")
        let bytes = Data(ChainValue(high: command.high, low: command.low).bytes)
        // In the table and in the index: what stands before the body is the table's.
        let body = try #require(file.range(of: Data("第 12 件".utf8)))
        let place = try #require(file.range(of: bytes, options: .backwards, in: file.startIndex..<body.lowerBound))
        file[place.lowerBound] ^= 1
        try file.write(to: url)
        #expect(try verify().problems.contains { $0.table == "file" } && verify().rotten == [12])
        let healing = try heal(events[11])
        if case .healed = healing {
            #expect(try verify().problems == [])
        } else {
            guard case .refused = healing else {
                Issue.record("\(healing)")
                return
            }
            #expect(try SQLiteReader(path: path).head().position == 20)
        }
    }

    @Test("what stood in the row is kept, up to the bound")
    func kept() throws {
        for round in 0..<3 {
            try tamper("UPDATE events SET body = 'rot \(round)' WHERE position = \(RottenRowTests.position)")
            guard case .healed(let record) = try heal(events[11], opening: UInt64(10 + round)) else {
                Issue.record("not healed")
                return
            }
            #expect(Healed(record.event)?.kept == Int64(round + 1))
        }
        let connection = try Connection(path: path, mode: .readOnly)
        let row = try connection.prepare("SELECT event, hash FROM quarantine WHERE no = 2")
        #expect(try row.step())
        let bytes = row.bytes(0)
        #expect(bytes.starts(with: RottenRow.magic) && row.digest(1) == .sha256(bytes))
        #expect(Data(bytes).range(of: Data("rot 1".utf8)) != nil)
        #expect(RottenRow.bytes([.text(Array(repeating: 1, count: 70_000))]).count == 4 + 5 + 65_536)
    }
}
