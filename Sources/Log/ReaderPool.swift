/// Readers of a log for threads that read now and then: opening one costs more than most answers.

import Events
import Synchronization

/// At most `kept` readers wait for the next call; more are opened when more threads read at once, and closed after.
package final class ReaderPool: @unchecked Sendable {
    // SAFETY: a reader is in the list, or used by the one thread that took it out; the list is only touched under the lock.
    private let path: String
    private let kept: Int
    private let lock = Mutex<Void>(())
    private var readers: [SQLiteReader] = []

    package init(path: String, kept: Int = 8) {
        self.path = path
        self.kept = kept
    }

    /// Lends a reader for the time of `body`.
    ///
    /// - Throws: `LogFailure` when the log cannot be opened, and what `body` throws.
    package func read<Value>(_ body: (SQLiteReader) throws -> Value) throws -> Value {
        let reader = try lock.withLock { _ in readers.popLast() } ?? SQLiteReader(path: path)
        // After an error a statement may stand in the middle of its rows, and keep the WAL from being emptied.
        let value = try body(reader)
        lock.withLock { _ in if readers.count < kept { readers.append(reader) } }
        return value
    }
}
