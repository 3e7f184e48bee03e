import Testing

@testable import Replication

/// Keys of persons wait for rows, and never for long.
@Suite("When keys are worked on") struct KeyPaceTests {
    /// Turns of a millisecond with so many rows each; how many of them work, when all was answered or not.
    private func worked(rows: Int, turns: Int, isAnswered: Bool) -> Int {
        var pace = KeyPace()
        pace.worked(now: 0)
        return (1...turns).count { turn in
            let now = Int64(turn)
            pace.came(rows: rows, now: now)
            guard pace.isDue(isAnswered: isAnswered, now: now) else { return false }
            pace.worked(now: now)
            return true
        }
    }

    @Test("while nothing else is to do they are worked on as they come, else in a share of the turns")
    func share() {
        #expect(worked(rows: 0, turns: 1_000, isAnswered: true) == 1_000)
        #expect(worked(rows: 0, turns: 1_000, isAnswered: false) == 100)
        #expect(worked(rows: 1, turns: 1_000, isAnswered: true) == 20)
        #expect(worked(rows: 1_000, turns: 2_000, isAnswered: true) == 4)
    }

    @Test("the first box after a rest is asked for in its turn, and what came last soon after the rows")
    func first() {
        var pace = KeyPace()
        pace.came(rows: 1, now: 10_000)
        #expect(pace.isDue(isAnswered: false, now: 10_000))
        #expect(pace.asked(now: 10_000) == KeyPace.Limit.asked)
        pace.came(rows: 5_000, now: 20_000)
        pace.worked(now: 20_000)
        #expect(pace.asked(now: 20_499) == KeyPace.Limit.askedManyRows)
        #expect(!pace.isDue(isAnswered: true, now: 20_499))
        #expect(pace.isDue(isAnswered: true, now: 20_500))
    }
}
