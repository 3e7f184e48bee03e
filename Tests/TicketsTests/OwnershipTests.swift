/// Both families of ownership, end to end: a street's own case inside the street, and its takeover by the centre.

import Events
import Testing

@testable import Tickets

@Suite("Ownership")
struct OwnershipTests {
    /// A street's own case, dispatched inside the street and in hand there.
    private func inStreet() throws -> Desk {
        var desk = try Place.queuedInStreet()
        try desk.give(.dispatched, at: History.street, hour: 0, by: "wu", ["lead": "320507001003"])
        try desk.give(.signed, at: History.street, hour: 1, by: "li", as: "clerk")
        return desk
    }

    @Test func `a street registers, dispatches, handles, finishes and closes its own case without the centre`() throws {
        var desk = try inStreet()
        let steps: [(TicketEventKind, String, JSONObject)] = [
            (.firstContactMade, "li", ["way": "visit"]), (.replySubmitted, "li", Place.reply), (.finished, "wu", [:]),
            (.callbackRecorded, "wu", ["contacted": true, "solved": true, "grade": "5"]),
            (.closed, "wu", ["retention": "standard"]),
        ]
        for (kind, account, fields) in steps {
            #expect(try desk.give(kind, at: History.street, hour: 2, by: account, as: "clerk", fields) == 1, "\(kind)")
        }
        #expect(desk.state.status == .closed)
        #expect(desk.state.isStreetOwned)
        #expect(desk.state.isOnTime == true)
        #expect(desk.history.fold.conflicts.isEmpty)
        #expect(desk.history.events.allSatisfy { $0.id.origin.node == History.street })
    }

    @Test func `the centre decides nothing of a street's case before it takes it over`() throws {
        var desk = try inStreet()
        #expect(desk.refusal(.reassigned, hour: 2, ["lead": "320507002", "leadNode": "street2"]) == "GL-4004")
        #expect(desk.refusal(.supervisionRaised, hour: 2, ["level": 1, "reason": "逾期"]) == "GL-4004")
        #expect(try desk.give(.urged, hour: 2, ["text": "请尽快"]) == 1)
        #expect(desk.refusal(.takenOver, at: History.street, hour: 2, ["reason": "越级"]) == "GL-4004")
    }

    @Test func `a conflict of a street's case is settled by the street's clerk or leader, and by nobody else`() throws {
        var desk = try inStreet()
        let foreign = desk.history.write(.finished, at: History.centre, hour: 2)
        for node in [History.centre, History.street] { desk.history.tell(node) }
        let fields: JSONObject = ["event": .string(foreign.id.description), "outcome": "由街道办结"]
        #expect(desk.refusal(.conflictResolved, hour: 3, as: "dispatcher", fields) == "GL-4004")
        #expect(desk.refusal(.conflictResolved, at: History.street, hour: 3, as: "supervisor", fields) == "GL-4009")
        #expect(try desk.give(.conflictResolved, at: History.street, hour: 3, as: "leader", fields) == 1)
        #expect(desk.history.fold.conflicts.allSatisfy { $0.resolvedBy != nil })
    }

    @Test func `what the owner decides is for the street's clerks and leaders, not for the centre's roles`() throws {
        var desk = try Place.queuedInStreet()
        let lead: JSONObject = ["lead": "320507001003"]
        #expect(desk.refusal(.dispatched, at: History.street, hour: 1, as: "dispatcher", lead) == "GL-4009")
        #expect(try desk.give(.dispatched, at: History.street, hour: 1, as: "leader", lead) == 1)
        var centres = try Place.queued()
        #expect(centres.refusal(.dispatched, hour: 1, as: "clerk", lead) == "GL-4009")
    }

    @Test func `a street sends its case, and asks for help, only inside the street`() throws {
        var desk = try Place.queuedInStreet()
        let outside: JSONObject = ["lead": "320507002", "leadNode": "street2"]
        #expect(desk.refusal(.dispatched, at: History.street, hour: 1, outside) == TicketGuard.insideStreet.code)
        let helped: JSONObject = ["lead": "320507001", "helpers": [["unit": "320507002", "node": "street2"]]]
        #expect(desk.refusal(.dispatched, at: History.street, hour: 1, helped) == TicketGuard.insideStreet.code)
    }

    @Test func `after the takeover the centre deals the case out, and the former street has no right`() throws {
        var desk = try inStreet()
        #expect(try desk.give(.takenOver, hour: 2, ["reason": "越级投诉"]) == 1)
        #expect(desk.state.ownerNode == History.centre)
        #expect(desk.refusal(.finished, at: History.street, hour: 3, by: "wu") == "GL-4004")
        #expect(desk.refusal(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply) == "GL-4004")
        #expect(try desk.give(.dispatched, hour: 3, ["lead": "320507002", "leadNode": "street2"]) == 1)
        #expect(try desk.give(.signed, at: History.other, hour: 4, by: "he") == 1)
        #expect(desk.history.fold.conflicts.isEmpty)
    }

    @Test func `what the street wrote unaware of the takeover is evidence, each with the takeover that overruled it`()
        throws
    {
        var desk = try inStreet()
        let taken = desk.history.write(.takenOver, at: History.centre, hour: 2, ["reason": "越级投诉"])
        let reply = desk.history.write(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply)
        let finished = desk.history.write(.finished, at: History.street, hour: 4, by: "wu")
        let note = desk.history.write(.progressNoted, at: History.street, hour: 5, by: "li", ["text": "已到现场"])

        #expect(desk.history.effect(of: reply) == .rightEnded(by: taken.id))
        #expect(desk.history.effect(of: finished) == .overruled(by: taken.id))
        #expect(desk.history.effect(of: note) == .effective)
        #expect(desk.history.fold.conflicts.map(\.entry.record.event.id) == [reply.id, finished.id])
        #expect(desk.history.fold.conflicts.map(\.entry.effect.code) == ["rightEnded", "overruled"])
        #expect(desk.state.status == .toDispatch)
        #expect(desk.state.reply == nil)
    }

    @Test func `roles are asked when deciding, never when folding`() throws {
        var desk = try Place.inHand()
        let auditor = Actor(account: "he", role: "auditor", unit: "320507001")
        let reply = desk.history.write(.replySubmitted, at: History.street, hour: 3, as: auditor, Place.reply)
        #expect(desk.history.effect(of: reply) == .effective)
        #expect(desk.state.status == .replied)
    }
}

/// What the second walk through a part of the life must not inherit from the first.
@Suite("Rounds and clocks")
struct RoundTests {
    @Test func `an extension takes the overdue mark and the warnings away, and so does a new round`() throws {
        var desk = try Place.extensionAsked()
        try desk.give(.preWarned, hour: 20, ["permille": 800])
        try desk.give(.overdueNoted, hour: 25)
        try desk.give(.extensionGranted, hour: 26, ["until": Place.instant(40)])
        #expect(!desk.state.isOverdueNoted)
        #expect(desk.state.preWarnedPermille == 0)

        var redo = try Place.inHand()
        try redo.give(.overdueNoted, hour: 25)
        try redo.give(.replySubmitted, at: History.street, hour: 26, by: "li", Place.reply)
        try redo.give(.finished, hour: 26, by: "zhao")
        #expect(redo.state.isOnTime == false)
        try redo.give(.callbackExempted, hour: 27, ["code": "anonymous"])
        try redo.give(.redoOrdered, hour: 28, ["lead": "320507001", "finding": "未处理"])
        #expect(!redo.state.isOverdueNoted)
        #expect(redo.state.isOnTime == nil)
        #expect(redo.state.due?.at == Desk.at(28 + 24))
    }

    @Test func `a declined redo lets the ticket close, an open one does not`() throws {
        var desk = try Place.redoProposed()
        #expect(desk.refusal(.closed, hour: 3, ["retention": "standard"]) == TicketGuard.redoOpen.code)
        try desk.give(.redoDeclined, hour: 3, ["reason": "诉求不合理"])
        let firing = TicketPolicies.due(desk.state, of: desk.history.stream, rules: desk.rules, now: Desk.at(80))
        #expect(firing.map(\.command.kind) == [.closed])
        #expect(try desk.give(.closed, hour: 80, ["retention": "standard"]) == 1)
    }

    @Test func `an extension that one unit asked for is not the next unit's`() throws {
        var desk = try Place.extensionAsked()
        try desk.give(.reassigned, hour: 3, ["lead": "320507002", "leadNode": "street2"])
        try desk.give(.signed, at: History.other, hour: 4, by: "he")
        #expect(desk.refusal(.extensionGranted, hour: 4, ["until": Place.instant(40)]) == TicketGuard.noRequest.code)
        #expect(try desk.give(.extensionAsked, at: History.other, hour: 5, by: "he", Place.askExtension) == 1)
    }

    @Test func `a reply while the clock stands is on time, and a reassignment keeps the stop`() throws {
        var desk = try Place.suspended()
        try desk.give(.replySubmitted, at: History.street, hour: 28, by: "li", Place.reply)
        try desk.give(.finished, hour: 40, by: "zhao")
        #expect(desk.state.isOnTime == true)

        var moved = try Place.suspended()
        try moved.give(.reassigned, hour: 12, ["lead": "320507002", "leadNode": "street2"])
        #expect(moved.state.due?.at == Desk.at(24 + 10))
        #expect(moved.state.suspendedUntil == nil)
    }

    @Test func `a finish found fake is redone before its callback and after the days of a redo`() throws {
        let redo: JSONObject = ["lead": "320507001", "finding": "未处理"]
        var early = try Place.foundFake()
        #expect(try early.give(.redoOrdered, hour: 3, redo) == 1)
        #expect(early.state.round == 2)
        #expect(!early.state.isFakeFinish)
        var late = try Place.closed()
        try late.give(.fakeFinishFound, hour: 1_000, ["evidence": [Place.photograph], "reason": "未处理"])
        #expect(try late.give(.redoOrdered, hour: 1_001, redo) == 1)
    }

    @Test func `a second return that is refused is the last`() throws {
        var desk = try Place.returnRefused()
        desk.rules.numbers.returnsPerRound = 2
        try desk.give(.returnAsked, at: History.street, hour: 3, by: "li", Place.askReturn)
        try desk.give(.returnRefused, hour: 3, by: "zhao", ["reason": "有管辖权"])
        #expect(desk.state.isFinal)
        desk.rules.numbers.returnsPerRound = 3
        #expect(
            desk.refusal(.returnAsked, at: History.street, hour: 3, by: "li", Place.askReturn)
                == TicketGuard.returnAfterRuling.code)
    }

    @Test func `two tickets merge and part again, each with its own history`() throws {
        var child = try Place.inHand()
        let stays = try Place.inHand()
        let before = stays.state
        child.partner = before
        try child.give(.mergedInto, hour: 2, ["into": "ticket/0001", "reason": "同一路灯"])
        #expect(child.refusal(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply) == "GL-4004")
        #expect(child.refusal(.mergedInto, hour: 3, ["into": "ticket/0002", "reason": "误"]) == "GL-4003")
        #expect(stays.state == before)
        try child.give(.unmerged, hour: 4, ["reason": "并错"])
        try child.give(.dispatched, hour: 5, ["lead": "320507002", "leadNode": "street2"])
        #expect(child.state.round == 1)
        #expect(child.state.due?.at == Desk.at(24))
        #expect(child.state.lead?.node == History.other)
    }
}
