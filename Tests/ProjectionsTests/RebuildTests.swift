import Events
import Foundation
import Log
import Simulation
import Testing

@testable import Projections

@Suite("Rebuilds and replays") struct RebuildTests {
    /// A log with more streams than two ranges hold.
    private func wideLog(streams: Int = 2_600) throws -> DiskLog {
        let log = try DiskLog()
        var workload = NoteWorkload(seed: 4, streams: streams)
        try workload.run(6_000, into: log)
        return log
    }

    @Test("a stopped build leaves what is done, and the next one goes on from there")
    func resume() throws {
        let log = try wideLog()
        let whole = RebuildFile(path: log.folder.path + "/whole.sqlite", views: .notes(), open: log.open)
        let expected = try whole.run()
        let path = log.folder.path + "/stopped.sqlite"
        let build = RebuildFile(path: path, views: .notes(), open: log.open)
        for phase in [RebuildProgress.Phase.folding, .indexing, .text] {
            #expect(throws: ViewFailure.stopped(path: path)) { try build.run { $0.phase != phase } }
        }
        // The log goes on; the build still ends where it began, and the runner takes in the rest.
        var more = NoteWorkload(seed: 5, streams: 9_999)
        try more.run(40, into: log)
        let result = try build.run()
        #expect(result.checkpoint == expected.checkpoint)
        #expect(result.events == 0, "all ranges were done before")
        let views = try ViewStore(path: path, views: .notes())
        #expect(views.opening == .kept)
        #expect(try views.certificate() == ViewStore(path: whole.path, views: .notes()).certificate())
        try views.expectTextHolds("resumed")
    }

    @Test("views, live and rebuilt, are their owner's alone: they hold what callers wrote")
    func modes() throws {
        let log = try wideLog(streams: 3)
        let rebuilt = log.folder.path + "/rebuilt.sqlite"
        _ = try RebuildFile(path: rebuilt, views: .notes(), open: log.open).run()
        let live = try ViewStore(path: log.viewsPath, views: .notes())
        for path in [rebuilt, live.path, live.path + "-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(path)")
        }
    }

    @Test("a stream longer than the limit is poison, live and rebuilt alike, and costs no more memory than the limit")
    func giant() throws {
        let log = try DiskLog()
        func note(_ stream: String, _ count: Int, _ name: String) throws {
            for number in 0..<count {
                let draft = Draft(
                    stream: try StreamName(stream), type: EventType("note.written"),
                    body: ["text": .string("\(name) \(number)")], occurredAt: Timestamp(milliseconds: 1))
                try log.put([draft], command: "\(stream) \(name) \(number)", at: 1)
            }
        }
        let views = ViewSet.notes(streamLimit: 10)
        let live = try ViewRunner(store: ViewStore(path: log.viewsPath, views: views), pageSize: 7, open: log.open)
        for (count, poisoned) in [(10, 0), (1, 1), (30, 1)] {
            try note("note/long", count, "round \(count)")
            try note("note/short", 2, "round \(count)")
            try live.catchUp()
            let path = log.folder.path + "/rebuilt \(count).sqlite"
            _ = try RebuildFile(path: path, views: views, open: log.open).run()
            let rebuilt = try ViewStore(path: path, views: views)
            #expect(try live.store.certificate() == rebuilt.certificate())
            let contents = try rebuilt.contents()
            #expect(contents["poison"]?.count == poisoned)
            #expect(contents["notes"]?.count == 2 - poisoned)
        }
    }

    @Test("a build killed between ranges reads only the others again")
    func rangesOnce() throws {
        let log = try wideLog()
        let build = RebuildFile(path: log.folder.path + "/killed.sqlite", views: .notes(), workers: 1, open: log.open)
        var first = 0
        #expect(throws: ViewFailure.self) {
            try build.run {
                first = $0.events
                return false
            }
        }
        let notes = try log.events().count { $0.stream.category == "note" }
        #expect(first > 0 && first < notes)
        #expect(try build.run().events == notes - first)
        #expect(try ViewStore(path: build.path, views: .notes()).contents() == NoteFold.contents(of: log.events()))
    }

    @Test("a process killed in the midst of a build leaves a file that the next one finishes")
    func killed() async throws {
        let log = try wideLog()
        let target = log.folder.path + "/killed.sqlite"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = log.path as String, target = target as String] in
            let build = RebuildFile(path: target, views: .notes(), workers: 1) { try SQLiteReader(path: path) }
            _ = try build.run {
                if $0.streams >= 1_000 { kill(getpid(), SIGKILL) }
                return true
            }
        }
        let build = RebuildFile(path: target, views: .notes(), open: log.open)
        let head = try log.log.reader.head().position
        #expect(try build.run().events < Int(head))
        #expect(try ViewStore(path: target, views: .notes()).contents() == NoteFold.contents(of: log.events()))
        try ViewStore(path: target, views: .notes()).expectTextHolds("killed")
    }

    @Test("an unfinished build of another cut or another log is begun anew")
    func begunAnew() throws {
        let log = try DiskLog()
        let other = try DiskLog(incarnation: 2)
        var one = NoteWorkload(seed: 1)
        var two = NoteWorkload(seed: 2)
        try one.run(100, into: log)
        try two.run(200, into: other)
        let path = log.folder.path + "/build.sqlite"
        #expect(throws: ViewFailure.self) {
            try RebuildFile(path: path, views: .notes(), open: log.open).run { _ in false }
        }
        _ = try RebuildFile(path: path, views: .notes(), open: other.open).run()
        #expect(try ViewStore(path: path, views: .notes()).contents() == NoteFold.contents(of: other.events()))
    }

    @Test("readers see the old views or the new ones while a rebuilt file takes the place")
    func swap() throws {
        let log = try wideLog(streams: 50)
        let store = try ViewStore(path: log.viewsPath, views: .notes())
        try ViewRunner(store: store, open: log.open).catchUp()
        let expected = try store.certificate()
        let stop = Flag()
        let failures = Flag()
        let thread = Thread {
            while !stop.isSet {
                do {
                    if try store.checkpoint() != Checkpoint(position: expected.position, chain: expected.root) {
                        failures.set()
                    }
                } catch {
                    print(error)
                    failures.set()
                }
            }
            stop.finish()
        }
        thread.start()
        for _ in 0..<3 { _ = try Rebuild(store: store, open: log.open).run() }
        stop.set()
        stop.waitUntilFinished()
        #expect(!failures.isSet)
        #expect(try store.certificate() == expected)
        #expect(!FileManager.default.fileExists(atPath: Rebuild.path(beside: store.path)))
    }

    @Test("as of an instant and known at a position give what was live then", arguments: seeds)
    func replay(seed: UInt64) throws {
        let log = try DiskLog()
        let live = try ViewRunner(store: ViewStore(path: log.viewsPath, views: .notes()), open: log.open)
        var workload = NoteWorkload(seed: seed)
        var moments: [(instant: Timestamp, certificate: ViewCertificate)] = []
        for _ in 0..<4 {
            try workload.run(60, into: log)
            try live.catchUp()
            let last = try #require(try log.log.reader.page(.all, .backward, from: .max, limit: 1).first)
            moments.append((last.receivedAt, try live.store.certificate()))
        }
        for (number, moment) in moments.enumerated() {
            func replayed(_ cut: Cut) throws -> ViewCertificate {
                let file = RebuildFile(
                    path: log.folder.path + "/cut\(number).sqlite", views: .notes(), cut: cut, open: log.open)
                _ = try file.run()
                return try file.certificate()
            }
            #expect(try replayed(.known(at: moment.certificate.position)) == moment.certificate, "seed \(seed)")
            let byArrival = try Cut.known(by: moment.instant, in: log.log.reader)
            #expect(byArrival == .known(at: moment.certificate.position), "seed \(seed)")
            #expect(try replayed(.occurred(by: moment.instant)).content == moment.certificate.content, "seed \(seed)")
        }
        #expect(try Cut.known(by: Timestamp(milliseconds: 0), in: log.log.reader) == .known(at: 0))
    }

    @Test("a file of a cut is never taken for running views")
    func cutIsNoView() throws {
        let log = try wideLog(streams: 20)
        _ = try RebuildFile(path: log.viewsPath, views: .notes(), cut: .known(at: 50), open: log.open).run()
        guard case .discarded(let reason) = try ViewStore(path: log.viewsPath, views: .notes()).opening else {
            throw Mismatch("kept")
        }
        #expect(reason.contains("knownAt 50"))
    }
}
