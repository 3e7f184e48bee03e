import Dispatch
import Foundation
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

/// Whether tests run at their full sizes: environment variable GRIDLINE_LONG=1, set by `tools/test --long`.
enum Long {
    static let isOn = ProcessInfo.processInfo.environment["GRIDLINE_LONG"] == "1"
}
