/// What a log keeps of other nodes' feeds, and the boxes in what came.

package import Events

extension SQLiteReader {
    package func aside(
        _ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int
    ) throws(LogFailure) -> [ReceivedRow] {
        try statements.receivedRows.aside(rewind, of: feed, above: fseq, limit: limit)
    }

    package func signedHead(of feed: FeedName) throws(LogFailure) -> SignedHead? {
        try statements.signedHeads.head(of: feed)
    }

    package func boxes(above position: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        let end = min(try head().position, position + Int64(rows))
        guard end > position, let chain = try chain(at: end) else { return BoxPage(changes: [], end: nil) }
        let (found, damage) = try boxReader.boxes(above: position, through: end)
        return BoxPage(changes: found, end: FeedCursor(fseq: end, chain: chain), damage: damage)
    }

    package func boxes(of feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        try boxReader.boxes(of: feed, above: fseq, rows: Int64(rows))
    }
}
