/// What the benchmark makes of a value and its goals: the verdicts, and whether the run fails.

import Testing

@testable import gridline_bench

@Suite("The benchmark's verdicts") struct VerdictTests {
    private func row(_ value: Int, goal: Goal, firstIssue: Goal? = nil) -> Row {
        Row(
            name: "a", work: "work", unit: .perSecond, value: value, reference: nil, goal: goal,
            firstIssue: firstIssue, note: "")
    }

    @Test("a missed goal fails no run, one that is not half reached does")
    func belowHalf() {
        let passed = row(100, goal: .atLeast(100))
        let missed = row(50, goal: .atLeast(100))
        let below = row(49, goal: .atLeast(100))
        #expect([passed, missed, below].map(\.verdict) == [.pass, .missed, .belowHalf])
        #expect([passed, missed, below].map(\.isFailed) == [false, false, true])
        #expect(row(200, goal: .atMost(100)).verdict == .missed)
        #expect(row(201, goal: .atMost(100)).isFailed)
    }

    @Test("the first issue's goal is the one in force, and both verdicts are told")
    func firstIssue() {
        let reached = row(240, goal: .atLeast(500), firstIssue: .atLeast(200))
        #expect(reached.verdict == .belowHalf)
        #expect(!reached.isFailed)
        #expect(reached.verdictText == "BELOW HALF (first issue: PASS)")
        #expect(row(99, goal: .atLeast(500), firstIssue: .atLeast(200)).isFailed)
    }

    @Test("a report names what fails the run")
    func failed() {
        let report = Report()
        report.add(row(100, goal: .atLeast(100)))
        #expect(report.failed == [])
        report.add(row(10, goal: .atLeast(100)))
        #expect(report.failed == ["work"])
        #expect(report.table.contains("| ≥ 100/s | BELOW HALF |"))
    }

    @Test("what was measured elsewhere stands in the table by that name, and makes no verdict")
    func elsewhere() {
        let report = Report()
        report.add(row(100, goal: .atLeast(100)))
        #expect(!report.table.contains("NATS"))
        var beside = row(100, goal: .atLeast(100))
        beside.nats = Elsewhere(fast: "900/s", durable: "7/s")
        report.add(beside)
        #expect(beside.verdict == .pass && beside.ratio == nil)
        #expect(report.table.contains("| NATS\\*: 900/s; durable: 7/s | – |"))
        #expect(report.table.contains("\\* Not of this run"))
    }
}
