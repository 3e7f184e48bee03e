import Events
import Foundation
import Glibc
import Log
import Projections
import Synchronization
import Testing

@testable import Runtime

@Suite("The views' threads", .timeLimit(.minutes(2))) struct ViewLoopTests {
    private struct Refused: Error {}

    @Test("a little is done in the background, more by a thread that gets its share, and both end")
    func shares() throws {
        let viewed = try ViewedLog()
        try viewed.record(Int(ViewLoop.little) + 1)
        try viewed.run {
            let many = viewed.number
            try viewed.record(Int(ViewLoop.little))
            viewed.wakeAndWait()
            let all = viewed.turns.all
            #expect(all.filter { $0.position <= many }.allSatisfy { $0.policy != Background.policy }, "\(all)")
            #expect(all.filter { $0.position > many }.allSatisfy { $0.policy == Background.policy }, "\(all)")
        }
        #expect(viewed.turns.alarms.withLock { $0 } == 0)
    }

    @Test("who hands a job over hears what became of it, and of the next one anew")
    func handover() {
        let handover = Handover()
        let ended = DispatchSemaphore(value: 0)
        Thread {
            handover.serve()
            ended.signal()
        }.start()
        for isRefused in [false, true, true, false] {
            let done = Mutex(false)
            let result = Result {
                try handover.perform {
                    done.withLock { $0 = true }
                    if isRefused { throw Refused() }
                }
            }
            #expect(done.withLock { $0 })
            #expect(((try? result.get()) == nil) == isRefused)
        }
        handover.close()
        ended.wait()
    }

    @Test("views that cannot be written are an alarm, and are written once they can be")
    func standStill() throws {
        let tries = Mutex(0)
        let viewed = try ViewedLog { make in
            let isFirst = tries.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw Refused() }
            return try make()
        }
        viewed.rest = { _ in }
        try viewed.record(3)
        try viewed.run {}
        #expect(viewed.turns.alarms.withLock { $0 } == 1)
    }

    @Test("views that cannot be written are tried each second, however much is committed, and not with every commit")
    func rests() throws {
        let steps = Mutex<[String]>([])
        let viewed = try ViewedLog { make in
            let isEarly = steps.withLock { steps in
                steps.append("try")
                return steps.count { $0 == "try" } <= 2
            }
            if isEarly { throw Refused() }
            return try make()
        }
        viewed.onAlarm = { $0.wake() }
        viewed.rest = { seconds in steps.withLock { $0.append("rest \(seconds)") } }
        try viewed.record(3)
        try viewed.run {}
        #expect(viewed.turns.alarms.withLock { $0 } == 2)
        #expect(steps.withLock { $0 }.prefix(5) == ["try", "rest 1.0", "try", "rest 1.0", "try"])
    }

    @Test("a rest ends with a stop, and not with news")
    func restsThroughNews() {
        let signal = Signal()
        signal.raise()
        let start = ContinuousClock.now
        signal.rest(seconds: 0.02)
        #expect(ContinuousClock.now - start >= .milliseconds(19))
        signal.stop()
        signal.rest(seconds: 600)
        #expect(signal.isStopped)
    }

    @Test("a ticket that no view shows is an alarm, once")
    func poisoned() throws {
        let viewed = try ViewedLog(streamLimit: 2)
        try viewed.record(3, category: "ticket", isOneStream: true)
        try viewed.run {
            #expect(viewed.turns.alarms.withLock { $0 } == 0, "the views are told of first")
            try viewed.record(2, category: "ticket")
            viewed.wakeAndWait()
        }
        #expect(try viewed.store.poisonedCount() == 1)
        #expect(viewed.turns.alarms.withLock { $0 } == 1)
    }

    @Test("views that were found damaged are made anew from the log's beginning while the loop runs")
    func damaged() throws {
        let viewed = try ViewedLog()
        try viewed.record(3, category: "ticket")
        try viewed.run {
            #expect(throws: ViewFailure.self) {
                try viewed.store.read { _ in throw ViewFailure.damaged(operation: "read", detail: "a page") }
            }
            try viewed.record(1, category: "ticket")
            viewed.wakeAndWait()
        }
        #expect(try viewed.store.tickets(TicketFilter()).items.count == 4)
        #expect(viewed.turns.alarms.withLock { $0 } == 1)
    }

    @Test("the loop's stop is a stop for a rebuild of all views, too")
    func stops() throws {
        let asked = Mutex<(@Sendable () -> Bool)?>(nil)
        let viewed = try ViewedLog()
        try viewed.record(3)
        viewed.onAdvance = { runner in asked.withLock { $0 = runner.isStopping } }
        try viewed.run { #expect(asked.withLock { $0?() } == false) }
        #expect(asked.withLock { $0?() } == true)
    }
}

/// A log on disk, its views, and the loop that keeps them up; gone with its owner.
private final class ViewedLog: @unchecked Sendable {
    // SAFETY: the runner is made and asked on the loop's threads, of which one works at a time; the rest is set before.
    typealias MakeRunner = @Sendable () throws -> ViewRunner

    let store: ViewStore
    let turns = Turns()
    /// Called on the loop's thread after each of its transactions.
    var onAdvance: (ViewRunner) -> Void = { _ in }
    /// Called on the loop's thread with each alarm.
    var onAlarm: (ViewLoop) -> Void = { _ in }
    /// In place of the loop's own rests.
    var rest: (@Sendable (Double) -> Void)?
    private(set) var number = 0
    private let folder: String
    private let log: SQLiteLog
    private var runner: ViewRunner?
    private let wrap: @Sendable (MakeRunner) throws -> ViewRunner
    private lazy var loop: ViewLoop = ViewLoop(
        store: store,
        runner: { [unowned self] in
            let made = try wrap { [store, folder] in
                try ViewRunner(store: store) { try SQLiteReader(path: folder + "/log.sqlite") }
            }
            runner = made
            return made
        },
        alarm: { [unowned self] _ in
            turns.alarms.withLock { $0 += 1 }
            onAlarm(loop)
        },
        onAdvance: { [unowned self] in
            if let runner { onAdvance(runner) }
            turns.add($0, policy: sched_getscheduler(0))
        }, rest: rest)

    init(
        streamLimit: Int = 100_000, runner wrap: @escaping @Sendable (MakeRunner) throws -> ViewRunner = { try $0() }
    ) throws {
        self.wrap = wrap
        folder = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        log = try SQLiteLog(
            path: folder + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let views = ViewSet.gridline(centre: try NodeID("centre"), zoneOffsetMinutes: 480)
        store = try ViewStore(
            path: folder + "/views.sqlite",
            views: ViewSet(
                foldVersion: views.foldVersion, folds: views.folds, sums: views.sums, texts: views.texts,
                streamLimit: streamLimit))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            print("could not remove \(folder): \(error)")
        }
    }

    /// Appends so many events, each of a stream of its own unless they are to be of one.
    func record(_ count: Int, category: String = "note", isOneStream: Bool = false) throws {
        let first = number + 1
        _ = try log.write { transaction in
            for _ in 0..<count {
                number += 1
                let key = isOneStream ? first : number
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "\(number)"), actor: Actor(system: "test", rule: "1"),
                        now: Timestamp(milliseconds: 1),
                        drafts: [
                            Draft(
                                stream: try StreamName(category: category, key: "\(key)"),
                                type: EventType("note.made"), body: [:], occurredAt: Timestamp(milliseconds: 1))
                        ]))
            }
        }
    }

    /// Runs the loop until the views hold the log, then `body`, and stops it.
    func run(_ body: () throws -> Void) throws {
        let ended = DispatchSemaphore(value: 0)
        let loop = loop
        Thread {
            loop.run()
            ended.signal()
        }.start()
        turns.wait(for: Int64(number))
        let result = Result { try body() }
        loop.stop()
        ended.wait()
        try result.get()
    }

    func wakeAndWait() {
        loop.wake()
        turns.wait(for: Int64(number))
    }
}

/// What the loop said, waited for.
private final class Turns: Sendable {
    struct Turn: Equatable {
        let position: Int64
        let policy: Int32
    }

    let alarms = Mutex(0)
    private let turns = Mutex<[Turn]>([])
    private let news = DispatchSemaphore(value: 0)

    var all: [Turn] { turns.withLock { $0 } }

    func add(_ position: Int64, policy: Int32) {
        turns.withLock { $0.append(Turn(position: position, policy: policy)) }
        news.signal()
    }

    func wait(for position: Int64) {
        while all.last?.position ?? 0 < position { news.wait() }
    }
}
