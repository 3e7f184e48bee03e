/// What is measured of a node for its alarms. What is not known has no sample, so that nothing is raised or cleared by a guess.

package import Alarms
import Events
package import Replication

/// The metrics, with their labels and units.
package enum Measure {
    /// Rows of its feeds that a node has not confirmed; `node`.
    package static let peerLagEvents = "peerLagEvents"
    /// For how long the first of them has been here, in seconds; `node`.
    package static let peerLagSeconds = "peerLagSeconds"
    /// A node's own events that are not here; `node`.
    package static let peerOutboxEvents = "peerOutboxEvents"
    /// For how long it has held some back, in seconds; `node`.
    package static let peerOutboxSeconds = "peerOutboxSeconds"
    /// For how long the line to a node that is enrolled has been down, in seconds, 0 for one that is up; `node`.
    package static let peerDownSeconds = "peerDownSeconds"
    /// A node's clock less this one's, in seconds; `node`.
    package static let peerClockSeconds = "peerClockSeconds"
    /// The same of a street, about its centre.
    package static let lagEvents = "lagEvents"
    package static let lagSeconds = "lagSeconds"
    package static let outboxEvents = "outboxEvents"
    package static let outboxSeconds = "outboxSeconds"
    package static let downSeconds = "downSeconds"
    package static let clockSeconds = "clockSeconds"
    /// Since the dispatch of an urgent ticket that its node has not confirmed, in seconds; `ticket`, `node`, `unit`.
    package static let urgentSeconds = "urgentSeconds"
    /// Tickets at the centre whose unit does not work there.
    package static let undelivered = "undelivered"
    /// Conflicts that nobody has settled.
    package static let conflicts = "conflicts"
    /// Events of the log that the views lack.
    package static let viewsEvents = "viewsEvents"
    /// Rows of the log that are rotten, and that nobody has given back yet.
    package static let rottenRows = "rottenRows"
    /// The 99th percentile of the last commits, in milliseconds.
    package static let commitMilliseconds = "commitMilliseconds"
    /// Free space on the disk of the node's folder, in MiB.
    package static let diskMegabytes = "diskMegabytes"
}

package enum Measures {
    /// What the loop tells.
    ///
    /// - Parameter start: when this process began to look, in steady milliseconds.
    package static func of(_ status: NodeLoop.Status, start: Int64, now: Moment) -> [Sample] {
        var samples: [Sample] = []
        for peer in status.peers where status.members.contains(peer.node) {
            let labels: KeyValuePairs = ["node": peer.node.text]
            samples += [
                Sample(Measure.peerLagEvents, labels, peer.behind),
                Sample(Measure.peerLagSeconds, labels, seconds(since: peer.behindSince, now)),
                Sample(Measure.peerOutboxEvents, labels, peer.outbox),
                Sample(Measure.peerOutboxSeconds, labels, seconds(since: peer.outboxSince, now)),
            ]
            // Of a line that is down the last word about its clock is old.
            if status.linesDown[peer.node] == nil {
                samples.append(Sample(Measure.peerClockSeconds, labels, peer.clockOffset / 1_000))
            }
        }
        for node in status.members.sorted() {
            // Of one that never had a line nothing is known.
            guard
                let down = status.linesDown[node].map({ max(0, now.wall - $0) / 1_000 })
                    ?? (status.peers.contains { $0.node == node } ? 0 : nil)
            else { continue }
            samples.append(Sample(Measure.peerDownSeconds, ["node": node.text], down))
        }
        if let link = status.link {
            samples += [
                Sample(Measure.lagEvents, [:], status.lag),
                Sample(Measure.lagSeconds, [:], seconds(since: link.lagSince, now)),
                Sample(Measure.outboxEvents, [:], status.outbox),
                Sample(Measure.outboxSeconds, [:], seconds(since: link.outboxSince, now)),
                Sample(
                    Measure.downSeconds, [:],
                    status.isLinked ? 0 : seconds(since: max(start, link.heardAt ?? start), now)),
            ]
            if status.isLinked, let offset = link.clockOffset {
                samples.append(Sample(Measure.clockSeconds, [:], offset / 1_000))
            }
        }
        if let rotten = status.rotten { samples.append(Sample(Measure.rottenRows, [:], rotten)) }
        if let p99 = status.commitP99 { samples.append(Sample(Measure.commitMilliseconds, [:], p99 / 1_000)) }
        return samples
    }

    private static func seconds(since: Int64?, _ now: Moment) -> Int64 {
        since.map { max(0, now.steady - $0) / 1_000 } ?? 0
    }
}
