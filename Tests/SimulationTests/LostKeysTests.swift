import Events
import Simulation
import Testing
import Tickets

@testable import Replication

/// A centre that lost keys has those again that a street holds, whatever moves meanwhile; a street keeps none beyond its tickets.
@Suite("Keys that were lost, and keys that come late") struct LostKeysTests {
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let street1: SimulatedNode
    private let street2: SimulatedNode

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_127)
        centre = try #require(cluster.nodes[cluster.centre])
        street1 = try #require(cluster.nodes[cluster.streets[0]])
        street2 = try #require(cluster.nodes[cluster.streets[1]])
        try cluster.run(milliseconds: 1_000)
    }

    /// A ticket, and who called about it.
    private func registered(at node: SimulatedNode) throws -> Box {
        let call = cluster.command(
            .registered, at: node.id, ["channel": .string("hotline"), "matter": .string("路灯不亮")],
            role: node.id == cluster.centre ? "agent" : "clerk")
        try cluster.run(milliseconds: 1_000)
        let stream = try #require(try cluster.ticket(madeBy: call, at: node.id))
        let event = try #require(
            try node.log.reader.page(.stream(stream), .forward, from: 0, limit: 1).first
        ).event
        return Box(stream: stream, person: try Sealing.person(in: #require(event.sealed)))
    }

    private func dispatched(_ box: Box, to street: SimulatedNode, _ kind: TicketEventKind = .dispatched) throws {
        if kind == .dispatched {
            cluster.command(
                .queuedForDispatch, at: cluster.centre, ticket: box.stream,
                ["category": .array([.string("市容环境")])])
            try cluster.run(milliseconds: 100)
        }
        cluster.command(
            kind, at: cluster.centre, ticket: box.stream,
            ["lead": .string(cluster.unit(of: street.id)), "leadNode": .string(street.id.text)])
        try cluster.run(milliseconds: 2_000)
    }

    private func has(_ box: Box, _ node: SimulatedNode) throws -> Bool { try node.vault.held(box.person).key != nil }

    private func lose(_ lost: LostDisk) throws {
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre, lost)
        try cluster.start(cluster.centre)
    }

    @Test("a centre with last night's keys asks the streets for those of the callers that it registered since")
    func olderVault() throws {
        cluster.exportKeys(cluster.centre)
        let box = try registered(at: centre)
        try dispatched(box, to: street1)
        try lose(.keys)
        #expect(try !has(box, centre))
        #expect(try cluster.settle() != nil)
        #expect(try has(box, centre))
        #expect(try cluster.disagreements() == [])
    }

    @Test("a ticket that moves before the centre has asked takes no last key along")
    func movedFirst() throws {
        cluster.exportKeys(cluster.centre)
        let box = try registered(at: centre)
        try dispatched(box, to: street1)
        cluster.weather(.cut, at: street1.id)
        try lose(.keys)
        try dispatched(box, to: street2, .reassigned)
        #expect(try !has(box, centre) && !has(box, street2) && has(box, street1), "street1 alone has it")
        #expect(try cluster.settle() != nil)
        #expect(try has(box, centre))
        #expect(try has(box, street2))
        #expect(try !has(box, street1))
        #expect(try cluster.disagreements() == [])
    }

    @Test("events that come back from a street bring the keys of their callers back")
    func reclaimed() throws {
        cluster.backUp(cluster.centre)
        let box = try registered(at: centre)
        try dispatched(box, to: street1)
        #expect(try cluster.settle() != nil)
        try lose([.log, .keys])
        #expect(try cluster.settle() != nil)
        #expect(try cluster.tickets(at: cluster.centre) == [box.stream], "the event is back")
        #expect(try has(box, centre))
    }

    @Test("whoever wrote it: the key of a street's call is asked of the street that has it now")
    func sentOn() throws {
        cluster.exportKeys(cluster.centre)
        let box = try registered(at: street1)
        cluster.command(.takenOver, at: cluster.centre, ticket: box.stream, ["reason": .string("跨街道")])
        try cluster.run(milliseconds: 1_000)
        try dispatched(box, to: street2)
        #expect(try cluster.settle() != nil)
        #expect(try has(box, street2) && !has(box, street1))
        try lose(.keys)
        #expect(try cluster.settle() != nil)
        #expect(try has(box, centre))
    }

    // MARK: - Late keys

    /// What a street's exchange does with a key that comes in a session of its own.
    private func come(_ box: Box, _ key: PersonKey, to street: SimulatedNode) throws {
        var exchange = KeyExchange(
            node: street.id, boxes: .feed(.node(street.id), from: cluster.centre), vault: street.vault)
        exchange.opened(cluster.centre, session: 1)
        exchange.take(.key(box, key), from: cluster.centre)
        let now = Moment(wall: cluster.now, steady: cluster.now.milliseconds)
        _ = exchange.turn(reader: street.log.reader, rows: 0, now: now) { _, _ in true }
    }

    @Test("a key that comes when its ticket has left is not kept; before, it is")
    func late() throws {
        let box = try registered(at: centre)
        let key = try #require(try centre.vault.held(box.person).key)
        try dispatched(box, to: street1)
        try come(box, key, to: street1)
        #expect(try has(box, street1))
        try dispatched(box, to: street2, .reassigned)
        #expect(try cluster.settle() != nil)
        try #require(try !has(box, street1))
        try come(box, key, to: street1)
        #expect(try !has(box, street1))
    }

    @Test(
        "a feed that goes on behind an earlier row, or its seed, leaves no key of what stood in it; an own call's stays",
        arguments: [false, true])
    func rewound(toSeed: Bool) throws {
        let (first, second) = (try registered(at: centre), try registered(at: centre))
        try dispatched(first, to: street1)
        try dispatched(second, to: street1)
        cluster.weather(.cut, at: street1.id)
        let own = try registered(at: street1)
        #expect(try has(first, street1) && has(second, street1) && has(own, street1))
        let feed = FeedName.node(street1.id)
        let rows = try street1.log.reader.received(of: feed, above: 0, limit: 1_000)
        let before = try #require(rows.prefix { $0.stream != second.stream }.last).cursor
        let cut = toSeed ? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)) : before
        _ = try street1.log.write { try $0.rewind(feed, to: cut, now: cluster.now) }
        // What an exchange makes of it whose centre has all keys.
        var exchange = KeyExchange(
            node: street1.id, boxes: .feed(feed, from: cluster.centre), vault: street1.vault)
        exchange.opened(cluster.centre, session: 1)
        for step in 1...4 {
            let now = Moment(wall: cluster.now, steady: cluster.now.milliseconds + Int64(step) * 70_000)
            for (_, message) in exchange.turn(
                reader: street1.log.reader, rows: 0, now: now, mayHave: { _, _ in true })
            {
                if case .keys(_, .key(let box, _)) = message {
                    exchange.take(.acknowledged([KeyAnswer(box: box, state: .held)]), from: cluster.centre)
                }
            }
        }
        #expect(try has(first, street1) == (!toSeed))
        #expect(try !has(second, street1))
        #expect(try has(own, street1))
    }
}
