import CSQLite
import Events
import PowerLossSupport
import Testing

@testable import Log

/// A disk that is full or fails: an answer is never more than the disk, and never less than the commit.
@Suite("A disk that fails under the log") struct FaultTests {
    private let folder: TemporaryFolder
    private let recorder: Recorder

    init() throws {
        folder = try TemporaryFolder()
        recorder = try Recorder(name: "fault-\(folder.path)", limit: 1 << 30)
    }

    private func open(_ incarnation: UInt64) throws -> SQLiteLog {
        try SQLiteLog(
            path: folder.path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(incarnation),
            audience: NoAudience(), vfs: recorder.name, checkpointFrames: 64)
    }

    /// Appends one event of about `size` bytes.
    private func append(_ number: Int, size: Int = 40_000, to log: SQLiteLog) throws {
        let draft = Draft(
            stream: try StreamName("ticket/\(number % 7)"), type: EventType("ticket.noted"),
            body: ["text": .string(String(repeating: "a", count: size))], occurredAt: Timestamp(milliseconds: 1))
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "fault", String(number)),
                    actor: Actor(account: "wang", role: "agent", unit: "centre"), now: Timestamp(milliseconds: 1),
                    drafts: [draft]))
        }
    }

    /// Appends until the writer has wanted to checkpoint, and returns how many appends were acknowledged.
    private func fillWAL(_ log: SQLiteLog) throws -> Int {
        var number = 0
        while log.checkpointFailure == nil, number < 200 {
            try append(number, to: log)
            number += 1
        }
        return number
    }

    @Test("A checkpoint without room does not fail the commit before it, and later ones go on")
    func fullDatabase() throws {
        let acknowledged: Int
        do {
            let log = try open(1)
            recorder.fail(.CSQLITE_FAULT_WRITE, times: .max, code: SQLITE_FULL, endingIn: "log.sqlite")
            acknowledged = try fillWAL(log)
            #expect(log.checkpointFailure == .full(operation: "checkpoint"))
            try append(acknowledged, to: log)
            #expect(try log.reader.head().position == Int64(acknowledged + 1))
            recorder.fail(.CSQLITE_FAULT_WRITE, times: 0, code: SQLITE_FULL)
        }
        #expect(try open(2).reader.head().position == Int64(acknowledged + 1))
    }

    @Test("A checkpoint whose sync fails stops the writer, and nothing acknowledged is missing after")
    func failedCheckpointSync() throws {
        let acknowledged: Int
        do {
            let log = try open(1)
            recorder.fail(.CSQLITE_FAULT_SYNC, times: .max, code: CSQLITE_IOERR_FSYNC, endingIn: "log.sqlite")
            acknowledged = try fillWAL(log)
            #expect(throws: LogFailure.self) { try append(acknowledged, to: log) }
            recorder.fail(.CSQLITE_FAULT_SYNC, times: 0, code: CSQLITE_IOERR_FSYNC)
            #expect(throws: LogFailure.self, "a disk that failed once is not trusted again") {
                try append(acknowledged, to: log)
            }
        }
        let log = try open(2)
        #expect(try log.reader.head().position == Int64(acknowledged))
    }

    @Test("A commit whose sync fails is not acknowledged, and the writer stops")
    func failedCommitSync() throws {
        do {
            let log = try open(1)
            try append(0, to: log)
            recorder.fail(.CSQLITE_FAULT_SYNC, code: CSQLITE_IOERR_FSYNC, endingIn: "-wal")
            #expect(throws: LogFailure.self) { try append(1, to: log) }
            #expect(throws: LogFailure.self) { try append(2, to: log) }
        }
        // The failed one may or may not have reached the disk; the acknowledged one must be there.
        let log = try open(2)
        #expect(try log.reader.head().position >= 1)
        try append(3, to: log)
    }

    @Test("A full disk refuses the commit, and appending goes on when there is room again")
    func fullWAL() throws {
        let log = try open(1)
        try append(0, to: log)
        recorder.limitSpace(16_384)
        #expect(throws: LogFailure.full(operation: "COMMIT")) { try append(1, to: log) }
        recorder.limitSpace(nil)
        try append(1, to: log)
        #expect(try log.reader.head().position == 2)
    }
}
