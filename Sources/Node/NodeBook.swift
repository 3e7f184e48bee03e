/// Who belongs to the district (节点名册): the nodes that were invited, enrolled and revoked, folded from `node/<id>`.
///
/// The centre alone writes these events, on the common feed, so that any copy of the log says who was let in when and by
/// which key (`docs/format/nodes.md`). A node's slot never changes: its feed is published on the same port for ever.

package import Events

/// A node of the district as the log has it.
package struct Membership: Sendable, Equatable {
    package enum State: String, Sendable { case invited, enrolled, revoked }

    package var node: NodeID
    package var state: State
    /// From 1, in the order of first invitations; names the port of its feed.
    package var slot: Int
    /// Its CURVE public key in Z85; nil until it is enrolled.
    package var key: String?
    /// SHA-256 of the open invitation's secret, and when it ends.
    package var invitation: (secretHash: String, expiresAt: Timestamp)?

    package static func == (left: Membership, right: Membership) -> Bool {
        left.node == right.node && left.state == right.state && left.slot == right.slot && left.key == right.key
            && left.invitation?.secretHash == right.invitation?.secretHash
            && left.invitation?.expiresAt == right.invitation?.expiresAt
    }
}

/// What may happen to a node's membership.
package enum NodeStep: Sendable, Equatable {
    /// An operator invites: whoever shows the secret by `expiresAt` is that node.
    case invite(secretHash: String, expiresAt: Timestamp)
    /// The node itself, inside CURVE with this key, shows the secret.
    case enrol(key: String, secret: String)
    /// An operator ends the membership, at once.
    case revoke(reason: String)

    /// The event that it writes.
    var type: EventType {
        switch self {
        case .invite: NodeBook.invited
        case .enrol: NodeBook.enrolled
        case .revoke: NodeBook.revoked
        }
    }
}

package struct NodeBook: Sendable {
    package static let category = "node"
    fileprivate static let invited = EventType("node.invited")
    fileprivate static let enrolled = EventType("node.enrolled")
    fileprivate static let revoked = EventType("node.revoked")
    /// Nodes of one centre.
    package static let limit = 1_000

    private let centre: NodeID
    private var members: [NodeID: Membership] = [:]

    package init(centre: NodeID) { self.centre = centre }

    /// Reads what the log has.
    package init(reader: any EventReader, centre: NodeID) throws {
        self.init(centre: centre)
        try reader.forEachPage(.category(NodeBook.category)) { page in
            for stored in page { take(stored.event) }
        }
    }

    /// All nodes ever invited, by slot.
    package var all: [Membership] { members.values.sorted { $0.slot < $1.slot } }
    /// The nodes that may connect.
    package var enrolled: Set<NodeID> { Set(members.values.filter { $0.state == .enrolled }.map(\.node)) }
    package subscript(node: NodeID) -> Membership? { members[node] }

    /// Adds an event; one that is not the centre's, or cannot be read, changes nothing.
    package mutating func take(_ event: Event) {
        guard event.stream.category == NodeBook.category, event.id.origin.node == centre,
            let node = try? NodeID(String(event.stream.text.dropFirst(NodeBook.category.count + 1))),
            let body = try? JSONReader.readObject(event.body)
        else { return }
        let known = members[node]
        switch event.type {
        case NodeBook.invited:
            guard let slot = body["slot"]?.integer, let hash = body["secretHash"]?.string,
                let expires = body["expiresAt"]?.integer
            else { return }
            members[node] = Membership(
                node: node, state: .invited, slot: known?.slot ?? Int(clamping: slot), key: known?.key,
                invitation: (hash, Timestamp(milliseconds: expires)))
        case NodeBook.enrolled:
            guard let key = body["key"]?.string, var member = known else { return }
            member.state = .enrolled
            member.key = key
            members[node] = member
        case NodeBook.revoked:
            members[node]?.state = .revoked
            members[node]?.invitation = nil
        case _: return
        }
    }

    /// What a step writes.
    ///
    /// - Returns: nil when it is so already.
    /// - Throws: `NodeRefusal` saying what stands in the way.
    package func decide(_ step: NodeStep, of node: NodeID, now: Timestamp) throws(NodeRefusal) -> Draft? {
        let known = members[node]
        switch step {
        case .invite(let hash, let expires):
            guard node != centre else { throw .centre(node) }
            guard known?.state != .enrolled else { throw .enrolledAlready(node) }
            guard Hexadecimal.bytes(hash)?.count == 32 else { throw .malformed(field: "secretHash", value: hash) }
            guard expires > now else { throw .past(expires, now: now) }
            guard known != nil || members.count < NodeBook.limit else { throw .tooMany(limit: NodeBook.limit) }
            let slot = known?.slot ?? (members.values.map(\.slot).max() ?? 0) + 1
            return try draft(
                step.type, node,
                [
                    "expiresAt": .integer(expires.milliseconds), "secretHash": .string(hash),
                    "slot": .integer(Int64(slot)),
                ], now)
        case .enrol(let key, let secret):
            // One answer for all that is wrong: a stranger learns nothing of who is invited.
            guard let known, let invitation = known.invitation,
                Digest.sha256(Array(secret.utf8)).description == invitation.secretHash
            else { throw .notInvited(node) }
            // The answer may have been lost: the same key with the same secret is let in again.
            if known.state == .enrolled {
                guard known.key == key else { throw .notInvited(node) }
                return nil
            }
            guard known.state == .invited, now < invitation.expiresAt else { throw .notInvited(node) }
            return try draft(step.type, node, ["key": .string(key), "slot": .integer(Int64(known.slot))], now)
        case .revoke(let reason):
            guard let known else { throw .unknown(node) }
            guard known.state != .revoked else { return nil }
            return try draft(step.type, node, ["reason": .string(reason)], now)
        }
    }

    private func draft(
        _ type: EventType, _ node: NodeID, _ body: JSONObject, _ now: Timestamp
    ) throws(NodeRefusal) -> Draft {
        do {
            return Draft(
                stream: try StreamName(category: NodeBook.category, key: node.text), type: type, body: body,
                occurredAt: now)
        } catch { throw .malformed(field: "node", value: node.text) }
    }
}

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
        case .malformed: "a secret's hash is 64 hexadecimal digits"
        }
    }
}
