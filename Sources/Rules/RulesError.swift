/// What can be wrong with rules that came as data.

package import Events

/// A rule, calendar or limit that cannot be read or published.
package enum RulesError: Problem, Equatable {
    /// A field that is missing, of the wrong kind or outside its range.
    case field(name: String, of: Words, found: Words, wanted: Words)
    /// A body or preset that is no JSON object.
    case unreadable(what: Words, why: Words)
    /// A preset that this version does not carry.
    case unknownPreset(name: String, shipped: [String])
    /// A kind of rules that this version does not know.
    case unknownKind(name: String, known: [String])
    /// A body that does not fit an event; both in bytes.
    case oversize(what: Words, length: Int, limit: Int)
    /// A version that was published, or ships, with other content.
    case versionTaken(kind: String, version: String)

    package var code: String {
        switch self {
        case .field: "GL-3001"
        case .unreadable: "GL-3002"
        case .unknownPreset: "GL-3003"
        case .oversize: "GL-3004"
        case .unknownKind: "GL-3005"
        case .versionTaken: "GL-3006"
        }
    }

    package var message: Words {
        switch self {
        case .field(let name, let object, let found, let wanted):
            "Field \"\(name)\" of the \(object) is \(found); it must be \(wanted)."
        case .unreadable(let what, let why): "\(what) cannot be read: \(why)."
        case .unknownPreset(let name, let shipped):
            "There is no preset \"\(name)\"; there are \(Words.list(shipped))."
        case .unknownKind(let name, let known):
            "There is no kind of rules \"\(name)\"; there are \(Words.list(known))."
        case .oversize(let what, let length, let limit): "\(what) takes \(length) bytes; an event holds \(limit)."
        case .versionTaken(let kind, let version):
            "Version \"\(version)\" of the \(kind) is there already, with other content."
        }
    }

    package var hint: Words {
        switch self {
        case .field: "Correct the field (docs/format/rules.md lists each) and publish the rules again."
        case .unreadable: "Write it as a JSON object (docs/format/rules.md) and publish it again."
        case .unknownKind: "Name one of the kinds listed."
        case .unknownPreset: "Name one of the presets listed."
        case .versionTaken: "Give the changed rules a version of their own: due times name the version they came from."
        case .oversize: "Shorten the texts and publish the rules again."
        }
    }
}
