/// Which feeds an event leads to, as far as its stream can be read (`docs/format/log.md` 7).

import Events

extension Writer {
    /// - Returns: nil when that hangs on rows that are rotten, or gives them to a feed: the stream stays where it is until they are
    ///   healed.
    func routing(of stored: StoredEvent, in stream: StreamState) throws(LogFailure) -> Routing? {
        let event = stored.event
        guard try needsHistory(stored, in: stream) else {
            let routing = audience.route(event, version: stored.streamVersion, membership: stream.feeds)
            // Nothing is read for what only goes on where it is.
            guard stored.streamVersion > 1, feeds.givesHistory(of: stream, by: routing) else { return routing }
            return try whole(stream, to: stored.position - 1) == nil ? nil : routing
        }
        guard let events = try whole(stream, to: stored.position) else { return nil }
        let last = events.dropLast().filter(audience.places).max(by: Event.precedes)?.id
        return audience.routing(
            of: event, version: stored.streamVersion, membership: stream.feeds, last: last, history: { events })
    }

    /// Whether where an event goes may depend on what came before it.
    private func needsHistory(_ stored: StoredEvent, in stream: StreamState) throws(LogFailure) -> Bool {
        let event = stored.event
        // What this opening writes knows all of its stream that is here: nothing has to be read for it.
        if event.id.origin == origin { return false }
        if audience.founds(event) { return stored.streamVersion > 1 }
        return audience.decides(event) ? try !knows(event, all: stream) : false
    }

    /// Whether an event's author knew all of its stream that is here.
    private func knows(_ event: Event, all stream: StreamState) throws(LogFailure) -> Bool {
        for entry in stream.last {
            let last = EventID(origin: try names.origin(entry.origin), sequence: entry.sequence)
            guard last == event.id || event.basis.knows(last, author: event.id) else { return false }
        }
        return true
    }

    /// Those of the streams that sleep in the feed get their rows there; what cannot be read sleeps on until it is healed.
    func give(_ wake: FeedWake, by event: Event, now: Timestamp) throws(LogFailure) {
        var rotten: Set<StreamName> = []
        for name in wake.streams where !rotten.contains(name) {
            guard var stream = try state(of: name, insert: false),
                let place = stream.members.firstIndex(where: { $0.feed == wake.feed && feeds.isAsleep($0) })
            else { continue }
            guard try whole(stream, to: head.position) != nil else {
                rotten.insert(name)
                continue
            }
            stream.members[place].since = try feeds.wake(stream.number, name, in: wake.feed)
            streams.set(stream, of: name)
        }
        for name in rotten.sorted() { try noteUnrouted(event, of: name, now: now) }
    }
}
