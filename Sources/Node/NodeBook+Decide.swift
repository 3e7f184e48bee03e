// What a step of a membership writes, or why it does not.

package import Events

extension NodeBook {
    /// What a step writes.
    ///
    /// - Returns: nil when it is so already.
    /// - Throws: `NodeRefusal` saying what stands in the way.
    package func decide(_ step: NodeStep, of node: NodeID, now: Timestamp) throws(NodeRefusal) -> Draft? {
        let known = self[node]
        switch step {
        case .invite(let hash, let expires):
            guard node != centre else { throw .centre(node) }
            guard known?.state != .enrolled else { throw .enrolledAlready(node) }
            try check(hash, expires, now)
            guard known != nil || all.count < NodeBook.limit else { throw .tooMany(limit: NodeBook.limit) }
            let slot = known?.slot ?? (all.map(\.slot).max() ?? 0) + 1
            return try draft(
                step.type, node,
                [
                    "expiresAt": .integer(expires.milliseconds), "secretHash": .string(hash),
                    "slot": .integer(Int64(slot)),
                ], now)
        case .rotate(let hash, let expires, let overlap):
            guard let known, known.state == .enrolled else { throw .unknown(node) }
            if let old = known.oldKey { throw .twoKeys(node, old: old.key, until: old.endsAt) }
            try check(hash, expires, now)
            guard NodeBook.overlaps.contains(overlap) else {
                throw .malformed(field: "overlap", value: String(overlap))
            }
            return try draft(
                step.type, node,
                [
                    "expiresAt": .integer(expires.milliseconds), "overlap": .integer(overlap),
                    "secretHash": .string(hash),
                ], now)
        case .enrol(let key, let secret): return try enrol(node, key, secret, now)
        case .endKey(let key, let end):
            guard let known, known.state == .enrolled else { throw .unknown(node) }
            guard known.keys.contains(key) else {
                // What time or the node's own use brings about may have been overtaken.
                guard case .revoked = end else { return nil }
                throw .unknownKey(node, key: key)
            }
            guard known.oldKey != nil else { throw .lastKey(node, key: key) }
            var body: JSONObject = ["cause": .string(end.cause), "key": .string(key)]
            if case .revoked(let reason) = end { body["reason"] = .string(reason) }
            return try draft(step.type, node, body, now)
        case .revoke(let reason):
            guard let known else { throw .unknown(node) }
            guard known.state != .revoked else { return nil }
            return try draft(step.type, node, ["reason": .string(reason)], now)
        }
    }

    /// One answer for all that is wrong: a stranger learns nothing of who is invited.
    private func enrol(
        _ node: NodeID, _ key: String, _ secret: String, _ now: Timestamp
    ) throws(NodeRefusal) -> Draft? {
        guard let known = self[node], let invitation = known.invitation,
            Digest.sha256(Array(secret.utf8)).description == invitation.secretHash
        else { throw .notInvited(node) }
        // The answer may have been lost: the same key with the same secret is let in again.
        if known.state == .enrolled, known.overlap == nil {
            guard known.key == key else { throw .notInvited(node) }
            return nil
        }
        guard known.isInvited, now < invitation.expiresAt else { throw .notInvited(node) }
        var body: JSONObject = ["key": .string(key), "slot": .integer(Int64(known.slot))]
        if known.state == .enrolled, let overlap = known.overlap {
            guard key != known.key, !known.revokedKeys.contains(key) else { throw .notInvited(node) }
            body["oldKeyEndsAt"] = .integer((now + overlap).milliseconds)
        }
        return try draft(NodeStep.enrol(key: key, secret: secret).type, node, body, now)
    }

    private func check(_ hash: String, _ expires: Timestamp, _ now: Timestamp) throws(NodeRefusal) {
        guard Hexadecimal.bytes(hash)?.count == 32 else { throw .malformed(field: "secretHash", value: hash) }
        guard expires > now else { throw .past(expires, now: now) }
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
