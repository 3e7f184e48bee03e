/// What a history says in Chinese is Chinese: one event of every kind, every field filled, every choice once.

import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Texts
import Tickets

@testable import Server

@Suite("A history in words")
struct HistoryWordsTests {
    private static let person = "person/0123456789abcdef0123456789abcdef"
    private static let hash = String(repeating: "ab12", count: 16)
    /// Codes of fields that take other texts, or numbers, too.
    private static let open: [FieldChoice: [String]] = [
        .channel: [
            "hotline", "phone", "web", "grid", "app", "wechat", "mailbox", "letter", "staff", "social", "system",
            "import", "other",
        ],
        .matterKind: ["consult", "help", "complaint", "report", "suggestion", "thanks", "other"],
        .way: ["phone", "visit", "message"], .counting: ["outage", "arrival", "owner"], .retention: ["standard"],
        .supervision: ["0", "1", "2", "3"],
    ]

    /// The bodies of one kind: as many as its longest list of choices has.
    private struct Filled {
        let kind: TicketEventKind
        let event: EventID
        let ticket: StreamName

        var bodies: [JSONObject] {
            let fields = TicketFields.of(kind)
            let rounds = fields.map { choices(of: $0).count }.max() ?? 1
            return (0..<max(rounds, 1)).map { round in
                var body = JSONObject()
                for field in fields { body[field.name] = value(of: field, in: round) }
                return body
            }
        }

        func choices(of field: TicketField) -> [String] {
            if case .oneOf(let values) = field.shape { return values }
            return FieldChoice(field.name, of: kind).flatMap { HistoryWordsTests.open[$0] } ?? []
        }

        private func value(of field: TicketField, in round: Int) -> JSON {
            let choices = choices(of: field)
            if !choices.isEmpty {
                let code = choices[round % choices.count]
                if case .integer = field.shape { return .integer(Int64(code) ?? 0) }
                return .string(code)
            }
            var members = JSONObject()
            for member in TicketFields.members(of: field) {
                members[member.name] = value(of: member.shape, isDue: field.name == "recomputed")
            }
            switch field.shape {
            case .object, .place: return .object(members)
            case .objects: return .array([.object(members), .object(members)])
            case _: return value(of: field.shape)
            }
        }

        private func value(of shape: FieldShape, isDue: Bool = false) -> JSON {
            let now = JSON.integer(FixedClock.now.milliseconds)
            switch shape {
            case .text, .oneOf, .object, .objects, .place: return "写明的内容".json
            case .unit: return "320507001".json
            case .category: return .array(["城市管理".json, "停车".json])
            case .integer(let range): return .integer(range.upperBound)
            case .flag: return .bool(true)
            case .instant: return isDue ? .object(["at": now, "provisional": .bool(false)]) : now
            case .node: return "street1".json
            case .stream: return ticket.text.json
            case .event: return event.description.json
            case .person: return HistoryWordsTests.person.json
            case .texts, .blobs: return .array([HistoryWordsTests.hash.json])
            case .area: return "320507".json
            }
        }
    }

    /// The page's history without its markup.
    private static func history(_ page: String, _ texts: PageTexts) -> String {
        let start = page.range(of: "<h2>\(texts[.history])</h2>")?.upperBound ?? page.endIndex
        return String(page[start...]).replacing(/<[^>]*>/, with: "\n").replacing("&#39;", with: "'")
    }

    @Test(
        "Every field and every choice of every kind has words; in Chinese no letter shows but of what was typed, ids and accounts",
        arguments: Language.allCases)
    func words(language: Language) async throws {
        let texts = PageTexts(language)
        let node = try ServedNode()
        let other = try node.dispatched()
        let ticket = try node.dispatched()
        let event = try #require(try node.events().last).id
        let filled = TicketEventKind.allCases.map { Filled(kind: $0, event: event, ticket: other) }
        for one in filled {
            var bodies = one.bodies
            if one.kind == .imported || one.kind == .importUpdated {
                bodies.append([
                    "closedAt": .integer(FixedClock.now.milliseconds), "matter": "积水".json,
                    "source": .object([
                        "id": "2018-17".json, "name": "旧平台".json, "revision": "fedc-ba98".json,
                        "updatedAt": .integer(FixedClock.now.milliseconds),
                    ]), "state": "inHand".json, "unit": .object(["code": "320507002".json, "name": "某所".json]),
                ])
            }
            try node.record(one.kind, bodies, on: ticket)
        }
        for system in SystemActor.allCases {
            try node.record(.resumed, [["note": "到期".json]], on: ticket, as: Actor(system: system.rawValue, rule: "1"))
        }
        let ids = try node.events().map(\.id.description)
        try await node.browse { browser in
            var clerk = try await browser.loggedIn()
            clerk.language = language.rawValue
            let answer = try await clerk.get("/tickets/\(ticket.key)")
            #expect(answer.status == .ok)
            let history = HistoryWordsTests.history(answer.text, texts)
            for one in filled {
                HistoryWordsTests.expectNames(of: one, in: history, texts)
            }
            for system in SystemActor.allCases { #expect(history.contains(texts.system(system.rawValue)), "\(system)") }
            guard language == .chinese else { return }
            let allowed =
                ids + [
                    String(other.key), HistoryWordsTests.person, HistoryWordsTests.hash, "street1", "centre", "wang",
                    "zhou",
                ]
            let rest = allowed.sorted { $0.utf8.count > $1.utf8.count }.reduce(history) {
                $0.replacing($1, with: "")
            }
            #expect(rest.matches(of: /[A-Za-z]+/).map { String($0.output) } == [])
            #expect(!rest.contains("; ") && !rest.contains(": "), "marks are full-width")
        }
    }

    /// Fields that stand elsewhere on the page, or without a label since people wrote them.
    private static let unlabelled: Set = ["text", "reason", "note", "matter"]

    private static func expectNames(of one: Filled, in history: String, _ texts: PageTexts) {
        let kind = one.kind
        #expect(history.contains(texts.event(kind)), "\(kind)")
        for field in TicketFields.of(kind) {
            let isChoice = FieldChoice(field.name, of: kind) != nil
            let isElsewhere =
                kind == .receiptNoted && ["event", "of", "arrivedAt", "countedAt"].contains(field.name)
            if isElsewhere || unlabelled.contains(field.name) && !isChoice { continue }
            let start = texts.labelled(texts.label(field.name, of: kind), "")
            #expect(history.contains(start), "\(kind).\(field.name)")
            for member in TicketFields.members(of: field) {
                let label = texts.label("\(field.name).\(member.name)", of: kind)
                #expect(history.contains("\(label) "), "\(kind).\(field.name).\(member.name)")
            }
            for code in one.choices(of: field) {
                let said = texts.choice(code, field.name, of: kind)
                #expect(said != code || texts.language == .english, "\(kind).\(field.name) \(code)")
                #expect(history.contains(start + said), "\(kind).\(field.name) \(code)")
            }
        }
    }

    @Test("A callback that was exempted since the caller refused it says so, and a void ticket why it is void")
    func codes() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.record(.callbackExempted, [["code": "refused".json]], on: ticket)
        try node.record(.voided, [["reason": "test".json, "note": "test".json]], on: ticket)
        try await node.browse { browser in
            let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
            #expect(page.contains("免回访原因：诉求人不接受回访") && !page.contains("未登记"))
            #expect(page.contains("作废原因：测试工单"))
            #expect(page.contains(">test\n"), "what somebody wrote stands as it is, also where a code is spelt so")
        }
    }

    @Test("Degrees and times inside of objects are readable")
    func readable() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try node.record(
            .placeCorrected,
            [
                [
                    "place": .object([
                        "latitudeE7": .integer(313_000_500), "longitudeE7": .integer(-1_205_000_000),
                        "text": "人民路".json,
                    ])
                ]
            ], on: ticket)
        let at = JSON.integer(FixedClock.now.milliseconds)
        try node.record(.replySubmitted, [["callerTold": .object(["at": at, "way": "phone".json])]], on: ticket)
        try await node.browse { browser in
            let page = try await browser.loggedIn().get("/tickets/\(ticket.key)").text
            #expect(page.contains("地点：地点 人民路，纬度 31.30005°，经度 -120.5°"))
            #expect(page.contains("告知情况：告知方式 电话，告知时间 2026-11-23 09:30"))
        }
    }
}
