/// Which urgent tickets have not reached the node of their unit (未送达): dispatched, and not among the rows that the node has
/// confirmed as durable. Delivery is the feed's acknowledgement (`docs/format/wire.md`), not a guess from the line.

package import Alarms
package import Events
package import Log
import Node
package import Projections
import Replication
import Tickets

package struct UrgentDelivery {
    /// Tickets of one node that are looked at.
    private static let limit = 200

    private let views: ViewStore
    private let readers: ReaderPool
    private let centre: NodeID
    private let urgencies: [String]
    /// When this process began to look.
    private let start: Timestamp
    /// Tickets that were on their way at the last look.
    private var open: Set<Series> = []
    /// The rows of dispatches that were not confirmed at the last look, by the event.
    private var rows: [EventID: Int64] = [:]

    /// - Parameters:
    ///   - urgencies: names of the urgencies that are urgent.
    ///   - start: when this process began to look.
    package init(views: ViewStore, readers: ReaderPool, centre: NodeID, urgencies: [String], start: Timestamp) {
        self.views = views
        self.readers = readers
        self.centre = centre
        self.urgencies = urgencies
        self.start = start
    }

    /// The seconds since the dispatch of each; 0 once for one that has arrived, or is not to arrive any more.
    ///
    /// A node that lacks nothing of its feed costs nothing.
    package mutating func samples(_ status: NodeLoop.Status, now: Timestamp) throws -> [Sample] {
        var samples: [Sample] = []
        var kept: [EventID: Int64] = [:]
        for node in status.members.sorted() {
            let peer = status.peers.first { $0.node == node }
            if let peer, peer.behind == 0 { continue }
            // Of a node that has not said anything since the start nothing is confirmed.
            let confirmed = peer?.cursors[.node(node)]?.fseq ?? 0
            for (ticket, number, unit) in try views.unsigned(
                at: node, urgencies: urgencies, limit: UrgentDelivery.limit)
            {
                guard let (event, row) = try dispatch(of: ticket, to: node, above: confirmed), row > confirmed else {
                    continue
                }
                kept[event.id] = row
                let labels: KeyValuePairs = [
                    "node": node.text, "ticket": number ?? ticket.key.description, "unit": unit,
                ]
                // Streets have not come back yet in the first moment of a centre that starts again.
                let since = peer == nil ? max(start, event.recordedAt) : event.recordedAt
                samples.append(Sample(Measure.urgentSeconds, labels, max(0, now - since) / 1_000))
            }
        }
        rows = kept
        let onTheirWay = Set(samples.map(\.series))
        samples += open.subtracting(onTheirWay).sorted().map { Sample($0, 0) }
        open = onTheirWay
        return samples
    }

    /// The event that gave a ticket to whom has it, and its row in the node's feed; nil when it is not above a row.
    private func dispatch(
        of ticket: StreamName, to node: NodeID, above fseq: Int64
    ) throws -> (event: Event, row: Int64)? {
        try readers.read { reader in
            let fold = try NodeCore.read(ticket, centre: centre, reader)
            let event = fold.entries.last { $0.effect.isEffective && $0.record.kind?.rule.holder == .grants }?.record
                .event
            guard let event else { return nil }
            if let known = rows[event.id] { return (event, known) }
            return try reader.row(of: event.id, in: .node(node), above: fseq).map { (event, $0) }
        }
    }
}
