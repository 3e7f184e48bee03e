/// A ticket's handling clock (办理计时): what the round's limit, the stops of its clock, and the rules come to at an instant.
///
/// Read by decisions, which write what follows into their events; a fold never asks it.

package import Events

struct TicketClock {
    let state: TicketState
    let rules: any TicketRules

    /// The round's limit and when its clock began; nil before a dispatch.
    private var round: (limit: TicketLimit, start: Timestamp)? {
        guard let start = state.roundStartedAt else { return nil }
        return (state.limit ?? rules.limits(of: state, round: start, hop: start).limit, start)
    }

    /// The stop of the clock that runs at `instant`, or ran until the reply, and that no event has counted yet.
    ///
    /// It ends at the end that was granted, however late it is looked at, and one that began after the due time moves nothing.
    func stop(until instant: Timestamp) -> TicketStop? {
        guard let due = state.due else { return nil }
        var open: TicketStop?
        if let since = state.suspendedSince {
            open = TicketStop(since: since, until: min(instant, state.suspendedUntil ?? instant))
        } else if let uncounted = state.uncountedStop {
            open = TicketStop(since: uncounted.since, until: min(uncounted.until, state.repliedAt ?? uncounted.until))
        }
        return open.flatMap { $0.since < due.at ? $0 : nil }
    }

    /// The due time with what the clock stood still until `instant` added to it.
    func due(at instant: Timestamp) -> DueInstant? {
        guard let due = state.due, let stop = stop(until: instant), let round else { return state.due }
        return rules.moved(due.at, by: stop, of: round.limit)
    }

    /// Until when more time can be asked for (延期申请期限), as seen at `instant`; nil when the ticket has no limit.
    func askEnds(at instant: Timestamp) -> Timestamp? {
        guard let round else { return nil }
        let stops = state.stops + [stop(until: instant)].compactMap { $0 }
        return rules.share(
            rules.numbers.extensionAskablePermille, of: round.limit, from: round.start, stops: stops)
    }

    /// The latest due time that an extension of `due` can give: as long after it as the original limit lasts.
    func longestExtension(from due: DueInstant) -> Timestamp? {
        round.map { rules.longestExtension(of: $0.limit, from: due.at) }
    }

    /// The warnings (预警) before `due` that are still to come at `instant`: each as long before it as its share of the
    /// limit lies before the limit's own end.
    func warnings(
        of limit: TicketLimit, from start: Timestamp, due: DueInstant, at instant: Timestamp, warned: Int64
    ) -> [TicketWarning] {
        let end = rules.due(of: limit, from: start, stops: [])
        let shift = TicketStop(since: end.at, until: due.at)
        return rules.numbers.preWarningPermilles.compactMap { permille in
            var mark = rules.share(permille, of: limit, from: start, stops: [])
            if let shift { mark = rules.moved(mark, by: shift, of: limit).at }
            guard mark > instant || permille > warned, mark <= due.at else { return nil }
            return TicketWarning(permille: permille, at: mark)
        }
    }

    /// The same for a due time that moves within the round.
    func warnings(due: DueInstant, at instant: Timestamp) -> [TicketWarning] {
        guard let round else { return [] }
        return warnings(
            of: round.limit, from: round.start, due: due, at: instant, warned: state.preWarnedPermille)
    }

    // MARK: - Other rules

    /// What the rules in force make of dues that were written beyond the last published calendar (待定时限); nil when
    /// nothing is provisional, or nothing changes.
    func recomputed(at instant: Timestamp) -> JSONObject? {
        guard let before = state.due, let event = state.dueEvent, let round, state.status.isClockOpen,
            [before, state.signDue, state.signDeemedAt, state.contactDue, state.returnDue].contains(where: {
                $0?.isProvisional == true
            })
        else { return nil }
        var body = JSONObject()
        var due = before
        if before.isProvisional { due = recomputedDue(of: round.limit, from: round.start) }
        let limits = rules.limits(of: state, round: round.start, hop: state.dispatchedAt ?? round.start)
        var isChanged = due != before
        for (name, old, new) in [
            ("signDue", state.signDue, limits.signDue), ("signDeemedAt", state.signDeemedAt, limits.signDeemedAt),
            ("contactDue", state.contactDue, limits.contactDue), ("returnDue", state.returnDue, limits.returnDue),
        ] {
            guard let old, old.isProvisional, let new, new != old else { continue }
            body[name] = new.json
            isChanged = true
        }
        guard isChanged else { return nil }
        body["event"] = .string(event.description)
        body["rule"] = .string(rules.version)
        body["before"] = before.json
        body["due"] = due.json
        body["warnings"] = .array(warnings(due: due, at: instant).map(\.json))
        return body
    }

    private func recomputedDue(of limit: TicketLimit, from start: Timestamp) -> DueInstant {
        guard let extended = state.extendedTo, let at = state.extendedAt else {
            return rules.due(of: limit, from: start, stops: state.stops)
        }
        // An extension gave a date; only what stopped the clock since then counts in the calendar.
        return state.stops.filter { $0.until > at }.reduce(DueInstant(at: extended)) { due, stop in
            rules.moved(due.at, by: stop, of: limit)
        }
    }

    /// What these rules, their limit table included, say of a due time that was written under other ones; nil when they say the
    /// same, or the date is a person's.
    func difference(from event: EventID) -> TicketDueDifference? {
        guard state.dueEvent == event, let before = state.due, let rule = state.dueRule, rule != rules.version,
            state.extendedTo == nil, let start = state.roundStartedAt
        else { return nil }
        let limit = rules.limits(of: state, round: start, hop: start).limit
        let due = rules.due(of: limit, from: start, stops: state.stops)
        return due == before ? nil : TicketDueDifference(rule: rules.version, before: before, due: due)
    }
}

extension TicketState {
    /// What `rules` say of the due time that `event` wrote, when it was written under others (`ticket.receiptNoted`).
    package func dueDifference(from event: EventID, rules: any TicketRules) -> TicketDueDifference? {
        TicketClock(state: self, rules: rules).difference(from: event)
    }
}
