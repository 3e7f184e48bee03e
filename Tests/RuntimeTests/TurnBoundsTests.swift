import Events
import Log
import Node
import Testing

@testable import Replication

/// What one turn does at most, so that local commands never wait long; and that nothing is lost for it.
@Suite("The bounds of a turn") struct TurnBoundsTests {
    private struct ToStreets: Audience {
        let streets: [NodeID]
        func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
            if event.stream.category == "rule" { return Routing(joins: [], leaves: [], also: [.common]) }
            return event.stream.category == "note" && membership.isEmpty
                ? Routing(joins: streets.map(FeedName.node), leaves: [], also: []) : .stay
        }
    }

    private let folder: TemporaryFolder
    private let centre: NodeID
    private let street: NodeID
    private let others: [NodeID]
    private let log: SQLiteLog
    private let machine: NodeMachine
    private var time: Int64 = 0
    private var session: UInt64 = 0

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        street = try NodeID("street1")
        others = try (2...4).map { try NodeID("street\($0)") }
        log = try SQLiteLog(
            path: folder.path + "/centre.sqlite", node: centre, incarnation: Incarnation(1),
            audience: ToStreets(streets: [street] + others))
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        machine = NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
        try machine.start(ports: [:], now: then(0))
        let hello = Message.Hello(
            origin: origin, clock: then(0).wall, origins: [OriginMark(origin: origin, sequence: 10_000)], cursors: [])
        try receive(.hello(hello))
        for case .welcome(let welcome) in try turn() { session = welcome.session }
    }

    private var origin: Origin { Origin(node: street, incarnation: Incarnation(9)) }
    /// A process of the street that has nothing of what the others wrote.
    private var other: Origin { Origin(node: street, incarnation: Incarnation(10)) }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + milliseconds), steady: milliseconds)
    }

    private func receive(_ message: Message, from node: NodeID? = nil) throws {
        try machine.receive(Frame(number: 1, message: message).bytes, from: .node(node ?? street), now: then(time))
    }

    private mutating func turn() throws -> [Message] {
        time += 50
        _ = try machine.turn([], now: then(time))
        return try machine.takeOutgoing().compactMap {
            if case .send(_, let frame) = $0 { try Frame(frame).message } else { nil }
        }
    }

    /// A chained run of the street's events, all in one stream.
    ///
    /// - Parameter body: bytes of each one's text.
    private func run(_ count: Int, body: Int = 0) throws -> [Event] {
        var events: [Event] = []
        for number in 1...count {
            let at = then(0).wall
            let event = Event(
                id: EventID(origin: origin, sequence: Int64(number)), hlc: HybridTime(rawValue: 70_000 + Int64(number)),
                stream: try StreamName("note/1"), type: EventType("note.made"), basis: .empty,
                actor: Actor(account: "li", role: "clerk", unit: "320507001"), occurredAt: at, recordedAt: at,
                command: CommandID(derivedFrom: "note", String(number)), index: 0, causation: nil, correlation: nil,
                body: JSON.object(["text": .string(String(repeating: "x", count: body))]).canonicalBytes, sealed: nil,
                previous: .zero)
            events.append(event.chained(to: events.last?.hash ?? .zero))
        }
        return events
    }

    @Test("what streets send beyond a turn's bytes waits for the next one, and all is stored and acknowledged")
    mutating func ingest() throws {
        let events = try run(8_000)
        for start in stride(from: 0, to: events.count, by: 200) {
            try receive(.push(session: session, events: Array(events[start..<start + 200])))
        }
        var stored: [Int64] = []
        repeat {
            let packs = try turn().compactMap { if case .pack(_, _, let end) = $0 { end } else { nil } }
            stored.append(try #require(packs.last))
            #expect(try machine.reader.denseEnd(of: origin, from: 0) == packs.last)
        } while machine.hasMore && stored.count < 10
        #expect(stored.count > 1 && stored.last == 8_000, "\(stored)")
    }

    @Test("what comes in a turn beyond what may wait is left out, and is not said to be stored")
    mutating func leftOut() throws {
        let events = try run(1_500, body: 8_000)
        for start in stride(from: 0, to: events.count, by: 5) {
            try receive(.push(session: session, events: Array(events[start..<start + 5])))
        }
        var end: Int64 = 0
        repeat {
            for case .pack(_, _, let packed) in try turn() { end = max(end, packed) }
        } while machine.hasMore
        #expect(end * 8_000 <= FairShareLimit.read && end * 9_000 > FairShareLimit.read / 2, "\(end)")
        #expect(try machine.reader.denseEnd(of: origin, from: 0) == end)
    }

    @Test("a turn answers pulls with so many bytes; what is over is answered in the next one")
    mutating func pulled() throws {
        let events = try run(1_500, body: 800)
        for start in stride(from: 0, to: events.count, by: 50) {
            try receive(.push(session: session, events: Array(events[start..<start + 50])))
        }
        repeat { _ = try turn() } while machine.hasMore
        try receive(.hello(Message.Hello(origin: other, clock: then(0).wall, origins: [], cursors: [])))
        for case .welcome(let welcome) in try turn() { session = welcome.session }
        for feed in [FeedName.node(street), .common] {
            try receive(.pull(session: session, feed: feed, above: 0, credit: 2 << 20))
        }
        func feeds(_ messages: [Message]) -> Set<FeedName> {
            Set(messages.compactMap { if case .batch(_, let feed, _, _, _, _) = $0 { feed } else { nil } })
        }
        #expect(feeds(try turn()) == [.node(street)])
        #expect(machine.hasMore)
        #expect(feeds(try turn()) == [.common])
    }

    @Test("for a pull with little credit little is read: many of them are answered in one turn")
    mutating func littleCredit() throws {
        let rules = try (0..<2_000).map { number in
            Draft(
                stream: try StreamName("rule/\(number)"), type: EventType("rule.noted"), body: [:],
                occurredAt: then(0).wall)
        }
        for start in stride(from: 0, to: rules.count, by: 1_000) {
            let request = AppendRequest(
                command: CommandID(derivedFrom: "rules", String(start)), actor: Actor(system: "t", rule: "1"),
                now: then(0).wall, drafts: Array(rules[start..<start + 1_000]))
            _ = try log.write { try $0.append(request) }
        }
        var sessions: [NodeID: UInt64] = [:]
        for number in 2...20 {
            let node = try NodeID("street\(number)")
            let origin = Origin(node: node, incarnation: Incarnation(1))
            try receive(
                .hello(Message.Hello(origin: origin, clock: then(0).wall, origins: [], cursors: [])), from: node)
            for case .welcome(let welcome) in try turn() { sessions[node] = welcome.session }
        }
        for (node, session) in sessions {
            try receive(.pull(session: session, feed: .common, above: 0, credit: 4_096), from: node)
        }
        let answers = try turn().count { if case .batch(_, _, _, _, _, true) = $0 { true } else { false } }
        #expect(answers == 19)
    }

    @Test(
        "a pull is answered up to its credit, over several reads, with every row once and one end",
        arguments: [100, 4_096, 65_536])
    mutating func pulls(credit: UInt32) throws {
        let events = try run(2_000)
        for start in stride(from: 0, to: events.count, by: 200) {
            try receive(.push(session: session, events: Array(events[start..<start + 200])))
        }
        _ = try turn()
        let head = try machine.reader.feedHead(.node(street))
        #expect(head.fseq == 2_001)
        var above: Int64 = 0
        var chain = FeedRow.seed(of: .node(street))
        for round in 1...5 where above < head.fseq {
            try receive(.pull(session: session, feed: .node(street), above: above, credit: credit))
            var size = 0
            var ends: [Bool] = []
            var longest = 0
            for case .batch(_, _, let rows, let end, _, let isLast) in try turn() {
                ends.append(isLast)
                for row in rows {
                    #expect(row.fseq == above + 1)
                    above = row.fseq
                    chain = row.chain(after: chain)
                    size += row.size
                    longest = max(longest, row.size)
                }
                if !rows.isEmpty { #expect(chain == end) }
            }
            #expect(ends.last == true && ends.count(where: { $0 }) == 1, "\(ends)")
            #expect(size <= max(Int(credit), longest), "round \(round): \(size)")
            #expect(size > 0, "one row is always sent")
            // No row here is longer than 200 bytes.
            if above < head.fseq { #expect(size + 200 > Int(credit), "round \(round): \(size), and there are more") }
        }
        if credit == 65_536 { #expect(above == head.fseq) }
    }

    @Test("who asks again for having waited long keeps its place among those that wait")
    mutating func place() throws {
        let events = try run(8_000)
        for start in stride(from: 0, to: events.count, by: 200) {
            try receive(.push(session: session, events: Array(events[start..<start + 200])))
        }
        repeat { _ = try turn() } while machine.hasMore
        let last = try NodeID("street5")
        var sessions: [(node: NodeID, id: UInt64)] = []
        for node in others + [last] {
            let process = Origin(node: node, incarnation: Incarnation(9))
            try receive(
                .hello(Message.Hello(origin: process, clock: then(0).wall, origins: [], cursors: [])), from: node)
            for case .welcome(let welcome) in try turn() { sessions.append((node, welcome.session)) }
        }
        // What the first three ask for is more than a turn gives.
        var answered: [FeedName] = []
        for round in 1...3 {
            for (node, id) in sessions {
                try receive(.pull(session: id, feed: .node(node), above: 0, credit: .max), from: node)
            }
            for case .batch(_, let feed, _, _, _, isLast: true) in try turn() { answered.append(feed) }
            if round == 1 { #expect(!answered.contains(.node(last))) }
        }
        #expect(answered.contains(.node(last)), "\(answered)")
    }
}
