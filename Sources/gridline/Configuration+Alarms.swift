/// The limits of alarms as keys of `gridline.yaml`.

import Runtime

extension AlarmLimit {
    /// The environment variable that overrides the key: `alarmLagEvents` is GRIDLINE_ALARM_LAG_EVENTS.
    var variable: String {
        "GRIDLINE_" + rawValue.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }

    /// What it limits, with its unit.
    private var meaning: String {
        switch self {
        case .lagEvents: "Rows of feeds that a node may lack, at the centre and at the node."
        case .lagSeconds: "Seconds for which it may lack them."
        case .outboxEvents: "Events of a street that the centre may lack, at both."
        case .outboxSeconds: "Seconds for which it may lack them."
        case .linkSeconds: "Seconds for which a line may be down."
        case .clockSeconds: "Seconds between the clocks of a node and the centre."
        case .hubClockSeconds: "Seconds between the centre's clock and the median of all nodes'."
        case .urgentSeconds: "Seconds from the dispatch of an urgent ticket until its node has it."
        case .undeliveredTickets: "Tickets at the centre whose unit does not work there."
        case .conflicts: "Conflicts that nobody has settled."
        case .viewsEvents: "Events of the log that the views may lack."
        case .commitMilliseconds: "Milliseconds of the slowest of a hundred commits."
        case .diskMegabytes: "MiB that must be free on the node's disk."
        }
    }

    /// Of the sample; what is as it ships stands as a comment, so that a later version may ship another.
    private func sample(_ limits: AlarmLimits) -> String {
        let line = "\(rawValue): \(limits[self])"
        return """
            # \(meaning) \(range.lowerBound)-\(range.upperBound). Default: \(standard). \(variable).
            \(limits[self] == standard ? "# " : "")\(line)
            """
    }

    static func sample(_ limits: AlarmLimits) -> String {
        "# When alarms are raised; docs/operations.md says what each means.\n"
            + allCases.map { $0.sample(limits) + "\n" }.joined()
    }
}
