/// The arithmetic of limits: due instants and working time between instants.
///
/// A working day runs from a clock time to the same clock time of the next working day, each brought into the working time
/// of its day: before the opening it is the opening, after an interval's end that end. A start on a day off counts from
/// the next opening.

package import Events

extension WorkCalendar {
    /// How many days one computation looks ahead before it gives up; about 1,000 years.
    private static let horizon: Int64 = 366_000

    /// When a limit that starts at `start` is used up.
    ///
    /// - Parameter factor: the limit is taken so many times, 1…10, in its own kind of time.
    /// - Returns: the instant, and whether it lies after `publishedThrough` for a limit in working time.
    package func due(
        _ limit: Limit, times factor: Int64 = 1, from start: Timestamp
    ) -> (at: Timestamp, provisional: Bool) {
        precondition((1...10).contains(factor), "a limit is taken 1 to 10 times, not \(factor)")
        let from = limit.fromNextDay ? zone.instant(zone.date(of: start) + 1) : start
        let amount = limit.amount * factor
        let at: Timestamp
        switch limit.unit {
        case .naturalMinutes: return (from + amount * 60_000, false)
        case .naturalHours: return (from + amount * 3_600_000, false)
        case .naturalDays: return (from + amount * 86_400_000, false)
        case .workingHours: at = instant(afterWorking: amount * 3_600_000, from: from)
        case .workingDays: at = instant(afterDays: amount, from: from, nextDay: limit.fromNextDay)
        }
        return (at, zone.date(of: at) > publishedThrough)
    }

    /// Milliseconds of working time in `start..<end`; 0 when `end` is not later.
    package func workingMilliseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
        guard start < end else { return 0 }
        var sum: Int64 = 0
        var date = zone.date(of: start)
        let last = zone.date(of: end)
        while date <= last {
            for interval in intervals(on: date) {
                let from = max(start, zone.instant(date, minute: interval.start))
                let to = min(end, zone.instant(date, minute: interval.end))
                if from < to { sum += to - from }
            }
            date = date + 1
        }
        return sum
    }

    /// An instant moved on by working time, to the millisecond.
    ///
    /// - Returns: the instant, and whether it lies after `publishedThrough`.
    package func moved(_ instant: Timestamp, byWorking milliseconds: Int64) -> (at: Timestamp, provisional: Bool) {
        let at = milliseconds > 0 ? self.instant(afterWorking: milliseconds, from: instant) : instant
        return (at, zone.date(of: at) > publishedThrough)
    }

    /// The first instant by which `milliseconds` of working time have passed.
    ///
    /// - Precondition: `milliseconds` > 0.
    func instant(afterWorking milliseconds: Int64, from start: Timestamp) -> Timestamp {
        precondition(milliseconds > 0, "a span of working time is positive, not \(milliseconds)")
        var left = milliseconds
        var date = zone.date(of: start)
        let last = date + WorkCalendar.horizon
        while date < last {
            for interval in intervals(on: date) {
                let from = max(start, zone.instant(date, minute: interval.start))
                let to = zone.instant(date, minute: interval.end)
                guard from < to else { continue }
                if to - from >= left { return from + left }
                left -= to - from
            }
            date = date + 1
        }
        return zone.instant(last)
    }

    /// The end of the `days`th working day from `start`; with `nextDay`, the close of that day.
    private func instant(afterDays days: Int64, from start: Timestamp, nextDay: Bool) -> Timestamp {
        var date = zone.date(of: start)
        let last = date + WorkCalendar.horizon
        let isOff = !isWorkday(date)
        while date < last, !isWorkday(date) { date = date + 1 }
        // 0 lies before every opening.
        let begun = worked(isOff ? 0 : zone.millisecondOfDay(start), on: date)
        var left = nextDay ? days - 1 : days
        while left > 0, date < last {
            date = date + 1
            if isWorkday(date) { left -= 1 }
        }
        // The end of the day lies after every close.
        return zone.instant(date) + worked(nextDay ? 86_400_000 : begun, on: date)
    }

    /// A clock time brought into the working time of a day; both in milliseconds after midnight.
    ///
    /// In a gap it is the end before it, as after the close: until the next opening nobody works, so that no working time
    /// is lost, and a limit in working hours that ends there ends there too.
    private func worked(_ millisecond: Int64, on date: CivilDate) -> Int64 {
        let intervals = intervals(on: date)
        guard let first = intervals.first else { return millisecond }
        let begun = intervals.last { $0.start * 60_000 <= millisecond } ?? first
        return min(max(millisecond, begun.start * 60_000), begun.end * 60_000)
    }
}
