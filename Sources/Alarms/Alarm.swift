/// What came of a rule: an alarm that is raised, and the changes of alarms.

package import Events

/// An alarm that is raised now.
package struct Alarm: Sendable, Equatable {
    package let rule: AlarmRule
    /// Whose value it is; without labels for a median over all.
    package let series: Series
    /// When it was raised, in steady milliseconds.
    package let since: Int64
    package internal(set) var severity: Severity
    /// The account of whoever said first that it is seen to; it is not escalated from then on.
    package internal(set) var acknowledgedBy: String?
    /// The last value for which it was so.
    package internal(set) var value: Int64

    /// What is so.
    package var text: Words { filled(rule.text) }
    /// What to do.
    package var advice: Words { filled(rule.advice) }

    private func filled(_ words: Words) -> Words {
        words.mapTexts { text in
            switch text {
            case AlarmSlot.value.description: return String(value)
            case AlarmSlot.threshold.description: return String(rule.threshold)
            case _:
                guard let label = series.labels.first(where: { text == AlarmSlot.label($0.name).description }) else {
                    return text
                }
                return label.value
            }
        }
    }
}

/// A change of an alarm.
package struct AlarmTransition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case raised
        /// More severe from now on.
        case escalated
        /// An account sees to it, and it will not be more severe.
        case acknowledged(by: String)
        /// It is not so any more.
        case cleared
        /// What it was about is gone, or not known any more.
        case lost
    }

    package let kind: Kind
    /// As it is now, or was last.
    package let alarm: Alarm

    package init(_ kind: Kind, _ alarm: Alarm) {
        self.kind = kind
        self.alarm = alarm
    }

    /// What is told of it.
    package var words: Words {
        switch kind {
        case .raised: "\(alarm.text); \(alarm.advice)"
        case .escalated: "still so: \(alarm.text); \(alarm.advice)"
        case .acknowledged(let account): "\(account) sees to it: \(alarm.text)"
        case .cleared: "no longer so: \(alarm.text)"
        case .lost: "no longer known: \(alarm.text)"
        }
    }
}
