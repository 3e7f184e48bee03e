/// State (状态): the second pass. Applies the events that count, in canonical order; history is fact, so nothing is refused.
///
/// An event that comes in a state its row does not name (two true things crossed) still leaves its facts; only
/// the transition is not taken.

import Events

extension TicketState {
    /// Applies one effective event.
    mutating func apply(_ record: TicketRecord) {
        guard let kind = record.kind, let rule = record.rule else { return }
        let body = record.body
        let event = record.event
        let fits = rule.from.contains(status) || (kind == .registered && !exists)
        lastChangedAt = max(lastChangedAt, event.occurredAt)
        applyFacts(kind, body, event, fits: fits)
        if fits, let next = rule.to { status = next }
        // Parted from its partner, a ticket that nobody has put into a category is where it was filed.
        if fits, kind == .unmerged, category.isEmpty { status = .registered }
        switch rule.holder {
        case .none: break
        case .grants: grant(body)
        case .ends: if fits || kind == .takenOver { endHolding(kind) }
        }
    }

    private mutating func grant(_ body: JSONObject) {
        if let next = UnitAtNode(code: body["lead"]?.string, node: body["leadNode"]?.string) {
            let hadIt = led.contains(next.unit)
            if hadIt, next.unit != lead?.unit { loops += 1 }
            if !hadIt { led.append(next.unit) }
            lead = next
        }
        if let list = body["helpers"]?.array { helpers = list.compactMap { TicketHelper($0.object) } }
        subtasks = []
        mergedInto = nil
    }

    private mutating func endHolding(_ kind: TicketEventKind) {
        // A finished or closed ticket keeps its lead for the record; one that goes back to the desk has none.
        switch kind {
        case .returnApproved, .mergedInto, .takenOver:
            lead = nil
            helpers = []
            subtasks = []
        case _: break
        }
    }

    private mutating func applyFacts(_ kind: TicketEventKind, _ body: JSONObject, _ event: Event, fits: Bool) {
        switch kind {
        case .registered, .imported: applyFiling(kind, body, event)
        case .importUpdated: applyImportUpdate(body, event)
        case .emergencyTransferred:
            isEmergency = true
            emergencyService = body["service"]?.string
        case .directAnswerGiven: reply = body["text"]?.string ?? reply
        case .queuedForDispatch:
            applyContent(body)
            applyRegime(body)
            grid = body["grid"]?.string ?? grid
        case .rejected: rejectionCode = body["reasonCode"]?.string
        case .subDispatched, .helperReported: applyShares(kind, body, event)
        case .rulingOpened, .progressNoted, .conflictResolved: break
        case .unitReviewed: isReviewPassed = body["passed"]?.bool ?? isReviewPassed
        case .dispatched, .rulingMade, .reassigned, .redoOrdered: applyDispatch(kind, body, event)
        case .signed:
            // One that crosses deemed signing stays in history; only its receipt can take the mark away.
            guard fits || isSignDeemed else { break }
            if fits { signedAt = counted(event) }
            signEvent = event.id
            handler = event.actor.account
        case .signDeemed:
            guard fits else { break }
            signedAt = event.recordedAt
            isSignDeemed = true
        case .firstContactMade:
            guard contactedAt == nil else { break }
            contactedAt = counted(event)
            contactEvent = event.id
        case .firstContactFailed: contactTries = Int(body["tries"]?.integer ?? Int64(contactTries + 1))
        case .returnAsked: if fits { askReturn(body, event) }
        case .returnApproved:
            returnRequest = .granted
            returnsApproved += 1
            takeClock(body, event)
            endSuspension()
        case .returnRefused: refuseReturn(body, fits: fits)
        case .extensionAsked:
            extensionRequest = .asked
            extensionWished = body["until"]?.integer.map(Timestamp.init(milliseconds:))
            extensionAsk = ask(body, event)
        case .extensionGranted:
            extensionRequest = .granted
            extensionsGranted += 1
            takeClock(body, event)
            extendedTo = due?.at
            extendedAt = event.recordedAt
        case .extensionRefused: extensionRequest = .refused
        case .suspendAsked:
            suspendRequest = .asked
            applySuspensionWish(body)
            suspendAsk = ask(body, event)
        case .suspendGranted: suspend(body, event, fits: fits)
        case .suspendRefused: suspendRequest = .refused
        case .resumed:
            takeClock(body, event)
            endSuspension()
        case .replySubmitted: applyReply(body, event, fits: fits)
        case .receiptNoted: applyReceipt(body, event)
        case .replySentBack:
            sentBack += 1
            takeClock(body, event)
            uncountedStop = nil
        case .finished: applyFinish(body, event)
        case .callbackRecorded, .callbackExempted: applyCallback(body, event)
        case .redoProposed: isRedoProposed = true
        case .redoDeclined: isRedoProposed = false
        case .closed:
            closedAt = event.recordedAt
            retention = body["retention"]?.string ?? retention
            endSuspension()
        case .urged: urges += 1
        case .supervisionRaised, .supervisionLowered:
            supervisionLevel = Int(body["level"]?.integer ?? Int64(supervisionLevel))
            supervisionPoints = body["points"]?.integer.map { Int($0) }
        case .mergedInto:
            mergedInto = body["into"]?.string.flatMap { try? StreamName($0) }
            takeClock(body, event)
            endSuspension()
        case .unmerged: mergedInto = nil
        case .recategorised: category = body["category"]?.array?.compactMap(\.string) ?? category
        case .placeCorrected: place = TicketPlace(body["place"]?.object)
        case .callerSupplemented: reporter = reporter ?? body["person"]?.string
        case .takenOver:
            isStreetOwned = false
            isTakenOver = true
            ownerNode = event.id.origin.node
            takeClock(body, event)
            endSuspension()
            if fits { status = .toDispatch }
        case .voided: closedAt = event.recordedAt
        case .reopened: applyReopening(body, event)
        case .fakeFinishFound: isFakeFinish = true
        case .preWarned:
            preWarnings += 1
            preWarnedPermille = max(preWarnedPermille, body["permille"]?.integer ?? 0)
            warnings.removeAll { $0.permille <= preWarnedPermille }
        case .overdueNoted:
            isOverdueNoted = true
            isOverdueUnconfirmed = body["unconfirmed"]?.bool ?? false
        case .dueRecomputed: takeRecomputed(body, event)
        }
    }

    private mutating func applyFiling(_ kind: TicketEventKind, _ body: JSONObject, _ event: Event) {
        guard !exists else { return }
        exists = true
        registeredAt = event.occurredAt
        filing = TicketFiling(ticket: event.stream, hlc: event.hlc, event: event.id)
        ownerNode = event.id.origin.node
        isStreetOwned = body["owner"]?.string == "street"
        number = body["number"]?.string
        urgency = body["urgency"]?.string
        applyContent(body)
        isConfidential = body["confidential"]?.bool ?? false
        applyRegime(body)
        reporter = body["person"]?.string
        reporterChain = body["reporterChain"]?.array?.compactMap(\.string) ?? []
        if kind == .imported {
            status = body["state"]?.string.flatMap(TicketStatus.init(rawValue:)) ?? .registered
            applyImportContent(body)
            applyImportFacts(body)
        }
        if isStreetOwned, let unit = body["lead"]?.string { lead = UnitAtNode(unit: unit, node: ownerNode) }
    }

    private mutating func applyImportUpdate(_ body: JSONObject, _ event: Event) {
        status = body["state"]?.string.flatMap(TicketStatus.init(rawValue:)) ?? status
        if body["reply"]?.string != nil { repliedAt = event.occurredAt }
        if let content = body["content"]?.object {
            applyContent(content)
            applyImportContent(content)
        }
        applyRegime(body)
        applyImportFacts(body)
    }

    /// What describes the ticket; a member that is not there leaves what was known.
    private mutating func applyContent(_ body: JSONObject) {
        channel = body["channel"]?.string ?? channel
        title = body["title"]?.string ?? title
        matter = body["matter"]?.string ?? matter
        kind = body["kind"]?.string ?? kind
        category = body["category"]?.array?.compactMap(\.string) ?? category
        if let object = body["place"]?.object { place = TicketPlace(object) }
    }

    private mutating func applyImportContent(_ body: JSONObject) {
        if let unit = body["unit"]?.object, let code = unit["code"]?.string ?? unit["name"]?.string {
            lead = UnitAtNode(unit: code, node: nil)
        }
        if let at = body["due"]?.integer { due = DueInstant(.object(["at": .integer(at)])) }
    }

    private mutating func applyImportFacts(_ body: JSONObject) {
        if let object = body["source"]?.object, let name = object["name"]?.string, let id = object["id"]?.string {
            source = TicketSource(name: name, id: id)
        }
        if let at = body["closedAt"]?.integer { closedAt = Timestamp(milliseconds: at) }
        reply = body["reply"]?.string ?? reply
        if let flag = body["flags"]?.object?["onTime"]?.bool { isOnTime = flag }
    }

    private mutating func applyDispatch(_ kind: TicketEventKind, _ body: JSONObject, _ event: Event) {
        hop += 1
        firstDispatcher = firstDispatcher ?? event.actor.account
        firstDispatchedAt = firstDispatchedAt ?? event.recordedAt
        isFinal = body["final"]?.bool ?? (kind == .rulingMade ? true : isFinal)
        if kind == .redoOrdered { redos += 1 }
        beginHop(body, event, startsRound: kind == .redoOrdered || round == 0)
        signedAt = nil
        signEvent = nil
        isSignDeemed = false
        returnRequest = .none
        if extensionRequest == .asked { extensionRequest = .none }
    }

    /// A unit gets it: in a new round with a new limit, else with the clock as it stands.
    mutating func beginHop(_ body: JSONObject, _ event: Event, startsRound: Bool) {
        dispatchedAt = event.recordedAt
        if startsRound { beginRound(at: event.recordedAt) }
        limit = TicketLimit(body["limit"]) ?? (startsRound ? nil : limit)
        takeClock(body, event)
        signDue = DueInstant(body["signDue"])
        signDeemedAt = DueInstant(body["signDeemedAt"])
        contactDue = DueInstant(body["contactDue"])
        returnDue = DueInstant(body["returnDue"])
        contactedAt = nil
        contactEvent = nil
        contactTries = 0
        handler = nil
        endSuspension()
    }

    /// A round has its own limit, so its own return and extension too; what the round before came to is history.
    private mutating func beginRound(at instant: Timestamp) {
        round += 1
        roundStartedAt = instant
        stops = []
        warnings = []
        extendedTo = nil
        extendedAt = nil
        returnsThisRound = 0
        extensionRequest = .none
        extensionsGranted = 0
        preWarnings = 0
        preWarnedPermille = 0
        isOverdueNoted = false
        isOverdueUnconfirmed = false
        isRedoProposed = false
        isFakeFinish = false
        finishedAt = nil
        isOnTime = nil
        closedAt = nil
        calledBackAt = nil
        callbackGrade = nil
        isSolvedByCaller = nil
        isCallerReached = nil
        callbackExemption = nil
        isReviewPassed = nil
        led = []
        loops = 0
    }

    private mutating func refuseReturn(_ body: JSONObject, fits: Bool) {
        returnRequest = .refused
        returnsRefused += 1
        if body["final"]?.bool == true { isFinal = true }
        if fits { status = statusBeforeReturn }
    }
}
