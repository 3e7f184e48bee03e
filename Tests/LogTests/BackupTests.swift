import CSQLite
import Events
import Foundation
import PowerLossSupport
import Testing

@testable import Log

@Suite("Backup") struct BackupTests {
    @Test("a backup is one synced file that verifies, ends where it says, and is refused a second time")
    func whole() throws {
        let fixture = try Fixture(events: 300)
        let target = fixture.folder.path + "/copy.sqlite"
        let head = try Backup.copy(from: fixture.path, to: target)
        #expect(head == fixture.head)
        let report = try Verifier.verify(path: target, audience: FixtureAudience())
        #expect(report.problems == [] && !report.isRawCopy)
        #expect(report.certificate == fixture.verify().certificate)
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(names.filter { $0.hasPrefix("copy.") } == ["copy.sqlite"])
        #expect(throws: LogFailure.self) { try Backup.copy(from: fixture.path, to: target) }
    }

    @Test("a backup is its owner's alone, also while it is made, and so are a new log, its WAL and a vault")
    func modes() throws {
        let fixture = try Fixture(events: 40)
        let folder = fixture.folder.path
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.posixPermissions] as? Int
        }
        for name in ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm"] { #expect(try mode(name) == 0o600, "\(name)") }
        _ = try Vault(path: folder + "/vault.sqlite")
        #expect(try mode("vault.sqlite") == 0o600)
        var seen: [Int?] = []
        _ = try Backup.copy(from: fixture.path, to: folder + "/copy.sqlite", vfs: nil) { phase in
            do { seen.append(try mode(phase == .named ? "copy.sqlite" : "copy.sqlite.partial")) } catch {
                Issue.record(error)
            }
        }
        #expect(seen == [0o600, 0o600, 0o600, 0o600])
    }

    @Test("beside what another log of the name left, nothing is made", arguments: ["-wal", "-shm", "-journal"])
    func leftover(suffix: String) throws {
        let fixture = try Fixture(events: 40)
        let target = fixture.folder.path + "/copy.sqlite"
        let left = URL(fileURLWithPath: target + suffix)
        let bytes = Data(try CrashImage.record(events: 100, copied: 50, seed: 3).wal)
        try bytes.write(to: left)
        #expect(throws: LogFailure.leftover(path: target + suffix, of: target)) {
            try Backup.copy(from: fixture.path, to: target)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(names.filter { $0.hasPrefix("copy.") } == ["copy.sqlite" + suffix])
        #expect(try Data(contentsOf: left) == bytes)
    }

    @Test("a backup with another log's WAL beside it is told from a log with its own")
    func strayWAL() throws {
        let fixture = try Fixture(events: 40)
        let backup = fixture.folder.path + "/copy.sqlite"
        try Backup.copy(from: fixture.path, to: backup)
        try Backup.checkAlone(backup)
        let image = try CrashImage.record(events: 100, copied: 50, seed: 3)
        try Data(image.wal).write(to: URL(fileURLWithPath: backup + "-wal"))
        #expect(throws: LogFailure.leftover(path: backup + "-wal", of: backup)) { try Backup.checkAlone(backup) }
        let folder = try TemporaryFolder()
        try Backup.checkAlone(try image.write(into: folder.path))
    }

    @Test("a backup on a medium that cannot be written to opens and verifies")
    func readOnlyMedium() throws {
        let fixture = try Fixture(events: 40)
        let folder = fixture.folder.path + "/medium"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let target = folder + "/copy.sqlite"
        try Backup.copy(from: fixture.path, to: target)
        _ = try Verifier.verify(path: target, audience: FixtureAudience())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["copy.sqlite"], "nothing beside it")
    }

    @Test("a backup of a backup opens as a log again and takes events")
    func restored() throws {
        let fixture = try Fixture(events: 40)
        let copy = fixture.folder.path + "/copy.sqlite"
        let restored = fixture.folder.path + "/restored.sqlite"
        try Backup.copy(from: fixture.path, to: copy)
        try Backup.copy(from: copy, to: restored)
        let log = try SQLiteLog(
            path: restored, node: NodeID("centre"), incarnation: Incarnation(9), audience: FixtureAudience())
        #expect(try log.synchronousLevel() == 2)
        #expect(try log.journalMode() == "wal")
        #expect(try log.reader.head() == fixture.head)
    }

    @Test(
        "a process killed in the midst leaves nothing that bears the backup's name until it is whole and synced",
        arguments: [0, 1, 2, 3])
    func killed(place: Int) async throws {
        let fixture = try Fixture(events: 120)
        fixture.close()
        let target = fixture.folder.path + "/copy.sqlite"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [source = fixture.path as String, target = target as String, place = place as Int] in
            var seen = 0
            _ = try Backup.copy(from: source, to: target, vfs: nil) { _ in
                if seen == place { kill(getpid(), SIGKILL) }
                seen += 1
            }
        }
        let isNamed = FileManager.default.fileExists(atPath: target)
        #expect(isNamed == (place == 3), "after \(Backup.Phase.allCases[place])")
        if !isNamed { try Backup.copy(from: fixture.path, to: target) }
        #expect(try Verifier.verify(path: target, audience: FixtureAudience()).problems == [])
    }

    @Test("what SQLite wrote of the copy is synced before it gets its name")
    func synced() throws {
        let fixture = try Fixture(events: 120)
        let recorder = try Recorder(name: "backup-\(fixture.folder.path)")
        var count = 0
        _ = try Backup.copy(from: fixture.path, to: fixture.folder.path + "/copy.sqlite", vfs: recorder.name) { phase in
            if phase == .sealed { count = recorder.count }
        }
        let trace = try recorder.trace()
        let file = try #require(trace.file(endingIn: ".partial"))
        let before = trace.operations.prefix(count)
        let written = try #require(
            before.lastIndex { if case .write(file, _, _) = $0 { true } else { false } })
        let synced = try #require(before.lastIndex(of: .syncBegan(file: file)))
        #expect(written < synced)
        #expect(
            before.last { if case .syncReturned(file, _) = $0 { true } else { false } }
                == .syncReturned(file: file, succeeded: true))
    }
}

/// SQLite before 3.51.3 can lose commits when two connections checkpoint at once: only the writer ever does.
@Suite("Only the writer checkpoints", .serialized) struct CheckpointTests {
    /// What every tool does to a log: read by pages and streams, verify, back up; each alone, since the last connection
    /// that closes is the one that SQLite lets checkpoint.
    private func useAll(_ path: String, vfs: String, round: Int) throws {
        try read(path, vfs: vfs)
        _ = try Verifier.verify(path: path, audience: FixtureAudience(), vfs: vfs)
        _ = try Backup.copy(from: path, to: path + ".copy\(round)", vfs: vfs) { _ in }
    }

    private func read(_ path: String, vfs: String) throws {
        let reader = try SQLiteReader(path: path, vfs: vfs)
        var position: Int64 = 0
        while let last = try reader.page(.all, .forward, from: position, limit: 500).last { position = last.position }
        _ = try reader.streams(
            of: ["ticket", "rule"], after: StreamPlace(number: 0, version: 0), through: reader.lastStreamNumber(),
            upTo: .max, limit: 100_000)
    }

    @Test("beside a loaded writer that checkpoints, readers, verify, export, replay and backup write to neither file")
    func beside() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.sqlite"
        let others = try Recorder(name: "others-\(folder.path)")
        let writers = try Recorder(name: "writer-\(folder.path)", limit: 1 << 30)
        let stop = Flag()
        let started = Flag()
        // So much work a round: a writer that runs as long as slow tools do makes a log that makes them slower.
        let quota = DispatchSemaphore(value: 0)
        quota.signal()
        let thread = Thread {
            do {
                let log = try SQLiteLog(
                    path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: FixtureAudience(),
                    vfs: writers.name, checkpointFrames: 40)
                var number = 0
                while !stop.isSet {
                    if number.isMultiple(of: 600) { quota.wait() }
                    try log.write { transaction in
                        for _ in 0..<5 {
                            number += 1
                            _ = try transaction.append(Self.request(number))
                        }
                    }
                    if number == 200 { started.finish() }
                }
            } catch {
                Issue.record("\(error)")
                started.finish()
            }
            stop.finish()
        }
        thread.start()
        started.waitUntilFinished()
        for round in 0..<(Long.isOn ? 20 : 4) {
            quota.signal()
            try useAll(path, vfs: others.name, round: round)
        }
        stop.set()
        quota.signal()
        stop.waitUntilFinished()
        #expect(writers.writes(endingIn: "log.sqlite") > 0, "the writer never checkpointed: nothing was shown")
        try expectUntouched(others)
    }

    @Test("after the writer died, they leave its WAL and its database file as they are, to the byte")
    func afterDeath() throws {
        let image = try CrashImage.record(events: 100, copied: 50, seed: 3)
        let folder = try TemporaryFolder()
        let path = try image.write(into: folder.path)
        let others = try Recorder(name: "after-\(folder.path)")
        for round in 0..<2 { try useAll(path, vfs: others.name, round: round) }
        try expectUntouched(others)
        let after = try CrashImage(of: path)
        #expect(after.wal == image.wal && after.database == image.database)
    }

    @Test("the recorder would show a checkpoint")
    func control() throws {
        let image = try CrashImage.record(events: 100, copied: 50, seed: 3)
        let folder = try TemporaryFolder()
        let path = try image.write(into: folder.path)
        let others = try Recorder(name: "control-\(folder.path)")
        do {
            // A tool that opens the log the way SQLite does by itself: closing it last checkpoints.
            let careless = try Connection(path: path, mode: .readWrite, vfs: others.name)
            _ = try careless.integer("SELECT count(*) FROM events")
        }
        #expect(others.writes(endingIn: "log.sqlite") > 0)
        #expect(try CrashImage(of: path).wal != image.wal)
    }

    private func expectUntouched(_ others: Recorder) throws {
        #expect(others.writes(endingIn: "log.sqlite") == 0)
        #expect(others.writes(endingIn: "log.sqlite-wal") == 0)
        let trace = try others.trace()
        let changes = trace.operations.filter { operation in
            switch operation {
            case .truncate(let file, _), .delete(let file, _):
                trace.paths[file].hasSuffix("log.sqlite") || trace.paths[file].hasSuffix("log.sqlite-wal")
            case .open, .write, .syncBegan, .syncReturned, .folderSynced, .mark: false
            }
        }
        #expect(changes == [])
    }

    private static func request(_ number: Int) throws -> AppendRequest {
        AppendRequest(
            command: CommandID(derivedFrom: "checkpoint", String(number)),
            actor: Actor(account: "wang", role: "agent", unit: "centre"),
            now: Timestamp(milliseconds: Int64(number)),
            drafts: [
                Draft(
                    stream: try StreamName("ticket/\(number % 50)"), type: EventType("ticket.noted"),
                    body: ["text": .string(String(repeating: "积水", count: number % 60))],
                    occurredAt: Timestamp(milliseconds: Int64(number)))
            ])
    }
}
