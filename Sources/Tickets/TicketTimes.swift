/// The values of a ticket's clocks as events carry them: limits, due times, stops, warnings and requests.

package import Events

/// An instant by which something is due (时限), as the deciding event wrote it.
package struct DueInstant: Sendable, Equatable {
    package var at: Timestamp
    /// Beyond the last published calendar year; recomputed by an event when the calendar comes.
    package var isProvisional: Bool

    init?(_ json: JSON?) {
        guard let object = json?.object, let at = object["at"]?.integer else { return nil }
        self.at = Timestamp(milliseconds: at)
        isProvisional = object["provisional"]?.bool ?? false
    }

    package init(at: Timestamp, isProvisional: Bool = false) {
        self.at = at
        self.isProvisional = isProvisional
    }

    /// As bodies carry it.
    package var json: JSON { .object(["at": .integer(at.milliseconds), "provisional": .bool(isProvisional)]) }
}

/// The handling limit of a round (办理时限) as its dispatch found it: `docs/format/rules.md`, Limit.
package struct TicketLimit: Sendable, Equatable {
    package let amount: Int64
    /// The name of the unit, as rules write it.
    package let unit: String
    package let fromNextDay: Bool

    package init(amount: Int64, unit: String, fromNextDay: Bool) {
        self.amount = amount
        self.unit = unit
        self.fromNextDay = fromNextDay
    }

    init?(_ json: JSON?) {
        guard let object = json?.object, let amount = object["amount"]?.integer, let unit = object["unit"]?.string
        else {
            return nil
        }
        self.init(amount: amount, unit: unit, fromNextDay: object["fromNextDay"]?.bool ?? false)
    }

    package var json: JSONObject {
        ["amount": .integer(amount), "fromNextDay": .bool(fromNextDay), "unit": .string(unit)]
    }
}

/// A time in which the handling clock stood still (挂起时段), `until` not included.
package struct TicketStop: Sendable, Equatable {
    package let since: Timestamp
    package let until: Timestamp

    /// - Returns: nil when there is no time between the two.
    package init?(since: Timestamp, until: Timestamp) {
        guard since < until else { return nil }
        self.since = since
        self.until = until
    }

    init?(_ json: JSON?) {
        guard let object = json?.object, let since = object["since"]?.integer, let until = object["until"]?.integer
        else { return nil }
        self.init(since: Timestamp(milliseconds: since), until: Timestamp(milliseconds: until))
    }

    var json: JSON { .object(["since": .integer(since.milliseconds), "until": .integer(until.milliseconds)]) }
}

/// A warning before a due time (预警): the share of the limit that is used by then, and when that is.
package struct TicketWarning: Sendable, Equatable {
    /// 1…1000 ‰ of the original limit.
    package let permille: Int64
    package let at: Timestamp

    package init(permille: Int64, at: Timestamp) {
        self.permille = permille
        self.at = at
    }

    init?(_ json: JSON) {
        guard let object = json.object, let permille = object["permille"]?.integer, let at = object["at"]?.integer
        else { return nil }
        self.init(permille: permille, at: Timestamp(milliseconds: at))
    }

    var json: JSON { .object(["at": .integer(at.milliseconds), "permille": .integer(permille)]) }
}

/// A request that waits for an answer (延期、挂起、退单申请).
package enum RequestStatus: String, Sendable {
    case none, asked, granted, refused
}

/// When something was asked for, and by when it is to be decided (审核时限).
package struct TicketAsk: Sendable, Equatable {
    package let event: EventID
    /// The time that counts.
    package var at: Timestamp
    package var decisionDue: DueInstant?
}

/// What other rules say of a due time that stands as its event wrote it.
package struct TicketDueDifference: Sendable, Equatable {
    /// Version of the other rules.
    package let rule: String
    package let before: DueInstant
    package let due: DueInstant

    package init(rule: String, before: DueInstant, due: DueInstant) {
        self.rule = rule
        self.before = before
        self.due = due
    }

    init?(_ json: JSON?) {
        guard let object = json?.object, let rule = object["rule"]?.string, let before = DueInstant(object["before"]),
            let due = DueInstant(object["due"])
        else { return nil }
        self.init(rule: rule, before: before, due: due)
    }

    /// As a receipt carries it.
    package var json: JSON { .object(["before": before.json, "due": due.json, "rule": .string(rule)]) }
}

/// The line to the holder's node (线路状态), as the centre's log has it.
package enum HolderLine: Sendable, Equatable {
    /// nil: never down, or none is needed.
    case up(since: Timestamp?)
    case down
}
