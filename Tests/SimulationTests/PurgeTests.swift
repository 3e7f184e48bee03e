import Events
import LogContract
import Node
import Simulation
import Testing
import Tickets

/// A street lets go what others wrote in tickets that left it, and has them again when they come back.
@Suite("Purge after LEAVE") struct PurgeTests {
    private let cluster: Cluster
    private let first: NodeID
    private let second: NodeID
    private static let day: Int64 = 86_400_000

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 11, purgeAfter: PurgeTests.day)
        (first, second) = (cluster.streets[0], cluster.streets[1])
        try cluster.run(milliseconds: 1_000)
    }

    private func move(_ kind: TicketEventKind, _ ticket: StreamName, to node: NodeID) throws {
        cluster.command(
            kind, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: node)), "leadNode": .string(node.text)], by: "zhao")
        try cluster.run(milliseconds: 3_000)
    }

    /// A ticket that the first street has signed.
    private func signed() throws -> StreamName {
        let made = cluster.command(
            .registered, at: cluster.centre,
            ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")], role: "agent")
        try cluster.run(milliseconds: 2_000)
        let ticket = try #require(try cluster.ticket(madeBy: made, at: cluster.centre))
        cluster.command(
            .queuedForDispatch, at: cluster.centre, ticket: ticket, ["category": .array([.string("市容环境")])], by: "zhao")
        try cluster.run(milliseconds: 2_000)
        try move(.dispatched, ticket, to: first)
        cluster.command(.signed, at: first, ticket: ticket)
        #expect(try cluster.settle() != nil)
        return ticket
    }

    private func node(_ id: NodeID) throws -> SimulatedNode { try #require(cluster.nodes[id]) }

    private func bodies(_ ticket: StreamName, at id: NodeID? = nil) throws -> [EventBody] {
        try node(id ?? first).log.reader.page(.stream(ticket), .forward, from: 0, limit: 100).map(\.event.body)
    }

    private func isPurged(_ ticket: StreamName) throws -> Bool { try bodies(ticket).contains(.letGo) }

    /// Two days, and the minutes in which a street looks.
    private func wait() throws {
        cluster.sleep(milliseconds: 2 * PurgeTests.day)
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 130_000)
    }

    private func records() throws -> [BodyChange] {
        try node(first).log.reader.page(.category(Purged.category), .forward, from: 0, limit: 1_000)
            .compactMap { BodyChange($0.event) }
    }

    @Test(
        "a ticket that left goes after its days and not before; its street keeps its own words, the centre everything")
    func goes() throws {
        let ticket = try signed()
        let stays = try signed()
        try move(.reassigned, ticket, to: second)
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 130_000)
        #expect(try bodies(ticket).allSatisfy(\.isHere))
        // Whoever looks now keeps the ticket in memory.
        let late = cluster.command(.progressNoted, at: first, ticket: ticket, ["text": .string("已电话告知")])
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.acknowledged[late] == first)
        try wait()
        let here = try node(first)
        let stored = try here.log.reader.page(.stream(ticket), .forward, from: 0, limit: 100)
        for one in stored { #expect(one.event.body.isHere == (one.event.id.origin.node == first)) }
        #expect(stored.contains { !$0.event.body.isHere } && stored.contains { $0.event.body.isHere })
        let stub = try here.fold(ticket)
        #expect(stub.state.isLetGo && !stub.state.exists && stub.entries.count == stored.count)
        #expect(stub.entries.allSatisfy { $0.effect == .letGo } && stub.conflicts.isEmpty)
        #expect(try bodies(ticket, at: cluster.centre).allSatisfy(\.isHere))
        #expect(try node(second).fold(ticket).entries == node(cluster.centre).fold(ticket).entries)
        #expect(try node(first).fold(stays).state == node(cluster.centre).fold(stays).state)
        #expect(try records().map(\.stream) == [ticket])
        // The centre has the record as it has a rewind's: pushed up, in nobody's feed.
        #expect(
            try node(cluster.centre).log.reader.page(.category(Purged.category), .forward, from: 0, limit: 9).count == 1
        )
        // A command is told so, and nothing else happens with the ticket.
        let asked = cluster.command(.progressNoted, at: first, ticket: ticket, ["text": .string("再看")])
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.refused[asked]?.contains("left for another unit") == true)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
    }

    @Test("when it comes back all of it is here again, its caller's key, too, and it goes on")
    func comesBack() throws {
        let ticket = try signed()
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket))
        try move(.reassigned, ticket, to: first)
        #expect(try cluster.settle() != nil)
        #expect(try bodies(ticket).allSatisfy(\.isHere))
        #expect(try node(first).fold(ticket).entries == node(cluster.centre).fold(ticket).entries)
        #expect(try records().contains(.refilled(ticket)))
        cluster.command(.signed, at: first, ticket: ticket)
        #expect(try cluster.settle() != nil)
        #expect(try node(cluster.centre).fold(ticket).state.status == .inHand)
        #expect(try cluster.disagreements() == [])
        // And goes anew.
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket))
    }

    @Test("nothing goes while the centre lacks something that the street wrote in it")
    func unconfirmed() throws {
        let ticket = try signed()
        let other = try signed()
        let said = try signed()
        for one in [other, said] { try move(.reassigned, one, to: second) }
        #expect(try cluster.settle() != nil)
        // The street hears that it left, and the centre nothing of what the street writes.
        cluster.weather(.cut, at: first)
        cluster.command(.progressNoted, at: first, ticket: other, ["text": .string("断线中的记录")])
        try cluster.run(milliseconds: 1_000)
        try move(.reassigned, ticket, to: second)
        cluster.sleep(milliseconds: 2 * PurgeTests.day)
        try cluster.run(milliseconds: 800_000)
        #expect(try !isPurged(other))
        // Without a session nobody knows what the hub is about to take back.
        #expect(try !isPurged(said))
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 700_000)
        #expect(try isPurged(other) && isPurged(said))
    }

    @Test(
        "nothing goes by a clock that leapt ahead, however long that is believed: the earlier of both ends' clocks counts"
    )
    func clock() throws {
        let ticket = try signed()
        try move(.reassigned, ticket, to: second)
        #expect(try cluster.settle() != nil)
        cluster.nodes[first]?.clockError = 2 * PurgeTests.day
        try cluster.run(milliseconds: 300_000)
        #expect(try !isPurged(ticket))
        cluster.nodes[first]?.clockError = 0
        try cluster.run(milliseconds: 700_000)
        #expect(try !isPurged(ticket))
        cluster.nodes[first]?.clockError = 2 * PurgeTests.day
        try cluster.run(milliseconds: 900_000)
        #expect(try !isPurged(ticket))
        cluster.nodes[first]?.clockError = 0
        try wait()
        try cluster.run(milliseconds: 700_000)
        #expect(try isPurged(ticket))
    }

    // MARK: - A restored centre

    /// What the centre wrote in a ticket that had come back, and lost with its disk.
    ///
    /// - Returns: the ticket, which had left once and gone, and the events that stood at the centre.
    private func cameBack() throws -> (ticket: StreamName, events: [Event]) {
        let ticket = try signed()
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket))
        cluster.backUp(cluster.centre)
        try move(.reassigned, ticket, to: first)
        let noted = cluster.command(
            .progressNoted, at: cluster.centre, ticket: ticket, ["text": .string("已与街道联系")], by: "zhao")
        try cluster.run(milliseconds: 5_000)
        #expect(cluster.acknowledged[noted] == cluster.centre)
        #expect(try cluster.settle() != nil)
        // Until the ends of feeds are signed.
        try cluster.run(milliseconds: 65_000)
        let events = try node(cluster.centre).log.reader.page(.stream(ticket), .forward, from: 0, limit: 100).map(
            \.event)
        return (ticket, events)
    }

    private func restore() throws {
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        try cluster.start(cluster.centre)
    }

    private func hasRewound() throws -> Bool {
        let feed = try StreamName(category: Rewind.category, key: first.text)
        return try node(first).log.reader.page(.stream(feed), .forward, from: 0, limit: 100)
            .contains { Rewind($0.event)?.feed == .node(first) }
    }

    @Test(
        "what a street put aside is not let go: the restored centre has it back, however long the line is down meanwhile",
        arguments: [0, 40_000, 140_000])
    func putAside(cut: Int64) throws {
        let (ticket, events) = try cameBack()
        try restore()
        // The line is lost just behind the rewind, before the centre has everything back.
        var rounds = 0
        while try !hasRewound(), rounds < 3_000 {
            try cluster.run(milliseconds: 10)
            rounds += 1
        }
        #expect(try hasRewound())
        if cut > 0 {
            cluster.weather(.cut, at: first)
            try cluster.run(milliseconds: cut)
        }
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 200_000)
        #expect(try cluster.settle() != nil)
        let here = try node(cluster.centre).log.reader.page(.stream(ticket), .forward, from: 0, limit: 100).map(
            \.event.id)
        #expect(Set(events.map(\.id)).isSubset(of: here))
        #expect(try node(first).fold(ticket).entries == node(cluster.centre).fold(ticket).entries)
        #expect(try cluster.disagreements(restored: true) == [])
    }

    @Test(
        "while a restored centre takes back what it has lost, nothing is called missing, also when who has it is late",
        arguments: [0, 1_000, 2_000], [0, 30_000])
    func takenBack(phase: Int64, late: Int64) throws {
        let tickets = try (0..<4).map { _ in try signed() }
        cluster.backUp(cluster.centre)
        for ticket in tickets { try move(.reassigned, ticket, to: second) }
        try wait()
        for ticket in tickets { #expect(try isPurged(ticket)) }
        try cluster.run(milliseconds: phase)
        if late > 0 { cluster.weather(.cut, at: second) }
        try restore()
        try cluster.run(milliseconds: late)
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 200_000)
        #expect(try cluster.settle() != nil)
        #expect(try records().allSatisfy { if case .missing = $0 { false } else { true } })
        #expect(try node(first).alarms.allSatisfy { !$0.contains("was let go") })
        #expect(try node(first).log.reader.wantedBodies(limit: 9).isEmpty)
        for ticket in tickets { #expect(try isPurged(ticket)) }
    }

    @Test("a transaction that was lost let nothing go, and the next one does")
    func lost() throws {
        let tickets = try (0..<6).map { _ in try signed() }
        for ticket in tickets { try move(.reassigned, ticket, to: second) }
        #expect(try cluster.settle() != nil)
        cluster.sleep(milliseconds: 2 * PurgeTests.day)
        cluster.loseNextTransaction(of: first)
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 400_000)
        for ticket in tickets { #expect(try isPurged(ticket)) }
        #expect(try Set(records().map(\.stream)) == Set(tickets))
        #expect(try cluster.disagreements() == [])
    }

    @Test("a centre restored from before the LEAVE gives back what went, and the ticket goes on at its street")
    func restoredCentre() throws {
        let ticket = try signed()
        cluster.backUp(cluster.centre)
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket))
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        // The other street, which has the event that moved the ticket, is away.
        cluster.weather(.cut, at: second)
        try cluster.start(cluster.centre)
        try cluster.run(milliseconds: 200_000)
        let here = try node(first).fold(ticket)
        // Nobody who is there has the event that moved it: the ticket is shown without it, as the centre has it.
        #expect(!here.state.isLetGo && here.missing == 1)
        #expect(try here.state.status == .inHand && node(cluster.centre).fold(ticket).state == here.state)
        #expect(try records().contains { if case .missing(_, ticket) = $0 { true } else { false } })
        #expect(try node(first).alarms.contains { $0.contains("was let go while its ticket was elsewhere") })
        cluster.command(.firstContactMade, at: first, ticket: ticket, ["way": .string("phone")])
        try cluster.run(milliseconds: 3_000)
        #expect(try node(cluster.centre).fold(ticket).state.contactedAt != nil)
        // With it the word comes that the ticket left, and its body; as it left days ago, all of it goes again.
        #expect(try cluster.settle() != nil)
        try cluster.run(milliseconds: 130_000)
        #expect(try node(cluster.centre).fold(ticket).state.lead?.node == second)
        #expect(try node(second).fold(ticket).entries == node(cluster.centre).fold(ticket).entries)
        #expect(try records().contains(.refilled(ticket)) && isPurged(ticket))
        #expect(try node(first).log.reader.wantedBodies(limit: 9).isEmpty)
        #expect(try cluster.disagreements(restored: true) == [])
    }

    @Test("a photograph that only bodies named which went is left alone, not asked for, and is when they are back")
    func photographs() throws {
        let ticket = try signed()
        let bytes = BlobContract.photograph(1, size: 60_000)
        try cluster.attach(bytes, at: cluster.centre, ticket: ticket)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.settleBlobs() != nil)
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket) && node(first).blobs.held == [.sha256(bytes)])
        cluster.crash(first)
        cluster.restore(first, .blobs)
        try cluster.start(first)
        try cluster.run(milliseconds: 100_000)
        #expect(try node(first).blobs.held.isEmpty && node(first).status.missing == 0)
        try move(.reassigned, ticket, to: first)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.settleBlobs() != nil)
        #expect(try node(first).blobs.held == [.sha256(bytes)])
    }

    @Test("what a look costs is bounded by the rows it looks at, and nothing to do costs a look a minute")
    func looks() throws {
        let ticket = try signed()
        try move(.reassigned, ticket, to: second)
        try wait()
        #expect(try isPurged(ticket))
        let head = try node(first).log.head.position
        try cluster.run(milliseconds: 300_000)
        #expect(try node(first).log.head.position == head)
    }
}
