/// Finds the last row of a feed that a street and its hub both have, by asking for a few chain values at a time.
///
/// A chain value stands for all rows before it: where two are the same, all before them is. So the last one that is the
/// same is found as in a sorted list, `width` places at a question: four questions for 16 million rows.

import Events

struct FeedComparison: Sendable, Equatable {
    /// Chain values in one question.
    static let width: Int64 = 64

    /// Both have the feed up to here.
    private(set) var common: FeedCursor
    /// The first row that is known to differ, or not to be there.
    private var end: Int64

    /// - Parameters:
    ///   - seed: where every feed of this name begins, or the row behind which the street began.
    ///   - last: the street's last row.
    init(seed: FeedCursor, last: Int64) {
        common = seed
        end = max(last, seed.fseq) + 1
    }

    /// The rows to ask for next, ascending, the last one in question among them; empty when `common` is the last that is common.
    var places: [Int64] {
        let open = end - 1 - common.fseq
        let count = min(open, FeedComparison.width)
        return count <= 0 ? [] : (1...count).map { common.fseq + open * $0 / count }
    }

    /// The hub's answer.
    ///
    /// - Parameters:
    ///   - asked: the street's chain values at `places`.
    ///   - same: the last of them that the hub has too; nil for none.
    mutating func answered(_ asked: [FeedCursor], same: Int64?) {
        if let same, let found = asked.last(where: { $0.fseq == same }) { common = found }
        end = asked.first { $0.fseq > common.fseq }?.fseq ?? end
    }
}
