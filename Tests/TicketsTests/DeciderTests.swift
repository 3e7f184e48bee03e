/// Decisions on a ticket, given a history, when a command comes, then events or a refusal.

import Events
import Testing

@testable import Tickets

@Suite("Decisions")
struct DeciderTests {
    private func inHand(category: String = "noise") throws -> Desk {
        var desk = Desk()
        _ = try desk.give(
            .registered, hour: 0,
            [
                "channel": "phone", "matter": "路灯不亮", "category": [.string(category)], "reporterChain": ["grid7"],
            ])
        _ = try desk.give(.queuedForDispatch, hour: 0)
        _ = try desk.give(.dispatched, hour: 0, ["lead": "320507001"])
        _ = try desk.give(.signed, at: History.street, hour: 1, by: "li")
        return desk
    }

    private let reply: JSONObject = [
        "text": "已修复", "callerTold": ["way": "phone", "at": 1_700_000_000_000], "fact": "属实", "demand": "合理",
        "kind": "solved",
    ]

    @Test func `a ticket goes from registration to close, on time, and each command said again gives nothing`() throws {
        var desk = try inHand()
        let steps: [(TicketEventKind, NodeID, String, JSONObject)] = [
            (.firstContactMade, History.street, "li", ["way": "phone"]), (.replySubmitted, History.street, "li", reply),
            (.finished, History.centre, "zhao", [:]),
            (.callbackRecorded, History.centre, "qian", ["contacted": true, "solved": true, "grade": "5"]),
            (.closed, History.centre, "qian", ["retention": "standard"]),
        ]
        for (kind, node, account, fields) in steps {
            #expect(try desk.give(kind, at: node, hour: 2, by: account, fields) == 1, "\(kind)")
            #expect(try desk.give(kind, at: node, hour: 2, by: account, fields) == 0, "\(kind) again")
        }
        #expect(desk.history.fold.state.status == .closed)
        #expect(desk.history.fold.state.isOnTime == true)
        #expect(desk.history.fold.conflicts.isEmpty)
    }

    @Test func `what does not fit the table is refused with its code`() throws {
        var desk = try inHand()
        #expect(desk.refusal(.finished, hour: 2) == "GL-4003")
        #expect(desk.refusal(.replySubmitted, at: History.other, hour: 2, reply) == "GL-4004")
        #expect(desk.refusal(.firstContactMade, at: History.street, hour: 2) == "GL-4005")
        #expect(desk.refusal(.firstContactMade, at: History.street, hour: 2, ["way": "pigeon"]) == "GL-4006")
        #expect(desk.refusal(.firstContactMade, at: History.street, hour: 2, ["way": "phone", "x": 1]) == "GL-4007")
        var empty = Desk()
        #expect(empty.refusal(.signed, hour: 2) == "GL-4001")
    }

    @Test(
        arguments: [
            // 2026-11-26 in seconds, the last second of 1989, and an instant before 1970.
            (1_795_669_088, false), (631_151_999_999, false), (-1, false), (0, false),
            (631_152_000_000, true), (1_700_000_000_000, true),
        ] as [(Int64, Bool)])
    func `a time that was given in seconds is refused, and said to be milliseconds`(at: Int64, isTaken: Bool) throws {
        let desk = Desk()
        let context = TicketContext(
            ticket: desk.history.stream, now: Desk.at(2),
            actor: desk.actor(.registered, at: History.centre, by: "li", role: nil), node: History.centre,
            centre: History.centre, rules: desk.rules)
        let command = TicketCommand(.registered, Place.filing, occurredAt: Timestamp(milliseconds: at))
        do throws(TicketRefusal) {
            let drafts = try TicketDecider.decide(command, in: TicketState(), context: context)
            #expect(isTaken && drafts.map(\.occurredAt.milliseconds) == [at])
        } catch {
            #expect(!isTaken && error.code == "GL-4006")
            #expect(error.message.description.contains("\"occurredAt\""))
            #expect(error.message.description.contains("not seconds"))
        }
    }

    @Test func `neither a community nor one who reported it leads without a named override`() throws {
        var desk = try inHand()
        #expect(desk.refusal(.reassigned, hour: 2, ["lead": "community3"]) == TicketGuard.communityLead.code)
        #expect(desk.refusal(.reassigned, hour: 2, ["lead": "grid7"]) == TicketGuard.leadReported.code)
        #expect(
            desk.refusal(.reassigned, hour: 2, ["lead": "grid7", "override": ["by": "sun", "reason": "无他人"]]) == nil)
    }

    @Test func `a return is asked once a round, in its window, and decided by another dispatcher`() throws {
        let ask: JSONObject = ["reason": "非辖区", "basis": "三定方案", "proposedUnit": "320507002", "leader": "boss"]
        var late = try inHand()
        #expect(late.refusal(.returnAsked, at: History.street, hour: 5, by: "li", ask) == TicketGuard.returnWindow.code)
        var desk = try inHand()
        #expect(try desk.give(.returnAsked, at: History.street, hour: 2, by: "li", ask) == 1)
        #expect(
            desk.refusal(.returnRefused, hour: 2, by: "wang", ["reason": "有管辖权"]) == TicketGuard.sameDispatcher.code)
        #expect(try desk.give(.returnRefused, hour: 2, by: "zhao", ["reason": "有管辖权"]) == 1)
        #expect(desk.history.fold.state.status == .inHand)
        #expect(desk.refusal(.returnAsked, at: History.street, hour: 3, by: "li", ask) == TicketGuard.returnLimit.code)
    }

    @Test func `an extension is asked in time, once, and moves the due time`() throws {
        let until = 1_700_000_000_000 + 40 * 3_600_000
        let ask: JSONObject = ["reason": "待料", "until": .integer(Int64(until)), "callerTold": "phone"]
        var late = try inHand()
        #expect(
            late.refusal(.extensionAsked, at: History.street, hour: 20, by: "li", ask) == TicketGuard.extensionLate.code
        )
        var desk = try inHand()
        #expect(try desk.give(.extensionAsked, at: History.street, hour: 3, by: "li", ask) == 1)
        #expect(try desk.give(.extensionGranted, hour: 4, ["until": .integer(Int64(until))]) == 1)
        #expect(desk.history.fold.state.due?.at.milliseconds == Int64(until))
        #expect(
            desk.refusal(.extensionAsked, at: History.street, hour: 5, by: "li", ask) == TicketGuard.extensionLimit.code
        )
    }

    @Test func `contact that failed needs three tries, a facility a photograph, a finish another person`() throws {
        var desk = try inHand(category: "facility")
        #expect(
            desk.refusal(.firstContactFailed, at: History.street, hour: 2, ["tries": 2, "way": "电话"])
                == TicketGuard.contactTries.code)
        #expect(
            desk.refusal(.replySubmitted, at: History.street, hour: 2, by: "li", reply) == TicketGuard.evidence.code)
        var shown = reply
        shown["evidence"] = [Place.photograph]
        #expect(try desk.give(.replySubmitted, at: History.street, hour: 2, by: "li", shown) == 1)
        #expect(desk.refusal(.finished, hour: 3, by: "li") == TicketGuard.handlerReviews.code)
    }
}
