/// Feeds and memberships in the log in memory: which rows an event writes (`docs/format/log.md`, "Feeds").

import Events

extension MemoryTransaction {
    func route(_ stored: StoredEvent) {
        let name = stored.event.stream
        let members = store.memberships[name] ?? []
        let history = store.stream(name).map(\.event)
        let routing = routing(of: stored, members, history)
        for feed in members {
            if store.asleep[feed]?.contains(name) != true {
                add(.event(stored.event), to: feed, name)
            } else if routing != nil {
                wake(name, history, in: feed)
            }
        }
        guard let routing else { return noteUnrouted(stored.event, of: name, now: stored.receivedAt) }
        let isBase = routing.base.map { head(of: $0.feed) == $0.before } ?? false
        move(name, history, by: routing, isBase: isBase)
        guard let wake = routing.wake else { return }
        give(wake, by: stored)
    }

    /// Gives a stream its rows in a feed in which it sleeps.
    func wake(_ stream: StreamName, _ history: [Event], in feed: FeedName) {
        store.asleep[feed]?.remove(stream)
        join(feed, stream, history)
    }

    func move(_ name: StreamName, _ history: [Event], by routing: Routing, isBase: Bool = false) {
        var members = store.memberships[name] ?? []
        for feed in routing.leaves.sorted() where members.contains(feed) {
            add(.leave, to: feed, name)
            members.removeAll { $0 == feed }
            store.asleep[feed]?.remove(name)
        }
        for feed in routing.joins.sorted() where !members.contains(feed) {
            join(feed, name, history)
            members.append(feed)
            members.sort()
        }
        for feed in routing.also.sorted() where !members.contains(feed) {
            if let last = history.last { add(.event(last), to: feed, name) }
        }
        for feed in routing.told.sorted() where !members.contains(feed) {
            join(feed, name, history)
            add(.leave, to: feed, name)
        }
        store.memberships[name] = members
        if isBase, let base = routing.base {
            store.bases[base.feed] = base.before.fseq + 1
            store.asleep[base.feed] = Set(store.memberships.filter { $0.value.contains(base.feed) }.keys)
        }
    }

    func join(_ feed: FeedName, _ stream: StreamName, _ history: [Event]) {
        add(.join(history: Int64(history.count)), to: feed, stream)
        for event in history { add(.event(event), to: feed, stream) }
    }

    private func add(_ operation: FeedRow.Operation, to feed: FeedName, _ stream: StreamName) {
        let rows = store.feeds[feed] ?? []
        let common = Int64(store.feeds[.common]?.count ?? 0)
        let (kind, hash, history): (FeedRow.Kind, Digest?, Int64) =
            switch operation {
            case .event(let event): (.event, event.hash, 0)
            case .join(let history): (.join, nil, history)
            case .leave: (.leave, nil, 0)
            }
        let fseq = Int64(rows.count + 1)
        let chain = FeedRow.chain(
            after: rows.last?.chain ?? FeedRow.seed(of: feed), fseq: fseq, stream: stream, kind: kind, event: hash,
            history: history,
            common: common)
        store.feeds[feed, default: []].append(
            FeedRow(fseq: fseq, stream: stream, operation: operation, common: common, chain: chain))
    }
}
