// When a street says how far its feeds are durable: at once, and while rows keep coming twice a second.
//
// Each commit of the hub brings rows to many streets, and each is a commit there: with a hundred streets the words on them are, by
// reckoning, half of what the hub has to read, and what the streets send up stands behind them. Nobody waits for such a word: it says
// how far behind the node is.

import Events

struct AckPace: Sendable {
    /// Milliseconds between two words on one feed.
    static let pause: Int64 = 500

    /// When each was said last, in steady milliseconds.
    private var saidAt: [FeedName: Int64] = [:]
    private var due: Set<FeedName> = []

    /// More of a feed is durable, or the hub is to hear again how much is.
    mutating func add(_ feed: FeedName) { due.insert(feed) }

    /// What is to be said now; it counts as said then.
    mutating func take(_ feeds: [FeedProgress], now: Int64) -> [FeedMark] {
        let said = feeds.filter { feed in
            due.contains(feed.name) && saidAt[feed.name].map { now - $0 >= AckPace.pause } ?? true
        }
        for feed in said {
            due.remove(feed.name)
            saidAt[feed.name] = now
        }
        return said.map { FeedMark(feed: $0.name, cursor: $0.cursor) }
    }
}
