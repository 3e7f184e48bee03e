import Alarms
import Events
import Log
import Node
import Projections
import Replication
import Testing
import Tickets

@testable import Runtime

/// A centre with one street that is enrolled, over a real log and views, whose frames are handed in by hand.
@Suite("An urgent ticket on its way") final class UrgentDeliveryTests {
    private let folder: TemporaryFolder
    private let centre: NodeID
    private let street: NodeID
    private let log: SQLiteLog
    private let machine: NodeMachine
    private let views: ViewStore
    private let runner: ViewRunner
    private var urgent: UrgentDelivery
    private var made: UInt64 = 0
    private var frames: UInt32 = 0
    private var steady: Int64 = 1_000

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        street = try NodeID("street1")
        let path = folder.path + "/log.sqlite"
        log = try SQLiteLog(
            path: path, node: centre, incarnation: Incarnation(7), audience: TicketAudience(centre: centre))
        views = try ViewStore(
            path: folder.path + "/views.sqlite", views: .gridline(centre: centre, zoneOffsetMinutes: 480))
        runner = try ViewRunner(store: views) { try SQLiteReader(path: path) }
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        machine = NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
        urgent = UrgentDelivery(
            views: views, readers: ReaderPool(path: path), centre: centre, urgencies: ["urgent2h", "urgent24h"],
            start: Timestamp(milliseconds: 1_795_397_400_000 + 20_000))
        try machine.start(ports: [:], now: now)
        let hash = Digest.sha256(Array("secret".utf8)).description
        try submit(
            .node(street, .invite(secretHash: hash, expiresAt: now.wall + 60_000)),
            Actor(account: "zhao", role: "systemAdmin", unit: "centre"))
        try submit(.node(street, .enrol(key: "key", secret: "secret")), Actor(system: "enrol", rule: "1"))
        try machine.publish(at: [.common: "1", .node(street): "2"])
    }

    private var now: Moment { Moment(wall: Timestamp(milliseconds: 1_795_397_400_000 + steady), steady: steady) }

    @discardableResult
    private func submit(_ wish: NodeCommand.Wish, _ actor: Actor) throws -> StreamName {
        made += 1
        return try submit(NodeCommand(id: CommandID(derivedFrom: "t", String(made)), wish, actor: actor))
    }

    private func submit(_ command: NodeCommand) throws -> StreamName {
        let turn = try machine.turn([command], now: now)
        try runner.catchUp(reached: { _ in })
        return try turn.answers[0].get().ticket
    }

    private func perform(_ kind: TicketEventKind, _ fields: JSONObject, on ticket: StreamName? = nil) throws
        -> StreamName
    {
        made += 1
        let role = kind.who(streetOwned: false).people.first?.rawValue ?? "dispatcher"
        return try submit(
            NodeCommand(
                id: CommandID(derivedFrom: "t", String(made)), ticket: ticket, wish: TicketCommand(kind, fields),
                actor: Actor(account: "wang", role: role, unit: "centre")))
    }

    private func dispatched(_ urgency: String) throws -> StreamName {
        let ticket = try perform(
            .registered,
            [
                "channel": .string("phone"), "matter": .string("燃气泄漏"), "category": .array([.string("燃气")]),
                "urgency": .string(urgency),
            ])
        _ = try perform(.queuedForDispatch, [:], on: ticket)
        return try perform(
            .dispatched, ["lead": .string("320507001"), "leadNode": .string(street.text)], on: ticket)
    }

    private func send(_ message: Message) throws {
        frames += 1
        try machine.receive(Frame(number: frames, message: message).bytes, from: .node(street), now: now)
        _ = try machine.turn([], now: now)
    }

    /// Opens a session in which the street says that it has its feed up to a row.
    private func hello(has fseq: Int64) throws {
        let mark = FeedMark(feed: .node(street), cursor: FeedCursor(fseq: fseq, chain: FeedRow.seed(of: .node(street))))
        try send(
            .hello(
                Message.Hello(
                    origin: Origin(node: street, incarnation: Incarnation(9)), clock: now.wall, origins: [],
                    cursors: [mark])))
    }

    /// The tickets that have not arrived, with seconds.
    private func onTheirWay() throws -> [String: Int64] {
        var status = NodeLoop.Status()
        status.members = [street]
        status.peers = machine.peers
        let samples = try urgent.samples(status, now: now.wall)
        return Dictionary(uniqueKeysWithValues: samples.map { ($0.series["ticket"] ?? "", $0.value) })
    }

    private func number(_ ticket: StreamName) throws -> String { try #require(try views.ticket(ticket)?.shownNumber) }

    @Test(
        "on its way until the row of its dispatch is confirmed; rows behind it do not matter, nor tickets that are not urgent"
    )
    func delivered() throws {
        try hello(has: 0)
        let ticket = try dispatched("urgent2h")
        let row = try log.reader.feedHead(.node(street)).fseq
        _ = try dispatched("ordinary")
        steady += 70_000
        let name = try number(ticket)
        #expect(try onTheirWay() == [name: 70])
        #expect(try onTheirWay() == [name: 70], "the second look, from memory, says the same")
        try hello(has: row - 1)
        #expect(try onTheirWay() == [name: 70])
        try hello(has: row)
        #expect(try onTheirWay() == [name: 0], "arrived, once")
        #expect(try onTheirWay() == [:])
        // A note behind it that the street lacks changes nothing.
        _ = try perform(.progressNoted, ["text": .string("已催")], on: ticket)
        #expect(try onTheirWay() == [:])
    }

    @Test("a street that says nothing has confirmed nothing; a new dispatch is on its way anew")
    func again() throws {
        let ticket = try dispatched("urgent24h")
        let name = try number(ticket)
        steady += 61_000
        // Counted from the start, which came later here: before it nobody could say anything.
        #expect(try onTheirWay() == [name: 42])
        let row = try log.reader.feedHead(.node(street)).fseq
        try hello(has: row)
        #expect(try onTheirWay() == [name: 0])
        _ = try perform(
            .reassigned,
            ["lead": .string("320507002"), "leadNode": .string(street.text)], on: ticket)
        steady += 5_000
        #expect(try onTheirWay() == [name: 5])
    }
}
