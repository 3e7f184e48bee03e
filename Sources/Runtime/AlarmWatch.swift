/// Looks at a node's measures every few seconds, and says what is raised and cleared: the one shell of the alarm engine, on a
/// thread of its own, since some measures read views and log.

package import Alarms
import Events
import Foundation
import Replication
import Synchronization

package final class AlarmWatch: Sendable {
    /// A place that samples come from.
    package typealias Source = @Sendable (NodeLoop.Status) throws -> [Sample]

    private struct State {
        var engine: AlarmEngine
        /// Sources that failed, as last told, by their places.
        var failed: [Int: String] = [:]
    }

    private let state: Mutex<State>
    private let sources: [Source]
    private let status: SharedStatus
    private let clock: any NodeClock
    private let signal = Signal()
    /// Seconds between two looks.
    private static let pause = 5.0

    /// - Parameter sources: each is asked at each look; one that throws gives nothing, with one alarm for each new reason.
    package init(rules: [AlarmRule], sources: [Source], status: SharedStatus, clock: any NodeClock) {
        state = Mutex(State(engine: AlarmEngine(rules)))
        self.sources = sources
        self.status = status
        self.clock = clock
    }

    /// Runs until `stop`.
    package func run() {
        while !signal.isStopped {
            look()
            signal.rest(seconds: AlarmWatch.pause)
        }
    }

    package func stop() { signal.stop() }

    /// One look.
    package func look() {
        let now = clock.moment()
        let seen = status.current
        let results = sources.map { source in Result { try source(seen) } }
        let told = state.withLock { state -> [Words] in
            var told: [Words] = []
            var samples: [Sample] = []
            for (place, result) in results.enumerated() {
                switch result {
                case .success(let found):
                    state.failed[place] = nil
                    samples += found
                case .failure(let error):
                    guard state.failed.updateValue("\(error)", forKey: place) != "\(error)" else { continue }
                    told.append(.alarm("some measures cannot be taken, and raise no alarm", error))
                }
            }
            told += state.engine.step(samples, at: now.steady).map(\.words)
            show(state.engine, at: now)
            return told
        }
        for words in told { status.alarm(words) }
    }

    /// Notes on any thread that somebody sees to a raised alarm: it is not escalated any more, and the node's state says who.
    ///
    /// - Parameter labels: of the alarm, by their names.
    /// - Returns: the account of whoever said so first; nil when no such alarm is raised.
    package func acknowledge(_ rule: String, _ labels: [String: String], by account: String) -> String? {
        let now = clock.moment()
        let seen = state.withLock { state in
            let seen = state.engine.acknowledge(rule, labels, by: account)
            show(state.engine, at: now)
            return seen
        }
        for change in seen?.changes ?? [] { status.alarm(change.words) }
        return seen?.alarm.acknowledgedBy
    }

    /// Within the lock, so that of two the later one stays.
    private func show(_ engine: AlarmEngine, at now: Moment) {
        let raised = engine.raised.map { RaisedAlarm(alarm: $0, since: now.wall + ($0.since - now.steady)) }
        status.update { $0.raised = raised }
    }
}
