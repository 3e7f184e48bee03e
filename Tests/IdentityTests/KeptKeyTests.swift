import Events
import Foundation
import Log
import Privacy
import Testing
import Tickets

@testable import Node
@testable import Runtime
@testable import gridline

/// Which keys a vault keeps: those that an event needs, or may need when it comes back (`docs/format/identity.md` 2).
@Suite("Kept keys") struct KeptKeyTests {
    private let node: CentreNode

    init() throws { node = try CentreNode() }

    private typealias Call = (command: NodeCommand, person: PersonData?)

    private func work(_ number: Int, _ fields: JSONObject, phone: String, id: String? = nil) throws -> Call {
        let command = NodeCommand(
            id: CommandID(derivedFrom: "kept", String(number)), ticket: nil, wish: TicketCommand(.registered, fields),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        var block: JSONObject = ["name": .string("某人"), "phone": .string(phone)]
        block["idNumber"] = id.map(JSON.string)
        return (command, try PersonData(block))
    }

    private func call(
        _ number: Int, _ fields: JSONObject, phone: String, id: String? = nil
    ) throws -> Result<CommandReply, any Error> {
        try #require(try node.perform(together: [work(number, fields, phone: phone, id: id)]).first)
    }

    /// Whose box the ticket of a call has.
    private func caller(_ answer: Result<CommandReply, any Error>) throws -> PersonID {
        let ticket = try answer.get().ticket
        let stored = try node.log.reader.page(.stream(ticket), .forward, from: 0, limit: 1)
        return try Sealing.person(in: try #require(stored.first?.event.sealed))
    }

    private func persons(_ phone: String) throws -> [PersonID] {
        try node.vault.find(PersonData.lookup(phone, isID: false))
    }

    private func persons(id: String) throws -> [PersonID] { try node.vault.find(PersonData.lookup(id, isID: true)) }

    private func expectRefused(_ answer: Result<CommandReply, any Error>) {
        guard case .failure(let error) = answer else {
            Issue.record("taken")
            return
        }
        #expect(error is CommandRefusal)
    }

    private let whole: JSONObject = ["channel": .string("hotline"), "matter": .string("路灯不亮")]
    private let halved: JSONObject = ["channel": .string("hotline")]

    @Test("a refused command leaves no key and no lookup behind; one about a known caller takes nothing from him")
    func refused() throws {
        _ = try call(1, whole, phone: "13912345678").get()
        let caller = try persons("13912345678")
        for (number, phone) in [(2, "13987654321"), (3, "13912345678")] {
            guard case .failure(let error) = try call(number, halved, phone: phone) else {
                Issue.record("taken")
                continue
            }
            #expect(error is CommandRefusal)
        }
        #expect(try persons("13987654321") == [])
        #expect(try persons("13912345678") == caller)
        #expect(try node.vault.key(of: #require(caller.first)) != nil)
        // The same command mended, under the same id.
        _ = try call(2, whole, phone: "13987654321").get()
        node.pass(days: 2)
        try node.restart()
        #expect(try persons("13987654321").count == 1)
        #expect(try persons("13912345678") == caller)
        // By now nothing waits for his key, which his event has needed since the start.
        guard case .failure = try call(4, halved, phone: "13912345678") else {
            Issue.record("taken")
            return
        }
        #expect(try persons("13912345678") == caller)
        #expect(try node.vault.key(of: #require(caller.first)) != nil)
    }

    private static let id = "11010519491231002X"

    @Test("a refused command ties its number to nobody; once it is stored it finds its person")
    func mistyped() throws {
        let id = KeptKeyTests.id
        let known = try caller(call(1, whole, phone: "13912345678"))
        expectRefused(try call(2, halved, phone: "13912345678", id: id))
        #expect(try persons(id: id) == [])
        // Whose number it is.
        let other = try caller(call(3, whole, phone: "13987654321", id: id))
        #expect(other != known)
        #expect(try persons(id: id) == [other])
        #expect(try persons("13912345678") == [known])
        // Refused, mended under the same id, and repeated.
        let own = "110105194912310038"
        expectRefused(try call(4, halved, phone: "13912345678", id: own))
        #expect(try caller(call(4, whole, phone: "13912345678", id: own)) == known)
        #expect(try call(4, whole, phone: "13912345678", id: own).get().isRepeat)
        #expect(try persons(id: own) == [known])
        #expect(try caller(call(5, whole, phone: "13511112222", id: own)) == known)
        #expect(try persons("13511112222") == [known])
    }

    @Test("in one turn a number decides about nobody, as its command may be refused; who brings the same is the same")
    func together() throws {
        let id = KeptKeyTests.id
        let known = try caller(call(1, whole, phone: "13912345678"))
        let answers = try node.perform(together: [
            work(2, halved, phone: "13912345678", id: id), work(3, whole, phone: "13987654321", id: id),
            work(4, whole, phone: "13987654321", id: id), work(5, halved, phone: "13511112222", id: "2233445566"),
            work(6, whole, phone: "13533334444", id: "2233445566"), work(7, whole, phone: "13511112222"),
        ])
        for refused in [answers[0], answers[3]] { expectRefused(refused) }
        let other = try caller(answers[1])
        #expect(other != known)
        #expect(try caller(answers[2]) == other)
        #expect(try caller(answers[4]) != caller(answers[5]))
        #expect(try persons(id: id) == [other])
        #expect(try persons(id: "2233445566") == [caller(answers[4])])
        #expect(try persons("13511112222") == [caller(answers[5])])
        #expect(try caller(call(8, whole, phone: "13500000001", id: id)) == other)
    }

    @Test("a number in somebody's text finds him, and decides about nobody: it may be anybody's")
    func mentioned() throws {
        var fields = whole
        fields["matter"] = .string("邻居电话13987654321，夜间施工")
        let teller = try caller(call(1, fields, phone: "13912345678"))
        let neighbour = try caller(call(2, whole, phone: "13987654321"))
        #expect(neighbour != teller)
        let both = [teller, neighbour].sorted { $0.text < $1.text }
        #expect(try persons("13987654321") == both, "an erasure finds both")
        #expect(try persons("13912345678") == [teller])
        #expect(try caller(call(3, fields, phone: "13912345678")) == teller)
        #expect(try caller(call(4, whole, phone: "13987654321")) == neighbour)
    }

    @Test("after a crash a number finds the person under whom its command is in the log, and decides about nobody else")
    func crashed() throws {
        var random = SystemRandomNumberGenerator()
        let now = SystemClock().now()
        let known = try caller(call(1, whole, phone: "13912345678"))
        func people(_ name: String, _ lookups: [String]) throws -> VaultPerson {
            try node.vault.people(
                for: [Vault.Request(command: CommandID(derivedFrom: name), lookups: lookups, mentioned: [])],
                at: now, random: &random)[0].get()
        }
        // Two turns that ended without an answer: one before its commit, one behind it.
        #expect(try people("lost", ["id:1", "phone:13912345678"]).person == known)
        let stored = try people("stored", ["id:2", "phone:13912345678"])
        #expect(stored.person == known)
        let command = CommandID(derivedFrom: "stored")
        var draft = Draft(
            stream: try StreamName("note/stored"), type: EventType("note.made"), body: [:], occurredAt: now)
        draft.sealed = try Sealing.seal(
            ["numbers": .array([])], of: known, key: stored.key, command: command, random: &random)
        _ = try node.log.write { transaction in
            try transaction.append(
                AppendRequest(
                    command: command, actor: Actor(account: "wang", role: "agent", unit: "320507"), now: now,
                    drafts: [draft]))
        }
        try node.restart()
        for lookup in ["id:1", "id:2"] { #expect(try node.vault.find(lookup) == [known], "an erasure finds both") }
        #expect(try people("later", ["id:2"]).person == known)
        #expect(try people("later still", ["id:1"]).person != known)
    }

    @Test("a key goes with an answer that stored nothing, and with no answer of a transaction that was lost")
    func undecided() throws {
        var random = SystemRandomNumberGenerator()
        let now = SystemClock().now()
        var command = NodeCommand(
            id: CommandID(derivedFrom: "kept", "undecided"), ticket: nil, wish: TicketCommand(.registered, whole),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        let request = Vault.Request(command: command.id, lookups: ["phone:13987654321"], mentioned: [])
        let person = try node.vault.people(for: [request], at: now, random: &random)[0].get()
        command.sealed = try Sealing.seal(
            ["numbers": .array([])], of: person.person, key: person.key, command: command.id, random: &random)
        func release(_ answer: Result<CommandReply, any Error>) throws {
            try Sealer(vault: node.vault).settle([command], [answer], reader: node.log.reader, now: now)
        }
        // Whether it is on the disk is not known: the same command comes again, and finds its key.
        try release(.failure(LogFailure.storage(operation: "commit", detail: "no room", fatal: true)))
        #expect(try node.vault.key(of: person.person) == person.key)
        let stream = try StreamName("ticket/undecided")
        try release(
            .success(CommandReply(ticket: stream, position: 1, version: 1, isRepeat: false, isRecorded: false)))
        #expect(try node.vault.held(person.person) == .absent)
    }

    @Test("the same command twice in one turn keeps the key of the one that was stored")
    func twice() throws {
        var random = SystemRandomNumberGenerator()
        let now = SystemClock().now()
        _ = try call(1, whole, phone: "13912345678").get()
        let stored = try #require(try node.events().first)
        let caller = try Sealing.person(in: try #require(stored.sealed))
        var command = NodeCommand(
            id: stored.command, ticket: nil, wish: TicketCommand(.registered, whole),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        command.sealed = stored.sealed
        let other = try node.vault.people(
            for: [Vault.Request(command: stored.command, lookups: ["phone:13987654321"], mentioned: [])], at: now,
            random: &random)[0].get()
        #expect(other.person != caller, "two persons under one command")
        var second = command
        second.sealed = try Sealing.seal(
            ["numbers": .array([])], of: other.person, key: other.key, command: stored.command, random: &random)
        let reply = CommandReply(ticket: stored.stream, position: 1, version: 1, isRepeat: true)
        try Sealer(vault: node.vault).settle(
            [command, second], [.success(reply), .failure(CommandRefusal.keyTaken(stored.command, by: "x"))],
            reader: node.log.reader, now: now)
        #expect(try node.vault.key(of: caller) != nil)
        #expect(try node.vault.held(other.person) == .absent)
    }

    @Test("keys outlive a log that was restored from before their events: what comes back from the centre still opens")
    func restored() throws {
        _ = try call(1, whole, phone: "13912345678").get()
        let event = try #require(try node.events().first)
        let box = try #require(event.sealed)
        // The copy of the log is older than the vault, and the node starts on it again and again without a line.
        let older = try SQLiteLog(
            path: node.path + "/older.sqlite", node: NodeID("centre"), incarnation: Incarnation(5),
            audience: TicketAudience(centre: NodeID("centre")))
        let sealer = Sealer(vault: node.vault)
        for days in [2, 30, 400] as [Int64] {
            try sealer.start(
                reader: older.reader, centre: NodeID("centre"), now: SystemClock().now() + days * 86_400_000)
        }
        // A step that is tried again there, and refused, does not take the key either.
        var again = NodeCommand(
            id: event.command, ticket: event.stream, wish: TicketCommand(.callerSupplemented, whole),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        again.sealed = box
        try sealer.settle(
            [again], [.failure(CommandRefusal.notDecided(.unknownTicket(event.stream)))], reader: older.reader,
            now: SystemClock().now() + 86_400_000)
        _ = try older.write { try $0.ingest([event], dense: false, receivedAt: SystemClock().now()) }
        let key = try #require(try node.vault.key(of: Sealing.person(in: box)))
        let values = try Sealing.open(box, key: key, command: event.command)
        #expect(values["person"]?.object?["phone"] == .string("13912345678"))
    }

    @Test("an erased key and one that never was here are told apart")
    func held() throws {
        _ = try call(1, whole, phone: "13912345678").get()
        let caller = try #require(try persons("13912345678").first)
        let stranger = try PersonID("person/00000000000000000000000000000001")
        #expect(try node.vault.held(caller).key != nil)
        #expect(try node.vault.held(stranger) == .absent)
        try node.vault.erase([caller, stranger], at: SystemClock().now())
        #expect(try node.vault.held(caller) == .erased)
        #expect(try node.vault.held(stranger) == .erased, "so that a key that comes later is not taken")
    }
}
