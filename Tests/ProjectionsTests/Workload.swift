/// Random events from a seed, stored by real logs, and readers of them for any thread.

import Events
import Log
import Simulation

@testable import Projections

/// SplitMix64: small, seeded, the same on every platform.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// The seeds of randomised tests.
let seeds: [UInt64] = [1, 7, 20_261_123, 0xFEED]

/// A log on disk and the views' reader of it.
final class DiskLog {
    let folder: TemporaryFolder
    let log: SQLiteLog
    var path: String { folder.path + "/log.sqlite" }
    var viewsPath: String { folder.path + "/views.sqlite" }

    init(node: String = "centre", incarnation: UInt64 = 1) throws {
        folder = try TemporaryFolder()
        log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: NodeID(node), incarnation: Incarnation(incarnation),
            audience: NoAudience())
    }

    var open: OpenReader {
        let path = path
        return { try SQLiteReader(path: path) }
    }

    func put(_ drafts: [Draft], command: String, at now: Int64) throws {
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: command), actor: Actor(system: "test", rule: "1"),
                    now: Timestamp(milliseconds: now), drafts: drafts))
        }
    }

    /// Stores foreign events as they come, in groups.
    func ingest(_ events: [Event], at now: Int64 = 5) throws {
        for start in stride(from: 0, to: events.count, by: 100) {
            let group = Array(events[start..<min(events.count, start + 100)])
            _ = try log.write { try $0.ingest(group, dense: false, receivedAt: Timestamp(milliseconds: now)) }
        }
    }

    func events() throws -> [Event] {
        var all: [Event] = []
        while true {
            let page = try log.reader.page(.all, .forward, from: Int64(all.count), limit: 10_000)
            if page.isEmpty { return all }
            all += page.map(\.event)
        }
    }
}

/// Random notes.
struct NoteWorkload {
    private var random: Seeded
    private var count: Int64 = 0
    private let streams: Int
    private let seed: UInt64

    init(seed: UInt64, streams: Int = 40) {
        self.seed = seed
        random = Seeded(seed)
        self.streams = streams
    }

    /// Appends about `events` events, several to a command, at one millisecond a command.
    mutating func run(_ events: Int, into log: DiskLog) throws {
        var made = 0
        while made < events {
            count += 1
            let drafts = try (0..<Int.random(in: 1...4, using: &random)).map { _ in try draft() }
            made += drafts.count
            try log.put(drafts, command: "note \(seed) \(log.log.origin) \(count)", at: count * 10)
        }
    }

    private mutating func draft() throws -> Draft {
        let category = Int.random(in: 0..<10, using: &random) == 0 ? "other" : "note"
        let stream = try StreamName("\(category)/\(Int.random(in: 0..<streams, using: &random))")
        let units = ["元和街道", "黄桥街道", "北桥街道"]
        let texts = ["占道经营", "小区3号楼 漏水", "Ａ栋 电梯故障", "噪音扰民 12345", ""]
        let (type, body): (String, JSONObject) =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<25:
                ("state", ["state": .string(["open", "closed", "dispatched"].randomElement(using: &random) ?? "")])
            case 25..<50: ("given", ["unit": .string(units.randomElement(using: &random) ?? "")])
            case 50..<75:
                (
                    "written",
                    [
                        "text": .string(texts.randomElement(using: &random) ?? ""),
                        "weight": .integer(Int64.random(in: -3...9, using: &random)),
                    ]
                )
            case 75..<96: ("commented", ["text": .string(texts.randomElement(using: &random) ?? "")])
            case 96..<99: ("uncommented", [:])
            case _: ("strange", [:])
            }
        return Draft(
            stream: stream, type: EventType("note.\(type)"), body: body, occurredAt: Timestamp(milliseconds: count * 10)
        )
    }
}
