import CSQLite
import Events
import PowerLossSupport
import Testing

@testable import Log

/// The log's promise on every disk that a power failure could have left: what was acknowledged is there.
@Suite("Durability of the log") struct DurabilityTests {
    private enum Acknowledge { case afterCommit, beforeCommit }

    /// Appends commands in groups of 1 to `group`, and marks each acknowledgement with its position.
    private func record(
        _ commands: Int, group: Int, seed: UInt64, synchronous: String = "FULL",
        acknowledge: Acknowledge = .afterCommit,
        checkpointFrames: Int32 = 2_048
    ) throws -> Trace {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "log-\(folder.path)", limit: 1 << 30)
        var random = SplitMix64(seed: seed)
        do {
            let log = try SQLiteLog(
                path: folder.path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(seed),
                audience: FixtureAudience(),
                vfs: recorder.name, synchronous: synchronous, checkpointFrames: checkpointFrames)
            var sent = 0
            while sent < commands {
                let count = min(Int.random(in: 1...group, using: &random), commands - sent)
                let stored = try log.write { transaction in
                    var stored: [StoredEvent] = []
                    for offset in 0..<count {
                        if case .appended(let events) = try transaction.append(try request(sent + offset, &random)) {
                            stored += events
                        }
                    }
                    if acknowledge == .beforeCommit { for one in stored { recorder.mark(one.position) } }
                    return stored
                }
                if acknowledge == .afterCommit { for one in stored { recorder.mark(one.position) } }
                sent += count
            }
        }
        return try recorder.trace()
    }

    private func request(_ number: Int, _ random: inout SplitMix64) throws -> AppendRequest {
        let text = String(repeating: "道路积水", count: Int.random(in: 1...60, using: &random))
        let draft = Draft(
            stream: try StreamName("ticket/\(number % 97)"),
            type: EventType(number % 7 == 3 ? "ticket.moved" : "ticket.noted"),
            body: ["text": .string(text)], occurredAt: Timestamp(milliseconds: Int64(number)))
        return AppendRequest(
            command: CommandID(derivedFrom: "durability", String(number)),
            actor: Actor(account: "wang", role: "agent", unit: "centre"),
            now: Timestamp(milliseconds: Int64(1_000 + number)), drafts: [draft])
    }

    private func sweep(_ trace: Trace, seed: UInt64, cuts: Cuts, verify: Bool) throws -> SweepReport {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.sqlite"
        let report = try Sweep(seed: seed, cuts: cuts).run(trace, in: folder.path) { acknowledged in
            do {
                let log = try SQLiteLog(
                    path: path, node: NodeID("centre"), incarnation: Incarnation(99), audience: FixtureAudience())
                let head = try log.reader.head().position
                guard head >= acknowledged.last ?? 0 else {
                    return "\(acknowledged.last ?? 0) acknowledged, the log ends at \(head)"
                }
                guard verify else { return nil }
                return try Verifier.verify(path: path, audience: FixtureAudience()).problems.first.map { "\($0)" }
            } catch let failure as LogFailure {
                return failure.message.description
            }
        }
        print(
            "log, power loss: seed \(seed), \(trace.operations.count) operations, \(report.disks) disks, "
                + "\(report.acknowledgementsChecked) acknowledgements checked, \(report.findings.count) findings"
                + (report.findings.first.map { ", first: \($0)" } ?? ""))
        return report
    }

    @Test(
        "10,000 acknowledgements each leave after the sync of their WAL frames returned, and survive a power failure anywhere"
    )
    func tenThousand() throws {
        let seed = Sweep.seed(fallback: 41)
        let trace = try record(10_000, group: 16, seed: seed)
        let wal = try #require(trace.file(endingIn: "-wal"))
        var lastWrite = 0
        var began = 0
        var durable = 0
        var marks = 0
        for (place, operation) in trace.operations.enumerated() {
            switch operation {
            case .write(wal, _, _): lastWrite = place
            case .syncBegan(wal): began = place
            case .syncReturned(wal, true): durable = began
            case .mark:
                #expect(
                    durable > lastWrite, "acknowledged at \(place), but the WAL write at \(lastWrite) was not synced")
                marks += 1
            case .open, .folderSynced, .write, .truncate, .syncBegan, .syncReturned, .delete: break
            }
        }
        #expect(marks == 10_000)
        let report = try sweep(trace, seed: seed, cuts: .sampled(Sweep.cuts(fallback: 60)), verify: false)
        #expect(report.findings == [])
        #expect(report.acknowledgementsChecked > 100_000)
    }

    @Test(
        "every prefix of 10,000 acknowledgements' writes, its last one torn, opens with all that was acknowledged before"
    )
    func everyPrefix() throws {
        let seed = Sweep.seed(fallback: 43)
        // A small WAL: checkpoints and new rounds of the WAL fall into many prefixes.
        let trace = try record(10_000, group: 16, seed: seed, checkpointFrames: 150)
        let folder = try TemporaryFolder()
        let path = folder.path + "/log.sqlite"
        let sweep = Sweep(seed: seed, cuts: .tornWrites(every: Long.isOn ? 1 : 25), onlyReads: true)
        let report = try sweep.run(trace, in: folder.path) { acknowledged in
            guard let last = acknowledged.last else { return nil }
            do throws(LogFailure) {
                let reader = try SQLiteReader(path: path)
                let head = try reader.head()
                guard head.position >= last else { return "\(last) acknowledged, the log ends at \(head.position)" }
                let page = try reader.page(.all, .backward, from: .max, limit: 20)
                return page.allSatisfy { $0.event.computedHash == $0.event.hash } ? nil : "a hash does not hold"
            } catch {
                return error.message.description
            }
        }
        print("every prefix: seed \(seed), \(trace.operations.count) operations, \(report.disks) disks")
        #expect(report.findings == [])
        #expect(report.disks > (Long.isOn ? 30_000 : 1_000))
    }

    @Test(
        "every disk of a short history opens, verifies, and has all that was acknowledged",
        arguments: [1, 20_261_123] as [UInt64])
    func short(seed: UInt64) throws {
        let trace = try record(60, group: 6, seed: seed)
        let report = try sweep(trace, seed: seed, cuts: .all, verify: true)
        #expect(report.findings == [])
        #expect(report.disks > trace.operations.count)
    }

    @Test("synchronous=NORMAL is found to lose acknowledged events")
    func normal() throws {
        let trace = try record(60, group: 4, seed: 5, synchronous: "NORMAL")
        #expect(try !sweep(trace, seed: 5, cuts: .all, verify: false).findings.isEmpty)
    }

    @Test("an acknowledgement before the commit is found")
    func early() throws {
        let trace = try record(60, group: 4, seed: 6, acknowledge: .beforeCommit)
        #expect(try !sweep(trace, seed: 6, cuts: .all, verify: false).findings.isEmpty)
    }

    @Test("a failed sync stops the writer for good, and what was acknowledged is there after reopening")
    func failedSync() throws {
        let folder = try TemporaryFolder()
        let recorder = try Recorder(name: "sync-\(folder.path)")
        var random = SplitMix64(seed: 3)
        var acknowledged: Int64 = 0
        do {
            let log = try SQLiteLog(
                path: folder.path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(1),
                audience: NoAudience(),
                vfs: recorder.name)
            for number in 0..<10 {
                _ = try log.write { try $0.append(request(number, &random)) }
                acknowledged += 1
            }
            recorder.fail(.CSQLITE_FAULT_SYNC, nth: 1, code: CSQLITE_IOERR_FSYNC)
            #expect(throws: LogFailure.self) { try log.write { try $0.append(request(10, &random)) } }
            #expect(throws: LogFailure.self) { try log.write { try $0.append(request(11, &random)) } }
        }
        let log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(2),
            audience: NoAudience())
        #expect(try log.reader.head().position >= acknowledged)
        #expect(try Verifier.verify(path: folder.path + "/log.sqlite", audience: NoAudience()).problems.isEmpty)
    }
}
