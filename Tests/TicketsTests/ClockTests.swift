/// What time comes to in the life of a ticket: whose word counts, when a stop ends, and who may have more time.

import Events
import Testing

@testable import Tickets

@Suite("Whose time counts")
struct CountedWordTests {
    @Test func `what a unit says of when it happened beats no limit`() throws {
        var desk = try Place.inHand()
        let ask = Place.askReturn
        #expect(
            desk.refusal(.returnAsked, at: History.street, hour: 5, by: "li", happened: 2, ask)
                == TicketGuard.returnWindow.code)
        #expect(
            desk.refusal(.extensionAsked, at: History.street, hour: 20, by: "li", happened: 3, Place.askExtension)
                == TicketGuard.extensionLate.code)
        try desk.give(.replySubmitted, at: History.street, hour: 25, by: "li", happened: 20, Place.reply)
        #expect(desk.state.repliedAt == Desk.at(25))
        try desk.give(.finished, hour: 26, by: "zhao")
        #expect(desk.state.isOnTime == false)
        // Told all the same.
        #expect(desk.history.events.dropLast().last?.occurredAt == Desk.at(20))
    }

    @Test func `a caller told a little after now, by a clock that is ahead, was told now`() throws {
        let desk = try Place.inHand()
        let now = Desk.at(2)
        func told(_ ahead: Int64) throws(TicketRefusal) -> JSONObject? {
            let fields = Place.reply.changing(
                "callerTold", to: ["way": "phone", "at": .integer(now.milliseconds + ahead)])
            let actor = desk.actor(.replySubmitted, at: History.street, by: "li", role: nil)
            return try desk.decide(.replySubmitted, at: History.street, hour: 2, actor: actor, in: desk.state, fields)
                .first?.body["callerTold"]?.object
        }
        for (ahead, kept) in [(-1, -1), (0, 0), (1, 0), (5_000, 0)] as [(Int64, Int64)] {
            #expect(try told(ahead) == ["way": "phone", "at": .integer(now.milliseconds + kept)], "\(ahead) ms")
        }
        #expect(throws: TicketRefusal.self) { try told(5_001) }
    }

    @Test func `a redo after its days is too late, whatever hour is named`() throws {
        var desk = try Place.closed()
        let redo: JSONObject = ["lead": "320507001", "finding": "未处理"]
        #expect(
            desk.refusal(.redoOrdered, hour: 2 + 31 * 24, by: "sun", happened: 24, redo) == TicketGuard.redoWindow.code)
    }

    @Test func `the clock of a dispatch begins when it is written down`() throws {
        var desk = try Place.queued()
        try desk.give(.dispatched, hour: 3, by: "zhou", happened: 0, ["lead": "320507001"])
        #expect(desk.state.due?.at == Desk.at(27))
        #expect(desk.state.roundStartedAt == Desk.at(3))
        #expect(desk.state.signDeemedAt?.at == Desk.at(5))
    }

    @Test func `a sign that the centre counts at its arrival is as late as that`() throws {
        var desk = try Place.dispatched()
        try desk.give(.signed, at: History.street, hour: 1, by: "li", happened: 0)
        #expect(desk.state.signedAt == Desk.at(1))
        try desk.receive(hour: 3, counted: 3, why: "arrival")
        #expect(desk.state.signedAt == Desk.at(3))
    }

    @Test func `a return is approved only when its counted time lies in the window`() throws {
        var desk = try Place.returnAsked()
        try desk.receive(hour: 9, counted: 9, why: "arrival")
        #expect(desk.refusal(.returnApproved, hour: 9, by: "zhao") == TicketGuard.returnWindow.code)
        #expect(try desk.give(.returnRefused, hour: 9, by: "zhao", ["reason": "逾期"]) == 1)
        var offline = try Place.returnAsked()
        try offline.receive(hour: 9, counted: 2)
        #expect(try offline.give(.returnApproved, hour: 9, by: "zhao") == 1)
    }

    @Test func `a request is to be decided some hours after it came, and after it is decided no more`() throws {
        var desk = try Place.extensionAsked()
        #expect(desk.state.decisionDue?.at == Desk.at(5))
        try desk.receive(hour: 7, counted: 2)
        #expect(desk.state.decisionDue?.at == Desk.at(10))
        try desk.give(.extensionRefused, hour: 8, by: "zhao", ["reason": "理由不足"])
        #expect(desk.state.decisionDue == nil)
        #expect(try Place.returnAsked().state.decisionDue?.at == Desk.at(5))
        #expect(try Place.suspendAsked().state.decisionDue?.at == Desk.at(5))
        #expect(try Place.ruling().state.decisionDue == nil)
    }
}

@Suite("Stops of the clock")
struct StopTests {
    @Test func `a stop ends at its end though nobody was there to say so`() throws {
        // From 2 to 30; the node was down until 100.
        var desk = try Place.suspended()
        #expect(try desk.fire(hour: 100) == [.resumed, .overdueNoted])
        #expect(desk.state.due?.at == Desk.at(24 + 28))
        #expect(desk.state.stops == [TicketStop(since: Desk.at(2), until: Desk.at(30))])

        var moved = try Place.suspended()
        try moved.give(.reassigned, hour: 100, ["lead": "320507002", "leadNode": "street2"])
        #expect(moved.state.due?.at == Desk.at(24 + 28))

        var longer = try Place.suspended()
        try longer.give(.suspendAsked, at: History.street, hour: 90, by: "li", Place.ask(review: 95, promised: 96))
        try longer.give(.suspendGranted, hour: 90, by: "sun", ["until": Place.instant(96)])
        #expect(longer.state.due?.at == Desk.at(24 + 28))
        #expect(longer.state.suspendedSince == Desk.at(90))
    }

    @Test func `a stop after the due time saves nobody`() throws {
        var desk = try Place.inHand()
        try desk.fire(hour: 25)
        try desk.give(.suspendAsked, at: History.street, hour: 26, by: "li", Place.ask(review: 30, promised: 40))
        try desk.give(.suspendGranted, hour: 26, by: "sun", ["until": Place.instant(40)])
        try desk.fire(hour: 40)
        #expect(desk.state.due?.at == Desk.at(24))
        #expect(desk.state.isOverdueNoted)
        #expect(desk.state.suspendedSince == nil)
    }

    @Test func `a reply ends the stop, and its receipt adds it to the due time up to the counted time`() throws {
        var desk = try Place.suspended()
        try desk.give(.replySubmitted, at: History.street, hour: 28, by: "li", Place.reply)
        #expect(desk.state.suspendedSince == nil)
        #expect(desk.state.suspendRequest == .none)
        try desk.receive(hour: 40, counted: 29)
        #expect(desk.state.due?.at == Desk.at(24 + 27))
        try desk.give(.replySentBack, hour: 41, ["reason": "无照片"])
        #expect(desk.state.due?.at == Desk.at(24 + 27))
        #expect(desk.state.uncountedStop == nil)
        #expect(try desk.fire(hour: 52) == [.overdueNoted])

        // Without a receipt the answer adds it.
        var plain = try Place.suspended()
        try plain.give(.replySubmitted, at: History.street, hour: 28, by: "li", Place.reply)
        try plain.give(.finished, hour: 60, by: "zhao")
        #expect(plain.state.due?.at == Desk.at(24 + 26))
        #expect(plain.state.isOnTime == true)
    }

    @Test func `in a street's own case the reply itself moves the due time`() throws {
        var desk = try Place.queuedInStreet()
        try desk.give(.dispatched, at: History.street, hour: 0, by: "wu", ["lead": "320507001"])
        try desk.give(.signed, at: History.street, hour: 1, by: "li")
        try desk.give(.suspendAsked, at: History.street, hour: 2, by: "li", Place.askSuspension)
        try desk.give(.suspendGranted, at: History.street, hour: 2, by: "wu", ["until": Place.instant(30)])
        try desk.give(.replySubmitted, at: History.street, hour: 28, by: "li", Place.reply)
        #expect(desk.state.due?.at == Desk.at(24 + 26))
        #expect(desk.state.uncountedStop == nil)
    }

    @Test func `nothing that ends a ticket's handling leaves it suspended`() throws {
        var merged = try Place.beside({ try Place.suspended() }, .inHand)
        try merged.give(.mergedInto, hour: 4, ["into": "ticket/0001", "reason": "同一路灯"])
        #expect(merged.state.suspendedSince == nil)
        #expect(merged.state.due?.at == Desk.at(26))

        var returned = try Place.suspended()
        try returned.give(.returnAsked, at: History.street, hour: 3, by: "li", Place.askReturn)
        #expect(try returned.fire(hour: 30) == [.resumed], "while the return waits for its answer")
        #expect(returned.state.due?.at == Desk.at(52))

        var approved = try Place.suspended()
        try approved.give(.returnAsked, at: History.street, hour: 3, by: "li", Place.askReturn)
        try approved.give(.returnApproved, hour: 6, by: "zhao")
        #expect(approved.state.suspendedSince == nil)
        #expect(approved.state.due?.at == Desk.at(28))

        var closed = try Place.suspended()
        try closed.give(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply)
        try closed.give(.finished, hour: 3, by: "zhao")
        try closed.give(.callbackExempted, hour: 3, by: "sun", ["code": "anonymous"])
        try closed.give(.closed, hour: 3, by: "dang", ["retention": "standard"])
        #expect(closed.state.suspendedSince == nil)
        #expect(closed.state.suspendedUntil == nil)
    }

    @Test func `a grant that crosses the reply stops nothing, in either order of arrival`() throws {
        var desk = try Place.suspendAsked()
        desk.history.write(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply)
        desk.history.write(.suspendGranted, at: History.centre, hour: 4, ["until": Place.instant(30)])
        let batch = desk.history.fold
        #expect(batch.state.status == .replied)
        #expect(batch.state.suspendedSince == nil)
        var late = TicketFold(centre: History.centre)
        for event in desk.history.events.reversed() { late.add(event) }
        #expect(ConvergenceTests.same(late, batch))
    }

    @Test func `an old resumption, which says nothing of the stop, still ends it`() throws {
        var desk = try Place.suspended()
        desk.history.write(.resumed, hour: 12, ["due": ["at": Place.instant(34)]])
        #expect(desk.state.due?.at == Desk.at(34))
        #expect(desk.state.suspendedSince == nil)
        #expect(desk.state.stops.isEmpty)
    }
}

@Suite("More time")
struct ExtensionTests {
    @Test func `what is asked late by the time that counts is refused, what is asked in time is granted later`() throws
    {
        var late = try Place.extensionAskedLate()
        #expect(
            late.refusal(.extensionGranted, hour: 21, ["until": Place.instant(40)]) == TicketGuard.extensionLate.code)
        #expect(try late.give(.extensionRefused, hour: 21, ["reason": "逾期申请"]) == 1)
        var offline = try Place.extensionAsked()
        try offline.receive(hour: 30, counted: 19)
        #expect(try offline.give(.extensionGranted, hour: 31, ["until": Place.instant(40)]) == 1)
    }

    @Test func `the share that is used leaves out the stops`() throws {
        // 80 % of 24 hours are 19.2; eight hours of them stood still.
        var desk = try Place.suspended()
        try desk.give(.resumed, hour: 10, by: "sun")
        let ask: JSONObject = ["reason": "待料", "until": Place.instant(50), "callerTold": "phone"]
        #expect(
            desk.refusal(.extensionAsked, at: History.street, hour: 28, by: "li", ask) == TicketGuard.extensionLate.code
        )
        #expect(try desk.give(.extensionAsked, at: History.street, hour: 27, by: "li", ask) == 1)
    }

    @Test func `a second extension is measured by the limit, not by the first one`() throws {
        var desk = try Place.extended()
        desk.rules.numbers.extensionsPerRound = 2
        desk.rules.numbers.extensionAskablePermille = 1_000
        func ask(_ hour: Int64) -> JSONObject { ["reason": "待料", "until": Place.instant(hour), "callerTold": "phone"] }
        // Due at 40 after the first; the limit is 24 hours.
        #expect(
            desk.refusal(.extensionAsked, at: History.street, hour: 20, by: "li", ask(65))
                == TicketGuard.extensionSpan.code)
        #expect(try desk.give(.extensionAsked, at: History.street, hour: 20, by: "li", ask(64)) == 1)
    }

    @Test func `who has replied is judged by the due time that was met`() throws {
        var desk = try Place.extensionAsked()
        try desk.give(.replySubmitted, at: History.street, hour: 25, by: "li", Place.reply)
        #expect(desk.refusal(.extensionGranted, hour: 26, by: "zhao", ["until": Place.instant(40)]) == "GL-4003")
        try desk.give(.finished, hour: 26, by: "zhao")
        #expect(desk.state.isOnTime == false)
        #expect(desk.state.extensionRequest == .none)
    }

    @Test func `an urgent ticket is extended where the rules say so`() throws {
        var desk = try Place.extensionAskedUrgent()
        #expect(try desk.give(.extensionGranted, hour: 3, by: "zhao", ["until": Place.instant(40)]) == 1)
        #expect(desk.state.due == DueInstant(at: Desk.at(40)))
        #expect(desk.state.dueRule == "test-1")
    }

    @Test func `a redo is ordered at any time before the archive, in its days after it`() throws {
        let redo: JSONObject = ["lead": "320507001", "finding": "未处理"]
        var open = try Place.redoProposed()
        #expect(try open.give(.redoOrdered, hour: 2 + 60 * 24, by: "sun", redo) == 1)
        var closed = try Place.closed()
        let late: Int64 = 2 + 31 * 24
        #expect(
            closed.refusal(.redoProposed, hour: late, by: "qian", ["finding": "未处理"]) == TicketGuard.redoWindow.code)
        #expect(closed.refusal(.redoOrdered, hour: late, by: "sun", redo) == TicketGuard.redoWindow.code)
        #expect(try closed.give(.redoOrdered, hour: 2 + 30 * 24, by: "sun", redo) == 1)
    }
}

extension Place {
    static func ask(review: Int64, promised: Int64) -> JSONObject {
        ["reasonClass": "test", "reason": "送检", "review": instant(review), "promised": instant(promised)]
    }
}
