/// Warnings, lateness and what other rules make of a due time: the events of time, as the owner's node writes them.

import Events
import Testing

@testable import Tickets

@Suite("Lateness")
struct LatenessTests {
    @Test func `a ticket that waits for another unit is warned of and overdue all the same`() throws {
        var desk = try Place.returnAsked()
        try desk.give(.returnApproved, hour: 3, by: "zhao")
        #expect(desk.state.status == .toDispatch)
        #expect(try desk.fire(hour: 12) == [.preWarned])
        #expect(try desk.fire(hour: 25) == [.overdueNoted])
        // One that was never dispatched has no clock.
        var fresh = try Place.queued()
        #expect(try fresh.fire(hour: 100) == [])
    }

    @Test func `late while the line is down is unconfirmed until the line is back and nothing came`() throws {
        var desk = try Place.inHand()
        #expect(try desk.fire(hour: 25, line: .down) == [.overdueNoted])
        #expect(desk.state.isOverdueNoted)
        #expect(desk.state.isOverdueUnconfirmed && desk.state.isLatenessOpen)
        #expect(try desk.fire(hour: 30, line: .down) == [])
        #expect(
            TicketPolicies.next(desk.state, of: desk.history.stream, rules: desk.rules, after: Desk.at(30), line: .down)
                == Desk.at(30) + 600_000
        )
        #expect(desk.due(hour: 40, line: .up(since: Desk.at(40))).isEmpty, "what was written behind it comes first")
        #expect(try desk.fire(hour: 41, line: .up(since: Desk.at(40))) == [.overdueNoted])
        #expect(desk.state.isOverdueNoted)
        #expect(!desk.state.isOverdueUnconfirmed)
        #expect(try desk.fire(hour: 50) == [])
    }

    @Test(arguments: [true, false])
    func `a reply that counts in time takes the mark away, one that does not confirms it`(isConfirmed: Bool) throws {
        var desk = try Place.inHand()
        try desk.fire(hour: 25, line: isConfirmed ? .up(since: nil) : .down)
        desk.history.write(.replySubmitted, at: History.street, hour: 26, by: "li", Place.reply)
        desk.history.tell(History.centre)
        var late = desk
        try desk.receive(hour: 30, counted: 24)
        #expect(!desk.state.isOverdueNoted)
        #expect(!desk.state.isOverdueUnconfirmed)
        try desk.give(.finished, hour: 31, by: "zhao")
        #expect(desk.state.isOnTime == true)
        #expect(!desk.state.isOverdueNoted)

        try late.receive(hour: 30, counted: 26)
        #expect(late.state.isOverdueNoted)
        #expect(!late.state.isOverdueUnconfirmed)
        try late.give(.finished, hour: 31, by: "zhao")
        #expect(late.state.isOnTime == false)
        #expect(late.state.isOverdueNoted)
    }

    @Test func `a reply in time that is sent back after the due time is overdue anew`() throws {
        var desk = try Place.inHand()
        #expect(try desk.fire(hour: 25, line: .down) == [.overdueNoted])
        desk.history.write(.replySubmitted, at: History.street, hour: 26, by: "li", Place.reply)
        desk.history.tell(History.centre)
        try desk.receive(hour: 30, counted: 23)
        try desk.give(.replySentBack, hour: 31, ["reason": "无照片"])
        #expect(try desk.fire(hour: 32) == [.overdueNoted])
        #expect(desk.state.isOverdueNoted)
    }

    @Test func `late and overdue are one thing after the finish, also when no timer came in between`() throws {
        var desk = try Place.inHand()
        try desk.give(.replySubmitted, at: History.street, hour: 25, by: "li", Place.reply)
        try desk.give(.finished, hour: 26, by: "zhao")
        #expect(desk.state.isOverdueNoted)
    }
}

@Suite("Warnings")
struct WarningTests {
    @Test func `a stop moves the warnings that are still to come, and repeats none`() throws {
        var desk = try Place.inHand()
        #expect(try desk.fire(hour: 12) == [.preWarned])
        try desk.give(.suspendAsked, at: History.street, hour: 13, by: "li", Place.ask(review: 14, promised: 20))
        try desk.give(.suspendGranted, hour: 13, by: "sun", ["until": Place.instant(23)])
        #expect(try desk.fire(hour: 22) == [])
        #expect(try desk.fire(hour: 23) == [.resumed])
        #expect(desk.state.due?.at == Desk.at(34))
        #expect(try desk.fire(hour: 29) == [])
        #expect(try desk.fire(hour: 30) == [.preWarned])
        #expect(desk.state.preWarnedPermille == 800)
        #expect(desk.state.preWarnings == 2)
    }

    @Test func `an extension is warned of as long before its end as the limit was before its own`() throws {
        var desk = try Place.extensionAsked()
        #expect(try desk.fire(hour: 12) == [.preWarned])
        #expect(try desk.fire(hour: 20) == [.preWarned])
        try desk.give(.extensionGranted, hour: 20, by: "zhao", ["until": Place.instant(40)])
        // Due at 40 instead of 24: 16 hours later each.
        #expect(desk.state.warnings.map(\.at) == [Desk.at(28), Desk.at(35) + 720_000])
        #expect(try desk.fire(hour: 28) == [.preWarned])
    }

    @Test func `after a long sleep only the highest share is told`() throws {
        var desk = try Place.inHand()
        #expect(try desk.fire(hour: 20) == [.preWarned])
        #expect(desk.state.preWarnedPermille == 800)
        #expect(desk.state.warnings.isEmpty)
    }

    @Test func `shares are as fine as the rules say`() throws {
        var desk = try Place.queued()
        desk.rules.numbers.preWarningPermilles = [125, 875]
        try desk.give(.dispatched, hour: 0, by: "zhou", ["lead": "320507001"])
        #expect(desk.state.warnings.map(\.permille) == [125, 875])
        #expect(desk.state.warnings.map(\.at) == [Desk.at(3), Desk.at(21)])
    }

    @Test func `what was decided stands when the rules change`() throws {
        var desk = try Place.dispatched()
        desk.rules.numbers.preWarningPermilles = [100]
        desk.rules.deemedSigningFactor = 10
        #expect(try desk.fire(hour: 2) == [.signDeemed])
        #expect(try desk.fire(hour: 12) == [.preWarned])
        #expect(desk.state.preWarnedPermille == 500)
    }

    @Test func `a dispatch of before, without instants for time to read, is left alone by it`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch, hour: 1)
        history.write(.dispatched, hour: 2, Bodies.lead(History.street))
        let state = history.fold.state
        #expect(state.warnings.isEmpty)
        #expect(state.signDeemedAt == nil)
        let firings = TicketPolicies.due(state, of: history.stream, rules: RoundRules(), now: Desk.at(100))
        #expect(firings.isEmpty, "due at 1,700,500,000,000 ms, in hour 138")
    }
}

@Suite("Other rules")
struct OtherRulesTests {
    @Test func `a provisional due time moves once when the calendar comes, and a published one never`() throws {
        var desk = try Place.recalendared()
        let before = desk.state.due
        let event = try #require(desk.state.dueEvent)
        #expect(try desk.fire(hour: 3) == [.dueRecomputed])
        let written = try #require(desk.history.events.last)
        let body = try JSONReader.readObject(written.body.bytes ?? [])
        #expect(body["event"]?.string == event.description)
        #expect(body["rule"] == "test-2")
        #expect(DueInstant(body["before"]) == before)
        #expect(desk.state.due == DueInstant(at: Desk.at(48)))
        #expect(desk.state.dueEvent == written.id)
        #expect(try desk.fire(hour: 4) == [])
        desk.rules.version = "test-3"
        desk.rules.holiday = 48
        #expect(try desk.fire(hour: 5) == [], "it is provisional no more")
    }

    @Test func `the same calendar again, or a finished ticket, gives nothing`() throws {
        var same = try Place.recalendared()
        same.rules.isProvisional = true
        same.rules.holiday = 0
        #expect(try same.fire(hour: 3) == [])
        #expect(try same.give(.dueRecomputed, hour: 3) == 0)
        var finished = try Place.recalendared()
        finished.rules = RoundRules()
        try finished.give(.replySubmitted, at: History.street, hour: 2, by: "li", Place.reply)
        try finished.give(.finished, hour: 2, by: "zhao")
        finished.rules.holiday = 24
        #expect(try finished.fire(hour: 3) == [])
    }

    @Test func `stops and extensions stay in what is computed anew`() throws {
        var desk = try Place.recalendared()
        desk.rules = RoundRules()
        desk.rules.isProvisional = true
        try desk.give(.suspendAsked, at: History.street, hour: 2, by: "li", Place.ask(review: 3, promised: 9))
        try desk.give(.suspendGranted, hour: 2, by: "sun", ["until": Place.instant(9)])
        try desk.give(.resumed, hour: 8, by: "sun")
        var extended = desk
        desk.rules.version = "test-2"
        desk.rules.isProvisional = false
        desk.rules.holiday = 24
        #expect(try desk.fire(hour: 9) == [.dueRecomputed])
        #expect(desk.state.due == DueInstant(at: Desk.at(24 + 6 + 24)))

        let ask: JSONObject = ["reason": "待料", "until": Place.instant(40), "callerTold": "phone"]
        try extended.give(.extensionAsked, at: History.street, hour: 9, by: "li", ask)
        try extended.give(.extensionGranted, hour: 9, by: "zhao", ["until": Place.instant(40)])
        #expect(extended.state.due == DueInstant(at: Desk.at(40)), "a date that a person gave waits for no calendar")
    }

    @Test func `a due time that a street wrote under other rules stands, with the difference beside it`() throws {
        var desk = try Place.queuedInStreet()
        try desk.give(.dispatched, at: History.street, hour: 0, by: "wu", ["lead": "320507001"])
        let event = try #require(desk.history.events.last)
        var ours = RoundRules()
        #expect(desk.state.dueDifference(from: event.id, rules: ours) == nil, "the same rules")
        ours.version = "test-2"
        #expect(desk.state.dueDifference(from: event.id, rules: ours) == nil, "the same due time")
        ours.holiday = 24
        let difference = try #require(desk.state.dueDifference(from: event.id, rules: ours))
        #expect(difference.due.at == Desk.at(48))
        let receipt: JSONObject = [
            "event": .string(event.id.description), "of": .string(event.type.name), "arrivedAt": Place.instant(5),
            "countedAt": Place.instant(0), "why": "owner", "recomputed": difference.json,
        ]
        try desk.give(.receiptNoted, hour: 5, receipt)
        #expect(desk.state.due?.at == Desk.at(24))
        #expect(desk.state.dueDifferences == [event.id: difference])
        let batch = desk.history.fold
        var fold = TicketFold(centre: History.centre)
        for event in desk.history.events.reversed() { fold.add(event) }
        #expect(ConvergenceTests.same(fold, batch))
    }

    @Test func `every new due time says under which rules`() throws {
        let desk = try Place.extended()
        let granted = try #require(desk.history.events.last)
        #expect(try JSONReader.readObject(granted.body.bytes ?? [])["rule"] == "test-1")
        var resumed = try Place.suspended()
        try resumed.give(.resumed, hour: 12, by: "sun")
        let written = try #require(resumed.history.events.last)
        #expect(try JSONReader.readObject(written.body.bytes ?? [])["rule"] == "test-1")
    }
}
