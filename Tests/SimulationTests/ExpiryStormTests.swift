import Events
import Foundation
import Node
import Simulation
import Testing
import Tickets

/// Tickets that are worked on to their end, and on again, while days pass, lines fail and nodes die.
@Suite("Keys that expire in a storm") struct ExpiryStormTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["GRIDLINE_SEED"].flatMap(UInt64.init) { return [one] }
        return Array(1...(environment["GRIDLINE_LONG"] == nil ? 6 : 200))
    }()

    /// The next step of a ticket on the shortest way to its end, and back.
    private func advance(_ ticket: StreamName, _ cluster: Cluster, _ random: inout SeededRandom) throws {
        guard let hub = cluster.nodes[cluster.centre] else { return }
        let state = try hub.fold(ticket).state
        let street = state.lead?.node ?? cluster.streets[0]
        func lead(_ node: NodeID, _ reason: String? = nil) -> JSONObject {
            var body: JSONObject = ["lead": .string(cluster.unit(of: node)), "leadNode": .string(node.text)]
            body["reason"] = reason.map(JSON.string)
            return body
        }
        let centre = cluster.centre
        let to = random.pick(cluster.streets) ?? street
        switch state.status {
        case .registered:
            cluster.command(
                .queuedForDispatch, at: centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        case .toDispatch: cluster.command(.dispatched, at: centre, ticket: ticket, lead(to))
        case .dispatched: cluster.command(.signed, at: street, ticket: ticket)
        case .inHand:
            cluster.command(.firstContactMade, at: street, ticket: ticket, ["way": .string("phone")])
            cluster.command(
                .replySubmitted, at: street, ticket: ticket,
                [
                    "text": .string("已处理"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                    "callerTold": .object(["way": .string("phone"), "at": .integer(cluster.now.milliseconds)]),
                ])
        case .replied: cluster.command(.finished, at: centre, ticket: ticket, by: "zhao")
        case .finished:
            cluster.command(
                .callbackRecorded, at: centre, ticket: ticket,
                ["contacted": .bool(true), "solved": .bool(true), "grade": .string("5")])
        case .calledBack: cluster.command(.closed, at: centre, ticket: ticket, ["retention": .string("standard")])
        case .closed where random.happens(perMille: 150):
            cluster.command(.reopened, at: centre, ticket: ticket, lead(to, "问题再现"))
        case _: break
        }
    }

    @Test("each key is where it is needed and nowhere else, and what went is on record once", arguments: seeds)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed, keyDays: 1)
        // Everybody is let in before it begins.
        try cluster.run(milliseconds: 1_000)
        for _ in 0..<60 {
            if random.happens(perMille: 100) {
                cluster.command(
                    .registered, at: random.happens(perMille: 700) ? cluster.centre : cluster.streets[0],
                    ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")])
            }
            for ticket in try cluster.tickets(at: cluster.centre) where random.happens(perMille: 700) {
                try advance(ticket, cluster, &random)
            }
            if random.happens(perMille: 20) { try cluster.eraseCaller(ofTicket: Int(random.integer(in: 0...1_000))) }
            ClusterTests.disturb(cluster, &random)
            if random.happens(perMille: 100) {
                cluster.sleep(milliseconds: random.integer(in: 3_600_000...100_000_000))
                try cluster.run(milliseconds: 30_000)
            }
            try cluster.run(milliseconds: random.integer(in: 20...4_000))
            for node in cluster.all where !cluster.isUp(node.id) && random.happens(perMille: 500) {
                try cluster.start(node.id)
            }
        }
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        // Whatever the storm left, some come to their end.
        for _ in 0..<3 {
            cluster.command(
                .registered, at: cluster.centre,
                ["channel": .string("hotline"), "matter": .string("井盖缺失"), "kind": .string("help")])
        }
        for _ in 0..<12 {
            for ticket in try cluster.tickets(at: cluster.centre) { try advance(ticket, cluster, &random) }
            try cluster.run(milliseconds: 1_500)
        }
        cluster.sleep(milliseconds: random.integer(in: 90_000_000...100_000_000))
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        // A look each minute, and a round of offers.
        try cluster.run(milliseconds: 130_000)
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        let findings = try cluster.disagreements()
        #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
        let hub = try #require(cluster.nodes[cluster.centre])
        let told = try hub.log.reader.page(.category("person"), .forward, from: 0, limit: 10_000).map(\.event)
            .filter { $0.type == KeyExpired.type }
        #expect(!told.isEmpty, "seed \(seed): nothing expired; \(cluster.refused.values.sorted().suffix(3))")
        #expect(Set(told.map(\.command)).count == told.count, "seed \(seed)")
        for street in cluster.streets.compactMap({ cluster.nodes[$0] }) {
            #expect(try street.vault.gone(limit: 10) == [], "seed \(seed)")
        }
    }
}
