/// Instants within a limit, and due instants that pauses move.

package import Events

/// A span in which a clock stands still (挂起), `end` not included.
package struct Pause: Sendable, Equatable {
    package let start: Timestamp
    package let end: Timestamp

    /// - Precondition: `start` ≤ `end`.
    package init(from start: Timestamp, to end: Timestamp) {
        precondition(start <= end, "a pause ends after it starts: \(start.milliseconds) to \(end.milliseconds)")
        self.start = start
        self.end = end
    }
}

extension WorkCalendar {
    /// When `permille` ‰ of a limit that starts at `start` are used up, rounded down to the millisecond.
    ///
    /// Working limits are shared out over working time, so a warning falls in office hours.
    /// - Precondition: `permille` is 1…1000.
    package func instant(_ permille: Int64, permilleOf limit: Limit, from start: Timestamp) -> Timestamp {
        precondition((1...1000).contains(permille), "a share is 1 to 1000 ‰, not \(permille)")
        let end = due(limit, from: start).at
        let from = countingStart(of: limit, from: start)
        if permille == 1000 { return end }
        guard limit.unit.isWorking else { return from + (end - from) * permille / 1000 }
        let share = workingMilliseconds(from: from, to: end) * permille / 1000
        return share > 0 ? instant(afterWorking: share, from: from) : from
    }

    /// When a limit is used up if its clock stood still during `pauses`, in any order, overlapping or not.
    ///
    /// - Returns: as `due(_:from:)`; a pause that starts at or after the due instant of its time moves nothing.
    package func due(
        _ limit: Limit, from start: Timestamp, pauses: [Pause]
    ) -> (at: Timestamp, provisional: Bool) {
        var (at, provisional) = due(limit, from: start)
        // What was already counted as paused; keeps overlapping pauses from counting twice.
        var counted = countingStart(of: limit, from: start)
        for pause in pauses.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) where pause.start < at {
            let from = max(pause.start, counted)
            guard from < pause.end else { continue }
            counted = pause.end
            if limit.unit.isWorking {
                let lost = workingMilliseconds(from: from, to: pause.end)
                if lost > 0 { at = instant(afterWorking: lost, from: at) }
            } else {
                at = at + (pause.end - from)
            }
        }
        if limit.unit.isWorking { provisional = zone.date(of: at) > publishedThrough }
        return (at, provisional)
    }

    private func countingStart(of limit: Limit, from start: Timestamp) -> Timestamp {
        limit.fromNextDay ? zone.instant(zone.date(of: start) + 1) : start
    }
}

extension LimitUnit {
    /// Whether only working time counts.
    package var isWorking: Bool {
        switch self {
        case .naturalMinutes, .naturalHours, .naturalDays: false
        case .workingHours, .workingDays: true
        }
    }
}
