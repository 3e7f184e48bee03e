import Events
import Node
import Testing
import Tickets

/// Each condition of the rule, on both sides of its edge.
@Suite("Which time counts") struct CountedTimeTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_795_000_000_000 + seconds * 1_000) }

    /// Written at 1,000 s, in an outage from 500 s to 2,000 s, unless said otherwise.
    private func isNodes(
        recorded: Int64 = 1_000, arrival: Int64 = 2_010, lost: Int64 = 500, restored: Int64? = 2_000, offset: Int64 = 0,
        rule: TicketOutageRule = TicketOutageRule()
    ) -> Bool {
        let counted = CountedTime.of(
            recordedAt: at(recorded), arrival: at(arrival),
            outages: [Outage(lostAt: at(lost), restoredAt: restored.map(at))], clockOffset: offset,
            rule: rule)
        #expect(counted.at == (counted.isOutage ? at(recorded) : at(arrival)))
        return counted.isOutage
    }

    @Test("in the outage, and up to a minute on either side of it")
    func margins() {
        #expect(isNodes())
        #expect(isNodes(recorded: 440))
        #expect(!isNodes(recorded: 439))
        #expect(isNodes(recorded: 2_060, arrival: 2_100))
        #expect(!isNodes(recorded: 2_061, arrival: 2_100))
    }

    @Test("a clock that is off by two minutes at most, either way")
    func clock() {
        for offset in [120_000, -120_000] as [Int64] { #expect(isNodes(offset: offset)) }
        for offset in [120_001, -120_001, .max] as [Int64] { #expect(!isNodes(offset: offset)) }
    }

    @Test("an outage of 72 hours at most, also one that still lasts")
    func length() {
        let limit: Int64 = 72 * 3_600
        #expect(isNodes(arrival: 600 + limit, restored: 500 + limit))
        #expect(!isNodes(arrival: 600 + limit, restored: 501 + limit))
        #expect(isNodes(arrival: 500 + limit, restored: nil))
        #expect(!isNodes(arrival: 501 + limit, restored: nil))
    }

    @Test("each of the three as the rules say it")
    func published() {
        var rule = TicketOutageRule()
        rule.margin = 0
        #expect(isNodes(recorded: 500, rule: rule))
        #expect(!isNodes(recorded: 499, rule: rule))
        rule.clockOffset = 5_000
        #expect(isNodes(offset: -5_000, rule: rule))
        #expect(!isNodes(offset: 5_001, rule: rule))
        rule.longest = 1_500_000
        #expect(isNodes(rule: rule))
        rule.longest = 1_499_999
        #expect(!isNodes(rule: rule))
        rule.longest = 0
        #expect(!isNodes(rule: rule), "no outage excuses anybody")
    }

    @Test("never without an outage, and never later than the arrival")
    func none() {
        let counted = CountedTime.of(
            recordedAt: at(1), arrival: at(2), outages: [], clockOffset: 0, rule: TicketOutageRule())
        #expect(counted.at == at(2))
        #expect(!counted.isOutage)
        #expect(!isNodes(recorded: 2_020, arrival: 2_010))
    }
}
