import Events
import Foundation
import Log
import Testing

@testable import gridline

@Suite("Comparing two logs") struct CompareTests {
    @Test("a stream is read to its end, however many pages it takes", arguments: [1, 2, 3, 7, 10])
    func pages(size: Int) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let log = try SQLiteLog(
            path: path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let stream = try StreamName("ticket/1")
        var hashes: [String] = []
        for number in 0..<7 {
            let now = Timestamp(milliseconds: Int64(number + 1))
            for (place, name) in [stream, try StreamName("ticket/other")].enumerated() {
                let request = AppendRequest(
                    command: CommandID(derivedFrom: "compare", "\(number) \(place)"),
                    actor: Actor(system: "test", rule: "1"), now: now,
                    drafts: [Draft(stream: name, type: EventType("ticket.noted"), body: [:], occurredAt: now)])
                guard case .appended(let stored) = try log.write({ try $0.append(request) }) else { continue }
                if place == 0 { hashes += stored.map(\.event.hash.description) }
            }
        }
        #expect(hashes.count == 7)
        #expect(try Compare.hashes(stream, log.reader, pageSize: size) == hashes.sorted())
    }
}
