/// Which of a street's own events the centre is not known to have (本地已记录，未到中心).
///
/// The centre's word is counted from the start of the process on. What it had before is seen in the ticket itself: who wrote
/// later at another node and knew an event had it from the centre.

import Events
import Tickets

struct Unconfirmed: Equatable {
    /// By own origin, the last sequence that is at the centre.
    private var marks: [Origin: Int64]

    /// - Parameter confirmed: by own origin; empty at the centre, and at a street that works alone.
    init(_ fold: TicketFold, node: NodeID, confirmed: [Origin: Int64]) {
        marks = confirmed
        guard !marks.isEmpty else { return }
        for entry in fold.entries where entry.record.event.id.origin.node != node {
            for known in entry.record.event.basis.entries {
                // A street sends its events in order, so that whoever has one has those before it.
                if let mark = marks[known.origin], known.sequence > mark { marks[known.origin] = known.sequence }
            }
        }
    }

    func contains(_ event: EventID) -> Bool { marks[event.origin].map { event.sequence > $0 } ?? false }
}
