import Events
import Node
import Simulation
import Testing
import Tickets

/// Who can open what: the key of a caller is at the centre and where the ticket is, and nowhere else.
@Suite("Keys of persons go with the ticket") struct KeyTests {
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let street1: SimulatedNode
    private let street2: SimulatedNode

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_126)
        centre = try #require(cluster.nodes[cluster.centre])
        street1 = try #require(cluster.nodes[cluster.streets[0]])
        street2 = try #require(cluster.nodes[cluster.streets[1]])
        try cluster.run(milliseconds: 1_000)
    }

    private func registered(at node: SimulatedNode) throws -> StreamName {
        let call = cluster.command(
            .registered, at: node.id, ["channel": .string("hotline"), "matter": .string("路灯不亮")],
            role: node.id == cluster.centre ? "agent" : "clerk")
        try cluster.run(milliseconds: 1_000)
        return try #require(try cluster.ticket(madeBy: call, at: node.id))
    }

    private func dispatched(_ ticket: StreamName, to street: SimulatedNode, _ kind: TicketEventKind = .dispatched)
        throws
    {
        if kind == .dispatched {
            cluster.command(
                .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
            try cluster.run(milliseconds: 100)
        }
        cluster.command(
            kind, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: street.id)), "leadNode": .string(street.id.text)])
        try cluster.run(milliseconds: 2_000)
    }

    /// Whether a node can open what the ticket's first event seals.
    private func opens(_ ticket: StreamName, at node: SimulatedNode) throws -> Bool {
        let events = try node.log.reader.page(.stream(ticket), .forward, from: 0, limit: 10).map(\.event)
        guard let event = events.first, let sealed = event.sealed,
            let key = try node.vault.held(Sealing.person(in: sealed)).key
        else { return false }
        return try Sealing.open(sealed, key: key, command: event.command)["name"] == .string("王")
    }

    @Test("a street whose line is cut opens its own ticket and no other, and loses it with the ticket")
    func offline() throws {
        let own = try registered(at: centre)
        let other = try registered(at: centre)
        try dispatched(own, to: street1)
        try dispatched(other, to: street2)
        cluster.weather(.cut, at: street1.id)
        try cluster.run(milliseconds: 100)
        #expect(try opens(own, at: street1))
        #expect(try !opens(own, at: street2))
        #expect(try !opens(other, at: street1))
        try dispatched(own, to: street2, .reassigned)
        #expect(try opens(own, at: street1), "it has not heard of the move yet")
        #expect(try opens(own, at: street2))
        cluster.weather(.fine, at: street1.id)
        #expect(try cluster.settle() != nil)
        #expect(try !opens(own, at: street1))
        try dispatched(own, to: street1, .reassigned)
        #expect(try opens(own, at: street1), "and back")
        #expect(try cluster.disagreements() == [])
    }

    @Test("what a street sealed opens at the centre, and at the street to which it is sent on")
    func fromStreet() throws {
        cluster.weather(.cut, at: street1.id)
        let own = try registered(at: street1)
        #expect(try opens(own, at: street1))
        #expect(try !opens(own, at: centre))
        cluster.weather(.fine, at: street1.id)
        try cluster.run(milliseconds: 30_000)
        #expect(try opens(own, at: centre))
        cluster.command(.takenOver, at: cluster.centre, ticket: own, ["reason": .string("跨街道")])
        try cluster.run(milliseconds: 1_000)
        try dispatched(own, to: street2)
        #expect(try cluster.settle() != nil)
        #expect(try opens(own, at: street2))
        #expect(try !opens(own, at: street1), "it was its own call, and is not its business any more")
        #expect(try cluster.disagreements() == [])
    }

    @Test("after an erasure no node opens it, and each has said so")
    func erased() throws {
        let own = try registered(at: centre)
        try dispatched(own, to: street1)
        cluster.weather(.cut, at: street1.id)
        let person = try #require(try cluster.eraseCaller(ofTicket: 0))
        try cluster.run(milliseconds: 5_000)
        #expect(try !opens(own, at: centre))
        #expect(try confirmations(person) == [cluster.centre, street2.id])
        cluster.weather(.fine, at: street1.id)
        #expect(try cluster.settle() != nil)
        #expect(try !opens(own, at: street1))
        #expect(try confirmations(person) == [cluster.centre, street1.id, street2.id])
        #expect(try cluster.disagreements() == [])
    }

    @Test("a node that dies between destroying a key and saying so says it when it is back")
    func diedBetween() throws {
        _ = try registered(at: centre)
        let person = try #require(try cluster.eraseCaller(ofTicket: 0))
        for _ in 1...100 where try centre.vault.held(person) != .erased { try cluster.run(milliseconds: 1) }
        #expect(try centre.vault.held(person) == .erased)
        #expect(try !confirmations(person).contains(cluster.centre), "its next turn would say it")
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        #expect(try cluster.settle() != nil)
        #expect(try confirmations(person) == [cluster.centre, street1.id, street2.id])
        #expect(try cluster.disagreements() == [])
    }

    @Test("where a feed goes on behind an earlier row, the boxes of its new rows are looked at")
    func rewound() throws {
        try dispatched(try registered(at: centre), to: street1)
        cluster.backUp(cluster.centre)
        for _ in 1...3 { try dispatched(try registered(at: centre), to: street1) }
        #expect(try cluster.settle() != nil)
        let end = try #require(try street1.log.reader.cursor(of: .node(street1.id))).fseq
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        // Nothing comes back that would move the feed on: this street alone has it, and its line is cut until the new rows stand.
        cluster.weather(.cut, at: street1.id)
        try cluster.start(cluster.centre)
        let new = try registered(at: centre)
        try dispatched(new, to: street1)
        #expect(
            try centre.log.reader.feedHead(.node(street1.id)).fseq < end, "below the place that the vault had noted")
        cluster.weather(.fine, at: street1.id)
        #expect(try cluster.settle() != nil)
        #expect(try opens(new, at: street1))
    }

    /// The nodes that say that a person's key is gone, as the centre knows it.
    private func confirmations(_ person: PersonID) throws -> [NodeID] {
        try centre.log.reader.page(.stream(StreamName(person.text)), .forward, from: 0, limit: 100).map(\.event)
            .filter { $0.type == Erasure.destroyed }.map(\.id.origin.node).sorted()
    }
}
