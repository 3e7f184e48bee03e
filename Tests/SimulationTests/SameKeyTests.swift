import Events
import Node
import Simulation
import Testing
import Tickets

/// A program that gives up on one node and sends its registration, under the same key, to another.
@Suite("One key at two nodes") struct SameKeyTests {
    private static let filing: JSONObject = [
        "channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help"),
    ]

    private func give(
        _ cluster: Cluster, _ kind: TicketEventKind, _ ticket: StreamName, at node: NodeID, _ body: JSONObject
    ) throws {
        let id = cluster.command(kind, at: node, ticket: ticket, body)
        try cluster.run(milliseconds: 500)
        #expect(cluster.refused[id] == nil, "\(kind.rawValue) at \(node)")
    }

    @Test(
        "two tickets stand, each its node's own; what the street does to its one is what the centre has of it",
        arguments: 1...10)
    func twoTickets(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed)
        let (centre, street) = (cluster.centre, cluster.streets[0])
        try cluster.run(milliseconds: 1_000)
        if random.happens(perMille: 500) { cluster.weather(.cut, at: street) }
        let isCentreFirst = random.happens(perMille: 500)
        let key = CommandID(derivedFrom: "same key", String(seed))
        for node in isCentreFirst ? [centre, street] : [street, centre] {
            cluster.command(
                .registered, at: node, SameKeyTests.filing, role: node == centre ? "agent" : "clerk", key: key)
        }
        // Both have it before either hears of the other.
        try cluster.run(milliseconds: 60)
        let ours = try #require(try cluster.ticket(madeBy: key, at: street))
        let theirs = try #require(try cluster.ticket(madeBy: key, at: centre))
        #expect(ours != theirs, "seed \(seed)")
        try give(cluster, .queuedForDispatch, ours, at: street, ["category": .array([.string("市容环境")])])
        try give(
            cluster, .dispatched, ours, at: street,
            ["lead": .string(cluster.unit(of: street)), "leadNode": .string(street.text)])
        try give(cluster, .signed, ours, at: street, [:])
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        #expect(try cluster.disagreements() == [], "seed \(seed)")
        let here = try #require(cluster.nodes[street]).fold(ours)
        let there = try #require(cluster.nodes[centre]).fold(ours)
        #expect(here.entries == there.entries && here.state == there.state, "seed \(seed)")
        #expect(there.conflicts.isEmpty && there.state.status == .inHand, "seed \(seed): \(there.state.status)")
        #expect(try #require(cluster.nodes[centre]).fold(theirs).conflicts.isEmpty)
        #expect(try Set(cluster.tickets(at: centre)) == [ours, theirs])
        // Asked again, each answers for its own, though the centre has both by now.
        let before = try #require(cluster.nodes[centre]).events()
        for node in [centre, street] {
            cluster.command(
                .registered, at: node, SameKeyTests.filing, role: node == centre ? "agent" : "clerk", key: key)
            try cluster.run(milliseconds: 500)
            #expect(cluster.refused[key] == nil && cluster.acknowledged[key] == node, "seed \(seed)")
        }
        #expect(try #require(cluster.nodes[centre]).events().filter { before[$0.key] == nil } == [:])
    }

    @Test("two streets with one key make two tickets as well, each its own", arguments: 1...3)
    func twoStreets(seed: UInt64) throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed)
        try cluster.run(milliseconds: 1_000)
        let key = CommandID(derivedFrom: "same key", String(seed))
        for street in cluster.streets {
            cluster.command(.registered, at: street, SameKeyTests.filing, role: "clerk", key: key)
        }
        try cluster.run(milliseconds: 60)
        let made = try cluster.streets.map { try #require(try cluster.ticket(madeBy: key, at: $0)) }
        #expect(made[0] != made[1], "seed \(seed)")
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        #expect(try cluster.disagreements() == [], "seed \(seed)")
        #expect(try Set(cluster.tickets(at: cluster.centre)) == Set(made))
        for (street, ticket) in zip(cluster.streets, made) {
            let fold = try #require(cluster.nodes[cluster.centre]).fold(ticket)
            #expect(fold.conflicts.isEmpty && fold.state.ownerNode == street, "seed \(seed)")
        }
    }

    @Test("a retry at a node that has the ticket by now is a repeat, whichever node made it")
    func repeated() throws {
        let cluster = try Cluster(streets: ["street1"], seed: 3)
        try cluster.run(milliseconds: 1_000)
        let key = cluster.command(.registered, at: cluster.streets[0], SameKeyTests.filing, role: "clerk")
        try cluster.run(milliseconds: 100)
        #expect(try cluster.settle() != nil)
        let before = try #require(cluster.nodes[cluster.centre]).events()
        for node in [cluster.streets[0], cluster.centre] {
            cluster.command(.registered, at: node, SameKeyTests.filing, role: "clerk", key: key)
            try cluster.run(milliseconds: 100)
            #expect(cluster.refused[key] == nil && cluster.acknowledged[key] == node)
        }
        #expect(try cluster.settle() != nil)
        #expect(try cluster.tickets(at: cluster.centre).count == 1)
        #expect(try #require(cluster.nodes[cluster.centre]).events().filter { before[$0.key] == nil } == [:])
        #expect(try cluster.disagreements() == [])
    }
}
