import Events
import Replication
import Rules
import Simulation
import Testing
import Tickets

@testable import Node

/// A key stands for one command: a repeat is answered again, anything else under it is refused and changes nothing.
@Suite("Command keys") struct CommandKeyTests {
    private static let now = Moment(wall: Timestamp(milliseconds: 1_795_397_400_000), steady: 0)
    private let centre: NodeID
    private let log: MemoryLog
    private let machine: NodeMachine

    init() throws {
        centre = try NodeID("centre")
        log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
        let core = NodeCore(
            node: centre, centre: centre, rules: BookRules(try RuleBook.default, nodes: []), number: 1,
            utcOffsetMinutes: 480)
        machine = NodeMachine(log: log, core: core, desk: NoDesk(), timers: BrokenTimers())
        try machine.start(ports: [:], now: CommandKeyTests.now)
    }

    private func perform(_ command: NodeCommand) throws -> Result<CommandReply, any Error> {
        try machine.turn([command], now: CommandKeyTests.now).answers[0]
    }

    private func key(_ number: Int) -> CommandID { CommandID(derivedFrom: "key", String(number)) }

    private func step(
        _ number: Int, _ kind: TicketEventKind, _ ticket: StreamName? = nil, _ fields: JSONObject = [:]
    ) -> NodeCommand {
        NodeCommand(
            id: key(number), ticket: ticket, wish: TicketCommand(kind, fields),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
    }

    private func registered(_ number: Int) throws -> StreamName {
        try perform(step(number, .registered, nil, ["channel": .string("phone"), "matter": .string("路灯不亮")])).get()
            .ticket
    }

    private func refusal(_ result: Result<CommandReply, any Error>) -> String? {
        if case .failure(let refusal as CommandRefusal) = result { refusal.code } else { nil }
    }

    @Test("the key of one ticket's step is refused for another ticket, another step, and a new ticket")
    func tickets() throws {
        let (first, second) = (try registered(1), try registered(2))
        let note = step(3, .callerSupplemented, first, ["text": .string("已派人")])
        let stored = try perform(note).get()
        let before = try log.reader.head()
        #expect(
            try perform(note).get()
                == CommandReply(ticket: first, position: stored.position, version: 2, isRepeat: true))
        #expect(refusal(try perform(step(3, .callerSupplemented, second, ["text": .string("已派人")]))) == "GL-6028")
        #expect(refusal(try perform(step(3, .urged, first, ["text": .string("催办")]))) == "GL-6028")
        #expect(
            refusal(try perform(step(3, .registered, nil, ["channel": .string("web"), "matter": .string("噪音")])))
                == "GL-6028")
        #expect(try log.reader.head() == before)
    }

    @Test("by a client's clock that is a little ahead it happened now; the same command again is a repeat, also later")
    func clockAhead() throws {
        let ticket = try registered(1)
        let now = CommandKeyTests.now
        let note = NodeCommand(
            id: key(2), ticket: ticket,
            wish: TicketCommand(.callerSupplemented, ["text": .string("已派人")], occurredAt: now.wall + 3_000),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        let stored = try perform(note).get()
        let last = try #require(try log.reader.page(.stream(ticket), .backward, from: .max, limit: 1).first)
        #expect(last.event.occurredAt == now.wall && last.event.recordedAt == now.wall)
        for later: Int64 in [0, 2_000, 60_000] {
            let moment = Moment(wall: now.wall + later, steady: later)
            let again = try machine.turn([note], now: moment).answers[0].get()
            #expect(again.isRepeat && again.position == stored.position, "\(later) ms")
        }
        #expect(try log.reader.head().position == stored.position)
    }

    @Test("so is the key of a step that yielded nothing")
    func empty() throws {
        let (first, second) = (try registered(1), try registered(2))
        let queued = { (number: Int, ticket: StreamName) in
            self.step(number, .queuedForDispatch, ticket, ["category": .array([.string("市容环境")])])
        }
        _ = try perform(queued(3, first)).get()
        let before = try log.reader.head()
        // True already: nothing to write, and the answer says so, and where the ticket stands, which is what `If-Match` takes.
        var answer = CommandReply(
            ticket: first, position: before.position, version: 2, isRepeat: false, isRecorded: false)
        #expect(try perform(queued(4, first)).get() == answer)
        answer.isRepeat = true
        #expect(try perform(queued(4, first)).get() == answer)
        var next = step(5, .callerSupplemented, first, ["text": .string("已派人")])
        next.expectedVersion = answer.version
        #expect(try perform(next).get().isRecorded)
        let after = try log.reader.head()
        #expect(refusal(try perform(queued(4, second))) == "GL-6028")
        #expect(try log.reader.head() == after)
    }

    @Test("what carries a box was not said before: the number behind the token may be another")
    func sealed() throws {
        let ticket = try registered(1)
        func answered(_ number: Int, sealed box: [UInt8]?) throws -> Result<CommandReply, any Error> {
            var command = step(
                number, .directAnswerGiven, ticket, ["text": .string("请拨打⟦mobile-1⟧"), "article": .string("kb-1")])
            command.sealed = box
            return try perform(command)
        }
        #expect(try answered(2, sealed: [1]).get().isRecorded)
        #expect(refusal(try answered(3, sealed: [2])) == "GL-4003")
        #expect(try answered(2, sealed: [1]).get().isRepeat, "the key tells a repeat")
    }

    @Test(
        "a record is a repeat only to the byte and by the same person: no look under another's key, no erasure without its event"
    )
    func records() throws {
        func reveal(
            _ number: Int, _ ticket: String, by account: String = "wang", _ role: String = "agent",
            _ unit: String = "320507"
        ) throws -> NodeCommand {
            NodeCommand(
                id: key(number),
                .record([
                    Draft(
                        stream: try StreamName("reveal/2026-11-23"), type: EventType("identity.revealed"),
                        body: ["ticket": .string(ticket)], occurredAt: CommandKeyTests.now.wall)
                ]), actor: Actor(account: account, role: role, unit: unit))
        }
        #expect(try perform(reveal(1, "ticket/a")).get().isRepeat == false)
        #expect(try perform(reveal(1, "ticket/a")).get().isRepeat)
        #expect(refusal(try perform(reveal(1, "ticket/b"))) == "GL-6028")
        // The same look by somebody else: the event names another, so that he has to ask for himself.
        #expect(refusal(try perform(reveal(1, "ticket/a", by: "spy"))) == "GL-6028")
        #expect(refusal(try perform(reveal(1, "ticket/a", by: "wang", "dispatcher"))) == "GL-6028")
        #expect(refusal(try perform(reveal(1, "ticket/a", by: "wang", "agent", "320508"))) == "GL-6028")
        #expect(try perform(reveal(2, "ticket/a", by: "spy")).get().isRepeat == false)
        let person = try PersonID("person/00000000000000000000000000000001")
        let erase = NodeCommand(
            id: key(1),
            .record([
                Draft(
                    stream: try StreamName(person.text), type: Erasure.type, body: [:],
                    occurredAt: CommandKeyTests.now.wall)
            ]), actor: Actor(account: "wang", role: "securityAdmin", unit: "320507"))
        let turn = try machine.turn([erase], now: CommandKeyTests.now)
        #expect(refusal(turn.answers[0]) == "GL-6028")
        #expect(turn.erased == [])
    }

    @Test("views that cannot name the tickets with timers are an alarm, and no reason to stop")
    func timers() throws {
        _ = try registered(1)
        #expect(machine.takeAlarms().contains { $0.description.contains("the whole log is read") })
    }
}

/// Views whose file is damaged.
private struct BrokenTimers: TimerSource {
    struct Damage: Error {}
    func ticketsWithClocks(after ticket: StreamName?, limit: Int) throws -> [StreamName] { throw Damage() }
    func position() throws -> Int64 { 0 }
}
