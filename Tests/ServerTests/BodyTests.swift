import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Tickets

@testable import Server

@Suite("The body of a request") struct BodyTests {
    private static let registration = JSON.object(["channel": "phone".json, "matter": "路灯不亮".json])

    @Test(
        "a member that nobody reads, or of another type, is refused by its name, and nothing is recorded",
        arguments: [
            (["occuredAt": .integer(1)], "occuredAt"), (["perso": .object([:])], "perso"),
            (["occurredAt": .string("2026-11-23")], "occurredAt"), (["occurredAt": .bool(true)], "occurredAt"),
            (["body": .string("x")], "body"), (["body": .array([])], "body"), (["person": .string("王")], "person"),
            (["reason": .string("x")], "reason"),
        ] as [(JSONObject, String)])
    func strange(members: JSONObject, name: String) async throws {
        let node = try ServedNode()
        let before = try node.position
        try await node.called { program in
            var body: JSONObject = ["body": BodyTests.registration]
            for member in members.members { body[member.key] = member.value }
            let agent = Program(client: program.client, role: "agent")
            let answer = try await agent.post("/api/v1/tickets", body)
            #expect(answer.status == .badRequest)
            #expect(answer.json["title"]?.string?.contains("\"\(name)\"") == true)
        }
        #expect(try node.position == before)
    }

    @Test("null is as if it were not there")
    func nulls() async throws {
        try await ServedNode().called { program in
            let agent = Program(client: program.client, role: "agent")
            let answer = try await agent.post(
                "/api/v1/tickets", ["body": BodyTests.registration, "occurredAt": .null, "person": .null])
            #expect(answer.status == .created)
        }
    }

    @Test("the other requests know their members, too, and so does the actor")
    func others() async throws {
        try await ServedNode().called { program in
            for (path, body, name) in [
                ("nodes/street1/revoke", ["reason": .string("x"), "force": .bool(true)], "force"),
                ("nodes/street1/revoke", ["reason": .integer(5)], "reason"),
                ("nodes/street1/invite", ["secretHash": .string("x"), "expiresAt": .string("soon")], "expiresAt"),
                ("rules/limits", ["rules": .string("x")], "rules"), ("rules/limits", ["rule": .object([:])], "rule"),
                ("persons/find", ["name": .string("王")], "name"), ("persons/find", ["phone": .integer(5)], "phone"),
            ] as [(String, JSONObject, String)] {
                let answer = try await program.post("/api/v1/\(path)", body)
                #expect(answer.status == .badRequest, "\(path)")
                #expect(answer.json["title"]?.string?.contains("\"\(name)\"") == true, "\(path) \(name)")
            }
            let answer = try await raw(
                program, #"{"actor":{"account":"li","role":"agent","unit":"1","untis":"2"},"body":{}}"#)
            #expect(answer.status == .badRequest && answer.json["title"]?.string?.contains("actor.untis") == true)
        }
    }

    private func raw(_ program: Program, _ text: String) async throws -> TestResponse {
        var fields: HTTPFields = [.authorization: "Bearer \(ServedNode.token)"]
        fields[try #require(HTTPField.Name("Idempotency-Key"))] = UUID().uuidString
        return try await program.client.execute(
            uri: "/api/v1/tickets", method: .post, headers: fields, body: ByteBuffer(string: text))
    }

    @Test("an empty body and one that is no JSON say what to send")
    func empty() async throws {
        try await ServedNode().called { program in
            for (text, title) in [("", "the request has no body"), ("{", "the body is no JSON object")] {
                let answer = try await raw(program, text)
                #expect(answer.status == .badRequest)
                #expect(answer.json["title"]?.string?.hasPrefix(title) == true)
                #expect(answer.json["detail"]?.string?.hasPrefix("send {\"actor\"") == true)
            }
        }
    }

    @Test("an actor with a number of a person is refused, and no answer repeats a number that was sent")
    func numbers() async throws {
        let node = try ServedNode()
        let before = try node.position
        let phone = "13812345678"
        try await node.called { program in
            for (name, value) in [
                ("account", phone), ("account", "LI\(phone)"), ("role", phone), ("unit", "\(phone)A"),
            ] {
                var actor: JSONObject = ["account": "li".json, "role": "agent".json, "unit": "320507".json]
                actor[name] = value.json
                let body = JSON.object(["actor": .object(actor), "body": BodyTests.registration]).canonicalText
                let answer = try await raw(program, body)
                #expect(answer.status == .unprocessableContent && answer.json["code"] == .string("GL-1014"))
                #expect(answer.json["title"]?.string == "actor.\(name) holds a phone or identity number")
                #expect(!answer.text.contains(phone))
            }
            let twice = #"{"13812345678":1,"13812345678":2}"#
            for answer in [
                try await raw(program, twice), try await program.get("/api/v1/tickets?limit=\(phone)"),
                try await program.get("/api/v1/tickets/\(phone)"),
                try await program.post("/api/v1/tickets", [phone: .string("x")]),
            ] {
                #expect(answer.status.code >= 400 && !answer.text.contains(phone))
            }
        }
        #expect(try node.position == before)
    }

    @Test(
        "a live stream from beyond the log's end is told so, as after a restore, and a parameter it does not have too")
    func beyond() async throws {
        let node = try ServedNode()
        _ = try node.dispatched()
        let head = try node.position
        try await node.called { program in
            var fields: HTTPFields = [.authorization: "Bearer \(ServedNode.token)"]
            fields[try #require(HTTPField.Name("Last-Event-ID"))] = String(head + 1)
            let answer = try await program.client.execute(uri: "/api/v1/stream", method: .get, headers: fields)
            #expect(answer.status == .conflict && answer.json["code"] == .string("GL-6029"))
            #expect(answer.json["position"] == .integer(head))
            #expect(try await program.get("/api/v1/stream?after=\(head + 1)").status == .conflict)
            #expect(try await program.get("/api/v1/stream?from=1").status == .badRequest)
        }
    }
}
