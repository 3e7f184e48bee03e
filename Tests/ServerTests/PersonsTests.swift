import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Node
import Rules
import Testing
import Tickets

@testable import Server

/// Who may look at callers, erase them, publish rules and let nodes in, and what an answer says of a key that is not here.
@Suite("Persons and duties over HTTP") struct PersonsTests {
    /// A ticket with a box of a person, whose key the test has.
    private func sealedTicket(
        _ node: ServedNode, isConfidential: Bool = false
    ) throws -> (ticket: StreamName, person: PersonID, key: PersonKey) {
        var random = SystemRandomNumberGenerator()
        let person = PersonID(random: &random)
        let key = PersonKey(random: &random)
        var command = NodeCommand(
            id: CommandID(derivedFrom: "sealed"), ticket: nil,
            wish: TicketCommand(
                .registered,
                ["channel": "phone".json, "matter": "路灯不亮".json, "confidential": .bool(isConfidential)]),
            actor: Actor(account: "wang", role: "agent", unit: "centre"))
        command.sealed = try Sealing.seal(
            ["person": .object(["name": "王某".json])], of: person, key: key, command: command.id, random: &random)
        return (try node.submit(command).get().ticket, person, key)
    }

    private let why: JSONObject = ["reason": .string("回访")]

    @Test("only an erasure is called one: a key that is not at this node is said to be absent")
    func keys() async throws {
        let node = try ServedNode()
        let (ticket, _, key) = try sealedTicket(node)
        try await node.called { program in
            let agent = Program(client: program.client, role: "agent")
            func item(_ held: HeldKey) async throws -> JSONObject {
                node.held = held
                let answer = try await agent.post("/api/v1/tickets/\(ticket.key)/reveal", why)
                return try #require(answer.json["items"]?.array?.first?.object)
            }
            let absent = try await item(.absent)
            #expect(absent["keyAbsent"] == .bool(true) && absent["erased"] == nil && absent["values"] == nil)
            #expect(absent["hint"]?.string?.contains("street that took the call") == true)
            let erased = try await item(.erased)
            #expect(erased["erased"] == .bool(true) && erased["keyAbsent"] == nil && erased["values"] == nil)
            let here = try await item(.here(key))
            #expect(here["values"]?.object?["person"]?.object?["name"] == "王某".json)
            #expect(here["erased"] == nil && here["keyAbsent"] == nil)
        }
        let looks = try node.events().filter { $0.type == Identity.revealed }
        #expect(looks.count == 3, "each look is on record, also one that opened nothing")
    }

    @Test(
        "who called for a confidential ticket is hidden from the units that handle it, and a look that is refused is none"
    )
    func confidential() async throws {
        let node = try ServedNode()
        let (ticket, _, key) = try sealedTicket(node, isConfidential: true)
        node.held = .here(key)
        try await node.called { program in
            for role in ["clerk", "handler"] {
                let clerk = Program(client: program.client, role: role, unit: "320507001", language: "zh-CN")
                let answer = try await clerk.post("/api/v1/tickets/\(ticket.key)/reveal", why)
                #expect(answer.status == .forbidden && answer.json["code"] == "GL-6031".json)
                #expect(answer.json["title"]?.string?.hasPrefix("查看保密工单的诉求人身份应由岗位") == true)
                #expect(!answer.text.contains("王某"))
            }
            let agent = Program(client: program.client, role: "agent")
            let answer = try await agent.post("/api/v1/tickets/\(ticket.key)/reveal", why)
            #expect(answer.text.contains("王某"))
        }
        #expect(try node.events().filter { $0.type == Identity.revealed }.count == 1)
    }

    @Test("nobody looks under another's key: who did not ask first is refused, and the values stay closed")
    func anothersKey() async throws {
        let node = try ServedNode()
        let (ticket, _, key) = try sealedTicket(node)
        node.held = .here(key)
        try await node.called { program in
            let path = "/api/v1/tickets/\(ticket.key)/reveal"
            let used = UUID().uuidString
            let agent = Program(client: program.client, role: "agent")
            #expect(try await agent.post(path, why, key: used).status == .ok)
            for spy in [
                Program(client: program.client, account: "spy", role: "agent"),
                Program(client: program.client, role: "dispatcher"),
                Program(client: program.client, role: "agent", unit: "320507001"),
            ] {
                let answer = try await spy.post(path, why, key: used)
                #expect(answer.status == .unprocessableContent && answer.json["code"] == "GL-6028".json)
                #expect(!answer.text.contains("王某"))
            }
            #expect(try await agent.post(path, why, key: used).status == .ok, "his own repeat")
        }
        #expect(try node.events().filter { $0.type == Identity.revealed }.count == 1)
    }

    @Test("each duty is refused to every role that the table does not name, in both languages, and nothing is recorded")
    func duties() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let person = try sealedTicket(node).person.text.dropFirst(7)
        let before = try node.position
        let rules = try RuleBook.preset("limits-county-72h")
        let invitation: JSONObject = [
            "secretHash": .string(String(repeating: "a", count: 64)),
            "expiresAt": .integer(FixedClock.now.milliseconds + 60_000),
        ]
        var rotation = invitation
        rotation["overlap"] = .integer(1)
        var oneKey = why
        oneKey["key"] = "k".json
        let requests: [(Duty, String, JSONObject)] = [
            (.reveal, "tickets/\(ticket.key)/reveal", why), (.reveal, "persons/find", ["phone": "13912345678".json]),
            (.erase, "persons/\(person)/erase", why),
            (.erase, "persons/00000000000000000000000000000001/erase", why),
            (.publishRules, "rules/limits", ["rules": .object(rules)]),
            (.admitNodes, "nodes/street1/invite", invitation), (.admitNodes, "nodes/street1/revoke", why),
            (.admitNodes, "nodes/street1/rotate", rotation),
            (.admitNodes, "nodes/street1/revoke", oneKey),
        ]
        try await node.called { program in
            for (duty, path, body) in requests {
                let others = TicketRole.allCases.filter { !duty.who.people.contains($0) }.map(\.rawValue)
                for role in others + ["operator", ""] {
                    let answer = try await Program(client: program.client, role: role).post("/api/v1/\(path)", body)
                    #expect(answer.status == .forbidden, "\(path) as \(role)")
                    #expect(answer.json["code"] == "GL-6031".json, "\(path) as \(role)")
                }
            }
            let erase = "/api/v1/persons/\(person)/erase"
            let chinese = try await Program(client: program.client, role: "gridWorker", language: "zh-CN").post(
                erase, why)
            #expect(chinese.json["title"]?.string == "销毁身份信息应由岗位 安全管理员 办理，当前岗位为 网格员")
            #expect(try node.position == before)
            let admin = Program(client: program.client, role: "securityAdmin")
            #expect(try await admin.post(erase, why).status == .created)
        }
    }

    @Test("a person is found by one number: null is as if it were not there, and of two neither is passed over")
    func oneNumber() async throws {
        let node = try ServedNode()
        try await node.called { program in
            func find(_ members: JSONObject, language: String? = nil) async throws -> TestResponse {
                let agent = Program(client: program.client, role: "agent", language: language)
                return try await agent.post("/api/v1/persons/find", members)
            }
            let (phone, id) = ("13912345678".json, "11010519491231002X".json)
            for members in [
                ["phone": phone], ["idNumber": id], ["phone": phone, "idNumber": .null],
                ["phone": .null, "idNumber": id],
            ] as [JSONObject] {
                #expect(try await find(members).status == .ok, "\(members)")
            }
            let (byPhone, byID) = ("phone:13912345678", "id:11010519491231002X")
            #expect(node.lookedUp == [byPhone, byID, byPhone, byID])
            let both = try await find(["phone": phone, "idNumber": id])
            #expect(both.status == .badRequest && both.json["code"] == "GL-6020".json)
            #expect(both.json["title"] == "the body has phone, idNumber, of which one is taken".json)
            let chinese = try await find(["phone": phone, "idNumber": id], language: "zh-CN")
            #expect(chinese.json["title"] == "正文中的 phone、idNumber 只能给出一项".json)
            for members in [[:], ["phone": .null, "idNumber": .null]] as [JSONObject] {
                let none = try await find(members)
                #expect(none.status == .badRequest && none.json["title"] == "the body has no phone".json)
            }
        }
    }

    @Test("rules and nodes change only as they were seen by whoever says so; another's change in between is a conflict")
    func seenVersions() async throws {
        let node = try ServedNode()
        try await node.called { program in
            var rules = try RuleBook.preset("limits-county-72h")
            func publish(_ version: String, ifMatch seen: String?, key: String = UUID().uuidString) async throws
                -> TestResponse
            {
                rules["version"] = version.json
                return try await program.post(
                    "/api/v1/rules/limits", ["rules": .object(rules)], key: key, ifMatch: seen)
            }
            let seen = try #require(try await publish("test/1", ifMatch: nil).headers[.eTag])
            let key = UUID().uuidString
            #expect(try await publish("test/2", ifMatch: seen, key: key).status == .created)
            var before = try node.position
            let late = try await publish("test/3", ifMatch: seen)
            #expect(late.status == .conflict && late.json["code"] == "GL-2001".json)
            #expect(try node.position == before)
            #expect(try await publish("test/2", ifMatch: seen, key: key).status == .ok, "a repeat")
            #expect(try await publish("test/3", ifMatch: "*").status == .created)

            let invitation: JSONObject = [
                "secretHash": .string(String(repeating: "a", count: 64)),
                "expiresAt": .integer(FixedClock.now.milliseconds + 60_000),
            ]
            let invited = try await program.post("/api/v1/nodes/street1/invite", invitation, ifMatch: "\"0\"")
            #expect(invited.status == .created)
            let revoke = "/api/v1/nodes/street1/revoke"
            before = try node.position
            let unseen = try await program.post(revoke, why, ifMatch: "\"0\"")
            #expect(unseen.status == .conflict && unseen.json["code"] == "GL-2001".json)
            #expect(try node.position == before)
            let state = invited.headers[.eTag]
            #expect(try await program.post(revoke, why, ifMatch: state).status == .created)
        }
    }

    @Test("a ticket is opened, and a person erased, only as they were seen by whoever says so")
    func seenPersons() async throws {
        let node = try ServedNode()
        let (ticket, person, key) = try sealedTicket(node)
        node.held = .here(key)
        let before = try node.position
        try await node.called { program in
            let admin = Program(client: program.client, role: "securityAdmin")
            let reveal = "/api/v1/tickets/\(ticket.key)/reveal"
            let erase = "/api/v1/persons/\(person.text.dropFirst(7))/erase"
            for (path, seen) in [(reveal, "\"2\""), (erase, "\"1\"")] {
                let answer = try await admin.post(path, why, ifMatch: seen)
                #expect(answer.status == .conflict && answer.json["code"] == "GL-2001".json, "\(path)")
            }
            #expect(try node.position == before)
            let seen = try await admin.get("/api/v1/tickets/\(ticket.key)").headers[.eTag]
            #expect(try await admin.post(reveal, why, ifMatch: seen).status == .ok)
            #expect(try await admin.post(erase, why, ifMatch: "\"0\"").status == .created)
        }
    }

    @Test("only who is known is erased: by a key that is or was in the vault, or by a box anywhere in the log")
    func knownPersons() async throws {
        let node = try ServedNode()
        // The box stands behind the first page that is looked at.
        let stream = try StreamName("note/1")
        let drafts = (0..<1_000).map { _ in
            Draft(stream: stream, type: EventType("note.made"), body: [:], occurredAt: FixedClock.now)
        }
        _ = try node.submit(
            NodeCommand(
                id: CommandID(derivedFrom: "notes"), .record(drafts),
                actor: Actor(account: "li", role: "agent", unit: "centre"))
        ).get()
        let (_, person, key) = try sealedTicket(node)
        let stranger = try PersonID("person/00000000000000000000000000000001")
        try await node.called { program in
            let admin = Program(client: program.client, role: "securityAdmin")
            func erase(_ person: PersonID) async throws -> TestResponse {
                try await admin.post("/api/v1/persons/\(person.text.dropFirst(7))/erase", why)
            }
            let before = try node.position
            let unknown = try await erase(stranger)
            #expect(unknown.status == .notFound && unknown.json["code"] == "GL-6032".json)
            #expect(try node.position == before)
            #expect(try await erase(person).status == .created, "its key is at the street that took the call")
            for held in [.here(key), .erased] as [HeldKey] {
                node.held = held
                #expect(try await erase(stranger).status == .created, "\(held)")
            }
        }
    }

    @Test("a version of rules stands for one content: another under its name is a conflict")
    func versions() async throws {
        let node = try ServedNode()
        try await node.called { program in
            var rules = try RuleBook.preset("limits-county-72h")
            let path = "/api/v1/rules/limits"
            #expect(try await program.post(path, ["rules": .object(rules)]).status == .created, "as it ships")
            rules["closing"] = .object(["amount": .integer(9), "unit": "naturalDays".json])
            let shipped = try await program.post(path, ["rules": .object(rules)])
            #expect(shipped.status == .conflict && shipped.json["code"] == "GL-3006".json)
            rules["version"] = "test/1".json
            #expect(try await program.post(path, ["rules": .object(rules)]).status == .created)
            let before = try node.position
            var other = rules
            other["closing"] = .object(["amount": .integer(8), "unit": "naturalDays".json])
            let answer = try await program.post(path, ["rules": .object(other)])
            #expect(answer.status == .conflict && answer.json["code"] == "GL-3006".json)
            #expect(try node.position == before)
            #expect(try await program.post(path, ["rules": .object(rules)]).status == .created, "in force again")
        }
    }

    @Test("who has destroyed the key of somebody who was erased is counted from the log")
    func erasure() async throws {
        let node = try ServedNode()
        let (_, person, key) = try sealedTicket(node)
        node.held = .here(key)
        try await node.called { program in
            let path = "/api/v1/persons/\(person.text.dropFirst(7))/erasure"
            let early = try await program.get(path)
            #expect(early.status == .notFound && early.json["code"] == "GL-6036".json)
            let admin = Program(client: program.client, role: "securityAdmin")
            #expect(try await admin.post(path.replacing("erasure", with: "erase"), why).status == .created)
            let state = try await program.get(path).json
            #expect(state["person"] == person.text.json && state["erasedAt"]?.integer != nil)
            #expect(state["confirmed"] == .array([]), "this node's key is not destroyed: its loop does that")
            #expect(state["waiting"] == .array([.string("centre")]) && state["revoked"] == .array([]))
        }
    }
}
