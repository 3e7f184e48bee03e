import Events
import LogContract
import Simulation
import Testing
import Tickets

@testable import Replication

@Suite("Photographs under bad lines and dying processes") struct BlobStormTests {
    @Test(
        "after any storm every photograph is at every node whose audience has it",
        arguments: 1...40 as ClosedRange<UInt64>)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed)
        var workload = Workload(seed: random.next())
        var photographs: [[UInt8]] = []
        for _ in 0..<50 {
            try workload.act(on: cluster)
            if random.happens(perMille: 300), let node = random.pick(cluster.all.map(\.id)),
                let ticket = random.pick(try cluster.tickets(at: node))
            {
                // Now and then one that another ticket has, too.
                let again = random.happens(perMille: 250) ? random.pick(photographs) : nil
                let size = random.happens(perMille: 200) ? 600_000 : random.integer(in: 5...120_000)
                let number = photographs.count + Int(seed) * 1_000
                let bytes = again ?? BlobContract.photograph(number, size: Int(size))
                if again == nil { photographs.append(bytes) }
                try cluster.attach(bytes, at: node, ticket: ticket)
            }
            disturb(cluster, &random)
            try cluster.run(milliseconds: random.integer(in: 20...3_000))
            for node in cluster.all where !cluster.isUp(node.id) && random.happens(perMille: 500) {
                try cluster.start(node.id)
            }
        }
        for node in cluster.all { node.blobs.isFull = false }
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        let settled = try cluster.settleBlobs()
        let missing = try cluster.missingBlobs().prefix(3)
        #expect(settled != nil, "seed \(seed): \(missing); \(cluster.summary)")
        // A full disk is an alarm, as it should be.
        let findings = try cluster.disagreements().filter { !$0.contains("the disk is full") }
        #expect(findings == [], "seed \(seed)")
        #expect(try cluster.namedBlobs() > 1, "seed \(seed)")
    }

    private func disturb(_ cluster: Cluster, _ random: inout SeededRandom) {
        guard let street = random.pick(cluster.streets), let any = random.pick(cluster.all) else { return }
        switch random.integer(in: 0...15) {
        case 0, 1: cluster.weather(.cut, at: street)
        case 2, 3: cluster.weather(.stormy, at: street)
        case 4: cluster.weather(Weather(isPublishing: false), at: street)
        case 5: cluster.weather(Weather(isAnswering: false), at: street)
        case 6, 7, 8: cluster.weather(.fine, at: street)
        case 9, 10: cluster.crash(any.id)
        case 11: cluster.loseNextTransaction(of: any.id)
        case 12: any.blobs.isFull.toggle()
        default: break
        }
    }

    /// A centre with a ticket that is at a street.
    private func dispatched(to street: String = "street1", _ cluster: Cluster) throws -> StreamName {
        let centre = cluster.centre
        let filed = cluster.command(
            .registered, at: centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "agent")
        try cluster.run(milliseconds: 200)
        let ticket = try #require(try cluster.ticket(madeBy: filed, at: centre))
        cluster.command(
            .queuedForDispatch, at: centre, ticket: ticket, ["category": .array([.string("城市管理"), .string("路灯")])])
        try cluster.run(milliseconds: 100)
        let node = try NodeID(street)
        cluster.command(
            .dispatched, at: centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: node)), "leadNode": .string(street)])
        #expect(try cluster.settle() != nil)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        return ticket
    }

    @Test("what a street attached is not at the centre for it before the centre has said so")
    func confirmed() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 7)
        let ticket = try dispatched(cluster)
        let street = cluster.streets[0]
        let bytes = BlobContract.photograph(1, size: 90_000)
        let blob = Digest.sha256(bytes)
        cluster.weather(.cut, at: street)
        try cluster.attach(bytes, at: street, ticket: ticket)
        try cluster.run(milliseconds: 500)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        #expect(cluster.nodes[street]?.status.unconfirmed == [blob])
        cluster.weather(.fine, at: street)
        // One turn of each node at a time: the centre has it in the very turn in which the street counts it as confirmed.
        for _ in 0..<2_000 where cluster.nodes[street]?.status.unconfirmed.isEmpty != true {
            try cluster.run(milliseconds: 1)
            let isThere = cluster.nodes[cluster.centre]?.blobs.held.contains(blob) == true
            #expect(isThere || cluster.nodes[street]?.status.unconfirmed == [blob])
        }
        #expect(cluster.nodes[street]?.status.unconfirmed == [])
        // What it knows stays known; and it is asked again when that was lost with the disk's note.
        cluster.crash(street)
        try cluster.start(street)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.settleBlobs() != nil)
        #expect(
            cluster.nodes[cluster.streets[1]]?.blobs.held.isEmpty == true,
            "a street without the ticket has no photograph of it")
    }

    @Test("a line that is cut in the middle goes on where it was, and sends nothing twice")
    func resumed() throws {
        let cluster = try Cluster(streets: ["street1"], seed: 9)
        let ticket = try dispatched(cluster)
        let street = cluster.streets[0]
        // As TCP does it: in order.
        let line = Weather(delay: 2...2)
        cluster.weather(line, at: street)
        let bytes = BlobContract.photograph(2, size: 3_000_000)
        let blob = Digest.sha256(bytes)
        try cluster.attach(bytes, at: cluster.centre, ticket: ticket)
        try cluster.run(milliseconds: 100)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        let store = try #require(cluster.nodes[street]).blobs
        for _ in 0..<200 where store.partial(of: blob) < 1_000_000 { try cluster.run(milliseconds: 30) }
        let before = store.partial(of: blob)
        #expect((1_000_000..<3_000_000).contains(before))
        cluster.weather(.cut, at: street)
        try cluster.run(milliseconds: 30_000)
        let kept = store.partial(of: blob)
        #expect(kept >= before)
        let sent = cluster.sentBytes(kind: 18)
        cluster.weather(line, at: street)
        #expect(try cluster.settleBlobs() != nil)
        #expect(cluster.sentBytes(kind: 18) - sent < 3_000_000 - Int(kept) + 600_000)
    }

    @Test("a street gets no photograph of a ticket that is not its own, and asks in vain")
    func foreign() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 11)
        let ticket = try dispatched(cluster)
        let bytes = BlobContract.photograph(3, size: 10_000)
        try cluster.attach(bytes, at: cluster.streets[0], ticket: ticket)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.settleBlobs() != nil)
        let hub = try #require(cluster.nodes[cluster.centre])
        let event = try #require(
            try hub.log.reader.page(.stream(ticket), .backward, from: .max, limit: 1).first?.event.id)
        /// The sizes of the pieces that the hub answers a street with.
        func answers(to street: NodeID, _ blob: Digest, _ event: EventID) throws -> [Int] {
            let now = Moment(wall: cluster.now, steady: cluster.now.milliseconds)
            let line = BlobDesk.Line(peer: street, session: 1, isFree: true)
            var desk = BlobDesk(node: cluster.centre, isHub: true, store: hub.blobs, naming: TicketBlobs())
            try desk.turn([line], reader: hub.log.reader, now: now)
            let want = BlobWant(event: event, blob: blob, offset: 0, credit: 100_000)
            try desk.receive(
                .blobs(session: 1, .want(want)), from: street, isFree: true, reader: hub.log.reader, now: now)
            try desk.turn([line], reader: hub.log.reader, now: now)
            return desk.takeOutgoing().compactMap {
                if case .blobs(_, .chunk(let chunk)) = $0.message { chunk.bytes.count } else { nil }
            }
        }
        let blob = Digest.sha256(bytes)
        #expect(try answers(to: cluster.streets[0], blob, event) == [10_000])
        #expect(try answers(to: cluster.streets[1], blob, event) == [0], "its feed has no such ticket")
        let other = try hub.blobs.put(BlobContract.photograph(4, size: 500)).blob
        #expect(try answers(to: cluster.streets[0], other, event) == [0], "the event does not name it")
        let unknown = EventID(origin: event.origin, sequence: event.sequence + 1_000)
        #expect(try answers(to: cluster.streets[0], blob, unknown) == [0], "there is no such event")
        let next = cluster.streets[1]
        cluster.command(
            .reassigned, at: cluster.centre, ticket: ticket,
            ["lead": .string(cluster.unit(of: next)), "leadNode": .string(next.text)])
        #expect(try cluster.settle() != nil)
        #expect(cluster.refused.isEmpty, "\(cluster.refused)")
        #expect(try answers(to: next, blob, event) == [10_000])
        #expect(try answers(to: cluster.streets[0], blob, event) == [0], "it had the ticket, and wrote the event")
    }
}
