import Events
import Log
import Node
import Replication
import Testing
import Tickets

@Suite("What a hub publishes") struct HintTests {
    private let folder: TemporaryFolder
    private let centre: NodeID

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
    }

    private func moment(_ steady: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + steady), steady: steady)
    }

    private func centreMachine() throws -> NodeMachine {
        let log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        return NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
    }

    @Test("rows go out before the hint of their end: who hears of an end first pulls what is on its way")
    func order() throws {
        let street = try NodeID("street1")
        let machine = try centreMachine()
        try machine.start(ports: [.common: "tcp://127.0.0.1:7410"], now: moment(0))
        _ = try machine.turn([], now: moment(1))
        _ = machine.takeOutgoing()
        let hash = Digest.sha256(Array("secret".utf8)).description
        let invite = NodeCommand(
            id: CommandID(derivedFrom: "invite"),
            .node(street, .invite(secretHash: hash, expiresAt: moment(60_000).wall)),
            actor: Actor(account: "zhao", role: "systemAdmin", unit: "centre"))
        _ = try machine.turn([invite], now: moment(10_000)).answers[0].get()
        let kinds = try machine.takeOutgoing().compactMap { outgoing -> String? in
            guard case .publish(.common, let frame) = outgoing else { return nil }
            switch try Frame(frame).message {
            case .live: return "rows"
            case .hint: return "hint"
            case _: return "other"
            }
        }
        #expect(kinds == ["rows", "hint"])
    }

    @Test("a hub with many streets tells each of them a few times a second, and leaves nothing out")
    func many() throws {
        let streets = try (1...28).map { try NodeID("street\($0)") }
        let street = streets[0]
        let machine = try centreMachine()
        let ports = Dictionary(uniqueKeysWithValues: streets.map { (FeedName.node($0), "\($0)") })
        try machine.start(ports: ports, now: moment(0))
        var session: UInt64 = 0
        func turn(at time: Int64) throws -> [Message] {
            _ = try machine.turn([], now: moment(time))
            return try machine.takeOutgoing().compactMap { outgoing in
                switch outgoing {
                case .send(to: street, let frame), .publish(.node(street), let frame): try Frame(frame).message
                case _: nil
                }
            }
        }
        for one in streets {
            let hello = Message.Hello(
                origin: Origin(node: one, incarnation: Incarnation(7)), clock: moment(0).wall, origins: [], cursors: [])
            try machine.receive(Frame(number: 1, message: .hello(hello)).bytes, from: .node(one), now: moment(0))
        }
        for case .welcome(let welcome) in try turn(at: 30_000) { session = welcome.session }
        // A street's own cases: each joins its feed, and comes back as a receipt.
        let other = try SQLiteLog(
            path: folder.path + "/street.sqlite", node: street, incarnation: Incarnation(7), audience: NoAudience())
        _ = try other.write { transaction in
            for number in 1...3 {
                let ticket = try StreamName("ticket/own-\(number)")
                let body: JSONObject = [
                    "channel": .string("walkIn"), "matter": .string("路灯不亮"), "owner": .string("street"),
                    "ownerNode": .string(street.text), "lead": .string("320507001"),
                ]
                let draft = TicketDraft(.registered, body, occurredAt: moment(30_000).wall).draft(in: ticket)
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "own", String(number)),
                        actor: Actor(account: "li", role: "clerk", unit: "320507001"), now: moment(30_000).wall,
                        drafts: [draft]))
            }
        }
        let events = try other.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        func push(_ event: Event, at time: Int64) throws -> [String] {
            let frame = Frame(number: 2, message: .push(session: session, events: [event])).bytes
            try machine.receive(frame, from: .node(street), now: moment(time))
            return try told(turn(at: time))
        }
        func told(_ messages: [Message]) -> [String] {
            messages.compactMap { message in
                switch message {
                case .pack(_, _, let sequence): "stored to \(sequence)"
                case .live(_, let rows, _): "rows \(rows.map(\.fseq))"
                case _: nil
                }
            }
        }
        // 28 sessions: 20 ms between two words to one of them.
        let first = try push(events[0], at: 30_100)
        #expect(first == ["stored to 1", "rows [1, 2]"])
        let counted = try #require(machine.peersAt)
        let meanwhile = try push(events[1], at: 30_105) + push(events[2], at: 30_110) + told(turn(at: 30_119))
        #expect(meanwhile.isEmpty)
        #expect(machine.peersAt == counted, "what is not told is not counted yet, and the hub says so")
        #expect(machine.peers.first { $0.node == street }?.behind == 2)
        let then = try told(turn(at: 30_120))
        #expect(then == ["stored to 3", "rows [3, 4, 5, 6]"])
        let after = try told(turn(at: 30_121))
        #expect(after.isEmpty)
        #expect(machine.peersAt == counted + 2)
        #expect(machine.peers.first { $0.node == street }?.behind == 6)
        #expect(machine.rest == 1)
    }
}
