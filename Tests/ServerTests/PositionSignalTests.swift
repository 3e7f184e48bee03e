import Dispatch
import Synchronization
import Testing

@testable import Server

/// Runs a task's jobs one after the other, and lets a test in when one is handed over: on the thread of whoever resumes the
/// task, within his call.
private final class WatchedExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "position-signal-test")
    private let waiting = Mutex(0)
    private let rest: AsyncStream<Void>.Continuation
    private let resumed = Mutex<(@Sendable () -> Void)?>(nil)
    /// Told whenever every job has come to where it waits for somebody.
    let rests: AsyncStream<Void>

    init() { (rests, rest) = AsyncStream.makeStream(of: Void.self) }

    /// What the next one who resumes the task has to do first.
    func onResume(_ body: @escaping @Sendable () -> Void) { resumed.withLock { $0 = body } }

    func enqueue(_ job: consuming ExecutorJob) {
        let body = resumed.withLock { body in
            defer { body = nil }
            return body
        }
        body?()
        waiting.withLock { $0 += 1 }
        let job = UnownedJob(job)
        queue.async { [self] in
            // SAFETY: each job that was handed over is run once.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            let left = waiting.withLock { count in
                count -= 1
                return count
            }
            if left == 0 { rest.yield() }
        }
    }
}

@Suite("Who is told of a position", .timeLimit(.minutes(1))) struct PositionSignalTests {
    @Test("others come in while a reader is told: whoever tells holds no lock")
    func outside() async {
        let signal = PositionSignal()
        let executor = WatchedExecutor()
        let reader = Task(executorPreference: executor) { await signal.wait(for: 5, atMost: .seconds(600)) }
        var rests = executor.rests.makeAsyncIterator()
        await rests.next()
        let other = DispatchSemaphore(value: 0)
        let isIn = Mutex(false)
        executor.onResume {
            DispatchQueue.global().async {
                signal.raise(4)
                other.signal()
            }
            isIn.withLock { $0 = other.wait(timeout: .now() + 10) == .success }
        }
        signal.raise(5)
        #expect(isIn.withLock { $0 }, "who is told is resumed within the lock")
        #expect(await reader.value)
    }
}
