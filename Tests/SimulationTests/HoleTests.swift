import Events
import Node
import Simulation
import Testing
import Tickets

/// Logs that an import left with a hole in a street's events.
@Suite("Holes") struct HoleTests {
    private let cluster: Cluster
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 23)
        street = cluster.streets[0]
        try cluster.run(milliseconds: 2_000)
    }

    @Test("a centre into which a street's last event was imported asks for all before it", arguments: [1, 3])
    func imported(last: Int) throws {
        cluster.crash(cluster.centre)
        var calls: [CommandID] = []
        for number in 1...6 {
            calls.append(
                cluster.command(
                    .registered, at: street,
                    ["channel": .string("hotline"), "matter": .string("路灯 \(number)"), "kind": .string("help")],
                    role: "clerk"))
            try cluster.run(milliseconds: 100)
        }
        #expect(calls.allSatisfy { cluster.acknowledged[$0] == street })
        let here = try #require(cluster.nodes[street]?.log)
        let own = try here.reader.events(of: here.origin, above: 0, limit: 100)
        #expect(own.count >= calls.count)
        _ = try cluster.nodes[cluster.centre]?.log.write {
            try $0.ingest(Array(own.suffix(last)), dense: false, receivedAt: cluster.now)
        }
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let reader = try #require(cluster.nodes[cluster.centre]?.log.reader)
        for event in own { #expect(try reader.event(event.id)?.event == event, "\(event.id) never came") }
        #expect(try cluster.disagreements() == [])
    }

    @Test("a street's older copy gets its own events back, also when one above the lost ones was there first")
    func above() throws {
        cluster.backUp(street)
        for number in 1...6 {
            cluster.command(
                .registered, at: street,
                ["channel": .string("hotline"), "matter": .string("路灯 \(number)"), "kind": .string("help")],
                role: "clerk")
            try cluster.run(milliseconds: 100)
        }
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let log = try #require(cluster.nodes[street]?.log)
        let own = try log.reader.events(of: log.origin, above: 0, limit: 100)
        cluster.crash(street)
        cluster.restore(street)
        let older = try #require(cluster.nodes[street]?.log)
        let lost = try own.filter { try older.reader.event($0.id) == nil }
        #expect(lost.count >= 6)
        _ = try older.write { try $0.ingest([lost[1]] + lost[3...], dense: false, receivedAt: cluster.now) }
        try cluster.start(street)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let reader = try #require(cluster.nodes[street]?.log.reader)
        for event in own { #expect(try reader.event(event.id)?.event == event, "\(event.id) never came") }
        #expect(try cluster.disagreements() == [])
    }

    @Test("a street whose log lacks an own event that the centre lacks, too, sends what is before it and says so once")
    func missingAtBoth() throws {
        let other = MemoryLog(node: street, incarnation: Incarnation(77), audience: NoAudience())
        let drafts = try (1...5).map {
            Draft(
                stream: try StreamName("note/\($0)"), type: EventType("note.made"), body: [:], occurredAt: cluster.now)
        }
        let request = AppendRequest(
            command: CommandID(derivedFrom: "notes"), actor: Actor(system: "test", rule: "1"), now: cluster.now,
            drafts: drafts)
        _ = try other.write { try $0.append(request) }
        var events = try other.reader.events(of: other.origin, above: 0, limit: 10)
        let lost = events.remove(at: 2)
        cluster.crash(street)
        _ = try cluster.nodes[street]?.log.write { try $0.ingest(events, dense: false, receivedAt: cluster.now) }
        try cluster.start(street)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let reader = try #require(cluster.nodes[cluster.centre]?.log.reader)
        #expect(try reader.events(of: other.origin, above: 0, limit: 10) == Array(events.prefix(2)))
        let said = cluster.summary.ranges(of: "\(EventID(origin: other.origin, sequence: 3)) is neither").count
        #expect(said == 1, "\(cluster.summary)")
        #expect(cluster.nodes[street]?.machine?.outbox == 3, "what nobody confirmed waits")
        // From the old disk it comes to the centre, and the rest follows.
        cluster.crash(cluster.centre)
        _ = try cluster.nodes[cluster.centre]?.log.write {
            try $0.ingest([lost], dense: false, receivedAt: cluster.now)
        }
        try cluster.start(cluster.centre)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(cluster.nodes[street]?.machine?.outbox == 0)
        let whole = try #require(cluster.nodes[cluster.centre]?.log.reader)
        #expect(try whole.events(of: other.origin, above: 0, limit: 10).count == 5)
    }
}
