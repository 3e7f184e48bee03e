/// What a decision is made of: the command, what the node knows around it, and the rules in force.

package import Events

/// What somebody wants to become true of a ticket: a kind of the table and its fields (`TicketFields`).
package struct TicketCommand: Sendable, Equatable {
    package let kind: TicketEventKind
    package let fields: JSONObject
    /// When it happened; nil means now.
    ///
    /// Later than the node's clock only by `Decision.clientsLead`, and then written down as now.
    package let occurredAt: Timestamp?

    package init(_ kind: TicketEventKind, _ fields: JSONObject = [:], occurredAt: Timestamp? = nil) {
        self.kind = kind
        self.fields = fields
        self.occurredAt = occurredAt
    }
}

/// An event as a decision gives it; the caller makes a `Draft` of it for the ticket's stream.
package struct TicketDraft: Sendable, Equatable {
    package let kind: TicketEventKind
    package let body: JSONObject
    package let occurredAt: Timestamp

    package init(_ kind: TicketEventKind, _ body: JSONObject, occurredAt: Timestamp) {
        self.kind = kind
        self.body = body
        self.occurredAt = occurredAt
    }

    package func draft(in stream: StreamName) -> Draft {
        Draft(stream: stream, type: EventType(kind.typeName), body: body, occurredAt: occurredAt)
    }
}

/// What a decision has to know of the past beside the state, for its one command.
package struct TicketPast: Sendable, Equatable {
    /// The last event of the command's kind that counts: what it said, and when that happened.
    package var said: JSONObject?
    package var saidAt: Timestamp?
    /// Events that were meant to decide something, do not count, and that nobody has settled.
    package var openConflicts: Set<EventID> = []

    package init() {}
}

/// What decisions read beside the ticket's state.
package struct TicketContext: Sendable {
    package let ticket: StreamName
    package let now: Timestamp
    package let actor: Actor
    /// The node that decides.
    package let node: NodeID
    package let centre: NodeID
    package let rules: any TicketRules
    /// The number that a ticket registered now gets (`TicketNumber`).
    package let nextNumber: String?
    package let past: TicketPast
    /// The ticket that this one goes into, or went into (并单对象); nil when the command asks for none.
    package let partner: TicketState?

    package init(
        ticket: StreamName, now: Timestamp, actor: Actor, node: NodeID, centre: NodeID, rules: any TicketRules,
        past: TicketPast = TicketPast(), partner: TicketState? = nil, nextNumber: String? = nil
    ) {
        self.ticket = ticket
        self.now = now
        self.actor = actor
        self.node = node
        self.centre = centre
        self.rules = rules
        self.past = past
        self.partner = partner
        self.nextNumber = nextNumber
    }
}

/// The limits of one dispatch (办理时限), computed from the rules in force.
package struct TicketLimits: Sendable, Equatable {
    /// The handling limit that `due` comes from.
    package var limit: TicketLimit
    package var due: DueInstant
    package var signDue: DueInstant
    /// When signing is deemed done (视同签收); nil when the rules switch that off.
    package var signDeemedAt: DueInstant?
    package var contactDue: DueInstant
    /// Until when the unit may ask to return it (退单窗口).
    package var returnDue: DueInstant

    package init(
        limit: TicketLimit, due: DueInstant, signDue: DueInstant, signDeemedAt: DueInstant?, contactDue: DueInstant,
        returnDue: DueInstant
    ) {
        self.limit = limit
        self.due = due
        self.signDue = signDue
        self.signDeemedAt = signDeemedAt
        self.contactDue = contactDue
        self.returnDue = returnDue
    }
}

/// When a node's own time counts (断网计时), in milliseconds.
package struct TicketOutageRule: Sendable, Equatable {
    /// An outage that lasts longer excuses nobody.
    package var longest: Int64 = 72 * 3_600_000
    /// By which the node's clock may differ from the centre's.
    package var clockOffset: Int64 = 120_000
    /// By which an instant may lie outside the outage: both ends are noticed late.
    package var margin: Int64 = 60_000

    package init() {}
}

/// The numbers of the rules that decisions and nodes read.
package struct TicketRuleNumbers: Sendable, Equatable {
    package var returnsPerRound = 1
    package var extensionsPerRound = 1
    /// ‰ of the limit after which no extension can be asked for; 1000 is the due time itself.
    package var extensionAskablePermille: Int64 = 800
    /// Whether an urgent ticket can be extended.
    package var extendsUrgent = false
    package var contactTries: Int64 = 3
    /// ‰ of the limit at which a warning comes, ascending.
    package var preWarningPermilles: [Int64] = [500, 800]
    package var outage = TicketOutageRule()

    package init() {}
}

/// The rules that decisions ask (`docs/format/rules.md`): all answers are of one published version.
package protocol TicketRules: Sendable {
    /// Version of the published rules, written into every event that holds a computed due time.
    var version: String { get }
    var numbers: TicketRuleNumbers { get }
    /// - Parameters:
    ///   - round: when the round's clock began; the handling limit runs from here and is never reset.
    ///   - hop: when this unit got it; its sign, contact and return windows run from here.
    func limits(of ticket: TicketState, round: Timestamp, hop: Timestamp) -> TicketLimits
    /// When a limit that runs from `start` is used up, with its clock stopped in `stops`.
    func due(of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]) -> DueInstant
    /// When `permille` ‰ (1…1000) of a limit are used; what lies in `stops` is not used.
    func share(_ permille: Int64, of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]) -> Timestamp
    /// An instant moved on by the time in `span`, counted as the limit counts.
    func moved(_ instant: Timestamp, by span: TicketStop, of limit: TicketLimit) -> DueInstant
    /// As long after `due` as the limit lasts: no extension (延期) goes further.
    func longestExtension(of limit: TicketLimit, from due: Timestamp) -> Timestamp
    /// By when a request that was made at `instant` is to be decided (审核时限).
    func decisionDue(of ticket: TicketState, asked instant: Timestamp) -> DueInstant
    /// Until when a redo (重办) can be ordered after a close.
    func redoEnds(after close: Timestamp) -> Timestamp
    /// When a ticket closes (结案) that nothing holds open since.
    func closes(after since: Timestamp) -> Timestamp
    /// A community (社区) helps; it is never the lead.
    func isCommunity(unit: String) -> Bool
    /// Whether a unit is a grid or a micro-grid (网格、微网格): it reports and helps, and leads only inside its street.
    func isGrid(unit: String) -> Bool
    /// The unit and those above it below the street, nearest first (上报链); empty for a street and what is above it.
    func reporterChain(of unit: String) -> [String]
    /// Whether a node belongs to the district now; a ticket that goes to any other reaches nobody.
    func isEnrolled(_ node: NodeID) -> Bool
    /// Whether the district has such a unit: what goes to any other is in nobody's inbox.
    func isKnown(unit: String) -> Bool
    /// Whether `unit` stands below `parent` in the tree of units.
    func isUnit(_ unit: String, below parent: String) -> Bool
    /// The node where a unit works; nil when it has none and works at the centre's.
    func node(of unit: String) -> NodeID?
    /// Where a unit works, enrolled or not.
    func place(of unit: String) -> UnitPlace
    /// Whether matters of this category are about a facility, so that a reply shows a photograph.
    func needsEvidence(category: [String]) -> Bool
}
