// Events that came while rows of their stream were rotten, as the log on disk does it (`docs/format/log.md` 7).

import Events

extension MemoryTransaction {
    /// Whether where an event goes hangs on rows that are rotten.
    func isUnreadable(_ stored: StoredEvent, _ history: [Event]) -> Bool {
        let event = stored.event
        guard event.id.origin != origin else { return false }
        let needsHistory =
            audience.founds(event)
            ? stored.streamVersion > 1
            : audience.decides(event)
                && !history.allSatisfy { $0.id == event.id || event.basis.knows($0.id, author: event.id) }
        return needsHistory && !history.allSatisfy(\.isWhole)
    }

    func noteUnrouted(_ event: Event, now: Timestamp) {
        _ = try? append(Unrouted(event: event.id, stream: event.stream).request(at: origin.node, now: now))
    }

    func routeLate(now: Timestamp) {
        guard let name = try? Healed.stream(of: origin.node) else { return }
        let records = store.stream(name).map(\.event).filter { $0.id.origin.node == origin.node && $0.isWhole }
        for (stream, late) in Routed.pending(records).sorted(by: { $0.key < $1.key }) {
            let history = store.stream(stream).map(\.event)
            guard history.allSatisfy(\.isWhole) else { continue }
            let head = Int64(store.events.count)
            _ = try? append(Routed(stream: stream).request(at: origin.node, above: head, now: now))
            let members = store.memberships[stream] ?? []
            move(
                stream, history, by: audience.routing(ofLate: late, membership: members, history: history))
        }
    }
}
