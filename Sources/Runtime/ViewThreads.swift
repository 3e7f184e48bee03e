/// What the two threads of the views share: a flag to wait for, and a place to hand work over.

import Dispatch
import Foundation
import Synchronization

/// The scheduler's class for work that nobody waits for.
enum Background {
    /// `SCHED_IDLE` of `linux/sched.h`, which glibc shows to few.
    static let policy: Int32 = 5

    /// Puts the calling thread into the background, for good: the way back needs rights that a node does not have.
    ///
    /// Where that is not to be had the thread stays as it is, and is only less polite.
    static func enter() {
        var parameter = sched_param(sched_priority: 0)
        _ = unsafe sched_setscheduler(0, policy, &parameter)
    }
}

/// A flag that one thread waits for and others raise.
///
/// No lock: whoever raises it would wait for a thread in the background that holds one and has no core.
final class Signal: Sendable {
    private let raised = Atomic(true)
    private let stopped = Atomic(false)
    private let news = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    func raise() {
        if !raised.exchange(true, ordering: .acquiringAndReleasing) { news.signal() }
    }

    func stop() {
        stopped.store(true, ordering: .releasing)
        end.signal()
        news.signal()
    }

    /// Lets time pass, unless it is stopped.
    func rest(seconds: Double) {
        guard !isStopped else { return }
        _ = end.wait(timeout: .now() + seconds)
    }

    /// Waits until it is raised, or so long.
    ///
    /// - Returns: false when stopped.
    func wait(seconds: Double) -> Bool {
        if !raised.load(ordering: .acquiring), !isStopped {
            _ = news.wait(timeout: .now() + seconds)
        }
        // Of a raise that needed no waiting. One that comes now was before what the caller does next.
        while news.wait(timeout: .now()) == .success {}
        raised.store(false, ordering: .releasing)
        return !isStopped
    }
}

/// Has a job done on another thread, and waits for its end: one at a time.
final class Handover: @unchecked Sendable {
    // SAFETY: all fields are only touched under the condition's lock; a job is run by one thread while the other waits.
    private let condition = NSCondition()
    private var job: (() throws -> Void)?
    private var result: Result<Void, any Error>?
    private var isClosed = false

    /// - Throws: what the job throws.
    func perform(_ job: @escaping () throws -> Void) throws {
        let result = condition.withLock {
            self.job = job
            condition.broadcast()
            while self.result == nil { condition.wait() }
            defer { self.result = nil }
            return self.result
        }
        try result?.get()
    }

    /// Does what is handed over, until `close`.
    func serve() {
        while let job = next() {
            let result = Result { try job() }
            condition.withLock {
                self.job = nil
                self.result = result
                condition.broadcast()
            }
        }
    }

    /// Lets `serve` return; nothing is handed over after.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    private func next() -> (() throws -> Void)? {
        condition.withLock {
            while job == nil, !isClosed { condition.wait() }
            return job
        }
    }
}
