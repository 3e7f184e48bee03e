import Events
import Foundation
import Node
import Simulation
import Testing
import Tickets

/// Tickets that go to and fro between streets while hours pass, lines fail, nodes die and the centre's disk is lost.
@Suite("What left goes in a storm") struct PurgeStormTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["GRIDLINE_SEED"].flatMap(UInt64.init) { return [one] }
        return Array(1...(environment["GRIDLINE_LONG"] == nil ? 8 : 200))
    }()

    /// Moves a ticket on, mostly to another street.
    private func advance(_ ticket: StreamName, _ cluster: Cluster, _ random: inout SeededRandom) throws {
        guard let hub = cluster.nodes[cluster.centre], cluster.isUp(cluster.centre) else { return }
        let state = try hub.fold(ticket).state
        let to = random.pick(cluster.streets) ?? cluster.streets[0]
        var lead: JSONObject = ["lead": .string(cluster.unit(of: to)), "leadNode": .string(to.text)]
        if random.happens(perMille: 200), let helper = cluster.streets.first(where: { $0 != to }) {
            lead["helpers"] = .array([
                .object(["unit": .string(cluster.unit(of: helper)), "node": .string(helper.text)])
            ])
        }
        switch state.status {
        case .registered:
            cluster.command(
                .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        case .toDispatch: cluster.command(.dispatched, at: cluster.centre, ticket: ticket, lead)
        case .dispatched where random.happens(perMille: 500):
            cluster.command(.signed, at: state.lead?.node ?? to, ticket: ticket)
        case .dispatched, .inHand: cluster.command(.reassigned, at: cluster.centre, ticket: ticket, lead, by: "zhao")
        case _: break
        }
        // Who had it goes on writing, whether it has heard that it left or not.
        if random.happens(perMille: 200) {
            cluster.command(
                .progressNoted, at: random.pick(cluster.streets) ?? to, ticket: ticket, ["text": .string("已电话告知")])
        }
    }

    private func storm(_ cluster: Cluster, rounds: Int, _ random: inout SeededRandom) throws {
        for _ in 0..<rounds {
            if random.happens(perMille: 150) {
                cluster.command(
                    .registered, at: random.happens(perMille: 700) ? cluster.centre : cluster.streets[0],
                    ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")])
            }
            for ticket in try cluster.tickets(at: cluster.centre) where random.happens(perMille: 300) {
                try advance(ticket, cluster, &random)
            }
            ClusterTests.disturb(cluster, &random)
            if random.happens(perMille: 250) {
                cluster.sleep(milliseconds: random.integer(in: 600_000...20_000_000))
                try cluster.run(milliseconds: random.integer(in: 5_000...90_000))
            }
            try cluster.run(milliseconds: random.integer(in: 20...4_000))
            for node in cluster.all where !cluster.isUp(node.id) && random.happens(perMille: 500) {
                try cluster.start(node.id)
            }
        }
    }

    private func changes(_ cluster: Cluster) throws -> [BodyChange] {
        try cluster.streets.flatMap { street in
            try #require(cluster.nodes[street]).log.reader.page(
                .category(Purged.category), .forward, from: 0, limit: 10_000
            )
            .compactMap { BodyChange($0.event) }
        }
    }

    /// Lets a period and the minutes of looks pass.
    private func rest(_ cluster: Cluster, _ seed: UInt64) throws {
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        cluster.sleep(milliseconds: 4_000_000)
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        try cluster.run(milliseconds: 200_000)
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
    }

    @Test("stubs where a ticket left, whole tickets elsewhere, and nothing of a street's own is gone", arguments: seeds)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed, purgeAfter: 3_600_000)
        try cluster.run(milliseconds: 1_000)
        try storm(cluster, rounds: 50, &random)
        try rest(cluster, seed)
        let findings = try cluster.disagreements() + cluster.unpurged()
        #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
        let changes = try changes(cluster)
        // In a few storms nothing leaves for long enough.
        let hasGone = changes.contains { if case .purged = $0 { true } else { false } }
        #expect(hasGone || seed > 8, "seed \(seed): nothing went")
        for case .missing(let event, _) in changes { Issue.record("seed \(seed): \(event) is missing") }
    }

    @Test(
        "the same when the centre comes back from an older copy: what nobody has is left out, and all else agrees",
        arguments: seeds)
    func restored(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed, purgeAfter: 3_600_000)
        try cluster.run(milliseconds: 1_000)
        try storm(cluster, rounds: 25, &random)
        cluster.backUp(cluster.centre)
        try storm(cluster, rounds: 25, &random)
        try rest(cluster, seed)
        try cluster.run(milliseconds: 61_000)
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        try cluster.start(cluster.centre)
        for street in cluster.streets where random.happens(perMille: 500) { cluster.weather(.cut, at: street) }
        try storm(cluster, rounds: 15, &random)
        try rest(cluster, seed)
        let findings = try cluster.disagreements(restored: true) + cluster.unpurged()
        #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
    }
}
