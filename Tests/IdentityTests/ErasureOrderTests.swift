import Events
import Foundation
import Intake
import Node
import Privacy
import Replication
import Rules
import Testing
import Tickets
import ZeroMQ

@testable import Log
@testable import Runtime
@testable import gridline

/// An erasure destroys what was said before it, and nothing that its node took after it (`docs/format/identity.md` 3).
@Suite("What an erasure reaches") struct ErasureOrderTests {
    private static let phone = "13912345678"

    private func call(_ number: Int, role: String = "agent") throws -> (command: NodeCommand, person: PersonData?) {
        let command = NodeCommand(
            id: CommandID(derivedFrom: "call", String(number)), ticket: nil,
            wish: TicketCommand(
                .registered,
                ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")]),
            actor: Actor(account: "wang", role: role, unit: "320507"))
        return (command, try PersonData(["name": .string("某人"), "phone": .string(ErasureOrderTests.phone)]))
    }

    private func erasure(of person: PersonID) throws -> Draft {
        Draft(
            stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string("本人要求")],
            occurredAt: SystemClock().now())
    }

    private func erase(_ person: PersonID) throws -> NodeCommand {
        NodeCommand(
            id: CommandID(derivedFrom: "erase"), .record([try erasure(of: person)]),
            actor: Actor(account: "admin", role: "securityAdmin", unit: "320507"))
    }

    /// Whose box a call's event has, and what its node holds of the key.
    private func sealed(
        by reply: Result<CommandReply, any Error>, _ log: SQLiteLog, _ vault: Vault
    ) throws -> (person: PersonID, key: HeldKey) {
        let ticket = try reply.get().ticket
        let stored = try #require(try log.reader.page(.stream(ticket), .forward, from: 0, limit: 1).first)
        let person = try Sealing.person(in: try #require(stored.event.sealed))
        return (person, try vault.held(person))
    }

    private func caller(_ vault: Vault) throws -> PersonID {
        try #require(try vault.find(PersonData.lookup(ErasureOrderTests.phone, isID: false)).first)
    }

    @Test("who calls in the turn of the own erasure is erased up to it, and somebody new behind it")
    func sameTurn() throws {
        let node = try CentreNode()
        _ = try node.perform(together: [call(1)])
        let person = try caller(node.vault)
        let answers = try node.perform(together: [call(2), (erase(person), nil), call(3), call(4)])
        #expect(try sealed(by: answers[0], node.log, node.vault).key == .erased)
        for answer in answers[2...] {
            let call = try sealed(by: answer, node.log, node.vault)
            #expect(call.person != person && call.key.key != nil)
        }
        #expect(try caller(node.vault) == sealed(by: answers[3], node.log, node.vault).person)
    }

    @Test("a key that cannot be destroyed yet seals nothing more")
    func stuck() throws {
        let node = try CentreNode()
        _ = try node.perform(together: [call(1)])
        let person = try caller(node.vault)
        let other = try Connection(path: node.folder.vault, mode: .readWrite)
        try other.execute(
            """
            CREATE TRIGGER stuck BEFORE UPDATE OF key ON keys WHEN NEW.key IS NULL
            BEGIN SELECT RAISE(ABORT, 'stuck'); END
            """)
        let alarms = node.status.current.alarmCount
        _ = try node.perform(erase(person)).get()
        #expect(try node.vault.held(person).key != nil)
        #expect(node.status.current.alarmCount == alarms + 1)
        let during = try sealed(by: node.perform(together: [call(2)])[0], node.log, node.vault)
        #expect(during.person != person)
        try other.execute("DROP TRIGGER stuck")
        try node.turn()
        #expect(try node.vault.held(person) == .erased)
        #expect(try node.vault.held(during.person).key != nil)
        #expect(try caller(node.vault) == during.person)
    }

    @Test("who calls a street while the own erasure waits there for its turn is somebody new")
    func overTheLine() throws {
        let street = try StreetNode()
        let person = try sealed(by: street.perform(call(1, role: "clerk")), street.log, street.vault).person
        try street.bring([try erasure(of: person)])
        let during = try sealed(by: street.perform(call(2, role: "clerk")), street.log, street.vault)
        #expect(try street.vault.held(person) == .erased)
        #expect(during.person != person)
        #expect(try street.vault.held(during.person).key != nil)
    }

    @Test("an import seals nothing for who was erased before the node died")
    func imported() throws {
        let node = try CentreNode()
        _ = try node.perform(together: [call(1)])
        let person = try caller(node.vault)
        _ = try node.log.write { transaction in
            try transaction.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "erase"), actor: Actor(account: "admin", role: "x", unit: "c"),
                    now: SystemClock().now(), drafts: [try erasure(of: person)]))
        }
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { for path in [base + ".csv", base + ".yaml"] { try? FileManager.default.removeItem(atPath: path) } }
        let rows = "id,time,text,phone\nT1,2026-1-5 8:30,路灯不亮,\(ErasureOrderTests.phone)\n"
        try Data(rows.utf8).write(to: URL(fileURLWithPath: base + ".csv"))
        let map = """
            source: ledger
            encoding: utf-8
            id: [id]
            zone: "+08:00"
            created: {column: time, formats: ["yyyy-M-d H:mm"]}
            matter: text
            person: {phone: phone}
            states:
              - state: registered
            """
        try Data(map.utf8).write(to: URL(fileURLWithPath: base + ".yaml"))
        #expect(try node.importTickets(base + ".csv", map: base + ".yaml").taken == 1)
        try node.restart()
        let row = try #require(try node.events().last?.sealed)
        #expect(try node.vault.held(person) == .erased)
        #expect(try node.vault.held(Sealing.person(in: row)).key != nil)
    }
}

/// A street by itself: the real log, vault, desk and loop, stepped by hand, on a line whose other end is the test.
private final class StreetNode {
    private let folder: String
    let log: SQLiteLog
    let vault: Vault
    private let loop: NodeLoop
    private let line = HandedLine.End()
    private let centre: SQLiteLog
    private static let session: UInt64 = 7

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let street = try NodeID("street1")
        let hub = try NodeID("centre")
        centre = try SQLiteLog(
            path: folder + "/centre.sqlite", node: hub, incarnation: Incarnation(1),
            audience: TicketAudience(centre: hub))
        log = try SQLiteLog(
            path: folder + "/street.sqlite", node: street, incarnation: Incarnation(2), audience: NoAudience())
        vault = try Vault(path: folder + "/street.vault")
        let core = NodeCore(
            node: street, centre: hub, rules: BookRules(try RuleBook.default, nodes: []), number: 1,
            utcOffsetMinutes: 480)
        loop = NodeLoop(
            log: log, core: core, sealer: Sealer(vault: vault), desk: StreetDesk(node: street, seed: 1),
            timers: NoTimers(), transport: HandedLine(end: line), clock: SystemClock(), wakeUp: try WakeUp(),
            status: SharedStatus(), onCommit: { _ in })
        try loop.start()
        try loop.turn()
        line.hand(
            .welcome(
                Message.Welcome(
                    session: StreetNode.session, hub: centre.origin.incarnation, clock: SystemClock().now(),
                    endpoints: [], heads: [FeedMark(feed: .common, cursor: try centre.reader.feedHead(.common))],
                    have: [])))
        try loop.turn()
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { print("could not remove \(folder)") }
    }

    /// Records at the centre, and hands the common feed to the line; the street takes it with its next turn.
    func bring(_ drafts: [Draft]) throws {
        let now = SystemClock().now()
        _ = try centre.write { transaction in
            try transaction.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "centre"), actor: Actor(account: "admin", role: "x", unit: "c"),
                    now: now, drafts: drafts))
        }
        let rows = try centre.reader.rows(of: .common, above: 0, limit: 10)
        let head = try centre.reader.feedHead(.common)
        line.hand(
            .batch(
                session: StreetNode.session, feed: .common, rows: rows.map { WireRow($0, to: .many) },
                chain: head.chain, head: head, isLast: true))
    }

    /// Performs one command in a turn of its own.
    func perform(_ work: (command: NodeCommand, person: PersonData?)) throws -> Result<CommandReply, any Error> {
        let answer = Answer()
        try loop.queue.add(Work(command: work.command, person: work.person) { answer.value = $0 })
        try loop.turn()
        return try #require(answer.value)
    }
}

/// A line whose other end hands over its frames, and gets what the node sends.
private struct HandedLine: Transport {
    final class End {
        private var number: UInt32 = 0
        fileprivate var frames: [[UInt8]] = []

        func hand(_ message: Message) {
            number += 1
            frames.append(Frame(number: number, message: message).bytes)
        }
    }

    let end: End

    func start() {}
    func admit(_ members: [Member]) -> [FeedName: String] { [:] }
    func wait(wakeUp: WakeUp, milliseconds: Int) {}
    func receive(limit: Int) -> [Received] {
        defer { end.frames = [] }
        return end.frames.map { Received(frame: $0, from: .hub) }
    }
    func send(_ outgoing: [Outgoing]) {}
    func takeAlarms() -> [Words] { [] }
    func stop() {}
}
