import ArgumentParser
import Events
import Foundation
import Log
import Node
import Projections
import Synchronization
import Testing
import Tickets

@testable import gridline

/// What an auditor gets from a folder, from its backup, and beside a node that goes on.
@Suite("Replays by hand") struct ReplayTests {
    /// A folder in a place of its own.
    private func withFolder(
        _ configuration: Configuration, _ body: (NodeFolder, String) throws -> Void
    ) throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: place) } catch { Issue.record(error) } }
        try body(try NodeFolder.create(at: place + "/node", configuration: configuration), place)
    }

    /// A ticket of the centre, late in the evening of a zone: what views say of it depends on both.
    private func register(_ number: Int, at log: SQLiteLog) throws {
        let now = Timestamp(milliseconds: 1_795_395_600_000)  // 2026-11-22T17:00Z
        let draft = TicketDraft(
            .registered, ["channel": .string("phone"), "matter": .string("路灯不亮")], occurredAt: now
        ).draft(in: try StreamName("ticket/\(number)"))
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "replay", String(number)),
                    actor: Actor(account: "wang", role: "agent", unit: "320507"), now: now, drafts: [draft]))
        }
    }

    @Test("a backup is replayed with its node's centre and zone", arguments: [("street1", 480), ("centre", -480)])
    func backup(node: String, zone: Int) throws {
        var configuration = try Configuration(
            node: NodeID(node), role: node == "centre" ? .central : .street, area: "320507", centre: NodeID("centre"))
        configuration.utcOffsetMinutes = zone
        try withFolder(configuration) { folder, place in
            do { try register(1, at: folder.openLog()) }
            let file = place + "/backup.sqlite"
            try Backup.copy(from: folder.log, to: file, configuration: folder.configurationText())
            let copy = try NodeFolder.orLogFile(file)
            #expect(copy.configuration == folder.configuration)
            let there = try folder.replay(cut: .everything, into: nil)
            let here = try copy.replay(cut: .everything, into: nil)
            #expect(here.content == there.content && here.position == 1)
            // Without the configuration it is another's, so that this test can fail.
            let bare = place + "/bare.sqlite"
            try Backup.copy(from: folder.log, to: bare)
            #expect(try NodeFolder.orLogFile(bare).replay(cut: .everything, into: nil).content != there.content)
        }
    }

    @Test("a replay beside a node that goes on compares one position")
    func beside() throws {
        try withFolder(Configuration(node: NodeID("centre"), role: .central, area: "320507")) { folder, _ in
            do {
                let log = try folder.openLog()
                for number in 1...200 { try register(number, at: log) }
            }
            let views = try folder.openViews(unusable: .replace)
            try folder.runner(of: views).catchUp()
            let isOver = Mutex(false)
            let failure = Mutex<(any Error)?>(nil)
            let ended = DispatchSemaphore(value: 0)
            Thread {
                do {
                    let log = try folder.openLog()
                    var number = 200
                    while !isOver.withLock({ $0 }) {
                        number += 1
                        try register(number, at: log)
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
                ended.signal()
            }.start()
            for _ in 0..<5 {
                let (rebuilt, live) = try Replay.certificates(of: folder, .everything, into: nil)
                #expect(rebuilt.content == live?.content)
                #expect(rebuilt.position == live?.position && rebuilt.position >= 200)
            }
            isOver.withLock { $0 = true }
            ended.wait()
            #expect(failure.withLock { $0 } == nil)
            try views.close()
        }
    }

    @Test("tickets are imported at the centre: a street says so, and takes none")
    func importAtStreet() throws {
        let configuration = try Configuration(
            node: NodeID("street1"), role: .street, area: "320507001", centre: NodeID("centre"))
        try withFolder(configuration) { folder, place in
            let file = place + "/tickets.jsonl"
            try Data("{}\n".utf8).write(to: URL(fileURLWithPath: file))
            let command = try Import.parse([folder.path, file, "--map", "generated"])
            #expect(throws: CommandRefusal.membership(.notCentre(folder.configuration.node))) { try command.run() }
            #expect(try SQLiteReader(path: folder.log).head().position == 0)
        }
    }
}
