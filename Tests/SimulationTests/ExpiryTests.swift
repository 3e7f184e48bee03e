import Events
import Node
import Simulation
import Testing
import Tickets

/// A street lets the keys of callers go whose tickets have been over for long, and has them again when a ticket goes on.
@Suite("Keys of persons expire") struct ExpiryTests {
    private static let day: Int64 = 86_400_000
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let street: SimulatedNode

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_129)
        centre = try #require(cluster.nodes[cluster.centre])
        street = try #require(cluster.nodes[cluster.streets[0]])
        try cluster.run(milliseconds: 1_000)
    }

    /// A ticket that is at the street, and who called about it.
    private func dispatched() throws -> Box {
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "agent")
        try cluster.run(milliseconds: 200)
        let stream = try #require(try cluster.ticket(madeBy: call, at: cluster.centre))
        let event = try #require(
            try centre.log.reader.page(.stream(stream), .forward, from: 0, limit: 1).first
        ).event
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: stream, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: stream,
            ["lead": .string(cluster.unit(of: street.id)), "leadNode": .string(street.id.text)])
        try cluster.run(milliseconds: 2_000)
        return Box(stream: stream, person: try Sealing.person(in: #require(event.sealed)))
    }

    /// From the dispatch to the archive.
    private func end(_ box: Box) throws {
        cluster.command(.signed, at: street.id, ticket: box.stream)
        try cluster.run(milliseconds: 500)
        try work(box)
    }

    private func work(_ box: Box) throws {
        for (kind, node, body) in [
            (TicketEventKind.firstContactMade, street.id, ["way": .string("phone")] as JSONObject),
            (
                .replySubmitted, street.id,
                [
                    "text": .string("已处理"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                    "callerTold": .object(["way": .string("phone"), "at": .integer(cluster.now.milliseconds)]),
                ]
            ), (.finished, cluster.centre, [:]),
            (
                .callbackRecorded, cluster.centre,
                ["contacted": .bool(true), "solved": .bool(true), "grade": .string("5")]
            ),
            (.closed, cluster.centre, ["retention": .string("standard")]),
        ] {
            cluster.command(kind, at: node, ticket: box.stream, body, by: kind == .finished ? "zhao" : "wang")
            try cluster.run(milliseconds: 1_000)
        }
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        #expect(try street.fold(box.stream).state.status == .closed)
    }

    private func has(_ box: Box, _ node: SimulatedNode) throws -> Bool { try node.vault.held(box.person).key != nil }

    /// Lets days pass in which nothing happens, and minutes in which the nodes are at work.
    private func pass(days: Int64, minutes: Int64 = 4) throws {
        cluster.sleep(milliseconds: days * ExpiryTests.day)
        // A clock that leapt is believed after ten minutes; these slept, and so did their steady clocks.
        try cluster.run(milliseconds: minutes * 60_000)
    }

    /// What nodes said of keys that went.
    private func told(_ box: Box, at node: SimulatedNode) throws -> [Event] {
        try node.log.reader.page(.stream(StreamName(box.person.text)), .forward, from: 0, limit: 100).map(\.event)
            .filter { $0.type == KeyExpired.type }
    }

    @Test("after the days the key is gone at the street, and not before; the centre keeps it, and has it on record")
    func expires() throws {
        let (over, open) = (try dispatched(), try dispatched())
        try end(over)
        try pass(days: 89)
        #expect(try has(over, street))
        #expect(try told(over, at: street) == [])
        try pass(days: 1)
        #expect(try !has(over, street))
        #expect(try has(over, centre), "the centre is the master")
        #expect(try has(open, street), "it is still worked on")
        #expect(try told(over, at: street).count == 1)
        #expect(try cluster.settle() != nil)
        let event = try #require(try told(over, at: centre).first)
        #expect(event.id.origin.node == street.id)
        // Nothing of the person stands there but the id that the log has already.
        #expect(String(decoding: event.body.bytes ?? [], as: UTF8.self) == "{\"ticket\":\"\(over.stream.text)\"}")
        #expect(event.sealed == nil && event.actor == Actor(system: "expiry", rule: "1"))
        try pass(days: 30)
        #expect(try told(over, at: centre).count == 1, "told once")
        #expect(try cluster.disagreements() == [])
    }

    @Test("a ticket that is reopened brings the key back, also for when the line is cut; then it expires anew")
    func reopened() throws {
        let call = try dispatched()
        try end(call)
        try pass(days: 91)
        #expect(try !has(call, street))
        // Behind a look of the round, which would find it, too.
        try cluster.run(milliseconds: 20_000)
        cluster.command(
            .reopened, at: cluster.centre, ticket: call.stream,
            [
                "lead": .string(cluster.unit(of: street.id)), "leadNode": .string(street.id.text),
                "reason": .string("问题再现"),
            ])
        try cluster.run(milliseconds: 3_000)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        #expect(try street.fold(call.stream).state.status == .inHand)
        cluster.weather(.cut, at: street.id)
        try cluster.run(milliseconds: 1_000)
        #expect(try has(call, street), "the want brought it")
        #expect(try told(call, at: street).count == 1)
        cluster.weather(.fine, at: street.id)
        try work(call)
        try pass(days: 91)
        #expect(try !has(call, street))
        #expect(try told(call, at: street).count == 2)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
    }

    @Test("a street that cannot reach the centre keeps the key, and shows nothing, until the centre has it for sure")
    func cut() throws {
        let call = try dispatched()
        try end(call)
        cluster.weather(.cut, at: street.id)
        try pass(days: 91)
        #expect(try street.vault.isExpired(call.stream))
        #expect(try has(call, street))
        #expect(try told(call, at: street) == [])
        cluster.weather(.fine, at: street.id)
        try cluster.run(milliseconds: 120_000)
        #expect(try !has(call, street))
        #expect(try told(call, at: street).count == 1)
    }

    @Test("a centre that lost its keys gets the expired one before the street lets it go")
    func lostAtTheCentre() throws {
        cluster.exportKeys(cluster.centre)
        let call = try dispatched()
        try end(call)
        cluster.weather(.cut, at: street.id)
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre, .keys)
        try pass(days: 91)
        try cluster.start(cluster.centre)
        cluster.weather(.fine, at: street.id)
        try cluster.run(milliseconds: 180_000)
        #expect(try has(call, centre))
        #expect(try !has(call, street))
    }

    @Test("a node that dies between letting a key go and saying so says it when it is back, once")
    func diedBetween() throws {
        let call = try dispatched()
        try end(call)
        cluster.sleep(milliseconds: 90 * ExpiryTests.day)
        for _ in 1...20_000 where try has(call, street) { try cluster.run(milliseconds: 1) }
        #expect(try !has(call, street))
        #expect(try told(call, at: street) == [], "its next turn would say it")
        cluster.crash(street.id)
        try cluster.start(street.id)
        #expect(try cluster.settle() != nil)
        #expect(try told(call, at: street).count == 1)
        #expect(try street.vault.gone(limit: 10) == [])
        // And one whose word is stored while the vault does not know it.
        cluster.crash(street.id)
        try cluster.start(street.id)
        #expect(try cluster.settle() != nil)
        #expect(try told(call, at: centre).count == 1)
        #expect(try cluster.disagreements() == [])
    }

    @Test("who is erased after the key expired is erased there, too, and the street's word counts")
    func erased() throws {
        let call = try dispatched()
        try end(call)
        try pass(days: 91)
        #expect(try !has(call, street))
        _ = try #require(try cluster.eraseCaller(ofTicket: 0))
        #expect(try cluster.settle() != nil)
        #expect(try street.vault.held(call.person) == .erased)
        let events = try centre.log.reader.page(.stream(StreamName(call.person.text)), .forward, from: 0, limit: 100)
        let state = ErasureState(events.map(\.event), centre: cluster.centre)
        #expect(state.confirmed.keys.sorted() == cluster.all.map(\.id).sorted())
        #expect(state.expired.keys.sorted() == [street.id])
        #expect(try cluster.disagreements() == [])
    }

    @Test("a clock that leaps ahead lets no key expire; one that was wrong for long brings back what it took")
    func leap() throws {
        let call = try dispatched()
        try end(call)
        try cluster.run(milliseconds: 120_000)
        street.clockError = 400 * ExpiryTests.day
        try cluster.run(milliseconds: 9 * 60_000)
        #expect(try has(call, street), "nobody believes it yet")
        try cluster.run(milliseconds: 5 * 60_000)
        #expect(try !has(call, street))
        street.clockError = 0
        try cluster.run(milliseconds: 5 * 60_000)
        #expect(try has(call, street))
    }

    @Test("the centre lets no key expire, of whatever ticket")
    func master() throws {
        try end(try dispatched())
        let persons = centre.vault.persons
        try pass(days: 4_000)
        #expect(!persons.isEmpty && centre.vault.persons == persons)
    }
}
