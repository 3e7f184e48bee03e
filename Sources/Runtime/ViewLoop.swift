/// Keeps the views up with the log, on a thread of its own: woken by each commit, never in the way of one.

package import Events
import Foundation
package import Projections

package final class ViewLoop: Sendable {
    private let signal: Signal
    private let store: ViewStore
    private let runner: @Sendable () throws -> ViewRunner
    private let alarm: @Sendable (Words) -> Void
    private let onAdvance: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - store: the views that are kept up; begun anew when its file turns out damaged.
    ///   - runner: makes the runner on the loop's own thread.
    ///   - alarm: told when the views cannot be written; the loop tries again each second.
    ///   - onAdvance: told the position that the views hold, after each of their transactions; must not block.
    package init(
        store: ViewStore, runner: @escaping @Sendable () throws -> ViewRunner,
        alarm: @escaping @Sendable (Words) -> Void, onAdvance: @escaping @Sendable (Int64) -> Void = { _ in }
    ) {
        self.store = store
        self.runner = runner
        self.alarm = alarm
        self.onAdvance = onAdvance
        signal = Signal()
    }

    /// There is something new in the log.
    package func wake() { signal.raise() }
    package func stop() { signal.stop() }

    /// Of the views' thread: a tenth of a core's share beside threads that are as busy, all of it beside idle ones.
    private static let niceness: Int32 = 10
    /// Seconds between two transactions of the views: under load, commits that come together are folded together.
    private static let pause = 0.01

    /// Runs until `stop`.
    package func run() {
        // On Linux this is the calling thread's own; commands and answers come before views when cores are few.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, ViewLoop.niceness)
        var current: ViewRunner?
        while signal.wait(seconds: 1) {
            do {
                if try store.startOverIfDamaged() {
                    alarm("views.sqlite was damaged; the views are made anew from the log")
                    current = nil
                }
                let runner = try current ?? self.runner()
                current = runner
                try runner.catchUp(reached: onAdvance)
                signal.rest(seconds: ViewLoop.pause)
            } catch {
                alarm("views stand still: \(error)")
                current = nil
            }
        }
    }
}

/// A flag that one thread waits for and others raise.
private final class Signal: @unchecked Sendable {
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
