// Keys of callers whose tickets have been over for long enough: a street lets them go (`docs/decisions/0026-keys-expire.md`).
//
// When a key expires follows from the stream's events and the clock alone, so that each look may be repeated, and a box that
// expired by a wrong clock comes back by the right one.

package import Events

/// How long a street keeps keys of callers whose tickets are over.
package struct KeyTerm: Sendable {
    /// Days from the end of a ticket.
    package static let days = 1...3_650

    let milliseconds: Int64
    /// Says which events end a ticket.
    let audience: any Audience

    /// - Parameter days: see `days`.
    package init(days: Int, audience: any Audience) {
        milliseconds = Int64(days) * 86_400_000
        self.audience = audience
    }
}

extension KeyExchange {
    /// What of a round has been looked at, and what is to be said.
    struct Expiry {
        /// Boxes up to this number were looked at in this round.
        var through: Int64 = 0
        /// Steady milliseconds.
        var dueAt = Int64.min
        /// Whether a box is expired; nil before anybody looked.
        var isAny: Bool?
        /// Keys may have gone that are not told of.
        var mayTell = true
        /// To be told in the next transaction.
        var toTell: [KeyExpired] = []
    }

    /// Looks at the next few boxes, when that is due; not to be called while the clock is not believed.
    mutating func expire(_ reader: any EventReader, _ now: Moment) {
        guard term != nil, isCaughtUp, now.steady >= expiry.dueAt else { return }
        expiry.dueAt = now.steady + Limit.expiringEach
        guarded { exchange throws(LogFailure) in try exchange.lookForEnds(reader, now) }
    }

    private mutating func lookForEnds(_ reader: any EventReader, _ now: Moment) throws(LogFailure) {
        let page = try vault.standing(above: expiry.through, limit: Limit.expiring)
        expiry.through = page.count < Limit.expiring ? 0 : page.last?.number ?? 0
        var known: [StreamName: Ending] = [:]
        var expired: [KeyExpired] = []
        var revived: [StreamName] = []
        for one in page {
            let stream = one.box.stream
            let ending: Ending
            if let one = known[stream] { ending = one } else { ending = try self.ending(of: stream, reader, now) }
            known[stream] = ending
            switch ending {
            case .expired(let event): if !one.isExpired { expired.append(KeyExpired(box: one.box, ended: event)) }
            case .stands: if one.isExpired, revived.last != stream { revived.append(stream) }
            case .unknown: break
            }
        }
        if !expired.isEmpty {
            let persons = Set(expired.map(\.box.person))
            heldThere.removeAll { persons.contains($0) }
            try vault.expire(expired)
            expiry.isAny = true
        }
        if !revived.isEmpty { try vault.revive(revived) }
        // What expired is offered at once, and what came back asked for.
        if !expired.isEmpty || !revived.isEmpty { askAnew() }
    }

    private enum Ending {
        /// The ticket was ended by this event, for longer than keys are kept.
        case expired(EventID)
        /// It goes on, or has not been over for so long.
        case stands
        /// It cannot be read: nothing changes.
        case unknown
    }

    /// What a stream's events say of its end: of those that say so the last in the canonical order counts.
    private mutating func ending(
        of stream: StreamName, _ reader: any EventReader, _ now: Moment
    ) throws(LogFailure) -> Ending {
        guard let term else { return .stands }
        let read = try LogFailure.orDamage { () throws(LogFailure) -> [StoredEvent] in
            let first = try reader.page(.stream(stream), .forward, from: 0, limit: 1)
            return first + (try reader.page(.stream(stream), .backward, from: .max, limit: Limit.history))
        }
        switch read {
        case .failure(let damage):
            say(damage)
            return .unknown
        case .success(let stored):
            guard let founder = stored.first?.event.id.origin.node else { return .unknown }
            var last: (event: Event, isOver: Bool)?
            for event in stored.map(\.event) {
                let said = term.audience.isOver(event.type, by: event.id.origin.node, foundedBy: founder)
                guard let said else { continue }
                if let known = last?.event, !Event.precedes(known, event) { continue }
                last = (event, said)
            }
            guard let last, last.isOver else { return .stands }
            return last.event.recordedAt + term.milliseconds <= now.wall ? .expired(last.event.id) : .stands
        }
    }

    /// Tickets that go on again need their keys at once: each expired one of which rows came is looked at.
    mutating func revive(
        rowsOf feed: FeedName, above from: Int64, through end: Int64, _ reader: any EventReader, _ now: Moment
    ) throws(LogFailure) {
        guard term != nil else { return }
        if expiry.isAny == nil { expiry.isAny = try vault.isExpired(nil) }
        guard expiry.isAny == true else { return }
        let read = try LogFailure.orDamage { () throws(LogFailure) -> [ReceivedRow] in
            try reader.received(of: feed, above: from, limit: Limit.rows)
        }
        guard case .success(let rows) = read else {
            // The round comes to them.
            if case .failure(let damage) = read { say(damage) }
            return
        }
        var revived: [StreamName] = []
        for stream in Set(rows.filter { $0.fseq <= end }.map(\.stream)).sorted() {
            guard try vault.isExpired(stream), case .stands = try ending(of: stream, reader, now) else { continue }
            revived.append(stream)
        }
        guard !revived.isEmpty else { return }
        try vault.revive(revived)
        askAnew()
    }

    // MARK: - On record

    /// Finds keys that went and are not told of.
    mutating func findGone() throws(LogFailure) {
        guard expiry.mayTell, expiry.toTell.isEmpty else { return }
        expiry.toTell = try vault.gone(limit: Limit.told)
        expiry.mayTell = !expiry.toTell.isEmpty
    }

    var hasStorageWork: Bool { !expiry.toTell.isEmpty }

    /// Writes what keys went; each after the vault has let it go.
    ///
    /// - Returns: the events that say so.
    mutating func tell(_ transaction: any LogTransaction, now: Moment) throws -> [Event] {
        var events: [Event] = []
        for gone in expiry.toTell {
            let told = try transaction.record(what: "that the key of \(gone.box.person) expired") {
                () throws(IdentifierError) in
                try gone.request(at: node, now: now.wall)
            }
            events += (told ?? []).map(\.event)
        }
        return events
    }

    /// The transaction with these is on the disk.
    mutating func committed() {
        guard !expiry.toTell.isEmpty else { return }
        let told = expiry.toTell
        // What the vault does not take down now is told again, which changes nothing.
        expiry.toTell = []
        guarded { exchange throws(LogFailure) in try exchange.vault.told(told) }
    }
}
