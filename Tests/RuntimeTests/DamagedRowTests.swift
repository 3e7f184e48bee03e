import Events
import Node
import Replication
import Testing
import Tickets

@testable import Log

/// A log in which one event's row is damaged: who needs that row does without, everybody else is served.
@Suite("A damaged row") struct DamagedRowTests {
    private struct ToStreet: Audience {
        let street: NodeID
        func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
            event.stream.category == "ticket" && membership.isEmpty
                ? Routing(joins: [.node(street)], leaves: [], also: []) : .stay
        }
    }

    /// Every ticket is looked at when the node starts.
    private struct WholeLog: TimerSource {
        func ticketsWithClocks(after ticket: StreamName?, limit: Int) -> [StreamName] { [] }
        func position() -> Int64 { 0 }
    }

    let folder: TemporaryFolder
    let centre: NodeID
    let street: NodeID
    private static let start: Int64 = 1_795_000_000_000

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        street = try NodeID("street1")
    }

    func moment(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: DamagedRowTests.start + milliseconds), steady: milliseconds)
    }

    func path(_ node: NodeID) -> String { "\(folder.path)/\(node).sqlite" }

    func open(
        _ node: NodeID, _ opening: UInt64, vault: (any KeyVault)? = nil, signer: FeedSigner? = nil,
        blobs: BlobDesk? = nil
    ) throws -> NodeMachine {
        let log = try SQLiteLog(
            path: path(node), node: node, incarnation: Incarnation(opening),
            audience: node == centre ? ToStreet(street: street) : NoAudience())
        let core = NodeCore(
            node: node, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let desk: any Desk =
            node == centre
            ? HubDesk(random: SystemRandomNumberGenerator(), vault: vault, signer: signer, blobs: blobs)
            : StreetDesk(node: node, seed: 1, keys: vault.map { ($0, centre) })
        let machine = NodeMachine(log: log, core: core, desk: desk, timers: WholeLog())
        try machine.start(ports: [:], now: moment(0))
        return machine
    }

    func register(_ number: Int, by role: String = "agent") -> NodeCommand {
        NodeCommand(
            id: CommandID(derivedFrom: "register", String(number)), ticket: nil,
            wish: TicketCommand(
                .registered,
                ["channel": .string("hotline"), "matter": .string("路灯 \(number)"), "kind": .string("help")]),
            actor: Actor(account: "wang", role: role, unit: "centre"))
    }

    private func queue(_ ticket: StreamName, _ key: String) -> NodeCommand {
        NodeCommand(
            id: CommandID(derivedFrom: "queue", key), ticket: ticket,
            wish: TicketCommand(.queuedForDispatch, ["category": .array([.string("市容环境")])]),
            actor: Actor(account: "wang", role: "agent", unit: "centre"))
    }

    private func damage(_ node: NodeID, at position: Int64) throws {
        let connection = try Connection(path: path(node), mode: .readWrite)
        try connection.execute("UPDATE events SET hash = x'00' WHERE position = \(position)")
    }

    /// The centre's log with tickets 1 to 3; the second event of ticket 2 is damaged, and so nobody knows what ticket 3
    /// follows.
    ///
    /// - Returns: the tickets, their numbers, and the damaged position.
    func record() throws -> (tickets: [StreamName], numbers: [String], position: Int64) {
        let machine = try open(centre, 1)
        var tickets: [StreamName] = []
        var position: Int64 = 0
        for number in 1...3 {
            let reply = try #require(machine.turn([register(number)], now: moment(1)).answers.first).get()
            tickets.append(reply.ticket)
            guard number < 3 else { continue }
            let queued = try machine.turn([queue(reply.ticket, "first \(number)")], now: moment(1))
            position = try #require(queued.answers.first).get().position
        }
        let numbers = try tickets.map { try number(of: $0, machine) }
        return (tickets, numbers, position)
    }

    private func number(of ticket: StreamName, _ machine: NodeMachine) throws -> String {
        let first = try #require(try machine.reader.page(.stream(ticket), .forward, from: 0, limit: 1).first)
        return try #require(try JSONReader.readObject(first.event.body.bytes ?? [])["number"]?.string)
    }

    func messages(_ machine: NodeMachine) throws -> [Message] {
        try machine.takeOutgoing().compactMap {
            if case .send(_, let frame) = $0 { try Frame(frame).message } else { nil }
        }
    }

    @Test("the node starts, says where it is, refuses what needs it and does everything else, in the same turn, too")
    func commands() throws {
        let (tickets, numbers, position) = try record()
        try damage(centre, at: position)
        let machine = try open(centre, 2)
        var alarms: [String] = []
        for time in 1...10 {
            _ = try machine.turn([], now: moment(Int64(time) * 50))
            alarms += machine.takeAlarms().map(\.description)
        }
        #expect(alarms.count { $0.contains("events at \(position) is damaged") } == 1, "\(alarms)")
        let commands = [queue(tickets[1], "again"), register(4), queue(tickets[0], "again")]
        let turn = try machine.turn(commands, now: moment(1_000))
        #expect(turn.failure == nil)
        #expect(throws: LogFailure.self) { try turn.answers[0].get() }
        let reply = try turn.answers[1].get()
        #expect(!numbers.contains(try number(of: reply.ticket, machine)), "a number is never given twice")
        #expect(try turn.answers[2].get().ticket == tickets[0])
    }

    @Test("a pull gets the rows before it and then no answer, with one alarm; other feeds are answered")
    func pulls() throws {
        let (_, _, position) = try record()
        try damage(centre, at: position)
        let machine = try open(centre, 2)
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), versions: 1...1, clock: moment(0).wall,
            origins: [], cursors: [])
        var number: UInt32 = 0
        var time: Int64 = 0
        var alarms: [String] = []
        func ask(_ message: Message) throws -> [Message] {
            number += 1
            time += 50
            try machine.receive(Frame(number: number, message: message).bytes, from: .node(street), now: moment(time))
            _ = try machine.turn([], now: moment(time))
            alarms += machine.takeAlarms().map(\.description)
            return try messages(machine)
        }
        var session: UInt64 = 0
        for case .welcome(let welcome) in try ask(.hello(hello)) { session = welcome.session }
        var above: Int64 = 0
        for _ in 0..<12 {
            for case .batch(_, _, let rows, _, _, _) in try ask(
                .pull(session: session, feed: .node(street), above: above, credit: 1 << 20))
            { above = rows.last?.fseq ?? above }
        }
        // JOIN and two events of ticket 1, JOIN and one event of ticket 2.
        #expect(above == 5)
        let damage = alarms.filter { $0.contains("events at \(position) is damaged") && $0.contains("node/street1") }
        #expect(damage.count == 1, "\(alarms)")
        let common = try ask(.pull(session: session, feed: .common, above: 0, credit: 1 << 20))
        #expect(common.contains { if case .batch(_, .common, _, _, _, _) = $0 { true } else { false } })
    }

    @Test("a street sends what it has before it, and says once that there is no more")
    func upload() throws {
        do {
            let writer = try open(street, 1)
            for number in 1...3 {
                _ = try #require(writer.turn([register(number, by: "clerk")], now: moment(1)).answers.first).get()
            }
        }
        try damage(street, at: 2)
        let machine = try open(street, 2)
        _ = try machine.turn([], now: moment(50))
        let welcome = Message.Welcome(
            session: 7, hub: Incarnation(1), clock: moment(0).wall, endpoints: [], heads: [], have: [])
        try machine.receive(Frame(number: 1, message: .welcome(welcome)).bytes, from: .hub, now: moment(60))
        var pushed: [Event] = []
        var alarms: [String] = []
        for time in 2...40 {
            _ = try machine.turn([], now: moment(Int64(time) * 50))
            for case .push(_, let events) in try messages(machine) { pushed += events }
            alarms += machine.takeAlarms().map(\.description)
        }
        #expect(pushed.map(\.id.sequence) == [1])
        #expect(alarms.count { $0.contains("nothing of") && $0.contains("after 1 is sent") } == 1, "\(alarms)")
    }

    // MARK: - Timers

    private static let hour: Int64 = 3_600_000

    /// The centre's log with a ticket that was answered at once and is archived after some days, and one after it; the
    /// answer's row is damaged.
    ///
    /// - Returns: the ticket, the damaged position, and when the ticket is to be archived.
    private func answered() throws -> (ticket: StreamName, position: Int64, due: Int64) {
        let machine = try open(centre, 1)
        let made = try #require(machine.turn([register(1)], now: moment(1)).answers.first).get()
        let answer = NodeCommand(
            id: CommandID(derivedFrom: "answer"), ticket: made.ticket,
            wish: TicketCommand(.directAnswerGiven, ["text": .string("已告知"), "article": .string("kb-7/3")]),
            actor: Actor(account: "wang", role: "agent", unit: "centre"))
        let reply = try #require(machine.turn([answer], now: moment(1)).answers.first).get()
        _ = try #require(machine.turn([register(2)], now: moment(1)).answers.first).get()
        let rules = try BookRules(reader: machine.reader, centre: centre)
        try set(previous: "x'00'", at: reply.position)
        return (made.ticket, reply.position, rules.closes(after: moment(1).wall).milliseconds - DamagedRowTests.start)
    }

    /// Damages the row at a position alone, or mends it.
    func set(previous: String, at position: Int64, of node: NodeID? = nil) throws {
        let connection = try Connection(path: path(node ?? centre), mode: .readWrite)
        try connection.execute("UPDATE events SET previous = \(previous) WHERE position = \(position)")
    }

    /// A turn in which nobody wants anything.
    ///
    /// - Returns: how often an alarm said that a ticket is passed over.
    private func idle(_ machine: NodeMachine, at time: Int64) throws -> Int {
        _ = try machine.turn([], now: moment(time))
        return machine.takeAlarms().count { $0.description.contains("is passed over") }
    }

    private func isArchived(_ ticket: StreamName, _ machine: NodeMachine) throws -> Bool {
        let last = try machine.reader.page(.stream(ticket), .backward, from: .max, limit: 1).first
        return last?.event.type.name == "ticket.closed"
    }

    @Test("a ticket that is passed over is looked at again in an hour, not before, and its timer fires")
    func mended() throws {
        let (ticket, position, due) = try answered()
        let machine = try open(centre, 2)
        let passed = due - 600_000
        var alarms = 0
        // Tickets from before the start come a few a turn.
        for _ in 1...6 { alarms += try idle(machine, at: passed) }
        #expect(alarms == 1)
        try set(previous: "NULL", at: position)
        for time in [passed + 1, due, due + 1, passed + DamagedRowTests.hour - 1] {
            alarms += try idle(machine, at: time)
            #expect(try !isArchived(ticket, machine), "\(time - passed) ms after it was passed over")
        }
        alarms += try idle(machine, at: passed + DamagedRowTests.hour)
        #expect(try isArchived(ticket, machine))
        #expect(alarms == 1)
    }

    @Test("a ticket that is still damaged after an hour waits for another one, with no second alarm")
    func stillDamaged() throws {
        let (ticket, position, due) = try answered()
        let machine = try open(centre, 2)
        let passed = due + 1
        var alarms = 0
        for _ in 1...6 { alarms += try idle(machine, at: passed) }
        alarms += try idle(machine, at: passed + DamagedRowTests.hour)
        try set(previous: "NULL", at: position)
        #expect(try !isArchived(ticket, machine))
        alarms += try idle(machine, at: passed + 2 * DamagedRowTests.hour - 1)
        #expect(try !isArchived(ticket, machine))
        alarms += try idle(machine, at: passed + 2 * DamagedRowTests.hour)
        #expect(try isArchived(ticket, machine))
        #expect(alarms == 1)
    }
}
