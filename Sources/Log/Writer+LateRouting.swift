/// Events that came while rows of their stream were rotten lead to their feeds when the rows are healed (`docs/format/log.md` 7).

import Events

extension Writer {
    /// Puts on record that an event was stored and a stream got no rows by it.
    func noteUnrouted(_ event: Event, of stream: StreamName, now: Timestamp) throws(LogFailure) {
        let unrouted = Unrouted(event: event.id, stream: stream)
        _ = try record(what: "that \(event.id) waits until \(stream) can be read") { () throws(IdentifierError) in
            try unrouted.request(at: origin.node, now: now)
        }
    }

    /// Moves the streams that have such events and can be read again to the feeds that all of their events ask for.
    ///
    /// Also those whose own rows were whole: a row that follows a rotten one in its origin counts as rotten with it.
    func routeLate(now: Timestamp) throws(LogFailure) {
        guard let name = try? Healed.stream(of: origin.node), let own = try state(of: name, insert: false) else {
            return
        }
        // Nobody else has these: one that is damaged stays so, and holds back no other.
        let records = try rows.soundEvents(of: own.number, to: head.position)
        let pending = Routed.pending(records.filter { $0.id.origin.node == origin.node })
        for (stream, late) in pending.sorted(by: { $0.key < $1.key }) {
            guard var state = try state(of: stream, insert: false),
                let history = try whole(state, to: head.position), let last = history.last
            else { continue }
            // Refused, it waits on: feeds follow from what is on record alone.
            let above = head.position
            guard
                try record(
                    what: "that \(stream) goes where it should",
                    { () throws(IdentifierError) in
                        try Routed(stream: stream).request(at: origin.node, above: above, now: now)
                    }) != nil
            else { continue }
            let routing = audience.routing(ofLate: late, membership: state.feeds, history: history)
            try feeds.route(
                StoredEvent(event: last, position: head.position, receivedAt: now, streamVersion: state.version),
                stream: &state, by: routing, isNew: false)
            streams.set(state, of: stream)
        }
    }
}
