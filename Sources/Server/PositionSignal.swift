/// Lets reads wait until the log, or the views, hold a position; never holds up who tells it.

import Events
import Projections
import Synchronization

package final class PositionSignal: Sendable {
    /// Reads that wait at once; one more is told at once that its position is not there.
    static let limit = 1_000

    private struct Waiter {
        let position: Int64
        let news: AsyncStream<Void>.Continuation
    }

    private struct State {
        /// What was told last; 0 before.
        var reached: Int64 = 0
        var count: UInt64 = 0
        var waiting: [UInt64: Waiter] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// This much is there now.
    package func raise(_ position: Int64) {
        // Told outside the lock: whoever tells may be a thread in the background, which readers then would wait for.
        let told = state.withLock { state in
            state.reached = position
            return state.waiting.isEmpty ? [] : state.waiting.values.filter { $0.position <= position }
        }
        for waiter in told { waiter.news.yield() }
    }

    private enum Entry: Equatable { case there, full, waits(UInt64) }

    /// Waits for the word that a position is there; what was there before the first word is not known here.
    ///
    /// - Returns: false when the time is over, or too many wait already.
    func wait(for position: Int64, atMost patience: Duration) async -> Bool {
        let (news, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let entry: Entry = state.withLock { state in
            if state.reached >= position { return .there }
            guard state.waiting.count < PositionSignal.limit else { return .full }
            state.count += 1
            state.waiting[state.count] = Waiter(position: position, news: continuation)
            return .waits(state.count)
        }
        guard case .waits(let number) = entry else { return entry == .there }
        defer { state.withLock { $0.waiting[number] = nil } }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                var iterator = news.makeAsyncIterator()
                return await iterator.next() != nil
            }
            group.addTask {
                do { try await Task.sleep(for: patience) } catch {
                    // The position came, or nobody listens any more: either way the waiting is over.
                }
                continuation.finish()
                return false
            }
            var isThere = false
            for await one in group {
                isThere = isThere || one
                group.cancelAll()
            }
            return isThere
        }
    }
}

/// How far a node is: its log, and its views behind it.
package struct NodeProgress: Sendable {
    package let log = PositionSignal()
    package let views = PositionSignal()

    package init() {}
}

/// What a read wants to be held at least.
enum AtLeast {
    enum Place { case log, views }

    /// Returns when the place holds the position; at once when there is none to wait for.
    ///
    /// - Throws: `BadRequest.behind` with what it holds, when it does not within `ports.patience`.
    static func wait(for position: Int64?, in place: Place, _ ports: ServerPorts) async throws {
        guard let position else { return }
        func held() throws -> Int64 {
            switch place {
            case .log: try ports.head()
            case .views: try ports.views.checkpoint().position
            }
        }
        if try held() >= position { return }
        let signal = place == .log ? ports.progress.log : ports.progress.views
        if await signal.wait(for: position, atMost: ports.patience) { return }
        let here = try held()
        if here < position { throw BadRequest.behind(position, here) }
    }
}
