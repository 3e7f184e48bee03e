import Events
import Simulation
import Testing
import Tickets

/// What time makes due, and which time counts, on whole nodes, under the shipped calendar: offices work from 9 to 12 and
/// from 1 to 5, Monday to Friday.
@Suite("Timers and counted times") struct TimersTests {
    private static let hour: Int64 = 3_600_000
    private let cluster: Cluster
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1"], seed: 7)
        street = cluster.streets[0]
        try cluster.run(milliseconds: 2_000)
    }

    /// A time of day in November 2026, in China; the 20th is a Friday.
    private func november(_ day: Int64, _ hour: Int64, _ minute: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: 1_795_363_200_000 + ((day - 23) * 1_440 + hour * 60 + minute) * 60_000)
    }

    /// Lets nothing happen until ten seconds before a moment; what is done now is done a little before it.
    private func sleep(until moment: Timestamp) throws {
        cluster.sleep(milliseconds: moment + -20_000 - cluster.now)
        try cluster.run(milliseconds: 10_000)
    }

    /// Sleeps, and lets every node have turns until a moment has passed.
    private func wait(until moment: Timestamp) throws {
        try sleep(until: moment)
        try cluster.run(milliseconds: 11_000)
    }

    private func register(at node: NodeID, _ fields: JSONObject = [:]) throws -> StreamName {
        var body = fields
        body["channel"] = .string("hotline")
        body["matter"] = .string("路灯不亮")
        body["kind"] = .string("help")
        let call = cluster.command(.registered, at: node, body, role: node == cluster.centre ? "agent" : "clerk")
        try cluster.run(milliseconds: 100)
        let ticket = try #require(try cluster.ticket(madeBy: call, at: node))
        cluster.command(.queuedForDispatch, at: node, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        return ticket
    }

    /// A ticket that is dispatched to the street.
    private func dispatched() throws -> StreamName {
        let ticket = try register(at: cluster.centre)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: ticket,
            ["lead": .string("320507001"), "leadNode": .string("street1")])
        try cluster.run(milliseconds: 1_000)
        return ticket
    }

    private func signed() throws -> StreamName {
        let ticket = try dispatched()
        cluster.command(.signed, at: street, ticket: ticket)
        try cluster.run(milliseconds: 1_000)
        return ticket
    }

    private func reply(to ticket: StreamName) throws {
        cluster.command(
            .replySubmitted, at: street, ticket: ticket,
            [
                "text": .string("已修"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                "callerTold": .object(["way": .string("phone"), "at": .integer(cluster.now.milliseconds)]),
            ])
        try cluster.run(milliseconds: 500)
    }

    private func fold(_ ticket: StreamName, at node: NodeID? = nil) throws -> TicketFold {
        try #require(try cluster.nodes[node ?? cluster.centre]?.fold(ticket))
    }

    private func count(_ kind: TicketEventKind, of ticket: StreamName) throws -> Int {
        try fold(ticket).entries.count { $0.record.kind == kind }
    }

    private func restart(_ node: NodeID) throws {
        cluster.crash(node)
        try cluster.start(node)
    }

    @Test(
        "who does not sign a dispatch of Friday four o'clock is deemed to have signed on Monday at five: once, whoever restarts"
    )
    func deemedSigning() throws {
        try sleep(until: november(20, 16))
        let ticket = try dispatched()
        try wait(until: november(23, 12))
        #expect(try fold(ticket).state.signDue.map { $0.at < cluster.now } == true, "four hours of work have passed")
        try wait(until: november(23, 16, 59))
        #expect(try count(.signDeemed, of: ticket) == 0)
        try restart(cluster.centre)
        try wait(until: november(23, 17))
        #expect(try count(.signDeemed, of: ticket) == 1)
        #expect(try fold(ticket).state.status == .inHand)
        try restart(cluster.centre)
        try cluster.run(milliseconds: 5_000)
        #expect(try count(.signDeemed, of: ticket) == 1)
        #expect(try fold(ticket, at: street).state.isSignDeemed, "the street hears of it")
    }

    @Test("a centre that has a dispatch back which its disk lost counts its time")
    func reclaimed() throws {
        try sleep(until: november(20, 16))
        let ticket = try register(at: cluster.centre)
        cluster.backUp(cluster.centre)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: ticket,
            ["lead": .string("320507001"), "leadNode": .string("street1")])
        try cluster.run(milliseconds: 5_000)
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        #expect(try count(.dispatched, of: ticket) == 0)
        try cluster.start(cluster.centre)
        try cluster.run(milliseconds: 10_000)
        #expect(try count(.dispatched, of: ticket) == 1, "\(cluster.summary)")
        try wait(until: november(23, 17))
        #expect(try count(.signDeemed, of: ticket) == 1)
    }

    @Test("seven days from Friday are warned of after half and four fifths of them, and overdue on Friday, each once")
    func warnings() throws {
        try sleep(until: november(20, 16))
        let ticket = try signed()
        try wait(until: november(24, 3, 59))
        #expect(try count(.preWarned, of: ticket) == 0)
        try wait(until: november(24, 4))
        #expect(try count(.preWarned, of: ticket) == 1)
        try wait(until: november(26, 6, 23))
        #expect(try count(.preWarned, of: ticket) == 1)
        try wait(until: november(26, 6, 24))
        #expect(try count(.preWarned, of: ticket) == 2)
        try wait(until: november(27, 15, 59))
        #expect(try count(.overdueNoted, of: ticket) == 0)
        cluster.loseNextTransaction(of: cluster.centre)
        try wait(until: november(27, 16))
        #expect(try count(.overdueNoted, of: ticket) == 1)
        #expect(try count(.preWarned, of: ticket) == 2)
        #expect(try cluster.settle() != nil)
    }

    @Test("five working days from Friday are half used on Wednesday before lunch")
    func workingWarnings() throws {
        try cluster.publish("limits", preset: "limits-shanghai-daning")
        try sleep(until: november(20, 16))
        let ticket = try signed()
        try wait(until: november(25, 11, 29))
        #expect(try count(.preWarned, of: ticket) == 0)
        try wait(until: november(25, 11, 30))
        #expect(try count(.preWarned, of: ticket) == 1)
        try wait(until: november(26, 15, 59))
        #expect(try count(.preWarned, of: ticket) == 1)
        try wait(until: november(26, 16))
        #expect(try count(.preWarned, of: ticket) == 2)
    }

    @Test("a suspension that ends while the centre is down ends when it was to end")
    func lateResumption() throws {
        try sleep(until: november(20, 16))
        let ticket = try signed()
        cluster.command(
            .suspendAsked, at: street, ticket: ticket,
            [
                "reasonClass": .string("test"), "reason": .string("送检"),
                "review": .integer(november(22, 16).milliseconds), "promised": .integer(november(24, 16).milliseconds),
            ])
        try cluster.run(milliseconds: 1_000)
        cluster.command(
            .suspendGranted, at: cluster.centre, ticket: ticket, ["until": .integer(november(22, 16).milliseconds)])
        try cluster.run(milliseconds: 1_000)
        cluster.crash(cluster.centre)
        cluster.sleep(milliseconds: november(25, 10) - cluster.now)
        try cluster.start(cluster.centre)
        try cluster.run(milliseconds: 5_000)
        let state = try fold(ticket).state
        #expect(state.suspendedSince == nil)
        // Two days stood still, less the seconds that the request took.
        let due = try #require(state.due?.at)
        #expect(due > november(29, 15, 59) && due < november(29, 16))
        #expect(try count(.resumed, of: ticket) == 1)
    }

    @Test(
        "late while the line is down is unconfirmed; then what came over it in time settles it, and silence confirms it"
    )
    func unconfirmed() throws {
        try sleep(until: november(20, 16))
        let tickets = try [signed(), signed()]
        try wait(until: november(27, 15, 50))
        cluster.weather(.cut, at: street)
        try cluster.run(milliseconds: 90_000)
        try reply(to: tickets[0])
        try wait(until: november(27, 16, 1))
        for ticket in tickets {
            let state = try fold(ticket).state
            #expect(state.isOverdueNoted && state.isOverdueUnconfirmed)
        }
        cluster.sleep(milliseconds: TimersTests.hour)
        #expect(try cluster.settle() != nil)
        for node in [cluster.centre, street] {
            let state = try fold(tickets[0], at: node).state
            #expect(state.status == .replied)
            #expect(!state.isOverdueNoted && !state.isOverdueUnconfirmed, "\(node)")
        }
        #expect(try fold(tickets[1]).state.isOverdueUnconfirmed)
        try cluster.run(milliseconds: 11 * 60_000)
        let silent = try fold(tickets[1]).state
        #expect(silent.isOverdueNoted && !silent.isOverdueUnconfirmed)
        #expect(try count(.overdueNoted, of: tickets[1]) == 2)
        #expect(try count(.overdueNoted, of: tickets[0]) == 1)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
    }

    @Test("a calendar that comes later moves what was provisional, once, whoever restarts")
    func recomputed() throws {
        try cluster.publish("limits", preset: "limits-shanghai-daning")
        try cluster.publish("calendar", preset: "calendar-china") {
            $0["version"] = .string("early")
            $0["publishedThrough"] = .string("2026-11-21")
        }
        try sleep(until: november(20, 16))
        let ticket = try signed()
        let before = try #require(try fold(ticket).state.due)
        #expect(before.isProvisional && before.at > november(27, 15, 59) && before.at < november(27, 16))
        // Monday turns out to be a day off.
        func publish(_ version: String) throws {
            try cluster.publish("calendar", preset: "calendar-china") {
                $0["version"] = .string(version)
                let holiday: JSONObject = ["date": .string("2026-11-23"), "intervals": .array([])]
                $0["exceptions"] = .array(($0["exceptions"]?.array ?? []) + [.object(holiday)])
            }
            try cluster.run(milliseconds: 5_000)
        }
        try publish("later")
        #expect(try count(.dueRecomputed, of: ticket) == 1)
        let due = try #require(try fold(ticket).state.due)
        #expect(!due.isProvisional && due.at == before.at + 3 * 24 * TimersTests.hour, "Monday the 30th")
        try restart(cluster.centre)
        try cluster.run(milliseconds: 5_000)
        try publish("later still")
        #expect(try count(.dueRecomputed, of: ticket) == 1)
        #expect(try cluster.settle() != nil)
        #expect(try fold(ticket, at: street).state.due == due)
    }

    @Test("a due time that a street wrote under rules of before stands, and the centre notes what it would be")
    func otherRules() throws {
        try sleep(until: november(20, 16))
        let ticket = try register(at: street, ["unit": .string("320507001")])
        cluster.weather(.cut, at: street)
        try cluster.publish("limits", preset: "limits-county-72h") { $0["version"] = .string("new") }
        try cluster.run(milliseconds: 2_000)
        cluster.command(.dispatched, at: street, ticket: ticket, ["lead": .string("320507001")])
        try cluster.run(milliseconds: 1_000)
        let due = try #require(try fold(ticket, at: street).state.due)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
        for node in [cluster.centre, street] {
            let state = try fold(ticket, at: node).state
            #expect(state.due == due)
            let differences = Array(state.dueDifferences.values)
            #expect(differences.count == 1)
            #expect(differences.first?.before == due)
            #expect(differences.first?.due.at == due.at + -4 * 24 * TimersTests.hour, "three days instead of seven")
            #expect(differences.first?.rule.hasPrefix("new+") == true)
        }
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
        let ticket = try signed()
        try reply(to: ticket)
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
