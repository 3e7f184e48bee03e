import Events
import Simulation
import Testing
import Tickets

/// What a restored centre decides before it has taken back what it had decided: both stand in the ticket, and everybody who
/// handles it knows the same.
@Suite("A restored centre that decides again") struct RestoredCentreTests {
    private let cluster: Cluster
    private let first: NodeID
    private let second: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 11)
        (first, second) = (cluster.streets[0], cluster.streets[1])
    }

    private func dispatch(_ ticket: StreamName, to node: NodeID) throws {
        cluster.command(
            .dispatched, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: node)), "leadNode": .string(node.text)], by: "zhao")
        try cluster.run(milliseconds: 3_000)
    }

    /// A ticket that waits to be dispatched.
    private func queued() throws -> StreamName {
        let made = cluster.command(
            .registered, at: cluster.centre,
            ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")], role: "agent")
        try cluster.run(milliseconds: 2_000)
        let ticket = try #require(try cluster.ticket(madeBy: made, at: cluster.centre))
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])], by: "zhao")
        try cluster.run(milliseconds: 2_000)
        return ticket
    }

    private func loseDisk() throws {
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
    }

    private func members(_ ticket: StreamName) throws -> [FeedName]? {
        try cluster.nodes[cluster.centre]?.log.reader.membership(of: ticket)
    }

    @Test("a dispatch that comes back takes a ticket from nobody who has it by a later one; its street is told")
    func dispatchedTwice() throws {
        let ticket = try queued()
        cluster.backUp(cluster.centre)
        try dispatch(ticket, to: first)
        cluster.command(.signed, at: first, ticket: ticket)
        #expect(try cluster.settle() != nil)
        #expect(try members(ticket) == [.node(first)])
        try loseDisk()
        cluster.weather(.cut, at: first)
        try cluster.start(cluster.centre)
        try cluster.run(milliseconds: 2_000)
        try dispatch(ticket, to: second)
        #expect(try members(ticket) == [.node(second)])
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(try members(ticket) == [.node(second)])
        let there = try #require(cluster.nodes[cluster.centre]).fold(ticket)
        #expect(there.entries.filter { $0.record.kind == .dispatched }.count == 2)
        #expect(there.state.lead?.node == second)
        // What the first street did under the lost dispatch is shown as not effective.
        #expect(there.conflicts.count == 1)
        for street in [first, second] {
            let here = try #require(cluster.nodes[street]).fold(ticket)
            #expect(here.state.lead?.node == second, "\(street)")
            #expect(here.entries.filter { $0.record.kind == .dispatched }.count == 2, "\(street)")
        }
    }

    @Test("a reassignment that comes back moves a ticket when it is the last word")
    func reassigned() throws {
        let ticket = try queued()
        try dispatch(ticket, to: first)
        #expect(try cluster.settle() != nil)
        cluster.backUp(cluster.centre)
        cluster.command(
            .reassigned, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: second)), "leadNode": .string(second.text)], by: "zhao")
        #expect(try cluster.settle() != nil)
        #expect(try members(ticket) == [.node(second)])
        try loseDisk()
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(try members(ticket) == [.node(second)])
        for node in cluster.all { #expect(try node.fold(ticket).state.lead?.node == second, "\(node.id)") }
    }
}
