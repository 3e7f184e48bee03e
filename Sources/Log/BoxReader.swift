/// Finds the boxes of sealed data in the log without reading the events around them: whose they are, and in which stream.
///
/// A row whose names are damaged is passed over and named: it may not keep all others from being found.

import Events

struct BoxReader {
    private let inLog, inFeed, feedEnd, feedNext: Statement
    private let names: Names

    init(_ connection: Connection, names: Names) throws(LogFailure) {
        self.names = names
        inLog = try connection.prepare(
            """
            SELECT stream, origin, sealed, position FROM events WHERE position > ?1 AND position <= ?2 AND sealed IS NOT NULL
                ORDER BY position
            """)
        inFeed = try connection.prepare(
            """
            SELECT e.stream, e.origin, e.sealed, r.position, r.kind, r.stream, r.fseq
                FROM receivedRows r LEFT JOIN events e ON e.position = r.position
                WHERE r.feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND r.fseq > ?2 AND r.fseq <= ?3
                    AND (r.kind = \(FeedRow.Kind.leave.rawValue) OR e.sealed IS NOT NULL) ORDER BY r.fseq
            """)
        feedNext = try connection.prepare(
            """
            SELECT fseq FROM receivedRows WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND fseq > ?2
                ORDER BY fseq LIMIT 1
            """)
        feedEnd = try connection.prepare(
            """
            SELECT fseq, chain FROM receivedRows
                WHERE feed = (SELECT no FROM receivedFeeds WHERE name = ?1) AND fseq > ?2 AND fseq <= ?3
                    AND length(chain) = 16
                ORDER BY fseq DESC LIMIT 1
            """)
    }

    func boxes(
        above position: Int64, through end: Int64
    ) throws(LogFailure) -> (found: [BoxChange], damage: [LogFailure]) {
        inLog.bind(1, position)
        inLog.bind(2, end)
        var found: [BoxChange] = []
        var damage: [LogFailure] = []
        try inLog.forEach { row throws(LogFailure) in try came(row, &found, &damage) }
        return (found, damage)
    }

    func boxes(of feed: FeedName, above fseq: Int64, rows: Int64) throws(LogFailure) -> BoxPage {
        // A feed that is kept from a base on begins far above 0.
        feedNext.bind(1, text: feed.text)
        feedNext.bind(2, fseq)
        guard try feedNext.step() else { return BoxPage(changes: [], end: nil) }
        let last = feedNext.integer(0) - 1 + rows
        feedNext.reset()
        feedEnd.bind(1, text: feed.text)
        feedEnd.bind(2, fseq)
        feedEnd.bind(3, last)
        guard try feedEnd.step() else { return BoxPage(changes: [], end: nil) }
        let number = feedEnd.integer(0)
        let chain = feedEnd.chain(1)
        feedEnd.reset()
        guard let chain else { throw BoxReader.malformed(number) }
        inFeed.bind(1, text: feed.text)
        inFeed.bind(2, fseq)
        inFeed.bind(3, number)
        var page = BoxPage(changes: [], end: FeedCursor(fseq: number, chain: chain))
        try inFeed.forEach { row throws(LogFailure) in
            guard row.integer(4) == Int64(FeedRow.Kind.leave.rawValue) else {
                return try came(row, &page.changes, &page.damage)
            }
            if let stream = try? StreamName(row.text(5)) {
                page.changes.append(.left(stream))
            } else {
                page.damage.append(BoxReader.malformed(row.integer(6)))
            }
        }
        return page
    }

    /// Bytes that are no box are passed over: nobody can open them, and `gridline verify` is for damage.
    private func came(
        _ row: Statement, _ found: inout [BoxChange], _ damage: inout [LogFailure]
    ) throws(LogFailure) {
        guard let person = try? Sealing.person(in: row.bytes(2)) else { return }
        do {
            let stream = try names.stream(row.integer(0))
            found.append(
                .came(Box(stream: stream, person: person), author: try names.origin(row.integer(1)).node))
        } catch {
            guard case .corrupt(let table, let number, let detail) = error else { throw error }
            damage.append(
                .corrupt(table: "events", position: row.integer(3), detail: "\(table) at \(number): \(detail)"))
        }
    }

    private static func malformed(_ fseq: Int64) -> LogFailure {
        .corrupt(table: "receivedRows", position: fseq, detail: "stream or chain is malformed")
    }
}
