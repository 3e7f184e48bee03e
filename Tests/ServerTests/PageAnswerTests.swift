import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Node
import Testing
import Texts
import Tickets

@testable import Server

@Suite("What pages answer") struct PageAnswerTests {
    private func login(_ browser: Browser, _ fields: [(String, String)]) async throws -> TestResponse {
        try await browser.post("/login", fields)
    }

    /// Sends a form of a ticket's page as it stands there.
    private func send(
        _ clerk: Browser, _ ticket: StreamName, _ kind: String, _ fields: [(String, String)]
    ) async throws -> TestResponse {
        let path = "/tickets/\(ticket.key)"
        let page = try await clerk.get(path)
        let hidden = [("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/\(kind)"))]
        return try await clerk.post("\(path)/\(kind)", hidden + fields)
    }

    @Test("a text that is too long is told so, whether a form or an event cannot hold it; pages and API say 413")
    func oversize() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let form = try await send(
                clerk, ticket, "progressNoted", [("text", String(repeating: "a", count: 300_000))])
            #expect(form.status == .contentTooLarge && form.text.contains("正文超过 262144 字节"))
            let event = try await send(
                clerk, ticket, "progressNoted", [("text", String(repeating: "a", count: 60_000))])
            #expect(event.status == .contentTooLarge && event.text.contains("GL-2002"))
            let program = Program(client: clerk.client, role: "clerk")
            let answer = try await program.post(
                "/api/v1/tickets/\(ticket.key)/progressNoted",
                ["body": .object(["text": .string(String(repeating: "a", count: 60_000))])])
            #expect(answer.status == .contentTooLarge && answer.json["code"] == .string("GL-2002"))
        }
    }

    @Test("a refusal names roles in Chinese, and times on the node's clock")
    func words() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let answer = try await login(
                browser,
                [("account", "sun"), ("role", "archivist"), ("unit", "320507001"), ("token", ServedNode.token)])
            var archivist = browser
            archivist.cookie = answer.headers[.setCookie].map { String($0.prefix { $0 != ";" }) } ?? ""
            let refused = try await send(archivist, ticket, "signed", [])
            #expect(refused.status == .forbidden)
            #expect(refused.text.contains("承办单位联络员或街道指挥中心工作人员") && refused.text.contains("提交人为档案员"))
            try node.perform(.signed, [:], on: ticket)
            let clerk = try await browser.loggedIn()
            let late = try await send(
                clerk, ticket, "suspendAsked",
                [
                    ("reasonClass", "season"), ("reason", "雨季"), ("review", "2026-11-01T09:00"),
                    ("promised", "2026-11-02T09:05"),
                ])
            #expect(late.status == .conflict)
            #expect(late.text.contains("复查 2026-11-01 09:00、承诺 2026-11-02 09:05"))
        }
    }

    @Test("a page and the API give the same status for the same refusal")
    func statuses() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let program = Program(client: clerk.client, role: "clerk", unit: "320507001")
            for kind in ["signed", "replySubmitted", "firstContactFailed"] {
                let api = try await program.post("/api/v1/tickets/\(ticket.key)/\(kind)", ["body": .object([:])])
                let page = try await send(clerk, ticket, kind, [])
                // A form of another state is not on the page, and has no command id.
                #expect(page.status == (kind == "signed" ? .badRequest : api.status), "\(kind)")
            }
        }
    }

    @Test("a step that is so already is answered as not recorded, with the version to go on from, by a page, too")
    func soAlready() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let path = "/tickets/\(ticket.key)"
            let page = try await clerk.get(path)
            let form = [("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/signed"))]
            let program = Program(client: clerk.client, role: "clerk", unit: "320507001")
            let first = try await program.post("/api/v1\(path)/signed", [:])
            #expect(first.status == .created && first.json["recorded"]?.bool == true)
            let key = "01900000-0000-7000-8000-00000000ffff"
            for isRepeat in [false, true] {
                let again = try await program.post("/api/v1\(path)/signed", [:], key: key)
                #expect(again.status == .ok && again.json["recorded"]?.bool == false)
                #expect(again.json["repeat"]?.bool == isRepeat)
                #expect(again.json["version"] == first.json["version"])
                #expect(again.json["position"] == first.json["position"])
                #expect(again.headers[.eTag] == first.headers[.eTag])
            }
            let same = try await clerk.post("\(path)/signed", form)
            #expect(same.status == .seeOther && same.headers[.location] == "\(path)?done=same")
            let shown = try await clerk.get("\(path)?done=same").text
            #expect(shown.contains("此前已是如此，没有新增记录") && !shown.contains("已登记，已保存"))
            for version in [first.headers[.eTag], "*"] {
                let next = try await program.post(
                    "/api/v1\(path)/progressNoted", ["body": .object(["text": "已到场".json])], ifMatch: version)
                #expect(next.status == .created, "If-Match \(version ?? "")")
            }
            let old = try await program.post(
                "/api/v1\(path)/progressNoted", ["body": .object(["text": "已到场".json])],
                ifMatch: first.headers[.eTag])
            #expect(old.status == .conflict)
        }
    }

    @Test("what is not there is a page for a browser and a problem for a program")
    func notFound() async throws {
        try await ServedNode().browse { browser in
            let page = try await browser.client.execute(
                uri: "/nope", method: .get, headers: [.accept: "text/html,*/*;q=0.8", .acceptLanguage: "zh-CN"])
            #expect(page.status == .notFound && page.headers[.contentType]?.hasPrefix("text/html") == true)
            #expect(page.text.contains("没有这个页面"))
            for (path, accept) in [("/nope", "*/*"), ("/api/v1/nope", "text/html")] {
                let answer = try await browser.client.execute(uri: path, method: .get, headers: [.accept: accept])
                #expect(answer.status == .notFound, "\(path)")
                #expect(answer.headers[.contentType] == "application/problem+json", "\(path)")
            }
        }
    }

    @Test("a login with a number of a person in account, role or unit is refused, and the number is not shown again")
    func numberAtLogin() async throws {
        try await ServedNode().browse { browser in
            for name in ["account", "role", "unit"] {
                let fields = [("account", "li"), ("role", "clerk"), ("unit", "320507001"), ("token", ServedNode.token)]
                let answer = try await login(browser, fields.map { $0.0 == name ? ($0.0, "13812345678") : $0 })
                #expect(answer.status == .unprocessableContent && answer.headers[.setCookie] == nil)
                #expect(answer.text.contains("\(name) 中有电话或证件号码") && !answer.text.contains("13812345678"))
            }
        }
    }

    @Test("a token that is empty or short lets nobody in, whoever knows it", arguments: ["", "6d1f0c0ffee"])
    func shortToken(token: String) async throws {
        let node = try ServedNode()
        var ports = node.ports
        ports.token = token
        let router = API.router(ports)
        try await Application(router: router).test(.router) { client in
            let browser = Browser(client: client)
            let clerk = try await browser.loggedIn(token: token)
            #expect(clerk.cookie.isEmpty)
            let answer = try await Program(client: client, token: token).get("/api/v1/status")
            #expect(answer.status == .unauthorized)
        }
    }

    @Test("each node's cookie has a name of its own: a browser at two nodes of one machine stays logged in at both")
    func cookies() async throws {
        let names = try await ["centre", "street1"].asyncMap { name in
            let (node, cookies) = (try ServedNode(name), Cookies())
            try await node.browse { browser in await cookies.add(try await browser.loggedIn().cookie) }
            return await cookies.names.first ?? ""
        }
        #expect(names == ["gridline-centre", "gridline-street1"])
    }

    @Test("a ticket's history says who recorded it where, when, and which time counts")
    func times() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let actor = Actor(account: "li", role: "clerk", unit: "320507001")
        let occurred = FixedClock.now + -3_600_000
        let command = NodeCommand(
            id: CommandID(derivedFrom: "times", "1"), ticket: ticket,
            wish: TicketCommand(.signed, [:], occurredAt: occurred), actor: actor)
        _ = try node.submit(command).get()
        let signed = try #require(try node.fold(ticket)?.entries.last?.record.event)
        try node.perform(
            .receiptNoted,
            [
                "event": .string(signed.id.description), "of": .string(signed.type.name), "why": "outage".json,
                "arrivedAt": .integer(FixedClock.now.milliseconds + -60_000),
                "countedAt": .integer(FixedClock.now.milliseconds + -120_000),
            ], on: ticket, as: Actor(system: "receipt", rule: "1"))
        try await node.browse { browser in
            let program = Program(client: browser.client)
            let history = try await program.get("/api/v1/tickets/\(ticket.key)").json["history"]?.array ?? []
            let line = try #require(history.compactMap(\.object).first { $0["type"]?.string == "ticket.signed" })
            #expect(line["role"] == "clerk".json && line["unit"] == "320507001".json)
            #expect(line["occurredAt"] == .integer(occurred.milliseconds))
            #expect(line["recordedAt"] == .integer(FixedClock.now.milliseconds))
            #expect(line["countedAt"] == .integer(FixedClock.now.milliseconds + -120_000))
            #expect(line["arrivedAt"] == .integer(FixedClock.now.milliseconds + -60_000))
            let first = try #require(history.first?.object)
            #expect(first["recordedAt"] != nil && first["countedAt"] == nil && first["arrivedAt"] == nil)
            let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
            #expect(page.contains("2026-11-23 08:30<div>记录于 2026-11-23 09:30</div>"))
            #expect(page.contains("<div>计时以此为准 2026-11-23 09:28；到达中心 2026-11-23 09:29</div>"))
            #expect(page.matches(of: /记录于/).count == 1)
        }
    }
}

/// What browsers hold.
private actor Cookies {
    private(set) var names: [String] = []
    func add(_ cookie: String) { names.append(String(cookie.prefix { $0 != "=" })) }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ change: (Element) async throws -> Value) async throws -> [Value] {
        var changed: [Value] = []
        for element in self { changed.append(try await change(element)) }
        return changed
    }
}
