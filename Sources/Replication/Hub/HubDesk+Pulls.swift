// The answers of the hub's desk to pulls: a bounded amount at each turn, whoever asks for how much.

import Events

extension HubDesk {
    /// Answers pulls in the order in which they came, up to the turn's bytes.
    mutating func answerPulls(_ reader: any EventReader) throws {
        var left = Int(Limit.pulled)
        while left > 0, !pulls.isEmpty {
            let pull = pulls.removeFirst()
            do { left -= try answer(pull, reader) } catch { try pass(over: pull.feed, error, reader) }
        }
    }

    /// Answers a pull up to its credit, and reads hardly more than that lets through: many slow lines with little credit
    /// would else hold everybody up with rows that are not sent.
    ///
    /// - Returns: what it took of the turn, in bytes.
    private mutating func answer(_ pull: Pull, _ reader: any EventReader) throws -> Int {
        let head = try reader.feedHead(pull.feed)
        let subscriber = pull.feed == .common ? .many : hub.subscriber(pull.node)
        let credit = Int(pull.credit)
        let limit = max(Limit.rowsLeast, min(Limit.rows, credit / Limit.rowBytes))
        var (above, sent, read, isLast) = (pull.above, 0, 0, false)
        while !isLast {
            let rows: [FeedRow]
            do { rows = try HubDesk.readable(pull.feed, above: above, limit: limit, reader) } catch {
                guard read > 0 else { throw error }
                // The next pull meets it.
                rows = []
            }
            read += rows.count
            let chunks = WireRow.chunks(rows, to: subscriber, credit: credit, after: sent)
            let taken = chunks.reduce(0) { $0 + $1.rows.count }
            isLast = rows.count < limit || taken < rows.count || read >= Limit.rows
            for chunk in chunks {
                sent += chunk.size
                send(
                    .batch(
                        session: pull.session, feed: pull.feed, rows: chunk.rows, chain: chunk.chain, head: head,
                        isLast: isLast && chunk.isLast), to: pull.node)
            }
            above = rows.last?.fseq ?? above
        }
        return max(sent, read * Limit.rowBytes)
    }
}
