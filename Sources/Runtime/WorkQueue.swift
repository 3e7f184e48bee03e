/// The way into the node's loop from other threads: commands wait here until the loop takes them together.
///
/// Bounded: a full queue refuses at once, and the caller says "busy" instead of waiting without end.

package import Events
package import Node
package import Privacy
import Synchronization
import ZeroMQ

package struct Work: Sendable {
    package var command: NodeCommand
    /// Whom it is about; sealed before the command is performed, and stored nowhere else.
    package var person: PersonData?
    /// Called on the loop's thread after the commit, or when it failed; must not block.
    package var answer: @Sendable (Result<CommandReply, any Error>) -> Void

    package init(
        command: NodeCommand, person: PersonData? = nil,
        answer: @escaping @Sendable (Result<CommandReply, any Error>) -> Void
    ) {
        self.command = command
        self.person = person
        self.answer = answer
    }
}

/// The node takes no more work now.
package enum WorkRefusal: Problem, Equatable {
    case full(limit: Int)
    case stopping

    package var code: String { "GL-6010" }
    package var message: Words {
        switch self {
        case .full(let limit): "\(limit) commands wait already"
        case .stopping: "the node is stopping"
        }
    }
    package var hint: Words { "send the same command again in a second, with the same key" }
}

package final class WorkQueue: Sendable {
    /// Commands that may wait; at 10,000 a second that is one second.
    package static let limit = 10_000
    private let waiting = Mutex<(work: [Work], fetches: [Fetch], isClosed: Bool)>(([], [], false))
    /// A ticket that the centre is to be asked for, and who waits for what is known of it.
    typealias Fetch = (ticket: StreamName, answer: @Sendable (TicketWake?) -> Void)
    /// Questions that may wait for a turn.
    private static let fetchLimit = 1_000
    private let wakeUp: WakeUp

    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    var isEmpty: Bool { waiting.withLock { $0.work.isEmpty && $0.fetches.isEmpty } }

    /// Hands a command to the loop.
    ///
    /// - Throws: `WorkRefusal` when the queue is full or the node stops; the command was not taken then.
    package func add(_ work: Work) throws(WorkRefusal) { try add([work]) }

    /// Hands commands to the loop together, in their order: all of them, or none.
    ///
    /// - Throws: `WorkRefusal` when the queue has no room for all of them or the node stops.
    package func add(_ work: [Work]) throws(WorkRefusal) {
        let refusal: WorkRefusal? = waiting.withLock { state in
            if state.isClosed { return .stopping }
            if state.work.count + work.count > WorkQueue.limit { return .full(limit: WorkQueue.limit) }
            state.work += work
            return nil
        }
        if let refusal { throw refusal }
        wakeUp.signal()
    }

    /// Hands commands to the loop together, and waits until all are committed or refused.
    ///
    /// - Returns: an answer for each, in their order.
    package func submit(
        _ commands: [(command: NodeCommand, person: PersonData?)]
    ) async -> [Result<CommandReply, any Error>] {
        if commands.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            let answers = Answers(commands.count) { continuation.resume(returning: $0) }
            let work = commands.enumerated().map { place, one in
                Work(command: one.command, person: one.person) { answers.set($0, at: place) }
            }
            do { try add(work) } catch { continuation.resume(returning: commands.map { _ in .failure(error) }) }
        }
    }

    /// Asks for a ticket of which nothing is here (`NodeMachine.wake`).
    ///
    /// - Parameter answer: called on the loop's thread, soon; must not block.
    /// - Throws: `WorkRefusal` when too many ask, or the node stops.
    package func fetch(
        _ ticket: StreamName, _ answer: @escaping @Sendable (TicketWake?) -> Void
    ) throws(WorkRefusal) {
        let refusal: WorkRefusal? = waiting.withLock { state in
            if state.isClosed { return .stopping }
            if state.fetches.count >= WorkQueue.fetchLimit { return .full(limit: WorkQueue.fetchLimit) }
            state.fetches.append((ticket, answer))
            return nil
        }
        if let refusal { throw refusal }
        wakeUp.signal()
    }

    /// Takes the tickets that are asked for.
    func takeFetches() -> [Fetch] {
        waiting.withLock { state in
            defer { state.fetches = [] }
            return state.fetches
        }
    }

    /// Takes up to `count` commands, oldest first, and none behind the first that is to be the last of its turn.
    ///
    /// What is left wakes the loop again: whoever handed it in has signalled already.
    func take(_ count: Int, through isLast: (NodeCommand) -> Bool) -> [Work] {
        let (taken, isMore) = waiting.withLock { state in
            let some = state.work.prefix(count)
            let taken = Array(some.firstIndex { isLast($0.command) }.map { some[...$0] } ?? some)
            state.work.removeFirst(taken.count)
            return (taken, !state.work.isEmpty)
        }
        if isMore { wakeUp.signal() }
        return taken
    }

    /// Refuses all that comes from now on, and what still waits.
    func close() {
        let left = waiting.withLock { state in
            state.isClosed = true
            defer { state.work = [] }
            return state.work
        }
        for work in left { work.answer(.failure(WorkRefusal.stopping)) }
        for (_, answer) in takeFetches() { answer(nil) }
    }
}

/// Gathers the answers to commands that came together.
private final class Answers: Sendable {
    private let state: Mutex<(given: [Result<CommandReply, any Error>?], left: Int)>
    private let done: @Sendable ([Result<CommandReply, any Error>]) -> Void

    /// - Parameter done: called once, with the last answer.
    init(_ count: Int, done: @escaping @Sendable ([Result<CommandReply, any Error>]) -> Void) {
        state = Mutex(([Result<CommandReply, any Error>?](repeating: nil, count: count), count))
        self.done = done
    }

    func set(_ answer: Result<CommandReply, any Error>, at place: Int) {
        let all: [Result<CommandReply, any Error>]? = state.withLock { state in
            state.given[place] = answer
            state.left -= 1
            return state.left == 0 ? state.given.compactMap(\.self) : nil
        }
        if let all { done(all) }
    }
}
