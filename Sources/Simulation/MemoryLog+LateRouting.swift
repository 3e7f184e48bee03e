// Events that came while rows of their stream were rotten, as the log on disk does it (`docs/format/log.md` 7).

import Events

extension MemoryTransaction {
    /// - Returns: nil when that hangs on rows that are rotten, or gives them to a feed.
    func routing(of stored: StoredEvent, _ members: [FeedName], _ history: [Event]) -> Routing? {
        let (event, name) = (stored.event, stored.event.stream)
        let isUnknown = !history.allSatisfy { $0.id == event.id || event.basis.knows($0.id, author: event.id) }
        let needsHistory =
            event.id.origin != origin
            && (audience.founds(event) ? stored.streamVersion > 1 : audience.decides(event) && isUnknown)
        if needsHistory, !isWhole(name) { return nil }
        let last =
            audience.decides(event) ? history.dropLast().filter(audience.places).max(by: Event.precedes)?.id : nil
        let routing = audience.routing(
            of: event, version: stored.streamVersion, membership: members, last: last, history: { history })
        let givesHistory =
            members.contains { store.asleep[$0]?.contains(name) == true }
            || (routing.joins + routing.told).contains { !members.contains($0) }
        return givesHistory && !isWhole(name) ? nil : routing
    }

    private func isWhole(_ stream: StreamName) -> Bool {
        guard let rot = store.stream(stream).lazy.compactMap(store.unsendable).first else { return true }
        met.append(rot)
        return false
    }

    func noteUnrouted(_ event: Event, of stream: StreamName, now: Timestamp) {
        // The log in memory fails in no way that `append` could throw.
        _ = try? record(
            what: "that \(event.id) waits until \(stream) can be read",
            { () throws(IdentifierError) in
                try Unrouted(event: event.id, stream: stream).request(at: origin.node, now: now)
            })
    }

    /// Those of the streams that sleep in the feed get their rows there; what cannot be read sleeps on until it is healed.
    func give(_ wake: FeedWake, by stored: StoredEvent) {
        var rotten: Set<StreamName> = []
        for name in wake.streams where store.asleep[wake.feed]?.contains(name) == true {
            if isWhole(name) {
                self.wake(name, store.stream(name).map(\.event), in: wake.feed)
            } else {
                rotten.insert(name)
            }
        }
        for name in rotten.sorted() { noteUnrouted(stored.event, of: name, now: stored.receivedAt) }
    }

    func routeLate(now: Timestamp) {
        guard let name = try? Healed.stream(of: origin.node) else { return }
        let records = store.stream(name).map(\.event).filter { $0.id.origin.node == origin.node && $0.isWhole }
        for (stream, late) in Routed.pending(records).sorted(by: { $0.key < $1.key }) {
            let history = store.stream(stream).map(\.event)
            guard isWhole(stream) else { continue }
            let head = Int64(store.events.count)
            let told = try? record(
                what: "that \(stream) goes where it should",
                { () throws(IdentifierError) in
                    try Routed(stream: stream).request(at: origin.node, above: head, now: now)
                })
            guard told != nil else { continue }
            let members = store.memberships[stream] ?? []
            for feed in members where store.asleep[feed]?.contains(stream) == true { wake(stream, history, in: feed) }
            move(
                stream, history, by: audience.routing(ofLate: late, membership: members, history: history))
        }
    }
}
