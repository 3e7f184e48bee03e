import Events
import Simulation
import Testing
import Tickets

/// A centre and two streets, one thread, one seed: the shortest story of what replication promises.
@Suite("Three nodes in one thread") struct ThreeNodesTests {
    @Test("a street works on while its line is cut, and all agree again when it is back")
    func offline() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_123)
        let street1 = cluster.streets[0]
        try cluster.run(milliseconds: 1_000)

        // The centre takes a call and dispatches it to street1.
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
        let ticket = try StreamName(category: "ticket", key: call.description)
        try cluster.run(milliseconds: 100)
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(.dispatched, at: cluster.centre, ticket: ticket, lead("320507001", "street1"))
        try cluster.run(milliseconds: 1_000)
        #expect(try cluster.nodes[street1]?.fold(ticket).state.status == .dispatched)

        // The line breaks. The street signs and calls the citizen; the centre, unaware, reassigns to street2.
        cluster.weather(.cut, at: street1)
        cluster.command(.signed, at: street1, ticket: ticket)
        try cluster.run(milliseconds: 100)
        cluster.command(.firstContactMade, at: street1, ticket: ticket, ["way": .string("phone")])
        cluster.command(.reassigned, at: cluster.centre, ticket: ticket, lead("320507002", "street2"))
        try cluster.run(milliseconds: 30_000)
        #expect(try cluster.nodes[street1]?.fold(ticket).state.status == .inHand, "the clerk notices nothing")

        // The line is back: nothing is lost, the reassignment stands, and the street's work is evidence.
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
        #expect(cluster.acknowledged.count == 6)
        let fold = try cluster.nodes[cluster.centre]?.fold(ticket)
        #expect(fold?.state.lead?.node == cluster.streets[1])
        #expect(fold?.conflicts.count == 2)
    }

    private func lead(_ unit: String, _ node: String) -> JSONObject {
        ["lead": .string(unit), "leadNode": .string(node)]
    }
}
