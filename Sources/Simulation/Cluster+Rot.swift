// Rot in the rows of a cluster's logs, where another node has the event and may give it back.

package import Events

extension Cluster {
    /// Changes the bytes of a row that is whole, and was nowhere rotten before.
    ///
    /// - Returns: whether there was such a row.
    @discardableResult
    package func rot(at id: NodeID, _ random: inout SeededRandom) throws -> Bool {
        guard let node = nodes[id] else { return false }
        let rows = try node.log.reader.page(.all, .forward, from: 0, limit: 10_000)
            .filter { try !rotted.contains($0.event.id) && isHeldElsewhere($0.event.id, besides: node) }
        guard let row = random.pick(rows) else { return false }
        rotted.insert(row.event.id)
        // A member that no fold knows: what is decided meanwhile is what it would have been.
        var body = row.event.record ?? [:]
        body["rot"] = .integer(row.position)
        node.log.rot(at: row.position) { $0.body = .here(JSON.object(body).canonicalBytes) }
        return true
    }

    /// Whether somebody has an event who gives it to this node.
    ///
    /// A street gives all that it has, the centre what is the street's own or everybody's: a ticket may leave the street's feed while
    /// its line is down.
    private func isHeldElsewhere(_ event: EventID, besides node: SimulatedNode) throws -> Bool {
        guard !node.isHub else {
            return try streets.contains { try nodes[$0]?.log.reader.event(event) != nil }
        }
        guard let hub = nodes[centre]?.log.reader, try hub.event(event) != nil else { return false }
        return try event.origin.node == node.id || hub.row(of: event, in: .common, above: 0) != nil
    }

    /// Rows that are rotten now, with their nodes.
    package func rottenRows() throws -> [String] {
        try all.flatMap { node in
            try node.log.reader.page(.all, .forward, from: 0, limit: 10_000).compactMap { stored in
                stored.rot == nil ? nil : "\(node.id) at \(stored.position)"
            }
        }
    }
}
