import CSQLite
import Events
import Foundation
import PowerLossSupport
import Testing

@testable import Log

/// Random flips and cuts of the log's files: each changes no answer, or `verify` names table and position.
@Suite("Tampering with the files", .serialized) struct TamperingTests {
    private enum Place: String { case database, wal }
    private enum Verdict: String, CaseIterable { case unchanged, found, missed }

    /// One change of one file.
    private func damage(_ image: CrashImage, _ random: inout SplitMix64) -> (image: CrashImage, what: String) {
        var image = image
        let place: Place = Int.random(in: 0..<5, using: &random) < 3 ? .database : .wal
        var bytes = place == .database ? image.database : image.wal
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let what: String
        switch Int.random(in: 0..<20, using: &random) {
        case 0, 1:
            bytes.removeLast(bytes.count - at)
            what = "cut to \(at)"
        case 2, 3:
            let count = min(Int.random(in: 2...600, using: &random), bytes.count - at)
            bytes.replaceSubrange(at..<at + count, with: random.bytes(count))
            what = "\(count) bytes at \(at) overwritten"
        case 4:
            let sector = at / 512 * 512
            let end = min(sector + 512, bytes.count)
            bytes.replaceSubrange(sector..<end, with: [UInt8](repeating: 0, count: end - sector))
            what = "sector at \(sector) zeroed"
        case 5:
            // Headers are small: a blind throw hardly ever hits one.
            let near = Int.random(in: 0..<min(100, bytes.count), using: &random)
            bytes[near] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            what = "bit in byte \(near) flipped"
        case _:
            bytes[at] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            what = "bit in byte \(at) flipped"
        }
        if place == .database { image.database = bytes } else { image.wal = bytes }
        return (image, "\(place.rawValue): \(what)")
    }

    private func trials(_ count: Int, image: CrashImage, seed: UInt64) throws -> [Verdict: Int] {
        let folder = try TemporaryFolder()
        let untouched = try image.write(into: folder.path)
        let questions = try Answers.Questions(of: untouched)
        let right = Answers.read(untouched, questions: questions)
        let report = try Verifier.verify(path: untouched, audience: FixtureAudience())
        try #require(report.problems.isEmpty, "the untouched log: \(report.problems)")
        var verdicts: [Verdict: Int] = [:]
        var byTable: [String: Int] = [:]
        for trial in 0..<count {
            // Each trial has a seed of its own, so that one can be run alone.
            var random = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(trial))
            let (damaged, what) = damage(image, &random)
            let path = try damaged.write(into: folder.path)
            let problems = try Verifier.verify(path: path, audience: FixtureAudience()).problems
            // What was found may answer anything, as long as the answer is one and no trap.
            let isAsked = problems.isEmpty || trial.isMultiple(of: 8)
            let isRight = isAsked && Answers.read(path, questions: questions) == right
            let verdict: Verdict = !problems.isEmpty ? .found : isRight ? .unchanged : .missed
            verdicts[verdict, default: 0] += 1
            if let first = problems.first { byTable[first.table, default: 0] += 1 }
            if verdict == .missed { Issue.record("missed: seed \(seed), trial \(trial), \(what)") }
            #expect(problems.allSatisfy { !$0.table.isEmpty && $0.position >= 0 }, "seed \(seed), trial \(trial)")
        }
        let tables = byTable.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print(
            "tampering: seed \(seed), \(count) trials on \(image.database.count) + \(image.wal.count) bytes: "
                + Verdict.allCases.map { "\($0.rawValue) \(verdicts[$0] ?? 0)" }.joined(separator: ", ")
                + "; found in \(tables)")
        return verdicts
    }

    @Test("flips and cuts of database and WAL change no answer or are found")
    func flips() throws {
        let seed = Sweep.seed(fallback: 2_311)
        let image = try CrashImage.record(events: 200, copied: 170, seed: seed, emptyWAL: true)
        try #require(image.wal.count > 100_000 && image.database.count > 50_000 && !image.note.isEmpty)
        let verdicts = try trials(Long.isOn ? 9_000 : 1_000, image: image, seed: seed)
        #expect(verdicts[.missed] == nil)
        #expect((verdicts[.found] ?? 0) > (verdicts[.unchanged] ?? 0))
    }

    @Test("in a log with full blocks, too")
    func flipsOfBlocks() throws {
        let seed = Sweep.seed(fallback: 7)
        let image = try CrashImage.record(events: 1_150, copied: 1_100, seed: seed, emptyWAL: true)
        let verdicts = try trials(Long.isOn ? 1_000 : 40, image: image, seed: seed)
        #expect(verdicts[.missed] == nil)
    }

    @Test("a flipped frame that is not the last transaction's is found in the WAL alone, without note or certificate")
    func frames() throws {
        var image = try CrashImage.record(events: 120, copied: 60, seed: 5)
        image.note = []
        let folder = try TemporaryFolder()
        let lastButOne = try #require(image.commitFrames.dropLast().last)
        for number in [0] + Array(1...lastButOne) {
            for offset in number == 0 ? [0, 9, 16, 30] : [2, 9, 18, 24, 5_000] {
                var damaged = image
                damaged.wal[number == 0 ? offset : CrashImage.start(ofFrame: number) + offset] ^= 0x10
                let path = try damaged.write(into: folder.path)
                let problems = try Verifier.verify(path: path, audience: FixtureAudience()).problems
                #expect(
                    problems.contains { $0.table == "wal" && $0.position == Int64(number) },
                    "frame \(number) of \(lastButOne), byte \(offset): \(problems)")
            }
        }
    }

    @Test("a WAL that a power failure tore is no damage, at any byte of the last transaction")
    func tornTail() throws {
        var image = try CrashImage.record(events: 60, copied: 30, seed: 6)
        image.note = []
        let folder = try TemporaryFolder()
        let commits = image.commitFrames
        let before = try #require(commits.dropLast().last)
        let last = try #require(commits.last)
        let range = CrashImage.start(ofFrame: before + 1)..<CrashImage.start(ofFrame: last + 1)
        for cut in stride(from: range.lowerBound, to: range.upperBound, by: Long.isOn ? 97 : 1_021) {
            var torn = image
            torn.wal.removeLast(torn.wal.count - cut)
            let cutFile = try Verifier.verify(path: torn.write(into: folder.path), audience: FixtureAudience())
            #expect(cutFile.problems == [], "cut to \(cut)")
            // The same bytes missing in the midst: a disk that keeps no order.
            torn = image
            let end = min(cut + 512, range.upperBound)
            torn.wal.replaceSubrange(cut..<end, with: [UInt8](repeating: 0, count: end - cut))
            let holed = try Verifier.verify(path: torn.write(into: folder.path), audience: FixtureAudience())
            #expect(holed.problems == [], "zeroed at \(cut)")
        }
    }

    @Test(
        "what the WAL lost shows in the head note, and the writer refuses to write over it",
        arguments: [true, false])
    func lostTail(isCut: Bool) throws {
        var image = try CrashImage.record(events: 60, copied: 30, seed: 8)
        let certificate = try HeadNote.decode(image.note)
        if isCut {
            image.wal.removeLast(image.wal.count - 32)
        } else {
            image.wal[image.wal.count / 2] ^= 1
        }
        let folder = try TemporaryFolder()
        let path = try image.write(into: folder.path)
        let problem = try #require(
            try Verifier.verify(path: path, audience: FixtureAudience()).problems.first)
        // A flipped frame is also found by itself.
        #expect(isCut ? problem.table == "events" : ["events", "wal"].contains(problem.table))
        #expect(problem.position < certificate.position)
        let before = try ["", "-wal", ".head"].map { try Data(contentsOf: URL(fileURLWithPath: path + $0)) }
        let refusal = #expect(throws: LogFailure.self) {
            try SQLiteLog(
                path: path, node: NodeID("centre"), incarnation: Incarnation(2), audience: FixtureAudience())
        }
        #expect(refusal?.message.description.contains("does not hold the event \(certificate.position)") == true)
        let after = try ["", "-wal", ".head"].map { try Data(contentsOf: URL(fileURLWithPath: path + $0)) }
        #expect(after == before, "what is left of the tail stays as it is, for whoever looks")
    }

    @Test(
        "received rows, quarantine and owner are guarded like events",
        arguments: [
            ("UPDATE receivedRows SET common = 4 WHERE fseq = 2", "receivedRows"),
            ("UPDATE receivedRows SET position = 1 WHERE fseq = 4", "receivedRows"),
            ("UPDATE receivedRows SET kind = 3 WHERE fseq = 1", "receivedRows"),
            ("DELETE FROM receivedRows WHERE fseq = 3", "receivedRows"), ("DELETE FROM receivedRows", "receivedRows"),
            ("DELETE FROM receivedFeeds", "receivedRows"), ("DELETE FROM supersededRows", "supersededRows"),
            ("UPDATE supersededRows SET common = 4", "supersededRows"),
            ("DELETE FROM supersededRows WHERE fseq = (SELECT max(fseq) FROM supersededRows)", "supersededRows"),
            (
                "INSERT INTO supersededRows SELECT 99, feed, fseq, kind, position, stream, hash, history, common, chain FROM receivedRows",
                "supersededRows"
            ),
            ("UPDATE quarantine SET receivedAt = 1", "quarantine"), ("DELETE FROM quarantine", "quarantine"),
            ("UPDATE quarantine SET sequence = 1 WHERE no = 1", "quarantine"),
            ("UPDATE meta SET value = 'other' WHERE key = 'node'", "meta"),
            ("INSERT INTO meta VALUES ('more', '1')", "meta"),
            ("INSERT INTO feedRows VALUES (99, 1, 1, 1, 1, 0, 0, x'00')", "feedRows"),
        ])
    func localRows(sql: String, table: String) throws {
        let folder = try TemporaryFolder()
        let path = try CrashImage.record(events: 200, copied: 100, seed: 9).write(into: folder.path)
        do {
            let connection = try Connection(path: path, mode: .readWrite)
            try connection.execute(sql)
            try connection.checkpoint(.truncate)
        }
        let problems = try Verifier.verify(path: path, audience: FixtureAudience()).problems
        #expect(problems.first?.table == table, "\(problems)")
    }

    @Test("a raw copy taken under load says so, and a backup taken beside it verifies")
    func rawCopyUnderLoad() throws {
        let fixture = try Fixture(events: 50)
        let raw = fixture.folder.path + "/raw.sqlite"
        let backup = fixture.folder.path + "/backup.sqlite"
        try fixture.copyWAL()
        let loaded = Flag()
        let stop = Flag()
        let thread = Thread {
            do {
                while !stop.isSet {
                    try fixture.append(20)
                    loaded.finish()
                }
            } catch { Issue.record("\(error)") }
            stop.finish()
        }
        thread.start()
        loaded.waitUntilFinished()
        try fixture.copyFile(to: raw)
        let head = try Backup.copy(from: fixture.path, to: backup)
        stop.set()
        stop.waitUntilFinished()
        #expect(try Verifier.verify(path: raw, audience: FixtureAudience()).isRawCopy)
        let report = try Verifier.verify(path: backup, audience: FixtureAudience())
        #expect(report.problems == [])
        #expect(!report.isRawCopy)
        #expect(report.certificate.position == head.position)
        #expect(head.position >= 50)
    }
}
