/// How far an erasure (个人信息删除) has come: who decided it, and which nodes have said that the key is gone there. Folded from
/// the log alone, so that the count can be made again at any time.

package import Events

package struct ErasureState: Sendable, Equatable {
    /// When the centre decided it; nil when it did not.
    package private(set) var erasedAt: Timestamp?
    /// When each node destroyed the key, by its own clock.
    package private(set) var confirmed: [NodeID: Timestamp] = [:]
    /// When each node last let the key go because a ticket was over, by its own clock.
    ///
    /// It is no acknowledgement: the key comes back when the ticket goes on.
    package private(set) var expired: [NodeID: Timestamp] = [:]

    /// - Parameter events: of the person's stream.
    package init(_ events: [Event], centre: NodeID) {
        for event in events {
            let author = event.id.origin.node
            if Erasure.person(event.type, event.stream, by: author, centre: centre) != nil {
                erasedAt = erasedAt ?? event.recordedAt
            }
            if event.type == Erasure.destroyed {
                confirmed[author] = min(confirmed[author] ?? event.recordedAt, event.recordedAt)
            }
            if event.type == KeyExpired.type {
                expired[author] = max(expired[author] ?? event.recordedAt, event.recordedAt)
            }
        }
    }

    /// Which of the district's nodes have not said so, sorted.
    ///
    /// - Returns: those that can still say it, and those that are revoked: whatever they hold, nobody reaches it.
    package func missing(_ members: NodeBook, centre: NodeID) -> (waiting: [NodeID], revoked: [NodeID]) {
        let silent = members.all.filter { $0.key != nil && confirmed[$0.node] == nil }
        let waiting = silent.filter { $0.state == .enrolled }.map(\.node) + (confirmed[centre] == nil ? [centre] : [])
        return (waiting.sorted(), silent.filter { $0.state != .enrolled }.map(\.node).sorted())
    }
}
