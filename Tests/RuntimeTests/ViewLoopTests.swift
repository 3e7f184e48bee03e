import Events
import Foundation
import Glibc
import Log
import Projections
import Synchronization
import Testing

@testable import Runtime

@Suite("The views' threads", .timeLimit(.minutes(2))) struct ViewLoopTests {
    private struct Turn: Equatable {
        let position: Int64
        let policy: Int32
    }

    private func record(
        _ count: Int, into log: SQLiteLog, from number: inout Int, category: String = "note"
    ) throws {
        _ = try log.write { transaction in
            for _ in 0..<count {
                number += 1
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "\(number)"), actor: Actor(system: "test", rule: "1"),
                        now: Timestamp(milliseconds: 1),
                        drafts: [
                            Draft(
                                stream: try StreamName(category: category, key: "\(number)"),
                                type: EventType("note.made"),
                                body: [:], occurredAt: Timestamp(milliseconds: 1))
                        ]))
            }
        }
    }

    @Test("a little is done in the background, more by a thread that gets its share, and both end")
    func shares() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/log.sqlite"
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let store = try ViewStore(
            path: folder + "/views.sqlite", views: .gridline(centre: NodeID("centre"), zoneOffsetMinutes: 480))
        let turns = Turns()
        let loop = ViewLoop(
            store: store, runner: { try ViewRunner(store: store) { try SQLiteReader(path: path) } },
            alarm: { _ in turns.alarms.withLock { $0 += 1 } },
            onAdvance: { turns.add($0, policy: sched_getscheduler(0)) })
        var number = 0
        try record(Int(ViewLoop.little) + 1, into: log, from: &number)
        let ended = DispatchSemaphore(value: 0)
        Thread {
            loop.run()
            ended.signal()
        }.start()
        turns.wait(for: Int64(number))
        let many = number
        try record(Int(ViewLoop.little), into: log, from: &number)
        loop.wake()
        turns.wait(for: Int64(number))
        loop.stop()
        ended.wait()
        let all = turns.all
        #expect(all.filter { $0.position <= many }.allSatisfy { $0.policy != Background.policy }, "\(all)")
        #expect(all.filter { $0.position > many }.allSatisfy { $0.policy == Background.policy }, "\(all)")
        #expect(turns.alarms.withLock { $0 } == 0)
        try store.close()
    }

    private struct Refused: Error {}

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
        let folder = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/log.sqlite"
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let store = try ViewStore(
            path: folder + "/views.sqlite", views: .gridline(centre: NodeID("centre"), zoneOffsetMinutes: 480))
        let turns = Turns()
        let tries = Mutex(0)
        let loop = ViewLoop(
            store: store,
            runner: {
                let isFirst = tries.withLock { count in
                    count += 1
                    return count == 1
                }
                if isFirst { throw Refused() }
                return try ViewRunner(store: store) { try SQLiteReader(path: path) }
            },
            alarm: { _ in turns.alarms.withLock { $0 += 1 } }, onAdvance: { turns.add($0, policy: 0) })
        var number = 0
        try record(3, into: log, from: &number)
        let ended = DispatchSemaphore(value: 0)
        Thread {
            loop.run()
            ended.signal()
        }.start()
        turns.wait(for: 3)
        loop.stop()
        ended.wait()
        #expect(turns.alarms.withLock { $0 } == 1)
        try store.close()
    }

    @Test("views that were found damaged are made anew from the log's beginning while the loop runs")
    func damaged() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { _ = try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/log.sqlite"
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let store = try ViewStore(
            path: folder + "/views.sqlite", views: .gridline(centre: NodeID("centre"), zoneOffsetMinutes: 480))
        let turns = Turns()
        let loop = ViewLoop(
            store: store, runner: { try ViewRunner(store: store) { try SQLiteReader(path: path) } },
            alarm: { _ in turns.alarms.withLock { $0 += 1 } }, onAdvance: { turns.add($0, policy: 0) })
        var number = 0
        try record(3, into: log, from: &number, category: "ticket")
        let ended = DispatchSemaphore(value: 0)
        Thread {
            loop.run()
            ended.signal()
        }.start()
        turns.wait(for: 3)
        #expect(throws: ViewFailure.self) {
            try store.read { _ in throw ViewFailure.damaged(operation: "read", detail: "a page") }
        }
        try record(1, into: log, from: &number, category: "ticket")
        loop.wake()
        turns.wait(for: 4)
        loop.stop()
        ended.wait()
        #expect(try store.tickets(TicketFilter()).items.count == 4)
        #expect(turns.alarms.withLock { $0 } == 1)
        try store.close()
    }

    /// What the loop said, waited for.
    private final class Turns: Sendable {
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
}
