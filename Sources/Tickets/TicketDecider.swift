/// Decisions on a ticket: a command and the state in, events or a refusal out.
///
/// The order is the same for every kind: the ticket is there; this node may write it; this role may; what is true
/// already gives nothing; the state fits the table; the fields are there; then the guards of the kind, by phase in
/// `Decide+….swift`, which also add what is computed.

package import Events

package enum TicketDecider {
    package static func decide(
        _ command: TicketCommand, in state: TicketState, context: TicketContext
    ) throws(TicketRefusal) -> [TicketDraft] {
        try Decision(command: command, state: state, context: context).run()
    }
}

/// One decision in the making.
struct Decision {
    let command: TicketCommand
    let state: TicketState
    let context: TicketContext

    var kind: TicketEventKind { command.kind }
    var fields: JSONObject { command.fields }
    /// When it happened, by its author's word.
    ///
    /// Written down and shown, never compared with a limit: that is `context.now`.
    var occurredAt: Timestamp { past(command.occurredAt ?? context.now) }
    var numbers: TicketRuleNumbers { context.rules.numbers }
    var clock: TicketClock { TicketClock(state: state, rules: context.rules) }

    /// 1990: no hotline has older steps, and a time in seconds, taken for milliseconds, lies early in 1970.
    private static let earliest = Timestamp(milliseconds: 631_152_000_000)

    /// Milliseconds by which a client's clock may be ahead of the node's; clocks that NTP keeps differ by less.
    static let clientsLead: Int64 = 5_000

    /// Whether a client can have meant a moment that is over.
    func isPast(_ instant: Timestamp) -> Bool { instant <= context.now + Decision.clientsLead }

    /// What the client's clock says is to come, by the node's clock: no event tells of a time after it was recorded.
    func past(_ instant: Timestamp) -> Timestamp { min(instant, context.now) }

    func run() throws(TicketRefusal) -> [TicketDraft] {
        try checkExistence()
        try checkWriter()
        try checkRole()
        try checkHolderUnit()
        if isTrueAlready { return [] }
        if kind.rule.from.isEmpty == false, !kind.rule.from.contains(state.status) {
            throw .wrongState(
                context.ticket, kind, is: state.status,
                expected: TicketStatus.allCases.filter(kind.rule.from.contains))
        }
        try checkFields()
        // The node's own clock is not the author's word.
        if let given = command.occurredAt, given < Decision.earliest {
            throw .badField(
                kind, field: "occurredAt", rule: "milliseconds (not seconds) since 1970, in 1990 or later")
        }
        if let given = command.occurredAt, !isPast(given) {
            throw .inFuture(context.ticket, occurredAt: given, now: context.now)
        }
        return [TicketDraft(kind, try body(), occurredAt: occurredAt)]
    }

    private func checkExistence() throws(TicketRefusal) {
        let founds = kind == .registered || kind == .imported
        if state.isLetGo { throw .left(context.ticket) }
        if !founds, !state.exists { throw .unknownTicket(context.ticket) }
        if founds, state.exists, !isTrueAlready { throw .alreadyExists(context.ticket) }
    }

    private func checkWriter() throws(TicketRefusal) {
        guard state.exists else { return }
        let owner = state.ownerNode ?? context.centre
        switch kind.rule.writer {
        case .any: return
        case .centre:
            if context.node != context.centre { throw notWriter("the centre, node \(context.centre)") }
        case .owner:
            if context.node != owner { throw notWriter("its owner, node \(owner)") }
        case .holder:
            guard let holder = state.holderNode else { throw .noHolder(context.ticket, kind, node: context.node) }
            if context.node != holder { throw notWriter("its holder, node \(holder)") }
        }
    }

    private func checkRole() throws(TicketRefusal) {
        let who = kind.who(streetOwned: state.exists ? state.isStreetOwned : context.node != context.centre)
        if who.allows(context.actor) { return }
        throw .wrongRole(context.ticket, kind, actor: TicketWho.words(of: context.actor), allowed: who.words)
    }

    /// The node has the right; a person there acts for his own unit.
    ///
    /// Asked when a command is decided and never when an event is folded, as roles are.
    private func checkHolderUnit() throws(TicketRefusal) {
        guard kind.rule.writer == .holder, context.actor.system == nil, let lead = state.lead?.unit, !acts(for: lead)
        else { return }
        let own: Words = context.actor.unit.map(Words.init(verbatim:)) ?? "no unit"
        throw refuse(.holderUnit, found: "\(own), and it is \(lead) that has it")
    }

    /// Whether the acting person is of a unit, of one below it, or the clerk of the street that it works for (街道指挥中心).
    func acts(for unit: String) -> Bool {
        guard let own = context.actor.unit else { return false }
        if own == unit || context.rules.isUnit(own, below: unit) { return true }
        guard isAtStreet, context.actor.role == TicketRole.clerk.rawValue else { return false }
        return context.rules.isUnit(unit, below: own) || context.rules.node(of: own) == context.node
    }

    private func notWriter(_ expected: Words) -> TicketRefusal {
        .notWriter(context.ticket, kind, node: context.node, expected: expected)
    }

    private func checkFields() throws(TicketRefusal) {
        let known = TicketFields.of(kind)
        for member in fields.members where !known.contains(where: { $0.name == member.key }) {
            throw .unknownField(kind, field: member.key)
        }
        for field in known {
            guard let value = fields[field.name], !value.isNull else {
                if field.isRequired { throw .missingField(kind, field: field.name, meaning: field.meaning) }
                continue
            }
            if !field.shape.fits(value) { throw .badField(kind, field: field.name, rule: field.shape.rule) }
            if field.shape == .place { try check(place: value.object ?? [:], of: field.name) }
        }
    }

    /// What a place does not keep is refused, and not recorded where nobody finds it again.
    private func check(place: JSONObject, of field: String) throws(TicketRefusal) {
        for (name, value) in place.members where !value.isNull {
            guard let member = TicketFields.place.first(where: { $0.name == name }) else {
                throw .unknownField(kind, field: "\(field).\(name)")
            }
            if !member.shape.fits(value) {
                throw .badField(kind, field: "\(field).\(name)", rule: member.shape.rule)
            }
        }
        let given = ["latitudeE7", "longitudeE7"].filter { place[$0]?.isNull == false }
        if given.count == 1 {
            let missing = given == ["latitudeE7"] ? "longitudeE7" : "latitudeE7"
            throw .missingField(
                kind, field: "\(field).\(missing)", meaning: "a coordinate has no place without the other")
        }
    }

    private func body() throws(TicketRefusal) -> JSONObject {
        switch kind {
        case .registered, .imported, .importUpdated, .directAnswerGiven, .rejected, .emergencyTransferred,
            .queuedForDispatch:
            try intake()
        case .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened: try dispatch()
        case .signed, .signDeemed, .firstContactMade, .firstContactFailed, .subDispatched, .extensionAsked,
            .extensionGranted,
            .extensionRefused, .suspendAsked, .suspendGranted, .suspendRefused, .resumed, .progressNoted,
            .helperReported:
            try handling()
        case .returnAsked, .returnApproved, .returnRefused, .rulingOpened: try returning()
        case .replySubmitted, .unitReviewed, .receiptNoted, .replySentBack, .finished: try reply()
        case .callbackRecorded, .callbackExempted, .redoProposed, .redoDeclined, .closed, .fakeFinishFound: try after()
        case .urged, .supervisionRaised, .supervisionLowered, .mergedInto, .unmerged, .recategorised, .placeCorrected,
            .callerSupplemented, .takenOver, .voided, .preWarned, .overdueNoted, .conflictResolved:
            try supervision()
        case .dueRecomputed: clock.recomputed(at: context.now) ?? fields
        }
    }

    // MARK: - What the phases use

    func refuse(_ rule: TicketGuard, found: Words) -> TicketRefusal {
        .guarded(context.ticket, kind, rule, found: found)
    }

    func text(_ name: String) -> String { fields[name]?.string ?? "" }

    func instant(_ name: String) -> Timestamp { Timestamp(milliseconds: fields[name]?.integer ?? 0) }

    /// Adds the due time of `due` to a body, with the rules and the warnings that go with it.
    func write(_ due: DueInstant?, into body: inout JSONObject) {
        guard let due else { return }
        body["due"] = due.json
        body["rule"] = .string(context.rules.version)
        body["warnings"] = .array(clock.warnings(due: due, at: context.now).map(\.json))
    }

    /// Where a stop of the clock ends (停钟): the stop, and the due time that it moved.
    func settleStop(into body: inout JSONObject, by other: TicketClock? = nil) {
        let clock = other ?? clock
        guard let stop = clock.stop(until: context.now) else { return }
        body["stop"] = stop.json
        write(clock.due(at: context.now), into: &body)
    }

    /// The account of the person who acts; nil for a system actor.
    var account: String? { context.actor.account }
}

extension TicketState {
    /// Whose node may write as the holder: the lead's, or of a street's own case the street's.
    package var holderNode: NodeID? { lead?.node ?? (isStreetOwned ? ownerNode : nil) }
}
