import Events
import Simulation
import Testing

@testable import Replication

/// What of a base rots in the hub's log: that is told of, not believed, and holds up nobody.
extension HubBasesTests {
    @Test("a rotten base is an alarm, and the node that asks begins behind another one, with all that is open")
    func rottenBase() throws {
        let hub = try Alone()
        try hub.put("new", 1...20, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<5 { try hub.turn() }
        let position = try #require(
            try hub.log.reader.page(.stream(Rewind.stream(of: hub.node)), .forward, from: 0, limit: 1).first
        )
        .position
        hub.log.rot(at: position) { $0.body = .here(Array("{}".utf8)) }
        // A session that begins, also of another process, says so and serves the node.
        try hub.start()
        try hub.hello()
        #expect(hub.alarms.count { $0.contains("events at \(position)") } == 1, "\(hub.alarms)")
        try hub.say(.pull(session: hub.session, feed: hub.feed, above: 0, credit: 1 << 20))
        try hub.turn()
        var rows: [Int64] = []
        for case .batch(_, _, let some, _, _, _) in hub.said { rows += some.map(\.fseq) }
        #expect(!rows.isEmpty && rows.allSatisfy { (1...40).contains($0) }, "\(rows)")
        let first = try #require(hub.base)
        for _ in 0..<3 { try hub.say(.bases(session: hub.session, .rebase(hub.feed))) }
        for _ in 0..<5 { try hub.turn() }
        let base = try #require(hub.base)
        #expect(base > first)
        #expect(try hub.told(FeedBase.type).count == 2)
        #expect(try hub.awake(1...20).count == 20)
        let end = try hub.log.reader.feedHead(hub.feed).fseq
        #expect(try hub.log.reader.rows(of: hub.feed, above: base, limit: 10_000).count == Int(end - base))
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        try hub.turn()
        #expect(try hub.told(FeedBase.type).count == 2)
    }

    @Test("a base that is whole again is carried on with in the same session")
    func rottenBaseHealed() throws {
        let hub = try Alone()
        try hub.put("new", 1...200, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<3 { try hub.turn() }
        let row = try #require(
            try hub.log.reader.page(.stream(Rewind.stream(of: hub.node)), .forward, from: 0, limit: 1).first)
        hub.log.rot(at: row.position) { $0.body = .here(Array("{}".utf8)) }
        try hub.start()
        try hub.hello()
        for _ in 0..<5 { try hub.turn() }
        #expect(try hub.awake(1...200).count == 128)
        #expect(hub.said.contains(.repair(session: hub.session, .want([row.event.id]))))
        try hub.say(.repair(session: hub.session, .give(first: row.event.id, [row.event])))
        for _ in 0..<5 { try hub.turn() }
        #expect(try hub.awake(1...200).count == 200)
    }

    @Test("a rotten word on what was carried over is an alarm, and is not believed", arguments: [false, true])
    func rottenProgress(diesInBetween: Bool) throws {
        let hub = try Alone()
        try hub.put("new", 1...200, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<3 { try hub.turn() }
        #expect(try hub.awake(1...200).count == 128)
        let words = try hub.log.reader.page(.stream(Rewind.stream(of: hub.node)), .forward, from: 0, limit: 10)
        let word = try #require(words.last)
        var body = try JSONReader.readObject(word.event.body.bytes ?? [])
        body["below"] = .integer(0)
        hub.log.rot(at: word.position) { $0.body = .here(JSON.object(body).canonicalBytes) }
        if diesInBetween { try hub.start() }
        try hub.hello()
        for _ in 0..<10 { try hub.turn() }
        #expect(try hub.awake(1...200).count == 200)
        #expect(try FeedBase.last(of: hub.feed, hub.node, in: hub.log.reader)?.below == 0)
        #expect(hub.alarms.count { $0.contains("is looked at again") } == (diesInBetween ? 1 : 0), "\(hub.alarms)")
    }

    @Test("a ticket that rots behind a node's question is not told to be on its way, nor refused")
    func rottenInBetween() throws {
        let hub = try Alone()
        try hub.put("new", 1...20, type: "place.a")
        try hub.put("over", 1...20, type: "over")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<5 { try hub.turn() }
        let ticket = try StreamName("ticket/7")
        let row = try #require(try hub.log.reader.page(.stream(ticket), .forward, from: 0, limit: 1).first)
        try hub.say(.bases(session: hub.session, .wake(ticket)))
        hub.log.rot(at: row.position) { $0.body = .here(Array(#"{"rot":1}"#.utf8)) }
        for _ in 0..<3 { try hub.turn() }
        #expect(try hub.awake(7...7) == [])
        #expect(!hub.said.contains { if case .bases(_, .woken) = $0 { true } else { false } })
        _ = try hub.log.write { try $0.heal(row.event, at: row.position, now: hub.now.wall) }
        try hub.say(.bases(session: hub.session, .wake(ticket)))
        try hub.turn()
        #expect(hub.said.contains(.bases(session: hub.session, .woken(ticket, .inFeed))))
    }

    @Test("what stays rotten is looked at less and less often")
    func lessOften() throws {
        let hub = try Alone()
        try hub.put("new", 1...10, type: "move.-.a")
        let row = try #require(
            try hub.log.reader.page(.stream(StreamName("ticket/4")), .forward, from: 0, limit: 1).first)
        hub.log.rot(at: row.position) { $0.body = .here(Array(#"{"rot":1}"#.utf8)) }
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<5 { try hub.turn() }
        #expect(try hub.awake(1...10).count == 9)
        // The second look, after a minute; the third is two minutes behind it.
        for _ in 0..<3 { try hub.turn(after: 30_000) }
        hub.log.rot(at: row.position) { $0 = row.event }
        for _ in 0..<2 { try hub.turn(after: 30_000) }
        #expect(try hub.awake(1...10).count == 9)
        for _ in 0..<4 { try hub.turn(after: 30_000) }
        #expect(try hub.awake(1...10).count == 10)
    }
}
