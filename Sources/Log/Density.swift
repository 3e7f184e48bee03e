/// How far an origin stands in a log without a hole.

import Events

/// Counts in the index of ids: a run is whole when it has as many events as numbers.
struct Density {
    private let last, count: Statement

    init(_ connection: Connection) throws(LogFailure) {
        last = try connection.prepare("SELECT max(sequence) FROM events WHERE origin = ?1")
        count = try connection.prepare(
            "SELECT count(*) FROM events WHERE origin = ?1 AND sequence > ?2 AND sequence <= ?3")
    }

    /// The last sequence up to which every event of an origin is here; 0 when its first is not.
    ///
    /// Goes once over the index above `known`, and where there is a hole once more: each count halves what is left.
    ///
    /// - Parameters:
    ///   - origin: its number.
    ///   - known: up to there every one is here.
    func end(of origin: Int64, from known: Int64) throws(LogFailure) -> Int64 {
        last.bind(1, origin)
        guard try last.step() else { return known }
        let high = last.integer(0)
        last.reset()
        guard high > known, try !isWhole(origin, above: known, upTo: high) else { return max(known, high) }
        // Whole up to `low`, and not up to `end`.
        var (low, end) = (known, high)
        while end - low > 1 {
            let middle = low + (end - low) / 2
            if try isWhole(origin, above: low, upTo: middle) { low = middle } else { end = middle }
        }
        return low
    }

    private func isWhole(_ origin: Int64, above low: Int64, upTo high: Int64) throws(LogFailure) -> Bool {
        count.bind(1, origin)
        count.bind(2, low)
        count.bind(3, high)
        defer { count.reset() }
        return try count.step() && count.integer(0) == high - low
    }
}
