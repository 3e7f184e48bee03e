import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Node
import Testing
import Tickets

@testable import Server

@Suite("Many commands in one request") struct BatchTests {
    private static func actor(_ role: String) -> JSON {
        .object(["account": "li".json, "role": role.json, "unit": "centre".json])
    }

    private static func registration(_ key: String) -> JSONObject {
        [
            "actor": actor("agent"), "body": .object(["channel": "phone".json, "matter": "路灯不亮".json]),
            "key": key.json,
        ]
    }

    private static func urge(_ ticket: String, _ more: JSONObject = [:]) -> JSON {
        var command: JSONObject = [
            "actor": actor("agent"), "body": .object(["text": "催办".json]), "key": UUID().uuidString.json,
            "step": "urged".json, "ticket": ticket.json,
        ]
        for member in more.members { command[member.key] = member.value.isNull ? nil : member.value }
        return .object(command)
    }

    private func send(_ body: JSON, _ program: Program, token: String = ServedNode.token) async throws -> TestResponse {
        try await program.client.execute(
            uri: "/api/v1/commands", method: .post, headers: [.authorization: "Bearer \(token)"],
            body: ByteBuffer(bytes: body.canonicalBytes))
    }

    private func answers(_ commands: [JSON], _ program: Program) async throws -> [JSONObject] {
        let answer = try await send(.object(["commands": .array(commands)]), program)
        #expect(answer.status == .ok)
        return answer.json["answers"]?.array?.compactMap(\.object) ?? []
    }

    @Test("each is answered as it would be alone, in its place; one that is refused takes no other with it")
    func each() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let before = try node.events().count
        try await node.called { program in
            let key = UUID().uuidString
            let commands: [JSON] = [
                .object(BatchTests.registration(key)),
                BatchTests.urge(ticket.text),
                BatchTests.urge(ticket.text, ["step": "flown".json]),
                BatchTests.urge(ticket.text, ["actor": BatchTests.actor("gridWorker"), "step": "closed".json]),
                BatchTests.urge(ticket.text, ["version": .integer(1)]),
                .object(BatchTests.registration(key)),
                "a text".json,
                BatchTests.urge(String(ticket.key), ["key": key.json]),
                BatchTests.urge("none"),
                BatchTests.urge(ticket.text, ["actor": .null]),
                BatchTests.urge(ticket.text, ["key": .null]),
                BatchTests.urge(ticket.text, ["key": "one".json]),
                BatchTests.urge(ticket.text, ["version": .integer(-1)]),
                BatchTests.urge(ticket.text, ["ticket": .null]),
                BatchTests.urge(ticket.text, ["step": .null]),
                BatchTests.urge(ticket.text, ["step": "registered".json]),
                BatchTests.urge(ticket.text, ["haste": .bool(true)]),
                BatchTests.urge(String(ticket.key)),
            ]
            let answers = try await answers(commands, program)
            let expected: [Int64] = [
                201, 201, 404, 403, 409, 200, 400, 422, 404, 400, 400, 400, 400, 400, 400, 404, 400, 201,
            ]
            #expect(answers.map { $0["status"]?.integer } == expected)
            #expect(answers[0]["ticket"]?.string == "ticket/\(key.lowercased())")
            #expect(answers[0]["number"]?.string?.count == 14)
            #expect(answers[5]["repeat"] == .bool(true) && answers[5]["number"] == answers[0]["number"])
            #expect(answers[1]["ticket"]?.string == ticket.text && answers[1]["ticketState"] == nil)
            #expect(answers[17]["position"]?.integer == (answers[1]["position"]?.integer ?? 0) + 1)
            for (place, answer) in answers.enumerated() where expected[place] > 299 {
                let members = Set(answer.members.map(\.key))
                #expect(members == ["code", "detail", "instance", "status", "title", "type"])
                #expect(answer["instance"]?.string == "/api/v1/commands#/commands/\(place)")
            }
        }
        #expect(try node.events().count == before + 3)
    }

    @Test("a repeat of the whole request records nothing, and says where each stands")
    func again() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.called { program in
            let commands = [
                .object(BatchTests.registration(UUID().uuidString)), BatchTests.urge(ticket.text),
                BatchTests.urge(ticket.text, ["body": .object(["text": "再催".json])]),
            ]
            let first = try await answers(commands, program)
            let position = try node.position
            let second = try await answers(commands, program)
            #expect(second.map { $0["status"]?.integer } == [200, 200, 200])
            #expect(second.map { $0["repeat"] } == [.bool(true), .bool(true), .bool(true)])
            #expect(second.map { $0["ticket"] } == first.map { $0["ticket"] })
            #expect(second.map { $0["position"] } == first.map { $0["position"] })
            #expect(try node.position == position)
        }
    }

    @Test("a later command finds what an earlier one of the same request did")
    func order() async throws {
        let node = try ServedNode()
        try await node.called { program in
            let key = UUID().uuidString
            let commands: [JSON] = [
                .object(BatchTests.registration(key)), BatchTests.urge("ticket/\(key)"),
                BatchTests.urge(key, ["body": .object(["text": "再催".json]), "version": .integer(2)]),
            ]
            let answers = try await answers(commands, program)
            #expect(answers.map { $0["status"]?.integer } == [201, 201, 201])
        }
    }

    @Test("what is no list of 1 to 500 commands is refused as a whole, and so is who has no token; nothing is kept")
    func whole() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let before = try node.position
        try await node.called { program in
            let one = BatchTests.urge(ticket.text)
            let many = [JSON](repeating: one, count: Batch.limit + 1)
            let text = String(repeating: "长", count: Batch.bodyLimit / 3)
            let long = BatchTests.urge(ticket.text, ["body": .string(text)])
            let cases: [(JSON, HTTPResponse.Status, String)] = [
                (.object([:]), .badRequest, "GL-6020"), (.object(["commands": one]), .badRequest, "GL-6020"),
                (.object(["commands": .array([])]), .badRequest, "GL-6020"),
                (.object(["commands": .array(many)]), .badRequest, "GL-6020"),
                (.object(["commands": .array([one]), "actor": .null]), .badRequest, "GL-6020"),
                (.array([one]), .badRequest, "GL-6020"),
                (.object(["commands": .array([long])]), .contentTooLarge, "GL-6024"),
            ]
            for (body, status, code) in cases {
                let answer = try await send(body, program)
                #expect(answer.status == status)
                #expect(answer.json["code"]?.string == code)
            }
            let stranger = try await send(.object(["commands": .array([one])]), program, token: "guess")
            #expect(stranger.status == .unauthorized)
        }
        #expect(try node.position == before)
    }

    @Test("tickets named by numbers that the views do not hold yet are waited for once; then nothing is recorded")
    func numbers() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let number = try #require(try node.fold(ticket)?.state.number)
        node.holdsViews = true
        let late = try node.perform(.registered, ["channel": "phone".json, "matter": "路灯不亮".json])
        let unknown = try #require(try node.fold(late)?.state.number)
        let before = try node.position
        node.patience = .milliseconds(1)
        try await node.called { program in
            let commands = [BatchTests.urge(number), BatchTests.urge(unknown)]
            let answer = try await send(.object(["commands": .array(commands)]), program)
            #expect(answer.status == .serviceUnavailable && answer.json["code"]?.string == "GL-6027")
            #expect(try node.position == before)
            try node.catchUp()
            let answers = try await answers(commands, program)
            #expect(answers.map { $0["ticket"]?.string } == [ticket.text, late.text])
        }
    }
}
