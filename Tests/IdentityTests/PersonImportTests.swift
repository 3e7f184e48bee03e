import ArgumentParser
import Events
import Foundation
import Intake
import Log
import Node
import Privacy
import Replication
import Testing
import Tickets

@testable import gridline

/// A ledger with the callers in columns of their own (`docs/import.md`), brought into a node.
private struct Ledger {
    static let map = """
        source: ledger
        encoding: utf-8
        id: [id]
        zone: "+08:00"
        created: {column: time, formats: ["yyyy-M-d H:mm"]}
        matter: text
        person: {name: caller, phone: phone, idNumber: identity, address: home}
        states:
          - {when: {state: done}, state: finished}
          - state: registered
        extra: rest
        """

    var planted: Planted
    /// Two for each row; each has a number that nobody else has.
    let texts: [String]
    /// What stands in the column of the state.
    var state = "new"

    init(seed: UInt64, rows: Int) {
        planted = Planted(seed: seed, people: rows)
        var texts: [String] = []
        for _ in 0..<(2 * rows) { texts.append(planted.sentence()) }
        self.texts = texts
    }

    /// The last row is one that cannot be taken: its name is too long.
    var rows: [String] {
        let people = planted.people
        let taken = people.indices.map { row in
            let person = people[row]
            return "T\(row),2026-1-5 8:30,\(texts[2 * row]),\(person.name),\(person.phone),\(person.idNumber),"
                + "\(person.address),\(state),\(texts[2 * row + 1])"
        }
        let long = String(repeating: people[0].name, count: 70)
        return taken + ["T-long,2026-1-5 8:30,x,\(long),\(people[0].phone),,,\(state),"]
    }

    /// Imports it as `gridline import` does.
    @discardableResult
    func imported(into node: CentreNode) throws -> ImportCounts {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let file = base + ".csv"
        let mapFile = base + ".yaml"
        let text = (["id,time,text,caller,phone,identity,home,state,more"] + rows).joined(separator: "\n")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try Data(Ledger.map.utf8).write(to: URL(fileURLWithPath: mapFile))
        defer {
            for path in [file, mapFile] { try? FileManager.default.removeItem(atPath: path) }
        }
        return try node.importTickets(file, map: mapFile)
    }

    func block(_ row: Int) -> JSONObject {
        let person = planted.people[row]
        return [
            "name": .string(person.name), "phone": .string(person.phone), "idNumber": .string(person.idNumber),
            "address": .string(person.address),
        ]
    }
}

@Suite("Persons in imports") struct PersonImportTests {
    /// The events of the ledger's rows, in their order: all tickets are imported, one event each.
    private func imported(_ node: CentreNode) throws -> [Event] {
        try node.events().filter { $0.type == EventType("ticket.imported") }
    }

    /// What a node can still show of an event.
    private func revealed(_ event: Event, by node: CentreNode) throws -> JSONObject? {
        let sealed = try #require(event.sealed)
        guard let key = try node.vault.key(of: Sealing.person(in: sealed)) else { return nil }
        return try Sealing.open(sealed, key: key, command: event.command)
    }

    private func erase(_ person: PersonID, at node: CentreNode) throws {
        let draft = Draft(
            stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string("本人要求")],
            occurredAt: SystemClock().now())
        _ = try node.perform(
            NodeCommand(
                id: CommandID(derivedFrom: "erase", person.text), .record([draft]),
                actor: Actor(account: "admin", role: "securityAdmin", unit: "320507"))
        ).get()
    }

    private func vaultBytes(_ node: CentreNode) throws -> Data {
        try #require(try node.files().first { $0.name == "vault.sqlite" }).bytes
    }

    @Test(
        "callers in columns and numbers in texts of 300 imported rows occur in no byte of log, views, WALs, vault, wire or output",
        arguments: [1, 20_261_125] as [UInt64])
    func bytes(seed: UInt64) throws {
        let ledger = Ledger(seed: seed, rows: 300)
        let node = try CentreNode()
        let counts = try ledger.imported(into: node)
        #expect(counts.taken == 300)
        #expect(counts.refused == 1)
        #expect(counts.reasons.map(\.name) == ["badPerson"])
        #expect(counts.sealedNumbers == 600)
        try node.catchUpViews()
        var places = try node.files()
        let frames = try node.events().map { Frame(number: 1, message: .push(session: 1, events: [$0])).bytes }
        places.append(("wire", Data(frames.joined())))
        places.append(("output", Data(node.output.joined(separator: "\n").utf8)))
        #expect(places.contains { $0.name == "log.sqlite-wal" && $0.bytes.count > 50_000 })
        #expect(places.contains { $0.name == "vault.sqlite" })
        let needles = Needles(ledger.planted.needles)
        for place in places {
            if let found = needles.first(in: place.bytes) {
                Issue.record("seed \(seed): \(place.name) holds \(String(decoding: found, as: UTF8.self))")
            }
        }
        // The search itself finds what is there.
        #expect(needles.first(in: Data(ledger.rows[299].utf8)) != nil)
    }

    @Test("an imported caller is revealed, found by number and known to the ticket as a registered one is")
    func reveals() throws {
        let ledger = Ledger(seed: 3, rows: 300)
        let node = try CentreNode()
        try ledger.imported(into: node)
        let events = try imported(node)
        try #require(events.count == 300)
        for (row, event) in events.enumerated() {
            let person = try Sealing.person(in: try #require(event.sealed))
            let values = try #require(try revealed(event, by: node))
            #expect(values["person"] == .object(ledger.block(row)), "row \(row)")
            let numbers = values["numbers"]?.array?.compactMap { $0.object?["value"]?.string } ?? []
            #expect(Set(numbers) == Set(ledger.planted.numbers[(2 * row)...(2 * row + 1)]), "row \(row)")
            #expect(try JSONReader.readObject(event.body.bytes ?? [])["person"] == .string(person.text))
            let fold = TicketFold(centre: try NodeID("centre"), events: [event])
            #expect(fold.state.reporter == person.text)
            let whole = ledger.planted.people[row]
            #expect(try node.vault.find(PersonData.lookup(whole.phone, isID: false)) == [person])
            #expect(try node.vault.find(PersonData.lookup(whole.idNumber, isID: true)) == [person])
            for number in numbers {
                #expect(
                    try node.vault.find(PersonData.lookup(number, isID: number.count == 18)) == [person], "row \(row)")
            }
        }
        // Who calls later is the same person.
        let call = NodeCommand(
            id: CommandID(derivedFrom: "call"), ticket: nil,
            wish: TicketCommand(.registered, ["channel": .string("hotline"), "matter": .string("又来电")]),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        let reply = try node.perform(call, person: try PersonData(["phone": .string(ledger.planted.people[7].phone)]))
            .get()
        let stream = try node.log.reader.page(.stream(reply.ticket), .forward, from: 0, limit: 1)
        let again = try #require(stream.first?.event.sealed)
        #expect(try Sealing.person(in: again) == Sealing.person(in: try #require(events[7].sealed)))
    }

    @Test("a second import of the same file adds no event and no key")
    func twice() throws {
        let ledger = Ledger(seed: 4, rows: 300)
        let node = try CentreNode()
        try ledger.imported(into: node)
        let events = try node.events().count
        let vault = try vaultBytes(node)
        let counts = try ledger.imported(into: node)
        #expect(counts.repeated == 300)
        #expect(counts.taken + counts.updated == 0)
        #expect(try node.events().count == events)
        #expect(try vaultBytes(node) == vault)
    }

    @Test("one caller of several imports is one person, also when the node did not run in between")
    func severalImports() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: place) } catch { Issue.record(error) } }
        let folder = try NodeFolder.create(
            at: place + "/centre", configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        let map = place + "/ledger.yaml"
        try Data(Ledger.map.utf8).write(to: URL(fileURLWithPath: map))
        for number in 1...3 {
            let file = place + "/\(number).csv"
            let text =
                "id,time,text,caller,phone,identity,home,state,more\n"
                + "T\(number),2026-1-5 8:30,路灯不亮,张三,13912345678,,,new,\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try Import.parse([folder.path, file, "--map", map]).run()
        }
        let events = try SQLiteReader(path: folder.log).page(.all, .forward, from: 0, limit: 100).map(\.event)
        let persons = try events.compactMap { try $0.sealed.map(Sealing.person(in:)) }
        #expect(persons.count == 3 && Set(persons).count == 1)
    }

    @Test("after an erasure an imported caller opens no more, and no further import brings the caller back")
    func erasure() throws {
        var ledger = Ledger(seed: 5, rows: 30)
        let node = try CentreNode()
        try ledger.imported(into: node)
        let events = try imported(node)
        let whole = ledger.planted.people[0]
        let person = try #require(try node.vault.find(PersonData.lookup(whole.phone, isID: false)).first)
        let key = try #require(try node.vault.key(of: person))
        try erase(person, at: node)
        #expect(try revealed(events[0], by: node) == nil)
        #expect(try revealed(events[1], by: node) != nil)
        for file in try node.files() {
            #expect(Needles([Data(key.bytes)]).first(in: file.bytes) == nil, "\(file.name)")
        }
        #expect(try ledger.imported(into: node).repeated == 30)
        // Every row has gone on: an update each, whose box has the numbers of its texts and no caller.
        ledger.state = "done"
        #expect(try ledger.imported(into: node).updated == 30)
        let updates = try node.events().filter { $0.type == EventType("ticket.importUpdated") }
        #expect(updates.count == 30)
        for update in updates {
            let values = try #require(try revealed(update, by: node))
            #expect(values["person"] == nil)
            #expect(try JSONReader.readObject(update.body.bytes ?? [])["person"] == nil)
        }
        for lookup in [PersonData.lookup(whole.phone, isID: false), PersonData.lookup(whole.idNumber, isID: true)] {
            #expect(try node.vault.find(lookup) == [])
        }
        #expect(try revealed(events[0], by: node) == nil)
        #expect(try Verifier.verify(path: node.folder.log, audience: node.folder.audience).problems.isEmpty)
    }
}
