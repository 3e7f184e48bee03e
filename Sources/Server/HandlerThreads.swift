/// Where requests are answered: on threads of their own, since what they read blocks.
///
/// The cooperative pool has a thread a core, and everybody's: two slow reads there would hold up every connection of a small
/// machine, also a command's. More threads than cores share them by the system's clock, and a short read passes a long one.

import Foundation
import Hummingbird

final class HandlerThreads: TaskExecutor {
    /// Handlers that run at once, four a core; more wait in the order in which they came, a connection each.
    static let count = 4 * ProcessInfo.processInfo.activeProcessorCount

    private let queue = JobQueue()

    init(count: Int = HandlerThreads.count) {
        for number in 1...count {
            let thread = Thread { [queue] in
                while let (job, executor) = queue.next() {
                    unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
                }
            }
            thread.name = "gridline.http.\(number)"
            thread.start()
        }
    }

    /// Jobs hold the executor, so that none is left when it goes.
    deinit { queue.close() }

    func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), self) }
}

/// Jobs in the order in which they came.
private final class JobQueue: @unchecked Sendable {
    // SAFETY: all fields are only touched under the condition's lock.
    private let condition = NSCondition()
    private var jobs: [(UnownedJob, HandlerThreads)] = []
    /// Jobs before it are taken.
    private var first = 0
    private var isClosed = false

    func add(_ job: UnownedJob, _ executor: HandlerThreads) {
        condition.withLock {
            jobs.append((job, executor))
            condition.signal()
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    /// Waits for a job; nil once it is closed.
    func next() -> (UnownedJob, HandlerThreads)? {
        condition.withLock {
            while first == jobs.count, !isClosed { condition.wait() }
            guard first < jobs.count else { return nil }
            defer {
                first += 1
                if first == jobs.count || first > 1_000 {
                    jobs.removeFirst(first)
                    first = 0
                }
            }
            return jobs[first]
        }
    }
}

/// Answers requests on those threads: what reads, but not a step of a ticket, which waits for the loop and goes on where it was.
///
/// A change of threads on the way there and back costs a command a tenth of its time.
struct OnHandlerThreads: RouterMiddleware {
    let threads: HandlerThreads
    /// Also what is posted.
    var isForPosts = false

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        if request.method == .post, !isForPosts { return try await next(request, context) }
        return try await withTaskExecutorPreference(threads) { try await next(request, context) }
    }
}
