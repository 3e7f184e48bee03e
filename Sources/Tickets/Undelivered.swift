/// Tickets that are not where their unit works (未送达): dispatched while that node was not enrolled, or to a unit that the
/// rules place nowhere.
///
/// A dispatch writes the node into the event, so that a node which enrols later does not get what was dispatched before: the
/// ticket stays at the centre until somebody reassigns it.

package import Events

/// Where the rules say that a unit works, whether or not that node is enrolled.
package enum UnitPlace: Sendable, Equatable {
    case node(NodeID)
    /// With the node that decides: a department, or a unit for which the territory names no node.
    case centre
    /// Neither territory nor catalogue has it.
    case unknown
}

package enum Undelivered: Sendable, Equatable {
    case notEnrolled(NodeID, unit: String)
    /// The node is enrolled: since the dispatch, or the dispatcher chose the centre.
    case elsewhere(NodeID, unit: String)
    case unknownUnit(String)

    /// What happens to the ticket, and what to do.
    package var words: Words {
        switch self {
        case .notEnrolled(let node, let unit):
            """
            node \(node), at which unit \(unit) works, is not enrolled: the ticket is handled at the centre; once the node is \
            enrolled, reassign the ticket to \(unit)
            """
        case .elsewhere(let node, let unit):
            "the ticket is at the centre, and unit \(unit) works at node \(node): reassign it to \(unit) to send it there"
        case .unknownUnit(let unit):
            """
            no territory names unit \(unit), so that no node gets the ticket: it is handled at the centre; publish a territory \
            with the unit, then reassign the ticket
            """
        }
    }
}

extension TicketRules {
    /// Why a ticket that a unit has at hand should not be at the centre; nil when it should.
    package func undelivered(to unit: String, centre: NodeID) -> Undelivered? {
        switch place(of: unit) {
        case .node(centre), .centre: nil
        case .node(let node): isEnrolled(node) ? .elsewhere(node, unit: unit) : .notEnrolled(node, unit: unit)
        case .unknown: .unknownUnit(unit)
        }
    }
}

extension TicketState {
    /// Why the unit that has it at hand does not have it at its node; nil when it does, and for what no node was to get.
    package func undelivered(under rules: any TicketRules, centre: NodeID) -> Undelivered? {
        guard status.isHeld, let lead, lead.node == centre else { return nil }
        return rules.undelivered(to: lead.unit, centre: centre)
    }
}
