/// Bodies are gone only of what others wrote, at streets, in tickets whose last word there is that they left; and gone they are when
/// their days are over.

import Events

extension Cluster {
    func bodyFindings(_ hub: SimulatedNode) throws -> [String] {
        var found: [String] = []
        for node in all {
            for stored in try node.log.reader.page(.all, .forward, from: 0, limit: 10_000)
            where !stored.event.body.isHere {
                let event = stored.event
                if node.id == centre || event.id.origin.node == node.id {
                    found.append("\(node.id) let go its own \(event.id)")
                }
                guard event.body == .letGo, try node.lastMove(of: event.stream)?.content != .leave else { continue }
                found.append("\(node.id) is without \(event.id) of \(event.stream), which is its own again")
            }
        }
        return found
    }

    /// Tickets that left a street for longer than it keeps them, and are whole there; for a cluster at rest that has had the minutes
    /// in which a street looks.
    package func unpurged() throws -> [String] {
        var found: [String] = []
        for street in streets.compactMap({ nodes[$0] }) {
            guard let term = street.purgeAfter else { continue }
            for ticket in try tickets(at: street.id) {
                guard let leave = try street.lastMove(of: ticket), leave.content == .leave,
                    case .event(_, let position?)? = try street.log.reader.received(
                        of: .node(street.id), above: leave.fseq - 2, limit: 1
                    ).first?.content,
                    let last = try street.log.reader.page(.all, .forward, from: position - 1, limit: 1).first,
                    max(last.event.recordedAt, last.receivedAt) + term <= now + min(0, street.clockError)
                else { continue }
                let aside = street.log.asidePositions
                for stored in try street.log.reader.page(.stream(ticket), .forward, from: 0, limit: 1_000)
                where stored.event.body.isHere && stored.event.id.origin.node != street.id
                    && !aside.contains(stored.position)
                {
                    found.append(
                        "\(street.id) still has \(stored.event.id) of \(ticket), which left at row \(leave.fseq)")
                }
            }
        }
        return found
    }
}

extension SimulatedNode {
    /// The last row that moved a ticket in this street's feed.
    func lastMove(of ticket: StreamName) throws -> ReceivedRow? {
        try log.reader.received(of: .node(id), above: 0, limit: 10_000).last { row in
            if case .event = row.content { false } else { row.stream == ticket }
        }
    }

    /// Whether an event is here without the body that nobody gives back.
    func misses(_ id: EventID) throws -> Bool { try log.reader.event(id)?.event.body == .missing }
}
