/// Feeds that begin anew, in the log in memory (`docs/format/log.md`, "A feed begins anew").

import Events

extension MemoryTransaction {
    /// The row before one whose event names it.
    func base(of row: ReceivedRow, _ feed: FeedName) -> FeedCursor? {
        guard case .event(_, let position?) = row.content,
            let base = FeedBase(store.events[Int(position - 1)].event), base.begins(feed, at: row.fseq),
            row.chain == row.chain(after: base.before.chain)
        else { return nil }
        return base.before
    }

    func rebase(_ feed: FeedName, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        let base = FeedBase(feed: feed, before: head(of: feed))
        guard base.before.fseq > 0 else { return nil }
        return try record(what: "that feed \(feed) begins anew") { () throws(IdentifierError) in
            try base.request(of: node, now: now)
        }?.first
    }

    func wake(_ wake: FeedWake, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent? {
        var wake = wake
        wake.streams = wake.streams.filter { store.asleep[wake.feed]?.contains($0) == true }
        guard !wake.streams.isEmpty || wake.progress != nil else { return nil }
        let (said, end) = (wake, head(of: wake.feed))
        return try record(what: "that tickets wake in feed \(said.feed)") { () throws(IdentifierError) in
            try said.request(of: node, head: end, now: now)
        }?.first
    }

    func head(of feed: FeedName) -> FeedCursor {
        store.feeds[feed]?.last.map { FeedCursor(fseq: $0.fseq, chain: $0.chain) }
            ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
    }
}
