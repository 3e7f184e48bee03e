import Events
import Node
import Replication
import Testing
import Tickets

@testable import Log

/// What a node is asked about a damaged row: whoever asks does without, and nobody else.
extension DamagedRowTests {
    /// Registers ticket 1 and 2 with callers whose keys are in the vault.
    private func sealedTickets(_ machine: NodeMachine, _ vault: Vault) throws -> [(box: Box, position: Int64)] {
        var random = SystemRandomNumberGenerator()
        return try (1...2).map { number in
            var command = register(number)
            let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
            try vault.keep([one], at: moment(0).wall, needed: false)
            command.sealed = try Sealing.seal(
                ["name": .string("王")], of: one.person, key: one.key, command: command.id, random: &random)
            let reply = try #require(machine.turn([command], now: moment(1)).answers.first).get()
            return (Box(stream: reply.ticket, person: one.person), reply.position)
        }
    }

    @Test("the key of a ticket that cannot be read is not given, and those of others are, with one alarm")
    func keys() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        let tickets = try sealedTickets(try open(centre, 1), vault)
        try set(previous: "x'00'", at: tickets[0].position)
        let machine = try open(centre, 2, vault: vault)
        var time: Int64 = 0
        var alarms: [String] = []
        func ask(_ message: Message) throws -> [Message] {
            time += 50
            try machine.receive(Frame(number: 1, message: message).bytes, from: .node(street), now: moment(time))
            _ = try machine.turn([], now: moment(time))
            alarms += machine.takeAlarms().map(\.description)
            return try messages(machine)
        }
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), clock: moment(0).wall, origins: [], cursors: [])
        var session: UInt64 = 0
        for case .welcome(let welcome) in try ask(.hello(hello)) { session = welcome.session }
        alarms = []
        for _ in 1...2 {
            var given: [Box] = []
            var denied: [Box] = []
            for case .keys(_, let said) in try ask(.keys(session: session, .want(tickets.map(\.box)))) {
                if case .key(let box, _) = said { given.append(box) }
                if case .acknowledged(let answers) = said { denied += answers.map(\.box) }
            }
            #expect(given == [tickets[1].box])
            #expect(denied == [tickets[0].box])
        }
        #expect(alarms.count { $0.contains("keys of persons") } == 1, "\(alarms)")
    }

    @Test("a question about it is answered as about what is not there, and ends no node")
    func questions() throws {
        let signer = FeedSigner()
        let store = BlobStore(folder: folder.path + "/blobs")
        let blobs = BlobDesk(node: centre, isHub: true, store: store, naming: TicketBlobs())
        let (tickets, _, position) = try record()
        let damaged = try #require(
            try open(centre, 2).reader.page(.all, .forward, from: position - 1, limit: 1).first?.event)
        try set(previous: "x'00'", at: position)
        let machine = try open(centre, 3, signer: signer, blobs: blobs)
        var time: Int64 = 0
        func ask(_ message: Message) throws -> [Message] {
            time += 50
            let frame = Frame(number: 1, message: message, version: Message.versions.upperBound)
            try machine.receive(frame.bytes, from: .node(street), now: moment(time))
            _ = try machine.turn([], now: moment(time))
            return try messages(machine)
        }
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), clock: moment(0).wall, origins: [], cursors: [])
        var session: UInt64 = 0
        for case .welcome(let welcome) in try ask(.hello(hello)) { session = welcome.session }

        let want = BlobWant(event: damaged.id, blob: .sha256([1]), offset: 0, credit: 1_000)
        let said = try ask(.blobs(session: session, .want(want)))
        #expect(said.contains { if case .blobs(_, .chunk) = $0 { true } else { false } }, "\(said)")

        // What a street put aside names it: it is here, as far as anybody can say, and not taken again.
        let feed = FeedName.node(street)
        let common = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        let row = WireRow(fseq: 1, stream: tickets[0], common: 0, content: .receipt(damaged.id, damaged.hash))
        let end = FeedCursor(fseq: 1, chain: row.chain(after: common.chain))
        let head = try signer.sign(
            end, of: feed, by: Origin(node: centre, incarnation: Incarnation(1)), at: moment(0).wall)
        let other = try SQLiteLog(
            path: folder.path + "/other.sqlite", node: street, incarnation: Incarnation(9), audience: NoAudience())
        let rewind = Rewind(feed: feed, common: common, last: end, head: head)
        guard
            case .appended(let stored) = try other.write({
                try $0.append(rewind.request(at: street, now: moment(0).wall))
            }), let event = stored.first?.event
        else {
            Issue.record("nothing was stored")
            return
        }
        let asked = try ask(.push(session: session, events: [event]))
        #expect(asked.contains(.repair(session: session, .recall(rewind: event.id, above: 0))), "\(asked)")
        _ = try ask(.repair(session: session, .recalled(rewind: event.id, rows: [row])))
        _ = try ask(.ping(session: session, clock: moment(0).wall, outbox: 0))
        let done = try machine.reader.page(.stream(Rewind.stream(of: street)), .forward, from: 0, limit: 10)
        #expect(done.compactMap { Reclaimed($0.event) }.map(\.events) == [0])
    }

    @Test("a signed end that is damaged holds up no transaction: the next one takes its place")
    func signedEnd() throws {
        let hub = try open(centre, 1, signer: FeedSigner())
        try hub.publish(at: [.common: "1", .node(street): "2"])
        let place = try open(street, 1)
        var time: Int64 = 0
        func passTime(_ turns: Int) throws {
            for _ in 0..<turns {
                time += 100
                for frame in try frames(place) { try hub.receive(frame, from: .node(street), now: moment(time)) }
                _ = try hub.turn([], now: moment(time))
                for frame in try frames(hub) { try place.receive(frame, from: .hub, now: moment(time)) }
                let turn = try place.turn([], now: moment(time))
                #expect(turn.failure == nil)
            }
        }
        func end() throws -> Int64? {
            let connection = try Connection(path: path(street), mode: .readOnly)
            let statement = try connection.prepare("SELECT max(fseq) FROM signedHeads")
            return try statement.step() ? statement.integer(0) : nil
        }
        _ = try #require(hub.turn([register(1)], now: moment(1)).answers.first).get()
        try passTime(60)
        let first = try #require(try end())
        #expect(first > 0)
        let connection = try Connection(path: path(street), mode: .readWrite)
        try connection.execute("UPDATE signedHeads SET seal = zeroblob(16)")
        _ = try #require(hub.turn([register(2)], now: moment(time)).answers.first).get()
        try passTime(60)
        #expect(try #require(try end()) > first)
        let answer = try #require(place.turn([register(3, by: "clerk")], now: moment(time + 1)).answers.first)
        #expect(throws: Never.self) { try answer.get() }
    }

    private func frames(_ machine: NodeMachine) throws -> [[UInt8]] {
        machine.takeOutgoing().compactMap { if case .send(_, let frame) = $0 { frame } else { nil } }
    }

    @Test("a street gives what it can read of what its hub has lost")
    func gives() throws {
        var ids: [EventID] = []
        do {
            let writer = try open(street, 1)
            for number in 1...3 {
                let reply = try #require(writer.turn([register(number, by: "clerk")], now: moment(1)).answers.first)
                    .get()
                ids += try writer.reader.page(.stream(reply.ticket), .forward, from: 0, limit: 1).map(\.event.id)
            }
        }
        try set(previous: "x'00'", at: 2, of: street)
        let machine = try open(street, 2)
        _ = try machine.turn([], now: moment(50))
        let welcome = Message.Welcome(
            session: 7, hub: Incarnation(1), clock: moment(0).wall, endpoints: [], heads: [], have: [])
        try machine.receive(Frame(number: 1, message: .welcome(welcome)).bytes, from: .hub, now: moment(60))
        try machine.receive(
            Frame(number: 2, message: .repair(session: 7, .want(ids))).bytes, from: .hub, now: moment(70))
        _ = try machine.turn([], now: moment(80))
        var given: [EventID] = []
        for case .repair(_, .give(let first, let events)) in try messages(machine) {
            #expect(first == ids[0])
            given += events.map(\.id)
        }
        #expect(given == [ids[0], ids[2]])
    }
}
