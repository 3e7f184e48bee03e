import Events
import PowerLossSupport
import Testing

@testable import Log

/// When the writer checkpoints: between answers where it can, at a bound where it must.
@Suite("Checkpoints while nobody waits") struct RestTests {
    private static func log(_ folder: TemporaryFolder, _ recorder: Recorder, frames: Int32) throws -> SQLiteLog {
        let log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(1),
            audience: NoAudience(), vfs: recorder.name, checkpointFrames: frames)
        try log.copyWAL(emptied: true)
        return log
    }

    /// One commit of one large event.
    private static func append(_ number: Int, to log: SQLiteLog) throws {
        let now = Timestamp(milliseconds: Int64(number))
        let draft = Draft(
            stream: try StreamName("ticket/\(number)"), type: EventType("ticket.noted"),
            body: ["text": .string(String(repeating: "道路积水", count: 4_000))], occurredAt: now)
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "rest", String(number)),
                    actor: Actor(account: "wang", role: "agent", unit: "centre"), now: now, drafts: [draft]))
        }
    }

    /// Marks that were followed by a write to the database file before the next mark.
    private static func commitsWithCheckpoint(_ recorder: Recorder) throws -> Int {
        let trace = try recorder.trace()
        let database = try #require(trace.file(endingIn: "log.sqlite"))
        var commits: Set<Int64> = []
        var current: Int64 = 0
        for operation in trace.operations {
            switch operation {
            case .mark(let number): current = number
            case .write(database, _, _) where current > 0: commits.insert(current)
            case _: break
            }
        }
        return commits.count
    }

    /// Commits one large event at a time, up to 60, and counts those made before the database file is first written.
    ///
    /// - Parameter rest: runs after each commit.
    private func commitsBeforeCheckpoint(_ rest: (SQLiteLog) -> Void) throws -> Int {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "rest-\(folder.path)", limit: 1 << 26)
        let log = try RestTests.log(folder, recorder, frames: 320)
        for number in 1...60 {
            recorder.mark(Int64(number))
            try RestTests.append(number, to: log)
            rest(log)
        }
        let trace = try recorder.trace()
        let database = try #require(trace.file(endingIn: "log.sqlite"))
        var commits = 0
        for operation in trace.operations {
            switch operation {
            case .mark: commits += 1
            case .write(database, _, _) where commits > 0: return commits
            case _: break
            }
        }
        return 61
    }

    @Test("a reader that stays does not make every commit a checkpoint")
    func pinned() throws {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "pinned-\(folder.path)", limit: 1 << 26)
        let log = try RestTests.log(folder, recorder, frames: 40)
        try RestTests.append(1, to: log)
        // Some reader always looks at the commit before: the WAL is copied, and cannot begin anew.
        let reader = try Connection(path: folder.path + "/log.sqlite", mode: .readOnly)
        try reader.execute("BEGIN")
        for number in 2...41 {
            recorder.mark(Int64(number))
            try reader.execute("COMMIT; BEGIN")
            _ = try reader.integer("SELECT count(*) FROM events")
            try RestTests.append(number, to: log)
            log.rest(isIdle: false)
        }
        try reader.execute("COMMIT")
        // Some 10 frames a commit, and a checkpoint for each 30.
        let made = try RestTests.commitsWithCheckpoint(recorder)
        #expect((5...25).contains(made), "\(made) of 40 commits were followed by a checkpoint")
    }

    @Test("an idle writer checkpoints at a sixteenth of the bound, a busy one at three quarters, a commit at the bound")
    func earlier() throws {
        let idle = try commitsBeforeCheckpoint { $0.rest(isIdle: true) }
        let busy = try commitsBeforeCheckpoint { $0.rest(isIdle: false) }
        let bound = try commitsBeforeCheckpoint { _ in }
        #expect(idle < 5)
        #expect(busy > bound / 2)
        #expect(busy < bound)
        #expect(bound <= 60)
    }
}
