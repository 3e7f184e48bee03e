import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Node
import Projections
import Testing
import Tickets

@testable import Server

@Suite("The pages that list") struct ListPagesTests {
    /// The addresses of the tickets that a page links to.
    private func listed(_ page: String) -> [String] {
        page.matches(of: /<td><a href="\/tickets\/([^"]*)"/).map { String($0.1) }
    }

    /// The address of a link, as a browser reads it; nil when the page has no link of that name.
    private func link(_ name: String, in page: String) -> String? {
        page.matches(of: /<a href="([^"]*)">([^<]*)<\/a>/).first { $0.2 == name }
            .map { String($0.1).replacingOccurrences(of: "&amp;", with: "&") }
    }

    @Test(
        "The list begins with the own unit's tickets; the form shows all units, due, overdue, warned, and what is found"
    )
    func choices() async throws {
        let node = try ServedNode()
        let own = try node.dispatched("路灯不亮")
        let filed = try node.perform(
            .registered,
            ["channel": "phone".json, "matter": "占道停车".json, "category": .array(["城市管理".json, "停车".json])])
        let late = try node.dispatched("井盖缺失")
        try node.perform(.preWarned, ["permille": .integer(800)], on: late, as: Actor(system: "preWarning", rule: "1"))
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            func shown(_ query: String) async throws -> Set<String> {
                Set(listed(try await clerk.get("/" + query).text))
            }
            func keys(_ tickets: StreamName...) -> Set<String> { Set(tickets.map { String($0.key) }) }
            #expect(try await shown("") == keys(own, late))
            #expect(try await shown("?unit=*") == keys(own, late, filed))
            #expect(try await shown("?unit=320507009").isEmpty)
            #expect(try await shown("?group=due&unit=*") == keys(own, late))
            #expect(try await shown("?group=overdue&unit=*").isEmpty)
            #expect(try await shown("?group=soon") == keys(late))
            #expect(try await shown("?unit=*&category=%E5%9F%8E%E5%B8%82%E7%AE%A1%E7%90%86") == keys(filed))
            // As a browser sends it: blanks as plus signs, empty fields too.
            #expect(
                try await shown("?unit=*&group=open&category=&text=%E8%B7%AF%E7%81%AF+%E4%B8%8D%E4%BA%AE") == keys(own))
            #expect(try await shown("?text=%E5%8D%A0%E9%81%93").isEmpty, "found, and another unit's")
            let page = try await clerk.get("/?unit=*&group=soon&category=a%22%3Cb&text=%22%3E").text
            #expect(page.contains("<option value=\"*\" selected>所有单位</option>"))
            #expect(page.contains("<option value=\"soon\" selected>"))
            #expect(page.contains("name=\"category\" value=\"a&quot;&lt;b\""))
            #expect(page.contains("name=\"text\" value=\"&quot;&gt;\""))
            #expect(page.contains("<option value=\"320507001\">本单位 320507001</option>"))
        }
    }

    @Test("The list keeps what was chosen over its pages, each ticket once; an old link begins it anew")
    func paging() async throws {
        let node = try ServedNode()
        for count in 0..<103 {
            try node.perform(
                .registered,
                [
                    "channel": "phone".json, "matter": "第\(count)处积水".json,
                    "category": .array([(count == 0 ? "other" : "积 水&").json]),
                ])
        }
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            for query in [
                "unit=*&category=%E7%A7%AF%20%E6%B0%B4%26",
                "unit=*&text=%E7%A7%AF%E6%B0%B4&category=%E7%A7%AF+%E6%B0%B4%26",
            ] {
                let first = try await clerk.get("/?\(query)").text
                let address = try #require(link("下一页", in: first))
                let second = try await clerk.get(address).text
                let found = listed(first) + listed(second)
                #expect(found.count == 102 && Set(found).count == 102, "\(query)")
                #expect(link("下一页", in: second) == nil)
                #expect(second.contains("value=\"积 水&amp;\""))
            }
            let old = try await clerk.get("/?unit=*&group=due&cursor=00")
            #expect(old.status == .seeOther && old.headers[.location] == "/?unit=%2A&group=due")
        }
    }

    @Test("A dispatcher begins with what waits for dispatch, page by page, an agent with what is new")
    func toDispatch() async throws {
        let node = try ServedNode()
        var waiting: [String] = []
        for count in 0..<103 {
            let wish = TicketCommand(
                .registered, ["channel": "phone".json, "matter": "积水".json, "category": .array(["排水".json])],
                occurredAt: FixedClock.now + Int64(count - 200) * 60_000)
            let actor = Actor(account: "wang", role: "agent", unit: "centre")
            let command = NodeCommand(
                id: CommandID(derivedFrom: "waiting", "\(count)"), ticket: nil, wish: wish, actor: actor)
            let ticket = try node.submit(command).get().ticket
            try node.perform(.queuedForDispatch, [:], on: ticket)
            waiting.append(String(ticket.key))
        }
        let dispatched = try node.dispatched()
        let new = try node.perform(.registered, ["channel": "phone".json, "matter": "尚未转派".json])
        // None has a limit yet, so that they come by their ids, which follow time outside of tests.
        let expected = waiting.sorted()
        try await node.browse { browser in
            let desk = try await browser.loggedIn(role: "dispatcher")
            let first = try await desk.get("/").text
            #expect(first.contains("<option value=\"dispatch\" selected>待派单</option>"))
            #expect(first.contains("<td>排水 · 积水</td>"), "a ticket without a title has one made from its matter")
            let second = try await desk.get(try #require(link("下一页", in: first))).text
            #expect(listed(first).count == 100 && listed(first) + listed(second) == expected)
            #expect(link("下一页", in: second) == nil)
            #expect(listed(try await desk.get("/?group=open").text) == [String(dispatched.key)])
            let agent = try await browser.loggedIn(role: "agent")
            #expect(listed(try await agent.get("/").text) == [String(new.key)])
            let clerk = try await browser.loggedIn()
            #expect(listed(try await clerk.get("/").text) == [String(dispatched.key)])
            #expect(listed(try await clerk.get("/?group=dispatch").text) == listed(first))
            let page = try await clerk.get("/tickets/\(expected[0])").text
            #expect(page.contains("排水 · 积水</h1>"))
            // Words that nobody's tickets have are looked for among all that are open.
            let found = try await desk.get("/?unit=320507&group=dispatch&text=%E8%B7%AF%E7%81%AF").text
            #expect(listed(found) == [String(dispatched.key)])
            #expect(["open", "*"].allSatisfy { found.contains("<option value=\"\($0)\" selected>") })
            #expect(listed(try await desk.get("/?group=dispatch&text=%E7%A7%AF%E6%B0%B4").text).count == 100)
        }
    }

    @Test("The page of conflicts names ticket, step and reason, and is linked from every page")
    func conflicts() async throws {
        let node = try ServedNode()
        let stranger = try ServedNode("street2")
        let ticket = try node.dispatched()
        try stranger.record(.signed, on: ticket)
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            #expect(try await clerk.get("/conflicts").text.contains("没有"))
            try node.take(stranger.events())
            for path in ["/", "/status", "/tickets/\(ticket.key)", "/counts"] {
                let page = try await clerk.get(path).text
                #expect(page.contains("<a href=\"/conflicts\">") && page.contains("<a href=\"/counts\">"), "\(path)")
            }
            let page = try await clerk.get("/conflicts").text
            #expect(listed(page) == [String(ticket.key)])
            #expect(page.contains("<td>签收</td><td>当时不是承办单位</td>"))
            clerk.language = "en"
            #expect(try await clerk.get("/conflicts").text.contains("<td>Sign</td><td>did not hold the ticket</td>"))
            #expect(try await clerk.get("/conflicts?cursor=00").headers[.location] == "/conflicts")
        }
    }

    @Test("The page of counts has a table by unit, by category and by day, whose rows lead to the tickets")
    func counts() async throws {
        let node = try ServedNode()
        let first = try node.dispatched("路灯")
        _ = try node.dispatched("井盖")
        try node.perform(.registered, ["channel": "phone".json, "matter": "积水".json])
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            let page = try await clerk.get("/counts").text
            for title in ["按单位", "按类别", "按登记日"] { #expect(page.contains("<h2>\(title)</h2>")) }
            #expect(page.contains("<td>（未派单）</td><td>1</td>"))
            #expect(page.contains("320507001</a></td><td>2</td><td>0</td>"))
            #expect(page.contains("<td>2026-11-23</td><td>3</td>"))
            let unit = try #require(link("320507001", in: page))
            #expect(Set(listed(try await clerk.get(unit).text)).count == 2)
            let category = try #require(link("路灯", in: page))
            #expect(listed(try await clerk.get(category).text) == [String(first.key)])
            let own = try await clerk.get("/counts?unit=320507001&by=day").text
            #expect(own.contains("<td>2026-11-23</td><td>2</td>") && !own.contains("按单位</h2>"))
            clerk.language = "en"
            #expect(try await clerk.get("/counts").text.contains("<h2>By day of filing</h2>"))
        }
    }

    @Test("A clerk notes that a contact failed and asks for the clock to stop; a number that is none is refused")
    func newForms() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let path = "/tickets/\(ticket.key)"
            func send(_ kind: String, _ fields: [(String, String)]) async throws -> TestResponse {
                let page = try await clerk.get(path)
                let hidden = [
                    ("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/\(kind)")),
                ]
                return try await clerk.post("\(path)/\(kind)", hidden + fields)
            }
            let wrong = try await send("firstContactFailed", [("tries", "often"), ("way", "phone")])
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("须为 1 至 99 的整数"))
            let few = try await send("firstContactFailed", [("tries", "1"), ("way", "phone")])
            #expect(few.status == .conflict && few.text.contains("联系次数达到规定"))
            #expect(try await send("firstContactFailed", [("tries", "3"), ("way", "phone")]).status == .seeOther)
            let fields = [
                ("reasonClass", "season"), ("reason", "雨季不能施工"), ("review", "2026-12-01T09:00"),
                ("promised", "2026-12-20T09:00"),
            ]
            #expect(try await send("suspendAsked", fields).status == .seeOther)
        }
        let fold = try #require(try node.fold(ticket))
        #expect(fold.state.contactTries == 3 && fold.state.suspendRequest == .asked)
        let asked = try #require(fold.entries.last?.record.body)
        #expect(asked["promised"] == .integer(FixedClock.now.milliseconds + 27 * 86_400_000 - 1_800_000))
    }
}

@Suite("What is not at the centre yet") struct UnconfirmedTests {
    /// A street with a ticket of the centre, on which it has done two steps.
    private func street() throws -> (street: ServedNode, centre: ServedNode, ticket: StreamName) {
        let centre = try ServedNode()
        let ticket = try centre.dispatched(to: "street1")
        let street = try ServedNode("street1")
        try street.take(centre.events())
        try street.perform(.signed, [:], on: ticket)
        try street.perform(.progressNoted, ["text": "已到现场".json], on: ticket)
        return (street, centre, ticket)
    }

    private func marked(_ page: String) -> Int { page.matches(of: /<div class="local">本地已记录，未到中心<\/div>/).count }

    @Test("A street's history marks its own events above what the centre confirmed, and no others")
    func marks() async throws {
        let (street, _, ticket) = try street()
        for (confirmed, expected) in [(0, 2), (1, 1), (2, 0)] as [(Int64, Int)] {
            street.confirmed = [street.origin: confirmed]
            try await street.browse { browser in
                let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
                #expect(marked(page) == expected, "confirmed \(confirmed)")
                // The row that is marked last is the last one.
                if expected == 1 {
                    let row = try #require(page.ranges(of: "<tr>").last.map { page[$0.upperBound...] })
                    #expect(row.contains("办理记录") && row.contains("class=\"local\""))
                }
            }
        }
        street.confirmed = [:]
        try await street.browse { browser in
            let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
            #expect(marked(page) == 0, "it works alone")
        }
    }

    @Test("The centre marks nothing")
    func centre() async throws {
        let (street, centre, ticket) = try street()
        try centre.take(street.events())
        try await centre.browse { browser in
            let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
            #expect(page.contains("已到现场") && marked(page) == 0)
        }
    }

    @Test("What the centre answered it has, whatever this process was told")
    func answered() throws {
        let (street, centre, ticket) = try street()
        let own = try street.events().filter { $0.id.origin == street.origin }
        #expect(own.map(\.type.name) == ["ticket.signed", "ticket.progressNoted"])
        try centre.take(Array(own.prefix(1)))
        try centre.perform(.urged, ["text": "再催".json], on: ticket)
        try street.take(centre.events())
        let fold = try #require(try street.fold(ticket))
        let node = try NodeID("street1")
        let unconfirmed = Unconfirmed(fold, node: node, confirmed: [street.origin: 0])
        #expect(!unconfirmed.contains(EventID(origin: street.origin, sequence: 1)))
        #expect(unconfirmed.contains(EventID(origin: street.origin, sequence: 2)))
        #expect(!unconfirmed.contains(EventID(origin: centre.origin, sequence: 1)))
    }

    @Test("On paper there are no forms, no links and no badge, and the marks stay")
    func paper() {
        let rule = HTML.style.split(separator: "@media print").last ?? ""
        #expect(rule.hasPrefix("{nav,form,details,.badge,.notice,.more{display:none}"))
        #expect(!rule.contains(".local"))
    }
}
