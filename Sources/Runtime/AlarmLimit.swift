/// What the shipped alarms compare with: each a key of `gridline.yaml`.

/// The raw value is the key.
package enum AlarmLimit: String, Sendable, CaseIterable {
    case lagEvents = "alarmLagEvents"
    case lagSeconds = "alarmLagSeconds"
    case outboxEvents = "alarmOutboxEvents"
    case outboxSeconds = "alarmOutboxSeconds"
    case linkSeconds = "alarmLinkSeconds"
    case clockSeconds = "alarmClockSeconds"
    case hubClockSeconds = "alarmHubClockSeconds"
    case urgentSeconds = "alarmUrgentSeconds"
    case undeliveredTickets = "alarmUndeliveredTickets"
    case conflicts = "alarmConflicts"
    case viewsEvents = "alarmViewsEvents"
    case commitMilliseconds = "alarmCommitMilliseconds"
    case diskMegabytes = "alarmDiskMegabytes"

    /// What holds where the configuration says nothing.
    package var standard: Int {
        switch self {
        case .lagEvents, .outboxEvents: 10_000
        case .lagSeconds: 300
        case .outboxSeconds, .linkSeconds: 600
        case .clockSeconds: 120
        case .hubClockSeconds, .urgentSeconds: 60
        case .undeliveredTickets, .conflicts: 0
        case .viewsEvents: 50_000
        case .commitMilliseconds: 200
        case .diskMegabytes: 2_048
        }
    }

    /// Both ends included; the upper end as good as turns the alarm off.
    package var range: ClosedRange<Int> {
        switch self {
        case .lagEvents, .outboxEvents, .viewsEvents: 1...1_000_000_000
        case .undeliveredTickets, .conflicts: 0...1_000_000_000
        case .lagSeconds, .outboxSeconds, .linkSeconds, .urgentSeconds: 10...31_536_000
        case .clockSeconds, .hubClockSeconds: 1...31_536_000
        case .commitMilliseconds: 1...60_000
        case .diskMegabytes: 0...1_000_000_000
        }
    }
}

/// The limits of a node.
package struct AlarmLimits: Sendable, Equatable {
    private var values: [AlarmLimit: Int] = [:]

    package init() {}

    package subscript(_ limit: AlarmLimit) -> Int {
        get { values[limit] ?? limit.standard }
        set { values[limit] = newValue == limit.standard ? nil : newValue }
    }
}
