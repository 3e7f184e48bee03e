/// What a street knows of its line to the hub, for metrics; times are steady milliseconds.

package struct HubLink: Sendable, Equatable {
    /// Since when rows of the hub are missing here; nil when none is known to be.
    package var lagSince: Int64?
    /// Since when an own event waits for the hub's word; nil when none does.
    package var outboxSince: Int64?
    /// Rows that came by PUB, and those that were pulled, since the start.
    package var live: Int64 = 0
    package var pulled: Int64 = 0
    /// Times that PUB brought rows behind a hole.
    package var gaps: Int64 = 0
    /// Times that rows were put aside because they are not the hub's.
    package var rewinds: Int64 = 0
    /// Bytes that the next pull asks for.
    package var credit: UInt32 = 0
    /// The hub's wall clock less this node's, in milliseconds, with the way's delay in it; nil before the hub said anything.
    package var clockOffset: Int64?
    /// Since when the session is open; nil without one.
    package var sessionSince: Int64?
    /// When the hub was last heard in a session; nil before the first.
    package var heardAt: Int64?
    /// Frames of the hub that did not come, as far as later ones show.
    package var lost: Int64 = 0

    package init() {}
}

extension Desk {
    package var link: HubLink? { nil }
}
