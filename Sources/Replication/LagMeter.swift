// Since when somebody lacks what there is: lag and outbox in time, not in rows. Nobody keeps a time for each row; a few marks
// say when the end was where.

struct LagMeter: Sendable {
    private static let limit = 64
    /// Milliseconds in which the end may move under one mark.
    private static let grain: Int64 = 1_000

    private struct Mark {
        var end: Int64
        /// When its last row came, in steady milliseconds.
        let at: Int64
        /// When its first row came.
        var first: Int64
    }

    /// Ascending in all.
    private var marks: [Mark] = []

    /// The end is here now; it does not go back, and one that does is left alone.
    mutating func note(_ end: Int64, at now: Int64) {
        guard let last = marks.last else { return marks.append(Mark(end: end, at: now, first: now)) }
        guard end > last.end else { return }
        if marks.count > 1, now - last.at < LagMeter.grain {
            marks[marks.count - 1].end = end
        } else {
            marks.append(Mark(end: end, at: now, first: now))
        }
        if marks.count > LagMeter.limit { thin(now) }
    }

    /// Makes one mark of two: those whose first row becomes the least younger for it, as a share of its age.
    private mutating func thin(_ now: Int64) {
        func loss(_ place: Int) -> Int64 {
            (marks[place + 1].at - marks[place].first) * 1_000 / (now - marks[place].first + 1)
        }
        guard let place = (0..<marks.count - 2).min(by: { loss($0) < loss($1) }) else { return }
        marks[place + 1].first = marks[place].first
        marks.remove(at: place)
    }

    /// Since when the first row behind a cursor has been there, in steady milliseconds, a second more or less; nil when there is
    /// none.
    ///
    /// What was there at the first note counts from then on.
    func since(above cursor: Int64) -> Int64? { marks.first { $0.end > cursor }?.at }
}
