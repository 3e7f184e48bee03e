import Events
import Foundation
import Log
import Projections
import Testing

@testable import gridline

@Suite("Events out and in again") struct EventImportTests {
    private let path: String
    private let file: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        file = path + "/events.jsonl"
    }

    private func clean() {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    private func folder(_ name: String) throws -> NodeFolder {
        try NodeFolder.create(
            at: path + "/" + name, configuration: Configuration(node: NodeID("centre"), role: .central, area: ""))
    }

    /// A node with some tickets, and its export in the file.
    private func exported(_ count: Int) throws -> NodeFolder {
        let folder = try folder("source")
        let log = try folder.openLog()
        var lines: [UInt8] = []
        for number in 0..<count {
            let now = Timestamp(milliseconds: 1_795_000_000_000 + Int64(number))
            let draft = Draft(
                stream: try StreamName("ticket/\(number % 7)"), type: EventType("ticket.progressNoted"),
                body: ["text": .string("第 \(number) 次")], occurredAt: now)
            let request = AppendRequest(
                command: CommandID(derivedFrom: "export", String(number)),
                actor: Actor(account: "wang", role: "agent", unit: "320507"), now: now, drafts: [draft])
            guard case .appended(let stored) = try log.write({ try $0.append(request) }) else { continue }
            for one in stored { lines += one.event.exportLine + [0x0A] }
        }
        try Data(lines).write(to: URL(fileURLWithPath: file))
        return folder
    }

    private func take(_ log: SQLiteLog) throws -> EventImport.Counts {
        try EventImport.run(file: file, into: log, clock: SystemClock()) { _, _ in }
    }

    @Test("a log's export makes another log with the same events and the same views; a second time nothing changes")
    func roundTrip() throws {
        defer { clean() }
        let source = try exported(2_300)
        let target = try folder("target")
        do {
            let log = try target.openLog()
            let first = try take(log)
            #expect(first.taken == 2_300 && first.refused == 0)
            let second = try take(log)
            #expect(second.taken == 0 && second.repeated == 2_300)
        }
        #expect(try Verifier.verify(path: target.log, audience: target.audience).problems.isEmpty)
        let here = try source.replay(cut: .everything, into: nil)
        let there = try target.replay(cut: .everything, into: nil)
        #expect(here.content == there.content)
    }

    @Test("lines of events whose body a street had let go are counted, and what is between them comes in")
    func withoutBodies() throws {
        defer { clean() }
        let source = try exported(10)
        let events = try SQLiteReader(path: source.log).page(.all, .forward, from: 0, limit: 10).map(\.event)
        let lines = events.enumerated().map { $0 % 3 == 1 ? $1.withoutBody() : $1 }.map { $0.exportLine + [0x0A] }
        try Data(lines.joined()).write(to: URL(fileURLWithPath: file))
        let target = try folder("target")
        let log = try target.openLog()
        let counts = try take(log)
        #expect(counts.taken == 7 && counts.bodiesGone == 3 && counts.refused == 0 && counts.problems.isEmpty)
        #expect(counts.json["bodiesGone"] == .integer(3))
        #expect(
            try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event.id)
                == events.enumerated()
                .filter { $0.offset % 3 != 1 }.map(\.element.id))
        // One that neither has a body nor says that it was let go is no event.
        let text = String(decoding: lines[1], as: UTF8.self).replacing("\"bodyGone\":true,", with: "")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(throws: CommandProblem.self) { try take(log) }
    }

    @Test("a changed event is refused by its hash, a line that is no event by its number; what is good stays")
    func damaged() throws {
        defer { clean() }
        _ = try exported(10)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing("第 4 次", with: "第 5 次").write(toFile: file, atomically: true, encoding: .utf8)
        let target = try folder("target")
        let log = try target.openLog()
        #expect(try #require(throws: CommandProblem.self) { try take(log) }.message.description.contains("line 5"))
        #expect(try log.reader.head().position == 4)
        try (text + "{}\n").write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try #require(throws: CommandProblem.self) { try take(log) }.message.description.contains("line 11"))
        #expect(try log.reader.head().position == 10)
    }

    @Test("another event under the same id goes into quarantine, and is told")
    func fork() throws {
        defer { clean() }
        _ = try exported(3)
        let target = try folder("target")
        let log = try target.openLog()
        _ = try take(log)
        let line = try #require(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").last)
        let stood = try Event(exportLine: Array(line.utf8))
        var other = stood
        other.body = .here(Array(#"{"text":"另一条"}"#.utf8))
        try Data(other.chained(to: stood.previous).exportLine).write(to: URL(fileURLWithPath: file))
        let counts = try take(log)
        #expect(counts.quarantined == 1 && counts.taken == 0)
        #expect(counts.problems.count == 1)
    }
}
