/// The contract's cases on feeds and memberships.

import Events
import Testing

/// Routes by type: `move.X.Y` makes the stream leave X and join Y (either may be `-`); `place.X` puts it into X alone, and of
/// several the last in the canonical order does; `also.X` adds X; others stay.
struct ScriptedAudience: Audience {
    func places(_ event: Event) -> Bool { event.type.name.hasPrefix("place.") }

    func members(by events: [Event]) -> [FeedName] {
        events.filter(places).max(by: Event.precedes).map { route($0, version: 1, membership: []).joins } ?? []
    }

    func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
        let words = event.type.name.split(separator: ".").map(String.init)
        func feeds(_ word: String) -> [FeedName] {
            word == "-" ? [] : word == "common" ? [.common] : [(try? NodeID(word)).map(FeedName.node)].compactMap { $0 }
        }
        switch words.first {
        case "move": return Routing(joins: feeds(words[2]), leaves: feeds(words[1]), also: [])
        case "place":
            let wanted = feeds(words[1])
            return Routing(
                joins: wanted.filter { !membership.contains($0) }, leaves: membership.filter { !wanted.contains($0) },
                also: [])
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
        Case("an event that comes late moves a stream only when it is the last word, and tells whom it names") {
            contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let placed = try log.put(command(1), ["ticket/1"], at: 5_000, type: "place.b")
            let mark = placed.map(\.event.id)
            // Each of an origin of its own, so that none knows another but by its basis.
            func ingest(_ type: String, _ number: UInt64, _ hlc: Int64, basis: [EventID] = []) throws {
                var event = try contract.foreign(stream: "ticket/1", hlc: HybridTime(rawValue: hlc))
                event.id = EventID(
                    origin: Origin(node: event.id.origin.node, incarnation: Incarnation(number)), sequence: 1)
                event.type = EventType(type)
                event.command = CommandID(derivedFrom: "late", String(number))
                event.basis = Basis(basis)
                let whole = event.chained(to: .zero)
                _ = try log.write {
                    try $0.ingest([whole], dense: false, receivedAt: Timestamp(milliseconds: 1))
                }
            }
            try ingest("place.a", 1, 70_000)
            #expect(try log.shape("a") == ["join 2", "1", "2", "leave"])
            #expect(try log.shape("b") == ["join 1", "1", "2"])
            // Another that names a member, and one that names nobody, change nothing.
            try ingest("place.b", 2, 70_001)
            try ingest("place.-", 3, 70_002)
            #expect(try log.shape("b") == ["join 1", "1", "2", "3", "4"])
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("b"))])
            // Unaware of what is here, and the last word all the same.
            try ingest("place.c", 4, 1 << 40)
            #expect(try log.shape("b") == ["join 1", "1", "2", "3", "4", "5", "leave"])
            #expect(try log.shape("c") == ["join 5", "1", "2", "3", "4", "5"])
            // One whose author knew the first, but not the last.
            try ingest("place.a", 5, 1 << 39, basis: mark)
            #expect(
                try log.shape("a") == ["join 2", "1", "2", "leave", "join 6", "1", "2", "3", "4", "5", "6", "leave"])
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("c"))])
            try log.put(command(2), ["ticket/1"], at: 6_000, type: "place.a")
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("a"))])
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
    func shape(_ node: String) throws -> [String] {
        try reader.rows(of: .node(NodeID(node)), above: 0, limit: 1_000).map { row in
            switch row.operation {
            case .event(let event): String(try reader.event(event.id)?.position ?? 0)
            case .join(let history): "join \(history)"
            case .leave: "leave"
            }
        }
    }
}
