import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Tickets

@testable import Server

@Suite("A session that ran out") struct SessionOverTests {
    private static let typed = "已修复 \"甲\" <b>乙</b>\n第二行 13812345678"

    private func reply(_ page: TestResponse, _ path: String) -> [(String, String)] {
        [
            ("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/replySubmitted")),
            ("text", SessionOverTests.typed), ("kind", "staged"), ("stranger", "<script>"),
        ]
    }

    /// The fields of a login, with those that a login page takes along.
    private func login(
        _ page: String, token: String = ServedNode.token, account: String = "li"
    ) throws -> [(String, String)] {
        let hidden = page.matches(of: /<input type="hidden" name="(kept\.[^"]*)" value="([^"]*)">/).map { match in
            (String(match.1), SessionOverTests.plain(String(match.2)))
        }
        return [("account", account), ("role", "clerk"), ("unit", "320507001"), ("token", token)] + hidden
    }

    private static func plain(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    @Test("keeps a reply through the login, whoever mistypes the token, and sends nothing by itself")
    func kept() async throws {
        let node = try ServedNode()
        let photograph = try node.blobs.put([0xFF, 0xD8, 0xFF, 0xE0]).blob.description
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        let before = try node.position
        try await node.browse { browser in
            let path = "/tickets/\(ticket.key)"
            let page = try await browser.loggedIn().get(path)
            let form = reply(page, path)
            let asked = try await browser.post("\(path)/replySubmitted", form)
            #expect(asked.status == .forbidden && asked.headers[.cacheControl] == "no-store")
            #expect(asked.text.contains("登录已失效") && asked.text.contains("&lt;b&gt;乙&lt;/b&gt;\n第二行"))
            #expect(!asked.text.contains("stranger") && !asked.text.contains("<b>乙"))
            let wrong = try await browser.post("/login", login(asked.text, token: "guess"))
            #expect(wrong.status == .forbidden && wrong.headers[.setCookie] == nil)
            let open = try await browser.post("/login", login(wrong.text, account: "13812345678"))
            #expect(open.status == .unprocessableContent && open.headers[.setCookie] == nil)
            let shown = try await browser.post("/login", login(open.text))
            #expect(shown.status == .ok && shown.headers[.cacheControl] == "no-store")
            #expect(shown.text.contains("尚未登记"))
            #expect(shown.text.contains(">\n已修复 &quot;甲&quot; &lt;b&gt;乙&lt;/b&gt;\n第二行 13812345678</textarea>"))
            #expect(shown.text.contains("<option value=\"staged\" selected>"))
            #expect(shown.hidden("command", after: "\(path)/replySubmitted") == form[1].1)
            #expect(try node.position == before, "the clerk sends it, and nobody else")
            var clerk = browser
            clerk.cookie = shown.headers[.setCookie].map { String($0.prefix { $0 != ";" }) } ?? ""
            let sent = try await clerk.post(
                "\(path)/replySubmitted",
                [
                    ("csrf", shown.hidden("csrf")), form[1], form[2], ("fact", "属实"), ("demand", "合理"),
                    ("kind", "staged"), ("callerTold.way", "电话"), ("callerTold.at", "2026-11-23T09:20"),
                    ("evidence", photograph),
                ])
            #expect(sent.status == .seeOther && sent.headers[.location] == "\(path)?done=new")
        }
    }

    @Test("keeps a text of the greatest length through the login, which adds fields of its own")
    func longest() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let text = String(repeating: "a", count: 262_000)
            let form = [("command", "01900000-0000-7000-8000-00000000ffff"), ("text", text)]
            let asked = try await browser.post("/tickets/\(ticket.key)/progressNoted", form)
            #expect(asked.status == .forbidden)
            let shown = try await browser.post("/login", login(asked.text))
            #expect(shown.status == .ok && shown.headers[.setCookie] != nil)
            // Apart: what fails prints what it looked at.
            let isKept = shown.text.contains(text)
            #expect(isKept)
        }
    }

    @Test("keeps nothing of another site's page, of no form of ours, and of one that is too long")
    func notKept() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let path = "/tickets/\(ticket.key)"
        try await node.browse { browser in
            let command = "command=01900000-0000-7000-8000-00000000ffff"
            func post(_ site: String?, _ step: String, _ body: String) async throws -> TestResponse {
                var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                if let name = HTTPField.Name("Sec-Fetch-Site") { headers[name] = site }
                return try await browser.client.execute(
                    uri: "\(path)/\(step)", method: .post, headers: headers, body: ByteBuffer(string: body))
            }
            #expect(try await post("same-origin", "progressNoted", "\(command)&text=a").status == .forbidden)
            for answer in [
                try await post("cross-site", "progressNoted", "\(command)&text=a"),
                try await post("same-site", "progressNoted", "\(command)&text=a"),
                try await post(nil, "progressNoted", "text=a"), try await post(nil, "voided", "\(command)&text=a"),
                try await post(nil, "progressNoted", "\(command)&text=" + String(repeating: "a", count: 300_000)),
            ] {
                #expect(answer.status == .seeOther && answer.headers[.location] == "/login")
            }
        }
    }

    @Test("a reply whose ticket moved on meanwhile is shown still, to be copied")
    func movedOn() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.perform(.signed, [:], on: ticket)
        try await node.browse { browser in
            let path = "/tickets/\(ticket.key)"
            let page = try await browser.loggedIn().get(path)
            let asked = try await browser.post("\(path)/replySubmitted", reply(page, path))
            try node.perform(.reassigned, ["lead": "320507002".json, "leadNode": "centre".json], on: ticket)
            let shown = try await browser.post("/login", login(asked.text))
            #expect(shown.text.contains("第二行 13812345678</textarea>"))
        }
    }
}
