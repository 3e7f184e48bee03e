import Events
import Node
import Replication
import Testing
import Tickets

@testable import Simulation

/// Rows of the failure table (docs/testing.md) that need many nodes, or clocks that no machine has.
@Suite("Failure cases of whole clusters") struct FailureTests {
    @Test("a hundred streets are back within two seconds of their hub's restart, each with what came then")
    func hundred() throws {
        let cluster = try Cluster(streets: (1...100).map { "street\($0)" }, seed: 3)
        try cluster.run(milliseconds: 4_000)
        func linked() -> Int { cluster.streets.count { cluster.nodes[$0]?.machine?.isUp == true } }
        #expect(linked() == 100)
        cluster.crash(cluster.centre)
        try cluster.run(milliseconds: 500)
        try cluster.start(cluster.centre)
        try cluster.publishRule()
        try cluster.run(milliseconds: 2_000)
        #expect(linked() == 100, "\(cluster.summary.prefix(300))")
        let head = try #require(cluster.nodes[cluster.centre]).log.reader.feedHead(.common)
        let there = try cluster.streets.count { try cluster.nodes[$0]?.log.reader.cursor(of: .common) == head }
        #expect(there == 100)
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
        for (peer, error) in zip(peers, errors) { #expect(abs(peer.clockOffset - error) < 10_000, "\(peer.node)") }
    }
}
