/// `GET /metrics`: the node's state in the text form of Prometheus (exposition format 0.0.4). Numbers only: no ticket, no
/// person, no text stands here.

import Events

enum Metrics {
    private struct Gauge {
        let name, help: String
        let member: String
        var isCounter = false
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
            name: "gridline_commits_total", help: "Transactions since the start.", member: "commits", isCounter: true),
        Gauge(name: "gridline_commands_total", help: "Commands since the start.", member: "commands", isCounter: true),
        Gauge(name: "gridline_alarms_total", help: "Alarms since the start.", member: "alarmCount", isCounter: true),
    ]

    /// Members of each peer.
    private static let perPeer = [
        Gauge(name: "gridline_peer_behind_rows", help: "Rows that the node has not confirmed.", member: "behind"),
        Gauge(name: "gridline_peer_outbox_events", help: "Events that the node still holds back.", member: "outbox"),
        Gauge(
            name: "gridline_peer_clock_offset_milliseconds", help: "The node's clock less this one's.",
            member: "clockOffset"),
        Gauge(
            name: "gridline_peer_silence_milliseconds", help: "Time since the node was last heard.", member: "silence"),
        Gauge(
            name: "gridline_peer_lost_frames_total", help: "Frames of the node that the way lost.", member: "lost",
            isCounter: true),
    ]

    static func text(_ status: JSONObject) -> String {
        var lines: [String] = []
        for gauge in single {
            guard let value = number(status[gauge.member]) else { continue }
            lines += header(gauge) + ["\(gauge.name) \(value)"]
        }
        let peers = (status["peers"]?.array ?? []).compactMap(\.object)
        for gauge in perPeer where !peers.isEmpty {
            lines += header(gauge)
            for peer in peers {
                guard let node = peer["node"]?.string, let value = number(peer[gauge.member]) else { continue }
                lines.append("\(gauge.name){node=\"\(node)\"} \(value)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ gauge: Gauge) -> [String] {
        ["# HELP \(gauge.name) \(gauge.help)", "# TYPE \(gauge.name) \(gauge.isCounter ? "counter" : "gauge")"]
    }

    private static func number(_ value: JSON?) -> Int64? { value?.integer ?? value?.bool.map { $0 ? 1 : 0 } }
}
