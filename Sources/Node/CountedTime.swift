/// Which time counts for what a street did (计时认定): the node's own when its line was down, else the arrival.
///
/// Pure; the centre writes the answer down as `ticket.receiptNoted` when the event arrives
/// (`docs/architecture.md`, "Which time counts").

package import Events

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
    /// Milliseconds.
    package enum Limit {
        /// By which an instant may lie outside the outage: both ends are noticed late.
        package static let margin: Int64 = 60_000
        /// By which the node's clock may differ from the centre's.
        package static let clockOffset: Int64 = 120_000
        /// An outage that lasts longer excuses nobody.
        package static let outage: Int64 = 72 * 3_600_000
    }

    /// - Parameters:
    ///   - recordedAt: when the node wrote it, by its own clock.
    ///   - outages: of its line, as the centre recorded them.
    ///   - clockOffset: the node's clock less the centre's, in milliseconds, as last measured.
    /// - Returns: the instant that counts, and whether it is the node's.
    package static func of(
        recordedAt: Timestamp, arrival: Timestamp, outages: [Outage], clockOffset: Int64
    ) -> (at: Timestamp, isOutage: Bool) {
        guard recordedAt < arrival, abs(clockOffset) <= Limit.clockOffset else { return (arrival, false) }
        let covered = outages.contains { outage in
            let end = outage.restoredAt ?? arrival
            return end - outage.lostAt <= Limit.outage && recordedAt >= outage.lostAt + -Limit.margin
                && recordedAt <= end + Limit.margin
        }
        return covered ? (recordedAt, true) : (arrival, false)
    }
}
