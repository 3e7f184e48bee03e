import Events
import Node
import Replication
import Simulation
import Testing
import Tickets

/// What a street may not have it does not get, whatever it says; a key that opens nothing is not kept.
@Suite("Keys that are not a node's to have") struct ForeignKeyTests {
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_126)
        centre = try #require(cluster.nodes[cluster.centre])
        street = cluster.streets[0]
        try cluster.run(milliseconds: 1_000)
    }

    /// A ticket that the centre keeps to itself.
    private func ticket() throws -> (box: Box, event: Event) {
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
        try cluster.run(milliseconds: 1_000)
        let stream = try #require(try cluster.ticket(madeBy: call, at: cluster.centre))
        let events = try centre.log.reader.page(.stream(stream), .forward, from: 0, limit: 1)
        let event = try #require(events.first).event
        let sealed = try #require(event.sealed)
        return (Box(stream: stream, person: try Sealing.person(in: sealed)), event)
    }

    /// What the centre says to a street that says `message` in a session of its own.
    private func answers(_ message: (UInt64) -> Message) throws -> (said: [KeyMessage], alarms: [String]) {
        cluster.crash(street)
        let machine = try #require(centre.machine)
        let moment = Moment(wall: cluster.now, steady: cluster.now.milliseconds)
        let origin = Origin(node: street, incarnation: Incarnation(77))
        func frames(_ one: Message) throws -> [Message] {
            try machine.receive(Frame(number: 1, message: one).bytes, from: .node(street), now: moment)
            _ = try machine.turn([], now: moment)
            return try machine.takeOutgoing().compactMap { outgoing in
                guard case .send(_, let bytes) = outgoing else { return nil }
                return try Frame(bytes).message
            }
        }
        let hello = Message.Hello(origin: origin, clock: cluster.now, origins: [], cursors: [])
        let session = try #require(
            try frames(.hello(hello)).compactMap { if case .welcome(let one) = $0 { one.session } else { nil } }.first)
        let said = try frames(message(session)).compactMap { if case .keys(_, let one) = $0 { one } else { nil } }
        return (said, machine.takeAlarms().map(\.description))
    }

    @Test("the key of a ticket that is not in a street's feed is not given")
    func notYours() throws {
        let (box, _) = try ticket()
        let (said, _) = try answers { .keys(session: $0, .want([box])) }
        #expect(said == [.acknowledged([KeyAnswer(box: box, state: .notYours)])])
    }

    @Test("a person who is in no box of the ticket is nobody's to ask for")
    func noSuchBox() throws {
        let (box, _) = try ticket()
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: box.stream, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(
            .dispatched, at: cluster.centre, ticket: box.stream,
            ["lead": .string(cluster.unit(of: street)), "leadNode": .string(street.text)])
        try cluster.run(milliseconds: 500)
        let (other, _) = try ticket()
        let mixed = Box(stream: box.stream, person: other.person)
        let (said, _) = try answers { .keys(session: $0, .want([mixed, box])) }
        let denied = KeyMessage.acknowledged([KeyAnswer(box: mixed, state: .notYours)])
        #expect(said.contains(denied))
        #expect(said.count == 2, "and the one that is its own is given: \(said)")
    }

    @Test("a key that does not open its box is dropped with an alarm, asked for or not")
    func wrongKey() throws {
        let (box, _) = try ticket()
        let key = try #require(PersonKey(bytes: Array(repeating: 1, count: PersonKey.size)))
        let before = try centre.vault.held(box.person)
        let (said, alarms) = try answers { .keys(session: $0, .key(box, key)) }
        #expect(said == [])
        #expect(alarms.contains { $0.contains("does not open") }, "\(alarms)")
        #expect(try centre.vault.held(box.person) == before)
    }
}
