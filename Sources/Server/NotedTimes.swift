/// Which time counts for what a street did, as the centre noted it (送达认定).

import Events
import Tickets

/// What a receipt says of one event.
struct NotedTime: Equatable {
    /// The time that counts against limits.
    let counted: Timestamp
    /// When it came to the centre.
    let arrived: Timestamp
}

extension TicketFold {
    /// By the event that it was noted of; the last receipt of one counts, as in the state.
    var notedTimes: [EventID: NotedTime] {
        var noted: [EventID: NotedTime] = [:]
        for entry in entries where entry.record.kind == .receiptNoted && entry.effect.isEffective {
            let body = entry.record.body
            guard let event = body["event"]?.string.flatMap({ try? EventID($0) }),
                let counted = body["countedAt"]?.integer, let arrived = body["arrivedAt"]?.integer
            else { continue }
            noted[event] = NotedTime(
                counted: Timestamp(milliseconds: counted), arrived: Timestamp(milliseconds: arrived))
        }
        return noted
    }
}
