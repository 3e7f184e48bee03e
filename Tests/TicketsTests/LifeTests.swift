/// Parts of a ticket's life that go beyond one command: circles, who acts for a unit, merges, a second life, overlays.

import Events
import Testing

@testable import Tickets

@Suite("Circles and units")
struct CircleTests {
    private static let grid = "320507001003005"
    private static let away: JSONObject = ["lead": "320507002", "leadNode": "street2"]

    @Test(arguments: ["gridWorker", "gridLeader", "microGridLeader"])
    func `one who reports from a grid is in the chain with all above him below the street`(role: String) throws {
        var desk = Desk()
        let given = Place.filing.changing("reporterChain", to: ["志愿者", .string(Self.grid)])
        try desk.give(.registered, at: History.street, hour: 0, as: role, of: Self.grid, given)
        #expect(desk.state.reporterChain == ["志愿者", Self.grid, "320507001003"])
        try desk.give(.queuedForDispatch, at: History.street, hour: 0, by: "wu")
        for unit in [Self.grid, "320507001003"] {
            #expect(
                desk.refusal(.dispatched, at: History.street, hour: 1, ["lead": .string(unit)])
                    == TicketGuard.leadReported.code)
        }
        #expect(desk.refusal(.dispatched, at: History.street, hour: 1, ["lead": "320507001"]) == nil)
    }

    @Test func `who reports from no grid is in no chain, and a street's own code is none`() throws {
        var agent = Desk()
        try agent.give(.registered, hour: 0, as: "agent", of: Self.grid, ["channel": "phone", "matter": "噪声"])
        #expect(agent.state.reporterChain == [])
        var street = Desk()
        try street.give(
            .registered, at: History.street, hour: 0, as: "gridWorker", of: "320507001",
            ["channel": "grid", "matter": "噪声"])
        #expect(street.state.reporterChain == [])
    }

    @Test func `a grid leads its street's case, and none of the centre's`() throws {
        var own = try Place.queuedInStreet()
        #expect(try own.give(.dispatched, at: History.street, hour: 1, ["lead": .string(Self.grid)]) == 1)
        var centres = try Place.inHand()
        let command: JSONObject = ["lead": .string(Self.grid), "override": ["by": "sun", "reason": "无他人"]]
        #expect(centres.refusal(.reassigned, hour: 2, command) == TicketGuard.gridLead.code)
        #expect(
            try centres.give(
                .reassigned, hour: 2, Self.away.changing("helpers", to: [["unit": .string(Self.grid)]])) == 1)
    }

    @Test func `the unit, one below it, and the street's clerk act for it; nobody else does`() throws {
        var desk = try Place.queuedInStreet()
        try desk.give(.dispatched, at: History.street, hour: 0, ["lead": "320507001003"])
        let signs: [(role: String, unit: String, refusal: String?)] = [
            ("liaison", "320507001", TicketGuard.holderUnit.code),
            ("liaison", "320507001004", TicketGuard.holderUnit.code),
            ("clerk", "320507002", TicketGuard.holderUnit.code), ("liaison", "320507001003", nil),
            ("liaison", "320507001003005", nil), ("clerk", "320507001", nil),
        ]
        for sign in signs {
            var one = desk
            #expect(
                one.refusal(.signed, at: History.street, hour: 1, as: sign.role, of: sign.unit) == sign.refusal,
                "\(sign)")
        }
        // At the centre a clerk is of no street.
        var centres = try Place.queued()
        try centres.give(.dispatched, hour: 0, by: "zhou", ["lead": "320507-d01", "leadNode": "centre"])
        #expect(
            centres.refusal(.signed, hour: 1, as: "clerk", of: "320507001") == TicketGuard.holderUnit.code)
        #expect(centres.refusal(.signed, hour: 1, as: "clerk", of: "320507-d01") == nil)
    }

    @Test func `the clerk of the helper's street reports for the helper`() throws {
        var desk = try Place.inHand()
        let helpers: JSON = [
            ["unit": "320507002007", "node": "street2"], ["unit": "320507002008", "node": "street2"],
        ]
        try desk.give(.reassigned, hour: 2, ["lead": "320507001", "helpers": helpers])
        try desk.give(.signed, at: History.street, hour: 2, by: "li")
        let report: JSONObject = ["text": "已断电"]
        #expect(
            desk.refusal(.helperReported, at: History.other, hour: 3, as: "handler", of: "320507002", report)
                == TicketGuard.helper.code)
        try desk.give(.helperReported, at: History.other, hour: 3, as: "handler", of: "320507002008", report)
        #expect(desk.state.helpers.map(\.reportedAt) == [nil, Desk.at(3)])
        try desk.give(.helperReported, at: History.other, hour: 4, as: "clerk", of: "320507002", report)
        #expect(desk.state.helpers.map(\.reportedAt) == [Desk.at(4), Desk.at(3)])
    }

    @Test func `what another unit's person wrote at the holder's node counts: effect goes by node`() throws {
        var desk = try Place.dispatched()
        let stranger = Actor(account: "he", role: "liaison", unit: "320507009")
        let signed = desk.history.write(.signed, at: History.street, hour: 1, as: stranger, [:])
        #expect(desk.history.effect(of: signed) == .effective)
        #expect(desk.state.status == .inHand)
    }
}

@Suite("Second lives and overlays")
struct SecondLifeTests {
    private static let away: JSONObject = ["lead": "320507002", "leadNode": "street2"]

    @Test func `a ticket that was answered directly and archived has its clocks once it is reopened`() throws {
        var desk = try Place.registered()
        try desk.give(.directAnswerGiven, hour: 1, ["text": "已告知", "article": "kb-7/3"])
        try desk.give(.closed, hour: 2, ["retention": "standard"])
        #expect(desk.state.firstDispatchedAt == nil)
        #expect(!desk.state.mayHaveClock)
        try desk.give(.reopened, hour: 3, by: "sun", ["lead": "320507001", "reason": "审计发现"])
        #expect(desk.state.firstDispatchedAt == Desk.at(3))
        #expect(desk.state.firstDispatcher == "sun")
        #expect(desk.state.mayHaveClock)
        let ticket = desk.history.stream
        func next(without refused: Set<CommandID>) -> Timestamp? {
            TicketPolicies.next(
                desk.state, of: ticket, rules: desk.rules, after: Desk.at(3), without: refused)
        }
        #expect(next(without: []) == Desk.at(3 + 12))
        // One that was refused keeps no other from its time.
        let due = TicketPolicies.due(desk.state, of: ticket, rules: desk.rules, now: Desk.at(3 + 12))
        #expect(due.map(\.policy) == ["preWarning"])
        let after = try #require(next(without: Set(due.map(\.id))))
        #expect(after > Desk.at(3 + 12))
    }

    @Test func `a reopened ticket has nothing of the unit that had it before, and the new one may ask to return it`()
        throws
    {
        var desk = try Place.returnRefused()
        try desk.give(.replySubmitted, at: History.street, hour: 3, by: "li", Place.reply)
        try desk.give(.unitReviewed, at: History.street, hour: 3, by: "lin", ["passed": true])
        #expect(desk.state.isReviewPassed == true)
        try desk.give(.finished, hour: 3, by: "zhao")
        try desk.give(.callbackExempted, hour: 3, ["code": "anonymous"])
        try desk.give(.closed, hour: 3, ["retention": "standard"])
        try desk.give(.reopened, hour: 4, by: "sun", Self.away.changing("reason", to: "审计发现"))
        #expect(desk.state.signedAt == nil)
        #expect(desk.state.signEvent == nil)
        #expect(desk.state.signDue == nil)
        #expect(desk.state.returnRequest == .none)
        #expect(desk.state.firstDispatcher == "zhou")
        #expect(try desk.give(.returnAsked, at: History.other, hour: 5, by: "he", Place.askReturn) == 1)
        #expect(desk.state.returnProposal == "320507002")
    }

    @Test func `a unit that gets a ticket back is counted, the same unit twice in a row is not`() throws {
        var desk = try Place.dispatched()
        try desk.give(.reassigned, hour: 1, ["lead": "320507001"])
        #expect(desk.state.loops == 0)
        try desk.give(.reassigned, hour: 1, Self.away)
        #expect(desk.state.loops == 0)
        try desk.give(.reassigned, hour: 1, ["lead": "320507001"])
        #expect(desk.state.loops == 1)
        // Sent back to the unit whose return was just approved.
        try desk.give(.returnAsked, at: History.street, hour: 2, by: "li", Place.askReturn)
        try desk.give(.returnApproved, hour: 2, by: "zhao")
        try desk.give(.dispatched, hour: 3, ["lead": "320507001"])
        #expect(desk.state.loops == 2)
        var redo = try Place.calledBack()
        try redo.give(.redoOrdered, hour: 3, ["lead": "320507001", "finding": "未处理"])
        #expect(redo.state.loops == 0)
        #expect(redo.state.led == ["320507001"])
    }

    @Test func `two tickets never go into each other, and each caller of a merged one gets a callback`() throws {
        var child = try Place.mergeable()
        try child.give(.mergedInto, hour: 2, Place.merge)
        var stays = try Place.inHand()
        stays.partner = child.state
        #expect(stays.refusal(.mergedInto, hour: 3, Place.merge) == TicketGuard.mergePartner.code)
        child.partner = stays.state
        let answer: JSONObject = ["contacted": true, "solved": true, "grade": "4"]
        #expect(child.refusal(.callbackRecorded, hour: 3, answer) == TicketGuard.partnerOpen.code)
        child.partner = try Place.finished().state
        var exempt = child
        #expect(try exempt.give(.callbackExempted, hour: 4, ["code": "mergedChild"]) == 1)
        #expect(try exempt.give(.callbackExempted, hour: 4, ["code": "mergedChild"]) == 0)
        #expect(try child.give(.callbackRecorded, hour: 4, answer) == 1)
        #expect(child.state.callbackGrade == "4")
        #expect(child.state.isCallerReached == true)
        let firing = TicketPolicies.due(child.state, of: child.history.stream, rules: child.rules, now: Desk.at(80))
        #expect(firing.map(\.command.kind) == [.closed])
        // A redo leaves the partner: the ticket has a life of its own again.
        try child.give(.redoOrdered, hour: 5, ["lead": "320507001", "finding": "未处理"])
        #expect(child.state.mergedInto == nil)
    }

    @Test(arguments: TicketStatus.allCases)
    func `the caller of a merged ticket is called back only when the ticket that stays has its answer`(
        stays: TicketStatus
    ) throws {
        var child = try Place.beside(Place.merged, stays)
        let answered: Set<TicketStatus> = [.finished, .calledBack, .closed, .answered, .rejected]
        let refusal = answered.contains(stays) ? nil : TicketGuard.partnerOpen.code
        var exempt = child
        #expect(exempt.refusal(.callbackExempted, hour: 3, ["code": "mergedChild"]) == refusal)
        let answer: JSONObject = ["contacted": true, "solved": true, "grade": "4"]
        #expect(child.refusal(.callbackRecorded, hour: 3, answer) == refusal)
    }

    @Test func `a ticket that was merged before it had a category is registered again when they part`() throws {
        var bare = try Place.beside(Place.uncategorised, .inHand)
        try bare.give(.mergedInto, hour: 1, Place.merge)
        try bare.give(.unmerged, hour: 2, ["reason": "并错"])
        #expect(bare.state.status == .registered)
        #expect(bare.refusal(.dispatched, hour: 3, ["lead": "320507001"]) == "GL-4003")
        #expect(try bare.give(.queuedForDispatch, hour: 3, ["category": ["noise"]]) == 1)
    }

    @Test(
        arguments: [
            (["text": "路口", "area": "abc"], "GL-4006", "place.area"), (["area": ""], "GL-4006", "place.area"),
            (["area": "3205070010010030"], "GL-4006", "place.area"), (["area": 320_507_001], "GL-4006", "place.area"),
            (["text": 5], "GL-4006", "place.text"), (["street": " "], "GL-4006", "place.street"),
            (["community": []], "GL-4006", "place.community"), (["foo": 1, "text": "路口"], "GL-4007", "place.foo"),
            (["latitudeE7": "12", "longitudeE7": 1_206_200_000], "GL-4006", "place.latitudeE7"),
            (["latitudeE7": 900_000_001, "longitudeE7": 0], "GL-4006", "place.latitudeE7"),
            (["latitudeE7": 313_200_000, "longitudeE7": -1_800_000_001], "GL-4006", "place.longitudeE7"),
            (["latitudeE7": 313_200_000], "GL-4005", "place.longitudeE7"),
            (["latitudeE7": .null, "longitudeE7": 1_206_200_000], "GL-4005", "place.latitudeE7"),
        ] as [(JSON, String, String)])
    func `what a place would not keep is refused by its name`(place: JSON, code: String, field: String) throws {
        let filing = Place.filing.changing("place", to: place)
        for (kind, fields, given) in [
            (.registered, filing, nil), (.queuedForDispatch, ["place": place], Place.registered),
            (.placeCorrected, ["place": place, "reason": "地址有误"], Place.inHand),
        ] as [(TicketEventKind, JSONObject, (() throws -> Desk)?)] {
            var desk = try given?() ?? Desk()
            let refusal = #expect(throws: TicketRefusal.self) { try desk.give(kind, hour: 2, fields) }
            #expect(refusal?.code == code)
            #expect(refusal?.message.description.contains("\"\(field)\"") == true)
        }
    }

    @Test(
        arguments: [
            [:], ["area": "320507"], ["area": "320507001001", "street": "元和街道", "community": "观塘社区", "text": .null],
            ["latitudeE7": -900_000_000, "longitudeE7": 1_800_000_000], ["latitudeE7": .null, "longitudeE7": .null],
        ] as [JSON])
    func `a place may have any of its members`(place: JSON) throws {
        var desk = Desk()
        #expect(try desk.give(.registered, hour: 0, Place.filing.changing("place", to: place)) == 1)
        let kept = (place.object?.members ?? []).filter { !$0.value.isNull }.map(\.key)
        #expect(desk.state.place.json.members.map(\.key) == kept)
    }

    @Test func `place, grid, regime and statutory due time of the queue stand in the state`() throws {
        var desk = try Place.registered()
        let fields: JSONObject = [
            "place": ["text": "三号楼", "area": "320507001"], "grid": "320507001003005", "regime": "12315",
            "statutoryDue": Place.instant(24 * 7),
        ]
        try desk.give(.queuedForDispatch, hour: 0, fields)
        #expect(desk.state.place.text == "三号楼")
        #expect(desk.state.grid == "320507001003005")
        #expect(desk.state.regime == "12315")
        #expect(desk.state.statutoryDue == Desk.at(24 * 7))
        try desk.give(.dispatched, hour: 0, ["lead": "320507001"])
        #expect(desk.state.regime == "12315")
        var filed = Desk()
        try filed.give(.registered, hour: 0, Place.filing.changing("regime", to: "12315"))
        #expect(filed.state.regime == "12315")
        #expect(filed.state.statutoryDue == nil)
    }

    @Test func `subtasks are the present lead's, and points those of the present level`() throws {
        var desk = try Place.inHand()
        let task: JSONObject = ["unit": "320507001003", "due": Place.instant(9)]
        try desk.give(.subDispatched, at: History.street, hour: 2, by: "li", task)
        #expect(desk.state.subtasks.map(\.due) == [Desk.at(9)])
        try desk.give(.supervisionRaised, hour: 3, ["level": 2, "points": 5, "reason": "逾期"])
        #expect(desk.state.supervisionPoints == 5)
        try desk.give(.supervisionLowered, hour: 3, ["level": 1, "reason": "已整改"])
        #expect(desk.state.supervisionPoints == nil)
        try desk.give(.reassigned, hour: 4, Self.away)
        #expect(desk.state.subtasks.isEmpty)
    }
}
