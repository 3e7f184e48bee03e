import Events
import Testing
import Texts
import Tickets

@Suite("The languages") struct LanguageTests {
    @Test(
        "a shell reads Chinese when GRIDLINE_LANG says so, else when its locale does",
        arguments: [
            ([:], .english), (["LANG": "zh_CN.UTF-8"], .chinese), (["LANG": "de_DE.UTF-8"], .english),
            (["LC_MESSAGES": "zh_CN", "LANG": "en_US"], .chinese), (["LC_ALL": "C", "LANG": "zh_CN"], .english),
            (["LC_ALL": "", "LANG": "zh_CN"], .chinese), (["GRIDLINE_LANG": "en", "LC_ALL": "zh_CN.UTF-8"], .english),
            (["GRIDLINE_LANG": "zh-CN", "LC_ALL": "C"], .chinese),
            (["GRIDLINE_LANG": "", "LC_ALL": "zh_CN"], .chinese),
        ] as [([String: String], Language)])
    func shell(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }

    @Test(
        "a request reads the first language that it accepts",
        arguments: [
            (nil, nil), ("*", nil), ("zh", .chinese), ("zh-CN,en;q=0.8", .chinese), ("ZH-TW", .chinese),
            (" zh", .chinese),
            ("en-GB,zh", .english), ("fr", .english),
        ] as [(String?, Language?)])
    func request(acceptLanguage: String?, language: Language?) {
        for otherwise in Language.allCases {
            #expect(Language(acceptLanguage: acceptLanguage, otherwise: otherwise) == language ?? otherwise)
        }
    }

    @Test("a refusal is said in Chinese, with the names that the pages have")
    func refusal() throws {
        let ticket = try StreamName("ticket/1")
        let refusal = TicketRefusal.wrongState(ticket, .signed, is: .inHand, expected: [.dispatched, .returnAsked])
        #expect(refusal.message == "ticket/1 is inHand; signed needs dispatched or returnAsked")
        #expect(Language.english.text(refusal.message) == refusal.message.description)
        #expect(Language.chinese.text(refusal.message) == "ticket/1 现为“办理中”；“签收”须在“待签收或退单待审”时办理")
        #expect(PageTexts(.chinese).refusal(refusal).hasSuffix("。建议：请查看办理过程：可能已有人先行办理 [GL-4003]"))
    }

    @Test("a moment is written on the reader's clock where there is one, in UTC elsewhere; roles have Chinese names")
    func momentsAndRoles() throws {
        let ticket = try StreamName("ticket/1")
        let now = Timestamp(milliseconds: 1_795_397_400_000)
        let future = TicketRefusal.inFuture(ticket, occurredAt: now + 61_000, now: now)
        #expect(
            future.message == "ticket/1: it cannot have happened at 2026-11-23T01:31:01Z, now is 2026-11-23T01:30:00Z")
        #expect(
            Language.chinese.text(future.message, offsetMinutes: 480)
                == "ticket/1：发生时间（2026-11-23 09:31）晚于现在（2026-11-23 09:30）")
        let role = TicketRefusal.wrongRole(
            ticket, .signed, actor: TicketRole.agent.words, allowed: [TicketRole.liaison.words, TicketRole.clerk.words])
        #expect(role.message == "signed of ticket/1 is for liaison or clerk, not for agent")
        #expect(Language.chinese.text(role.message) == "ticket/1 的“签收”应由承办单位联络员或街道指挥中心工作人员办理，提交人为受理员")
        let nobody = TicketRefusal.wrongRole(
            ticket, .signed, actor: "an actor without a role", allowed: [TicketRole.clerk.words])
        #expect(Language.chinese.text(nobody.message) == "ticket/1 的“签收”应由街道指挥中心工作人员办理，提交人为未注明岗位的人员")
    }

    @Test("what a guard expects is said as a requirement, be it a clause or a thing; and that nobody holds a ticket")
    func guards() throws {
        let ticket = try StreamName("ticket/1")
        let community = TicketRefusal.guarded(ticket, .dispatched, .communityLead, found: "320507001001")
        #expect(Language.chinese.text(community.message) == "ticket/1 未能“派单”。要求：社区只协办、不主办；实际：320507001001")
        let node = TicketRefusal.guarded(ticket, .dispatched, .nodeNotEnrolled, found: "street9")
        #expect(Language.chinese.text(node.message) == "ticket/1 未能“派单”。要求：本区已入网的节点；实际：street9")
        let unheld = TicketRefusal.noHolder(ticket, .signed, node: try NodeID("centre"))
        #expect(unheld.code == "GL-4004")
        #expect(
            unheld.message == "signed of ticket/1 is for its holder to write, and it has none; this is node centre")
        #expect(Language.chinese.text(unheld.message) == "ticket/1 目前没有承办节点，无从办理“签收”；本节点为 centre")
    }

    @Test("every status, event, request and role has a Chinese name")
    func names() {
        let names =
            TicketStatus.allCases.map(\.words) + TicketEventKind.allCases.map(\.words)
            + [RequestStatus.none, .asked, .granted, .refused].map(\.words) + TicketRole.allCases.map(\.words)
        for name in names { #expect(Language.chinese.text(name) != name.description, "\(name)") }
    }

    @Test("the fields that ticket steps lists are all said in Chinese")
    func fields() {
        for kind in TicketEventKind.allCases {
            for field in TicketFields.of(kind) {
                for words in [field.meaning, field.shape.rule] {
                    #expect(words.templates.allSatisfy { $0 == "{}" || Chinese.templates[$0] != nil }, "\(words)")
                }
            }
        }
    }
}
