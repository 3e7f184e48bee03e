/// A street's side of repairs over its log: it keeps the ends that the hub signs, and gives the hub what it asks for.

import Events

struct StreetRepair {
    /// The newest signed end of each feed that is not kept yet.
    private var heads: [FeedName: SignedHead] = [:]
    private var questions: [RepairMessage] = []
    /// Questions that wait; the hub asks one at a time.
    private static let questionLimit = 4

    mutating func take(_ message: RepairMessage) {
        switch message {
        case .head(let feed, let head): heads[feed] = head
        case .recall, .want: if questions.count < StreetRepair.questionLimit { questions.append(message) }
        case .recalled, .give: break
        }
    }

    /// Whether an end can be kept: its row is here.
    func hasStorageWork(_ cursor: (FeedName) -> FeedCursor?) -> Bool {
        heads.contains { feed, head in cursor(feed).map { $0.fseq >= head.cursor.fseq } ?? false }
    }

    /// Keeps the ends whose rows are here.
    func store(_ transaction: any LogTransaction, _ cursor: (FeedName) -> FeedCursor?) throws {
        for (feed, head) in heads where cursor(feed).map({ $0.fseq >= head.cursor.fseq }) ?? false {
            try transaction.keep(head, of: feed)
        }
    }

    mutating func committed(_ cursor: (FeedName) -> FeedCursor?) {
        heads = heads.filter { feed, head in cursor(feed).map { $0.fseq < head.cursor.fseq } ?? true }
    }

    /// Answers one question.
    mutating func answer(node: NodeID, _ reader: any EventReader) throws -> RepairMessage? {
        guard !questions.isEmpty else { return nil }
        switch questions.removeFirst() {
        case .recall(let rewind, let above):
            return .recalled(rewind: rewind, rows: try StreetRepair.rows(of: rewind, above: above, node: node, reader))
        case .want(let ids):
            guard let first = ids.first else { return nil }
            return .give(first: first, try StreetRepair.events(ids, reader))
        case .recalled, .give, .head: return nil
        }
    }

    /// Rows that were put aside, as many as fit a message.
    private static func rows(
        of rewind: EventID, above: Int64, node: NodeID, _ reader: any EventReader
    ) throws -> [WireRow] {
        var number: Int64 = 0
        var found: (number: Int64, rewind: Rewind)?
        try reader.forEachPage(.stream(try Rewind.stream(of: node))) { page in
            for event in page.map(\.event) where event.type == Rewind.type && event.id.origin.node == node {
                number += 1
                if event.id == rewind, let body = Rewind(event) { found = (number, body) }
            }
        }
        guard let found else { return [] }
        var rows: [WireRow] = []
        var size = 0
        for row in try reader.aside(found.number, of: found.rewind.feed, above: above, limit: 1_000) {
            let content: WireRow.Content
            switch row.content {
            case .event(let hash, let position):
                guard let position else { return rows }
                let read = try LogFailure.orDamage { () throws(LogFailure) in
                    try reader.page(.all, .forward, from: position - 1, limit: 1).first?.event
                }
                // No rows at all would say that there are no more.
                if rows.isEmpty, case .failure(let damage) = read { throw damage }
                guard case .success(let event?) = read else { return rows }
                content = .receipt(event.id, hash)
            case .join(let history): content = .join(history: history)
            case .leave: content = .leave
            }
            let wire = WireRow(fseq: row.fseq, stream: row.stream, common: row.common, content: content)
            size += wire.size
            if size > Message.fillLimit { break }
            rows.append(wire)
        }
        return rows
    }

    /// Events by their ids, those that are here and whole, as many as fit a message.
    static func events(_ ids: [EventID], _ reader: any EventReader) throws -> [Event] {
        var events: [Event] = []
        var size = 0
        for id in ids {
            guard
                case .success(let event?) = try LogFailure.orDamage({ () throws(LogFailure) in
                    try reader.event(id)?.event
                }), event.isWhole
            else { continue }
            size += event.canonicalBytes.count + 4
            if size > Message.fillLimit, !events.isEmpty { break }
            events.append(event)
        }
        return events
    }
}
