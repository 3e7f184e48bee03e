// What a hub says of its nodes.

package import Events

/// What a hub knows of a node that has a session.
package struct Peer: Sendable, Equatable {
    package var node: NodeID
    /// How far its feeds are durable there.
    package var cursors: [FeedName: FeedCursor]
    /// Its own events that the hub does not have.
    package var outbox: Int64
    /// When it last said something in its session, in steady milliseconds.
    package var heardAt: Int64
    /// Its wall clock less the hub's, in milliseconds, with the way's delay in it.
    package var clockOffset: Int64
    /// When its session was opened, in steady milliseconds.
    package var since: Int64 = 0
    /// Since when it has held something back without a break, in steady milliseconds; nil when it holds nothing.
    package var outboxSince: Int64?
    /// Bytes that its last pull asked for; nil before the first of the session.
    package var credit: UInt32?
    /// Questions for the last row that its feed and this one have in common, in the session.
    package var comparisons: Int64 = 0
    /// Rows of its feeds that it has not confirmed as durable.
    package var behind: Int64 = 0
    /// Since when the first of them has been here, in steady milliseconds; nil when there is none.
    package var behindSince: Int64?
    /// Frames of it that did not come, as far as later ones show.
    package var lost: Int64 = 0
}
