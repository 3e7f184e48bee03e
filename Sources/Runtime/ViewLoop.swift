/// Keeps the views up with the log: woken by each commit, never in the way of one.
///
/// Two threads, of which one works at a time. The one in the background has what no other thread of the machine wants,
/// and is put off its core at once when a command comes: a niced thread keeps the core for milliseconds
/// (`docs/bench.md`, HTTP). On a busy machine it would hardly ever run, so more than a little is done by the other.

package import Events
import Foundation
package import Projections

package final class ViewLoop: Sendable {
    private let signal: Signal
    private let handover = Handover()
    private let store: ViewStore
    private let runner: @Sendable () throws -> ViewRunner
    private let alarm: @Sendable (Words) -> Void
    private let onAdvance: @Sendable (Int64) -> Void
    private let onDamage: @Sendable (LogFailure) -> Void
    private let rest: @Sendable (_ seconds: Double) -> Void

    /// - Parameters:
    ///   - store: the views that are kept up; begun anew when its file turns out damaged.
    ///   - runner: makes the runner on the loop's own thread.
    ///   - alarm: told when the views cannot be written; the loop tries again each second.
    ///   - onAdvance: told the position that the views hold, after each of their transactions; must not block.
    ///   - onDamage: told of each failure to read the log; must not block.
    package convenience init(
        store: ViewStore, runner: @escaping @Sendable () throws -> ViewRunner,
        alarm: @escaping @Sendable (Words) -> Void, onAdvance: @escaping @Sendable (Int64) -> Void = { _ in },
        onDamage: @escaping @Sendable (LogFailure) -> Void = { _ in }
    ) { self.init(store: store, runner: runner, alarm: alarm, onAdvance: onAdvance, onDamage: onDamage, rest: nil) }

    /// - Parameter rest: lets time pass between two looks; nil for the loop's own way, which a stop ends.
    init(
        store: ViewStore, runner: @escaping @Sendable () throws -> ViewRunner,
        alarm: @escaping @Sendable (Words) -> Void, onAdvance: @escaping @Sendable (Int64) -> Void,
        onDamage: @escaping @Sendable (LogFailure) -> Void = { _ in },
        rest: (@Sendable (_ seconds: Double) -> Void)?
    ) {
        let signal = Signal()
        self.store = store
        self.runner = runner
        self.alarm = alarm
        self.onAdvance = onAdvance
        self.onDamage = onDamage
        self.rest = rest ?? { signal.rest(seconds: $0) }
        self.signal = signal
    }

    /// There is something new in the log.
    package func wake() { signal.raise() }
    package func stop() { signal.stop() }

    /// Events that the background's thread may do by itself: a few milliseconds of work.
    static let little: Int64 = 100
    /// Of the thread that catches up: a tenth of a core's share beside threads that are as busy, all of it beside idle ones.
    private static let niceness: Int32 = 10
    /// Seconds between two transactions of the views: under load, commits that come together are folded together.
    private static let pause = 0.01

    /// Runs until `stop`, on the thread that catches up.
    package func run() {
        // On Linux this is the calling thread's own; commands and answers come before views when cores are few.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, ViewLoop.niceness)
        let background = Thread { [self] in
            Background.enter()
            follow()
            handover.close()
        }
        background.name = "gridline.views.background"
        background.start()
        handover.serve()
    }

    /// Of the background's thread, which does what is little, and has the rest done.
    private func follow() {
        var current: ViewRunner?
        var poisoned: Int64 = 0
        while signal.wait(seconds: 1) {
            do {
                if try store.startOverIfDamaged() {
                    alarm("views.sqlite was damaged; the views are made anew from the log")
                    current = nil
                }
                let runner = try current ?? self.runner()
                runner.isStopping = { [signal] in signal.isStopped }
                current = runner
                if try runner.isFarBehind(by: ViewLoop.little) {
                    try handover.perform { [onAdvance] in try runner.catchUp(reached: onAdvance) }
                } else {
                    try runner.catchUp(reached: onAdvance)
                }
                let found = try store.poisonedCount()
                if found > poisoned {
                    alarm("\(found) tickets are shown in no list: `gridline export DIR --view poison` says why")
                }
                poisoned = found
                rest(ViewLoop.pause)
            } catch ViewFailure.stopped where signal.isStopped {
                return
            } catch {
                alarm(.alarm("views stand still", error))
                if let failure = error as? LogFailure { onDamage(failure) }
                current = nil
                // Whatever it is will be so at the next commit, too.
                rest(1)
            }
        }
    }
}
