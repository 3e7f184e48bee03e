// Rows of a feed cut into messages: what a BATCH or a LIVE carries.

import Events

/// Rows that fit one message.
struct RowChunk {
    var rows: [WireRow]
    /// The feed's chain after the last of them.
    var chain: ChainValue
    /// Bytes of the rows.
    var size: Int
    /// Whether no more follow.
    var isLast: Bool
}

extension WireRow {
    /// Cuts rows into chunks of about `Message.fillLimit` bytes, up to the credit; always at least one chunk, the
    /// last one marked.
    ///
    /// - Parameters:
    ///   - rows: from the first one asked for, in order; may be more than the credit lets through.
    ///   - subscriber: gets receipts instead of its own events.
    ///   - sent: bytes of the credit that are used.
    static func chunks(
        _ rows: [FeedRow], to subscriber: Subscriber, credit: Int, after sent: Int = 0
    ) -> [RowChunk] {
        var chunks = [RowChunk(rows: [], chain: .zero, size: 0, isLast: false)]
        var total = sent
        for row in rows {
            let wire = WireRow(row, to: subscriber)
            let length = wire.size
            if total > 0, total + length > credit { break }
            if let last = chunks.last, last.size > 0, last.size + length > Message.fillLimit {
                chunks.append(RowChunk(rows: [], chain: .zero, size: 0, isLast: false))
            }
            chunks[chunks.count - 1].rows.append(wire)
            chunks[chunks.count - 1].chain = row.chain
            chunks[chunks.count - 1].size += length
            total += length
        }
        chunks[chunks.count - 1].isLast = true
        return chunks
    }
}
