/// The events of the streams that were touched last, so that a new event does not read its stream again.

import Events

/// Bounded by events, least recently used out first.
struct StreamCache {
    private var entries: [StreamName: (events: [Event], used: Int)] = [:]
    private var size = 0
    private var clock = 0
    private let limit: Int

    /// - Parameter limit: in events.
    init(limit: Int) { self.limit = limit }

    mutating func events(of stream: StreamName) -> [Event]? {
        guard let entry = entries[stream] else { return nil }
        return entry.events
    }

    mutating func set(_ events: [Event], of stream: StreamName) {
        clock += 1
        size += events.count - (entries[stream]?.events.count ?? 0)
        entries[stream] = (events, clock)
    }

    /// Throws out what was not used for longest; to half the limit at once, so that the sort is rare.
    mutating func trim() {
        guard size > limit else { return }
        for (stream, entry) in entries.sorted(by: { $0.value.used < $1.value.used }) {
            guard size > limit / 2 else { return }
            entries[stream] = nil
            size -= entry.events.count
        }
    }

    mutating func remove(_ stream: StreamName) {
        guard let entry = entries.removeValue(forKey: stream) else { return }
        size -= entry.events.count
    }

    mutating func removeAll() {
        entries.removeAll()
        size = 0
    }
}
