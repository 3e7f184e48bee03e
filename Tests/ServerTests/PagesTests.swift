import Events
import HTTPTypes
import HummingbirdTesting
import Testing
import Texts
import Tickets

@testable import Server

@Suite("A clerk at the pages")
struct PagesTests {
    @Test("Without a session every page leads to the login, and no form does anything")
    func noSession() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let before = try node.position
        try await node.browse { browser in
            for path in ["/", "/conflicts", "/counts", "/status", "/tickets/\(ticket.key)"] {
                let answer = try await browser.get(path)
                #expect(answer.status == .seeOther && answer.headers[.location] == "/login", "\(path)")
            }
            #expect(try await browser.post("/tickets/\(ticket.key)/signed", []).status == .seeOther)
            #expect(try await browser.loggedIn(token: "guess").cookie.isEmpty)
        }
        #expect(try node.position == before)
    }

    @Test("The node's page says of each street what it has not confirmed, not sent up, and when it was heard")
    func peers() async throws {
        let node = try ServedNode()
        try await node.browse { browser in
            let page = try await browser.loggedIn().get("/status").text
            #expect(
                page.contains(
                    "<td>street1</td><td>4</td><td></td><td>2</td><td></td><td>12</td><td>61</td><td></td><td></td>"))
            #expect(page.contains("尚未确认的行"))
            #expect(page.contains("<td class=\"soon\">警告</td><td>2026-11-23 09:30</td><td>ticket A &amp; more</td>"))
            #expect(page.contains("<td>call &lt;unit&gt;</td>"))
            #expect(page.contains("<th scope=\"row\">日志损坏的行</th><td>3</td>"))
            #expect(page.contains("<th scope=\"row\">启动以来修复的行</th><td>7</td>"))
            // What the status does not name is not shown as 0.
            #expect(!page.contains("磁盘剩余") && !page.contains("通往中心的线路"))
            #expect(try await browser.get("/node").headers[.location] == "/status")
            #expect(page.contains("视图停止更新：disk full"), "alarms are said in the page's language")
        }
    }

    @Test("A changed cookie is no session")
    func forgedCookie() async throws {
        let node = try ServedNode()
        try await node.browse { browser in
            var forged = try await browser.loggedIn()
            #expect(try await forged.get("/").status == .ok)
            let place = forged.cookie.index(forged.cookie.startIndex, offsetBy: 20)
            forged.cookie.replaceSubrange(place...place, with: forged.cookie[place] == "0" ? "1" : "0")
            #expect(try await forged.get("/").status == .seeOther)
        }
    }

    @Test("A ticket is signed; the same form sent again does nothing twice")
    func signTwice() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let path = "/tickets/\(ticket.key)"
            let page = try await clerk.get(path)
            let form = [("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/signed"))]
            let first = try await clerk.post("\(path)/signed", form)
            #expect(first.status == .seeOther && first.headers[.location] == "\(path)?done=new")
            let position = try node.position
            let second = try await clerk.post("\(path)/signed", form)
            #expect(second.headers[.location] == "\(path)?done=repeat")
            #expect(try node.position == position)
            #expect(try await clerk.get("\(path)?done=new").text.contains("已登记，已保存"))
        }
        let fold = try #require(try node.fold(ticket))
        #expect(fold.state.status == .inHand && fold.state.handler == "li")
    }

    @Test("A form of another site, without the page's token, is refused")
    func forgedForm() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let before = try node.position
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let other = try await browser.loggedIn(as: "zhao")
            let stranger = try await other.get("/tickets/\(ticket.key)").hidden("csrf")
            let command = "01900000-0000-7000-8000-00000000ffff"
            for token in ["", "00", stranger] {
                let answer = try await clerk.post(
                    "/tickets/\(ticket.key)/signed", [("csrf", token), ("command", command)])
                #expect(answer.status == .forbidden)
            }
        }
        #expect(try node.position == before)
    }

    @Test("A refused reply says why and keeps what was typed and its command id")
    func refusalKeepsText() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let path = "/tickets/\(ticket.key)"
            let page = try await clerk.get(path)
            let command = page.hidden("command", after: "\(path)/replySubmitted")
            let typed = "已修复 \"甲\" <b>乙</b>"
            let form = [("csrf", page.hidden("csrf")), ("command", command), ("text", typed), ("kind", "staged")]
            let answer = try await clerk.post("\(path)/replySubmitted", form)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("role=\"alert\"") && answer.text.contains("缺少必填项"))
            #expect(answer.text.contains(">\n已修复 &quot;甲&quot; &lt;b&gt;乙&lt;/b&gt;</textarea>"))
            #expect(answer.text.contains("<option value=\"staged\" selected>"))
            #expect(answer.hidden("command", after: "\(path)/replySubmitted") == command)
            let late = try await clerk.post("\(path)/replySubmitted", form + [("callerTold.at", "yesterday")])
            #expect(late.status == .unprocessableContent && late.text.contains("时间无法读取"))
        }
    }

    @Test("Nothing that people wrote becomes markup", arguments: ["zh-CN", "en"])
    func escaping(_ language: String) async throws {
        let node = try ServedNode()
        // The second half: quote and angle bracket that a combining mark makes part of another character.
        let evil = "<script>x</script>\"' onload=a &lt; \"\u{301} <\u{338}b"
        let ticket = try node.dispatched(evil)
        try await node.browse { browser in
            var clerk = try await browser.loggedIn(as: evil)
            clerk.language = language
            for path in ["/", "/counts", "/status", "/tickets/\(ticket.key)"] {
                let text = try await clerk.get(path).text
                #expect(
                    text.contains("&lt;script&gt;x&lt;/script&gt;&quot;&#39; onload=a &amp;lt; &quot;\u{301}"),
                    "\(path)")
                #expect(text.firstRange(of: "<script") == nil)
                #expect(!text.unicodeScalars.elementsEqual([]))
                let scalars = Array(text.unicodeScalars)
                for (left, right) in zip(scalars, scalars.dropFirst()) where left == "\"" || left == "<" {
                    #expect(right != "\u{301}" && right != "\u{338}")
                }
            }
        }
    }

    @Test("A street's page says that it is offline and what is not yet at the centre")
    func badge() async throws {
        let node = try ServedNode("street1")
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            #expect(try await clerk.get("/").text.contains("本地已记录，3 条未到中心"))
            clerk.language = "en"
            #expect(try await clerk.get("/").text.contains("3 not yet at the centre"))
        }
    }

    @Test("The centre's page says nothing of a line to the centre")
    func noBadge() async throws {
        let node = try ServedNode()
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            for path in ["/", "/status", "/conflicts", "/counts", "/login"] {
                let page = try await clerk.get(path).text
                #expect(page.contains("<h1>") && !page.contains("class=\"badge"), "\(path)")
                #expect(!page.contains("与中心") && !page.contains("已连接中心"), "\(path)")
            }
            clerk.language = "en"
            #expect(try await !clerk.get("/").text.contains("connected to the centre"))
        }
    }
}

@Suite("The catalogue and the forms")
struct CatalogueTests {
    @Test("Every saying has both languages, and they differ")
    func bothLanguages() {
        for key in TextKey.allCases {
            #expect(!key.both.zh.isEmpty && !key.both.en.isEmpty && key.both.zh != key.both.en, "\(key)")
        }
        for kind in TicketEventKind.allCases {
            let names = PageTexts.names(kind)
            #expect(!names.zh.isEmpty && !names.en.isEmpty && names.zh != names.en, "\(kind)")
        }
    }

    @Test("A conflict is settled by the form beside it, once; a clerk may not")
    func conflict() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let event = try node.hear(.finished, [:], from: "street1", on: ticket)
        let path = "/tickets/\(ticket.key)"
        let action = "\(path)/conflictResolved"
        try await node.browse { browser in
            for (role, status) in [("clerk", HTTPResponse.Status.forbidden), ("dispatcher", .seeOther)] {
                let desk = try await browser.loggedIn(as: "zhao", role: role)
                let page = try await desk.get(path).text
                #expect(page.contains("action=\"\(action)\""))
                #expect(page.hidden("event", after: action) == event.description)
                let form = [
                    ("csrf", page.hidden("csrf", after: action)), ("command", page.hidden("command", after: action)),
                    ("event", event.description), ("outcome", "由新单位办理"),
                ]
                let answer = try await desk.post(action, form)
                #expect(answer.status == status)
                if status == .forbidden { #expect(answer.text.contains("由新单位办理")) }
            }
            let desk = try await browser.loggedIn()
            let settled = try await desk.get(path).text
            #expect(!settled.contains(action))
            #expect(settled.contains("由新单位办理"), "the history says how it was settled")
        }
        let fold = try #require(try node.fold(ticket))
        #expect(fold.conflicts.map { $0.resolvedBy != nil } == [true])
    }

    @Test("The history says what was decided: instants in the node's zone, choices in words, objects by their members")
    func details() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        let until = FixedClock.now + 86_400_000
        try node.perform(
            .suspendAsked,
            [
                "reasonClass": "season".json, "reason": "等雨季<过>".json, "promised": .integer(until.milliseconds),
                "review": .integer(until.milliseconds),
            ], on: ticket)
        try node.perform(.suspendGranted, ["until": .integer(until.milliseconds)], on: ticket)
        let merged = try node.dispatched()
        try node.perform(.mergedInto, ["into": ticket.text.json, "reason": "重复".json], on: merged)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = try await clerk.get("/tickets/\(ticket.key)").text
            #expect(page.contains("等雨季&lt;过&gt;"))
            #expect(page.contains("2026-11-24 09:30") && page.contains("停止计时至"))
            #expect(page.contains("主办单位：320507001"))
            #expect(page.contains("挂起原因：季节性施工"), "a choice is in words")
            let other = try await clerk.get("/tickets/\(merged.key)").text
            #expect(other.contains("<a href=\"/tickets/\(ticket.key)\">"))
        }
    }

    @Test("A form's fields are fields of its command, and no required one is missing")
    func fieldsExist() {
        for kind in TicketForms.offered {
            let known = TicketFields.of(kind)
            let given = Set(TicketForms.fields(of: kind).map { String($0.path.prefix { $0 != "." }) })
            #expect(given.isSubset(of: known.map(\.name)), "\(kind)")
            #expect(given.isSuperset(of: known.filter(\.isRequired).map(\.name)), "\(kind)")
        }
    }

    @Test("A form and the history name a field and its choices alike")
    func sameNames() {
        for language in Language.allCases {
            let texts = PageTexts(language)
            for kind in TicketForms.offered {
                for field in TicketForms.fields(of: kind) {
                    #expect(texts[field.label] == texts.label(field.path, of: kind), "\(kind).\(field.path)")
                    guard case .choice(let values) = field.control else { continue }
                    for value in values { #expect(FieldChoice(field.path, of: kind)?.names(value) != nil, "\(value)") }
                }
            }
        }
    }

    @Test("A field's label is a word or three, and what it leaves out stands below it", arguments: Language.allCases)
    func labels(language: Language) async throws {
        let texts = PageTexts(language)
        for field in TicketForms.offered.flatMap(TicketForms.fields) {
            let label = texts[field.label]
            #expect(label.split(separator: " ").count <= 3, "\(label)")
            #expect(label.count <= (language == .chinese ? 5 : 20), "\(label)")
            let hint = try #require(texts.hint(field.label), "\(field.path)")
            #expect(hint != label && !hint.isEmpty, "\(field.path)")
        }
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            clerk.language = language.rawValue
            let page = try await clerk.get("/tickets/\(ticket.key)").text
            for key in [TextKey.proposedUnit, .toldAt, .evidence] {
                let below = try #require(page.split(separator: "<label><span>\(texts[key])").dropFirst().first)
                let field = try #require(below.split(separator: "</label>").first)
                #expect(field.hasSuffix("<small>\(HTML.escape(texts.hint(key) ?? ""))</small>"), "\(key)")
            }
        }
    }

    @Test("Times are read in the node's zone and shown as they were typed")
    func times() throws {
        let read = try #require(PageTime.read("2026-11-23T09:30", offsetMinutes: 480))
        #expect(read == FixedClock.now)
        #expect(PageTime.text(read, offsetMinutes: 480) == "2026-11-23 09:30")
        for bad in ["", "2026-11-23", "2026-13-23T09:30", "now", "2026-11-23T09:3x"] {
            #expect(PageTime.read(bad, offsetMinutes: 480) == nil, "\(bad)")
        }
    }
}
