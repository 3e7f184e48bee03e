import Events
import Node
import Replication
import Simulation
import Testing
import Tickets

/// Streets that lost their disk begin behind a base, while everything else goes wrong too.
@Suite("Emptied streets") struct RebaseTests {
    /// A centre whose feeds begin anew from so many rows on.
    private func cluster(seed: UInt64, longPast: Int64, sleepers: Bool = false) throws -> Cluster {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: seed)
        // The streets are enrolled; a centre that dies before has no street to dispatch to.
        try cluster.run(milliseconds: 1_000)
        try cluster.beginFeedsAnew(from: longPast, sleepers: sleepers)
        return cluster
    }

    @Test("an emptied street begins with what is open, and everybody agrees after any storm", arguments: 1...25)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try cluster(seed: seed, longPast: 30, sleepers: true)
        var workload = Workload(seed: random.next())
        let street = cluster.streets[0]
        func work(_ rounds: Int) throws {
            for _ in 0..<rounds {
                for _ in 0..<random.integer(in: 1...3) { try workload.act(on: cluster) }
                if random.happens(perMille: 50) {
                    cluster.sleep(milliseconds: random.integer(in: 60_000...300_000_000))
                }
                if let any = random.pick(cluster.streets) {
                    switch random.integer(in: 0...9) {
                    case 0: cluster.weather(.cut, at: any)
                    case 1: cluster.weather(.stormy, at: any)
                    case 2: cluster.weather(Weather(isPublishing: false), at: any)
                    case 3: cluster.loseNextTransaction(of: random.happens(perMille: 500) ? any : cluster.centre)
                    default: cluster.weather(.fine, at: any)
                    }
                }
                try cluster.run(milliseconds: random.integer(in: 20...4_000))
            }
        }
        try work(40)
        #expect(try cluster.settle() != nil, "seed \(seed)")
        let past = try #require(cluster.nodes[cluster.centre]).log.reader.feedHead(.node(street)).fseq
        for weather in [Weather.fine, .stormy] {
            cluster.crash(street)
            try cluster.empty(street)
            cluster.weather(weather, at: street)
            try cluster.start(street)
            try cluster.run(milliseconds: 1_000)
            try work(20)
            #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
            // What the street acknowledged and nobody else needs, such as a ticket that sleeps, is at the centre.
            let findings = try cluster.disagreements()
            #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(3))")
            guard weather == .fine, past > 30 else { continue }
            let reader = try #require(cluster.nodes[street]).log.reader
            let first = try #require(reader.received(of: .node(street), above: 0, limit: 1).first)
            #expect(first.fseq > 1, "seed \(seed): the whole past came")
            #expect(try cluster.told(FeedBase.type, of: street) == 1, "seed \(seed)")
            #expect(try cluster.told(FeedWake.type, of: street) > 0, "seed \(seed)")
        }
    }

    @Test("a ticket that sleeps comes when it is asked for, one of another street does not")
    func onDemand() throws {
        let cluster = try cluster(seed: 7, longPast: 2)
        let (one, two) = (cluster.streets[0], cluster.streets[1])
        try cluster.run(milliseconds: 1_000)
        func registered(at node: NodeID) throws -> StreamName {
            let call = cluster.command(
                .registered, at: node, ["channel": .string("hotline"), "matter": .string("路灯不亮")],
                role: "clerk")
            try cluster.run(milliseconds: 1_000)
            return try #require(try cluster.ticket(madeBy: call, at: node))
        }
        let closed = try registered(at: one)
        cluster.command(
            .directAnswerGiven, at: one, ticket: closed,
            ["text": .string("已告知"), "article": .string("kb-7/3")])
        try cluster.run(milliseconds: 1_000)
        let open = try registered(at: one)
        let other = try registered(at: two)
        try cluster.run(milliseconds: 2_000)
        let whole = try #require(cluster.nodes[cluster.centre]).fold(closed)
        #expect(!whole.state.status.isOpen)
        cluster.crash(one)
        try cluster.empty(one)
        try cluster.start(one)
        try cluster.run(milliseconds: 5_000)
        let street = try #require(cluster.nodes[one])
        #expect(try street.log.reader.version(of: open) > 0)
        #expect(try street.log.reader.version(of: closed) == 0)
        #expect(street.machine?.wake(closed) == .asked)
        #expect(street.machine?.wake(other) == .asked)
        try cluster.run(milliseconds: 2_000)
        #expect(street.machine?.wake(other) == .notForYou)
        #expect(street.machine?.wake(closed) == .onItsWay)
        #expect(try street.fold(closed).entries == whole.entries)
        #expect(try street.log.reader.version(of: other) == 0)
        #expect(cluster.nodes[cluster.centre]?.machine?.wake(closed) == nil)
        #expect(try cluster.settle() != nil)
        let findings = try cluster.disagreements()
        #expect(findings == [])
    }

    @Test("a short past comes whole, and a feed begins anew once a day at most")
    func pace() throws {
        let cluster = try cluster(seed: 9, longPast: 100_000)
        let street = cluster.streets[0]
        var workload = Workload(seed: 3)
        func bases() throws -> Int { try cluster.told(FeedBase.type, of: street) }
        func emptied() throws {
            cluster.crash(street)
            try cluster.empty(street)
            try cluster.start(street)
            #expect(try cluster.settle() != nil)
            #expect(try cluster.disagreements() == [])
        }
        for _ in 0..<40 {
            try workload.act(on: cluster)
            try cluster.run(milliseconds: 500)
        }
        #expect(try cluster.settle() != nil)
        try emptied()
        #expect(try bases() == 0)
        cluster.crash(cluster.centre)
        cluster.nodes[cluster.centre]?.longPast = 1
        try cluster.start(cluster.centre)
        try emptied()
        try emptied()
        #expect(try bases() == 1)
        cluster.sleep(milliseconds: 90_000_000)
        try emptied()
        #expect(try bases() == 2)
    }

    /// As a street of the version before does, which knows of no bases.
    @Test("a street that never asked reads through a base: one that has all before it, and one that is behind")
    func readsThrough() throws {
        let cluster = try cluster(seed: 4, longPast: 100_000)
        var workload = Workload(seed: 4)
        func work(_ rounds: Int) throws {
            for _ in 0..<rounds {
                try workload.act(on: cluster)
                try cluster.run(milliseconds: 500)
            }
        }
        try work(40)
        cluster.weather(.cut, at: cluster.streets[1])
        try work(20)
        let hub = try #require(cluster.nodes[cluster.centre])
        for street in cluster.streets {
            let told = try hub.log.write { try $0.rebase(.node(street), of: street, now: cluster.now) }
            #expect(told != nil)
        }
        try work(10)
        // Its next process carries over what is open.
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        try work(20)
        #expect(try cluster.settle() != nil)
        for street in cluster.streets { #expect(try cluster.told(FeedWake.type, of: street) > 0) }
        #expect(try cluster.disagreements() == [])
        #expect(!cluster.summary.contains("29: "), "nobody asked")
    }

    @Test(
        "a centre from a copy older than a street's base takes back what it had signed, from that street too",
        arguments: 1...10)
    func restoredCentre(seed: UInt64) throws {
        let cluster = try cluster(seed: seed, longPast: 10)
        var workload = Workload(seed: seed)
        func work(_ rounds: Int) throws {
            for _ in 0..<rounds {
                try workload.act(on: cluster)
                try cluster.run(milliseconds: 300)
            }
        }
        let street = cluster.streets[0]
        try work(20)
        cluster.backUp(cluster.centre)
        try work(20)
        #expect(try cluster.settle() != nil, "seed \(seed)")
        cluster.crash(street)
        try cluster.empty(street)
        try cluster.start(street)
        try work(20)
        #expect(try cluster.settle() != nil, "seed \(seed)")
        cluster.crash(cluster.centre)
        cluster.restore(cluster.centre)
        try cluster.start(cluster.centre)
        let hub = try #require(cluster.nodes[cluster.centre])
        let lost = try cluster.streets.flatMap { street in
            try #require(cluster.nodes[street]).events().filter { $0.key.origin.node == cluster.centre }
        }.filter { try hub.log.reader.event($0.key) == nil }
        try work(10)
        #expect(try cluster.settle() != nil, "seed \(seed): \(cluster.summary)")
        for (id, hash) in lost {
            #expect(try hub.log.reader.event(id)?.event.hash == hash, "seed \(seed): \(id) \(cluster.summary)")
        }
        for street in cluster.streets {
            let node = try #require(cluster.nodes[street])
            for feed in [FeedName.common, .node(street)] {
                #expect(
                    try node.log.reader.cursor(of: feed)?.fseq ?? 0 == hub.log.reader.feedHead(feed).fseq,
                    "seed \(seed): \(street) in \(feed): \(cluster.summary)")
            }
            let own = try node.events().filter { $0.key.origin.node == street }
            let there = try hub.events()
            #expect(own.allSatisfy { there[$0.key] == $0.value }, "seed \(seed): \(street)")
        }
    }

    /// What is over sleeps behind a base, and a street that has it would never hear that it is.
    @Test(
        "a street that has a ticket hears how it ended at a centre from a copy older than the street's base",
        arguments: [false, true])
    func endedMeanwhile(diesInBetween: Bool) throws {
        let cluster = try cluster(seed: 5, longPast: 5)
        let (centre, street) = (cluster.centre, cluster.streets[0])
        try cluster.run(milliseconds: 1_000)
        func act(_ kind: TicketEventKind, at node: NodeID, _ ticket: StreamName?, _ body: JSONObject) throws {
            let id = cluster.command(kind, at: node, ticket: ticket, body, by: node == centre ? "zhao" : "li")
            try cluster.run(milliseconds: 1_500)
            #expect(cluster.refused[id] == nil, "\(kind): \(cluster.refused[id] ?? "")")
        }
        let call = cluster.command(
            .registered, at: centre, ["channel": .string("hotline"), "matter": .string("路灯不亮")], role: "agent")
        try cluster.run(milliseconds: 1_000)
        let ticket = try #require(try cluster.ticket(madeBy: call, at: centre))
        try act(.queuedForDispatch, at: centre, ticket, ["category": .array([.string("市容环境")])])
        let lead: JSONObject = ["lead": .string(cluster.unit(of: street)), "leadNode": .string(street.text)]
        try act(.dispatched, at: centre, ticket, lead)
        try act(.signed, at: street, ticket, [:])
        try act(.firstContactMade, at: street, ticket, ["way": .string("phone")])
        let told: JSONObject = ["way": .string("phone"), "at": .integer(cluster.now.milliseconds)]
        try act(
            .replySubmitted, at: street, ticket,
            [
                "text": .string("已处理"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                "callerTold": .object(told),
            ])
        cluster.backUp(centre)
        cluster.crash(street)
        try cluster.empty(street)
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(try cluster.told(FeedBase.type, of: street) == 1)
        // It ends at the centre before the street is there.
        cluster.crash(centre)
        cluster.restore(centre)
        cluster.weather(.cut, at: street)
        try cluster.start(centre)
        try act(.finished, at: centre, ticket, [:])
        let callback: JSONObject = ["contacted": .bool(true), "solved": .bool(true), "grade": .string("5")]
        try act(.callbackRecorded, at: centre, ticket, callback)
        try act(.closed, at: centre, ticket, ["retention": .string("standard")])
        let there = try #require(cluster.nodes[centre]).fold(ticket)
        #expect(!there.state.status.isOpen)
        #expect(try #require(cluster.nodes[street]).fold(ticket).state.status == .replied)
        if diesInBetween {
            cluster.weather(.fine, at: street)
            for _ in 0..<2_000 {
                guard try cluster.nodes[street]?.log.reader.cursor(of: .node(street)) != nil else { break }
                try cluster.run(milliseconds: 1)
            }
            #expect(try cluster.nodes[street]?.log.reader.cursor(of: .node(street)) == nil, "rows are still here")
            cluster.crash(street)
            try cluster.start(street)
        }
        #expect(try cluster.settle() != nil, "\(cluster.summary)")
        #expect(try #require(cluster.nodes[street]).fold(ticket).entries == there.entries, "\(cluster.summary)")
        let findings = try cluster.disagreements(restored: true)
        #expect(findings == [])
    }
}

extension Cluster {
    /// The centre's next process lets feeds begin anew from so many rows on; it starts now.
    ///
    /// - Parameter sleepers: every third ticket sleeps as if it were over: what a storm does seldom ends a ticket.
    func beginFeedsAnew(from rows: Int64, sleepers: Bool = false) throws {
        crash(centre)
        nodes[centre]?.longPast = rows
        if sleepers { nodes[centre]?.isOpen = { !$0.count.isMultiple(of: 3) } }
        try start(centre)
    }

    /// How many events of a type the centre has about a street's feed.
    func told(_ type: EventType, of street: NodeID) throws -> Int {
        try nodes[centre]?.log.reader.page(
            .stream(Rewind.stream(of: street)), .forward, from: 0, limit: 10_000
        ).count { $0.event.type == type } ?? 0
    }
}
