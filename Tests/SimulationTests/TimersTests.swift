import Events
import Simulation
import Testing
import Tickets

/// What time makes due, and which time counts, on whole nodes.
@Suite("Timers and counted times") struct TimersTests {
    private static let hour: Int64 = 3_600_000
    private let cluster: Cluster
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1"], seed: 7)
        street = cluster.streets[0]
        try cluster.run(milliseconds: 2_000)
    }

    /// A ticket that is dispatched to the street.
    private func dispatched() throws -> StreamName {
        let call = cluster.command(
            .registered, at: cluster.centre,
            ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")])
        let ticket = try StreamName(category: "ticket", key: call.description)
        try cluster.run(milliseconds: 100)
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: ticket,
            ["lead": .string("320507001"), "leadNode": .string("street1")])
        try cluster.run(milliseconds: 1_000)
        return ticket
    }

    private func fold(_ ticket: StreamName) throws -> TicketFold {
        try #require(try cluster.nodes[cluster.centre]?.fold(ticket))
    }

    private func count(_ kind: TicketEventKind, of ticket: StreamName) throws -> Int {
        try fold(ticket).entries.count { $0.record.kind == kind }
    }

    /// Sleeps until a moment, and lets every node have some turns.
    private func wait(until moment: Timestamp) throws {
        cluster.sleep(milliseconds: moment - cluster.now)
        try cluster.run(milliseconds: 5_000)
    }

    @Test("a unit that does not sign is deemed to have signed at twice the limit: once, whoever restarts")
    func deemedSigning() throws {
        let ticket = try dispatched()
        let state = try fold(ticket).state
        let start = try #require(state.dispatchedAt)
        let limit = try #require(state.signDue?.at) - start
        try wait(until: start + 2 * limit + -20_000)
        #expect(try count(.signDeemed, of: ticket) == 0)
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        try wait(until: start + 2 * limit)
        #expect(try count(.signDeemed, of: ticket) == 1)
        #expect(try fold(ticket).state.status == .inHand)
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        try cluster.run(milliseconds: 5_000)
        #expect(try count(.signDeemed, of: ticket) == 1)
        #expect(try cluster.nodes[street]?.fold(ticket).state.isSignDeemed == true, "the street hears of it")
    }

    @Test("warnings come at their shares of the limit, then overdue, each once; the centre slept meanwhile")
    func warnings() throws {
        let ticket = try dispatched()
        cluster.command(.signed, at: street, ticket: ticket)
        try cluster.run(milliseconds: 1_000)
        let due = try #require(try fold(ticket).state.due?.at)
        let start = try #require(try fold(ticket).state.roundStartedAt)
        try wait(until: start + (due - start) / 100 * 60)
        #expect(try count(.preWarned, of: ticket) == 1)
        try wait(until: start + (due - start) / 100 * 90)
        #expect(try count(.preWarned, of: ticket) == 2)
        #expect(try count(.overdueNoted, of: ticket) == 0)
        cluster.loseNextTransaction(of: cluster.centre)
        try wait(until: due + 1)
        #expect(try count(.overdueNoted, of: ticket) == 1)
        #expect(try count(.preWarned, of: ticket) == 2)
        #expect(try cluster.settle() != nil)
    }

    @Test("a sign that was made while the line was down counts at its own time, one that was not at its arrival")
    func countedTime() throws {
        let online = try dispatched()
        let offline = try dispatched()
        cluster.command(.signed, at: street, ticket: online)
        try cluster.run(milliseconds: 1_000)
        cluster.weather(.cut, at: street)
        try cluster.run(milliseconds: 60_000)
        let before = cluster.now
        cluster.command(.signed, at: street, ticket: offline)
        try cluster.run(milliseconds: 1_000)
        let after = cluster.now
        cluster.sleep(milliseconds: TimersTests.hour)
        try cluster.run(milliseconds: 60_000)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])

        let lines = try cluster.nodes[cluster.centre]?.log.reader
            .page(.category("link"), .forward, from: 0, limit: 100).map(\.event.type.name)
        #expect(lines == ["link.restored", "link.lost", "link.restored"])
        let signed = try #require(try fold(offline).state.signedAt)
        #expect(signed >= before && signed <= after, "counted when it was written, though it came an hour later")
        let receipts = try [online, offline].map { ticket in
            try fold(ticket).entries.filter { $0.record.kind == .receiptNoted }.map { $0.record.body["why"]?.string }
        }
        #expect(receipts == [["arrival"], ["outage"]])
    }

    @Test("an answer is archived after its days, and a closed ticket is left alone")
    func archive() throws {
        let ticket = try dispatched()
        cluster.command(.signed, at: street, ticket: ticket)
        try cluster.run(milliseconds: 500)
        cluster.command(
            .replySubmitted, at: street, ticket: ticket,
            [
                "text": .string("已修"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                "callerTold": .object(["way": .string("phone"), "at": .integer(cluster.now.milliseconds)]),
            ])
        try cluster.run(milliseconds: 500)
        cluster.command(.finished, at: cluster.centre, ticket: ticket, by: "zhao")
        try cluster.run(milliseconds: 500)
        cluster.command(
            .callbackRecorded, at: cluster.centre, ticket: ticket,
            ["contacted": .bool(true), "solved": .bool(true), "grade": .string("5")])
        try cluster.run(milliseconds: 500)
        #expect(try fold(ticket).state.status == .calledBack)
        cluster.sleep(milliseconds: 40 * 24 * TimersTests.hour)
        try cluster.run(milliseconds: 5_000)
        #expect(try fold(ticket).state.status == .closed)
        #expect(try count(.closed, of: ticket) == 1)
    }
}
