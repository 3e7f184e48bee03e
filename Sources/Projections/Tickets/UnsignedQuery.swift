/// Tickets that a node was given and has not signed (待签收): what an urgent one that is under way is among.

package import Events

extension ViewStore {
    /// Tickets of these urgencies that a unit at a node has at hand and nobody there has signed, in the order of units.
    ///
    /// One that is deemed signed (视为签收) counts as not signed: that it was received is not known.
    /// - Parameter limit: how many at most.
    package func unsigned(
        at node: NodeID, urgencies: [String], limit: Int
    ) throws -> [(ticket: StreamName, number: String?, unit: String)] {
        try read { db in
            let select = try RowStatement(ViewStore.unsigned, on: db)
            select.bind(1, .text(node.text))
            select.bind(2, .text("," + urgencies.joined(separator: ",") + ","))
            select.bind(3, .integer(Int64(limit)))
            var found: [(ticket: StreamName, number: String?, unit: String)] = []
            while try select.step() {
                guard case .text(let stream) = select.cell(0), case .text(let unit) = select.cell(2) else { continue }
                var number: String?
                if case .text(let text) = select.cell(1) { number = text }
                found.append((try StreamName(stream), number, unit))
            }
            return found
        }
    }

    /// Reads what the node has at hand, by its index.
    static let unsigned = """
        SELECT stream, number, holderUnit FROM tickets WHERE holderNode = ?1 AND \(TicketTables.held)
            AND instr(?2, ',' || urgency || ',') > 0 AND (signedAt IS NULL OR signDeemed = 1) LIMIT ?3
        """
}
