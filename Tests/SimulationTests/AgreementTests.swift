import Events
import Replication
import Simulation
import Testing
import Tickets

/// The oracle of the storms finds what each of them would pass over if it did not look.
@Suite("What the storms' oracle sees") struct AgreementTests {
    private let cluster: Cluster
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_131)
        street = cluster.streets[0]
        try cluster.run(milliseconds: 1_000)
    }

    private func register() throws -> StreamName {
        let call = cluster.command(
            .registered, at: street, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "clerk")
        try cluster.run(milliseconds: 2_000)
        return try #require(try cluster.ticket(madeBy: call, at: street))
    }

    @Test("an open ticket that a centre did not carry over to an emptied street", arguments: [true, false])
    func notCarriedOver(isCarriedOver: Bool) throws {
        cluster.crash(cluster.centre)
        let centre = try #require(cluster.nodes[cluster.centre])
        centre.longPast = 2
        if !isCarriedOver { centre.isOpen = { _ in false } }
        try cluster.start(cluster.centre)
        _ = try register()
        let ticket = try register()
        cluster.crash(street)
        try cluster.empty(street)
        try cluster.start(street)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.told(FeedBase.type, of: street) == 1)
        centre.isOpen = nil
        let findings = try cluster.disagreements()
        #expect(findings.contains { $0.hasPrefix("\(ticket) goes on") } == !isCarriedOver, "\(findings)")
        #expect(findings.isEmpty == isCarriedOver, "\(findings)")
    }

    @Test("what a centre had confirmed to a street that was emptied since, and lost", arguments: [true, false])
    func lost(isLost: Bool) throws {
        _ = try register()
        cluster.backUp(cluster.centre)
        _ = try register()
        cluster.weather(.cut, at: street)
        // Nobody has heard of this one, and it is gone with the disk.
        _ = try register()
        cluster.crash(street)
        try cluster.empty(street)
        if isLost {
            cluster.crash(cluster.centre)
            cluster.restore(cluster.centre)
        }
        try cluster.start(street)
        #expect(try cluster.settle() != nil)
        let findings = try cluster.disagreements()
        #expect(findings.count { $0.hasPrefix("the centre lost") } == (isLost ? 1 : 0), "\(findings)")
    }
}
