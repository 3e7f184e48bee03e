import Events
import Foundation
import Intake
import Log
import Node
import Privacy
import Testing
import Tickets

@testable import gridline

/// Where nothing is sealed, a number of a person is refused before anything is written.
@Suite("No number stands open") struct NoOpenNumberTests {
    private static let phone = "13812345678"

    private func command(_ number: Int, _ wish: NodeCommand.Wish) -> NodeCommand {
        let role = if case .ticket = wish { "agent" } else { "systemAdmin" }
        return NodeCommand(
            id: CommandID(derivedFrom: "open", String(number)), wish,
            actor: Actor(account: "wang", role: role, unit: "320507"))
    }

    private func holdsPhone(_ node: CentreNode) throws -> Bool {
        let needle = Data(NoOpenNumberTests.phone.utf8)
        return try node.files().contains { $0.bytes.range(of: needle) != nil }
            || node.output.contains { $0.contains(NoOpenNumberTests.phone) }
    }

    @Test("a command with a number in a code, or as an integer, leaves no byte of it; a text is sealed as before")
    func codes() throws {
        let node = try CentreNode()
        let phone = JSON.string(NoOpenNumberTests.phone)
        let wishes: [JSONObject] = [
            ["channel": .string("phone"), "matter": .string("x"), "kind": phone],
            ["channel": .string("phone"), "matter": .string("x"), "place": .object(["area": phone])],
            ["channel": .string("phone"), "matter": .string("x"), "reporterChain": .array([phone])],
            ["channel": .string("phone"), "matter": .string("x"), "unit": phone],
        ]
        for (place, fields) in wishes.enumerated() {
            let wish = TicketCommand(.registered, fields)
            guard case .failure(let error) = try node.perform(command(place, .ticket(nil, wish))) else {
                Issue.record("taken: \(fields)")
                continue
            }
            #expect(error is OpenNumber)
        }
        #expect(try node.events().isEmpty)
        let integer = TicketCommand(
            .registered,
            [
                "channel": .string("phone"), "matter": .string("请回电 \(NoOpenNumberTests.phone)"),
                "title": .integer(13_812_345_678),
            ])
        _ = try node.perform(command(10, .ticket(nil, integer))).get()
        #expect(try node.events().contains { $0.sealed != nil })
        #expect(try !holdsPhone(node))
    }

    @Test("a refused command holds up none of the others of its turn")
    func others() throws {
        let node = try CentreNode()
        let bad = TicketCommand(
            .registered,
            ["channel": .string("phone"), "matter": .string("x"), "kind": .string(NoOpenNumberTests.phone)])
        let good = TicketCommand(.registered, ["channel": .string("phone"), "matter": .string("路灯不亮")])
        _ = try node.perform(command(1, .ticket(nil, bad)))
        _ = try node.perform(command(2, .ticket(nil, good))).get()
        #expect(try node.events().count == 1)
    }

    @Test("the reason of a node's step is refused with a number in it, over HTTP and straight into the log")
    func nodes() async throws {
        let node = try CentreNode()
        let street = try NodeID("street1")
        let hash = Digest.sha256([1]).description
        let ends = Timestamp(milliseconds: 4_000_000_000_000)
        _ = try node.perform(command(1, .node(street, .invite(secretHash: hash, expiresAt: ends)))).get()
        let reason = "打 \(NoOpenNumberTests.phone) 问过"
        guard case .failure(let error) = try node.perform(command(2, .node(street, .revoke(reason: reason)))) else {
            Issue.record("taken")
            return
        }
        #expect((error as? OpenNumber)?.field == "reason")
        let other = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: other) } catch { Issue.record(error) } }
        let folder = try NodeFolder.create(
            at: other, configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        try await folder.change(street, .invite(secretHash: hash, expiresAt: ends))
        await #expect(throws: OpenNumber.self) { try await folder.change(street, .revoke(reason: reason)) }
        #expect(try !holdsPhone(node))
        _ = try node.perform(command(3, .node(street, .revoke(reason: "停用")))).get()
    }

    @Test("rules are stored to the letter, grid codes and all; with a person's number in them they are refused")
    func rules() async throws {
        let node = try CentreNode()
        func territory(_ name: String, grid: String = "元和第三网格") -> JSONObject {
            [
                "version": .string("t1"),
                "units": .array([
                    .object(["code": .string("320507001"), "kind": .string("street"), "name": .string(name)]),
                    .object([
                        "code": .string("320507001002003"), "kind": .string("grid"), "name": .string(grid),
                        "parent": .string("320507001"),
                    ]),
                ]),
            ]
        }
        let draft = Draft(
            stream: try StreamName("territory/main"), type: EventType("territory.changed"), body: territory("元和街道"),
            occurredAt: Timestamp(milliseconds: 1_795_397_400_000))
        _ = try node.perform(command(1, .record([draft]))).get()
        #expect(try node.events().map(\.body) == [.here(JSON.object(draft.body).canonicalBytes)])
        var other = draft
        other.body = territory("元和街道 张13812345678")
        guard case .failure(let error) = try node.perform(command(2, .record([other]))) else {
            Issue.record("taken")
            return
        }
        #expect((error as? OpenNumber)?.field == "units.name")
        // A list comes in parts: a number in the last item of the last one is no better hidden.
        other.body = territory("元和街道", grid: "网格 13812345678")
        guard case .failure(let error) = try node.perform(command(3, .record([draft, other]))) else {
            Issue.record("taken")
            return
        }
        #expect((error as? OpenNumber)?.field == "units.name")
        #expect(try node.events().count == 1)
        #expect(try !holdsPhone(node))
    }

    @Test("an import says of each refused row which value of which column it was, without numbers of people")
    func rows() throws {
        let node = try CentreNode()
        let file = node.path + "/rows.csv"
        let map = node.path + "/rows.yaml"
        try Data(
            """
            source: rows
            encoding: utf-8
            id: [编号]
            created: {column: 时间, formats: ["yyyy-M-d"]}
            matter: 内容
            states:
              - state: registered
            """.utf8
        ).write(to: URL(fileURLWithPath: map))
        try Data(
            "编号,时间,内容\n1,昨天打 13812345678,x\n13812345678,2018-1-1,y\n3,2018-1-1,z\n".utf8
        ).write(to: URL(fileURLWithPath: file))
        let session = ImportSession(
            log: node.log, vault: node.vault, centre: node.folder.configuration.centre, clock: SystemClock())
        let (counts, refused) = try session.run(file: file, map: .load(map)) { _, _, _ in }
        #expect(counts.taken == 1 && counts.refused == 2)
        let listed = try #require(Import.json(of: refused).array).compactMap(\.object)
        #expect(listed.map { $0["reason"]?.string } == ["badTime", "openID"])
        #expect(listed.map { $0["row"]?.integer } == [1, 2])
        #expect(listed[0]["message"]?.string?.hasPrefix("时间 holds \"昨天打 ⟦mobile⟧\"") == true)
        #expect(listed[1]["message"]?.string?.contains("编号") == true)
        #expect(!"\(refused) \(listed)".contains(NoOpenNumberTests.phone))
        let many = (0..<500).map { RefusedRow(number: $0, reason: .unclosedQuote(offset: 1)) }
        #expect(Import.json(of: many).array?.count == 200)
    }
}
