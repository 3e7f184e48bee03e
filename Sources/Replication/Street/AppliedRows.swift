// By which way the rows came that a street has applied: how much PUB saves is a figure of the link, and PUB that brings
// nothing for hours is a port that somebody closed.

/// Rows that are durable at a street since its process began, by the way on which they came.
package struct AppliedRows: Sendable, Equatable {
    /// As they were published.
    package var live: Int64 = 0
    /// In the answer to a pull.
    package var batch: Int64 = 0

    package enum Way: Sendable { case live, batch }

    package init(live: Int64 = 0, batch: Int64 = 0) {
        self.live = live
        self.batch = batch
    }

    mutating func add(_ count: Int64, by way: Way) {
        switch way {
        case .live: live += count
        case .batch: batch += count
        }
    }
}

/// Rows that were handed to the shell and are not durable yet, oldest first.
struct RowsUnderWay: Sendable {
    private var runs: [(way: AppliedRows.Way, last: Int64)] = []

    /// - Parameter last: the fseq of the last row.
    mutating func add(through last: Int64, by way: AppliedRows.Way) {
        if runs.last?.way == way { runs.removeLast() }
        runs.append((way, last))
    }

    /// The rows above one and up to another are durable.
    mutating func applied(above: Int64, through last: Int64, into counts: inout AppliedRows) {
        var place = above
        while let run = runs.first, place < last {
            let end = min(run.last, last)
            counts.add(max(0, end - place), by: run.way)
            place = max(place, end)
            if run.last > last { return }
            runs.removeFirst()
        }
    }
}
