/// What the two threads of the views share: a flag to wait for, and a place to hand work over.

import Foundation

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
final class Signal: @unchecked Sendable {
    // SAFETY: the two flags are only touched under the condition's lock.
    private let condition = NSCondition()
    private var isRaised = true
    private var isStopped = false

    func raise() {
        condition.withLock {
            isRaised = true
            condition.signal()
        }
    }

    func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }

    /// Lets time pass, unless it is stopped.
    func rest(seconds: Double) {
        condition.withLock {
            let limit = Date(timeIntervalSinceNow: seconds)
            while !isStopped, condition.wait(until: limit) {}
        }
    }

    /// - Returns: false when stopped.
    func wait(seconds: Double) -> Bool {
        condition.withLock {
            let limit = Date(timeIntervalSinceNow: seconds)
            while !isRaised, !isStopped, condition.wait(until: limit) {}
            isRaised = false
            return !isStopped
        }
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
