/// The contract's cases on feeds and memberships.

package import Events
import Testing

/// Routes by type: `move.X.Y` makes the stream leave X and join Y (either may be `-`); `place.X` puts it into X alone, and of
/// several the last in the canonical order does; `also.X` adds X; others stay, but for bases and wakes.
package struct ScriptedAudience: Audience {
    package init() {}

    package func places(_ event: Event) -> Bool { event.type.name.hasPrefix("place.") }

    package func members(by events: [Event]) -> [FeedName] {
        events.filter(places).max(by: Event.precedes).map { route($0, version: 1, membership: []).joins } ?? []
    }

    package func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
        if let base = FeedBase(event) { return Routing(also: [base.feed], base: base) }
        if let wake = FeedWake(event) { return Routing(wake: wake) }
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
        Case("in a feed that begins anew all sleeps, until its next event or until it is woken") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let node = try NodeID("a")
            let feed = FeedName.node(node)
            let now = Timestamp(milliseconds: 5)
            func wake(_ streams: [String], _ progress: FeedWake.Progress? = nil) throws -> FeedWake? {
                let wake = FeedWake(feed: feed, streams: try streams.map(stream), progress: progress)
                return try log.write { try $0.wake(wake, of: node, now: now) }.flatMap { FeedWake($0.event) }
            }
            #expect(try log.write { try $0.rebase(feed, of: node, now: now) } == nil)
            try log.put(command(1), ["ticket/1", "ticket/2", "ticket/3", "ticket/4"], type: "move.-.a")
            try log.put(command(2), ["ticket/4"], type: "move.a.-")
            let past = try log.reader.feedHead(feed)
            #expect(try log.reader.sleeping(in: feed, below: .max, limit: 9).streams.isEmpty)
            let told = try #require(try log.write { try $0.rebase(feed, of: node, now: now) })
            #expect(FeedBase(told.event) == FeedBase(feed: feed, before: past))
            #expect(try log.shape("a", above: past.fseq) == ["6"])
            #expect(try log.reader.base(of: feed) == past.fseq + 1)
            #expect(try log.reader.asleep(stream("ticket/2")) == [feed])
            #expect(try log.reader.membership(of: stream("ticket/2")) == [feed])
            #expect(try log.reader.asleep(stream("ticket/4")).isEmpty)
            let first = try log.reader.sleeping(in: feed, below: .max, limit: 2)
            #expect(first.streams == [try stream("ticket/3"), try stream("ticket/2")])
            let second = try log.reader.sleeping(in: feed, below: first.below, limit: 2)
            #expect(second.streams == [try stream("ticket/1")] && second.below == 0)
            #expect(second.numbers.allSatisfy { $0 < first.numbers[1] } && first.numbers[1] < first.numbers[0])
            // By the next event, with all of it; by being named, and only what sleeps there.
            try log.put(command(3), ["ticket/2", "ticket/4"], type: "noted")
            #expect(try log.shape("a", above: past.fseq + 1) == ["join 2", "2", "7"])
            #expect(try wake(["ticket/1", "ticket/2", "ticket/4", "ticket/9"])?.streams == [stream("ticket/1")])
            #expect(try wake(["ticket/1"]) == nil)
            #expect(try log.shape("a", above: past.fseq + 4) == ["join 1", "1"])
            #expect(try log.reader.sleeping(in: feed, below: .max, limit: 9).streams == [stream("ticket/3")])
            try log.put(command(4), ["ticket/1"], type: "noted")
            #expect(try log.shape("a", above: past.fseq + 6) == ["10"])
            // How far what is open was carried over is told of the last base.
            #expect(try FeedBase.last(of: feed, node, in: log.reader)?.below == nil)
            _ = try wake([], FeedWake.Progress(base: past, below: 3))
            #expect(try FeedBase.last(of: feed, node, in: log.reader)?.below == 3)
            _ = try wake([], FeedWake.Progress(base: past, below: 0))
            let last = try #require(try FeedBase.last(of: feed, node, in: log.reader))
            #expect(last.base.before == past && last.below == 0 && last.at == now)
            let again = try log.reader.feedHead(feed)
            _ = try log.write { try $0.rebase(feed, of: node, now: now) }
            #expect(try FeedBase.last(of: feed, node, in: log.reader)?.base.before == again)
            #expect(try FeedBase.last(of: feed, node, in: log.reader)?.below == nil)
            #expect(try log.reader.asleep(stream("ticket/1")) == [feed])
            // One that leaves asleep wakes first, so that whoever has it learns why.
            try log.put(command(7), ["ticket/2"], type: "move.a.b")
            #expect(try log.shape("a", above: again.fseq + 1) == ["join 3", "2", "7", "14", "leave"])
            #expect(try log.reader.asleep(stream("ticket/2")).isEmpty)
            #expect(try log.reader.sleeping(in: feed, below: .max, limit: 9).streams.count == 2)
        },
        Case("a base that names another row than the feed's last is an event and no more") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let node = try NodeID("a")
            let feed = FeedName.node(node)
            try log.put(command(1), ["ticket/1"], type: "move.-.a")
            let stale = try log.reader.feedHead(feed)
            try log.put(command(2), ["ticket/1"], type: "over")
            let request = try FeedBase(feed: feed, before: stale).request(of: node, now: Timestamp(milliseconds: 5))
            _ = try log.write { try $0.append(request) }
            #expect(try log.shape("a") == ["join 1", "1", "2", "3"])
            #expect(try log.reader.asleep(stream("ticket/1")).isEmpty)
        },
        Case("a feed of another node is kept from its base on, and from no other row") { contract in
            let hub = try contract.centre(audience: ScriptedAudience())
            let node = try NodeID("a")
            let feed = FeedName.node(node)
            try hub.put(command(1), ["ticket/1", "ticket/2"], type: "move.-.a")
            let past = try hub.reader.feedHead(feed)
            _ = try hub.write { transaction in
                _ = try transaction.rebase(feed, of: node, now: Timestamp(milliseconds: 5))
                let open = FeedWake(feed: feed, streams: [try stream("ticket/1")])
                _ = try transaction.wake(open, of: node, now: Timestamp(milliseconds: 5))
            }
            let rows = try hub.reader.rows(of: feed, above: past.fseq, limit: 10)
            let street = try contract.open(node, 7, NoAudience())
            func keep(_ rows: ArraySlice<FeedRow>) throws {
                try street.write { transaction in
                    let kept = try rows.map { row in
                        let content: ReceivedRow.Content
                        switch row.operation {
                        case .event(let event):
                            _ = try transaction.ingest(
                                [event], dense: false, receivedAt: Timestamp(milliseconds: 6))
                            content = .event(
                                event.hash, position: try transaction.position(of: event.id, hash: event.hash))
                        case .join(let history): content = .join(history: history)
                        case .leave: content = .leave
                        }
                        return ReceivedRow(
                            fseq: row.fseq, stream: row.stream, content: content, common: row.common,
                            chain: row.chain)
                    }
                    try transaction.keep(kept, of: feed)
                }
            }
            #expect(throws: LogFailure.self) { try keep(rows[1...]) }
            var odd = rows[0]
            odd.chain = FeedRow.seed(of: feed)
            #expect(throws: LogFailure.self) { try keep([odd]) }
            try keep(rows[...])
            #expect(try street.reader.cursor(of: feed) == hub.reader.feedHead(feed))
            #expect(try street.reader.boxes(of: feed, above: 0, rows: 2).end?.fseq == past.fseq + 2)
            #expect(try street.reader.version(of: stream("ticket/1")) == 1)
            #expect(try street.reader.version(of: stream("ticket/2")) == 0)
        },
    ]
}

extension EventLog {
    /// A node's feed in words: positions of events, `join n`, `leave`.
    func shape(_ node: String, above fseq: Int64 = 0) throws -> [String] {
        try reader.rows(of: .node(NodeID(node)), above: fseq, limit: 1_000).map { row in
            switch row.operation {
            case .event(let event): String(try reader.event(event.id)?.position ?? 0)
            case .join(let history): "join \(history)"
            case .leave: "leave"
            }
        }
    }
}
