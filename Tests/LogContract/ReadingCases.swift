/// The contract's cases on reading.

import Events
import Testing

extension LogContract {
    static let readingCases: [Case] = [
        Case("pages are exclusive at their position, in both directions, and short") { contract in
            let log = try contract.centre()
            for number in 1...7 { try log.put(command(number), ["ticket/1"]) }
            func positions(_ direction: ReadDirection, _ position: Int64, _ limit: Int) throws -> [Int64] {
                try log.reader.page(.all, direction, from: position, limit: limit).map(\.position)
            }
            #expect(try positions(.forward, 0, 3) == [1, 2, 3])
            #expect(try positions(.forward, 3, 3) == [4, 5, 6])
            #expect(try positions(.forward, 7, 3) == [])
            #expect(try positions(.backward, .max, 3) == [7, 6, 5])
            #expect(try positions(.backward, 5, 10) == [4, 3, 2, 1])
            #expect(try positions(.forward, .max, 3) == [])
            #expect(try log.reader.page(.category("ticket"), .forward, from: .max, limit: 3).isEmpty)
        },
        Case("every scope reads what plain filtering reads, in pages of every size, both ways") { contract in
            let log = try contract.centre()
            try log.fill(count: 2_600)
            let all = try log.reader.page(.all, .forward, from: 0, limit: 10_000)
            let street = try contract.foreign(stream: "ticket/1").id.origin
            let scopes: [(ReadScope, (StoredEvent) -> Bool)] = [
                (.all, { _ in true }),
                (.stream(try stream("ticket/3")), { $0.event.stream.text == "ticket/3" }),
                (.stream(try stream("ticket/none")), { _ in false }),
                (.category("call"), { $0.event.stream.category == "call" }),
                (.category("cal"), { _ in false }),
                (.type("ticket.rare"), { $0.event.type.name == "ticket.rare" }),
                (.origin(street), { $0.event.id.origin == street }),
                (.origin(log.origin), { $0.event.id.origin == log.origin }),
                (
                    .correlation(try stream("ticket/3")),
                    { ($0.event.correlation ?? $0.event.stream).text == "ticket/3" }
                ),
                (.time(.occurredAt, at(500)..<at(700)), { (at(500)..<at(700)).contains($0.event.occurredAt) }),
                (.time(.recordedAt, at(2_000)..<at(2_010)), { (at(2_000)..<at(2_010)).contains($0.event.recordedAt) }),
                (.time(.receivedAt, at(9_000_000)..<at(9_100_000)), { $0.receivedAt >= at(9_000_000) }),
            ]
            for (scope, matches) in scopes {
                let expected = all.filter(matches)
                for limit in [1, 7, 1_024, 10_000] where limit > 1 || expected.count < 300 {
                    #expect(try log.readAll(scope, .forward, limit: limit) == expected, "\(scope) forward by \(limit)")
                    #expect(
                        try log.readAll(scope, .backward, limit: limit) == expected.reversed(),
                        "\(scope) backward by \(limit)")
                }
            }
        },
        Case("an event is found by its id, a command by its own") { contract in
            let log = try contract.centre()
            let stored = try log.put(command(1), ["ticket/1", "ticket/2"])
            #expect(try log.reader.event(stored[1].event.id) == stored[1])
            #expect(try log.reader.outcome(of: command(1))?.stored == stored)
            #expect(try log.reader.event(EventID(origin: log.origin, sequence: 3)) == nil)
        },
        Case("all fields of an event come back as they went in") { contract in
            let log = try contract.centre()
            let cause = try contract.foreign(stream: "call/1").id
            var full = try request(command(1), ["ticket/1"])
            full.drafts[0].causation = cause
            full.drafts[0].correlation = try stream("case/77")
            full.drafts[0].sealed = [0, 255, 7]
            full.drafts[0].body = ["文": .array([.null, .bool(true), .integer(-1), .string("\u{0}\"\\\n😀")])]
            full.drafts[0].occurredAt = Timestamp(milliseconds: -5)
            guard case .appended(let stored) = try log.write({ try $0.append(full) }) else { throw Unexpected(full) }
            let event = stored[0].event
            #expect(try log.reader.event(event.id) == stored[0])
            #expect(try Event(canonicalBytes: event.canonicalBytes) == event)
            #expect(event.causation == cause && event.sealed == [0, 255, 7] && event.occurredAt.milliseconds == -5)
        },
    ]
}

private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

extension EventLog {
    /// A mix of streams, types, origins, times and correlations across several blocks.
    fileprivate func fill(count: Int) throws {
        let contract = LogContract { _, _, _ in throw Interrupted() }
        let foreign = try contract.foreignRun(count: 40)
        try write { transaction in
            for number in 0..<count {
                let category = number % 97 == 5 ? "call" : "ticket"
                var one = try request(command(number), ["\(category)/\(number % 50)"], at: number)
                if number % 800 == 3 { one.drafts[0].type = EventType("ticket.rare") }
                if number % 31 == 0 { one.drafts[0].correlation = try stream("ticket/3") }
                one.drafts[0].occurredAt = at(Int64((number * 7_919) % count))
                _ = try transaction.append(one)
                if number % 60 == 59, number / 60 < foreign.count {
                    _ = try transaction.ingest(
                        [foreign[number / 60]], dense: true, receivedAt: at(9_000_000 + Int64(number)))
                }
            }
        }
    }

    fileprivate func readAll(_ scope: ReadScope, _ direction: ReadDirection, limit: Int) throws -> [StoredEvent] {
        var found: [StoredEvent] = []
        var position: Int64 = direction == .forward ? 0 : .max
        while found.count <= 10_000 {
            let page = try reader.page(scope, direction, from: position, limit: limit)
            found += page
            guard page.count == limit, let last = page.last else { return found }
            position = last.position
        }
        return found
    }
}
