// Photographs in a simulated cluster: who has which, and who ought to.

package import Events
import Tickets

extension Cluster {
    /// A photograph is uploaded at a node and named in a note on a ticket, as a person does.
    package func attach(_ bytes: [UInt8], at node: NodeID, ticket: StreamName) throws {
        guard isUp(node), let store = nodes[node]?.blobs, let stored = try? store.put(bytes) else { return }
        command(
            .progressNoted, at: node, ticket: ticket,
            ["text": .string("现场照片"), "attachments": .array([Attachment(stored.blob).json])])
    }

    /// Bytes of all frames of a kind (`docs/format/wire.md`) so far, also of those that did not arrive.
    package func sentBytes(kind: UInt8) -> Int { network.sentBytes[kind] ?? 0 }

    /// How many blobs the centre's events name.
    package func namedBlobs() throws -> Int {
        let events = try nodes[centre]?.log.reader.page(.category("ticket"), .forward, from: 0, limit: 10_000) ?? []
        return Set(events.flatMap { TicketBlobs().blobs(namedIn: $0.event) }).count
    }

    /// What is not where it ought to be: each blob that an event names at each node in whose feed the event's stream is, and
    /// at the centre.
    package func missingBlobs() throws -> [String] {
        var missing: [String] = []
        guard let hub = nodes[centre] else { return [] }
        for stored in try hub.log.reader.page(.category("ticket"), .forward, from: 0, limit: 10_000) {
            let feeds = try hub.log.reader.membership(of: stored.event.stream)
            for blob in TicketBlobs().blobs(namedIn: stored.event) {
                for node in all where node.id == centre || feeds.contains(.node(node.id)) {
                    if node.blobs.size(of: blob) == nil {
                        missing.append("\(node.id) lacks \(blob) of \(stored.event.id)")
                    }
                }
            }
        }
        return missing
    }

    /// Lets time pass until no node lacks a blob that it ought to have, and each street knows that the centre has its own.
    ///
    /// - Returns: the milliseconds it took; nil when `limit` was not enough.
    package func settleBlobs(limit: Int64 = 600_000) throws -> Int64? {
        let start = now
        while now - start < limit {
            if try missingBlobs().isEmpty,
                streets.allSatisfy({ nodes[$0]?.status.unconfirmed.isEmpty == true })
            {
                return now - start
            }
            try run(milliseconds: 1_000)
        }
        return nil
    }
}
