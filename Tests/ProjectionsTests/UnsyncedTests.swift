import Events
import Foundation
import GRDB
import Testing

@testable import Projections

@Suite("Views that are not synced") struct UnsyncedTests {
    private let log: DiskLog
    private let before = BootID("11111111-1111-4111-8111-111111111111")
    private let after = BootID("22222222-2222-4222-8222-222222222222")
    private var mark: String { log.viewsPath + ".unsynced" }

    init() throws { log = try DiskLog() }

    private func store(_ boot: BootID?, _ unusable: ViewStore.Unusable = .replace) throws -> ViewStore {
        try ViewStore(path: log.viewsPath, views: .notes(), unusable: unusable, boot: boot)
    }

    /// Views of 200 events whose process ends without closing them.
    private func killed(in boot: BootID?) throws -> ViewCertificate {
        let store = try store(boot)
        var workload = NoteWorkload(seed: 3)
        try workload.run(200, into: log)
        try ViewRunner(store: store, open: log.open).catchUp()
        return try store.certificate()
    }

    private func synchronous(_ store: ViewStore) throws -> Int? {
        try store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    private var isMarked: Bool { FileManager.default.fileExists(atPath: mark) }

    @Test("after a kill the views are kept, after the machine went down they are made anew")
    func boots() throws {
        let certificate = try killed(in: before)
        #expect(isMarked)
        do {
            let kept = try store(before)
            #expect(kept.opening == .kept)
            #expect(try kept.certificate() == certificate)
        }
        let anew = try store(after)
        guard case .discarded(let reason) = anew.opening else { throw Mismatch("\(anew.opening)") }
        #expect(reason.contains("went down"))
        #expect(try anew.checkpoint() == .empty)
        try ViewRunner(store: anew, open: log.open).catchUp()
        #expect(try anew.certificate().content == certificate.content)
        // From here on it is this boot's.
        #expect(try store(after).opening == .kept)
    }

    @Test("a clean stop brings them to the disk, and the next boot keeps them")
    func cleanStop() throws {
        let store = try store(before)
        var workload = NoteWorkload(seed: 4)
        try workload.run(100, into: log)
        try ViewRunner(store: store, open: log.open).catchUp()
        let certificate = try store.certificate()
        try store.close()
        #expect(!isMarked)
        let kept = try self.store(after)
        #expect(kept.opening == .kept)
        #expect(try kept.certificate() == certificate)
        #expect(isMarked)
    }

    @Test("while another process still reads them the stop is no clean one: the WAL holds a part")
    func readElsewhere() throws {
        _ = try killed(in: before)
        let store = try store(before)
        let other = try DatabaseQueue(path: log.viewsPath)
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN")
            _ = try Row.fetchOne(db, sql: "SELECT * FROM meta")
            try store.close()
            try db.execute(sql: "COMMIT")
        }
        #expect(isMarked)
        try other.close()
    }

    @Test("only the node that writes them leaves them unsynced, in every file that it opens")
    func pragma() throws {
        let writing = try store(before)
        #expect(try synchronous(writing) == 0)
        _ = try Rebuild(store: writing, open: log.open).run()
        #expect(try synchronous(writing) == 0)
        let looking = try store(before, .refuse)
        #expect(try synchronous(looking) == 1)
        try looking.close()
        #expect(isMarked)
    }

    @Test("views that were damaged are made anew unsynced too, beside their mark")
    func damaged() throws {
        _ = try killed(in: before)
        try store(before).close()
        let store = try store(before)
        let file = try #require(FileHandle(forUpdatingAtPath: log.viewsPath))
        let size = try file.seekToEnd()
        try #require(size > 8_192 * 4, "\(size)")
        try file.seek(toOffset: 8_192 * 3)
        try file.write(contentsOf: [UInt8](repeating: 0xA5, count: Int(size) - 8_192 * 3))
        try file.close()
        #expect(throws: (any Error).self) { try store.certificate() }
        #expect(try store.startOverIfDamaged())
        #expect(try synchronous(store) == 0)
        #expect(isMarked)
    }

    @Test("no byte of views is written before their mark is on the disk")
    func markFirst() throws {
        try FileManager.default.createDirectory(atPath: mark, withIntermediateDirectories: true)
        #expect(throws: ViewFailure.self) { try store(before) }
        #expect(!FileManager.default.fileExists(atPath: log.viewsPath))
    }

    @Test("a tool that only looks refuses views of an earlier boot, and changes nothing")
    func looking() throws {
        _ = try killed(in: before)
        let bytes = FileManager.default.contents(atPath: log.viewsPath)
        #expect(throws: ViewFailure.unsynced(path: log.viewsPath)) { try store(after, .refuse) }
        #expect(FileManager.default.contents(atPath: log.viewsPath) == bytes)
        #expect(FileManager.default.contents(atPath: mark) == Data(before.text.utf8))
    }

    @Test("where the kernel names no boot they are synced, and a mark of any boot is one too many")
    func unknownBoot() throws {
        let store = try store(nil)
        #expect(try synchronous(store) == 1)
        #expect(!isMarked)
        try store.close()
        #expect(try self.store(nil).opening == .kept)
        _ = try killed(in: before)
        guard case .discarded = try self.store(nil).opening else { throw Mismatch("kept") }
    }

    @Test("a mark that was cut short, or is longer, is none of this boot", arguments: ["", "1111", "long"])
    func tornMark(_ text: String) throws {
        _ = try killed(in: before)
        try Data((text == "long" ? before.text + "\n" : text).utf8).write(to: URL(fileURLWithPath: mark))
        guard case .discarded = try store(before).opening else { throw Mismatch("kept") }
        #expect(FileManager.default.contents(atPath: mark) == Data(before.text.utf8))
        #expect(try store(before).opening == .kept)
    }

    @Test("this kernel names its boot, the same each time")
    func current() throws {
        let boot = try #require(BootID.current)
        #expect(boot.text.count == 36)
        #expect(BootID.current == boot)
    }
}
