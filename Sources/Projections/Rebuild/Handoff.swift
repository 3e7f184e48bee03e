/// A bounded queue between the workers of a rebuild and its one writer: a full queue makes workers wait.

import Dispatch
import Synchronization

final class Handoff<Element: Sendable>: Sendable {
    private let queue = Mutex<[Element]>([])
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)

    /// - Parameter capacity: elements that may wait, at least 1.
    init(capacity: Int) {
        // Signalled up rather than made with a value, because a semaphore must not die below its first value.
        for _ in 0..<max(1, capacity) { free.signal() }
    }

    func send(_ element: Element) {
        free.wait()
        queue.withLock { $0.append(element) }
        filled.signal()
    }

    func receive() -> Element {
        while true {
            filled.wait()
            if let element = queue.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                free.signal()
                return element
            }
        }
    }
}
