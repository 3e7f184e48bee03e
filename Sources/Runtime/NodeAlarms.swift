/// The alarms that ship: what of a node's measures (`Measures`) is an alarm, from when on, and what to do about it.
///
/// A metric that a node does not have, such as a street's peers, raises nothing there. Each has its section in
/// `docs/operations.md`.

package import Alarms
import Events

package enum NodeAlarms {
    private static let minute: Int64 = 60_000
    private static let node = AlarmSlot.label("node")

    package static func rules(_ limits: AlarmLimits) -> [AlarmRule] {
        lines(limits) + clocks(limits) + tickets(limits) + machine(limits)
    }

    // MARK: - Lines

    private static func lines(_ limits: AlarmLimits) -> [AlarmRule] {
        func limit(_ one: AlarmLimit) -> Int64 { Int64(limits[one]) }
        return [
            AlarmRule(
                "peerLagEvents", of: Measure.peerLagEvents, .above, limit(.lagEvents), clearing: limit(.lagEvents) / 2,
                hold: minute / 2, coolDown: 5 * minute, .warning,
                text:
                    "node \(node) has not confirmed \(AlarmSlot.value) rows of its feeds, more than \(AlarmSlot.threshold)",
                advice: "see whether its line or its disk is slow: docs/operations.md, Lag"),
            AlarmRule(
                "peerLagSeconds", of: Measure.peerLagSeconds, .above, limit(.lagSeconds),
                clearing: limit(.lagSeconds) / 2,
                coolDown: 5 * minute, .warning,
                text: "node \(node) lacks rows that are \(AlarmSlot.value) s old, more than \(AlarmSlot.threshold)",
                advice: "see whether its line or its disk is slow: docs/operations.md, Lag"),
            AlarmRule(
                "peerOutboxEvents", of: Measure.peerOutboxEvents, .above, limit(.outboxEvents),
                clearing: limit(.outboxEvents) / 2, hold: minute / 2, coolDown: 5 * minute, .warning,
                text:
                    "node \(node) holds \(AlarmSlot.value) events that are not here, more than \(AlarmSlot.threshold)",
                advice: "see its alarms, and whether its origin is halted: docs/operations.md, Outbox"),
            AlarmRule(
                "peerOutboxSeconds", of: Measure.peerOutboxSeconds, .above, limit(.outboxSeconds), clearing: 0,
                coolDown: 5 * minute, .warning,
                text: "node \(node) has held events back for \(AlarmSlot.value) s, more than \(AlarmSlot.threshold)",
                advice: "see its alarms, and whether its origin is halted: docs/operations.md, Outbox"),
            AlarmRule(
                "linkLost", of: Measure.peerDownSeconds, .above, limit(.linkSeconds), clearing: 0, coolDown: 5 * minute,
                .warning,
                escalation: AlarmRule.Escalation(after: 24 * 60 * minute, to: .critical),
                text: "the line to node \(node) has been down for \(AlarmSlot.value) s",
                advice: "call the office; it works on by itself: docs/operations.md, Line down"),
            AlarmRule(
                "lagEvents", of: Measure.lagEvents, .above, limit(.lagEvents), clearing: limit(.lagEvents) / 2,
                hold: minute / 2,
                coolDown: 5 * minute, .warning,
                text: "\(AlarmSlot.value) rows of the centre are missing here, more than \(AlarmSlot.threshold)",
                advice: "see whether the line or this disk is slow: docs/operations.md, Lag"),
            AlarmRule(
                "lagSeconds", of: Measure.lagSeconds, .above, limit(.lagSeconds), clearing: limit(.lagSeconds) / 2,
                coolDown: 5 * minute, .warning,
                text:
                    "rows of the centre have been missing here for \(AlarmSlot.value) s, more than \(AlarmSlot.threshold)",
                advice: "see whether the line or this disk is slow: docs/operations.md, Lag"),
            AlarmRule(
                "outboxEvents", of: Measure.outboxEvents, .above, limit(.outboxEvents),
                clearing: limit(.outboxEvents) / 2,
                hold: minute / 2, coolDown: 5 * minute, .warning,
                text:
                    "the centre has not confirmed \(AlarmSlot.value) events of this node, more than \(AlarmSlot.threshold)",
                advice: "they are safe here; see the line, and the alarms above: docs/operations.md, Outbox"),
            AlarmRule(
                "outboxSeconds", of: Measure.outboxSeconds, .above, limit(.outboxSeconds),
                clearing: limit(.outboxSeconds) / 2,
                coolDown: 5 * minute, .warning,
                text: "the oldest event that the centre has not confirmed is \(AlarmSlot.value) s old",
                advice: "it is safe here; see the line, and the alarms above: docs/operations.md, Outbox"),
            AlarmRule(
                "lineDown", of: Measure.downSeconds, .above, limit(.linkSeconds), clearing: 0, coolDown: 5 * minute,
                .warning,
                text: "the line to the centre has been down for \(AlarmSlot.value) s",
                advice: "work on; see the office's network, and call the centre: docs/operations.md, Line down"),
        ]
    }

    // MARK: - Clocks

    private static func clocks(_ limits: AlarmLimits) -> [AlarmRule] {
        let limit = Int64(limits[.clockSeconds])
        let own = Int64(limits[.hubClockSeconds])
        return [
            AlarmRule(
                "peerClock", of: Measure.peerClockSeconds, .beyond, limit, clearing: limit * 3 / 4,
                hold: minute / 2, coolDown: 10 * minute, .warning,
                text: "the clock of node \(node) is \(AlarmSlot.value) s off this one's",
                advice: "set it right there, by NTP; what it records counts at its arrival: docs/operations.md, Clocks"),
            AlarmRule(
                "hubClock", of: Measure.peerClockSeconds, scope: .median(ofAtLeast: 2), .beyond, own,
                clearing: own / 2, hold: minute / 2, coolDown: 10 * minute, .critical,
                text: "the nodes' clocks are \(AlarmSlot.value) s off this one's: the centre's own clock is wrong",
                advice: "set this machine's clock right, by NTP: docs/operations.md, Clocks"),
            AlarmRule(
                "clock", of: Measure.clockSeconds, .beyond, limit, clearing: limit * 3 / 4, hold: minute / 2,
                coolDown: 10 * minute, .warning,
                text: "the centre's clock is \(AlarmSlot.value) s off this one's",
                advice: "compare both with a clock that is right, and set the wrong one: docs/operations.md, Clocks"),
        ]
    }

    // MARK: - Tickets

    private static func tickets(_ limits: AlarmLimits) -> [AlarmRule] {
        [
            AlarmRule(
                "urgentUndelivered", of: Measure.urgentSeconds, .above, Int64(limits[.urgentSeconds]), clearing: 0,
                .warning,
                escalation: AlarmRule.Escalation(after: 5 * minute, to: .critical),
                text: """
                    urgent ticket \(AlarmSlot.label("ticket")) has not reached node \(node), \(AlarmSlot.value) s after its \
                    dispatch
                    """,
                advice: "call unit \(AlarmSlot.label("unit")) and tell it: docs/operations.md, Urgent ticket"),
            AlarmRule(
                "undelivered", of: Measure.undelivered, .above, Int64(limits[.undeliveredTickets]), hold: minute,
                coolDown: 60 * minute, .notice,
                text: "\(AlarmSlot.value) tickets are at the centre and not where their unit works",
                advice: "enrol the node, then reassign them; their pages say why: docs/operations.md, Not delivered"),
            AlarmRule(
                "conflicts", of: Measure.conflicts, .above, Int64(limits[.conflicts]), hold: minute,
                coolDown: 60 * minute,
                .notice, text: "\(AlarmSlot.value) conflicts wait for a person",
                advice: "settle them on the page of conflicts: docs/operations.md, Conflicts"),
        ]
    }

    // MARK: - The machine

    private static func machine(_ limits: AlarmLimits) -> [AlarmRule] {
        let views = Int64(limits[.viewsEvents])
        let commit = Int64(limits[.commitMilliseconds])
        let disk = Int64(limits[.diskMegabytes])
        return [
            AlarmRule(
                "viewsBehind", of: Measure.viewsEvents, .above, views, clearing: views / 2, hold: minute,
                coolDown: 10 * minute,
                .warning, text: "the views lack \(AlarmSlot.value) events of the log, more than \(AlarmSlot.threshold)",
                advice: "lists show what was; see whether the disk is full or slow: docs/operations.md, Views"),
            AlarmRule(
                "rottenRows", of: Measure.rottenRows, .above, 0, hold: minute, coolDown: 10 * minute, .warning,
                text: "\(AlarmSlot.value) rows of the log are rotten, and nobody has given them back yet",
                advice: "see its line, and the alarms above; then the disk's health: docs/operations.md, Rotten rows"),
            AlarmRule(
                "commitSlow", of: Measure.commitMilliseconds, condensed: .median, .above, commit, clearing: commit / 2,
                hold: minute, coolDown: 10 * minute, .warning,
                text:
                    "one commit in a hundred takes \(AlarmSlot.value) ms and more, the limit is \(AlarmSlot.threshold)",
                advice: "see what else writes to this disk, and its health: docs/operations.md, Slow disk"),
            AlarmRule(
                "diskLow", of: Measure.diskMegabytes, .below, disk, clearing: disk + disk / 4,
                coolDown: 10 * minute,
                .warning, escalation: AlarmRule.Escalation(after: 60 * minute, to: .critical),
                text: "\(AlarmSlot.value) MiB are left on the node's disk, fewer than \(AlarmSlot.threshold)",
                advice: "make room before nothing can be recorded any more: docs/operations.md, Disk nearly full"),
        ]
    }
}
