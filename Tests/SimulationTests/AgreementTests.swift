import Events
import Node
import Replication
import Testing
import Tickets

@testable import Simulation

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

    // MARK: - What the centre believes

    @Test("what a street has and its centre does not know of; known with the next PING that arrives")
    func unheard() throws {
        #expect(try cluster.settle() != nil)
        cluster.weather(Weather(isHeard: false), at: street)
        try cluster.publishRule()
        try cluster.run(milliseconds: 8_000)
        let hub = try #require(cluster.nodes[cluster.centre])
        let head = try hub.log.reader.feedHead(.common)
        #expect(try cluster.nodes[street]?.log.reader.cursor(of: .common) == head, "PUB brings it")
        #expect(try cluster.disagreements() == ["the centre believes that street1 lacks 1 rows"])
        let session = try #require(hub.machine?.peers.first).since
        cluster.weather(.fine, at: street)
        try cluster.run(milliseconds: StreetSession.Limit.ping + 100)
        #expect(try cluster.disagreements() == [])
        #expect(hub.machine?.peers.first?.since == session, "in the same session")
    }

    // MARK: - What a feed may hold

    /// A ticket that the centre gave to the first street, and then to the second.
    private func reassigned() throws -> StreamName {
        let call = cluster.command(
            .registered, at: cluster.centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
        try cluster.run(milliseconds: 500)
        let ticket = try #require(try cluster.ticket(madeBy: call, at: cluster.centre))
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])])
        for (kind, street) in zip([TicketEventKind.dispatched, .reassigned], cluster.streets) {
            try cluster.run(milliseconds: 500)
            cluster.command(
                kind, at: cluster.centre, ticket: ticket,
                ["lead": .string(cluster.unit(of: street)), "leadNode": .string(street.text)])
        }
        return ticket
    }

    /// What a log that routes wrongly would write to a feed; the streets take it as any row.
    private func add(_ operation: FeedRow.Operation, of stream: StreamName, to feed: FeedName) throws {
        let log = try #require(cluster.nodes[cluster.centre]).log
        let last = log.committed.feeds[feed]?.last
        let common = Int64(log.committed.feeds[.common]?.count ?? 0)
        let fseq = (last?.fseq ?? 0) + 1
        let (kind, hash): (FeedRow.Kind, Digest?) =
            switch operation {
            case .event(let event): (.event, event.hash)
            case .join: (.join, nil)
            case .leave: (.leave, nil)
            }
        let chain = FeedRow.chain(
            after: last?.chain ?? FeedRow.seed(of: feed), fseq: fseq, stream: stream, kind: kind, event: hash,
            history: 0, common: common)
        log.committed.feeds[feed, default: []].append(
            FeedRow(fseq: fseq, stream: stream, operation: operation, common: common, chain: chain))
    }

    /// What the centre notes of a caller, or of a look at one.
    private func noted(in stream: String) throws -> Event {
        let request = AppendRequest(
            command: CommandID(derivedFrom: stream), actor: Actor(account: "wang", role: "agent", unit: "centre"),
            now: cluster.now,
            drafts: [
                Draft(stream: try StreamName(stream), type: EventType("test.noted"), body: [:], occurredAt: cluster.now)
            ])
        guard case .appended(let stored) = try cluster.nodes[cluster.centre]?.log.write({ try $0.append(request) })
        else { throw DecodeError.malformed(offset: 0, what: "a note that is refused") }
        return try #require(stored.first).event
    }

    @Test(
        "a row that is for nobody of a feed: what follows LEAVE, a second LEAVE, looks at callers and calls, a ticket for all",
        arguments: ["", "follows", "leaves", "joins", "reveal/1", "call/1", "common", "rule/1"])
    func stray(what: String) throws {
        let ticket = try reassigned()
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
        let feed = what == "common" ? FeedName.common : .node(street)
        let hub = try #require(cluster.nodes[cluster.centre])
        let last = try #require(hub.log.reader.page(.stream(ticket), .backward, from: .max, limit: 1).first).event
        switch what {
        case "": break
        case "follows", "common": try add(.event(last), of: ticket, to: feed)
        case "leaves": try add(.leave, of: ticket, to: feed)
        case "joins": try add(.join(history: 0), of: ticket, to: feed)
        case _: try add(.event(try noted(in: what)), of: try StreamName(what), to: feed)
        }
        #expect(try cluster.settle() != nil)
        let row = try hub.log.reader.feedHead(feed).fseq
        let findings = try cluster.disagreements()
        let isFound = findings.contains {
            $0.hasPrefix("row \(row) of \(feed), of ") || $0.hasPrefix("\(ticket) is in \(feed)")
        }
        #expect(isFound == !what.isEmpty, "\(findings)")
        #expect(findings.count == (what.isEmpty ? 0 : 1), "\(findings)")
    }
}
