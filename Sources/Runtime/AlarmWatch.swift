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
        let (told, raised) = state.withLock { state -> ([Words], [RaisedAlarm]) in
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
            let raised = state.engine.raised.map {
                RaisedAlarm(alarm: $0, since: now.wall + ($0.since - now.steady))
            }
            return (told, raised)
        }
        for words in told { status.alarm(words) }
        status.update { $0.raised = raised }
    }
}
