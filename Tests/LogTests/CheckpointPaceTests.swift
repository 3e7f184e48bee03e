import Events
import PowerLossSupport
import Testing

@testable import Log

/// How often the writer checkpoints.
@Suite("The pace of checkpoints") struct CheckpointPaceTests {
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
                    command: CommandID(derivedFrom: "pace", String(number)),
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

    @Test("a reader that stays does not make every commit a checkpoint")
    func pinned() throws {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "pinned-\(folder.path)", limit: 1 << 26)
        let log = try CheckpointPaceTests.log(folder, recorder, frames: 40)
        try CheckpointPaceTests.append(1, to: log)
        // Some reader always looks at the commit before: the WAL is copied, and cannot begin anew.
        let reader = try Connection(path: folder.path + "/log.sqlite", mode: .readOnly)
        try reader.execute("BEGIN")
        for number in 2...41 {
            recorder.mark(Int64(number))
            try reader.execute("COMMIT; BEGIN")
            _ = try reader.integer("SELECT count(*) FROM events")
            try CheckpointPaceTests.append(number, to: log)
        }
        try reader.execute("COMMIT")
        // Some 10 frames a commit, and a checkpoint for each 40.
        let made = try CheckpointPaceTests.commitsWithCheckpoint(recorder)
        #expect((3...20).contains(made), "\(made) of 40 commits were followed by a checkpoint")
    }
}
