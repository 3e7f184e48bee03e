import Events
import Foundation
import GRDB
import Log
import Simulation
import Testing
import Tickets

@testable import Projections

@Suite("Views follow the log") struct RunnerTests {
    private func store(_ log: DiskLog, name: String = "views.sqlite", foldVersion: Int64 = 1) throws -> ViewStore {
        try ViewStore(path: log.folder.path + "/" + name, views: .notes(foldVersion: foldVersion))
    }

    @Test("live in pages of any size, with any cache, equals a rebuild and the fold in memory", arguments: seeds)
    func liveEqualsRebuild(seed: UInt64) throws {
        let log = try DiskLog()
        var workload = NoteWorkload(seed: seed)
        let live = try store(log)
        let runners = try [(1_000, 1_000), (7, 3), (100, 0)].enumerated().map { number, sizes in
            let target = number == 0 ? live : try store(log, name: "live\(number).sqlite")
            return try ViewRunner(store: target, pageSize: sizes.0, cachedStreams: sizes.1, open: log.open)
        }
        for _ in 0..<6 {
            try workload.run(150, into: log)
            for runner in runners { try runner.catchUp() }
        }
        let certificate = try live.certificate()
        for runner in runners { #expect(try runner.store.certificate() == certificate, "seed \(seed)") }

        let rebuilt = log.folder.path + "/rebuilt.sqlite"
        _ = try RebuildFile(path: rebuilt, views: .notes(), open: log.open).run()
        #expect(try ViewStore(path: rebuilt, views: .notes()).certificate() == certificate, "seed \(seed)")
        #expect(try live.contents() == NoteFold.contents(of: log.events()), "seed \(seed)")
        try live.expectSumsHold("seed \(seed)")
        try live.expectTextHolds("seed \(seed)")
        try ViewStore(path: rebuilt, views: .notes()).expectTextHolds("seed \(seed)")
    }

    @Test("the same events in any order, some of them twice, give the same digest", arguments: seeds)
    func anyOrder(seed: UInt64) throws {
        let source = try DiskLog()
        var workload = NoteWorkload(seed: seed)
        try workload.run(300, into: source)
        let events = try source.events()
        var random = Seeded(seed)
        var contents: [Digest] = []
        var digests: [Digest] = []
        for copy in 0..<3 {
            let log = try DiskLog(node: "street\(copy)", incarnation: UInt64(copy))
            let shuffled = events.shuffled(using: &random)
            let runner = try ViewRunner(store: store(log), pageSize: 13, cachedStreams: 5, open: log.open)
            for start in stride(from: 0, to: shuffled.count, by: 70) {
                try log.ingest(Array(shuffled[start..<min(shuffled.count, start + 70)]), at: Int64(start))
                try log.ingest(Array(shuffled[0..<min(shuffled.count, start / 2)]), at: Int64(start))
                try runner.catchUp()
            }
            contents.append(try runner.store.certificate().content)
            digests.append(try runner.store.digest(of: Array(events.map(\.stream).shuffled(using: &random).prefix(5))))
            #expect(
                try runner.store.digest(of: events.map(\.stream))
                    == runner.store.digest(of: events.map(\.stream).reversed()))
        }
        #expect(Set(contents).count == 1, "seed \(seed)")
        let some = try StreamName("note/1")
        let other = try StreamName("note/2")
        let store = try store(source)
        try ViewRunner(store: store, open: source.open).catchUp()
        #expect(try store.certificate().content == contents[0], "seed \(seed)")
        #expect(try store.digest(of: [some]) != store.digest(of: [other]), "seed \(seed)")
    }

    @Test("a file whose pages are damaged is found out by whoever reads it, and made anew from the log")
    func damagedPages() throws {
        let log = try DiskLog()
        var workload = NoteWorkload(seed: 5)
        try workload.run(400, into: log)
        let path = log.folder.path + "/views.sqlite"
        let certificate: ViewCertificate
        do {
            let store = try store(log)
            try ViewRunner(store: store, open: log.open).catchUp()
            certificate = try store.certificate()
            try store.close()
        }
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let size = try file.seekToEnd()
        try #require(size > 8_192 * 4, "\(size)")
        // All pages but the first ones, in which the file says what it is.
        try file.seek(toOffset: 8_192 * 3)
        try file.write(contentsOf: [UInt8](repeating: 0xA5, count: Int(size) - 8_192 * 3))
        try file.close()
        let store = try store(log)
        #expect(store.opening == .kept)
        #expect(try store.startOverIfDamaged() == false, "nobody has looked yet")
        #expect(throws: (any Error).self) { try store.certificate() }
        #expect(try store.startOverIfDamaged())
        #expect(try store.startOverIfDamaged() == false)
        try ViewRunner(store: store, open: log.open).catchUp()
        #expect(try store.certificate() == certificate)
    }

    @Test("views that hang on another log's chain are far behind, however short it is: all of them are made anew")
    func farBehind() throws {
        let (log, other) = (try DiskLog(), try DiskLog(incarnation: 2))
        var workload = NoteWorkload(seed: 6)
        try workload.run(50, into: log)
        let store = try store(log)
        let runner = try ViewRunner(store: store, open: log.open)
        #expect(try runner.isFarBehind(by: 10))
        try runner.catchUp()
        #expect(try !runner.isFarBehind(by: 10))
        try workload.run(50, into: other)
        let exchanged = try ViewRunner(store: store, open: other.open)
        #expect(try exchanged.isFarBehind(by: 1_000))
        try exchanged.catchUp()
        #expect(try store.contents() == NoteFold.contents(of: other.events()))
        #expect(try !exchanged.isFarBehind(by: 0))
    }

    @Test(
        "two that keep up one file, each of its own process, put nothing back that the other has done", arguments: seeds
    )
    func twoRunners(seed: UInt64) throws {
        let log = try DiskLog()
        var workload = NoteWorkload(seed: seed)
        let (first, second) = (try store(log), try store(log))
        let slow = try ViewRunner(store: first, pageSize: 7, open: log.open)
        let fast = try ViewRunner(store: second, open: log.open)
        for _ in 0..<10 {
            try workload.run(30, into: log)
            _ = try slow.step()
            try fast.catchUp()
            _ = try slow.step()
            #expect(try first.checkpoint() == log.log.reader.head(), "seed \(seed): back behind what the other did")
            #expect(try first.contents() == NoteFold.contents(of: log.events()), "seed \(seed)")
        }
        try workload.run(30, into: log)
        try slow.catchUp()
        #expect(try second.contents() == NoteFold.contents(of: log.events()), "seed \(seed)")
    }

    @Test("a change to another spelling of what looks the same is a change, and sums keep the two apart")
    func spellings() throws {
        let log = try DiskLog()
        let store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        let live = try ViewRunner(store: store, open: log.open)
        let (one, other) = ("caf\u{E9}", "cafe\u{301}")
        var number = 0
        func put(_ ticket: Int, _ kind: TicketEventKind, _ body: JSONObject) throws {
            number += 1
            let draft = Draft(
                stream: try StreamName("ticket/\(ticket)"), type: EventType(kind.typeName), body: body,
                occurredAt: Timestamp(milliseconds: Int64(number)))
            try log.put([draft], command: "\(number)", at: Int64(number))
            try live.catchUp()
        }
        for ticket in 1...4 {
            let category = JSON.array([.string(ticket < 3 ? one : other)])
            try put(ticket, .registered, ["channel": .string("web"), "matter": .string("噪音"), "category": category])
        }
        try put(1, .recategorised, ["category": .array([.string(other)]), "reason": .string("更正")])
        let content = try store.certificate().content
        let anew = try ViewStore(
            path: log.folder.path + "/anew.sqlite", views: .gridline(centre: NodeID("centre")))
        _ = try Rebuild(store: anew, open: log.open).run()
        #expect(try anew.certificate().content == content)
        // And all in one transaction of the views, where the sums gather in memory.
        let once = try ViewStore(
            path: log.folder.path + "/once.sqlite", views: .gridline(centre: NodeID("centre")))
        try ViewRunner(store: once, open: log.open).catchUp()
        #expect(try once.certificate().content == content)
    }

    @Test("a stream whose fold fails is named in poison and stops no other, and comes back when it can be folded")
    func poison() throws {
        let log = try DiskLog()
        let runner = try ViewRunner(store: store(log), open: log.open)
        func note(_ stream: String, _ type: String, _ number: Int64) throws -> Draft {
            Draft(
                stream: try StreamName(stream), type: EventType("note.\(type)"),
                body: ["text": .string("一"), "weight": .integer(1)],
                occurredAt: Timestamp(milliseconds: number))
        }
        try log.put([note("note/1", "written", 1), note("note/2", "written", 1)], command: "a", at: 1)
        try runner.catchUp()
        #expect(
            try runner.store.contents()["noteCounts"] == [[.text("none"), .text("open"), .integer(2), .integer(2)]])
        try log.put([note("note/1", "broken", 2), note("note/2", "commented", 2)], command: "b", at: 2)
        try runner.catchUp()
        let contents = try runner.store.contents()
        #expect(contents["poison"]?.count == 1 && contents["poison"]?[0][0] == .text("note/1"))
        #expect(try runner.store.poisonedCount() == 1)
        var lines: [String] = []
        try runner.store.csv(of: "poison") { lines.append($0) }
        #expect(lines.count == 2 && lines[1].contains("note/1"))
        #expect(contents["notes"]?.map { $0[0] } == [.text("note/2")])
        #expect(contents["comments"]?.count == 1)
        try runner.store.expectSumsHold("poison")
        try runner.store.expectTextHolds("poison")
        let rebuilt = try Rebuild(store: runner.store, open: log.open).run()
        #expect(rebuilt.events == 4)
        #expect(try runner.store.contents() == contents)
    }

    @Test("a text that a spreadsheet would calculate is exported as text; numbers, and what is in the middle, stay")
    func formulas() throws {
        let log = try DiskLog()
        let runner = try ViewRunner(store: store(log), open: log.open)
        let texts = [
            "=1+1", "=HYPERLINK(\"http://a\",\"b\")", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a=1", "路灯",
        ]
        for (place, text) in texts.enumerated() {
            let draft = Draft(
                stream: try StreamName("note/\(place)"), type: EventType("note.written"),
                body: ["text": .string(text), "weight": .integer(-3)], occurredAt: Timestamp(milliseconds: 1))
            try log.put([draft], command: "f\(place)", at: Int64(place) + 1)
        }
        try runner.catchUp()
        var lines: [String] = []
        try runner.store.csv(of: "notes") { lines.append($0) }
        let whole = lines.joined(separator: "\n")
        for text in texts.dropLast(2) {
            #expect(whole.contains("'" + text.replacing("\"", with: "\"\"")), "\(text)")
        }
        #expect(whole.contains("a=1") && !whole.contains("'a=1") && !whole.contains("'路灯"))
        #expect(whole.contains("-3") && !whole.contains("'-3"))
    }

    @Test("a step says where the views are, and nothing new writes nothing")
    func progress() throws {
        let log = try DiskLog()
        let runner = try ViewRunner(store: store(log), pageSize: 10, open: log.open)
        #expect(try runner.step() == ViewRunner.Progress(position: 0, head: 0, rowsWritten: 0, rebuilt: nil))
        var workload = NoteWorkload(seed: 3)
        try workload.run(25, into: log)
        let head = try log.log.reader.head().position
        let first = try runner.step()
        #expect(first.position == 10 && first.lag == head - 10 && first.rowsWritten > 0)
        try runner.catchUp()
        #expect(try runner.step() == ViewRunner.Progress(position: head, head: head, rowsWritten: 0, rebuilt: nil))
        #expect(try runner.store.checkpoint() == log.log.reader.head())
    }

    @Test("views of another fold version, another shape, or no views at all are thrown away and made again")
    func mismatch() throws {
        let log = try DiskLog()
        var workload = NoteWorkload(seed: 5)
        try workload.run(60, into: log)
        let first = try store(log)
        #expect(first.opening == .made)
        try ViewRunner(store: first, open: log.open).catchUp()
        let content = try first.certificate().content
        try first.close()
        let kept = try store(log)
        #expect(kept.opening == .kept)
        #expect(try kept.certificate().content == content)
        try kept.close()
        let later = try store(log, foldVersion: 2)
        guard case .discarded(let reason) = later.opening else { throw Mismatch("\(later.opening)") }
        #expect(reason.contains("foldVersion 2"))
        #expect(try later.checkpoint() == .empty)
        try ViewRunner(store: later, open: log.open).catchUp()
        #expect(try later.certificate().content == content)
        try later.close()
        try Array(
            "this is no database, whatever its name says; it goes on for more than a header's length ......."
                .utf8
        ).write(toPath: log.viewsPath)
        let damaged = try store(log)
        guard case .discarded = damaged.opening else { throw Mismatch("\(damaged.opening)") }
        try ViewRunner(store: damaged, open: log.open).catchUp()
        #expect(try damaged.certificate().content == content)
    }

    @Test("a tool that only looks neither makes nor deletes views")
    func refuse() throws {
        let log = try DiskLog()
        func look(_ foldVersion: Int64) throws -> ViewStore {
            try ViewStore(path: log.viewsPath, views: .notes(foldVersion: foldVersion), unusable: .refuse)
        }
        #expect(throws: ViewFailure.self) { try look(1) }
        #expect(!FileManager.default.fileExists(atPath: log.viewsPath))
        _ = try store(log)
        #expect(throws: ViewFailure.self) { try look(2) }
        #expect(try look(1).opening == .kept)
    }

    @Test("a stop does not wait for a rebuild of all views; the next step goes on with it")
    func stopped() throws {
        let first = try DiskLog(incarnation: 1)
        let second = try DiskLog(incarnation: 2)
        var one = NoteWorkload(seed: 8)
        var two = NoteWorkload(seed: 9)
        try one.run(80, into: first)
        try two.run(120, into: second)
        let store = try store(first)
        try ViewRunner(store: store, open: first.open).catchUp()
        let before = try store.certificate()
        let runner = try ViewRunner(store: store, open: second.open)
        runner.isStopping = { true }
        #expect(throws: ViewFailure.stopped(path: Rebuild.path(beside: store.path))) { try runner.step() }
        #expect(try store.certificate() == before)
        runner.isStopping = { false }
        #expect(try runner.step().rebuilt != nil)
        #expect(try store.contents() == NoteFold.contents(of: second.events()))
    }

    @Test("views that do not hang on the log's chain are rebuilt: after a restore, and under another log")
    func otherLog() throws {
        let first = try DiskLog(incarnation: 1)
        let second = try DiskLog(incarnation: 2)
        var one = NoteWorkload(seed: 8)
        var two = NoteWorkload(seed: 9)
        try one.run(80, into: first)
        try two.run(40, into: second)
        let store = try store(first)
        try ViewRunner(store: store, open: first.open).catchUp()
        let shorter = try ViewRunner(store: store, open: second.open).step()
        #expect(shorter.rebuilt?.contains("no such position") == true)
        try ViewRunner(store: store, open: first.open).catchUp()
        var reached: [Int64] = []
        try ViewRunner(store: store, open: second.open).catchUp { reached.append($0) }
        #expect(try reached == [second.log.reader.head().position], "whoever waits is told that the views went back")
        #expect(try store.contents() == NoteFold.contents(of: second.events()))
        let longer = try ViewRunner(store: store, open: first.open).step()
        #expect(longer.rebuilt?.contains("the log's is") == true)
        #expect(try store.contents() == NoteFold.contents(of: first.events()))
        #expect(try store.checkpoint() == first.log.reader.head())
    }
}

struct Mismatch: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
