/// The rules for what happens offline, case by case: what counts, and what the row for the dispatcher says.

import Events
import Testing

@testable import Tickets

@Suite("Offline")
struct OfflineTests {
    /// Folds in both orders of arrival, and with everything twice; the same must come of it.
    private func settled(_ history: History) -> TicketFold {
        let batch = history.fold
        for arrivals in [history.events, history.events.reversed(), history.events + history.events] {
            var fold = TicketFold(centre: History.centre)
            for event in arrivals { fold.add(event) }
            #expect(ConvergenceTests.same(fold, batch))
        }
        return batch
    }

    private let away: JSONObject = ["lead": "320507002", "leadNode": "street2"]

    @Test
    func `a street that was offline replies to what the centre reassigned: evidence, and a row for the dispatcher`()
        throws
    {
        var history = try Place.inHand().history
        let moved = history.write(.reassigned, at: History.centre, hour: 4, by: "zhao", away)
        let reply = history.write(.replySubmitted, at: History.street, hour: 5, by: "li", Place.reply)
        let fold = settled(history)
        let row = try #require(fold.conflicts.first)
        #expect(fold.conflicts.count == 1)
        #expect(row.entry.record.event.actor.account == "li")
        #expect(row.entry.effect == .rightEnded(by: moved.id))
        #expect(row.resolvedBy == nil)
        #expect(fold.state.status == .dispatched)
        #expect(fold.state.reply == nil)
        history.tell(History.other)
        #expect(history.fold(at: History.other).entries.contains { $0.record.event.id == reply.id })
    }

    @Test(arguments: [(24, true), (30, false)] as [(Int64, Bool)])
    func `a reply that was written before the due time and came after is judged by the time that counts`(
        counted: Int64, isOnTime: Bool
    ) throws {
        var desk = try Place.inHand()
        try desk.give(.replySubmitted, at: History.street, hour: 23, by: "li", Place.reply)
        let reply = try #require(desk.history.events.last)
        try desk.give(
            .receiptNoted, hour: 30,
            [
                "event": .string(reply.id.description), "of": "ticket.replySubmitted", "arrivedAt": Place.instant(30),
                "countedAt": Place.instant(counted), "why": .string(isOnTime ? "outage" : "arrival"),
            ])
        try desk.give(.finished, hour: 31, by: "zhao")
        let fold = settled(desk.history)
        #expect(fold.state.isOnTime == isOnTime)
        #expect(fold.state.countedAt[reply.id] == Desk.at(counted))
        #expect(reply.occurredAt == Desk.at(23))
    }

    @Test func `two helpers at once both add; a former lead's contact does not count, the lead's does`() throws {
        var history = try Place.inHand().history
        let moved = history.write(.reassigned, at: History.centre, hour: 4, by: "zhao", away)
        history.tell(History.other)
        history.write(.signed, at: History.other, hour: 5, by: "he")
        let former = history.write(.firstContactMade, at: History.street, hour: 6, by: "li", ["way": "phone"])
        let lead = history.write(.firstContactMade, at: History.other, hour: 6, by: "he", ["way": "phone"])
        let one = history.write(.helperReported, at: History.street, hour: 7, by: "li", ["text": "已断电"])
        let two = history.write(.helperReported, at: History.other, hour: 7, by: "he", ["text": "已围挡"])
        let fold = settled(history)
        #expect([one, two, lead].allSatisfy { history.effect(of: $0) == .effective })
        #expect(history.effect(of: former) == .rightEnded(by: moved.id))
        #expect(fold.conflicts.map(\.entry.record.event.actor.account) == ["li"])
        #expect(fold.state.contactEvent == lead.id)
    }

    @Test func `the same problem found by two workers gives two tickets, and both stand`() throws {
        var one = History(stream: StreamName(known: "ticket/0001"))
        var two = History(stream: StreamName(known: "ticket/0002"))
        one.write(.registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
        two.write(.registered, at: History.other, Bodies.registered(owner: "street", node: History.other))
        for history in [one, two] {
            let fold = settled(history)
            #expect(fold.state.status == .registered)
            #expect(fold.conflicts.isEmpty)
        }
    }

    @Test func `an extension asked for offline counts, though the ticket expired meanwhile; only the owner answers`()
        throws
    {
        var desk = try Place.inHand()
        let asked = desk.history.write(.extensionAsked, at: History.street, hour: 18, by: "li", Place.askExtension)
        desk.history.write(.overdueNoted, at: History.centre, hour: 25)
        desk.history.tell(History.centre)
        desk.history.tell(History.street)
        #expect(desk.history.effect(of: asked) == .effective)
        let until: JSONObject = ["until": Place.instant(40)]
        #expect(desk.refusal(.extensionGranted, at: History.street, hour: 26, until) == "GL-4004")
        try desk.give(.extensionGranted, hour: 26, until)
        let fold = settled(desk.history)
        #expect(fold.state.due?.at == Desk.at(40))
        #expect(!fold.state.isOverdueNoted)
    }

    @Test func `a due time stands as the event wrote it, whatever the rules say later`() throws {
        var desk = try Place.queuedInStreet()
        try desk.give(.dispatched, at: History.street, hour: 0, by: "wu", ["lead": "320507001"])
        let dispatched = try #require(desk.history.events.last)
        #expect(try JSONReader.readObject(dispatched.body.bytes ?? [])["rule"] == "test-1")
        desk.rules.numbers.extensionAskablePermille = 1
        #expect(settled(desk.history).state.due?.at == Desk.at(24))
    }

    @Test func `a merge that crosses a reply leaves the reply as evidence, in either order`() throws {
        var history = try Place.inHand().history
        let merged = history.write(
            .mergedInto, at: History.centre, hour: 4, by: "zhao", ["into": "ticket/0001", "reason": "同一路灯"])
        let reply = history.write(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply)
        let fold = settled(history)
        #expect(fold.state.status == .merged)
        #expect(history.effect(of: reply) == .rightEnded(by: merged.id))
    }

    @Test func `a return that crosses a reassignment asks nobody`() throws {
        var history = try Place.inHand().history
        let moved = history.write(.reassigned, at: History.centre, hour: 4, by: "zhao", away)
        let asked = history.write(.returnAsked, at: History.street, hour: 3, by: "li", Place.askReturn)
        let fold = settled(history)
        #expect(history.effect(of: asked) == .rightEnded(by: moved.id))
        #expect(fold.state.status == .dispatched)
        #expect(fold.state.returnsThisRound == 0)
    }
}
