import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Projections
import Testing
import Texts
import Tickets

@testable import Server

@Suite("Lateness that is not settled, and requests to decide") struct LatenessTests {
    /// A ticket that was late while its holder's line was down, one with an open request, and one with neither.
    private struct Three {
        let node: ServedNode
        let late: StreamName
        let asked: StreamName
        let plain: StreamName
        let decision: Timestamp

        init() throws {
            node = try ServedNode()
            late = try node.dispatched("井盖缺失")
            try node.perform(.overdueNoted, ["unconfirmed": .bool(true)], on: late, as: Three.timer)
            asked = try node.dispatched("道路积水")
            try node.perform(.signed, [:], on: asked)
            let now = FixedClock.now.milliseconds
            let wish: JSONObject = [
                "reasonClass": "season".json, "reason": "雨季不能施工".json, "review": .integer(now + 86_400_000),
                "promised": .integer(now + 2 * 86_400_000),
            ]
            try node.perform(.suspendAsked, wish, on: asked)
            plain = try node.dispatched("路灯不亮")
            decision = try #require(try node.fold(asked)?.state.decisionDue?.at)
        }

        static let timer = Actor(system: "overdue", rule: "1")

        /// Settles both.
        func settle() throws {
            try node.perform(.overdueNoted, [:], on: late, as: Three.timer)
            try node.perform(.suspendRefused, ["reason": "可以施工".json], on: asked)
        }
    }

    @Test("a list's lines and the ticket itself say what is not settled, and say nothing once it is")
    func members() async throws {
        let three = try Three()
        let tickets = [three.late, three.asked, three.plain]
        let decision = JSON.integer(three.decision.milliseconds)
        for isSettled in [false, true] {
            if isSettled { try three.settle() }
            try await three.node.called { program in
                let list = try await program.get("/api/v1/tickets").json["items"]?.array ?? []
                #expect(list.count == 3)
                for ticket in tickets {
                    let line = list.compactMap(\.object).first { $0["ticket"] == ticket.text.json }
                    let whole = try await program.get("/api/v1/tickets/\(ticket.key)").json
                    for found in [try #require(line), whole] {
                        let isLate = !isSettled && ticket == three.late
                        #expect(found["overdueUnconfirmed"] == (isLate ? .bool(true) : nil), "\(ticket)")
                        let isAsked = !isSettled && ticket == three.asked
                        #expect(found["decisionDueAt"] == (isAsked ? decision : nil), "\(ticket)")
                    }
                }
            }
        }
    }

    @Test("a list keeps what is not settled, or the rest, and what is to be decided before an instant")
    func filters() async throws {
        let three = try Three()
        let (late, asked, plain) = (three.late.text, three.asked.text, three.plain.text)
        let text = "路灯".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try await three.node.called { program in
            for (query, expected) in [
                ("overdueUnconfirmed=true", [late]), ("overdueUnconfirmed=false", [asked, plain]),
                ("decisionDueBefore=2030-01-01", [asked]), ("decisionDueBefore=2026-11-23", []),
                ("decisionDueBefore=2030-01-01&status=closed", []), ("overdueUnconfirmed=true&status=closed", []),
                ("overdueUnconfirmed=false&text=\(text)", [plain]),
            ] as [(String, [String])] {
                let answer = try await program.get("/api/v1/tickets?\(query)")
                #expect(answer.status == .ok, "\(query)")
                let found = (answer.json["items"]?.array ?? []).compactMap { $0.object?["ticket"]?.string }
                #expect(found.sorted() == expected.sorted(), "\(query)")
            }
        }
    }

    @Test("the list's page marks both in the due column and has a group for each, in either language")
    func list() async throws {
        let three = try Three()
        let decision = PageTime.text(three.decision, offsetMinutes: 480)
        for (language, unsure, decide) in [
            ("zh-CN", "超期待核", "审核时限"), ("en", "overdue, not confirmed", "Decide by"),
        ] {
            try await three.node.browse { browser in
                var clerk = try await browser.loggedIn()
                clerk.language = language
                func rows(_ query: String) async throws -> [Substring] {
                    let page = try await clerk.get("/?unit=*&\(query)").text
                    return page.split(separator: "<tbody>").last?.split(separator: "</tr>").filter {
                        $0.contains("/tickets/")
                    } ?? []
                }
                let all = try await rows("group=open")
                #expect(all.count == 3)
                let mark = "<span class=\"unsure\">\(unsure)</span></td>"
                #expect(all.filter { $0.contains(mark) }.count == 1)
                let request = "<div>\(decide) \(decision)</div></td>"
                #expect(all.filter { $0.contains(request) }.count == 1)
                for (group, ticket, shown) in [
                    ("unconfirmed", three.late, mark), ("decision", three.asked, request),
                ] {
                    let found = try await rows("group=\(group)")
                    #expect(found.count == 1, "\(group)")
                    let row = try #require(found.first)
                    #expect(row.contains("/tickets/\(ticket.key)") && row.contains(shown), "\(group)")
                }
            }
        }
        try three.settle()
        try await three.node.browse { browser in
            let page = try await browser.loggedIn().get("/?unit=*").text
            #expect(!page.contains("class=\"unsure\"") && !page.contains("<div>审核时限"))
        }
    }

    @Test("the ticket's page says why lateness is not settled, and by when a request is to be decided")
    func ticket() async throws {
        let three = try Three()
        let decision = PageTime.text(three.decision, offsetMinutes: 480)
        try await three.node.browse { browser in
            var clerk = try await browser.loggedIn()
            let late = try await clerk.get("/tickets/\(three.late.key)").text
            #expect(late.contains("<th scope=\"row\">超期</th><td>待核：") && !late.contains("审核时限"))
            let asked = try await clerk.get("/tickets/\(three.asked.key)").text
            #expect(asked.contains("<th scope=\"row\">审核时限</th><td>\(decision)</td>") && !asked.contains("待核"))
            clerk.language = "en"
            let english = try await clerk.get("/tickets/\(three.late.key)").text
            #expect(english.contains("<th scope=\"row\">Lateness</th><td>not confirmed: the holder&#39;s node"))
        }
    }

    private func frame() throws -> PageFrame {
        PageFrame(
            texts: PageTexts(.chinese), node: try NodeID("centre"), offsetMinutes: 480, session: nil, formToken: "",
            isCentre: true, isLinked: true, outbox: 0)
    }

    @Test("a reply in time is not late however long its review takes, one that counts after the due time is")
    func replied() throws {
        let node = try ServedNode()
        let ticket = try node.dispatched("路灯不亮")
        let frame = try frame()
        func isLate() throws -> Bool {
            let page = try node.ports.views.tickets(TicketFilter())
            #expect(page.items.count == 1)
            let now = FixedClock.now + 90 * 86_400_000
            return PageBodies.list(page, ListChoice(unit: ListChoice.everyUnit), frame, now: now)
                .contains("class=\"late\"")
        }
        try node.perform(.signed, [:], on: ticket)
        #expect(try isLate())
        let told: JSONObject = ["way": "phone".json, "at": .integer(FixedClock.now.milliseconds)]
        try node.perform(
            .replySubmitted,
            [
                "text": "已修".json, "fact": "属实".json, "demand": "合理".json, "kind": "solved".json,
                "callerTold": .object(told),
            ], on: ticket)
        #expect(try !isLate())
        let fold = try #require(try node.fold(ticket))
        let reply = try #require(fold.entries.last?.record.event.id)
        let after = try #require(fold.state.due?.at) + 1
        try node.perform(
            .receiptNoted,
            [
                "event": reply.description.json, "of": "ticket.replySubmitted".json, "why": "arrival".json,
                "arrivedAt": .integer(after.milliseconds), "countedAt": .integer(after.milliseconds),
            ], on: ticket, as: Actor(system: "receipt", rule: "1"))
        #expect(try isLate())
    }

    @Test("a decision is late once its time is over; lateness that is not confirmed is never called overdue")
    func marks() throws {
        let three = try Three()
        let frame = try frame()
        func shown(_ change: (inout TicketFilter) -> Void, at now: Timestamp) throws -> String {
            var filter = TicketFilter()
            change(&filter)
            let page = try three.node.ports.views.tickets(filter)
            #expect(page.items.count == 1)
            return PageBodies.list(page, ListChoice(unit: ListChoice.everyUnit), frame, now: now)
        }
        let decision = three.decision
        let toDecide: (inout TicketFilter) -> Void = { $0.decisionDueBefore = decision + 1 }
        let over = " <span class=\"late\">已超期</span></div>"
        #expect(try !shown(toDecide, at: decision).contains(over))
        #expect(try shown(toDecide, at: decision + 1).contains(over))
        let unsure = try shown({ $0.isOverdueUnconfirmed = true }, at: FixedClock.now + 90 * 86_400_000)
        #expect(unsure.contains("class=\"unsure\"") && !unsure.contains("class=\"late\""))
        // Merged before anybody knew: nobody settles it, and nobody may read there that the holder was late.
        try three.node.perform(.mergedInto, ["into": three.plain.text.json, "reason": "重复".json], on: three.late)
        let merged = try shown({ $0.statuses = [.merged] }, at: FixedClock.now + 90 * 86_400_000)
        #expect(!merged.contains("class=\"unsure\"") && !merged.contains("class=\"late\""))
    }
}
