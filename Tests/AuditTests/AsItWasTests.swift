import Events
import Foundation
import Intake
import Log
import Projections
import Testing
import Tickets

@testable import gridline

/// The folder of real data, from `GRIDLINE_TEST_DATA`; nil when it is not set.
private let testData: String? = ProcessInfo.processInfo.environment["GRIDLINE_TEST_DATA"]

/// Whether tests run at their full sizes.
private let isLong = ProcessInfo.processInfo.environment["GRIDLINE_LONG"] == "1"

/// Replays of a log that real imports, people and a street wrote, against what was shown live.
@Suite("As it was", .enabled(if: testData != nil, "GRIDLINE_TEST_DATA is not set")) struct AsItWasTests {
    @Test(
        "replays as of and known at random instants equal the views recorded live, with late and out-of-order events",
        arguments: isLong ? [1, 20_261_123, 77] : [1] as [UInt64])
    func randomInstants(seed: UInt64) throws {
        let district = try District(seed: seed)
        let data = try #require(testData)
        let rows = isLong ? 1_500 : 400
        try district.work(
            "\(data)/data/tickets-cn/pingshan2018_tickets.csv", map: "pingshan", rows: rows, moments: 10)
        try district.work(
            "\(data)/data/311/boston311_full_2011-07_2011-10.csv.gz", map: "boston-2011", rows: rows, moments: 20)
        #expect(district.late > 20 && district.ingested > 20, "seed \(seed): \(district.late) \(district.ingested)")
        #expect(district.recorded.count == 20, "seed \(seed)")

        let reader = try SQLiteReader(path: district.folder.log)
        for moment in district.recorded {
            let cut = try Cut.known(by: moment.instant, in: reader)
            #expect(try district.folder.replay(cut: cut, into: nil) == moment.certificate, "seed \(seed), \(cut.text)")
        }
        let prompt = try district.promptly(moments: 20)
        #expect(Set(prompt.map(\.content)).count > 10, "seed \(seed): the instants show different views")
        for moment in prompt {
            let replayed = try district.folder.replay(cut: .occurred(by: moment.instant), into: nil)
            #expect(replayed.content == moment.content, "seed \(seed), as of \(moment.instant.milliseconds)")
        }
        print(
            "as it was: seed \(seed), \(try reader.head().position) events, \(district.late) late, \(district.ingested) ingested"
        )
    }
}

/// A centre that imports while people work and a street's events come late.
private final class District {
    let folder: NodeFolder
    private let root: String
    private let log: SQLiteLog
    private let street: SQLiteLog
    private let vault: Vault
    private let clock: SteppedClock
    private let views: ViewStore
    private let runner: ViewRunner
    private var random: SplitMix
    private var commands = 0
    /// Tickets that people and the street work on.
    private var tickets: [StreamName] = []
    private(set) var late = 0
    private(set) var ingested = 0
    private(set) var recorded: [(instant: Timestamp, certificate: ViewCertificate)] = []
    private struct Enough: Error {}

    init(seed: UInt64) throws {
        root = FileManager.default.temporaryDirectory.path + "/gridline-district-\(UUID().uuidString)"
        random = SplitMix(seed: seed)
        clock = SteppedClock(at: 1_795_000_000_000, seed: seed)
        folder = try NodeFolder.create(
            at: root + "/centre", configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        log = try folder.openLog()
        vault = try Vault(path: folder.vault)
        street = try SQLiteLog(
            path: root + "/street.sqlite", node: NodeID("street1"), incarnation: Incarnation(seed),
            audience: NoAudience())
        views = try folder.openViews(unusable: .replace)
        runner = try folder.runner(of: views)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: root) } catch { print("could not remove \(root): \(error)") }
    }

    /// Imports the first rows of a file, and between them lets people work, the street send, and moments be recorded.
    ///
    /// - Parameter moments: how many are recorded when this is over, in all.
    func work(_ file: String, map: String, rows: Int, moments: Int) throws {
        let session = ImportSession(log: log, vault: vault, centre: folder.configuration.centre, clock: clock)
        do {
            _ = try session.run(file: file, map: try ImportMap.load(map), batchSize: 25, rowsBetween: rows / 20) {
                counts, _, _ in
                for _ in 0..<Int.random(in: 1...15, using: &random) {
                    try people()
                    try streetWorks()
                }
                if Bool.random(using: &random), recorded.count < moments { try record() }
                if counts.rows >= rows { throw Enough() }
            }
        } catch is Enough {
        }
        while recorded.count < moments {
            try people()
            try streetWorks()
            try record()
        }
    }

    private func record() throws {
        try runner.catchUp()
        recorded.append((clock.reading, try views.certificate()))
        // The next event is not received in the millisecond of the recording.
        _ = clock.now()
    }

    /// Somebody writes to a ticket, often late: what happened hours or years ago.
    private func people() throws {
        if tickets.count < 5 || Int.random(in: 0..<4, using: &random) == 0 {
            let imported = try log.reader.page(.category("ticket"), .backward, from: .max, limit: 5).map(\.event.stream)
            tickets.append(try imported.first ?? StreamName("ticket/own-\(tickets.count)"))
        }
        let now = clock.now()
        let isLate = Bool.random(using: &random)
        let ago = isLate ? Int64.random(in: 1...400_000_000_000, using: &random) : 0
        if isLate { late += 1 }
        let kinds: [TicketEventKind] = [.urged, .dispatched, .reassigned, .supervisionRaised, .finished, .closed]
        try write(to: log, kinds, at: now, occurredAt: Timestamp(milliseconds: now.milliseconds - ago))
    }

    /// The street writes, and what it wrote comes in shuffled, later.
    private func streetWorks() throws {
        let now = clock.now()
        let ago = Int64.random(in: 0...80_000_000, using: &random)
        try write(
            to: street, [.signed, .firstContactMade, .progressNoted, .replySubmitted], at: now,
            occurredAt: Timestamp(milliseconds: now.milliseconds - ago))
        guard Int.random(in: 0..<6, using: &random) == 0 else { return }
        let events = try street.reader.page(.all, .backward, from: .max, limit: 12).map(\.event).shuffled(
            using: &random)
        let outcomes = try log.write { try $0.ingest(events, dense: false, receivedAt: clock.now()) }
        ingested += outcomes.count { if case .stored = $0 { true } else { false } }
    }

    private func write(to log: SQLiteLog, _ kinds: [TicketEventKind], at now: Timestamp, occurredAt: Timestamp) throws {
        commands += 1
        let kind = kinds.randomElement(using: &random) ?? .urged
        let body: JSONObject =
            switch kind {
            case .dispatched, .reassigned: ["lead": .string("320507001"), "leadNode": .string("street1")]
            case .supervisionRaised: ["level": .integer(2)]
            case .replySubmitted: ["kind": .string("solved"), "text": .string("已处理")]
            case _: [:]
            }
        let draft = Draft(
            stream: tickets.randomElement(using: &random) ?? tickets[0], type: EventType(kind.typeName), body: body,
            occurredAt: occurredAt)
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "district", String(commands)),
                    actor: Actor(account: "wang", role: "agent", unit: "320507"), now: now, drafts: [draft]))
        }
    }

    /// Records the views of a second node, live, that learns of every event at the moment at which it happened.
    func promptly(moments: Int) throws -> [(instant: Timestamp, content: Digest)] {
        var events: [Event] = []
        while true {
            let page = try log.reader.page(.all, .forward, from: Int64(events.count), limit: 1_000)
            if page.isEmpty { break }
            events += page.map(\.event)
        }
        // Stable, so that events of one instant stay in the order of arrival.
        let ordered = events.enumerated().sorted {
            ($0.element.occurredAt, $0.offset) < ($1.element.occurredAt, $1.offset)
        }.map(\.element)
        var instants: Set<Timestamp> = []
        while instants.count < moments, let event = ordered.randomElement(using: &random) {
            instants.insert(
                Timestamp(milliseconds: event.occurredAt.milliseconds + Int64.random(in: -1...1, using: &random)))
        }
        let node = try SQLiteLog(
            path: root + "/prompt.sqlite", node: NodeID("prompt"), incarnation: Incarnation(1), audience: NoAudience())
        let store = try ViewStore(path: root + "/prompt-views.sqlite", views: folder.viewSet)
        let path = node.path
        let live = try ViewRunner(store: store) { try SQLiteReader(path: path) }
        var told = 0
        var shown: [(instant: Timestamp, content: Digest)] = []
        for instant in instants.sorted() {
            let until = ordered[told...].firstIndex { $0.occurredAt > instant } ?? ordered.count
            for start in stride(from: told, to: until, by: 200) {
                let group = Array(ordered[start..<min(until, start + 200)])
                _ = try node.write { try $0.ingest(group, dense: false, receivedAt: instant) }
            }
            told = until
            try live.catchUp()
            shown.append((instant, try store.certificate().content))
        }
        return shown
    }
}

/// A clock that each reading moves on by a seeded step, never back.
private final class SteppedClock: WallClock, @unchecked Sendable {
    // SAFETY: used by the test's one thread.
    private(set) var reading: Timestamp
    private var random: SplitMix

    init(at start: Int64, seed: UInt64) {
        reading = Timestamp(milliseconds: start)
        random = SplitMix(seed: seed)
    }

    func now() -> Timestamp {
        reading = Timestamp(milliseconds: reading.milliseconds + Int64.random(in: 1...900_000, using: &random))
        return reading
    }
}

/// SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
