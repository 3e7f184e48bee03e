/// The node's loop: one thread owns the log's writer, the core and every socket.
///
/// Each turn gathers what waits (commands, messages), does all of it in one transaction, and only after the
/// commit answers and acknowledges: group commit falls out of the shape (`docs/decisions/0003-one-loop.md`).

package import Events
import Foundation
package import Log
package import Node
import Replication
import Synchronization
package import ZeroMQ

package final class NodeLoop {
    /// What the loop tells other threads; a copy.
    package struct Status: Sendable {
        package var head = LogHead.empty
        package var isLinked = false
        /// Own events that the centre has not confirmed; at a street.
        package var outbox: Int64 = 0
        /// Rows known to be missing here; at a street.
        package var lag: Int64 = 0
        package var peers: [(node: NodeID, cursors: [FeedName: FeedCursor], outbox: Int64)] = []
        /// The last alarms, newest last, at most 100.
        package var alarms: [String] = []
        package var commits: Int64 = 0
    }

    private let log: SQLiteLog
    private let core: NodeCore
    private let clock: any WallClock
    private var link: any Link
    private let wakeUp: WakeUp
    package let queue: WorkQueue
    private let shared: SharedStatus
    private let onCommit: @Sendable (LogHead) -> Void

    /// Commands a turn takes at most.
    private static let batch = 1_000

    /// - Parameter onCommit: called on the loop's thread after each commit; must not block.
    package init(
        log: SQLiteLog, core: NodeCore, clock: any WallClock, link: any Link, wakeUp: WakeUp, status: SharedStatus,
        onCommit: @escaping @Sendable (LogHead) -> Void
    ) {
        self.log = log
        self.core = core
        self.clock = clock
        self.link = link
        self.wakeUp = wakeUp
        shared = status
        self.onCommit = onCommit
        queue = WorkQueue(wakeUp: wakeUp)
    }

    /// Runs until the status is told to stop.
    ///
    /// - Throws: `LogFailure` when the disk can no longer be trusted: the process must end, nothing acknowledged is lost.
    package func run() throws {
        defer { queue.close() }
        try link.start(reader: log.reader, now: clock.now())
        while !shared.isStopping {
            try link.wait(wakeUp: wakeUp, milliseconds: 50)
            try turn()
        }
        link.stop()
    }

    /// One turn; exposed so that tests can step it.
    func turn() throws {
        let now = clock.now()
        let work = queue.take(NodeLoop.batch)
        try link.receive(reader: log.reader, now: now)
        let headBefore = try log.reader.head().position
        var answers: [Result<CommandReply, any Error>] = []
        if !work.isEmpty || link.hasStorageWork {
            do {
                try log.write { transaction in
                    for one in work {
                        let result = try core.perform(one.command, in: transaction, reader: log.reader, now: now)
                        answers.append(result.mapError { $0 })
                    }
                    let taken = try link.store(transaction, now: now)
                    for event in taken { core.take([event], into: event.stream) }
                }
            } catch {
                core.forget()
                for one in work { one.answer(.failure(error)) }
                if case .storage(_, _, fatal: true)? = error as? LogFailure { throw error }
                link.storageFailed(error)
                shared.alarm("a transaction was lost: \(error)")
                return
            }
        }
        for (one, answer) in zip(work, answers) { one.answer(answer) }
        let head = try log.reader.head()
        try link.committed(reader: log.reader, now: now)
        if head.position > headBefore { onCommit(head) }
        for alarm in link.takeAlarms() { shared.alarm(alarm) }
        shared.update { status in
            status.head = head
            status.isLinked = link.isUp
            status.outbox = link.outbox
            status.lag = link.lag
            status.peers = link.peers
            if head.position > headBefore { status.commits += 1 }
        }
    }
}

/// The loop's status, readable from any thread.
package final class SharedStatus: Sendable {
    private let value = Mutex(NodeLoop.Status())
    private let stopping = Atomic(false)

    package init() {}
    package var current: NodeLoop.Status { value.withLock { $0 } }
    package var isStopping: Bool { stopping.load(ordering: .acquiring) }
    package func stop() { stopping.store(true, ordering: .releasing) }

    func update(_ body: (inout sending NodeLoop.Status) -> Void) {
        value.withLock { body(&$0) }
    }

    func alarm(_ text: String) {
        value.withLock { status in
            status.alarms.append(text)
            if status.alarms.count > 100 { status.alarms.removeFirst() }
        }
    }
}
