/// Tells live streams that the log has grown; never holds up who tells it.

import Events
import Synchronization

package final class CommitSignal: Sendable {
    /// What a live stream waits for.
    enum News: Sendable {
        case commit
        /// Nothing happened for a while: a sign of life keeps the line open, and finds out whether it is.
        case silence
    }

    /// Live streams of one node.
    static let limit = 100

    private let listeners = Mutex<[UInt64: AsyncStream<News>.Continuation]>([:])
    private let numbers = Atomic<UInt64>(0)

    package init() {}

    /// The log has grown.
    package func raise() {
        listeners.withLock { listeners in for one in listeners.values { one.yield(.commit) } }
    }

    /// - Returns: nil when there are too many already. What comes while the listener is busy is one piece of news.
    func listen() -> (news: AsyncStream<News>, continuation: AsyncStream<News>.Continuation)? {
        let (news, continuation) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(1))
        let number = numbers.add(1, ordering: .relaxed).newValue
        let isTaken = listeners.withLock { listeners in
            guard listeners.count < CommitSignal.limit else { return false }
            listeners[number] = continuation
            return true
        }
        guard isTaken else { return nil }
        continuation.onTermination = { [self] _ in listeners.withLock { $0[number] = nil } }
        return (news, continuation)
    }
}
