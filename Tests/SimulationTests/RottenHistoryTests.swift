import Events
import Node
import Simulation
import Testing
import Tickets

/// A ticket goes to another street while a row of it is rotten at the centre, and who has the row cannot be reached.
@Suite("A ticket with a rotten row moves") struct RottenHistoryTests {
    private let cluster: Cluster
    private let centre: SimulatedNode
    private let (first, second): (SimulatedNode, SimulatedNode)

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_130)
        centre = try #require(cluster.nodes[cluster.centre])
        first = try #require(cluster.nodes[cluster.streets[0]])
        second = try #require(cluster.nodes[cluster.streets[1]])
        try cluster.run(milliseconds: 1_000)
    }

    private func lead(_ street: SimulatedNode) -> JSONObject {
        ["lead": .string(cluster.unit(of: street.id)), "leadNode": .string(street.id.text)]
    }

    private func dispatched(to street: SimulatedNode) throws -> StreamName {
        let call = cluster.command(
            .registered, at: centre.id, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "agent")
        try cluster.run(milliseconds: 200)
        let ticket = try #require(try cluster.ticket(madeBy: call, at: centre.id))
        cluster.command(
            .queuedForDispatch, at: centre.id, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 200)
        cluster.command(.dispatched, at: centre.id, ticket: ticket, lead(street))
        try cluster.run(milliseconds: 2_000)
        return ticket
    }

    @Test("it goes when the row is healed; everything else goes on, and the row is asked for at once")
    func moves() throws {
        let ticket = try dispatched(to: first)
        let row = try #require(try centre.log.reader.page(.stream(ticket), .forward, from: 0, limit: 1).first)
        cluster.weather(.cut, at: first.id)
        // Behind a look at all rows, and before the next.
        cluster.sleep(milliseconds: 2_000)
        try cluster.run(milliseconds: 1)
        #expect(centre.machine?.rotten.rows == 0)
        centre.log.rot(at: row.position) { $0.body = .here(Array(#"{"rot":1}"#.utf8)) }
        let move = cluster.command(.reassigned, at: centre.id, ticket: ticket, lead(second))
        try cluster.run(milliseconds: 1)
        #expect(cluster.acknowledged[move] == centre.id, "\(cluster.refused)")
        #expect(centre.machine?.rotten.rows == 1)
        // The feed of who is to get it is not held up.
        let other = try dispatched(to: second)
        #expect(try second.fold(other).state.status == .dispatched)
        #expect(try second.log.reader.version(of: ticket) == 0)
        #expect(try centre.log.reader.membership(of: ticket) == [.node(first.id)])
        cluster.weather(.fine, at: first.id)
        try cluster.run(milliseconds: 90_000)
        #expect(centre.machine?.rotten.rows == 0)
        #expect(try second.fold(ticket).state.lead?.node == second.id)
        #expect(try centre.log.reader.membership(of: ticket) == [.node(second.id)])
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements().filter { !$0.contains("alarmed") } == [])
    }
}
