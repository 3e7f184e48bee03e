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
    /// Working limits are shared out over working time, so a warning falls in office hours. What lies in `pauses` is
    /// not used: a pause that starts before the share is used up moves it.
    /// - Precondition: `permille` is 1…1000.
    package func instant(
        _ permille: Int64, permilleOf limit: Limit, from start: Timestamp, pauses: [Pause] = []
    ) -> Timestamp {
        precondition((1...1000).contains(permille), "a share is 1 to 1000 ‰, not \(permille)")
        let end = due(limit, from: start).at
        let from = countingStart(of: limit, from: start)
        if permille == 1000 { return moved(end, of: limit, from: from, by: pauses) }
        guard limit.unit.isWorking else {
            return moved(from + (end - from) * permille / 1000, of: limit, from: from, by: pauses)
        }
        let share = workingMilliseconds(from: from, to: end) * permille / 1000
        return moved(share > 0 ? instant(afterWorking: share, from: from) : from, of: limit, from: from, by: pauses)
    }

    /// When a limit is used up if its clock stood still during `pauses`, in any order, overlapping or not.
    ///
    /// - Returns: as `due(_:times:from:)`; a pause that starts at or after the due instant of its time moves nothing.
    package func due(
        _ limit: Limit, from start: Timestamp, pauses: [Pause]
    ) -> (at: Timestamp, provisional: Bool) {
        let at = moved(due(limit, from: start).at, of: limit, from: countingStart(of: limit, from: start), by: pauses)
        return (at, limit.unit.isWorking && zone.date(of: at) > publishedThrough)
    }

    /// An instant moved on by the time between two others, counted as the limit counts: working time moves by the working
    /// time in it.
    ///
    /// - Returns: the instant, and whether it lies after `publishedThrough` for a limit in working time; `end` before `start`
    ///   moves nothing.
    package func moved(
        _ instant: Timestamp, of limit: Limit, from start: Timestamp, to end: Timestamp
    ) -> (at: Timestamp, provisional: Bool) {
        guard limit.unit.isWorking else { return (instant + max(0, end - start), false) }
        return moved(instant, byWorking: workingMilliseconds(from: start, to: end))
    }

    /// Moves `instant`, at which something of a limit is used up, by the pauses before it.
    private func moved(_ instant: Timestamp, of limit: Limit, from start: Timestamp, by pauses: [Pause]) -> Timestamp {
        var at = instant
        // What was already counted as paused; keeps overlapping pauses from counting twice.
        var counted = start
        for pause in pauses.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) where pause.start < at {
            let from = max(pause.start, counted)
            guard from < pause.end else { continue }
            counted = pause.end
            at = moved(at, of: limit, from: from, to: pause.end).at
        }
        return at
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
