import Events
import LogContract
import Simulation
import Testing
import Tickets

@testable import Replication

/// What a hub writes and says for a node that has nothing of its feed: in pieces, once a day, to whom it is due, beside rotten rows.
@Suite("A hub's bases") struct HubBasesTests {
    /// A hub's desk over a log, told what one street says.
    final class Alone {
        let node: NodeID
        let feed: FeedName
        private(set) var log: MemoryLog
        private var desk: HubDesk
        private(set) var session: UInt64 = 0
        private(set) var said: [Message] = []
        private(set) var alarms: [String] = []
        private(set) var time: Int64 = 0
        private var opened: UInt64 = 1

        init(longPast: Int64 = 10) throws {
            node = try NodeID("a")
            feed = .node(node)
            log = MemoryLog(node: try NodeID("centre"), incarnation: Incarnation(1), audience: ScriptedAudience())
            desk = Alone.desk(longPast)
            try start(longPast)
        }

        private static func desk(_ longPast: Int64) -> HubDesk {
            HubDesk(
                random: SeededRandom(seed: 1),
                bases: HubBases(longPast: longPast) { $0.last?.type.name != "over" })
        }

        /// The hub dies, and starts on what it committed.
        func start(_ longPast: Int64 = 10) throws {
            opened += 1
            log = MemoryLog(reopening: log, incarnation: Incarnation(opened))
            desk = Alone.desk(longPast)
            try desk.start(process: log.origin, ports: ports, reader: log.reader, now: now)
        }

        private var ports: [FeedName: String] { [.common: "1", feed: "2"] }

        var now: Moment {
            Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + time), steady: time)
        }

        func revoke() throws { try desk.publish(at: [.common: "1"], reader: log.reader) }

        func say(_ message: Message) throws {
            try desk.receive(Frame(number: 1, message: message).bytes, from: .node(node), reader: log.reader, now: now)
        }

        func hello() throws {
            let origin = Origin(node: node, incarnation: Incarnation(3))
            try say(.hello(Message.Hello(origin: origin, clock: now.wall, origins: [], cursors: [])))
            try turn()
            for case .welcome(let welcome) in said { session = welcome.session }
        }

        /// - Parameter isLost: whether the turn's transaction is.
        func turn(after milliseconds: Int64 = 10, isLost: Bool = false) throws {
            time += milliseconds
            try desk.tick(reader: log.reader, now: now)
            if desk.hasStorageWork {
                if isLost {
                    desk.storageFailed(now: now, reader: log.reader)
                } else {
                    try log.write { transaction in _ = try desk.store(transaction, now: now) }
                }
            }
            try desk.committed(reader: log.reader, now: now)
            for case .send(_, let frame) in desk.takeOutgoing() {
                if let message = try Frame(frame).message { said.append(message) }
            }
            alarms += desk.takeAlarms().map(\.description)
        }

        var hasMore: Bool { desk.hasMore }

        func put(_ key: String, _ tickets: ClosedRange<Int>, type: String) throws {
            for ticket in tickets {
                let draft = Draft(
                    stream: try StreamName("ticket/\(ticket)"), type: EventType(type), body: [:],
                    occurredAt: now.wall)
                let request = AppendRequest(
                    command: CommandID(derivedFrom: "put", key, "\(ticket)"), actor: Actor(system: "t", rule: "1"),
                    now: now.wall, drafts: [draft])
                _ = try log.write { try $0.append(request) }
            }
        }

        func told(_ type: EventType) throws -> [Event] {
            try log.reader.page(.stream(Rewind.stream(of: node)), .forward, from: 0, limit: 10_000).map(\.event)
                .filter { $0.type == type }
        }

        /// Streams that have their rows.
        func awake(_ tickets: ClosedRange<Int>) throws -> [Int] {
            try tickets.filter { try log.reader.asleep(StreamName("ticket/\($0)")).isEmpty }
        }

        /// The row behind which the last answer lets the node begin.
        var base: Int64? {
            said.reversed().lazy.compactMap { message -> Int64? in
                if case .bases(_, .base(_, let cursor)) = message { cursor.fseq } else { nil }
            }.first
        }
    }

    @Test("what is open is carried over in pieces, the newest first, and what is over sleeps")
    func pieces() throws {
        let hub = try Alone()
        try hub.put("new", 1...300, type: "move.-.a")
        try hub.put("over", 1...50, type: "over")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        try hub.turn()
        #expect(hub.base == 650)
        #expect(hub.hasMore)
        var ends = [try hub.log.reader.feedHead(hub.feed).fseq]
        try hub.turn()
        #expect(try hub.awake(1...300).first == 237)
        while hub.hasMore {
            ends.append(try hub.log.reader.feedHead(hub.feed).fseq)
            try hub.turn()
        }
        #expect(zip(ends, ends.dropFirst()).allSatisfy { $1 - $0 <= 128 }, "\(ends)")
        #expect(try hub.awake(1...300) == Array(51...300))
        #expect(try FeedBase.last(of: hub.feed, hub.node, in: hub.log.reader)?.below == 0)
        let count = try hub.told(FeedWake.type).count
        try hub.hello()
        try hub.turn()
        #expect(try hub.told(FeedWake.type).count == count)
    }

    @Test("a hub that dies half way, or loses a transaction, carries the rest over when the node is there again")
    func resumed() throws {
        let hub = try Alone()
        try hub.put("new", 1...200, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        try hub.turn()
        try hub.turn()
        try hub.turn(isLost: true)
        #expect(try hub.awake(1...200).count == 64)
        try hub.start()
        try hub.turn()
        #expect(try hub.awake(1...200).count == 64)
        try hub.hello()
        for _ in 0..<10 { try hub.turn() }
        #expect(try hub.awake(1...200).count == 200)
        #expect(try hub.told(FeedBase.type).count == 1)
    }

    @Test("a node that asks each second costs one base a day, and one that asks often in a turn is answered once")
    func greedy() throws {
        let hub = try Alone(longPast: 2)
        try hub.put("new", 1...20, type: "move.-.a")
        try hub.hello()
        // Three seconds of each ten minutes.
        for second in 0..<(3 * 144 * 3) {
            for _ in 0..<3 { try hub.say(.bases(session: hub.session, .rebase(hub.feed))) }
            try hub.turn(after: second % 3 == 2 ? 598_000 : 1_000)
            try hub.hello()
        }
        #expect(try hub.told(FeedBase.type).count == 3)
        // Of two in a turn one is answered, and the third is another node's feed.
        let answers = hub.said.count { if case .bases = $0 { true } else { false } }
        #expect(answers == 3 * 144 * 3)
        try hub.say(.bases(session: hub.session, .rebase(.node(NodeID("b")))))
        try hub.turn()
        #expect(hub.alarms.count == 1, "\(hub.alarms)")
        #expect(hub.said.count { if case .bases = $0 { true } else { false } } == answers)
    }

    @Test("a node that is revoked gets no base and no ticket, also when it had asked before")
    func revoked() throws {
        let hub = try Alone()
        try hub.put("new", 1...100, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        try hub.revoke()
        try hub.turn()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        try hub.turn()
        #expect(try hub.told(FeedBase.type).isEmpty)
        #expect(!hub.said.contains { if case .bases = $0 { true } else { false } })
        // Nor what is still to be carried over when it is revoked.
        let other = try Alone()
        try other.put("new", 1...200, type: "move.-.a")
        try other.hello()
        try other.say(.bases(session: other.session, .rebase(other.feed)))
        try other.turn()
        try other.turn()
        try other.revoke()
        for _ in 0..<5 { try other.turn() }
        #expect(try other.awake(1...200).count == 64)
        try other.say(.bases(session: other.session, .wake(StreamName("ticket/1"))))
        try other.turn()
        #expect(try other.awake(1...200).count == 64)
    }

    @Test(
        "a rotten row keeps its ticket asleep until it is mended, and no other; below the base it holds up nobody"
    )
    func rotten() throws {
        let hub = try Alone()
        try hub.put("new", 1...100, type: "move.-.a")
        let row = try #require(
            try hub.log.reader.page(.stream(StreamName("ticket/40")), .forward, from: 0, limit: 1).first)
        hub.log.rot(at: row.position) { $0.body = .here(Array(#"{"rot":1}"#.utf8)) }
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<10 { try hub.turn() }
        #expect(try hub.awake(1...100) == Array(1...39) + Array(41...100))
        #expect(hub.alarms.count { $0.contains("not carried over yet") } == 1, "\(hub.alarms)")
        // Nor does it wake for who asks for it.
        try hub.say(.bases(session: hub.session, .wake(StreamName("ticket/40"))))
        for _ in 0..<3 { try hub.turn() }
        #expect(try hub.awake(40...40) == [])
        // All of the feed from the base on can be read and sent.
        let base = try #require(hub.base)
        let end = try hub.log.reader.feedHead(hub.feed).fseq
        #expect(try hub.log.reader.rows(of: hub.feed, above: base, limit: 10_000).count == Int(end - base))
        hub.log.rot(at: row.position) { $0 = row.event }
        try hub.turn(after: 61_000)
        for _ in 0..<10 { try hub.turn() }
        #expect(try hub.awake(1...100).count == 100)
        #expect(try FeedBase.last(of: hub.feed, hub.node, in: hub.log.reader)?.below == 0)
        #expect(hub.alarms.count { $0.contains("not carried over yet") } == 1, "\(hub.alarms)")
    }

    @Test(
        "whatever a node writes into the stream of its feed, its base stands, and is found without reading all of that")
    func crowded() throws {
        let hub = try Alone()
        try hub.put("new", 1...20, type: "move.-.a")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<5 { try hub.turn() }
        let base = try #require(try FeedBase.last(of: hub.feed, hub.node, in: hub.log.reader))
        #expect(base.below == 0)
        let stream = try Rewind.stream(of: hub.node)
        for part in 1...6 {
            let drafts = (0..<1_000).map { _ in
                Draft(stream: stream, type: EventType("noise"), body: [:], occurredAt: hub.now.wall)
            }
            let request = AppendRequest(
                command: CommandID(derivedFrom: "noise", "\(part)"), actor: Actor(system: "t", rule: "1"),
                now: hub.now.wall, drafts: drafts)
            try hub.log.write { _ = try $0.append(request) }
        }
        let found = try #require(try FeedBase.last(of: hub.feed, hub.node, in: hub.log.reader))
        #expect(found.base == base.base && found.at == base.at && found.below == nil)
        // What is awake is passed over when it is carried over again.
        try hub.hello()
        for _ in 0..<5 { try hub.turn() }
        #expect(try hub.told(FeedBase.type).count == 1)
        #expect(try hub.told(FeedWake.type).flatMap { FeedWake($0)?.streams ?? [] }.count == 20)
    }

    @Test("a node may have so many questions waiting, and whether it may begin behind a base is answered beside them")
    func manyQuestions() throws {
        let hub = try Alone()
        try hub.put("new", 1...300, type: "move.-.a")
        _ = try hub.log.write { try $0.rebase(hub.feed, of: hub.node, now: hub.now.wall) }
        var bases = HubBases(longPast: 10_000) { _ in true }
        for ticket in 1...300 {
            let question = BaseMessage.wake(try StreamName("ticket/\(ticket)"))
            try bases.take(question, from: hub.node, session: 1, hub.log.reader, hub.now)
        }
        let other = try NodeID("b")
        try bases.take(.wake(StreamName("ticket/301")), from: other, session: 2, hub.log.reader, hub.now)
        try bases.take(.rebase(hub.feed), from: hub.node, session: 1, hub.log.reader, hub.now)
        var answers: [NodeID: Int] = [:]
        repeat {
            try hub.log.write { try bases.store($0, now: hub.now) }
            for (node, _) in try bases.committed(hub.log.reader) { answers[node, default: 0] += 1 }
        } while bases.hasStorageWork
        #expect(answers == [hub.node: 257, other: 1])
        #expect(try hub.awake(1...300) == Array(1...256))
    }

    @Test("many wishes for tickets are done a few in a turn, and one for what is nobody's is refused")
    func wishes() throws {
        let hub = try Alone()
        try hub.put("new", 1...200, type: "move.-.a")
        try hub.put("over", 1...200, type: "over")
        try hub.hello()
        try hub.say(.bases(session: hub.session, .rebase(hub.feed)))
        for _ in 0..<10 { try hub.turn() }
        #expect(try hub.awake(1...200).isEmpty)
        for ticket in 1...201 { try hub.say(.bases(session: hub.session, .wake(StreamName("ticket/\(ticket)")))) }
        try hub.turn()
        #expect(try hub.awake(1...200).count == 64)
        while hub.hasMore { try hub.turn() }
        #expect(try hub.awake(1...200).count == 200)
        var states: [BaseMessage.Woken: Int] = [:]
        for case .bases(_, .woken(_, let state)) in hub.said { states[state, default: 0] += 1 }
        #expect(states == [.inFeed: 200, .notForYou: 1])
    }
}
