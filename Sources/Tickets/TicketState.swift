/// What a ticket (工单) is, after the events that count: the state machine's state and its overlays.

package import Events

/// A unit that works on a ticket, with the node it works at; nil when it has none of its own.
package struct UnitAtNode: Sendable, Equatable, Hashable {
    /// Unit code (单位代码), as in the territory.
    package let unit: String
    package let node: NodeID?

    package init(unit: String, node: NodeID?) {
        self.unit = unit
        self.node = node
    }

    /// Reads `unit`/`node` members such as `lead`, `leadNode`.
    init?(code unit: String?, node: String?) {
        guard let unit else { return nil }
        self.init(unit: unit, node: node.flatMap { try? NodeID($0) })
    }
}

/// A ticket's state.
///
/// All texts are as the events gave them; identities stand here only as `person/…`.
package struct TicketState: Sendable, Equatable {
    package var status = TicketStatus.registered
    package var exists = false
    /// Of its events only the envelopes are here: it left for another unit, and this node has let the bodies go.
    package private(set) var isLetGo = false

    // What it is
    package var number: String?
    package var channel = ""
    package var title: String?
    package var matter = ""
    package var kind: String?
    package var urgency: String?
    package var category: [String] = []
    package var place = TicketPlace()
    /// Code of the grid where it happened (网格编码), as it was queued under; nil while unknown.
    package var grid: String?
    /// The law that it is handled under beside the hotline (法定程序), such as 12315, and the due time of that law.
    package var regime: String?
    package var statutoryDue: Timestamp?
    package var isConfidential = false
    package var reporter: String?
    /// Units of the reporter, fixed at filing (上报链): worker, micro-grid, grid, community.
    package var reporterChain: [String] = []
    package var source: TicketSource?
    /// Where its filing stands in the canonical order, by which tickets with the same number are told apart.
    package var filing: TicketFiling?
    package var registeredAt = Timestamp(milliseconds: 0)
    package var lastChangedAt = Timestamp(milliseconds: 0)

    // Whose it is
    package var isStreetOwned = false
    package var ownerNode: NodeID?
    package var lead: UnitAtNode?
    package var helpers: [TicketHelper] = []
    /// What the lead gave to units below it, in the order of the events.
    package var subtasks: [TicketSubtask] = []
    /// Units that have led it in this round.
    package var led: [String] = []
    /// How often in this round a unit got it back that had led it before (回流); a dispatcher is shown any.
    package var loops = 0
    package var firstDispatcher: String?
    package var handler: String?

    // Clocks
    package var firstDispatchedAt: Timestamp?
    /// When the present unit got it.
    package var dispatchedAt: Timestamp?
    package var due: DueInstant?
    package var signDue: DueInstant?
    package var contactDue: DueInstant?
    /// Until when the unit may ask to return it.
    package var returnDue: DueInstant?
    /// When a dispatch that nobody signed is deemed signed (视同签收); nil when it never is.
    package var signDeemedAt: DueInstant?
    /// When the present round's clock began: its first dispatch.
    package var roundStartedAt: Timestamp?
    /// The round's limit, as its dispatch wrote it.
    package var limit: TicketLimit?
    /// The warnings still to come, as events wrote them; ascending.
    package var warnings: [TicketWarning] = []
    /// Times of this round in which the clock stood still, and that `due` has in it.
    package var stops: [TicketStop] = []
    /// A stop that the reply ended: the owner's next decision adds it to `due`.
    package var uncountedStop: TicketStop?
    /// The event that wrote `due`, and the version of its rules.
    package var dueEvent: EventID?
    package var dueRule: String?
    /// The date that the round's last extension gave, and when it did.
    package var extendedTo: Timestamp?
    package var extendedAt: Timestamp?
    package var signedAt: Timestamp?
    package var isSignDeemed = false
    package var contactedAt: Timestamp?
    package var contactTries = 0
    /// The events whose counted times `signedAt`, `contactedAt` and `repliedAt` are.
    package var signEvent: EventID?
    package var contactEvent: EventID?
    package var replyEvent: EventID?
    package var closedAt: Timestamp?
    /// Set when finished: whether the counted time of the reply lay within the limit.
    package var isOnTime: Bool?

    // Overlays
    package var round = 0
    package var hop = 0
    package var isFinal = false
    package var returnRequest = RequestStatus.none
    package var returnsThisRound = 0
    package var returnsApproved = 0
    package var returnsRefused = 0
    package var statusBeforeReturn = TicketStatus.dispatched
    package var returnAsk: TicketAsk?
    package var extensionRequest = RequestStatus.none
    package var extensionAsk: TicketAsk?
    package var extensionsGranted = 0
    /// The due time that was last asked for.
    package var extensionWished: Timestamp?
    /// The unit that should have it, by the last request to return it.
    package var returnProposal: String?
    package var suspendRequest = RequestStatus.none
    /// What the last request to suspend waits for, when to look again and by when it will be done (承诺时间).
    package var suspendReason: String?
    package var suspendReview: Timestamp?
    package var suspendPromised: Timestamp?
    package var suspendAsk: TicketAsk?
    package var suspendedSince: Timestamp?
    package var suspendedUntil: Timestamp?
    package var urges = 0
    package var supervisionLevel = 0
    /// Points of the present level (扣分); nil when none were said.
    package var supervisionPoints: Int?
    package var sentBack = 0
    package var redos = 0
    package var isRedoProposed = false
    package var preWarnings = 0
    package var isOverdueNoted = false
    /// Noted while the holder's line was down: what was done there may not be here yet (超期待核).
    package var isOverdueUnconfirmed = false
    package var isFakeFinish = false
    package var isTakenOver = false
    package var isReopened = false
    /// Handed to 110, 119, 120 or 122.
    package var isEmergency = false
    package var emergencyService: String?
    /// The legal reason of a ticket that was not accepted (不予受理事由).
    package var rejectionCode: String?
    /// Whether the unit's own reviewer agreed to the last reply; nil before.
    package var isReviewPassed: Bool?
    /// The share of the limit of the last warning, ‰.
    package var preWarnedPermille: Int64 = 0
    package var calledBackAt: Timestamp?
    package var mergedInto: StreamName?

    // Reply and after
    package var reply: String?
    package var repliedAt: Timestamp?
    /// solved 实际解决, staged 阶段性, explained 解释说明.
    package var finishKind: String?
    package var finishedAt: Timestamp?
    package var callbackGrade: String?
    package var isSolvedByCaller: Bool?
    /// Whether the caller was reached; nil before the callback, and when there was none.
    package var isCallerReached: Bool?
    /// Why there was no callback (免回访原因).
    package var callbackExemption: String?
    /// How long it is kept (保管期限).
    package var retention: String?

    /// Counted times of holder's events, by event (`ticket.receiptNoted`).
    package var countedAt: [EventID: Timestamp] = [:]
    /// What the centre's rules say of due times that a street wrote under others, by event; for showing alone.
    package var dueDifferences: [EventID: TicketDueDifference] = [:]

    package init() {}

    /// A ticket that left and of which bodies were let go: made of the envelopes alone, so that whoever meets it, and when, makes
    /// the same of it.
    init(stubOf events: [Event]) {
        isLetGo = true
        // Nothing can be done with it here, so that it is in nobody's way.
        status = .closed
        registeredAt = events.map(\.occurredAt).min() ?? registeredAt
        lastChangedAt = events.map(\.occurredAt).max() ?? lastChangedAt
    }

    /// The time that counts for an event: what the centre noted, else when its own node recorded it.
    ///
    /// Never `occurredAt`, which its author chose: that is for showing and for replays.
    package func counted(_ event: Event) -> Timestamp { countedAt[event.id] ?? event.recordedAt }

    /// Whether it is still to be settled that the ticket is late (超期待核).
    ///
    /// A merged one keeps the note, for the case that it is parted again; until then nothing settles it.
    package var isLatenessOpen: Bool { isOverdueUnconfirmed && status.isClockOpen }

    /// By when the first of the open requests is to be decided (审核时限).
    package var decisionDue: DueInstant? {
        guard status.takesDecisions else { return nil }
        var open: [DueInstant?] = []
        if status == .returnAsked { open.append(returnAsk?.decisionDue) }
        if status == .inHand, extensionRequest == .asked { open.append(extensionAsk?.decisionDue) }
        if status == .inHand, suspendRequest == .asked { open.append(suspendAsk?.decisionDue) }
        return open.compactMap { $0 }.min { $0.at < $1.at }
    }
}

/// Where it happened (发生地点).
package struct TicketPlace: Sendable, Equatable {
    package var text: String?
    /// Area code (区划代码): of a street 9 digits, of a community 12; as filed, since grids are re-cut.
    package var area: String?
    package var street: String?
    package var community: String?
    /// 1e-7 degrees, WGS-84.
    package var latitudeE7: Int64?
    package var longitudeE7: Int64?

    package init() {}

    init(_ object: JSONObject?) {
        text = object?["text"]?.string
        area = object?["area"]?.string
        street = object?["street"]?.string
        community = object?["community"]?.string
        latitudeE7 = object?["latitudeE7"]?.integer
        longitudeE7 = object?["longitudeE7"]?.integer
    }
}

/// Where an imported ticket comes from.
package struct TicketSource: Sendable, Equatable {
    package var name: String
    package var id: String
}
