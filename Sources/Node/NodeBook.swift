/// Who belongs to the district (节点名册): the nodes that were invited, enrolled and revoked, folded from `node/<id>`.
///
/// The centre alone writes these events, on the common feed, so that any copy of the log says who was let in when and by
/// which key (`docs/format/nodes.md`). A node's slot never changes: its feed is published on the same port for ever.

package import Events

/// A node of the district as the log has it.
package struct Membership: Sendable, Equatable {
    package enum State: String, Sendable { case invited, enrolled, revoked }

    /// A secret that was handed out: its SHA-256, and when it ends.
    package struct OpenInvitation: Sendable, Equatable {
        package var secretHash: String
        package var expiresAt: Timestamp
    }

    /// The key before the newest one, while both are admitted.
    package struct OldKey: Sendable, Equatable {
        package var key: String
        /// When it ends, at the latest.
        package var endsAt: Timestamp
    }

    package var node: NodeID
    package var state: State
    /// From 1, in the order of first invitations; names the port of its feed.
    package var slot: Int
    /// Its CURVE public key in Z85, of two the newest; nil until it is enrolled.
    package var key: String?
    package var oldKey: OldKey?
    /// Keys that an operator ended, the last `NodeBook.revokedLimit`.
    package var revokedKeys: [String] = []
    /// The last invitation, also once it was used: the same key may show its secret again.
    package var invitation: OpenInvitation?
    /// Set while a new key is waited for: milliseconds for which the key before it stays beside it.
    package var overlap: Int64?

    /// The keys with which it may connect, the newest first.
    package var keys: [String] { state == .enrolled ? [key, oldKey?.key].compactMap { $0 } : [] }
    /// Whether somebody may come with a secret.
    package var isInvited: Bool { state == .invited || overlap != nil }
}

/// What may happen to a node's membership.
package enum NodeStep: Sendable, Equatable {
    /// An operator invites: whoever shows the secret by `expiresAt` is that node.
    case invite(secretHash: String, expiresAt: Timestamp)
    /// An operator has an enrolled node exchange its key: whoever shows the secret by `expiresAt` brings the new one, and
    /// the one before stays `overlap` milliseconds beside it, or until the new one is used.
    case rotate(secretHash: String, expiresAt: Timestamp, overlap: Int64)
    /// The node itself, inside CURVE with this key, shows the secret.
    case enrol(key: String, secret: String)
    /// One of two keys ends.
    case endKey(String, KeyEnd)
    /// An operator ends the membership, at once.
    case revoke(reason: String)

    /// The event that it writes.
    var type: EventType {
        switch self {
        case .invite: NodeBook.invited
        case .rotate: NodeBook.rotationOpened
        case .enrol: NodeBook.enrolled
        case .endKey: NodeBook.keyEnded
        case .revoke: NodeBook.revoked
        }
    }
}

/// Why one of a node's two keys ends.
package enum KeyEnd: Sendable, Equatable {
    /// The newer one was used.
    case used
    /// Its time beside the newer one is over.
    case overlap
    /// An operator says so, and why.
    case revoked(reason: String)

    /// As it stands in the event.
    var cause: String {
        switch self {
        case .used: "used"
        case .overlap: "overlap"
        case .revoked: NodeBook.revokedCause
        }
    }
}

package struct NodeBook: Sendable {
    package static let category = "node"
    fileprivate static let invited = EventType("node.invited")
    fileprivate static let rotationOpened = EventType("node.rotationOpened")
    fileprivate static let enrolled = EventType("node.enrolled")
    fileprivate static let keyEnded = EventType("node.keyEnded")
    fileprivate static let revoked = EventType("node.revoked")
    fileprivate static let revokedCause = "revoked"
    /// Nodes of one centre.
    package static let limit = 1_000
    /// Revoked keys of a node that are told apart from unknown ones.
    static let revokedLimit = 8
    /// Milliseconds that two keys of a node may stand beside each other: up to 30 days.
    package static let overlaps: ClosedRange<Int64> = 0...2_592_000_000

    let centre: NodeID
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
        switch event.type {
        case NodeBook.invited:
            guard let slot = body["slot"]?.integer, let invitation = Membership.OpenInvitation(body) else { return }
            let known = members[node]
            members[node] = Membership(
                node: node, state: .invited, slot: known?.slot ?? Int(clamping: slot), key: known?.key,
                revokedKeys: known?.revokedKeys ?? [], invitation: invitation)
        case NodeBook.rotationOpened:
            guard let invitation = Membership.OpenInvitation(body), let overlap = body["overlap"]?.integer else {
                return
            }
            members[node]?.invitation = invitation
            members[node]?.overlap = overlap
        case NodeBook.enrolled:
            guard let key = body["key"]?.string else { return }
            members[node]?.enrol(key, oldKeyEndsAt: body["oldKeyEndsAt"]?.integer)
        case NodeBook.keyEnded:
            guard let key = body["key"]?.string else { return }
            members[node]?.end(key, isRevoked: body["cause"]?.string == NodeBook.revokedCause)
        case NodeBook.revoked: members[node]?.revoke()
        case _: return
        }
    }
}

extension Membership.OpenInvitation {
    fileprivate init?(_ body: JSONObject) {
        guard let hash = body["secretHash"]?.string, let expires = body["expiresAt"]?.integer else { return nil }
        self.init(secretHash: hash, expiresAt: Timestamp(milliseconds: expires))
    }
}

extension Membership {
    fileprivate mutating func enrol(_ new: String, oldKeyEndsAt: Int64?) {
        if state == .enrolled, let key, key != new, let oldKeyEndsAt {
            oldKey = OldKey(key: key, endsAt: Timestamp(milliseconds: oldKeyEndsAt))
        } else {
            oldKey = nil
        }
        state = .enrolled
        key = new
        overlap = nil
        revokedKeys.removeAll { $0 == new }
    }

    /// The last key ends with the membership alone.
    fileprivate mutating func end(_ key: String, isRevoked: Bool) {
        guard let old = oldKey, keys.contains(key) else { return }
        if self.key == key { self.key = old.key }
        oldKey = nil
        if isRevoked { note(revoked: [key]) }
    }

    fileprivate mutating func revoke() {
        note(revoked: keys)
        state = .revoked
        oldKey = nil
        invitation = nil
        overlap = nil
    }

    private mutating func note(revoked keys: [String]) {
        revokedKeys = (revokedKeys.filter { !keys.contains($0) } + keys).suffix(NodeBook.revokedLimit)
    }
}
