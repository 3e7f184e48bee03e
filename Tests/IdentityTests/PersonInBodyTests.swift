import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Log
import Node
import Privacy
import Testing
import Tickets

@testable import Runtime
@testable import Server
@testable import gridline

/// Whose an event is, only who seals says: a body is stored in the open, and a name in its `person` would stay there.
@Suite("No person in a body") struct PersonInBodyTests {
    private static let name = "王五"
    private static let filing: JSONObject = ["channel": .string("hotline"), "matter": .string("路灯不亮")]
    /// A name with its address, an id as the node writes them, and what is no text.
    private static let given: [JSON] = [
        .string("\(name) 虎丘区某路3号"), .string("person/0123456789abcdef0123456789abcdef"), .string(""),
        .object(["name": .string(name)]), .array([.string(name)]), .integer(7),
    ]

    private func command(_ number: Int, _ kind: TicketEventKind, on ticket: StreamName? = nil, _ fields: JSONObject)
        -> NodeCommand
    {
        NodeCommand(
            id: CommandID(derivedFrom: "body", String(number)), ticket: ticket, wish: TicketCommand(kind, fields),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
    }

    @Test("over HTTP a step that names a person in its fields is refused, whatever it says, and leaves no byte of it")
    func overHTTP() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let node = try ServingNode(at: path)
        let token = try node.folder.token()
        try await Application(router: API.router(node.ports)).test(.live) { client in
            let visitor = Visitor(client, token: token)
            let made = try await visitor.post("/api/v1/tickets", ["body": .object(PersonInBodyTests.filing)])
            let ticket = try #require(made["ticket"]?.string).replacing("ticket/", with: "")
            for person in PersonInBodyTests.given {
                var body = PersonInBodyTests.filing
                body["person"] = person
                let note: JSONObject = ["text": .string("催办"), "person": person]
                for answer in [
                    try await visitor.post("/api/v1/tickets", ["body": .object(body)]),
                    try await visitor.post(
                        "/api/v1/tickets",
                        ["body": .object(body), "person": .object(["phone": .string("13812345678")])]),
                    try await visitor.post("/api/v1/tickets/\(ticket)/urged", ["body": .object(note)]),
                    try await visitor.post("/api/v1/tickets/\(ticket)/callerSupplemented", ["body": .object(note)]),
                ] {
                    #expect(answer["code"] == .string("GL-1015") && answer["status"] == .integer(422), "\(person)")
                    #expect(answer["detail"]?.string?.contains("beside body") == true)
                }
            }
            // Beside the body it is sealed, and the node writes whose it is.
            let block: JSON = .object(["name": .string(PersonInBodyTests.name), "phone": .string("13812345678")])
            var null = PersonInBodyTests.filing
            null["person"] = .null
            let called = try await visitor.post("/api/v1/tickets", ["body": .object(null), "person": block])
            #expect(called["recorded"] == .bool(true))
            try await visitor.post(
                "/api/v1/tickets/\(ticket)/callerSupplemented",
                ["body": .object(["text": .string("在三号楼")]), "person": block])
        }
        try node.stop()
        let log = try SQLiteReader(path: node.folder.log)
        let events = try log.page(.all, .forward, from: 0, limit: 100).map(\.event)
        let persons = try events.compactMap { try JSONReader.readObject($0.body.bytes ?? [])["person"]?.string }
        #expect(events.count == 3 && persons.count == 2 && Set(persons).count == 1)
        #expect(persons.allSatisfy { (try? PersonID($0)) != nil })
        let needle = Data(PersonInBodyTests.name.utf8)
        for file in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let bytes = FileManager.default.contents(atPath: path + "/" + file)
            #expect(bytes?.range(of: needle) == nil, "\(file)")
        }
    }

    @Test("refused so, a command holds up none of the others of its turn, and makes no key")
    func others() throws {
        let node = try CentreNode()
        var named = PersonInBodyTests.filing
        named["person"] = .string(PersonInBodyTests.name)
        let answer = try node.perform(
            command(1, .registered, named), person: try PersonData(["phone": .string("13812345678")]))
        guard case .failure(let error) = answer else {
            Issue.record("taken")
            return
        }
        #expect(error as? PersonProblem == .inBody)
        #expect(try node.vault.find(PersonData.lookup("13812345678", isID: false)) == [])
        _ = try node.perform(command(2, .registered, PersonInBodyTests.filing)).get()
        #expect(try node.events().count == 1)
    }

    @Test("what is in the log already stays: it is folded as it is, and its command is answered as a repeat")
    func history() throws {
        let node = try CentreNode()
        let ticket = try StreamName("ticket/\(CommandID(derivedFrom: "body", "1"))")
        var named = PersonInBodyTests.filing
        named["person"] = .string(PersonInBodyTests.name)
        let old = command(1, .registered, named)
        _ = try node.log.write { transaction in
            try transaction.append(
                AppendRequest(
                    command: old.id, actor: old.actor, now: SystemClock().now(),
                    drafts: [TicketDraft(.registered, named, occurredAt: SystemClock().now()).draft(in: ticket)]))
        }
        try node.restart()
        #expect(try node.perform(old).get().isRepeat)
        _ = try node.perform(command(2, .urged, on: ticket, ["text": .string("催办")])).get()
        let fold = try NodeCore.read(ticket, centre: NodeID("centre"), node.log.reader)
        #expect(fold.state.reporter == PersonInBodyTests.name && fold.state.urges == 1)
        #expect(try node.events().count == 2)
        // Another command under its key is refused by the key, and stores nothing either.
        guard
            case .failure = try node.perform(
                command(1, .urged, on: ticket, ["text": .string("x"), "person": .string("y")]))
        else {
            Issue.record("taken")
            return
        }
        #expect(try node.events().count == 2)
    }
}
