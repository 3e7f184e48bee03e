/// A time limit as rules state it, and the due instant computed from it. Form: `docs/format/rules.md`.

package import Events

/// How a limit is counted.
package enum LimitUnit: String, Sendable, CaseIterable {
    /// 自然分钟
    case naturalMinutes
    /// 自然小时
    case naturalHours
    /// 自然日
    case naturalDays
    /// 工作时
    case workingHours
    /// 工作日
    case workingDays
}

/// A time limit (时限).
package struct Limit: Sendable, Equatable {
    /// 1…100,000 of `unit`.
    package let amount: Int64
    package let unit: LimitUnit
    /// Counts from the midnight that ends the starting day (次日起算).
    package let fromNextDay: Bool

    package static let amounts: ClosedRange<Int64> = 1...100_000

    /// - Precondition: `amount` is in `amounts`.
    package init(_ amount: Int64, _ unit: LimitUnit, fromNextDay: Bool = false) {
        precondition(Limit.amounts.contains(amount), "a limit is 1 to 100,000 units, not \(amount)")
        self.amount = amount
        self.unit = unit
        self.fromNextDay = fromNextDay
    }

    package var json: JSONObject {
        ["amount": .integer(amount), "fromNextDay": .bool(fromNextDay), "unit": .string(unit.rawValue)]
    }

    /// - Throws: `RulesError` naming the field that does not fit.
    package init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "limit")
        let amount = try fields.integer("amount", in: Limit.amounts)
        let text = try fields.text("unit")
        guard let unit = LimitUnit(rawValue: text) else {
            throw fields.error("unit", wanted: .list(LimitUnit.allCases.map(\.rawValue)))
        }
        self.init(amount, unit, fromNextDay: try fields.flag("fromNextDay", otherwise: false))
    }
}

/// A due instant with everything it was computed from (到期时间).
package struct Due: Sendable, Equatable {
    package let at: Timestamp
    package let limit: Limit
    /// Version of the limit table.
    package let rule: String
    /// Version of the calendar.
    package let calendar: String
    /// Whether the span reaches days for which no calendar is published yet.
    package let provisional: Bool

    package init(at: Timestamp, limit: Limit, rule: String, calendar: String, provisional: Bool) {
        self.at = at
        self.limit = limit
        self.rule = rule
        self.calendar = calendar
        self.provisional = provisional
    }

    package var json: JSONObject {
        [
            "at": .integer(at.milliseconds), "calendar": .string(calendar), "limit": .object(limit.json),
            "provisional": .bool(provisional), "rule": .string(rule),
        ]
    }

    /// - Throws: `RulesError` naming the field that does not fit.
    package init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "due")
        self.init(
            at: Timestamp(milliseconds: try fields.integer("at", in: 0...253_402_300_799_999)),
            limit: try Limit(json: try fields.object("limit")), rule: try fields.text("rule"),
            calendar: try fields.text("calendar"), provisional: try fields.flag("provisional"))
    }
}
