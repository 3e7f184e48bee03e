import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Node
import Testing
import Tickets

@testable import Server

@Suite("What the API reads") struct ReadsTests {
    /// Three tickets that differ in all that a list can filter by.
    private func tickets(_ node: ServedNode) throws -> (StreamName, StreamName, StreamName) {
        func registered(_ kind: String, _ urgency: String, _ category: [String], area: String) throws -> StreamName {
            try node.perform(
                .registered,
                [
                    "channel": "phone".json, "matter": "占道经营".json, "kind": kind.json, "urgency": urgency.json,
                    "category": .array(category.map(JSON.string)), "place": .object(["area": area.json]),
                ])
        }
        func dispatch(_ ticket: StreamName, _ fields: JSONObject) throws {
            try node.perform(.queuedForDispatch, [:], on: ticket)
            var fields = fields
            fields["leadNode"] = "centre".json
            try node.perform(.dispatched, fields, on: ticket)
        }
        let first = try registered("complaint", "ordinary", ["城市管理", "停车"], area: "320507001")
        try dispatch(first, ["lead": "320507001".json])
        try node.perform(.supervisionRaised, ["level": .integer(2), "reason": "超期".json], on: first)
        try node.perform(
            .preWarned, ["permille": .integer(800)], on: first, as: Actor(system: "preWarning", rule: "1"))
        let second = try registered("consult", "urgent24h", ["住房"], area: "320507002")
        let helper = JSON.object(["unit": "320507003".json])
        try dispatch(second, ["lead": "320507002".json, "helpers": .array([helper])])
        return (first, second, try registered("help", "complex", ["住房", "电梯"], area: "320508001"))
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    @Test("each parameter of the list keeps what it names and nothing else, alone and beside a text")
    func filters() async throws {
        let node = try ServedNode()
        let (first, second, third) = try tickets(node)
        let all = [first, second, third]
        let cases: [(String, [StreamName])] = [
            ("", all), ("status=registered", [third]), ("status=registered&status=dispatched", all),
            ("holder=320507001", [first]), ("helper=320507003", [second]), ("helper=320507002", []),
            ("kind=complaint", [first]), ("urgency=urgent24h", [second]),
            ("category=\(ReadsTests.encoded("住房"))", [second, third]),
            ("category=\(ReadsTests.encoded("住房/电梯"))", [third]), ("area=320507", [first, second]),
            ("area=320507002", [second]), ("dueBefore=2030-01-01", [first, second]), ("dueBefore=2026-11-01", []),
            ("overdueAt=2030-01-01T00:00:00%2B08:00", [first, second]), ("overdueAt=2026-11-01", []),
            ("overdue=true", []), ("createdFrom=2026-11-24", []), ("createdTo=2026-11-24", all),
            ("createdFrom=2026-11-23T09:30:00%2B08:00&createdTo=2026-11-24", all),
            ("createdTo=2026-11-23T09:30:00%2B08:00", []), ("contested=true", []), ("contested=false", all),
            ("suspended=false", all), ("suspended=true", []), ("supervisionFrom=2", [first]),
            ("supervisionFrom=3", []), ("supervisionFrom=0", all), ("preWarned=true", [first]),
            ("preWarned=false", [second, third]), ("kind=complaint&holder=320507002", []),
            ("overdue=true&status=closed", []), ("preWarned=true&status=closed", []),
        ]
        try await node.called { program in
            for text in ["", "text=\(ReadsTests.encoded("占道"))"] {
                for (query, expected) in cases {
                    let whole = [text, query].filter { !$0.isEmpty }.joined(separator: "&")
                    let answer = try await program.get("/api/v1/tickets?\(whole)")
                    #expect(answer.status == .ok, "\(whole)")
                    let found = (answer.json["items"]?.array ?? []).compactMap { $0.object?["ticket"]?.string }
                    #expect(found.sorted() == expected.map(\.text).sorted(), "\(whole)")
                    #expect(answer.json["position"]?.integer == (try node.position), "\(whole)")
                }
            }
        }
    }

    @Test(
        "a parameter that is none, or a value that is none, is a problem that names both",
        arguments: [
            ("tickets?mood=bad", "mood", "bad"), ("tickets?status=lost", "status", "lost"),
            ("tickets?kind=", "kind", ""), ("tickets?kind=a&kind=b", "kind", "b"),
            ("tickets?limit=501", "limit", "501"),
            ("tickets?dueBefore=soon", "dueBefore", "soon"), ("tickets?overdue=false", "overdue", "false"),
            ("tickets?overdue=true&overdueAt=2026-01-01", "overdue", "true"),
            ("tickets?createdFrom=2026-02-01&createdTo=2026-01-01", "createdTo", "2026-01-01"),
            ("tickets?contested=maybe", "contested", "maybe"),
            ("tickets?overdueUnconfirmed=maybe", "overdueUnconfirmed", "maybe"),
            ("tickets?decisionDueBefore=soon", "decisionDueBefore", "soon"),
            ("tickets?supervisionFrom=4", "supervisionFrom", "4"),
            ("tickets?category=a//b", "category", "a//b"), ("tickets?order=random", "order", "random"),
            ("tickets?text=ab&order=due", "order", "due"), ("tickets?atLeast=-1", "atLeast", "-1"),
            ("tickets?holder=%zz", "holder", "%zz"), ("tickets/x?when=now", "when", "now"),
            ("counts?group=mood", "group", "mood"), ("counts?group=unit,unit", "group", "unit,unit"),
            ("counts?dayFrom=2026-13-01", "dayFrom", "2026-13-01"), ("counts?order=up", "order", "up"),
            ("counts?dayFrom=2026-11-02&dayTo=2026-11-01", "dayTo", "2026-11-01"), ("counts?kind=help", "kind", "help"),
            ("conflicts?limit=0", "limit", "0"), ("conflicts?status=closed", "status", "closed"),
        ])
    func unreadable(_ path: String, _ name: String, _ value: String) async throws {
        try await ServedNode().called { program in
            let answer = try await program.get("/api/v1/\(path)")
            #expect(answer.status == .badRequest)
            let title = answer.json["title"]?.string ?? ""
            #expect(title.contains(name) && title.contains("\"\(value)\"") || title.contains(value) && !value.isEmpty)
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test("a search goes over pages as a list does: each once, none above the limit, with a position")
    func searchPages() async throws {
        let node = try ServedNode()
        var expected: Set<String> = []
        for count in 0..<5 {
            let ticket = try node.perform(
                .registered, ["channel": "phone".json, "matter": "第\(count)盏路灯不亮".json, "kind": "help".json])
            expected.insert(ticket.text)
        }
        try node.perform(.registered, ["channel": "phone".json, "matter": "路灯".json, "kind": "consult".json])
        let wanted = expected
        try await node.called { program in
            var found: [String] = []
            var cursor: String?
            repeat {
                let query =
                    "text=\(ReadsTests.encoded("路灯"))&kind=help&limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")
                let answer = try await program.get("/api/v1/tickets?\(query)").json
                let items = (answer["items"]?.array ?? []).compactMap { $0.object?["ticket"]?.string }
                #expect(items.count <= 2 && answer["position"]?.integer != nil)
                found += items
                cursor = answer["next"]?.string
            } while cursor != nil && found.count < 20
            #expect(Set(found) == wanted && found.count == wanted.count)
            let foreign = try await program.get("/api/v1/tickets?kind=help&limit=1").json["next"]?.string ?? ""
            let refused = try await program.get("/api/v1/tickets?text=ab&cursor=\(foreign)")
            #expect(refused.status == .badRequest)
        }
    }

    @Test("counts are by what is asked, of what is asked, page by page")
    func counts() async throws {
        let node = try ServedNode()
        _ = try tickets(node)
        try await node.called { program in
            let units = try await program.get("/api/v1/counts").json
            let rows = (units["rows"]?.array ?? []).compactMap(\.object)
            #expect(rows.map { $0["unit"]?.string } == ["", "320507001", "320507002"])
            #expect(rows.allSatisfy { $0["count"] == .integer(1) && $0["day"] == nil })
            #expect(units["position"]?.integer == (try node.position))
            let both = try await program.get("/api/v1/counts?group=day,status&status=dispatched").json["rows"]?.array
            #expect(both?.count == 1)
            #expect(both?.first?.object?["day"] == "2026-11-23".json)
            #expect(both?.first?.object?["status"] == "dispatched".json)
            #expect(both?.first?.object?["count"] == .integer(2))
            let path = "/api/v1/counts?group=category&category=\(ReadsTests.encoded("住房"))&limit=1"
            let first = try await program.get(path).json
            #expect(first["rows"]?.array?.first?.object?["category"] == .array(["住房".json]))
            let next = try #require(first["next"]?.string)
            let second = try await program.get("\(path)&cursor=\(next)").json
            #expect(second["rows"]?.array?.first?.object?["category"] == .array(["住房".json, "电梯".json]))
            #expect(second["next"] == nil)
            let none = try await program.get("/api/v1/counts?dayFrom=2026-11-24").json["rows"]?.array
            #expect(none == [])
            let day = try await program.get("/api/v1/counts?holder=320507001&dayFrom=2026-11-23&dayTo=2026-11-23")
            #expect(day.json["rows"]?.array?.count == 1)
        }
    }

    @Test("open conflicts are listed over pages, with what each lost to, until somebody settles them")
    func conflicts() async throws {
        let node = try ServedNode()
        let stranger = try ServedNode("street2")
        let tickets = try [node.dispatched(), node.dispatched()]
        for ticket in tickets { try stranger.record(.signed, on: ticket) }
        try node.take(stranger.events())
        try await node.called { program in
            var found: [JSONObject] = []
            var cursor: String?
            repeat {
                let query = "limit=1" + (cursor.map { "&cursor=\($0)" } ?? "")
                let answer = try await program.get("/api/v1/conflicts?\(query)").json
                found += (answer["items"]?.array ?? []).compactMap(\.object)
                cursor = answer["next"]?.string
            } while cursor != nil && found.count < 9
            #expect(Set(found.compactMap { $0["ticket"]?.string }) == Set(tickets.map(\.text)) && found.count == 2)
            for item in found {
                #expect(item["type"] == "ticket.signed".json && item["reason"] == "notHolder".json)
                #expect(item["title"] == "路灯不亮".json && item["event"]?.string?.hasPrefix("street2.") == true)
            }
            let contested = try await program.get("/api/v1/tickets?contested=true").json["items"]?.array
            #expect(contested?.count == 2)
        }
    }
}
