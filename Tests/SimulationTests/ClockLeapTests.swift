import Events
import Simulation
import Testing
import Tickets

/// A wall clock that leaps ahead of the steady one, under the shipped calendar: offices work from 9 to 12 and from 1 to 5.
@Suite("A clock that leaps") struct ClockLeapTests {
    private let hour: Int64 = 3_600_000
    private let cluster: Cluster

    /// Monday 23 November 2026 at five in China: a dispatch of Friday at four is deemed signed.
    private let monday = Timestamp(milliseconds: 1_795_424_400_000)

    init() throws {
        cluster = try Cluster(streets: ["street1"], seed: 7)
        try cluster.run(milliseconds: 2_000)
    }

    /// Lets nothing happen until ten seconds before a moment, and every node have turns until it has passed.
    private func wait(until moment: Timestamp) throws {
        cluster.sleep(milliseconds: moment + -10_000 - cluster.now)
        try cluster.run(milliseconds: 11_000)
    }

    private func dispatchedOnFriday() throws -> StreamName {
        try wait(until: monday + (-73 * hour - 20_000))
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "agent")
        let ticket = try StreamName(category: "ticket", key: call.description)
        try cluster.run(milliseconds: 100)
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: ticket,
            ["lead": .string("320507001"), "leadNode": .string("street1")])
        try cluster.run(milliseconds: 1_000)
        #expect(try fold(ticket).state.status == .dispatched)
        return ticket
    }

    private func fold(_ ticket: StreamName) throws -> TicketFold {
        try #require(try cluster.nodes[cluster.centre]?.fold(ticket))
    }

    private func count(_ kind: TicketEventKind, of ticket: StreamName) throws -> Int {
        try fold(ticket).entries.count { $0.record.kind == kind }
    }

    @Test("a clock that leaps ten years for three seconds spends no timer, and an alarm says so")
    func leap() throws {
        let ticket = try dispatchedOnFriday()
        cluster.nodes[cluster.centre]?.clockError = 3_650 * 24 * hour
        try cluster.run(milliseconds: 3_000)
        cluster.nodes[cluster.centre]?.clockError = 0
        try wait(until: monday + -60_000)
        let state = try fold(ticket).state
        #expect(state.status == .dispatched && !state.isOverdueNoted)
        #expect(try count(.signDeemed, of: ticket) == 0)
        #expect(cluster.summary.contains("the clock leapt ahead by 5256000 minutes"))
        try wait(until: monday)
        #expect(try count(.signDeemed, of: ticket) == 1, "timers go on")
        #expect(try count(.overdueNoted, of: ticket) == 0)
    }

    @Test("what was looked at by the wrong time is looked at again by the right one: no warning is passed over")
    func leapBack() throws {
        let ticket = try dispatchedOnFriday()
        // Signed, so that no other timer comes before the warning.
        cluster.command(.signed, at: cluster.streets[0], ticket: ticket)
        try cluster.run(milliseconds: 1_000)
        #expect(try fold(ticket).state.status == .inHand)
        cluster.nodes[cluster.centre]?.clockError = 30 * 24 * hour
        try cluster.run(milliseconds: 1_000)
        // By the wrong time the hour of its first warning is long over.
        let urge = cluster.command(.urged, at: cluster.centre, ticket: ticket, ["text": .string("请尽快")], role: "agent")
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.acknowledged[urge] == cluster.centre)
        cluster.nodes[cluster.centre]?.clockError = 0
        // Half of seven days from Friday at four.
        try wait(until: monday + 12 * hour)
        #expect(try count(.preWarned, of: ticket) == 1)
    }

    @Test("what people do goes on under a clock that leapt; ten minutes after the last leap it is believed")
    func leapThatStays() throws {
        let ticket = try dispatchedOnFriday()
        cluster.nodes[cluster.centre]?.clockError = 4 * 24 * hour
        try cluster.run(milliseconds: 9 * 60_000)
        #expect(try count(.signDeemed, of: ticket) == 0)
        let urge = cluster.command(.urged, at: cluster.centre, ticket: ticket, ["text": .string("请尽快")], role: "agent")
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.acknowledged[urge] == cluster.centre)
        cluster.nodes[cluster.centre]?.clockError += 2 * hour
        try cluster.run(milliseconds: 9 * 60_000)
        #expect(try count(.signDeemed, of: ticket) == 0, "a further leap starts the ten minutes anew")
        try cluster.run(milliseconds: 2 * 60_000)
        #expect(try count(.signDeemed, of: ticket) == 1, "a machine that slept is not stuck")
    }
}
