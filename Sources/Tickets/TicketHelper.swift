/// Who works on a ticket beside its lead: helpers (协办单位), and units below the lead (二次派单).

package import Events

/// A unit that helps the lead, with the node it works at.
package struct TicketHelper: Sendable, Equatable {
    /// Unit code (单位代码), as in the territory.
    package let unit: String
    package let node: NodeID?
    /// By when it reports to the lead (协办时限); nil: no time was set.
    package let due: Timestamp?
    /// When it last reported (协办反馈).
    package var reportedAt: Timestamp?

    package init(unit: String, node: NodeID?, due: Timestamp? = nil) {
        self.unit = unit
        self.node = node
        self.due = due
    }

    /// Reads `unit`, `node` and `due`; nil when there is no unit.
    init?(_ object: JSONObject?) {
        guard let unit = object?["unit"]?.string else { return nil }
        self.init(
            unit: unit, node: object?["node"]?.string.flatMap { try? NodeID($0) },
            due: object?["due"]?.integer.map(Timestamp.init(milliseconds:)))
    }

    /// As bodies carry it.
    package var json: JSON {
        var object: JSONObject = ["unit": .string(unit)]
        object["node"] = node.map { .string($0.text) }
        object["due"] = due.map { .integer($0.milliseconds) }
        return .object(object)
    }
}

/// What the lead gave to a unit below it; the lead stays responsible.
package struct TicketSubtask: Sendable, Equatable {
    package let unit: String
    package let due: Timestamp?
    package let givenAt: Timestamp
}
