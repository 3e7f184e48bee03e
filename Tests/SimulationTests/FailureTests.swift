import Events
import Node
import Replication
import Testing
import Tickets

@testable import Simulation

/// Rows of the failure table (docs/testing.md) that need many nodes, or clocks that no machine has.
@Suite("Failure cases of whole clusters") struct FailureTests {
    /// Tickets that the centre gives a street, and events of each behind its dispatch.
    private static let given = (tickets: 4, events: 48)

    /// Rows for a street's feed, written while the hub's process is down: in no turn of it, and published by none.
    private func fill(_ street: NodeID, in cluster: Cluster) throws {
        var drafts: [Draft] = []
        for number in 1...FailureTests.given.tickets {
            let ticket = try StreamName("ticket/\(street)-\(number)")
            func add(_ kind: TicketEventKind, _ body: JSONObject) {
                drafts.append(TicketDraft(kind, body, occurredAt: cluster.now).draft(in: ticket))
            }
            add(.registered, ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")])
            add(.dispatched, ["lead": .string(cluster.unit(of: street)), "leadNode": .string(street.text)])
            for _ in 1...FailureTests.given.events { add(.urged, ["text": .string("请尽快办理")]) }
        }
        let request = AppendRequest(
            command: CommandID(derivedFrom: "fill", street.text),
            actor: Actor(account: "wang", role: "dispatcher", unit: cluster.unit(of: cluster.centre)),
            now: cluster.now, drafts: drafts)
        _ = try cluster.nodes[cluster.centre]?.log.write { try $0.append(request) }
    }

    @Test(
        "a hundred streets are back within two seconds of their hub's restart, and within five each has two hundred rows of its own"
    )
    func hundred() throws {
        let cluster = try Cluster(streets: (1...100).map { "street\($0)" }, seed: 3)
        try cluster.run(milliseconds: 4_000)
        func linked() -> Int { cluster.streets.count { cluster.nodes[$0]?.machine?.isUp == true } }
        #expect(linked() == 100)
        cluster.crash(cluster.centre)
        try cluster.run(milliseconds: 500)
        for street in cluster.streets { try fill(street, in: cluster) }
        try cluster.start(cluster.centre)
        try cluster.publishRule()
        let begun = cluster.now
        try cluster.run(milliseconds: 2_000)
        #expect(linked() == 100, "\(cluster.summary.prefix(300))")
        let hub = try #require(cluster.nodes[cluster.centre]).log.reader
        func there() throws -> Int {
            try cluster.streets.count { street in
                let here = cluster.nodes[street]?.log.reader
                return try [FeedName.common, .node(street)].allSatisfy { try here?.cursor(of: $0) == hub.feedHead($0) }
            }
        }
        let rows = try cluster.streets.map { try hub.feedHead(.node($0)).fseq }
        // JOIN, registration and dispatch before the rest.
        #expect(rows.allSatisfy { $0 == Int64(FailureTests.given.tickets * (3 + FailureTests.given.events)) })
        while try there() < 100, cluster.now - begun < 5_000 { try cluster.run(milliseconds: 100) }
        #expect(try there() == 100, "\(cluster.summary.prefix(300))")
        print("a hundred streets have their rows \(cluster.now - begun) ms after their hub's start")
        #expect(cluster.all.flatMap(\.alarms) == [])
    }

    @Test("streets whose clocks are three years ahead and in 1970 lose nothing and decide nothing by them")
    func clocks() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 9)
        try cluster.run(milliseconds: 2_000)
        let errors: [Int64] = [3 * 365 * 86_400_000, -cluster.now.milliseconds + 86_400_000]
        for (street, error) in zip(cluster.streets, errors) {
            cluster.crash(street)
            cluster.nodes[street]?.clockError = error
            try cluster.start(street)
        }
        var workload = Workload(seed: 9)
        for _ in 0..<60 {
            try workload.act(on: cluster)
            try cluster.run(milliseconds: 300)
        }
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let findings = try cluster.disagreements()
        #expect(findings.isEmpty, "\(findings.prefix(3))")
        #expect(Set(cluster.acknowledged.values).count == 3, "both streets and the centre were at work")
        let peers = cluster.nodes[cluster.centre]?.machine?.peers ?? []
        #expect(peers.map(\.node) == cluster.streets)
        for (peer, error) in zip(peers, errors) { #expect(abs(peer.clockOffset - error) < 10_000, "\(peer.node)") }
    }
}
