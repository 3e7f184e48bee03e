import Events
import Foundation
import Log
import LogContract
import Projections
import Testing

@testable import gridline

/// A street's folder in which bodies were let go, looked at by the commands.
@Suite("A folder with bodies let go") struct PurgedFolderTests {
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private func clean() {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    private func folder() throws -> NodeFolder {
        try NodeFolder.create(
            at: path + "/street", configuration: Configuration(node: NodeID("street"), role: .street, area: ""))
    }

    private func log(_ folder: NodeFolder) throws -> LeavingLog {
        try LeavingLog(LogContract { _, _, _ in try folder.openLog() })
    }

    @Test("verify takes views that are behind what went for what they are, and brings them up")
    func views() throws {
        defer { clean() }
        let folder = try folder()
        var street = try log(folder)
        for number in Int64(1)...2 {
            let name = "ticket/\(number)"
            try street.take([(name, .join(1)), (name, .event(street.event(10 * number, in: name)))])
        }
        try street.take([("ticket/1", .leave)])
        let views = try folder.openViews(unusable: .replace)
        try folder.runner(of: views).catchUp()
        let before = try views.certificate()
        try street.purge()
        #expect(try folder.replay(cut: .known(at: before.position), into: nil).content != before.content)
        #expect(try Verify.bodiesChanged(above: before.position, folder))
        let after = try #require(try Verify.checkViews(folder))
        #expect(after.position > before.position && after.content != before.content)
        #expect(try !Verify.bodiesChanged(above: after.position, folder))
    }

    @Test("its export says of each event whether the body is there, and goes in elsewhere as far as it does")
    func export() throws {
        defer { clean() }
        let folder = try folder()
        var street = try log(folder)
        let events = try (1...2).map { try street.event(10 * $0, in: "ticket/1") }
        try street.take([("ticket/1", .join(2))] + events.map { ("ticket/1", .event($0)) })
        let own = try street.log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "own"), actor: Actor(system: "test", rule: "1"),
                    now: LeavingLog.arrived,
                    drafts: [
                        Draft(
                            stream: events[0].stream, type: EventType("ticket.noted"), body: ["a": .integer(1)],
                            occurredAt: LeavingLog.arrived)
                    ]))
        }
        guard case .appended(let written) = own else { return }
        try street.take([("ticket/1", .leave)])
        try street.purge()
        let stored = try SQLiteReader(path: folder.log).page(.all, .forward, from: 0, limit: 10)
        let file = path + "/events.jsonl"
        try Data(stored.map { $0.event.exportLine + [0x0A] }.joined()).write(to: URL(fileURLWithPath: file))
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.components(separatedBy: "\"bodyGone\":true").count == 3)
        let target = try SQLiteLog(
            path: path + "/other.sqlite", node: NodeID("centre"), incarnation: Incarnation(5), audience: NoAudience())
        let counts = try EventImport.run(file: file, into: target, clock: SystemClock()) { _, _ in }
        #expect(counts.bodiesGone == 2 && counts.taken == 2 && counts.problems.isEmpty)
        #expect(try target.reader.event(written[0].event.id)?.event == written[0].event)
        // The other way round the same import fills what is gone here.
        let whole = path + "/whole.jsonl"
        try Data(events.map { $0.exportLine + [0x0A] }.joined()).write(to: URL(fileURLWithPath: whole))
        guard let here = street.log as? SQLiteLog else { return }
        let back = try EventImport.run(file: whole, into: here, clock: SystemClock()) { _, _ in }
        #expect(back.taken == 2)
        #expect(try street.bodies("ticket/1").allSatisfy(\.isHere))
        #expect(try Verifier.verify(path: folder.log, audience: NoAudience()).problems.isEmpty)
    }
}
