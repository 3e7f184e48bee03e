import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Node
import Rules
import Testing
import Tickets
import Yams

@testable import Server

@Suite("The API") struct APITests {
    private func served(_ body: @escaping @Sendable (ServedNode, Program) async throws -> Void) async throws {
        let node = try ServedNode()
        try await Application(router: node.router).test(.router) { try await body(node, Program(client: $0)) }
    }

    @Test(
        "problems and alarms come in the language that is asked for, English when none is; codes never change",
        arguments: [
            (nil, "en"), ("en", "en"), ("de", "en"), ("zh", "zh-CN"), ("zh-CN,en;q=0.5", "zh-CN"),
        ] as [(String?, String)])
    func language(asked: String?, given: String) async throws {
        try await served { _, program in
            let reader = Program(client: program.client, language: asked)
            let answer = try await reader.get("/api/v1/tickets?limit=many")
            #expect(answer.status == .badRequest && answer.json["code"] == .string("GL-6020"))
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.headers[.contentLanguage] == given)
            let isChinese = given == "zh-CN"
            #expect(answer.json["title"]?.string == (isChinese ? "参数 limit 的值为“many”" : "parameter limit is \"many\""))
            #expect(
                answer.json["detail"]?.string
                    == (isChinese
                        ? "请改用可用的值；可用的值见 /openapi.yaml" : "choose one of its values; /openapi.yaml lists them"))
            let status = try await reader.get("/api/v1/status")
            #expect(status.headers[.contentLanguage] == given)
            let alarm = isChinese ? "视图停止更新：disk full" : "views stand still: disk full"
            #expect(status.json["alarms"]?.array == [.string(alarm)])
        }
    }

    @Test("without the token nothing of the API answers, reads included; health, metrics and the document do")
    func token() async throws {
        try await served { node, program in
            let ticket = try node.dispatched()
            for stranger in [nil, "guess"] {
                let visitor = Program(client: program.client, token: stranger)
                for path in [
                    "/api/v1/status", "/api/v1/tickets", "/api/v1/tickets/\(ticket.key)", "/api/v1/stream",
                ] {
                    let answer = try await visitor.get(path)
                    #expect(answer.status == .unauthorized, "\(path)")
                    #expect(answer.json["code"] == .string("GL-6022"))
                }
                #expect(try await visitor.post("/api/v1/tickets", [:]).status == .unauthorized)
                for path in ["/healthz", "/readyz", "/metrics", "/openapi.yaml"] {
                    #expect(try await visitor.get(path).status == .ok, "\(path)")
                }
            }
        }
    }

    @Test("what is wrong comes as problem+json with all its members, whatever it is")
    func problems() async throws {
        try await served { _, program in
            let cases: [(TestResponse, HTTPResponse.Status)] = [
                (try await program.get("/api/v1/tickets?limit=0"), .badRequest),
                (try await program.get("/api/v1/tickets?status=lost"), .badRequest),
                (try await program.get("/api/v1/tickets/none"), .notFound),
                (try await program.get("/api/v1/tickets/x?at=yesterday"), .badRequest),
                (try await program.get("/api/v1/nothing"), .notFound),
                (try await program.post("/api/v1/tickets", [:], key: "no uuid"), .badRequest),
                (try await program.post("/api/v1/tickets/x/fly", [:]), .notFound),
                (try await program.post("/api/v1/rules/weather", ["rules": .object([:])]), .unprocessableContent),
                (try await program.post("/api/v1/nodes/street9/revoke", ["reason": "x".json]), .notFound),
                (
                    try await program.post(
                        "/api/v1/tickets", ["body": .object(["matter": .string(String(repeating: "长", count: 60_000))])]
                    ),
                    .contentTooLarge
                ),
            ]
            for (answer, status) in cases {
                #expect(answer.status == status)
                #expect(answer.headers[.contentType] == "application/problem+json")
                let members = Set(answer.json.members.map(\.key))
                #expect(members == ["code", "detail", "instance", "status", "title", "type"])
            }
            #expect(cases.last?.0.json["code"]?.string == "GL-6024", "a body that is too long is named as such")
        }
    }

    @Test("nobody chooses a ticket's key: registering at a path is refused, whatever the path says")
    func keys() async throws {
        try await served { node, program in
            let before = try node.events().count
            let body: JSONObject = ["body": .object(["channel": "phone".json, "matter": "路灯不亮".json])]
            for key in ["13812345678", "x", UUID().uuidString] {
                let answer = try await program.post("/api/v1/tickets/\(key)/registered", body)
                #expect(answer.status == .notFound && answer.json["code"]?.string == "GL-6020")
                #expect(answer.json["detail"]?.string?.contains("POST /api/v1/tickets") == true)
            }
            #expect(try node.events().count == before)
        }
    }

    @Test("a UUID means one ticket in either case: shown, worked on and merged into")
    func cases() async throws {
        try await served { node, program in
            var agent = program
            agent.role = "agent"
            let key = UUID().uuidString
            let opened = try await agent.post(
                "/api/v1/tickets", ["body": .object(["channel": "phone".json, "matter": "路灯不亮".json])], key: key)
            let name = try #require(opened.json["ticket"]?.string)
            #expect(name == "ticket/\(key.lowercased())")
            #expect(try await agent.get("/api/v1/tickets/\(key)").json["ticket"]?.string == name)
            let urged = try await agent.post(
                "/api/v1/tickets/\(key)/urged", ["body": .object(["text": "催办".json])])
            #expect(urged.json["ticket"]?.string == name)
            #expect(try node.events().allSatisfy { $0.stream.text == name })
            // The ticket itself, in the other case: no ticket that is not there.
            agent.role = "dispatcher"
            let merged = try await agent.post(
                "/api/v1/tickets/\(key)/mergedInto",
                ["body": .object(["into": "ticket/\(key)".json, "reason": "重复".json])])
            #expect(merged.json["title"]?.string?.contains("no such ticket") == false)
            #expect(try StreamName(asked: "ticket/\(key)").text == name)
            #expect(try StreamName(asked: "link/Street1").text == "link/Street1")
            #expect(try StreamName(ticketKey: "Restored").text == "ticket/Restored")
        }
    }

    @Test("a ticket is shown as of an instant, and as it was known at one")
    func asItWas() async throws {
        try await served { node, program in
            let ticket = try node.dispatched()
            let path = "/api/v1/tickets/\(ticket.key)"
            let now = try await program.get(path).json
            let same = try await program.get("\(path)?at=2026-11-23T10:00:00%2B08:00").json
            #expect(same == now)
            #expect(try await program.get("\(path)?at=2026-11-23T09:00:00%2B08:00").status == .notFound)
            #expect(try await program.get("\(path)?knownAt=2026-11-22").status == .notFound)
            #expect(try await program.get("\(path)?knownAt=2026-11-24").json == now)
            #expect(try await program.get("\(path)?knownAt=2026-11-24&at=2026-11-24").status == .badRequest)
        }
    }

    @Test("tickets with one number show -2 at the later, in lists and on their own; what the overlays say is there")
    func shownNumbers() async throws {
        try await served { node, program in
            let ticket = try node.dispatched()
            let first = try await program.get("/api/v1/tickets/\(ticket.key)").json
            let number = try #require(first["number"]?.string)
            let other = try StreamName("ticket/restored")
            let twin: JSONObject = [
                "channel": "phone".json, "matter": "路灯不亮".json, "number": number.json, "owner": "street".json,
                "ownerNode": "street1".json, "regime": "12315".json,
            ]
            _ = try node.hear(.registered, twin, from: "street1", on: other)
            let shown = try await program.get("/api/v1/tickets/restored").json
            let plain = try await program.get("/api/v1/tickets/\(ticket.key)").json["number"]?.string
            #expect(Set([plain, shown["number"]?.string]) == [number, "\(number)-2"])
            #expect(shown["regime"]?.string == "12315")
            #expect(shown["history"]?.array?.first?.object?["body"]?.object?["matter"]?.string == "路灯不亮")
            for text in [number, "\(number)-2"] {
                let items = try await program.get("/api/v1/tickets?text=\(text)").json["items"]?.array ?? []
                #expect(items.count == (text == number ? 2 : 1))
                #expect(items.contains { $0.object?["number"]?.string == "\(number)-2" })
            }
        }
    }

    @Test("published rules decide the next ticket, and leave the one before as it was decided")
    func rules() async throws {
        try await served { node, program in
            let before = try node.dispatched()
            let due = try #require(try node.fold(before)?.state.due)
            var rules = try RuleBook.preset("limits-county-72h")
            rules["version"] = .string("county-test")
            #expect(try await program.post("/api/v1/rules/limits", ["rules": .object(rules)]).status == .created)
            let after = try node.dispatched()
            #expect(try node.fold(before)?.state.due == due)
            #expect(try #require(try node.fold(after)?.state.due) != due)
            rules["closing"] = .string("soon")
            let position = try node.position
            let answer = try await program.post("/api/v1/rules/limits", ["rules": .object(rules)])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.json["title"]?.string?.contains("closing") == true)
            #expect(try node.position == position)
        }
    }

    @Test("the document names every route, and no other; it is OpenAPI 3.1 and all it refers to is there")
    func document() async throws {
        try await served { node, program in
            let text = try await program.get("/openapi.yaml").text
            let document = try #require(try Yams.load(yaml: text) as? [String: Any])
            #expect((document["openapi"] as? String)?.hasPrefix("3.1") == true)
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            var documented: Set<String> = []
            for (path, item) in paths {
                for method in item.keys where method != "parameters" {
                    documented.insert("\(method.uppercased()) \(APITests.shape(path))")
                }
            }
            // Pages are for people.
            let served = API.routes(node.ports).routes.map { "\($0.method.rawValue) \(APITests.shape("\($0.path)"))" }
                .filter { route in
                    route.contains("/api/")
                        || ["healthz", "readyz", "metrics", "openapi"].contains { route.contains($0) }
                }
            #expect(Set(served) == documented)
            for (path, names) in [
                ("/api/v1/tickets", ListQuery.names), ("/api/v1/tickets/{key}", Reads.showNames),
                ("/api/v1/counts", CountsQuery.names), ("/api/v1/conflicts", Reads.conflictNames),
            ] {
                let get = try #require(paths[path]?["get"] as? [String: Any])
                let parameters = (get["parameters"] as? [[String: Any]] ?? []).compactMap { parameter in
                    parameter["name"] as? String
                        ?? (parameter["$ref"] as? String).map { String($0.split(separator: "/").last ?? "") }
                }
                #expect(parameters.sorted() == names.sorted(), "\(path)")
            }
            let components = try #require(document["components"] as? [String: [String: Any]])
            for match in text.matches(of: /#\/components\/([a-zA-Z]+)\/([a-zA-Z]+)/) {
                #expect(components[String(match.1)]?[String(match.2)] != nil, "\(match.0)")
            }
            let schemas = try #require(components["schemas"] as? [String: [String: Any]])
            let steps = Set(schemas["step"]?["enum"] as? [String] ?? [])
            let kinds = TicketEventKind.allCases.filter { $0 != .registered && $0 != .imported && $0 != .importUpdated }
            #expect(steps == Set(kinds.map(\.rawValue)))
            #expect(Set(schemas["status"]?["enum"] as? [String] ?? []) == Set(TicketStatus.allCases.map(\.rawValue)))
        }
    }

    /// A path with its parameters' names left out.
    private static func shape(_ path: String) -> String {
        path.replacing(/\{[^}]*\}|:[a-zA-Z]+/, with: "{}")
    }

    @Test("metrics are numbers under declared names, and nothing else")
    func metrics() async throws {
        try await served { _, program in
            let lines = try await program.get("/metrics").text.split(separator: "\n")
            var declared: Set<Substring> = []
            for line in lines {
                let words = line.split(separator: " ")
                if line.hasPrefix("# TYPE") { declared.insert(words[2]) }
                if line.hasPrefix("#") { continue }
                #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
                #expect(declared.contains(words[0].prefix { $0 != "{" }), "\(line)")
            }
            #expect(lines.contains("gridline_outbox_events 3"))
            #expect(lines.contains("gridline_peer_down_seconds{node=\"street1\"} 61.500"))
            // Two tickets, one line.
            let alarm = "gridline_alarm_raised{rule=\"urgentUndelivered\",severity=\"warning\",node=\"street1\"} 1"
            #expect(lines.filter { $0.hasPrefix("gridline_alarm_raised{") } == [alarm[...]])
            // The node does not know them.
            #expect(!lines.contains { $0.contains("gridline_link_") && !$0.contains("link_up") || $0.contains("p99") })
            #expect(lines.contains("gridline_peer_behind_rows{node=\"street1\"} 4"))
        }
    }

    @Test("the live stream begins where the client was, and goes on with what comes: nothing twice, nothing missing")
    func stream() async throws {
        let node = try ServedNode()
        let first = try node.dispatched()
        let all = try node.position
        try await Application(router: node.router).test(.live) { client in
            let port = try #require(client.port)
            var ids: [Int64] = []
            for try await id in StreamReader.ids(port, token: ServedNode.token, lastID: 1) {
                ids.append(id)
                if id == all { try node.perform(.progressNoted, ["text": "夜间复查".json], on: first) }
                if id == all + 1 { break }
            }
            #expect(ids == Array(2...(all + 1)))
        }
    }
}
