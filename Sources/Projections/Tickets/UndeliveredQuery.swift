/// How many tickets are not where their unit works (未送达).

package import Events
import GRDB
package import Tickets

extension ViewStore {
    /// Tickets at the centre that units have at hand which do not work there.
    package func undeliveredCount(under rules: any TicketRules, centre: NodeID) throws -> Int64 {
        try read { db in
            let select = try RowStatement(ViewStore.heldByUnit, on: db)
            select.bind(1, .text(centre.text))
            var count: Int64 = 0
            while try select.step() {
                guard case .text(let unit) = select.cell(0), rules.undelivered(to: unit, centre: centre) != nil else {
                    continue
                }
                count += select.integer(1)
            }
            return count
        }
    }

    /// What the units have at hand at a node.
    static let heldByUnit = """
        SELECT holderUnit, count(*) FROM tickets WHERE holderNode = ?1 AND \(TicketTables.held) GROUP BY holderUnit
        """
}
