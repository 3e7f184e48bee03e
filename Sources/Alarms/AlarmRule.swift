/// When something is an alarm: a rule is a plain value, and says nothing of where its metric comes from.

package import Events

/// How bad it is, ascending.
package enum Severity: String, Sendable, CaseIterable, Comparable {
    /// To be looked at today.
    case notice
    /// To be looked at now.
    case warning
    /// Somebody is to be called.
    case critical

    private var rank: Int {
        switch self {
        case .notice: 0
        case .warning: 1
        case .critical: 2
        }
    }

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// All times are milliseconds; values and thresholds are in the unit of the metric.
package struct AlarmRule: Sendable, Equatable {
    /// What a window comes to.
    package enum Condensing: Sendable {
        /// The latest value in it.
        case last
        case max
        case mean
        /// The lower one of two in the middle; of a window with more than 60 values, of the last one in each 60th of it.
        case median
        /// By how much a counter rose within it; one that fell began anew at 0.
        case rate
    }

    /// What is compared.
    package enum Scope: Sendable, Equatable {
        /// Each series by itself; its labels tell the alarms apart.
        case each
        /// The median of all series of the metric, once there are so many; of two in the middle the one nearer to 0, so that
        /// one of two series makes no alarm by itself. The alarm has no labels.
        case median(ofAtLeast: Int)
    }

    package enum Comparison: Sendable {
        case above, below
        /// The value or its negative is above.
        case beyond
    }

    package struct Escalation: Sendable, Equatable {
        /// Since it was raised, while nobody acknowledged it.
        package let after: Int64
        package let severity: Severity

        package init(after: Int64, to severity: Severity) {
            self.after = after
            self.severity = severity
        }
    }

    /// Stands in machine output; never changes.
    package let name: String
    package let metric: String
    package let scope: Scope
    package let window: Int64
    package let condensing: Condensing
    package let comparison: Comparison
    /// Raised when the value is above (below, beyond) this.
    package let threshold: Int64
    /// Cleared when the value is not above (below, beyond) this any more.
    package let clearing: Int64
    /// So long it must be so, without a break, before it is raised.
    package let hold: Int64
    /// So long after it was raised it is not raised again.
    package let coolDown: Int64
    package let severity: Severity
    package let escalation: Escalation?
    /// What is so, with `AlarmSlot`s for what differs.
    package let text: Words
    /// What to do.
    package let advice: Words

    /// - Parameter clearing: nil for the threshold itself.
    /// - Precondition: a window above 0, no negative time, a clearing on the quiet side of the threshold, and an escalation that
    ///   goes up.
    package init(
        _ name: String, of metric: String, scope: Scope = .each, window: Int64 = 60_000,
        condensed condensing: Condensing = .last, _ comparison: Comparison, _ threshold: Int64, clearing: Int64? = nil,
        hold: Int64 = 0,
        coolDown: Int64 = 0, _ severity: Severity = .warning, escalation: Escalation? = nil, text: Words, advice: Words
    ) {
        self.name = name
        self.metric = metric
        self.scope = scope
        self.window = window
        self.condensing = condensing
        self.comparison = comparison
        self.threshold = threshold
        self.clearing = clearing ?? threshold
        self.hold = hold
        self.coolDown = coolDown
        self.severity = severity
        self.escalation = escalation
        self.text = text
        self.advice = advice
        precondition(window > 0 && hold >= 0 && coolDown >= 0, "\(name): a time that is none")
        let isQuiet = comparison == .below ? self.clearing >= threshold : self.clearing <= threshold
        precondition(isQuiet, "\(name): it would be cleared and raised by one value")
        if let escalation { precondition(escalation.after > 0 && escalation.severity > severity, "\(name): no way up") }
    }

    /// Whether a value is above, below or beyond a limit.
    func passes(_ value: Int64, _ limit: Int64) -> Bool {
        switch comparison {
        case .above: value > limit
        case .below: value < limit
        case .beyond: value > limit || value < -limit
        }
    }
}

/// A place in a rule's text that each alarm fills: `"node \(AlarmSlot.label("node")) is \(AlarmSlot.value) s behind"`.
package enum AlarmSlot: CustomStringConvertible {
    case value, threshold
    case label(String)

    // Out of the private use area, so that nothing else that stands in a text is taken for one.
    package var description: String {
        switch self {
        case .value: "\u{E000}value"
        case .threshold: "\u{E000}threshold"
        case .label(let name): "\u{E000}label \(name)"
        }
    }
}
