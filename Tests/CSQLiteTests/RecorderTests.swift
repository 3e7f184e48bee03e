// The recording VFS itself: what it counts, what it makes fail, and where it stops.

import CSQLite
import PowerLossSupport
import Testing

@Suite struct RecorderTests {
    private let folder: TemporaryFolder
    private let recorder: Recorder

    init() throws {
        folder = try TemporaryFolder()
        recorder = try Recorder(name: "recorder-\(folder.path)")
    }

    @Test func fullSyncsTheWALOnceACommitAndNormalDoesNot() throws {
        var full = try Ledger(in: folder, recorder: recorder, seed: 1, synchronous: "FULL")
        // The first commit also syncs the WAL's header.
        try full.append(1...1)
        let before = recorder.syncs(endingIn: "-wal")
        try full.append(2...201)
        #expect(recorder.syncs(endingIn: "-wal") - before == 200)

        try full.database.execute("PRAGMA synchronous = NORMAL")
        try full.append(202...401)
        #expect(recorder.syncs(endingIn: "-wal") - before == 200)
    }

    @Test func theTraceReproducesTheFilesToTheByte() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 2, checkpointEvery: 16)
        try ledger.append(1...200)
        let trace = try recorder.trace()
        var powerLoss = try PowerLoss(trace)
        powerLoss.advance(to: trace.operations.count)
        let files = powerLoss.files(.firstPending(powerLoss.pendingCount, .whole))
        for name in [Ledger.fileName, "\(Ledger.fileName)-wal"] {
            #expect(files[folder.path(name)] == (try folder.bytes(name)), "\(name) differs")
        }
    }

    @Test func aChunkedFileIsTracedWithTheSizeItReallyHas() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 2, checkpointEvery: 16)
        #expect(unsafe csqlite_chunk_size(ledger.database.handle, "main", 1 << 18) == SQLITE_OK)
        #expect(unsafe csqlite_size_hint(ledger.database.handle, "main", 1 << 17) == SQLITE_OK)
        try ledger.append(1...200)
        let trace = try recorder.trace()
        var powerLoss = try PowerLoss(trace)
        powerLoss.advance(to: trace.operations.count)
        let files = powerLoss.files(.firstPending(powerLoss.pendingCount, .whole))
        #expect(files[folder.path(Ledger.fileName)] == (try folder.bytes(Ledger.fileName)))
        #expect(files[folder.path(Ledger.fileName)]?.count == 1 << 18)
    }

    @Test func aTraceThatReachesItsLimitSaysSoAndTheDatabaseGoesOn() throws {
        let small = try Recorder(name: "small-\(folder.path)", limit: 100_000)
        var ledger = try Ledger(in: folder, recorder: small, seed: 1)
        try ledger.append(1...100)
        #expect(small.overflowed)
        #expect(throws: PowerLossFailure.self) { try small.trace() }
        #expect(try ledger.database.integer("SELECT count(*) FROM entries") == 100)
        small.reset()
        #expect(!small.overflowed && small.count == 0)
        ledger.database.close()
    }

    @Test func aNameIsTakenOnceAndFreedWithItsRecorder() throws {
        #expect(throws: PowerLossFailure.cannotRegister(vfs: recorder.name)) { try Recorder(name: recorder.name) }
        do { _ = try Recorder(name: "once-\(folder.path)") }
        _ = try Recorder(name: "once-\(folder.path)")
    }

    @Test func marksAndWritesOfSeveralThreadsAllEnterTheTrace() async throws {
        let recorder = recorder
        let path = folder.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    let database = try RawDatabase(path: "\(path)/\(thread).sqlite", vfs: recorder.name)
                    try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t(a)")
                    for number in 0..<100 {
                        try database.execute("INSERT INTO t VALUES (\(number))")
                        recorder.mark(Int64(thread * 1_000 + number))
                    }
                }
            }
            try await group.waitForAll()
        }
        let marks = try recorder.trace().marks
        #expect(marks.count == 400)
        for thread in 0..<4 {
            let own = marks.filter { $0 / 1_000 == Int64(thread) }
            #expect(own == own.sorted())
        }
    }

    // MARK: Faults

    @Test func theNthSyncFailsWithTheCodeItWasGiven() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 1)
        try ledger.append(1...3)
        recorder.fail(.CSQLITE_FAULT_SYNC, nth: 3, code: CSQLITE_IOERR_FSYNC, endingIn: "-wal")
        try ledger.append(4...5)
        #expect(throws: SQLiteError(code: CSQLITE_IOERR_FSYNC)) { try ledger.append(6) }
        #expect(recorder.faults(.CSQLITE_FAULT_SYNC) == 1)
        #expect(try ledger.database.integer("SELECT count(*) FROM entries") == 5)
    }

    @Test func theNthWriteFailsWithAFullDisk() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 1)
        try ledger.append(1...3)
        recorder.fail(.CSQLITE_FAULT_WRITE, nth: 2, code: SQLITE_FULL)
        #expect(throws: SQLiteError(code: SQLITE_FULL)) { try ledger.append(4) }
        #expect(recorder.faults(.CSQLITE_FAULT_WRITE) == 1)
        try ledger.append(4...5)
        #expect(try ledger.database.integer("SELECT count(*) FROM entries") == 5)
    }

    @Test func aReadFailsWithTheCodeItWasGiven() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 1)
        try ledger.append(1...3)
        let second = try RawDatabase(path: folder.path(Ledger.fileName), vfs: recorder.name)
        recorder.fail(.CSQLITE_FAULT_READ, times: .max, code: CSQLITE_IOERR_READ)
        #expect(throws: SQLiteError(code: CSQLITE_IOERR_READ)) { try unsafe second.row("SELECT count(*) FROM entries") }
    }

    @Test func aDiskWithoutRoomRefusesCommitsAndKeepsTheAcknowledgedOnes() throws {
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 9)
        recorder.limitSpace(200_000)
        var number = 1
        #expect(throws: SQLiteError(code: SQLITE_FULL)) {
            while number < 1_000 {
                try ledger.append(number)
                number += 1
            }
        }
        #expect(number > 10)
        #expect(try ledger.database.integer("SELECT count(*) FROM entries") == Int64(number - 1))
        recorder.limitSpace(nil)
        try ledger.append(number...(number + 3))
        let trace = try recorder.trace()
        let disks = try TemporaryFolder()
        let report = try Sweep(seed: 9, cuts: .sampled(60)).run(trace, in: disks.path) { acknowledged in
            try Ledger.problem(in: disks, acknowledged: acknowledged)
        }
        #expect(report.findings == [], "seed 9")
    }
}
