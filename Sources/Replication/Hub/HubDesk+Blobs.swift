// Blobs at the hub's desk: behind rows, to whom has a session.

package import Events

extension HubDesk {
    package var blobs: BlobStatus { blobDesk?.status ?? BlobStatus() }

    /// No rows wait for this node.
    private func isFree(_ node: NodeID) -> Bool { !pulls.contains { $0.node == node } }

    mutating func take(_ message: Message, from node: NodeID, _ reader: any EventReader, _ now: Moment) throws {
        let isFree = isFree(node)
        try blobDesk?.receive(message, from: node, isFree: isFree, reader: reader, now: now)
    }

    mutating func exchangeBlobs(_ reader: any EventReader, _ now: Moment) throws {
        let lines = hub.live.map { BlobDesk.Line(peer: $0.node, session: $0.session, isFree: isFree($0.node)) }
        try blobDesk?.turn(lines, reader: reader, now: now)
        for (node, message) in blobDesk?.takeOutgoing() ?? [] { if let node { send(message, to: node) } }
        alarms += blobDesk?.takeAlarms() ?? []
        for damage in blobDesk?.takeDamage() ?? [] { try rotten.note(damage, reader) }
    }
}
