import Events
import Testing

@testable import Replication

@Suite("Where two feeds part") struct FeedComparisonTests {
    private static let seed = FeedCursor(fseq: 0, chain: FeedRow.seed(of: .common))

    /// A street's row: the same as the hub's up to `common`.
    private static func row(_ fseq: Int64) -> FeedCursor {
        FeedCursor(fseq: fseq, chain: ChainValue(high: 7, low: UInt64(fseq)))
    }

    /// Asks until it is found.
    ///
    /// - Returns: the last common row, and the questions that it took.
    private static func search(last: Int64, common: Int64) -> (found: FeedCursor, questions: Int) {
        var comparison = FeedComparison(seed: seed, last: last)
        var questions = 0
        while !comparison.places.isEmpty, questions < 100 {
            questions += 1
            let asked = comparison.places.map(row)
            #expect(asked.count <= Int(FeedComparison.width) && asked.map(\.fseq) == asked.map(\.fseq).sorted())
            #expect(Set(asked.map(\.fseq)).count == asked.count)
            comparison.answered(asked, same: asked.last { $0.fseq <= common }?.fseq)
        }
        return (comparison.common, questions)
    }

    @Test("the last common row is found wherever it is")
    func found() {
        for last: Int64 in [0, 1, 2, 63, 64, 65, 66, 127, 4_097] {
            for common in Set([0, 1, last / 3, last / 2, last - 1, last].filter { (0...last).contains($0) }) {
                let found = FeedComparisonTests.search(last: last, common: common).found
                #expect(
                    found == (common == 0 ? FeedComparisonTests.seed : FeedComparisonTests.row(common)),
                    "\(last) \(common)")
            }
        }
    }

    @Test("four questions are enough for sixteen million rows")
    func questions() {
        for common: Int64 in [0, 1, 8_000_000, 15_999_999, 16_000_000] {
            let (found, questions) = FeedComparisonTests.search(last: 16_000_000, common: common)
            #expect(found.fseq == common && questions <= 4, "\(common): \(questions)")
        }
    }

    @Test("an answer that names what was not asked changes nothing for the worse")
    func nonsense() {
        var comparison = FeedComparison(seed: FeedComparisonTests.seed, last: 100)
        let asked = comparison.places.map(FeedComparisonTests.row)
        comparison.answered(asked, same: 1_000)
        #expect(comparison.common == FeedComparisonTests.seed && (comparison.places.last ?? 0) < 100)
    }

    @Test("a street that begins behind a base asks for its own rows alone, and comes to an end")
    func behindBase() {
        for common: Int64 in [0, 4_000, 4_001, 4_500, 5_000] {
            var comparison = FeedComparison(seed: Self.row(4_000), last: 5_000)
            var questions = 0
            while !comparison.places.isEmpty, questions < 100 {
                questions += 1
                let asked = comparison.places.map(Self.row)
                #expect(asked.allSatisfy { (4_001...5_000).contains($0.fseq) })
                #expect(Set(asked.map(\.fseq)).count == asked.count)
                comparison.answered(asked, same: asked.last { $0.fseq <= common }?.fseq)
            }
            #expect(questions < 5)
            #expect(comparison.common == Self.row(max(4_000, common)))
        }
    }
}
