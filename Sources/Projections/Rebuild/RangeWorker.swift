/// Folds ranges of streams: reads each event once, keeps one stream in memory and one range of rows.

import Events
import Synchronization

/// Stream numbers, both inclusive.
struct StreamRange: Sendable, Equatable {
    var first, last: Int64
}

/// Ranges still to be folded, handed out in order.
final class RangeSource: Sendable {
    private let state: Mutex<(next: Int64, done: Set<Int64>, isStopped: Bool)>
    private let last: Int64
    /// Streams a range: large enough for a transaction, small enough for memory (about 15 events each).
    static let width: Int64 = 1_000

    /// - Parameter done: the first numbers of ranges that are finished already.
    init(last: Int64, done: Set<Int64>) {
        self.last = last
        state = Mutex((1, done, false))
    }

    func next() -> StreamRange? {
        state.withLock { state in
            while state.done.contains(state.next) { state.next += RangeSource.width }
            guard !state.isStopped, state.next <= last else { return nil }
            defer { state.next += RangeSource.width }
            return StreamRange(first: state.next, last: min(last, state.next + RangeSource.width - 1))
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }
}

/// What a worker hands to the writer.
enum RangeMessage: Sendable {
    case folded(StreamRange, [StreamRows], events: Int)
    case failed(any Error)
    /// The worker's last word.
    case ended
}

struct RangeWorker: Sendable {
    let views: ViewSet
    let cut: Cut
    let end: Int64
    let open: OpenReader
    let source: RangeSource
    let handoff: Handoff<RangeMessage>
    /// Events read at once.
    private static let pageSize = 4_096

    func run() {
        do {
            let reader = try open()
            while let range = source.next() {
                let (rows, events) = try fold(range, reader)
                handoff.send(.folded(range, rows, events: events))
            }
        } catch {
            source.stop()
            handoff.send(.failed(error))
        }
        handoff.send(.ended)
    }

    private func fold(_ range: StreamRange, _ reader: any StreamScanner) throws -> ([StreamRows], events: Int) {
        let categories = views.folds.map(\.category)
        var rows: [StreamRows] = []
        var count = 0
        var open = ScannedStream(place: StreamPlace(number: range.first, version: 0), events: [])
        func close() {
            if let stream = open.events.first?.stream, let folded = views.rows(of: stream, events: open.events) {
                rows.append(folded)
            }
        }
        while true {
            let page = try reader.streams(
                of: categories, after: open.place, through: range.last, upTo: end, limit: RangeWorker.pageSize)
            var read = 0
            for part in page {
                read += part.events.count
                if part.place.number == open.place.number {
                    open.place = part.place
                    // One above the limit is enough to know that it is.
                    open.events += cut.seen(part.events).prefix(max(0, views.streamLimit + 1 - open.events.count))
                } else {
                    close()
                    open = ScannedStream(place: part.place, events: cut.seen(part.events))
                }
            }
            count += read
            guard read == RangeWorker.pageSize else { break }
        }
        close()
        return (rows, count)
    }
}
