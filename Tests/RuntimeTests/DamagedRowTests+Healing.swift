import Events
import Testing
import Tickets

@testable import Log
@testable import Node
@testable import Replication

/// A centre and its street over real logs, whose frames go from hand to hand.
final class Pair {
    var centre: NodeMachine
    var street: NodeMachine
    private let node: NodeID
    private let moment: (Int64) -> Moment
    private(set) var time: Int64 = 0
    private(set) var alarms: (centre: [String], street: [String]) = ([], [])
    /// What becomes of an answer with events on its way.
    var onGive: ([Event]) -> [Event] = { $0 }
    /// Events that were asked for.
    private(set) var wanted: [EventID] = []

    init(centre: NodeMachine, street: NodeMachine, node: NodeID, moment: @escaping (Int64) -> Moment) {
        self.centre = centre
        self.street = street
        self.node = node
        self.moment = moment
    }

    func run(milliseconds: Int64) throws {
        let end = time + milliseconds
        while time < end {
            time += 50
            let now = moment(time)
            try deliver(now)
            for machine in [centre, street] { _ = try machine.turn([], now: now) }
            alarms.centre += centre.takeAlarms().map(\.description)
            alarms.street += street.takeAlarms().map(\.description)
        }
    }

    func perform(_ command: NodeCommand, at machine: NodeMachine) throws -> CommandReply {
        try #require(machine.turn([command], now: moment(time)).answers.first).get()
    }

    private func deliver(_ now: Moment) throws {
        for case .send(_, let frame) in centre.takeOutgoing() {
            try street.receive(try changed(frame), from: .hub, now: now)
        }
        for case .send(_, let frame) in street.takeOutgoing() {
            try centre.receive(try changed(frame), from: .node(node), now: now)
        }
    }

    private func changed(_ bytes: [UInt8]) throws -> [UInt8] {
        var frame = try Frame(bytes)
        switch frame.message {
        case .repair(_, .want(let ids)): wanted += ids
        case .repair(let session, .give(let first, let events)):
            frame.message = .repair(session: session, .give(first: first, onGive(events)))
            return frame.bytes
        case _: break
        }
        return bytes
    }
}

/// What rots comes again from who has it.
extension DamagedRowTests {
    /// Three tickets of the centre at both nodes, and two of the street.
    private func pair() throws -> Pair {
        let pair = Pair(centre: try open(centre, 1), street: try open(street, 1), node: street, moment: moment)
        for number in 1...3 { _ = try pair.perform(register(number), at: pair.centre) }
        for number in 4...5 { _ = try pair.perform(register(number, by: "clerk"), at: pair.street) }
        try pair.run(milliseconds: 5_000)
        #expect(try pair.street.reader.head().position >= 5)
        #expect(pair.street.outbox == 0)
        return pair
    }

    func rot(_ node: NodeID, at position: Int64, _ change: String = "body = body || ' '") throws {
        let connection = try Connection(path: path(node), mode: .readWrite)
        try connection.execute("UPDATE events SET \(change) WHERE position = \(position)")
    }

    func position(of ticket: Int, _ machine: NodeMachine) throws -> Int64 {
        let events = try machine.reader.page(.category("ticket"), .forward, from: 0, limit: 100)
        let matter = "路灯 \(ticket)"
        return try #require(
            events.first { try JSONReader.readObject($0.event.body.bytes ?? [])["matter"]?.string == matter }
        ).position
    }

    func healings(_ machine: NodeMachine) throws -> [Healed] {
        try machine.reader.page(.category(Healed.category), .forward, from: 0, limit: 100).compactMap {
            Healed($0.event)
        }
    }

    private func problems(_ node: NodeID) throws -> [VerifyProblem] {
        try Verifier.verify(path: path(node), audience: NoAudience()).problems.filter { $0.table == "events" }
    }

    @Test(
        "the centre gets its own event back from a street, and a street's event",
        arguments: [1, 4], ["body = body || ' '", "hash = x'00'", "hash = zeroblob(32)", "actor = 4711"])
    func centreHeals(ticket: Int, change: String) throws {
        let pair = try pair()
        let position = try position(of: ticket, pair.centre)
        let before = try pair.centre.reader.page(.all, .forward, from: 0, limit: 100)
        try rot(centre, at: position, change)
        try pair.run(milliseconds: 12_000)
        #expect(try pair.centre.reader.page(.all, .forward, from: 0, limit: before.count) == before)
        #expect(try healings(pair.centre).map(\.position) == [position])
        #expect(try problems(centre) == [])
        #expect(pair.centre.rotten == (0, 1))
        #expect(pair.alarms.centre.count { $0.contains("has its event") } == 1, "\(pair.alarms)")
        #expect(!pair.alarms.centre.contains { $0.contains("nobody") }, "\(pair.alarms)")
        // The one before was looked at for its hash, and the one behind it for what it follows: neither was rotten.
        #expect(pair.wanted.count <= 2)
    }

    @Test("a street that was halted by a rotten row goes on as soon as that is healed")
    func halted() throws {
        let last: Int64 = try {
            let before = try self.pair()
            _ = try before.perform(register(6, by: "clerk"), at: before.street)
            return try position(of: 5, before.centre)
        }()
        try rot(centre, at: last, "hash = zeroblob(32)")
        let pair = Pair(centre: try open(centre, 2), street: try open(street, 2), node: street, moment: moment)
        pair.onGive = { _ in [] }
        try pair.run(milliseconds: 55_000)
        #expect(pair.alarms.street.count { $0.contains("the hub takes nothing of") } == 1, "\(pair.alarms)")
        #expect(pair.street.outbox == 1)
        pair.onGive = { $0 }
        try pair.run(milliseconds: 10_000)
        #expect(pair.centre.rotten == (0, 1))
        #expect(pair.street.outbox == 0, "\(pair.alarms)")
        #expect(try position(of: 6, pair.centre) > last)
        #expect(pair.centre.linesDown.isEmpty)
    }

    @Test("what a street could not send for the row before it goes up as soon as that is healed")
    func sentLate() throws {
        let last: Int64 = try {
            let before = try self.pair()
            _ = try before.perform(register(6, by: "clerk"), at: before.street)
            return try position(of: 5, before.street)
        }()
        try rot(street, at: last, "hash = zeroblob(32)")
        let pair = Pair(centre: try open(centre, 2), street: try open(street, 2), node: street, moment: moment)
        try pair.run(milliseconds: 10_000)
        #expect(pair.street.rotten == (0, 1), "\(pair.alarms)")
        #expect(try position(of: 6, pair.centre) > 0)
        #expect(pair.street.outbox == 0)
    }

    @Test("what is rotten at both ends is given by neither")
    func both() throws {
        let pair = try pair()
        for node in [centre, street] {
            try rot(node, at: try position(of: 1, node == centre ? pair.centre : pair.street))
        }
        try pair.run(milliseconds: 130_000)
        #expect(pair.centre.rotten == (1, 0) && pair.street.rotten == (1, 0))
        let alarms = pair.alarms.centre + pair.alarms.street
        #expect(!alarms.contains { $0.contains("does not take its place") }, "\(alarms)")
    }

    @Test("a street gets back what the centre has of its feed, and its own event", arguments: [1, 4])
    func streetHeals(ticket: Int) throws {
        let pair = try pair()
        let position = try position(of: ticket, pair.street)
        let before = try pair.street.reader.page(.all, .forward, from: 0, limit: 100)
        try rot(street, at: position)
        try pair.run(milliseconds: 12_000)
        #expect(try pair.street.reader.page(.all, .forward, from: 0, limit: before.count) == before)
        #expect(try healings(pair.street).map(\.position) == [position])
        // That it was healed goes up like all that a street writes.
        #expect(try healings(pair.centre).map(\.position) == [position])
        #expect(pair.street.outbox == 0)
        #expect(try problems(street) == [])
    }

    @Test("what is rotten at the centre is not sent, and a pull goes on once it is healed")
    func pullGoesOn() throws {
        let pair = try pair()
        let old = pair.street
        // A street that lost its disk pulls everything; who had the row gives it back before.
        let position = try position(of: 2, pair.centre)
        let row = try pair.centre.reader.page(.all, .forward, from: position - 1, limit: 1).first
        try rot(centre, at: position)
        let empty = try SQLiteLog(
            path: folder.path + "/new.sqlite", node: street, incarnation: Incarnation(7), audience: NoAudience())
        let machine = NodeMachine(
            log: empty,
            core: NodeCore(
                node: street, centre: centre, rules: try BookRules(reader: empty.reader, centre: centre), number: 1,
                utcOffsetMinutes: 480), desk: StreetDesk(node: street, seed: 2), timers: NoTimers())
        try machine.start(ports: [:], now: moment(pair.time))
        pair.street = machine
        try pair.run(milliseconds: 8_000)
        let tickets = try machine.reader.page(.category("ticket"), .forward, from: 0, limit: 100)
        #expect(tickets.allSatisfy { $0.event.id != row?.event.id && $0.rot == nil })
        #expect(try machine.reader.cursor(of: .node(street))?.fseq == 3)
        // The old disk is found.
        pair.street = old
        try pair.run(milliseconds: 120_000)
        #expect(try healings(pair.centre).map(\.position) == [position])
        pair.street = machine
        try pair.run(milliseconds: 60_000)
        #expect(try machine.reader.event(#require(row).event.id)?.event == row?.event)
        #expect(
            try machine.reader.cursor(of: .node(street)) == pair.centre.reader.feedHead(.node(street)))
    }

    private struct NoTimers: TimerSource {
        func ticketsWithClocks(after ticket: StreamName?, limit: Int) -> [StreamName] { [] }
        func position() -> Int64 { .max }
    }

    @Test("a forged event heals nothing, with one alarm, and the right one does afterwards")
    func forged() throws {
        let pair = try pair()
        let position = try position(of: 1, pair.centre)
        let before = try pair.centre.reader.page(.all, .forward, from: 0, limit: 100)
        try rot(centre, at: position)
        pair.onGive = { events in
            events.map { event in
                var forged = event
                forged.body = .here(Array("{\"matter\":\"改过\"}".utf8))
                return forged.chained(to: event.previous)
            }
        }
        try pair.run(milliseconds: 130_000)
        #expect(try healings(pair.centre) == [])
        #expect(pair.centre.rotten == (1, 0))
        #expect(pair.alarms.centre.count { $0.contains("does not take its place") } == 1, "\(pair.alarms)")
        #expect(pair.alarms.centre.count { $0.contains("nobody who is connected") } == 1, "\(pair.alarms)")
        pair.onGive = { $0 }
        try pair.run(milliseconds: 61_000)
        #expect(try healings(pair.centre).map(\.position) == [position])
        #expect(try pair.centre.reader.page(.all, .forward, from: 0, limit: before.count) == before)
    }

    @Test("what nobody else has is asked for, and missed with one alarm; everything else goes on")
    func missed() throws {
        let pair = try pair()
        let link = try #require(
            try pair.centre.reader.page(.category("link"), .forward, from: 0, limit: 1).first)
        try rot(centre, at: link.position, "body = '{}  '")
        try pair.run(milliseconds: 200_000)
        #expect(pair.centre.rotten == (1, 0))
        #expect(pair.alarms.centre.count { $0.contains("nobody who is connected") } == 1, "\(pair.alarms)")
        #expect(pair.wanted.count { $0 == link.event.id } >= 3)
        #expect(pair.wanted.count { $0 == link.event.id } <= 5)
        let reply = try pair.perform(register(9), at: pair.centre)
        try pair.run(milliseconds: 5_000)
        #expect(try pair.street.reader.version(of: reply.ticket) == 1)
    }

    @Test("the centre gives a street nothing that is not in its feeds")
    func audience() throws {
        let pair = try pair()
        let link = try #require(
            try pair.centre.reader.page(.category("link"), .forward, from: 0, limit: 1).first)
        var given: [[EventID]] = []
        pair.onGive = { events in
            given.append(events.map(\.id))
            return events
        }
        let own = try #require(try pair.centre.reader.page(.all, .forward, from: 0, limit: 1).first)
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), clock: moment(0).wall, origins: [], cursors: [])
        try pair.centre.receive(
            Frame(number: 1, message: .hello(hello)).bytes, from: .node(street), now: moment(pair.time))
        var session: UInt64 = 0
        for case .welcome(let welcome) in try messages(pair.centre) { session = welcome.session }
        for id in [link.event.id, own.event.id] {
            try pair.centre.receive(
                Frame(number: 2, message: .repair(session: session, .want([id]))).bytes, from: .node(street),
                now: moment(pair.time))
            _ = try pair.centre.turn([], now: moment(pair.time))
            for case .repair(_, .give(_, let events)) in try messages(pair.centre) { given.append(events.map(\.id)) }
        }
        #expect(given == [[], [own.event.id]])
    }

    @Test("rot that stands in what a start reads stops no start", arguments: ["link", "feed"])
    func starts(category: String) throws {
        try {
            let pair = try pair()
            let head = try pair.centre.reader.feedHead(.node(street))
            if category == "feed" {
                let rewind = Rewind(
                    feed: .node(street), common: FeedCursor(fseq: 0, chain: FeedRow.seed(of: .node(street))), last: head
                )
                _ = try pair.centre.log.write {
                    try $0.append(try rewind.request(at: street, now: moment(pair.time).wall))
                }
            }
            let first = try #require(
                try pair.centre.reader.page(.category(category), .forward, from: 0, limit: 1).first)
            try rot(centre, at: first.position, "previous = x'00'")
        }()
        let machine = try open(centre, 2)
        var alarms: [String] = []
        for time in 1...100 {
            _ = try machine.turn([], now: moment(Int64(time) * 50))
            alarms += machine.takeAlarms().map(\.description)
        }
        #expect(alarms.contains { $0.contains("is damaged: previous") }, "\(alarms)")
        #expect(machine.rotten.rows == 1)
    }
}
