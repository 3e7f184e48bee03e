/// `GET /metrics`: the node's state in the text form of Prometheus (exposition format 0.0.4). Numbers, names of nodes and of
/// rules only: no ticket, no person, no text stands here. What is not known has no line.

import Events

enum Metrics {
    private struct Gauge {
        let name, help: String
        let member: String
        var isCounter = false
        /// The member is milliseconds, and the line is seconds.
        var isTime = false
        /// A label of the line.
        var label: (name: String, value: String)?
    }

    /// Members of the status that are one number.
    private static let single = [
        Gauge(name: "gridline_log_position", help: "Events in the log.", member: "position"),
        Gauge(name: "gridline_view_position", help: "Events that the views hold.", member: "viewPosition"),
        Gauge(name: "gridline_outbox_events", help: "Own events not yet at the centre.", member: "outbox"),
        Gauge(name: "gridline_feed_lag_rows", help: "Rows of the centre that are missing here.", member: "lag"),
        Gauge(name: "gridline_link_up", help: "Whether the line to the centre is up.", member: "linked"),
        Gauge(name: "gridline_conflicts_open", help: "Conflicts that wait for a person.", member: "conflicts"),
        Gauge(
            name: "gridline_tickets_undelivered", help: "Tickets at the centre whose unit does not work there.",
            member: "undelivered"),
        Gauge(
            name: "gridline_views_poisoned_streams", help: "Streams that no view shows, since their fold failed.",
            member: "poisoned"),
        Gauge(
            name: "gridline_tickets_needing_upgrade", help: "Tickets with events that this version does not know.",
            member: "needingUpgrade"),
        Gauge(
            name: "gridline_commit_p99_microseconds",
            help: "99th percentile of the last five minutes' commits, each with its fdatasync.", member: "commitP99"),
        Gauge(name: "gridline_disk_free_bytes", help: "Free space on the node's disk.", member: "diskFree"),
        Gauge(
            name: "gridline_refolds_total", help: "Times that an event made a ticket in memory fold anew.",
            member: "refolds", isCounter: true),
        Gauge(
            name: "gridline_rotten_rows", help: "Rows of the log that are rotten and not healed yet.",
            member: "rotten"),
        Gauge(
            name: "gridline_healed_rows_total", help: "Rows of the log that were healed since the start.",
            member: "healed", isCounter: true),
        Gauge(
            name: "gridline_commits_total", help: "Transactions since the start.", member: "commits", isCounter: true),
        Gauge(name: "gridline_commands_total", help: "Commands since the start.", member: "commands", isCounter: true),
        Gauge(name: "gridline_alarms_total", help: "Alarms since the start.", member: "alarmCount", isCounter: true),
    ]

    /// Members of a street's `link`.
    private static let ofLink = [
        Gauge(
            name: "gridline_link_lag_seconds", help: "For how long rows of the centre have been missing here.",
            member: "lagFor", isTime: true),
        Gauge(
            name: "gridline_link_outbox_age_seconds", help: "Age of the oldest own event not at the centre.",
            member: "outboxFor", isTime: true),
        Gauge(
            name: "gridline_link_session_age_seconds", help: "Since the session with the centre began.",
            member: "sessionAge", isTime: true),
        Gauge(
            name: "gridline_link_silence_seconds", help: "Time since the centre was last heard.", member: "silence",
            isTime: true),
        Gauge(
            name: "gridline_link_clock_offset_milliseconds", help: "The centre's clock less this one's.",
            member: "clockOffset"),
        Gauge(name: "gridline_link_credit_bytes", help: "Bytes that the next pull asks for.", member: "credit"),
        Gauge(
            name: "gridline_link_rows_total", help: "Rows of the centre taken, by the way they came.", member: "live",
            isCounter: true, label: ("way", "live")),
        Gauge(
            name: "gridline_link_rows_total", help: "Rows of the centre taken, by the way they came.", member: "pulled",
            isCounter: true, label: ("way", "pulled")),
        Gauge(
            name: "gridline_link_gaps_total", help: "Times that rows came live behind a hole.", member: "gaps",
            isCounter: true),
        Gauge(
            name: "gridline_link_rewinds_total", help: "Times that rows were put aside as not the centre's.",
            member: "rewinds", isCounter: true),
        Gauge(
            name: "gridline_link_lost_frames_total", help: "Frames of the centre that the way lost.", member: "lost",
            isCounter: true),
    ]

    /// Members of each peer.
    private static let perPeer = [
        Gauge(name: "gridline_peer_behind_rows", help: "Rows that the node has not confirmed.", member: "behind"),
        Gauge(
            name: "gridline_peer_lag_seconds", help: "For how long the first of them has been here.",
            member: "behindFor", isTime: true),
        Gauge(name: "gridline_peer_outbox_events", help: "Events that the node still holds back.", member: "outbox"),
        Gauge(
            name: "gridline_peer_outbox_age_seconds", help: "For how long it has held some back.", member: "outboxFor",
            isTime: true),
        Gauge(
            name: "gridline_peer_clock_offset_milliseconds", help: "The node's clock less this one's.",
            member: "clockOffset"),
        Gauge(
            name: "gridline_peer_silence_milliseconds", help: "Time since the node was last heard.", member: "silence"),
        Gauge(
            name: "gridline_peer_session_age_seconds", help: "Since its session began.", member: "sessionAge",
            isTime: true),
        Gauge(name: "gridline_peer_credit_bytes", help: "Bytes that its last pull asked for.", member: "credit"),
        Gauge(
            name: "gridline_peer_comparisons_total", help: "Questions for the last common row, in the session.",
            member: "comparisons", isCounter: true),
        Gauge(
            name: "gridline_peer_lost_frames_total", help: "Frames of the node that the way lost.", member: "lost",
            isCounter: true),
    ]

    private static let down = Gauge(
        name: "gridline_peer_down_seconds", help: "For how long the line to the node has been down.", member: "",
        isTime: true)
    private static let dropped = Gauge(
        name: "gridline_socket_dropped_messages_total", help: "Messages that a socket did not take.", member: "",
        isCounter: true)
    private static let raised = Gauge(name: "gridline_alarm_raised", help: "An alarm that is raised now.", member: "")

    static func text(_ status: JSONObject) -> String {
        var lines: [String] = []
        var last = ""
        func add(_ gauge: Gauge, _ value: JSON?, _ labels: [(name: String, value: String)] = []) {
            guard let number = number(value, of: gauge) else { return }
            if gauge.name != last { lines += header(gauge) }
            last = gauge.name
            let text = (gauge.label.map { [$0] } ?? []) + labels
            let inner = text.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
            lines.append("\(gauge.name)\(text.isEmpty ? "" : "{\(inner)}") \(number)")
        }
        for gauge in single { add(gauge, status[gauge.member]) }
        for gauge in ofLink { add(gauge, status["link"]?.object?[gauge.member]) }
        let peers = (status["peers"]?.array ?? []).compactMap(\.object)
        for gauge in perPeer {
            for peer in peers {
                guard let node = peer["node"]?.string else { continue }
                add(gauge, peer[gauge.member], [("node", node)])
            }
        }
        for (node, since) in status["linesDown"]?.object?.members ?? [] {
            add(down, since, [("node", node)])
        }
        for (socket, count) in status["dropped"]?.object?.members ?? [] {
            add(dropped, count, [("socket", socket)])
        }
        for alarm in (status["raised"]?.array ?? []).compactMap(\.object) {
            guard let rule = alarm["rule"]?.string, let severity = alarm["severity"]?.string else { continue }
            let node = alarm["labels"]?.object?["node"]?.string.map { [(name: "node", value: $0)] } ?? []
            // Alarms of several tickets of one node are one line.
            let labels = [(name: "rule", value: rule), (name: "severity", value: severity)] + node
            let before = lines.last
            add(raised, .integer(1), labels)
            if lines.last == before { lines.removeLast() }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ gauge: Gauge) -> [String] {
        ["# HELP \(gauge.name) \(gauge.help)", "# TYPE \(gauge.name) \(gauge.isCounter ? "counter" : "gauge")"]
    }

    private static func number(_ value: JSON?, of gauge: Gauge) -> String? {
        guard let number = value?.integer ?? value?.bool.map({ $0 ? 1 : 0 }) else { return nil }
        guard gauge.isTime else { return String(number) }
        let thousandths = String(1_000 + number.magnitude % 1_000).dropFirst()
        return "\(number < 0 ? "-" : "")\(number.magnitude / 1_000).\(thousandths)"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
