/// A command that is answered as recorded is recorded: only what is the same in every field is a repetition.

import Events
import Testing

@testable import Tickets

@Suite("Repetitions")
struct RepeatTests {
    private static let two: JSON = [["unit": "320507002", "node": "street2"]]

    @Test func `a dispatch to the same lead with other helpers, another node or another note is another dispatch`()
        throws
    {
        var desk = try Place.dispatched()
        let first: JSONObject = ["lead": "320507001", "helpers": Self.two]
        #expect(try desk.give(.reassigned, hour: 2, first) == 1)
        #expect(try desk.give(.reassigned, hour: 2, first) == 0)
        // The same said in full, as the decision filled it in.
        #expect(try desk.give(.reassigned, hour: 2, first.changing("leadNode", to: "street1")) == 0)
        #expect(try desk.give(.reassigned, hour: 2, ["lead": "320507001"]) == 1)
        #expect(desk.state.helpers.isEmpty)
        #expect(try desk.give(.reassigned, hour: 2, first) == 1)
        #expect(desk.state.helpers.map(\.unit) == ["320507002"])
        #expect(try desk.give(.reassigned, hour: 2, first.changing("leadNode", to: "street2")) == 1)
        #expect(desk.state.lead?.node == History.other)
        #expect(try desk.give(.reassigned, hour: 2, first.changing("note", to: "改派")) == 1)
        #expect(try desk.give(.reassigned, hour: 2, first.changing("helpers", to: Place.helper(9))) == 1)
        #expect(desk.state.helpers.first?.due == Desk.at(9))
    }

    @Test func `what is said of one dispatch is not said of a later one by other words`() throws {
        var desk = try Place.dispatched()
        let lead: JSONObject = ["lead": "320507001", "helpers": Self.two]
        try desk.give(.reassigned, hour: 2, lead)
        try desk.give(.reassigned, hour: 2, ["lead": "320507002", "leadNode": "street2"])
        #expect(try desk.give(.reassigned, hour: 2, lead) == 1)
    }

    @Test func `a request with other dates is asked anew`() throws {
        var desk = try Place.extensionAsked()
        let later = Place.askExtension.changing("until", to: Place.instant(44))
        #expect(try desk.give(.extensionAsked, at: History.street, hour: 2, by: "li", Place.askExtension) == 0)
        #expect(try desk.give(.extensionAsked, at: History.street, hour: 2, by: "li", later) == 1)
        #expect(desk.state.extensionWished == Desk.at(44))
        var stopped = try Place.suspendAsked()
        let longer = Place.askSuspension.changing("promised", to: Place.instant(20))
        #expect(try stopped.give(.suspendAsked, at: History.street, hour: 2, by: "li", longer) == 1)
        #expect(stopped.state.suspendPromised == Desk.at(20))
    }

    @Test func `a second contact in another way, or at another time, is recorded`() throws {
        var desk = try Place.inHand()
        #expect(try desk.give(.firstContactMade, at: History.street, hour: 2, by: "li", ["way": "phone"]) == 1)
        #expect(try desk.give(.firstContactMade, at: History.street, hour: 3, by: "li", ["way": "phone"]) == 0)
        #expect(try desk.give(.firstContactMade, at: History.street, hour: 3, by: "li", ["way": "visit"]) == 1)
        let command = TicketCommand(.firstContactMade, ["way": "visit"], occurredAt: Desk.at(2))
        let context = TicketContext(
            ticket: desk.history.stream, now: Desk.at(4),
            actor: desk.actor(.firstContactMade, at: History.street, by: "li", role: nil), node: History.street,
            centre: History.centre, rules: desk.rules, past: desk.history.fold.past(of: command))
        #expect(try TicketDecider.decide(command, in: desk.state, context: context).count == 1)
        #expect(desk.state.contactedAt == Desk.at(2))
    }

    @Test func `what cannot be recorded beside what is there is refused, and never dropped`() throws {
        var raised = try Place.raised()
        #expect(try raised.give(.supervisionRaised, hour: 3, ["level": 2, "reason": "逾期"]) == 0)
        #expect(
            raised.refusal(.supervisionRaised, hour: 3, ["level": 2, "reason": "媒体曝光"])
                == TicketGuard.supervisionLevel.code)
        var closed = try Place.closed()
        #expect(closed.refusal(.closed, hour: 3, by: "dang", ["retention": "permanent"]) == "GL-4003")
        var merged = try Place.merged()
        #expect(merged.refusal(.mergedInto, hour: 3, Place.merge.changing("reason", to: "误")) == "GL-4003")
        var taken = try Place.ofStreet()
        try taken.give(.takenOver, hour: 2, ["reason": "越级投诉"])
        #expect(try taken.give(.takenOver, hour: 2, ["reason": "越级投诉"]) == 0)
        #expect(taken.refusal(.takenOver, hour: 2, ["reason": "其他"]) == TicketGuard.streetOwned.code)
        var queued = try Place.queued()
        #expect(queued.refusal(.queuedForDispatch, hour: 2, ["grid": "320507001003005"]) == "GL-4003")
        var filed = try Place.registered()
        #expect(try filed.give(.registered, hour: 0, Place.filing) == 0)
        #expect(filed.refusal(.registered, hour: 0, Place.filing.changing("title", to: "路灯")) == "GL-4002")
        #expect(filed.refusal(.registered, hour: 0, Place.filing.changing("matter", to: "噪声")) == "GL-4002")
    }

    @Test func `a street's case that is filed anew for another unit is no repetition`() throws {
        var desk = Desk()
        func filing(_ unit: JSON?) -> JSONObject { Place.filing.changing("unit", to: unit) }
        #expect(try desk.give(.registered, at: History.street, hour: 0, filing("320507001003")) == 1)
        #expect(try desk.give(.registered, at: History.street, hour: 0, filing("320507001003")) == 0)
        #expect(desk.refusal(.registered, at: History.street, hour: 0, filing("320507001004")) == "GL-4002")
        // Who names none files for his own.
        #expect(desk.refusal(.registered, at: History.street, hour: 0, filing(nil)) == "GL-4002")
    }

    @Test func `a field that is unknown makes it no repetition`() throws {
        var desk = try Place.inHand()
        #expect(desk.refusal(.signed, at: History.street, hour: 2, by: "li", ["weather": "rain"]) == "GL-4003")
    }

    @Test func `a conflict is settled once, and every conflict by its own words`() throws {
        var desk = try Place.contested()
        desk.history.write(.closed, at: History.street, hour: 2, by: "li")
        for node in [History.centre, History.street] { desk.history.tell(node) }
        let second = Place.contestedEvent.dropLast() + "3"
        func fields(_ event: String, _ outcome: String) -> JSONObject {
            ["event": .string(event), "outcome": .string(outcome)]
        }
        #expect(desk.history.fold.past(of: TicketCommand(.conflictResolved)).openConflicts.count == 2)
        #expect(try desk.give(.conflictResolved, hour: 3, fields(Place.contestedEvent, "作废")) == 1)
        #expect(try desk.give(.conflictResolved, hour: 3, fields(String(second), "作废")) == 1)
        #expect(try desk.give(.conflictResolved, hour: 3, fields(Place.contestedEvent, "作废")) == 0)
        #expect(
            desk.refusal(.conflictResolved, hour: 3, fields(Place.contestedEvent, "采纳"))
                == TicketGuard.conflictOpen.code)
        #expect(desk.history.fold.conflicts.allSatisfy { $0.resolvedBy != nil })
    }
}
