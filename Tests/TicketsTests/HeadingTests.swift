import Testing

@testable import Tickets

@Suite("Headings") struct HeadingTests {
    @Test("a ticket is called by its title, else by its category and the beginning of its matter, else by its place")
    func heading() {
        func text(_ title: String?, _ category: [String], _ matter: String, _ place: String? = "文晶路") -> String {
            TicketHeading.text(title: title, category: category, matter: matter, place: place)
        }
        #expect(text("路灯不亮", ["市政", "路灯"], "小区门口路灯不亮") == "路灯不亮")
        for blank in [nil, "", " \n"] {
            #expect(text(blank, ["市政", "路灯"], "小区门口\n 路灯不亮 ") == "路灯 · 小区门口 路灯不亮")
        }
        #expect(text(nil, [], "小区门口") == "小区门口")
        #expect(text(nil, ["市政"], "") == "市政")
        #expect(text(nil, ["市政/路灯"], "") == "路灯", "as the views have it, which keep a path as one text")
        #expect(text(nil, [], " ") == "文晶路")
        #expect(text(nil, [], "", nil).isEmpty)
    }

    @Test("a long matter is cut, and its beginning alone gives the same")
    func long() {
        let whole = String(repeating: "水", count: TicketHeading.limit)
        func text(_ matter: String) -> String {
            TicketHeading.text(title: nil, category: [], matter: matter, place: nil)
        }
        #expect(text(whole) == whole)
        #expect(text(whole + "漫") == whole + "…")
        #expect(text(whole + "漫过路面") == text(whole + "漫"))
    }
}
