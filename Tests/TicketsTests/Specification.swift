/// The specification of one kind: given a ticket, when somebody gives the command, then events or a refusal.
///
/// A row says in plain data what `docs/format/tickets.md` says in words, independently of the decider's tables; the
/// tests in `SpecificationTests` draw every refusal that a row implies from it.

import Events
import Testing

@testable import Tickets

/// What a second command of the same kind and fields comes to, at once.
enum Again {
    /// It is true already.
    case nothing
    /// It adds once more.
    case another
    /// The state has moved on, or a guard stands against it.
    case refused(String)
}

/// A way to be refused: what is different from the happy path, and the code.
struct Refusal: Sendable {
    let code: String
    /// Where the ticket is; nil for where the specification has it.
    var given: (@Sendable () throws -> Desk)?
    var fields: JSONObject?
    var account: String?
    var hour: Int64?
    var node: NodeID?
    var unit: String?
    var rules: (@Sendable (inout RoundRules) -> Void)?

    init(
        _ code: String, given: (@Sendable () throws -> Desk)? = nil, _ fields: JSONObject? = nil,
        by account: String? = nil, hour: Int64? = nil, at node: NodeID? = nil, of unit: String? = nil,
        rules: (@Sendable (inout RoundRules) -> Void)? = nil
    ) {
        self.code = code
        self.given = given
        self.fields = fields
        self.account = account
        self.hour = hour
        self.node = node
        self.unit = unit
        self.rules = rules
    }

    init(
        _ rule: TicketGuard, given: (@Sendable () throws -> Desk)? = nil, _ fields: JSONObject? = nil,
        by account: String? = nil, hour: Int64? = nil, at node: NodeID? = nil, of unit: String? = nil,
        rules: (@Sendable (inout RoundRules) -> Void)? = nil
    ) {
        self.init(rule.code, given: given, fields, by: account, hour: hour, at: node, of: unit, rules: rules)
    }
}

/// Who writes a kind (the column Writer of the table).
enum Writer { case centreAsOwner, holder, any, centreAlone, helper }

struct Specification: Sendable, CustomTestStringConvertible {
    let kind: TicketEventKind
    let given: @Sendable () throws -> Desk
    let fields: JSONObject
    let account: String
    let hour: Int64
    let writer: Writer
    /// Roles that may, as stored; "system x" for a system actor.
    let roles: [String]
    /// The states it is taken in; empty for what founds a ticket.
    let from: Set<TicketStatus>
    let again: Again
    let refusals: [Refusal]
    /// What is true after it.
    let then: @Sendable (TicketState) -> Bool

    init(
        _ kind: TicketEventKind, given: @escaping @Sendable () throws -> Desk, _ fields: JSONObject = [:],
        by account: String = "zhao", hour: Int64 = 2, writer: Writer = .centreAsOwner, roles: [String],
        from: Set<TicketStatus>, again: Again = .nothing, refused: [Refusal] = [],
        then: @escaping @Sendable (TicketState) -> Bool
    ) {
        self.kind = kind
        self.given = given
        self.fields = fields
        self.account = account
        self.hour = hour
        self.writer = writer
        self.roles = roles
        self.from = from
        self.again = again
        refusals = refused
        self.then = then
    }

    var testDescription: String { kind.rawValue }

    /// The node where it is given on the happy path.
    var node: NodeID {
        switch writer {
        case .centreAsOwner, .centreAlone: History.centre
        case .holder, .any: History.street
        case .helper: History.other
        }
    }

    /// The nodes from which it is refused, on a ticket of the centre that street1 holds.
    var strangers: [NodeID] {
        switch writer {
        case .centreAsOwner, .centreAlone: [History.street, History.other]
        case .holder: [History.centre, History.other]
        case .any, .helper: []
        }
    }
}

/// Places in the life of a ticket, each reached by commands; street1 handles, street2 helps.
enum Place {
    /// The SHA-256 of a photograph.
    static let photograph = JSON.string(String(repeating: "ab12", count: 16))

    private static func after(
        _ place: () throws -> Desk, _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64 = 2,
        by account: String, _ fields: JSONObject = [:]
    ) throws -> Desk {
        var desk = try place()
        try #require(try desk.give(kind, at: node, hour: hour, by: account, fields) == 1)
        return desk
    }

    static let filing: JSONObject = [
        "channel": "phone", "matter": "路灯不亮", "category": ["noise"], "reporterChain": ["grid7"],
    ]
    static let caller = "person/00112233445566778899aabbccddeeff"
    static let reply: JSONObject = [
        "text": "已修复", "callerTold": ["way": "phone", "at": 1_700_000_000_000], "fact": "属实", "demand": "合理",
        "kind": "solved",
    ]
    static let askReturn: JSONObject = [
        "reason": "非辖区", "basis": "三定方案", "proposedUnit": "320507002", "leader": "boss",
    ]

    static func instant(_ hour: Int64) -> JSON { .integer(Desk.at(hour).milliseconds) }
    static var askExtension: JSONObject { ["reason": "待料", "until": instant(40), "callerTold": "phone"] }
    static var askSuspension: JSONObject {
        ["reasonClass": "test", "reason": "送检", "review": instant(8), "promised": instant(10)]
    }

    @Sendable static func nowhere() -> Desk { Desk() }
    @Sendable static func registered() throws -> Desk { try after(nowhere, .registered, hour: 0, by: "wang", filing) }
    @Sendable static func facility() throws -> Desk {
        var filing = filing
        filing["category"] = ["facility"]
        return try inHand(filing)
    }
    @Sendable static func uncategorised() throws -> Desk {
        try after(nowhere, .registered, hour: 0, by: "wang", ["channel": "phone", "matter": "不明"])
    }
    @Sendable static func queued() throws -> Desk { try queued(filing) }
    static func queued(_ filing: JSONObject) throws -> Desk {
        try after(
            { try after(nowhere, .registered, hour: 0, by: "wang", filing) }, .queuedForDispatch, hour: 0, by: "wang")
    }
    @Sendable static func dispatched() throws -> Desk { try dispatched(filing) }
    static func dispatched(_ filing: JSONObject) throws -> Desk {
        try after(
            { try queued(filing) }, .dispatched, hour: 0, by: "zhou",
            ["lead": "320507001", "helpers": [["unit": "320507002", "node": "street2"]]])
    }
    @Sendable static func inHand() throws -> Desk { try inHand(filing) }
    static func inHand(_ filing: JSONObject) throws -> Desk {
        try after({ try dispatched(filing) }, .signed, at: History.street, hour: 1, by: "li")
    }
    @Sendable static func urgent() throws -> Desk {
        var filing = filing
        filing["urgency"] = "urgent2h"
        return try inHand(filing)
    }
    @Sendable static func returnAsked() throws -> Desk {
        try after(inHand, .returnAsked, at: History.street, by: "li", askReturn)
    }
    @Sendable static func returnRefused() throws -> Desk {
        try after(returnAsked, .returnRefused, by: "zhao", ["reason": "有管辖权"])
    }
    @Sendable static func ruling() throws -> Desk { try after(returnAsked, .rulingOpened, by: "sun", ["reason": "争议"]) }
    @Sendable static func ruled() throws -> Desk {
        try after(
            { try after(ruling, .rulingMade, by: "sun", ["lead": "320507001", "basis": "会商纪要"]) }, .signed,
            at: History.street, by: "li")
    }
    @Sendable static func extensionAsked() throws -> Desk {
        try after(inHand, .extensionAsked, at: History.street, by: "li", askExtension)
    }
    @Sendable static func extended() throws -> Desk {
        try after(extensionAsked, .extensionGranted, by: "zhao", ["until": instant(40)])
    }
    /// Asked in time by the street's word, and late by the time that counts.
    @Sendable static func extensionAskedLate() throws -> Desk {
        var desk = try extensionAsked()
        try desk.receive(hour: 20, counted: 20, why: "arrival")
        return desk
    }
    /// Asked where rules let urgent tickets be extended.
    @Sendable static func extensionAskedUrgent() throws -> Desk {
        var desk = try urgent()
        desk.rules.numbers.extendsUrgent = true
        try desk.give(.extensionAsked, at: History.street, hour: 2, by: "li", askExtension)
        return desk
    }
    /// In hand with provisional dues, under a calendar that has come since and has a day off in it.
    @Sendable static func recalendared() throws -> Desk {
        var desk = Desk()
        desk.rules.isProvisional = true
        try desk.give(.registered, hour: 0, filing)
        try desk.give(.queuedForDispatch, hour: 0)
        try desk.give(.dispatched, hour: 0, by: "zhou", ["lead": "320507001"])
        try desk.give(.signed, at: History.street, hour: 1, by: "li")
        desk.rules.version = "test-2"
        desk.rules.isProvisional = false
        desk.rules.holiday = 24
        return desk
    }
    @Sendable static func suspendAsked() throws -> Desk {
        try after(inHand, .suspendAsked, at: History.street, by: "li", askSuspension)
    }
    @Sendable static func suspended() throws -> Desk {
        try after(suspendAsked, .suspendGranted, by: "sun", ["until": instant(30)])
    }
    @Sendable static func replied() throws -> Desk {
        try after(inHand, .replySubmitted, at: History.street, by: "li", reply)
    }
    @Sendable static func finished() throws -> Desk { try after(replied, .finished, by: "zhao") }
    @Sendable static func foundFake() throws -> Desk {
        try after(finished, .fakeFinishFound, by: "sun", ["evidence": [Place.photograph], "reason": "未处理"])
    }
    @Sendable static func calledBack() throws -> Desk {
        try after(finished, .callbackRecorded, by: "qian", ["contacted": true, "solved": false, "grade": "1"])
    }
    @Sendable static func redoProposed() throws -> Desk {
        try after(calledBack, .redoProposed, by: "qian", ["finding": "未处理"])
    }
    @Sendable static func closed() throws -> Desk {
        try after(calledBack, .closed, by: "dang", ["retention": "standard"])
    }
    static let merge: JSONObject = ["into": "ticket/0001", "reason": "同一路灯"]
    /// In hand, beside a ticket of the same owner that it can go into.
    @Sendable static func mergeable() throws -> Desk { try beside(inHand, .inHand) }
    static func beside(
        _ place: () throws -> Desk, _ status: TicketStatus, owner: NodeID = History.centre
    ) rethrows -> Desk {
        var desk = try place()
        desk.partner = TicketState()
        desk.partner?.exists = true
        desk.partner?.ownerNode = owner
        desk.partner?.status = status
        return desk
    }
    @Sendable static func merged() throws -> Desk { try after(mergeable, .mergedInto, by: "zhao", merge) }
    /// Merged, and the ticket that it went into is finished.
    @Sendable static func mergedAndAnswered() throws -> Desk { try beside(merged, .finished) }
    /// An event of the street that does not count, which nobody has settled.
    @Sendable static func contested() throws -> Desk {
        var desk = try inHand()
        desk.history.write(.finished, at: History.street, hour: 2, by: "li")
        for node in [History.centre, History.street, History.other] { desk.history.tell(node) }
        return desk
    }
    static let contestedEvent = "street1.0000000000000001/2"
    @Sendable static func helpedUntil4() throws -> Desk {
        try after(
            { try after(queued, .dispatched, hour: 0, by: "zhou", ["lead": "320507001", "helpers": helper(4)]) },
            .signed, at: History.street, hour: 1, by: "li")
    }
    static func helper(_ due: Int64) -> JSON { [["unit": "320507002", "node": "street2", "due": instant(due)]] }
    @Sendable static func raised() throws -> Desk {
        try after(inHand, .supervisionRaised, by: "sun", ["level": 2, "reason": "逾期"])
    }
    @Sendable static func imported() throws -> Desk {
        try after(nowhere, .imported, hour: 0, by: "import", ["channel": "web", "matter": "噪声"])
    }
    /// A source that says "registered" again, after a dispatch here.
    @Sendable static func registeredAgain() throws -> Desk {
        var desk = try inHand()
        desk.history.write(.importUpdated, hour: 2, ["state": "registered"])
        return desk
    }
    /// A case that street1 registered for itself.
    @Sendable static func ofStreet() throws -> Desk {
        try after(nowhere, .registered, at: History.street, hour: 0, by: "li", filing)
    }
    @Sendable static func queuedInStreet() throws -> Desk {
        try after(ofStreet, .queuedForDispatch, at: History.street, hour: 0, by: "li")
    }
}
