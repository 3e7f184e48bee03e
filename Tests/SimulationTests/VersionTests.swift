import Events
import Replication
import Simulation
import Testing
import Tickets

/// Nodes of different versions: of the protocol, and of what they know of events.
@Suite("Versions together") struct VersionTests {
    private static let lead: JSONObject = ["lead": .string("320507001"), "leadNode": .string("street1")]

    /// A ticket at the street, the cluster settled.
    private func dispatched(_ cluster: Cluster) throws -> StreamName {
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
        try cluster.run(milliseconds: 3_000)
        let ticket = try StreamName(category: "ticket", key: call.description)
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        try cluster.run(milliseconds: 100)
        cluster.command(.dispatched, at: cluster.centre, ticket: ticket, VersionTests.lead)
        try cluster.run(milliseconds: 5_000)
        return ticket
    }

    @Test(
        "a hub and a street of which one speaks version 1 alone work together as any other two",
        arguments: [(1...1, 1...2), (1...2, 1...1), (1...2, 1...2), (1...2, 2...2)]
            as [(ClosedRange<UInt8>, ClosedRange<UInt8>)])
    func together(hub: ClosedRange<UInt8>, street: ClosedRange<UInt8>) throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 20_261_126)
        let street1 = cluster.streets[0]
        try cluster.run(milliseconds: 1_000)
        for (id, versions) in [(cluster.centre, hub), (street1, street)] {
            cluster.crash(id)
            cluster.nodes[id]?.versions = versions
            try cluster.start(id)
        }
        let ticket = try dispatched(cluster)
        cluster.weather(.stormy, at: street1)
        cluster.command(.signed, at: street1, ticket: ticket)
        try cluster.run(milliseconds: 20_000)
        cluster.weather(.fine, at: street1)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(try cluster.disagreements() == [])
        #expect(try cluster.nodes[cluster.centre]?.fold(ticket).state.status == .inHand)
        for node in cluster.all { #expect(node.alarms.filter { $0.contains("unreadable") } == [], "\(node.id)") }
    }

    @Test("a street that shares no version with the hub is told so, loses nothing, and goes on when it is upgraded")
    func tooOld() throws {
        let cluster = try Cluster(streets: ["street1"], seed: 5)
        let street = cluster.streets[0]
        let ticket = try dispatched(cluster)
        #expect(try cluster.settle() != nil)
        cluster.crash(cluster.centre)
        cluster.nodes[cluster.centre]?.versions = 2...2
        try cluster.start(cluster.centre)
        cluster.crash(street)
        cluster.nodes[street]?.versions = 1...1
        try cluster.start(street)
        try cluster.run(milliseconds: 1_000)
        cluster.command(.signed, at: street, ticket: ticket)
        try cluster.run(milliseconds: 20_000)
        #expect(cluster.nodes[street]?.alarms.contains { $0.contains("it speaks another version") } == true)
        #expect(try cluster.nodes[cluster.centre]?.fold(ticket).state.status == .dispatched)
        cluster.crash(street)
        cluster.nodes[street]?.versions = 1...2
        try cluster.start(street)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.nodes[cluster.centre]?.fold(ticket).state.status == .inHand)
        #expect(
            try cluster.disagreements() == ["street1 alarmed: the hub refuses this node: it speaks another version"])
    }

    // MARK: - What a hub sends

    /// A hub's desk over a log, with one street that has said HELLO.
    private func desk(_ versions: ClosedRange<UInt8>) throws -> (desk: HubDesk, log: MemoryLog, session: UInt64) {
        let centre = try NodeID("centre")
        let street = try NodeID("street1")
        let log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
        var desk = HubDesk(random: SystemRandomNumberGenerator())
        try desk.start(
            process: log.origin, ports: [.common: "1", .node(street): "2"], reader: log.reader, now: then(0))
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(3)), versions: versions, clock: then(0).wall,
            origins: [], cursors: [])
        try desk.receive(
            Frame(number: 1, message: .hello(hello)).bytes, from: .node(street), reader: log.reader, now: then(0))
        for case .send(_, let frame) in desk.takeOutgoing() {
            if case .welcome(let welcome)? = try Frame(frame).message { return (desk, log, welcome.session) }
        }
        Issue.record("no WELCOME")
        return (desk, log, 0)
    }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + milliseconds), steady: milliseconds)
    }

    private func publish(_ number: Int, in log: MemoryLog) throws {
        let draft = Draft(
            stream: try StreamName("rule/note"), type: EventType("rule.noted"),
            body: ["text": .string(String(repeating: "占道经营", count: 200))], occurredAt: then(0).wall)
        let request = AppendRequest(
            command: CommandID(derivedFrom: "note", String(number)), actor: Actor(system: "t", rule: "1"),
            now: then(0).wall, drafts: [draft])
        _ = try log.write { try $0.append(request) }
    }

    @Test(
        "rows are compressed for a street whose line is slow, and that reads it; what many read is for all versions",
        arguments: [(1...1, true), (1...2, false), (1...2, true)] as [(ClosedRange<UInt8>, Bool)])
    func slowLine(versions: ClosedRange<UInt8>, isSlow: Bool) throws {
        var (desk, log, session) = try desk(versions)
        try publish(1, in: log)
        let pull = Frame(
            number: 2, message: .pull(session: session, feed: .common, above: 0, credit: 1 << 20),
            version: versions.upperBound, isLineSlow: isSlow)
        let street = try NodeID("street1")
        try desk.receive(pull.bytes, from: .node(street), reader: log.reader, now: then(1))
        try desk.committed(reader: log.reader, now: then(1))
        try publish(2, in: log)
        try desk.committed(reader: log.reader, now: then(2))
        var headers: [String: (version: UInt8, flags: UInt8)] = [:]
        for one in desk.takeOutgoing() {
            switch one {
            case .send(_, let frame):
                if case .batch? = try Frame(frame).message { headers["batch"] = (frame[3], frame[5]) }
            case .publish(.common, let frame):
                if case .live? = try Frame(frame).message { headers["live"] = (frame[3], frame[5]) }
            case .publish(_, let frame): headers["own"] = (frame[3], frame[5])
            case .answer, .subscribe: break
            }
        }
        let isPacked = isSlow && versions.upperBound == 2
        #expect(headers["batch"]?.version == versions.upperBound)
        #expect(headers["batch"]?.flags == (isPacked ? 1 : 0))
        #expect(headers["live"]?.version == 1)
        #expect(headers["live"]?.flags == 0)
        #expect(headers["own"]?.version == versions.upperBound)
    }

    // MARK: - Events of the future

    /// Appends an event as a node of a later version would.
    private func append(
        _ type: EventType, to stream: StreamName, at id: NodeID, in cluster: Cluster, actor: Actor
    ) throws {
        let request = AppendRequest(
            command: CommandID(derivedFrom: "future", type.description, stream.text), actor: actor, now: cluster.now,
            drafts: [
                Draft(stream: stream, type: type, body: ["new": .array([.integer(1)])], occurredAt: cluster.now)
            ])
        _ = try cluster.nodes[id]?.log.write { try $0.append(request) }
    }

    @Test(
        "an event of a later version is stored, forwarded by its stream, and changes nothing where it is not understood"
    )
    func future() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 11)
        let (centre, street1, street2) = (cluster.centre, cluster.streets[0], cluster.streets[1])
        let ticket = try dispatched(cluster)
        #expect(try cluster.settle() != nil)
        let clerk = Actor(account: "li", role: "clerk", unit: "320507001")
        let admin = Actor(account: "admin", role: "systemAdmin", unit: "centre")
        // Of a type nobody knows, and of a known type's next version; from the street and from the hub.
        try append(EventType("ticket.projected"), to: ticket, at: street1, in: cluster, actor: clerk)
        try append(EventType("ticket.signed", version: "2"), to: ticket, at: street1, in: cluster, actor: clerk)
        try append(EventType("ticket.reweighed"), to: ticket, at: centre, in: cluster, actor: admin)
        try append(EventType("ticket.reassigned", version: "2"), to: ticket, at: centre, in: cluster, actor: admin)
        // And what decisions look at: rules and members.
        try append(
            EventType("rule.published", version: "2"), to: StreamName("rule/limits"), at: centre, in: cluster,
            actor: admin)
        try append(
            EventType("node.revoked", version: "2"), to: StreamName("node/street2"), at: centre, in: cluster,
            actor: admin)
        try append(EventType("weather.foreseen"), to: StreamName("rule/weather"), at: centre, in: cluster, actor: admin)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        let findings = try cluster.disagreements()
        #expect(findings == [])
        for id in [centre, street1] {
            let fold = try #require(try cluster.nodes[id]?.fold(ticket))
            #expect(fold.state.status == .dispatched, "\(id)")
            #expect(fold.entries.filter { $0.effect == .unknownType }.count == 4, "\(id)")
            #expect(fold.needsUpgrade)
            #expect(fold.conflicts.isEmpty)
        }
        // The ticket goes on all the same.
        cluster.command(.signed, at: street1, ticket: ticket)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.nodes[centre]?.fold(ticket).state.status == .inHand)
        for id in [street1, street2] {
            let reader = try #require(cluster.nodes[id]?.log.reader)
            let versions = try reader.page(.category("rule"), .forward, from: 0, limit: 100).map(
                \.event.type.description)
            #expect(versions.contains { $0.contains("weather.foreseen") }, "\(id)")
        }
        #expect(cluster.all.flatMap(\.alarms) == [])
    }
}
