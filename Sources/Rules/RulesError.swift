/// What can be wrong with rules that came as data.

import Events

/// A rule, calendar or limit that cannot be read.
package enum RulesError: Problem, Equatable {
    /// A field that is missing, of the wrong kind or outside its range.
    case field(name: String, of: String, found: String, wanted: String)

    package var code: String { "GL-3001" }

    package var message: String {
        switch self {
        case .field(let name, let object, let found, let wanted):
            "Field \"\(name)\" of the \(object) is \(found); it must be \(wanted)."
        }
    }

    package var hint: String { "Correct the field (docs/format/rules.md lists each) and publish the rules again." }
}
