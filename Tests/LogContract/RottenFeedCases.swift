/// The contract's cases on rotten rows of streams that a feed is to get: none goes there before it is healed, and nothing is lost.

import Events
import Testing

extension LogContract {
    static let rottenFeedCases: [Case] = [
        Case("an event of a sleeping stream that is rotten is stored, and wakes it when that is healed") { contract in
            for rot in rots { try wakesLate(contract, rot) }
        },
        Case("a stream that is rotten when it is to be woken by name sleeps until it is healed") { contract in
            try isWokenLate(contract)
        },
        Case("a stream whose rows are rotten joins a feed when they are healed, and its event is stored at once") {
            contract in
            for rot in rots { try joinsLate(contract, rot) }
        },
        Case("a word on what was not routed that rots itself holds back no other stream") { contract in
            try recordRots(contract)
        },
    ]

    private static var rots: [Rot] { [.body, .hash, .shortHash] }

    private static func wakesLate(_ contract: LogContract, _ rot: Rot) throws {
        let log = try contract.centre(audience: ScriptedAudience())
        let node = try NodeID("a")
        let feed = FeedName.node(node)
        try log.put(command(1), ["ticket/1", "ticket/2"], at: 5_000, type: "place.a")
        try log.put(command(2), ["ticket/1", "ticket/3"], at: 5_100, type: "noted")
        let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        _ = try log.write { try $0.rebase(feed, of: node, now: Timestamp(milliseconds: 5)) }
        let base = try log.reader.base(of: feed)
        try contract.rot(log, 3, rot)
        try log.put(command(3), ["ticket/1", "ticket/2"], at: 6_000, type: "noted")
        // What is behind it goes on.
        let waits = ["join 2", "2", "8"]
        #expect(try log.shape("a", above: base) == waits, "\(rot)")
        #expect(try log.reader.asleep(stream("ticket/1")) == [feed])
        #expect(log.takeDamage().contains { $0.row == 3 }, "\(rot)")
        #expect(log.takeDamage() == [])
        try log.put(command(4), ["ticket/1"], at: 7_000, type: "noted")
        #expect(try log.shape("a", above: base) == waits)
        _ = try log.write { try $0.heal(events[2], at: 3, now: Timestamp(milliseconds: 77)) }
        let rows = try log.shape("a", above: base)
        #expect(rows.contains("join 4") && rows.count { $0.hasPrefix("join") } == 2, "\(rot): \(rows)")
        #expect(try log.reader.asleep(stream("ticket/1")) == [])
        #expect(try log.reader.membership(of: stream("ticket/1")) == [feed])
        let end = try log.reader.feedHead(feed).fseq
        try log.put(command(5), ["ticket/1"], at: 8_000, type: "noted")
        #expect(try log.reader.feedHead(feed).fseq == end + 1)
        #expect(try log.isChained(feed))
    }

    private static func isWokenLate(_ contract: LogContract) throws {
        let log = try contract.centre(audience: ScriptedAudience())
        let node = try NodeID("a")
        let feed = FeedName.node(node)
        try log.put(command(1), ["ticket/1", "ticket/2", "ticket/3"], at: 5_000, type: "place.a")
        let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        let told = try #require(try log.write { try $0.rebase(feed, of: node, now: Timestamp(milliseconds: 5)) })
        let base = try #require(FeedBase(told.event)).before
        try contract.rot(log, 2)
        let streams = try ["ticket/1", "ticket/2", "ticket/3"].map(stream)
        let wake = FeedWake(feed: feed, streams: streams, progress: FeedWake.Progress(base: base, below: 0))
        _ = try log.write { try $0.wake(wake, of: node, now: Timestamp(milliseconds: 6)) }
        #expect(try log.shape("a", above: base.fseq + 1) == ["join 1", "1", "join 1", "3"])
        #expect(try log.reader.asleep(stream("ticket/2")) == [feed])
        _ = try log.write { try $0.heal(events[1], at: 2, now: Timestamp(milliseconds: 77)) }
        #expect(try log.shape("a", above: base.fseq + 5) == ["join 1", "2"])
        #expect(try log.reader.sleeping(in: feed, below: .max, limit: 9).streams == [])
    }

    private static func recordRots(_ contract: LogContract) throws {
        let log = try contract.centre(audience: ScriptedAudience())
        try log.put(command(1), ["ticket/1", "ticket/2"], at: 5_000, type: "noted")
        let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        for position in 1...2 as ClosedRange<Int64> { try contract.rot(log, position) }
        try log.put(command(2), ["ticket/1", "ticket/2"], at: 6_000, type: "place.a")
        let records = try log.reader.page(.category(Healed.category), .forward, from: 0, limit: 10)
        #expect(records.compactMap { Unrouted($0.event)?.stream.text } == ["ticket/1", "ticket/2"])
        try contract.rot(log, records[0].position)
        for position in [1, 2] {
            _ = try log.write {
                try $0.heal(events[position - 1], at: Int64(position), now: Timestamp(milliseconds: 77))
            }
        }
        #expect(try log.shape("a").first == "join 2")
        #expect(try log.reader.membership(of: stream("ticket/1")) == [])
        #expect(try log.reader.membership(of: stream("ticket/2")) == [.node(NodeID("a"))])
        // Nobody gives it back but its own disk.
        try contract.rot(log, records[0].position, .back(records[0].event))
        _ = try log.write { try $0.heal(events[0], at: 1, now: Timestamp(milliseconds: 78)) }
        #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("a"))])
    }

    private static func joinsLate(_ contract: LogContract, _ rot: Rot) throws {
        let log = try contract.centre(audience: ScriptedAudience())
        try log.put(command(1), ["ticket/2"], at: 5_000, type: "noted")
        try log.put(command(2), ["ticket/1"], at: 5_000, type: "noted")
        let event = try #require(try log.reader.page(.all, .forward, from: 1, limit: 1).first).event
        try log.put(command(3), ["ticket/1"], at: 5_500, type: "place.b")
        try contract.rot(log, 2, rot)
        let stored = try log.put(command(4), ["ticket/1", "ticket/2"], at: 6_000, type: "place.a")
        #expect(try log.reader.outcome(of: command(4))?.stored == stored)
        #expect(try log.shape("a") == ["join 2", "1", "6"], "\(rot)")
        #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("b"))])
        _ = try log.write { try $0.heal(event, at: 2, now: Timestamp(milliseconds: 77)) }
        #expect(try log.shape("a") == ["join 2", "1", "6", "join 3", "2", "3", "4"], "\(rot)")
        #expect(try log.shape("b") == ["join 2", "2", "3", "4", "leave"], "\(rot)")
        #expect(try log.isChained(.node(NodeID("a"))) && log.isChained(.node(NodeID("b"))))
    }
}

extension LogFailure {
    /// The damaged row of the events.
    fileprivate var row: Int64? { if case .corrupt("events", let position, _) = self { position } else { nil } }
}

extension EventLog {
    /// Whether a feed's rows lead to their chain values by the hashes that their events have.
    fileprivate func isChained(_ feed: FeedName) throws -> Bool {
        var chain = FeedRow.seed(of: feed)
        for row in try reader.rows(of: feed, above: 0, limit: 1_000) {
            let (kind, hash, history): (FeedRow.Kind, Digest?, Int64) =
                switch row.operation {
                case .event(let event): (.event, event.computedHash, 0)
                case .join(let history): (.join, nil, history)
                case .leave: (.leave, nil, 0)
                }
            chain = FeedRow.chain(
                after: chain, fseq: row.fseq, stream: row.stream, kind: kind, event: hash, history: history,
                common: row.common)
            guard row.chain == chain else { return false }
        }
        return true
    }
}
