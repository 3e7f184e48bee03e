/// What stands in the way of a change of the node book, in words for operators; strangers get one answer to all of it.

package import Events

/// Why a membership does not change.
package enum NodeRefusal: Problem, Equatable {
    case centre(NodeID)
    case enrolledAlready(NodeID)
    case unknown(NodeID)
    case notInvited(NodeID)
    case notCentre(NodeID)
    case past(Timestamp, now: Timestamp)
    case tooMany(limit: Int)
    case malformed(field: String, value: String)
    case twoKeys(NodeID, old: String, until: Timestamp)
    case unknownKey(NodeID, key: String)
    case lastKey(NodeID, key: String)

    package var code: String {
        switch self {
        case .centre: "GL-5010"
        case .enrolledAlready: "GL-5011"
        case .unknown: "GL-5012"
        case .notInvited: "GL-5013"
        case .notCentre: "GL-5014"
        case .past: "GL-5015"
        case .tooMany: "GL-5016"
        case .malformed: "GL-5017"
        case .twoKeys: "GL-5020"
        case .unknownKey: "GL-5021"
        case .lastKey: "GL-5022"
        }
    }

    package var message: Words {
        switch self {
        case .centre(let node): "\(node) is the centre itself"
        case .enrolledAlready(let node): "node \(node) is enrolled already"
        case .unknown(let node): "node \(node) was never invited here"
        case .notInvited(let node): "the centre does not let node \(node) in with this invitation"
        case .notCentre(let node): "\(node) is not the centre"
        case .past(let at, let now): "the invitation would end at \(at), and it is \(now)"
        case .tooMany(let limit): "there are \(limit) nodes already"
        case .malformed(let field, let value): "\(field) is \"\(value)\""
        case .twoKeys(let node, let old, let until):
            "node \(node) is exchanging its key already: \(old) ends at \(until) at the latest"
        case .unknownKey(let node, let key): "\(key) is no key with which node \(node) may connect"
        case .lastKey(let node, let key): "\(key) is the only key of node \(node)"
        }
    }

    package var hint: Words {
        switch self {
        case .centre: "invite street nodes; their ids differ from the centre's"
        case .enrolledAlready: "revoke it first with `gridline nodes revoke`, then invite it again"
        case .unknown: "see `gridline nodes list`"
        case .notInvited: "it may be used, expired or revoked: ask for a new one, `gridline nodes invite` at the centre"
        case .notCentre: "give the command at the centre's folder"
        case .past: "give a time that lies ahead"
        case .tooMany: "revoke nodes that are gone; one centre serves this many at most"
        case .malformed:
            "a secret's hash is 64 hexadecimal digits; two keys stand beside each other for 30 days at most"
        case .twoKeys:
            "wait until the node has used its new key, or end one of both: `gridline nodes revoke --key KEY`"
        case .unknownKey: "see `gridline nodes list`"
        case .lastKey:
            "exchange it with `gridline nodes rotate`, or revoke the node: `gridline nodes revoke` without --key"
        }
    }
}
