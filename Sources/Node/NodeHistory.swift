// The fold of one node's stream: in the canonical order `(hlc, origin, sequence)`, and by what each author knew.
//
// A centre writes each event knowing all before it, until it is restored from a backup and takes back what it had written
// since: then two lines of events stand beside each other. What an operator ended in one of them stays ended: what the other
// opened unaware of it does not count, whichever of them the clock has first (`docs/format/nodes.md` 1).

import Events

/// An event about a node, read once.
struct NodeRecord: Sendable {
    enum Content: Sendable {
        case invited(Membership.OpenInvitation, slot: Int)
        case rotationOpened(Membership.OpenInvitation, overlap: Int64)
        case enrolled(key: String, oldKeyEndsAt: Int64?)
        case keyEnded(key: String, isRevoked: Bool)
        case revoked
    }

    let event: Event
    let content: Content

    /// - Returns: nil for what cannot be read.
    init?(_ event: Event) {
        // Nil is the answer: what is no object says nothing.
        guard let body = try? JSONReader.readObject(event.body) else { return nil }
        self.event = event
        switch event.type {
        case NodeBook.invited:
            guard let slot = body["slot"]?.integer, NodeBook.slots.contains(slot),
                let invitation = Membership.OpenInvitation(body)
            else { return nil }
            content = .invited(invitation, slot: Int(slot))
        case NodeBook.rotationOpened:
            guard let overlap = body["overlap"]?.integer, let invitation = Membership.OpenInvitation(body) else {
                return nil
            }
            content = .rotationOpened(invitation, overlap: overlap)
        case NodeBook.enrolled:
            guard let key = body["key"]?.string else { return nil }
            content = .enrolled(key: key, oldKeyEndsAt: body["oldKeyEndsAt"]?.integer)
        case NodeBook.keyEnded:
            guard let key = body["key"]?.string else { return nil }
            content = .keyEnded(key: key, isRevoked: body["cause"]?.string == NodeBook.revokedCause)
        case NodeBook.revoked: content = .revoked
        case _: return nil
        }
    }

    func knows(_ other: NodeRecord) -> Bool { event.basis.knows(other.event.id, author: event.id) }

    /// Whether each was written unaware of the other.
    func crosses(_ other: NodeRecord) -> Bool { !knows(other) && !other.knows(self) }

    /// Whether a decision of an operator, made unaware of this event, stands against it.
    func isOverruled(by end: NodeRecord) -> Bool {
        guard crosses(end) else { return false }
        switch (content, end.content) {
        case (.invited, .revoked), (.rotationOpened, .revoked), (.enrolled, .revoked): return true
        case (.enrolled(let key, _), .keyEnded(let ended, isRevoked: true)): return key == ended
        // Use or time ended the one key, an operator the other: that one goes.
        case (.keyEnded(let key, isRevoked: false), .keyEnded(let ended, isRevoked: true)): return key != ended
        case _: return false
        }
    }
}

/// All events about a node that are here.
struct NodeHistory: Sendable {
    /// In canonical order, each once.
    private var records: [NodeRecord] = []
    /// What an operator ended.
    private var ends: [NodeRecord] = []

    /// - Returns: false when it is here already.
    mutating func add(_ record: NodeRecord) -> Bool {
        let place = records.lastIndex { !Event.precedes(record.event, $0.event) }
        if let place, records[place].event.id == record.event.id { return false }
        records.insert(record, at: place.map { $0 + 1 } ?? 0)
        switch record.content {
        case .revoked, .keyEnded(_, isRevoked: true): ends.append(record)
        case _: break
        }
        return true
    }

    /// The first invitation and the slot in it, whether it counts or not: a slot is never another node's.
    var invitation: (event: Event, slot: Int)? {
        for record in records { if case .invited(_, let slot) = record.content { return (record.event, slot) } }
        return nil
    }

    /// - Returns: nil when it was never invited. The slot is that of the first invitation.
    func membership(of node: NodeID) -> Membership? {
        guard let first = invitation else { return nil }
        var member = Membership(node: node, state: .revoked, slot: first.slot)
        var opened: NodeRecord?
        for record in records {
            let counts = !ends.contains(where: record.isOverruled)
            switch record.content {
            case .invited(let invitation, _):
                guard counts else { break }
                opened = record
                member.open(invitation)
            case .rotationOpened(let invitation, let overlap):
                guard counts, member.state == .enrolled else { break }
                opened = record
                member.invitation = invitation
                member.overlap = overlap
            case .enrolled(let key, let oldKeyEndsAt):
                guard counts else {
                    member.note(revoked: [key])
                    break
                }
                // One made unaware of an invitation does not use it up.
                let stays = opened.map { !record.knows($0) } ?? false
                member.enrol(key, oldKeyEndsAt: oldKeyEndsAt, staysInvited: stays)
                if !stays { opened = nil }
            case .keyEnded(let key, let isRevoked): if counts { member.end(key, isRevoked: isRevoked) }
            case .revoked:
                member.revoke()
                opened = nil
            }
        }
        let keys = member.keys
        member.revokedKeys.removeAll { keys.contains($0) }
        return member
    }
}

extension Membership.OpenInvitation {
    fileprivate init?(_ body: JSONObject) {
        guard let hash = body["secretHash"]?.string, let expires = body["expiresAt"]?.integer else { return nil }
        self.init(secretHash: hash, expiresAt: Timestamp(milliseconds: expires))
    }
}

extension Membership {
    /// Of a node that is in, which only an author who did not know it invites, the key stays until the new one is shown.
    fileprivate mutating func open(_ invitation: OpenInvitation) {
        self.invitation = invitation
        if state == .enrolled {
            overlap = overlap ?? 0
        } else {
            state = .invited
        }
    }

    fileprivate mutating func enrol(_ new: String, oldKeyEndsAt: Int64?, staysInvited: Bool) {
        if state == .enrolled, let key, let oldKeyEndsAt {
            if key != new { oldKey = OldKey(key: key, endsAt: Timestamp(milliseconds: oldKeyEndsAt)) }
        } else {
            oldKey = nil
        }
        state = .enrolled
        key = new
        overlap = staysInvited ? overlap ?? 0 : nil
        revokedKeys.removeAll { $0 == new }
    }

    /// The last key ends with the membership alone, and the membership with the last key.
    fileprivate mutating func end(_ ended: String, isRevoked: Bool) {
        if isRevoked { note(revoked: [ended]) }
        guard state == .enrolled else { return }
        if let old = oldKey {
            guard keys.contains(ended) else { return }
            if key == ended { key = old.key }
            oldKey = nil
        } else if isRevoked, key == ended {
            revoke()
        }
    }

    fileprivate mutating func revoke() {
        note(revoked: keys)
        state = .revoked
        oldKey = nil
        invitation = nil
        overlap = nil
    }

    fileprivate mutating func note(revoked keys: [String]) {
        revokedKeys = (revokedKeys.filter { !keys.contains($0) } + keys).suffix(NodeBook.revokedLimit)
    }
}
