import HTTPTypes
import HummingbirdTesting
import Testing
import Texts
import Tickets

@testable import Server

@Suite("The login") struct LoginTests {
    @Test("offers every role by its name, and keeps the one that was chosen", arguments: Language.allCases)
    func roles(language: Language) async throws {
        try await ServedNode().browse { browser in
            var reader = browser
            reader.language = language.rawValue
            let page = try await reader.get("/login").text
            #expect(page.contains("<select name=\"role\" required><option value=\"\">"), "nobody has one unasked")
            let texts = PageTexts(language)
            for role in TicketRole.allCases {
                let name = HTML.escape(texts.role(role))
                #expect(page.contains("<option value=\"\(role.rawValue)\">\(name)</option>"), "\(role)")
            }
            let again = try await reader.post("/login", [("role", "dispatcher"), ("token", "guess")]).text
            #expect(again.contains("<option value=\"dispatcher\" selected>"))
        }
    }

    @Test(
        "refuses a role that is none by its name, and keeps what else was typed", arguments: ["Dispatcher", "派遣员", "*"])
    func unknown(role: String) async throws {
        try await ServedNode().browse { browser in
            let answer = try await browser.post(
                "/login", [("account", "li"), ("role", role), ("unit", "320507001"), ("token", ServedNode.token)])
            #expect(answer.status == .unprocessableContent && answer.headers[.setCookie] == nil)
            #expect(answer.text.contains("没有“\(role)”这一岗位") && answer.text.contains("GL-6020"))
            #expect(answer.text.contains("name=\"unit\" value=\"320507001\""))
            #expect(try await browser.loggedIn(role: role).cookie.isEmpty)
        }
    }
}
