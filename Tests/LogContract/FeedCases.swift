/// The contract's cases on feeds and memberships.

import Events
import Testing

/// Routes by type: `move.X.Y` makes the stream leave X and join Y (either may be `-`); `also.X` adds X; others stay.
struct ScriptedAudience: Audience {
    func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
        let words = event.type.name.split(separator: ".").map(String.init)
        func feeds(_ word: String) -> [FeedName] {
            word == "-" ? [] : word == "common" ? [.common] : [(try? NodeID(word)).map(FeedName.node)].compactMap { $0 }
        }
        switch words.first {
        case "move": return Routing(joins: feeds(words[2]), leaves: feeds(words[1]), also: [])
        case "also": return Routing(joins: [], leaves: [], also: feeds(words[1]))
        default: return .stay
        }
    }
}

extension LogContract {
    static let feedCases: [Case] = [
        Case("a stream that joins a feed brings its whole history; one that leaves says so; the rest goes nowhere") {
            contract in
            let log = try contract.centre(audience: ScriptedAudience())
            try log.put(command(1), ["ticket/1"], type: "noted")
            try log.put(command(2), ["ticket/2"], type: "noted")
            try log.put(command(3), ["ticket/1"], type: "move.-.a")
            try log.put(command(4), ["ticket/1"], type: "noted")
            try log.put(command(5), ["ticket/1"], type: "move.a.b")
            try log.put(command(6), ["ticket/1"], type: "noted")
            #expect(try log.shape("a") == ["join 2", "1", "3", "4", "5", "leave"])
            #expect(try log.shape("b") == ["join 4", "1", "3", "4", "5", "6"])
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("b"))])
            #expect(try log.reader.membership(of: stream("ticket/2")).isEmpty)
        },
        Case("feeds are dense and chained, and rows carry the common feed's head") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            try log.put(command(1), ["rule/1"], type: "also.common")
            try log.put(command(2), ["ticket/1"], type: "move.-.a")
            try log.put(command(3), ["rule/1"], type: "also.common")
            try log.put(command(4), ["ticket/1"], type: "noted")
            for feed in [FeedName.common, .node(try NodeID("a"))] {
                let rows = try log.reader.rows(of: feed, above: 0, limit: 100)
                var chain = FeedRow.seed(of: feed)
                for (index, row) in rows.enumerated() {
                    #expect(row.fseq == Int64(index + 1))
                    let event: Event? = if case .event(let event) = row.operation { event } else { nil }
                    let history: Int64 = if case .join(let history) = row.operation { history } else { 0 }
                    let kind: FeedRow.Kind = event != nil ? .event : history > 0 ? .join : .leave
                    chain = FeedRow.chain(
                        after: chain, fseq: row.fseq, stream: row.stream, kind: kind, event: event?.hash,
                        history: history, common: row.common)
                    #expect(row.chain == chain)
                }
                #expect(try log.reader.feedHead(feed) == FeedCursor(fseq: Int64(rows.count), chain: chain))
            }
            #expect(try log.reader.rows(of: .node(NodeID("a")), above: 0, limit: 10).map(\.common) == [1, 1, 2])
            #expect(try log.reader.rows(of: .node(NodeID("a")), above: 2, limit: 10).map(\.fseq) == [3])
        },
        Case("ingested events are routed in the transaction that stores them") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            try log.put(command(1), ["ticket/1"], type: "move.-.street1")
            let far = try contract.foreign(stream: "ticket/1")
            _ = try log.write { try $0.ingest([far], dense: true, receivedAt: Timestamp(milliseconds: 1)) }
            #expect(try log.shape("street1") == ["join 1", "1", "2"])
        },
        Case("feed rows of a lost transaction are given again") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            #expect(throws: Interrupted.self) {
                try log.write { transaction in
                    _ = try transaction.append(request(command(1), ["ticket/1"], type: "move.-.a"))
                    throw Interrupted()
                }
            }
            #expect(try log.reader.rows(of: .node(NodeID("a")), above: 0, limit: 10).isEmpty)
            try log.put(command(2), ["ticket/2"], type: "move.-.a")
            #expect(try log.shape("a") == ["join 1", "1"])
            #expect(try log.reader.membership(of: stream("ticket/1")).isEmpty)
        },
    ]
}

extension EventLog {
    /// A node's feed in words: positions of events, `join n`, `leave`.
    fileprivate func shape(_ node: String) throws -> [String] {
        try reader.rows(of: .node(NodeID(node)), above: 0, limit: 1_000).map { row in
            switch row.operation {
            case .event(let event): String(try reader.event(event.id)?.position ?? 0)
            case .join(let history): "join \(history)"
            case .leave: "leave"
            }
        }
    }
}
