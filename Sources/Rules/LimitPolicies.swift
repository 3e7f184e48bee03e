/// The parts of a limit table that are more than a span of time. Form: `docs/format/rules.md`.

import Events

/// A limit that is shorter for urgent requests.
package struct LimitPair: Sendable, Equatable {
    package let ordinary: Limit
    package let urgent: Limit

    package init(ordinary: Limit, urgent: Limit) {
        self.ordinary = ordinary
        self.urgent = urgent
    }

    package func callAsFunction(_ urgency: Urgency) -> Limit { urgency.isUrgent ? urgent : ordinary }

    var json: JSONObject { ["ordinary": .object(ordinary.json), "urgent": .object(urgent.json)] }

    init(json: JSONObject, of name: Words) throws(RulesError) {
        let fields = Fields(json, of: name)
        self.init(
            ordinary: try Limit(json: try fields.object("ordinary")),
            urgent: try Limit(json: try fields.object("urgent")))
    }
}

/// When more time may be asked for (延期).
package struct ExtensionPolicy: Sendable, Equatable {
    /// 0…10 per round; 0 rules extensions out.
    package let most: Int64
    /// The share of the limit, in ‰, before which it must be asked.
    package let askedBefore: Int64
    /// Whether urgent requests can have one.
    package let urgent: Bool

    package init(most: Int64, askedBefore: Int64, urgent: Bool) {
        self.most = most
        self.askedBefore = askedBefore
        self.urgent = urgent
    }

    var json: JSONObject {
        ["askedBeforePermille": .integer(askedBefore), "most": .integer(most), "urgent": .bool(urgent)]
    }

    init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "extension policy")
        self.init(
            most: try fields.integer("most", in: 0...10),
            askedBefore: try fields.integer("askedBeforePermille", in: 1...1000), urgent: try fields.flag("urgent"))
    }
}

/// When a street's own time counts instead of the arrival at the centre (断网计时).
package struct OutagePolicy: Sendable, Equatable {
    /// Longer outages excuse nothing.
    package let longestHours: Int64
    /// The greatest offset of the street's clock that is believed.
    package let clockOffsetSeconds: Int64
    /// How far outside the recorded outage a time may lie.
    package let marginSeconds: Int64

    package init(longestHours: Int64, clockOffsetSeconds: Int64, marginSeconds: Int64) {
        self.longestHours = longestHours
        self.clockOffsetSeconds = clockOffsetSeconds
        self.marginSeconds = marginSeconds
    }

    var json: JSONObject {
        [
            "clockOffsetSeconds": .integer(clockOffsetSeconds), "longestHours": .integer(longestHours),
            "marginSeconds": .integer(marginSeconds),
        ]
    }

    init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "outage policy")
        self.init(
            longestHours: try fields.integer("longestHours", in: 0...8760),
            clockOffsetSeconds: try fields.integer("clockOffsetSeconds", in: 0...86_400),
            marginSeconds: try fields.integer("marginSeconds", in: 0...86_400))
    }
}
