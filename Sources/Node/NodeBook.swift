/// Who belongs to the district (节点名册): the nodes that were invited, enrolled and revoked, folded from `node/<id>`.
///
/// The centre alone writes these events, on the common feed, so that any copy of the log says who was let in when and by
/// which key (`docs/format/nodes.md`). The same events give the same book, in whatever order they came.

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
    /// From 1, in the order of first invitations, no two nodes' the same; names the port of its feed.
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

    /// Milliseconds for which somebody still may; nil when nobody may.
    package func invitedFor(now: Timestamp) -> Int64? {
        guard isInvited, let invitation, invitation.expiresAt > now else { return nil }
        return invitation.expiresAt - now
    }
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
    static let invited = EventType("node.invited")
    static let rotationOpened = EventType("node.rotationOpened")
    static let enrolled = EventType("node.enrolled")
    static let keyEnded = EventType("node.keyEnded")
    static let revoked = EventType("node.revoked")
    static let revokedCause = "revoked"
    /// Nodes of one centre.
    package static let limit = 1_000
    /// Slots are added to a port.
    static let slots: ClosedRange<Int64> = 1...65_535
    /// Revoked keys of a node that are told apart from unknown ones.
    static let revokedLimit = 8
    /// Milliseconds that two keys of a node may stand beside each other: up to 30 days.
    package static let overlaps: ClosedRange<Int64> = 0...2_592_000_000

    let centre: NodeID
    private var histories: [NodeID: NodeHistory] = [:]
    private var members: [NodeID: Membership] = [:]

    package init(centre: NodeID) { self.centre = centre }

    /// Reads what the log has.
    package init(reader: any EventReader, centre: NodeID) throws {
        self.init(centre: centre)
        try reader.forEachPage(.category(NodeBook.category)) { page in
            for stored in page { note(stored.event) }
        }
        for node in histories.keys { fold(node) }
        assignSlots()
    }

    /// All nodes ever invited, by slot.
    package var all: [Membership] { members.values.sorted { $0.slot < $1.slot } }
    /// The nodes that may connect.
    package var enrolled: Set<NodeID> { Set(members.values.filter { $0.state == .enrolled }.map(\.node)) }
    package subscript(node: NodeID) -> Membership? { members[node] }

    /// Adds an event; one that is not the centre's, is here already, or cannot be read, changes nothing.
    package mutating func take(_ event: Event) {
        guard let (node, record) = note(event) else { return }
        fold(node)
        if case .invited = record.content { assignSlots() }
    }

    /// - Returns: whose history has grown by what; nil when none has.
    @discardableResult
    private mutating func note(_ event: Event) -> (NodeID, NodeRecord)? {
        // Nil is the answer: a stream of another name is no node's.
        guard event.stream.category == NodeBook.category, event.id.origin.node == centre,
            let node = try? NodeID(String(event.stream.text.dropFirst(NodeBook.category.count + 1))),
            let record = NodeRecord(event)
        else { return nil }
        return histories[node, default: NodeHistory()].add(record) ? (node, record) : nil
    }

    private mutating func fold(_ node: NodeID) {
        var member = histories[node]?.membership(of: node)
        // Only invitations change slots.
        if let slot = members[node]?.slot { member?.slot = slot }
        members[node] = member
    }

    /// A node has the slot of its first invitation.
    ///
    /// Where two have the same, which a restored centre can give anew, the one that was invited first keeps it; each other gets
    /// the lowest that nobody has, in the order of their invitations.
    private mutating func assignSlots() {
        let claims = histories.compactMap { node, history in history.invitation.map { (node: node, claim: $0) } }
            .sorted { Event.precedes($0.claim.event, $1.claim.event) }
        var taken: Set<Int> = []
        var without: [NodeID] = []
        for (node, claim) in claims {
            if taken.insert(claim.slot).inserted { members[node]?.slot = claim.slot } else { without.append(node) }
        }
        var slot = 1
        for node in without {
            while !taken.insert(slot).inserted { slot += 1 }
            members[node]?.slot = slot
        }
    }
}
