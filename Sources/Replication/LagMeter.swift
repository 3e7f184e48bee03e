// Since when somebody lacks what there is: lag and outbox in time, not in rows. Nobody keeps a time for each row; a few marks
// say when the end was where.

struct LagMeter: Sendable {
    private static let limit = 64
    /// Milliseconds in which the end may move under one mark.
    private static let grain: Int64 = 1_000

    private struct Mark {
        var end: Int64
        /// Steady milliseconds.
        let at: Int64
    }

    /// Ascending in both.
    private var marks: [Mark] = []

    /// The end is here now; it does not go back, and one that does is left alone.
    mutating func note(_ end: Int64, at now: Int64) {
        guard let last = marks.last else { return marks.append(Mark(end: end, at: now)) }
        guard end > last.end else { return }
        if marks.count > 1, now - last.at < LagMeter.grain {
            marks[marks.count - 1].end = end
        } else {
            marks.append(Mark(end: end, at: now))
        }
        if marks.count > LagMeter.limit {
            // Every second one of the older half goes: what it stood for counts as a little younger.
            marks = marks.enumerated().filter { $0.offset >= LagMeter.limit / 2 || !$0.offset.isMultiple(of: 2) }
                .map(\.element)
        }
    }

    /// Since when the first row behind a cursor has been there, in steady milliseconds, a second more or less; nil when there is
    /// none.
    ///
    /// What was there at the first note counts from then on.
    func since(above cursor: Int64) -> Int64? { marks.first { $0.end > cursor }?.at }
}
