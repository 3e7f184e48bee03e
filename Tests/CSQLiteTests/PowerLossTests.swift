// SQLite's promise and our use of it, on every disk that a power failure could have left.

import CSQLite
import PowerLossSupport
import Testing

@Suite struct PowerLossTests {
    private static let seeds: [UInt64] = [1, 12_345, 20_261_123]

    /// Runs `commits` commits through a recorder of its own and returns what it saw.
    private func record(
        _ commits: Int, seed: UInt64, synchronous: String = "FULL", checkpointEvery: Int = 0,
        mark: Ledger.Mark = .afterCommit
    ) throws -> Trace {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "recorder-\(folder.path)")
        var ledger = try Ledger(
            in: folder, recorder: recorder, seed: seed, synchronous: synchronous, checkpointEvery: checkpointEvery,
            mark: mark)
        try ledger.append(1...commits)
        ledger.database.close()
        return try recorder.trace()
    }

    private func sweep(_ trace: Trace, seed: UInt64, cuts: Cuts) throws -> SweepReport {
        let folder = try TemporaryFolder()
        let report = try Sweep(seed: seed, cuts: cuts).run(trace, in: folder.path) { acknowledged in
            try Ledger.problem(in: folder, acknowledged: acknowledged)
        }
        print(
            "power loss: seed \(seed), \(trace.operations.count) operations, \(report.disks) disks examined, "
                + "\(report.acknowledgementsChecked) acknowledgements checked, \(report.findings.count) findings"
                + (report.findings.first.map { ", first: \($0)" } ?? ""))
        return report
    }

    @Test func anAcknowledgementLeavesOnlyAfterTheSyncOfItsWALFramesReturned() throws {
        let commits = 500
        let trace = try record(commits, seed: 1, checkpointEvery: 64)
        let wal = try #require(trace.file(endingIn: "-wal"))
        var lastWrite = 0, began = 0, durable = 0, previousMark = 0, marks = 0
        for (place, operation) in trace.operations.enumerated() {
            switch operation {
            case .write(wal, _, _): lastWrite = place
            case .syncBegan(wal): began = place
            case .syncReturned(wal, true): durable = began
            case .mark:
                #expect(lastWrite > previousMark, "mark at \(place) without a WAL write since the one before")
                #expect(durable > lastWrite, "mark at \(place), but the WAL write at \(lastWrite) was not synced")
                previousMark = place
                marks += 1
            default: break
            }
        }
        #expect(marks == commits)
    }

    @Test(arguments: seeds)
    func everyPrefixOfAShortHistoryKeepsWhatWasAcknowledged(seed: UInt64) throws {
        // 12 pages: several checkpoints and WAL restarts within the trace.
        let trace = try record(30, seed: seed, checkpointEvery: 12)
        let report = try sweep(trace, seed: seed, cuts: .all)
        #expect(report.findings == [])
        #expect(report.disks > trace.operations.count)
    }

    @Test func tenThousandCommitsSurviveAPowerFailureAnywhere() throws {
        let seed = Sweep.seed(fallback: 7)
        let trace = try record(10_000, seed: seed, checkpointEvery: 1_000)
        #expect(trace.marks.count == 10_000)
        let report = try sweep(trace, seed: seed, cuts: .sampled(Sweep.cuts(fallback: 120)))
        #expect(report.findings == [])
        #expect(report.acknowledgementsChecked > 100_000)
    }

    // MARK: Planted bugs: the sweep has to find them

    @Test(arguments: seeds)
    func synchronousNormalIsFoundToLoseWhatWasAcknowledged(seed: UInt64) throws {
        let trace = try record(30, seed: seed, synchronous: "NORMAL", checkpointEvery: 12)
        let report = try sweep(trace, seed: seed, cuts: .sampled(60))
        #expect(!report.findings.isEmpty)
    }

    @Test(arguments: seeds)
    func anAcknowledgementBeforeTheCommitIsFound(seed: UInt64) throws {
        let trace = try record(30, seed: seed, checkpointEvery: 12, mark: .beforeCommit)
        let report = try sweep(trace, seed: seed, cuts: .sampled(60))
        #expect(!report.findings.isEmpty)
    }

    @Test func aFailedSyncLosesItsOwnCommitOnlyBecauseSQLiteRewritesTheFrames() throws {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "recorder-\(folder.path)")
        var ledger = try Ledger(in: folder, recorder: recorder, seed: 3)
        try ledger.append(1...5)
        recorder.fail(.CSQLITE_FAULT_SYNC, code: CSQLITE_IOERR_FSYNC, endingIn: "-wal")
        #expect(throws: SQLiteError(code: CSQLITE_IOERR_FSYNC)) { try ledger.append(6) }
        try ledger.append(6...9)
        let report = try sweep(recorder.trace(), seed: 3, cuts: .all)
        #expect(report.findings == [], "SQLite rewrites the frames of the failed commit, so this use of it is sound")
    }
}
