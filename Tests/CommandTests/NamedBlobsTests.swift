import ArgumentParser
import Events
import Foundation
import Log
import Testing
import Tickets

@testable import gridline

@Suite("A node's photographs against its log") struct NamedBlobsTests {
    private let top: URL
    private let folder: NodeFolder
    private let store: BlobStore

    init() throws {
        top = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-blobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: top, withIntermediateDirectories: true)
        folder = try NodeFolder.create(
            at: top.path + "/centre",
            configuration: try Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        store = folder.blobStore
    }

    /// Records a note that names a photograph; its position.
    private func name(_ blob: Digest) throws -> Int64 {
        let log = try folder.openLog()
        let draft = Draft(
            stream: try StreamName("ticket/1"), type: EventType("ticket.progressNoted"),
            body: ["attachments": .array([Attachment(blob).json])], occurredAt: Timestamp(milliseconds: 1))
        let request = AppendRequest(
            command: CommandID(derivedFrom: "name", blob.description), actor: Actor(system: "test", rule: "1"),
            now: Timestamp(milliseconds: 2), drafts: [draft])
        _ = try log.write { try $0.append(request) }
        return log.head.position
    }

    private func check() throws -> (named: Int, here: Int, missing: Int, problems: [String]) {
        let found = try NamedBlobs.check(folder)
        return (found.named, found.here, found.missing, found.problems.map(\.detail.description))
    }

    @Test("verify finds a photograph whose bytes changed and one that is gone, and knows one that has not come yet")
    func checked() throws {
        defer { remove() }
        let bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]
        let blob = try store.put(bytes).blob
        let position = try name(blob)
        #expect(try check() == (1, 1, 0, []))
        try Data([0xFF, 0xD8]).write(to: URL(fileURLWithPath: store.path(of: blob)))
        #expect(try check() == (1, 0, 0, ["the bytes of \(blob) are not its own"]))
        try FileManager.default.removeItem(atPath: store.path(of: blob))
        #expect(try check() == (1, 0, 1, []), "nobody says that it ever was here")
        func note(_ lines: [String]) throws {
            try store.keep(note: Array((lines + ["end \(lines.count)\n"]).joined(separator: "\n").utf8))
        }
        try note(["gridline blobs 1", "at \(position - 1) -"])
        #expect(try check() == (1, 0, 1, []))
        try note(["gridline blobs 1", "at \(position) -"])
        #expect(try check() == (1, 0, 1, ["\(blob) was here, and is not here any more"]))
        let event = try #require(try SQLiteReader(path: folder.log).page(.all, .forward, from: 0, limit: 1).first).event
        try note(["gridline blobs 1", "at \(position) -", "missing \(blob) \(event.id)"])
        #expect(try check() == (1, 0, 1, []))
    }

    @Test("a backup lists the photographs as sha256sum reads them, and none where there are none")
    func listed() throws {
        defer { remove() }
        let file = top.path + "/one.sqlite"
        try BackupCommand.parse([folder.path, file, "--json"]).run()
        #expect(!FileManager.default.fileExists(atPath: file + ".blobs"))
        let blobs = try (0..<3).map { try store.put([0xFF, 0xD8, 0xFF, UInt8($0)]).blob.description }.sorted()
        try store.add([1], to: .sha256([9]), at: 0)
        let second = top.path + "/two.sqlite"
        try BackupCommand.parse([folder.path, second, "--json"]).run()
        let text = try String(contentsOfFile: second + ".blobs", encoding: .utf8)
        #expect(text == blobs.map { "\($0)  blobs/\($0.prefix(2))/\($0.dropFirst(2))\n" }.joined())
    }

    private func remove() {
        do { try FileManager.default.removeItem(at: top) } catch { Issue.record("\(top.path) stays: \(error)") }
    }
}
