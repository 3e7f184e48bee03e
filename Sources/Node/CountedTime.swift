/// Which time counts for what a street did (计时认定): the node's own when its line was down, else the arrival.
///
/// Pure; the centre writes the answer down as `ticket.receiptNoted` when the event arrives
/// (`docs/format/tickets.md`).

package import Events
package import Tickets

/// A time in which the line to a node was down, as the centre recorded it.
package struct Outage: Sendable, Equatable {
    package var lostAt: Timestamp
    /// nil while it lasts.
    package var restoredAt: Timestamp?

    package init(lostAt: Timestamp, restoredAt: Timestamp? = nil) {
        self.lostAt = lostAt
        self.restoredAt = restoredAt
    }
}

package enum CountedTime {
    /// - Parameters:
    ///   - recordedAt: when the node wrote it, by its own clock.
    ///   - outages: of its line, as the centre recorded them.
    ///   - clockOffset: the node's clock less the centre's, in milliseconds, as last measured.
    ///   - rule: how long an outage may be, and how far the node's clock and its word may be off.
    /// - Returns: the instant that counts, and whether it is the node's.
    package static func of(
        recordedAt: Timestamp, arrival: Timestamp, outages: [Outage], clockOffset: Int64, rule: TicketOutageRule
    ) -> (at: Timestamp, isOutage: Bool) {
        guard recordedAt < arrival, clockOffset.magnitude <= UInt64(max(0, rule.clockOffset)) else {
            return (arrival, false)
        }
        let covered = outages.contains { outage in
            let end = outage.restoredAt ?? arrival
            return end - outage.lostAt <= rule.longest && recordedAt >= outage.lostAt + -rule.margin
                && recordedAt <= end + rule.margin
        }
        return covered ? (recordedAt, true) : (arrival, false)
    }
}
