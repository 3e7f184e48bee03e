import Dispatch
import Synchronization

/// A switch between two threads, and a rendezvous at the end.
final class Flag: Sendable {
    private let state = Atomic(false)
    private let end = DispatchSemaphore(value: 0)
    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
    func finish() { end.signal() }
    func waitUntilFinished() { end.wait() }
}
