import Events
import Foundation
import Node
import Simulation
import Testing

/// Rows of the nodes' logs rot in a storm, where another node has the event.
@Suite("Rows that rot in a storm") struct RotTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["GRIDLINE_SEED"].flatMap(UInt64.init) { return [one] }
        return Array(1...(environment["GRIDLINE_LONG"] == nil ? 30 : 500))
    }()

    @Test("every row is whole again, on record, and everybody agrees", arguments: seeds)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed)
        var workload = Workload(seed: random.next())
        for _ in 0..<40 {
            for _ in 0..<random.integer(in: 1...3) { try workload.act(on: cluster) }
            ClusterTests.disturb(cluster, &random)
            if random.happens(perMille: 400), let node = random.pick(cluster.all.map(\.id)) {
                try cluster.rot(at: node, &random)
            }
            try cluster.run(milliseconds: random.integer(in: 20...4_000))
            for node in cluster.all where !cluster.isUp(node.id) && random.happens(perMille: 500) {
                try cluster.start(node.id)
            }
        }
        #expect(!cluster.rotted.isEmpty, "seed \(seed)")
        var settled = try cluster.settle()
        // A round of reading the log through, and who was asked in vain is asked again after a minute.
        for _ in 0..<15 where try !cluster.rottenRows().isEmpty { try cluster.run(milliseconds: 10_000) }
        #expect(try cluster.rottenRows() == [], "seed \(seed): \(cluster.summary)")
        settled = try settled == nil ? nil : cluster.settle()
        #expect(settled != nil, "seed \(seed): work goes on for ever; \(cluster.summary)")
        guard try cluster.rottenRows().isEmpty else { return }
        let findings = try cluster.disagreements()
        #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
        let healed = try cluster.all.flatMap { node in
            try node.log.reader.page(.category(Healed.category), .forward, from: 0, limit: 10_000)
                .filter { $0.event.id.origin.node == node.id }.compactMap { Healed($0.event)?.event }
        }
        #expect(Set(healed) == cluster.rotted, "seed \(seed)")
        #expect(healed.count == cluster.rotted.count, "seed \(seed)")
        for node in cluster.all { #expect(node.machine?.rotten.rows == 0, "seed \(seed): \(node.id)") }
    }
}
