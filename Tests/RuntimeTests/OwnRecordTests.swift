import Events
import Log
import Testing
import Tickets

@testable import Node
@testable import Replication

/// What a node puts on record of itself and the log does not take: it is said, once, in words that name it.
@Suite("Own records that are refused") struct OwnRecordTests {
    private let folder: TemporaryFolder
    private let centre: NodeID
    private let street: NodeID
    private let log: SQLiteLog
    private let person: PersonID
    private static let start: Int64 = 1_795_000_000_000

    init() throws {
        folder = try TemporaryFolder()
        (centre, street) = (try NodeID("centre"), try NodeID("street1"))
        log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
        person = try PersonID("person/" + String(repeating: "a", count: 32))
    }

    private func moment(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: OwnRecordTests.start + milliseconds), steady: milliseconds)
    }

    private func machine() throws -> NodeMachine {
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let machine = NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
        try machine.start(ports: [:], now: moment(0))
        return machine
    }

    private func event(
        _ opening: UInt64, _ sequence: Int64, in stream: String, _ type: String, after: Digest = .zero
    ) throws -> Event {
        let now = moment(0).wall
        return Event(
            id: EventID(origin: Origin(node: street, incarnation: Incarnation(opening)), sequence: sequence),
            hlc: .zero, stream: try StreamName(stream), type: EventType(type), basis: .empty,
            actor: Actor(account: "li", role: "clerk", unit: "320507001"), occurredAt: now, recordedAt: now,
            command: CommandID(derivedFrom: "own", stream, type, String(opening), String(sequence)), index: 0,
            causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero
        ).chained(to: after)
    }

    /// As many openings as wrote here, so many entries has the basis of what follows: one more than there may be.
    private func fill(_ stream: String) throws {
        let events = try (0...UInt64(Event.Limit.basis)).map { try event(100 + $0, 1, in: stream, "noted") }
        _ = try log.write { try $0.ingest(events, dense: true, receivedAt: moment(0).wall) }
    }

    private func alarms(_ machine: NodeMachine) -> [String] {
        machine.takeAlarms().map(\.description).filter { $0.contains("on record") }
    }

    @Test("that a key is destroyed: once, however often it is tried, and the turn goes on")
    func destroyed() throws {
        try fill(person.text)
        let machine = try machine()
        for time in 1...3 {
            machine.confirm(destroyed: [person])
            #expect(try machine.turn([], now: moment(Int64(time) * 50)).failure == nil)
            let said = alarms(machine)
            #expect(said.count == (time == 1 ? 1 : 0), "\(said)")
            #expect(said.allSatisfy { $0.hasPrefix("that the key of \(person) is destroyed is not on record: ") })
            #expect(!said.contains { $0.contains("damaged") || $0.contains("verify") }, "\(said)")
        }
    }

    @Test("a receipt: its event is stored, and what stands in the way is said once a ticket")
    func receipt() throws {
        let machine = try machine()
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), clock: moment(0).wall, origins: [], cursors: [])
        try machine.receive(Frame(number: 1, message: .hello(hello)).bytes, from: .node(street), now: moment(1))
        _ = try machine.turn([], now: moment(1))
        var session: UInt64 = 0
        for case .send(_, let frame) in machine.takeOutgoing() {
            if case .welcome(let welcome)? = try Frame(frame).message { session = welcome.session }
        }
        // Of a ticket that the centre does not have.
        let first = try event(9, 1, in: "ticket/1", "ticket.signed")
        let second = try event(9, 2, in: "ticket/1", "ticket.firstContactMade", after: first.hash)
        var said: [String] = []
        for (place, one) in [first, second].enumerated() {
            let now = moment(Int64(place + 2) * 50)
            let push = Message.push(session: session, events: [one])
            try machine.receive(Frame(number: 2, message: push).bytes, from: .node(street), now: now)
            #expect(try machine.turn([], now: now).failure == nil)
            #expect(try machine.reader.event(one.id) != nil)
            said += alarms(machine)
        }
        #expect(said.count == 1, "\(said)")
        #expect(said.first?.hasPrefix("the receipt of \(first.id) is not on record: ") == true, "\(said)")
    }

    @Test("what came back to a restored centre")
    func reclaimed() throws {
        let signer = FeedSigner()
        var repair = HubRepair(signer: signer)
        try repair.start(process: log.origin, reader: log.reader)
        let feed = FeedName.node(street)
        let common = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        let row = WireRow(fseq: 1, stream: try StreamName("ticket/1"), common: 0, content: .join(history: 0))
        let end = FeedCursor(fseq: 1, chain: row.chain(after: common.chain))
        let head = try signer.sign(end, of: feed, by: log.origin, at: moment(0).wall)
        let rewind = Rewind(feed: feed, common: common, last: end, head: head)
        var said = try event(9, 1, in: "feed/street1", Rewind.type.name)
        said.body = .here(
            JSON.object(try #require(rewind.request(at: street, now: moment(0).wall).drafts.first).body)
                .canonicalBytes)
        repair.noticed(said, log.reader)
        _ = repair.ask(street, now: moment(1))
        try repair.take(.recalled(rewind: said.id, rows: [row]), from: street, log.reader)
        #expect(repair.hasStorageWork)
        try fill("feed/street1")
        _ = try log.write { try repair.store($0, now: moment(2)) }
        let refused = log.takeUnrecorded().map(\.alarm.description)
        #expect(refused.count == 1)
        #expect(
            refused.first?.hasPrefix("what came back of feed node/street1 from node street1 is not on record: ")
                == true,
            "\(refused)")
    }

    @Test("that a key expired, with whose it is")
    func expired() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        var exchange = KeyExchange(node: centre, boxes: .log, vault: vault)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        exchange.expiry.toTell = [KeyExpired(box: box, ended: try event(9, 1, in: "ticket/1", "noted").id)]
        try fill(person.text)
        let told = try log.write { try exchange.tell($0, now: moment(1)) }
        #expect(told.isEmpty)
        let refused = log.takeUnrecorded().map(\.alarm.description)
        #expect(refused.count == 1)
        #expect(refused.first?.hasPrefix("that the key of \(person) expired is not on record: ") == true, "\(refused)")
    }

    @Test("a thousand causes are told apart; of the others the first is told, and that it is the last")
    func bounded() throws {
        var book = RefusalBook()
        var said: [String] = []
        for number in 1...(RefusalBook.limit + 10) {
            let refusal = AppendRefusal.tooManyDrafts(count: number, limit: 1)
            let one = Unrecorded(
                what: "the line to \(number)", stream: try StreamName("link/s\(number)"), refusal: refusal)
            for _ in 1...2 { said += book.note(one).map { [$0.description] } ?? [] }
        }
        #expect(said.count == RefusalBook.limit + 1)
        #expect(said.last?.contains("and neither is what is refused from now on") == true)
    }
}
