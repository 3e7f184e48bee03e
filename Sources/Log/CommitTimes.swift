/// How long the last commits took: COMMIT alone, which writes the WAL and syncs it (fdatasync).

package struct CommitTimes: Sendable {
    /// Commits that are remembered.
    private static let limit = 1_024
    /// Older ones say nothing of the disk as it is now.
    private static let age = Duration.seconds(300)
    /// With fewer the slowest would stand for all.
    static let least = 20

    private var times: [(at: ContinuousClock.Instant, took: Duration)] = []
    private var next = 0

    mutating func note(_ took: Duration, at now: ContinuousClock.Instant) {
        if times.count < CommitTimes.limit {
            times.append((now, took))
        } else {
            times[next] = (now, took)
        }
        next = (next + 1) % CommitTimes.limit
    }

    /// The 99th percentile of the last five minutes' commits in microseconds; nil when there were fewer than 20.
    ///
    /// Sorts a thousand numbers.
    package func p99Microseconds(now: ContinuousClock.Instant = .now) -> Int64? {
        let fresh = times.filter { now - $0.at <= CommitTimes.age }.map(\.took).sorted()
        guard fresh.count >= CommitTimes.least else { return nil }
        return Int64(fresh[(fresh.count * 99 - 1) / 100] / .microseconds(1))
    }
}
