/// What events do to a ticket's clocks (计时): due times, stops, requests for time, and which time counts.

import Events

extension TicketState {
    /// Takes what an owner's event says of the due time: a stop that is counted now, the instant, and the warnings before it.
    mutating func takeClock(_ body: JSONObject, _ event: Event) {
        if let stop = TicketStop(body["stop"]) {
            stops.append(stop)
            uncountedStop = nil
            // It may go on: what is counted is not counted again.
            if suspendedSince != nil { suspendedSince = stop.until }
        }
        guard let due = DueInstant(body["due"]) else { return }
        move(due: due)
        dueEvent = event.id
        dueRule = body["rule"]?.string
        if let list = body["warnings"]?.array { warnings = list.compactMap(TicketWarning.init) }
    }

    /// A later due time is warned of anew, and not yet overdue.
    private mutating func move(due later: DueInstant) {
        if let due, later.at > due.at {
            preWarnedPermille = 0
            isOverdueNoted = false
            isOverdueUnconfirmed = false
        }
        due = later
    }

    mutating func takeRecomputed(_ body: JSONObject, _ event: Event) {
        takeClock(body, event)
        signDue = DueInstant(body["signDue"]) ?? signDue
        signDeemedAt = DueInstant(body["signDeemedAt"]) ?? signDeemedAt
        contactDue = DueInstant(body["contactDue"]) ?? contactDue
        returnDue = DueInstant(body["returnDue"]) ?? returnDue
    }

    // MARK: - Requests

    func ask(_ body: JSONObject, _ event: Event) -> TicketAsk {
        TicketAsk(event: event.id, at: counted(event), decisionDue: DueInstant(body["decisionDue"]))
    }

    mutating func askReturn(_ body: JSONObject, _ event: Event) {
        returnRequest = .asked
        returnAsk = ask(body, event)
        returnProposal = body["proposedUnit"]?.string
        returnsThisRound += 1
        statusBeforeReturn = status
    }

    /// The events of the requests that wait for an answer.
    var openAsks: [EventID] {
        [
            returnRequest == .asked ? returnAsk?.event : nil, extensionRequest == .asked ? extensionAsk?.event : nil,
            suspendRequest == .asked ? suspendAsk?.event : nil,
        ].compactMap { $0 }
    }

    // MARK: - Stops

    /// Stops the clock (挂起); one that is granted longer began when it began, unless it had ended by then.
    mutating func suspend(_ body: JSONObject, _ event: Event, fits: Bool) {
        suspendRequest = .granted
        // A grant that crosses the reply comes too late to stop anything.
        guard fits else { return }
        if let until = suspendedUntil, until <= event.recordedAt {
            takeClock(body, event)
            suspendedSince = nil
        }
        suspendedSince = suspendedSince ?? event.recordedAt
        suspendedUntil = body["until"]?.integer.map(Timestamp.init(milliseconds:))
    }

    mutating func endSuspension() {
        suspendRequest = .none
        suspendedSince = nil
        suspendedUntil = nil
        uncountedStop = nil
    }

    // MARK: - Reply and finish

    mutating func applyReply(_ body: JSONObject, _ event: Event, fits: Bool) {
        reply = body["text"]?.string ?? reply
        repliedAt = counted(event)
        replyEvent = event.id
        finishKind = body["kind"]?.string ?? finishKind
        handler = event.actor.account ?? handler
        isReviewPassed = nil
        guard fits, let since = suspendedSince, let until = suspendedUntil else { return }
        endSuspension()
        // A holder elsewhere cannot move the due time: the owner's receipt or answer counts the stop.
        guard event.id.origin.node == ownerNode else {
            uncountedStop = TicketStop(since: since, until: until)
            return
        }
        takeClock(body, event)
    }

    mutating func applyFinish(_ body: JSONObject, _ event: Event) {
        takeClock(body, event)
        endSuspension()
        if extensionRequest == .asked { extensionRequest = .none }
        finishedAt = event.recordedAt
        isOnTime = body["onTime"]?.bool
        finishKind = body["kind"]?.string ?? finishKind
        // Judged by the counted time: whatever was noted before it was known.
        isOverdueUnconfirmed = false
        if let isOnTime { isOverdueNoted = !isOnTime }
    }

    // MARK: - Which time counts

    mutating func applyReceipt(_ body: JSONObject, _ event: Event) {
        guard let id = body["event"]?.string.flatMap({ try? EventID($0) }), let at = body["countedAt"]?.integer else {
            return
        }
        let instant = Timestamp(milliseconds: at)
        countedAt[id] = instant
        if let difference = TicketDueDifference(body["recomputed"]) { dueDifferences[id] = difference }
        if id == contactEvent { contactedAt = instant }
        if id == replyEvent {
            if event.id.origin.node == ownerNode { takeClock(body, event) }
            countReply(at: instant)
        }
        let decisionDue = DueInstant(body["decisionDue"])
        if id == returnAsk?.event { returnAsk?.count(at: instant, decisionDue) }
        if id == extensionAsk?.event { extensionAsk?.count(at: instant, decisionDue) }
        if id == suspendAsk?.event { suspendAsk?.count(at: instant, decisionDue) }
        guard id == signEvent else { return }
        // Signed before the ticket was deemed signed, on a line that was down: then it was signed.
        if isSignDeemed, let deemed = signedAt, instant >= deemed { return }
        signedAt = instant
        isSignDeemed = false
    }

    /// The counted time of the reply settles whether the ticket is overdue (超期核定).
    private mutating func countReply(at instant: Timestamp) {
        repliedAt = instant
        isOverdueUnconfirmed = false
        if let due, instant <= due.at { isOverdueNoted = false }
    }
}

extension TicketAsk {
    fileprivate mutating func count(at instant: Timestamp, _ decisionDue: DueInstant?) {
        at = instant
        self.decisionDue = decisionDue ?? self.decisionDue
    }
}
