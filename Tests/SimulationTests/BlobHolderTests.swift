import Events
import LogContract
import Simulation
import Testing
import Tickets

/// Whom a blob is asked of when it is named more than once, or held by more than one.
@Suite("Photographs that several have, or several tickets name") struct BlobHolderTests {
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let streets: [SimulatedNode]

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_128)
        centre = try #require(cluster.nodes[cluster.centre])
        streets = try cluster.streets.map { [cluster] in try #require(cluster.nodes[$0]) }
        try cluster.run(milliseconds: 1_000)
    }

    private func dispatched(to street: Int) throws -> StreamName {
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")],
            role: "agent")
        try cluster.run(milliseconds: 200)
        let ticket = try #require(try cluster.ticket(madeBy: call, at: cluster.centre))
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        try move(ticket, to: street, .dispatched)
        return ticket
    }

    private func move(_ ticket: StreamName, to street: Int, _ kind: TicketEventKind = .reassigned) throws {
        let node = cluster.streets[street]
        cluster.command(
            kind, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: node)), "leadNode": .string(node.text)])
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
    }

    private func loseBlobs(at node: NodeID) throws {
        cluster.crash(node)
        cluster.restore(node, .blobs)
        try cluster.start(node)
    }

    /// Lets time pass until a node has a blob.
    private func comes(_ blob: Digest, to node: SimulatedNode, within limit: Int64 = 300_000) throws -> Bool {
        let end = cluster.now + limit
        while cluster.now < end, !node.blobs.held.contains(blob) { try cluster.run(milliseconds: 1_000) }
        return node.blobs.held.contains(blob)
    }

    @Test("when its author is away, the centre asks the next street that has it")
    func authorAway() throws {
        let ticket = try dispatched(to: 0)
        let bytes = BlobContract.photograph(1, size: 60_000)
        try cluster.attach(bytes, at: cluster.streets[0], ticket: ticket)
        #expect(try cluster.settle() != nil)
        try move(ticket, to: 1)
        #expect(try cluster.settleBlobs() != nil)
        cluster.crash(cluster.streets[0])
        try loseBlobs(at: cluster.centre)
        #expect(try comes(.sha256(bytes), to: centre))
    }

    @Test("of two tickets with one photograph, each at another street, either street is asked", arguments: [0, 1])
    func twoTickets(away: Int) throws {
        let bytes = BlobContract.photograph(2, size: 60_000)
        for street in [0, 1] {
            let ticket = try dispatched(to: street)
            try cluster.attach(bytes, at: cluster.streets[street], ticket: ticket)
            try cluster.run(milliseconds: 1_000)
        }
        #expect(try cluster.settle() != nil)
        #expect(try cluster.settleBlobs() != nil)
        cluster.crash(cluster.streets[away])
        try loseBlobs(at: cluster.centre)
        #expect(try comes(.sha256(bytes), to: centre))
    }

    @Test("a photograph of two tickets comes when one of them has left, also after a start", arguments: [false, true])
    func oneHasLeft(restarts: Bool) throws {
        let bytes = BlobContract.photograph(3, size: 60_000)
        let tickets = [try dispatched(to: 0), try dispatched(to: 0)]
        cluster.weather(.cut, at: cluster.streets[0])
        for ticket in tickets {
            try cluster.attach(bytes, at: cluster.centre, ticket: ticket)
            try cluster.run(milliseconds: 1_000)
        }
        try move(tickets[0], to: 1)
        cluster.weather(.fine, at: cluster.streets[0])
        if restarts {
            try cluster.run(milliseconds: 20_000)
            cluster.crash(cluster.streets[0])
            try cluster.start(cluster.streets[0])
        }
        #expect(try comes(.sha256(bytes), to: streets[0]))
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
    }

    @Test(
        "what no ticket of a street names any more is not missing there, also after a start; when the ticket is back, it comes",
        arguments: [false, true])
    func noTicketNamesIt(restarts: Bool) throws {
        let bytes = BlobContract.photograph(4, size: 60_000)
        let ticket = try dispatched(to: 0)
        streets[0].blobs.isFull = true
        try cluster.attach(bytes, at: cluster.centre, ticket: ticket)
        try cluster.run(milliseconds: 10_000)
        #expect(streets[0].status.missing == 1)
        try move(ticket, to: 1)
        try cluster.run(milliseconds: 5_000)
        if restarts {
            cluster.crash(cluster.streets[0])
            try cluster.start(cluster.streets[0])
        }
        try cluster.run(milliseconds: 130_000)
        #expect(streets[0].status.missing == 0, "the ticket is at the other street")
        streets[0].blobs.isFull = false
        try move(ticket, to: 0)
        #expect(try comes(.sha256(bytes), to: streets[0]))
        #expect(streets[0].status.missing == 0)
    }
}
