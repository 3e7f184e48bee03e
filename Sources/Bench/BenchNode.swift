/// A node with its loop on a thread of its own and real sockets, as `gridline serve` runs it but without HTTP and views.

import Events
import Foundation
import Log
import Node
import Replication
import Runtime
import Synchronization
import Tickets
import ZeroMQ

final class BenchNode: @unchecked Sendable {
    // SAFETY: `loop` is used by the thread alone once it runs; `failure` is read after the thread has ended.
    private var loop: NodeLoop?
    private let status = SharedStatus()
    private let done = DispatchSemaphore(value: 0)
    private var failure: (any Error)?
    let queue: WorkQueue

    /// - Parameters:
    ///   - vault: of this node, which its desk uses, too.
    ///   - onCommit: told the log's last position after each commit, on the node's thread.
    init(
        log path: String, vault: Vault, node: NodeID, centre: NodeID, audience: any Audience, desk: any Desk,
        transport: any Transport, onCommit: @escaping @Sendable (Int64) -> Void
    ) throws {
        var random = SystemRandomNumberGenerator()
        let log = try SQLiteLog(path: path, node: node, incarnation: Incarnation(random.next()), audience: audience)
        let core = NodeCore(
            node: node, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let loop = NodeLoop(
            log: log, core: core, sealer: Sealer(vault: vault), desk: desk,
            timers: NoTimers(), transport: transport, clock: BenchClock(),
            wakeUp: try WakeUp(),
            status: status, onCommit: { onCommit($0.position) })
        queue = loop.queue
        self.loop = loop
    }

    /// What the loop last told.
    var current: NodeLoop.Status { status.current }

    func start() {
        let thread = Thread { [self] in
            do { try loop?.run() } catch { failure = error }
            done.signal()
        }
        thread.start()
    }

    /// Stops the loop and closes its log and sockets.
    func stop() throws {
        status.stop()
        done.wait()
        loop = nil
        if let failure { throw failure }
    }
}

struct BenchClock: NodeClock {
    func moment() -> Moment {
        Moment(
            wall: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)),
            steady: Int64(ProcessInfo.processInfo.systemUptime * 1_000))
    }
}

/// When positions of a log were on the disk.
final class CommitTimes: Sendable {
    private let times = Mutex<[(position: Int64, at: ContinuousClock.Instant)]>([])

    func note(_ position: Int64) {
        let now = ContinuousClock.now
        times.withLock { $0.append((position, now)) }
    }

    var all: [(position: Int64, at: ContinuousClock.Instant)] { times.withLock { $0 } }
    var last: Int64 { times.withLock { $0.last?.position ?? 0 } }

    /// Waits until a position is on the disk, and returns when it was.
    ///
    /// - Throws: `BenchFailure` when it does not come in time.
    func wait(for position: Int64, within limit: Duration) throws -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = all.first(where: { $0.position >= position }) { return found.at }
            guard ContinuousClock.now < deadline else {
                throw BenchFailure("position \(position) did not come within \(limit); \(last) did")
            }
            Thread.sleep(forTimeInterval: 0.001)
        }
    }
}
