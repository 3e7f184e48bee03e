/// The page of the node's state (运行状态): alarms that are raised, positions, the line or the lines, what happened last.

import Events
import Texts

extension PageBodies {
    /// - Parameter status: as HTTP says it; what it does not name is not shown.
    static func status(_ status: JSONObject, _ frame: PageFrame) -> String {
        let alarms = (status["alarms"]?.array ?? []).compactMap(\.string)
        let peers = (status["peers"]?.array ?? []).compactMap(\.object)
        return raised((status["raised"]?.array ?? []).compactMap(\.object), frame)
            + numbers(
                status,
                [
                    (.position, "position"), (.viewPosition, "viewPosition"), (.lag, "lag"), (.outboxCount, "outbox"),
                    (.conflicts, "conflicts"), (.undeliveredCount, "undelivered"), (.poisoned, "poisoned"),
                    (.needingUpgrade, "needingUpgrade"), (.rottenRows, "rotten"), (.healedRows, "healed"),
                    (.commitP99, "commitP99"), (.diskFree, "diskFree"),
                ], frame)
            + line(status["link"]?.object, frame)
            + (frame.isCentre ? lines(peers, down: status["linesDown"]?.object ?? [:], frame) : "")
            + items(.alarms, alarms.reversed(), frame)
    }

    private static func raised(_ alarms: [JSONObject], _ frame: PageFrame) -> String {
        guard !alarms.isEmpty else { return items(.raised, [], frame) }
        let rows = alarms.map { alarm in
            let severity = alarm["severity"]?.string ?? ""
            let since = alarm["since"]?.integer.map { frame.time(Timestamp(milliseconds: $0)) } ?? ""
            let cells = [
                "<td class=\"\(severity == "critical" ? "late" : "soon")\">\(HTML.escape(frame.texts.severity(severity)))</td>",
                "<td>\(HTML.escape(since))</td>", "<td>\(HTML.escape(alarm["text"]?.string ?? ""))</td>",
                "<td>\(HTML.escape(alarm["advice"]?.string ?? ""))</td>", "<td>\(seen(alarm, frame))</td>",
            ]
            return "<tr>\(cells.joined())</tr>"
        }
        return table(.raised, [.severity, .raisedSince, .raisedWhat, .tryThis, .seenTo], rows, frame)
    }

    /// Who sees to an alarm, or the button to say that one does.
    private static func seen(_ alarm: JSONObject, _ frame: PageFrame) -> String {
        if let account = alarm["acknowledgedBy"]?.string { return HTML.escape(account) }
        let labels = String(decoding: JSON.object(alarm["labels"]?.object ?? [:]).canonicalBytes, as: UTF8.self)
        return """
            <form method="post" action="/alarms/\(HTML.escape(alarm["rule"]?.string ?? ""))">\(frame.hiddenToken)\
            <input type="hidden" name="labels" value="\(HTML.escape(labels))"><button>\(frame.text(.seeTo))</button></form>
            """
    }

    private static func numbers(_ object: JSONObject, _ members: [(TextKey, String)], _ frame: PageFrame) -> String {
        let rows = members.compactMap { key, name in
            object[name]?.integer.map { "<tr><th scope=\"row\">\(frame.text(key))</th><td>\($0)</td></tr>" }
        }
        return "<div class=\"wide\"><table>\(rows.joined())</table></div>"
    }

    /// A street's line to the centre.
    private static func line(_ link: JSONObject?, _ frame: PageFrame) -> String {
        guard let link else { return "" }
        var shown = link
        for (seconds, milliseconds) in [("lag", "lagFor"), ("outbox", "outboxFor"), ("session", "sessionAge")] {
            shown[seconds] = link[milliseconds]?.integer.map { .integer($0 / 1_000) }
        }
        return "<h2>\(frame.text(.line))</h2>"
            + numbers(
                shown,
                [
                    (.lagSeconds, "lag"), (.outboxSeconds, "outbox"), (.sessionSeconds, "session"),
                    (.clockOffset, "clockOffset"), (.rowsLive, "live"), (.rowsPulled, "pulled"), (.gaps, "gaps"),
                    (.rewinds, "rewinds"), (.credit, "credit"), (.lostFrames, "lost"),
                ], frame)
    }

    /// A line for each node that has had a session with this centre, or whose line is down.
    private static func lines(_ peers: [JSONObject], down: JSONObject, _ frame: PageFrame) -> String {
        let known = Set(peers.compactMap { $0["node"]?.string })
        let others = down.members.map(\.key).filter { !known.contains($0) }
            .map { ["node": JSON.string($0)] as JSONObject }
        guard !peers.isEmpty || !others.isEmpty else { return items(.peers, [], frame) }
        let rows = (peers + others).map { peer in
            let node = peer["node"]?.string ?? ""
            func seconds(_ value: JSON?) -> String { value?.integer.map { String($0 / 1_000) } ?? "" }
            func count(_ name: String) -> String { peer[name]?.integer.map(String.init) ?? "" }
            let cells = [
                node, count("behind"), seconds(peer["behindFor"]), count("outbox"), seconds(peer["outboxFor"]),
                seconds(peer["silence"]), seconds(down[node]), count("clockOffset"), count("lost"),
            ]
            return "<tr>" + cells.map { "<td>\(HTML.escape($0))</td>" }.joined() + "</tr>"
        }
        let columns: [TextKey] = [
            .peer, .peerBehind, .lagSeconds, .peerOutbox, .outboxSeconds, .peerHeard, .downSeconds, .clockOffset,
            .lostFrames,
        ]
        return table(.peers, columns, rows, frame)
    }

    private static func table(_ title: TextKey, _ columns: [TextKey], _ rows: [String], _ frame: PageFrame) -> String {
        let head = columns.map { "<th scope=\"col\">\(frame.text($0))</th>" }.joined()
        return "<h2>\(frame.text(title))</h2><div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>"
            + rows.joined() + "</tbody></table></div>"
    }

    private static func items(_ title: TextKey, _ items: [String], _ frame: PageFrame) -> String {
        let rows =
            items.isEmpty ? "<li>\(frame.text(.none))</li>" : items.map { "<li>\(HTML.escape($0))</li>" }.joined()
        return "<h2>\(frame.text(title))</h2><ul>\(rows)</ul>"
    }
}
