import Events
import Foundation
import Log
import Node
import Privacy
import Replication
import Testing
import Tickets

@testable import gridline

/// Names and numbers of people occur in no byte that a node writes or says (`docs/format/identity.md`).
@Suite("Private") struct PrivateTests {
    private func command(
        _ number: Int, _ kind: TicketEventKind, ticket: StreamName? = nil, _ body: JSONObject
    ) -> NodeCommand {
        NodeCommand(
            id: CommandID(derivedFrom: "private", String(number)), ticket: ticket, wish: TicketCommand(kind, body),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
    }

    private func block(_ person: Planted.Person) throws -> PersonData {
        try PersonData([
            "name": .string(person.name), "phone": .string(person.phone), "idNumber": .string(person.idNumber),
            "address": .string(person.address),
        ])
    }

    /// A node that 250 people have called, each with notes, replies, refusals and an import in between.
    private func busyNode(_ planted: inout Planted) throws -> CentreNode {
        let node = try CentreNode()
        for (place, person) in planted.people.enumerated() {
            let base = place * 10
            let reply = try node.perform(
                command(
                    base, .registered,
                    [
                        "channel": .string("hotline"), "matter": .string("路灯不亮。" + planted.sentence()),
                        "title": .string(planted.sentence()), "kind": .string("help"),
                        "place": .object(["text": .string("门口，" + planted.sentence())]),
                    ]), person: try block(person)
            ).get()
            // A retry with the same key, and steps of which some are refused.
            _ = try node.perform(
                command(base, .registered, ["channel": .string("hotline"), "matter": .string(planted.sentence())]),
                person: try block(person))
            _ = try node.perform(
                command(base + 1, .callerSupplemented, ticket: reply.ticket, ["text": .string(planted.sentence())]))
            _ = try node.perform(
                command(base + 2, .finished, ticket: reply.ticket, ["note": .string(planted.sentence())]))
            _ = try node.perform(
                command(base + 3, .progressNoted, ticket: reply.ticket, [planted.sentence(): .string("x")]))
        }
        let file = node.path + "/../\(UUID().uuidString).jsonl"
        let rows = (0..<100).map { number in
            "{\"id\":\"T\(number)\",\"createdAt\":\"2026-01-05 08:00:00\",\"text\":\"\(planted.sentence())\"}"
        }
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let map = """
            source: planted
            format: jsonl
            encoding: utf-8
            id: [id]
            zone: "+08:00"
            created: {column: createdAt, formats: ["yyyy-MM-dd HH:mm:ss"]}
            matter: text
            states:
              - state: registered
            """
        let mapFile = node.path + "/../\(UUID().uuidString).yaml"
        try Data(map.utf8).write(to: URL(fileURLWithPath: mapFile))
        defer { try? FileManager.default.removeItem(atPath: mapFile) }
        try node.importTickets(file, map: mapFile)
        try node.catchUpViews()
        return node
    }

    @Test(
        "1,000 names and numbers of people occur in no byte of log, views, WALs, vault, wire or output",
        arguments: [1, 20_261_123] as [UInt64])
    func bytes(seed: UInt64) throws {
        var planted = Planted(seed: seed, people: 130)
        let node = try busyNode(&planted)
        var places = try node.files()
        let frames = try node.events().map { Frame(number: 1, message: .push(session: 1, events: [$0])).bytes }
        places.append(("wire", Data(frames.joined())))
        places.append(("output", Data(node.output.joined(separator: "\n").utf8)))
        #expect(places.contains { $0.name == "log.sqlite-wal" && $0.bytes.count > 50_000 })
        #expect(planted.people.count * 4 + planted.numbers.count > 1_000)
        let needles = Needles(planted.needles)
        for place in places {
            if let found = needles.first(in: place.bytes) {
                Issue.record("seed \(seed): \(place.name) holds \(String(decoding: found, as: UTF8.self))")
            }
        }
        // The search itself finds what is there.
        #expect(needles.first(in: Data("abc\(planted.people[7].name)".utf8)) != nil)
        #expect(needles.first(in: Data("abc".utf8)) == nil)
    }

    @Test("what was sealed can be revealed in full, by whom has the key")
    func reveals() throws {
        var planted = Planted(seed: 3, people: 20)
        let node = try busyNode(&planted)
        var names: Set<String> = []
        var numbers: Set<String> = []
        for event in try node.events() {
            guard let sealed = event.sealed else { continue }
            let key = try #require(try node.vault.key(of: Sealing.person(in: sealed)))
            let values = try Sealing.open(sealed, key: key, command: event.command)
            if let name = values["person"]?.object?["name"]?.string { names.insert(name) }
            for number in values["numbers"]?.array ?? [] {
                if let value = number.object?["value"]?.string { numbers.insert(value) }
            }
        }
        #expect(names == Set(planted.people.map(\.name)))
        #expect(numbers.count > 60)
    }

    @Test("a caller is found again by phone or identity number, however it is written")
    func lookups() throws {
        var planted = Planted(seed: 5, people: 2)
        let node = try busyNode(&planted)
        let person = planted.people[0]
        let found = try node.vault.find(PersonData.lookup(person.phone, isID: false))
        #expect(found.count == 1)
        let written =
            "+86 " + person.phone.prefix(3) + " " + person.phone.dropFirst(3).prefix(4) + " " + person.phone.suffix(4)
        #expect(try node.vault.find(PersonData.lookup(written, isID: false)) == found)
        #expect(try node.vault.find(PersonData.lookup(person.idNumber.lowercased(), isID: true)) == found)
        let again = try node.perform(
            command(9_000, .registered, ["channel": .string("hotline"), "matter": .string("又来电")]),
            person: try PersonData(["phone": .string(written), "name": .string(person.name)])
        ).get()
        let event = try #require(
            try node.log.reader.page(.stream(again.ticket), .forward, from: 0, limit: 1).first?.event)
        #expect(try Sealing.person(in: event.sealed ?? []) == found[0])
    }

    @Test("after an erasure no copy on the node opens, others still do, and the chain holds")
    func erasure() throws {
        var planted = Planted(seed: 4, people: 10)
        let node = try busyNode(&planted)
        let person = try #require(try node.vault.find(PersonData.lookup(planted.people[0].phone, isID: false)).first)
        let other = try #require(try node.vault.find(PersonData.lookup(planted.people[1].phone, isID: false)).first)
        let key = try #require(try node.vault.key(of: person))
        let erase = NodeCommand(
            id: CommandID(derivedFrom: "erase"),
            .record([
                Draft(
                    stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string("本人要求")],
                    occurredAt: SystemClock().now())
            ]), actor: Actor(account: "admin", role: "securityAdmin", unit: "320507"))
        _ = try node.perform(erase).get()
        #expect(try node.vault.key(of: person) == nil)
        #expect(try node.vault.find(PersonData.lookup(planted.people[0].phone, isID: false)) == [])
        #expect(try node.vault.key(of: other) != nil)
        for file in try node.files() {
            #expect(Needles([Data(key.bytes)]).first(in: file.bytes) == nil, "\(file.name)")
        }
        let report = try Verifier.verify(path: node.folder.log, audience: node.folder.audience)
        #expect(report.problems.isEmpty)
        // Again, and after a restart: nothing more happens, and nothing comes back.
        #expect(try node.perform(erase).get().isRepeat)
        try node.restart()
        #expect(try node.vault.key(of: person) == nil)
    }

    @Test("an erasure that the node died before carrying out is carried out at its next start")
    func erasureAfterDeath() throws {
        var planted = Planted(seed: 6, people: 2)
        let node = try busyNode(&planted)
        let person = try #require(try node.vault.find(PersonData.lookup(planted.people[0].phone, isID: false)).first)
        _ = try node.log.write { transaction in
            try transaction.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "erase"), actor: Actor(account: "admin", role: "x", unit: "c"),
                    now: SystemClock().now(),
                    drafts: [
                        Draft(
                            stream: try StreamName(person.text), type: Erasure.type, body: [:],
                            occurredAt: SystemClock().now())
                    ]))
        }
        #expect(try node.vault.key(of: person) != nil)
        try node.restart()
        #expect(try node.vault.key(of: person) == nil)
    }
}
