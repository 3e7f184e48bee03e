// What a street reads of its own events to send them up.

import Events

extension StreetDesk {
    /// Events read at once for an upload.
    private static let readLimit = 200

    /// As many events as one message carries, up to the first one that is damaged.
    ///
    /// - Throws: the damage of the first one.
    static func upload(
        _ origin: Origin, _ above: Int64, _ reader: any EventReader
    ) throws(LogFailure) -> [Event] {
        var size = 0
        var events: [Event] = []
        for event in try readable(origin, above, reader) {
            size += event.canonicalBytes.count + 4
            if !events.isEmpty, size > Message.fillLimit { break }
            // The hub takes nothing behind a hole.
            if let last = events.last, event.id.sequence != last.id.sequence + 1 { break }
            events.append(event)
        }
        return events
    }

    private static func readable(
        _ origin: Origin, _ above: Int64, _ reader: any EventReader
    ) throws(LogFailure) -> [Event] {
        try LogFailure.upToDamage(limit: readLimit) { limit throws(LogFailure) in
            try reader.events(of: origin, above: above, limit: limit)
        }
    }
}
