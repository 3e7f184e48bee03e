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

    private func record(_ count: Int, into log: SQLiteLog, from number: inout Int) throws {
        _ = try log.write { transaction in
            for _ in 0..<count {
                number += 1
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "\(number)"), actor: Actor(system: "test", rule: "1"),
                        now: Timestamp(milliseconds: 1),
                        drafts: [
                            Draft(
                                stream: try StreamName(category: "note", key: "\(number)"),
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
