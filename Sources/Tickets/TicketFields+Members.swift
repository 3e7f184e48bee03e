/// What stands inside of fields that are objects, and what all of them are called in refusals.

import Events

extension TicketFields {
    /// What the object of a field holds; none for what is no object.
    package static func members(of field: TicketField) -> [(name: String, shape: FieldShape)] {
        switch (field.shape, field.name) {
        case (.place, _): place
        case (.object, "callerTold"): [("way", .text), ("at", .instant)]
        case (.object, "override"): [("by", .text), ("reason", .text)]
        // Times are objects there, whose `at` is the instant.
        case (.object, "recomputed"): [("rule", .text), ("before", .instant), ("due", .instant)]
        case (.objects, "helpers"): [("unit", .unit), ("node", .node), ("due", .instant)]
        case _: []
        }
    }

    /// All that a refusal can name: the fields, members of objects behind a dot, and the time of the step.
    package static func paths(of kind: TicketEventKind) -> [String] {
        of(kind).flatMap { field in [field.name] + members(of: field).map { "\(field.name).\($0.name)" } }
            + ["occurredAt"]
    }

    /// A field's name for people; who reads English gets the path, which is what a program sends.
    static func words(_ path: String, of kind: TicketEventKind) -> Words {
        Words(name: path, of: "field of \(kind.rawValue)")
    }
}
