/// The contract's cases on how much of a forked origin is kept.

import Events
import Testing

extension LogContract {
    static let quarantineCases: [Case] = [
        Case("of a forked origin so many events are kept and no more; another's have their own room") { contract in
            let log = try contract.centre()
            let limit = Int(Quarantine.events)
            for opening in [1, 2] as [UInt64] {
                _ = try contract.take(log, try contract.run(opening, limit + 3, body: "{}"))
                let others = try contract.run(opening, limit + 3, body: "{\"fork\":1}")
                let kept = try contract.take(log, others).map(isKept)
                #expect(kept == Array(repeating: true, count: limit) + [false, false, false])
                // What is there already is no further one.
                #expect(try contract.take(log, [others[0], others[limit]]).map(isKept) == [true, false])
            }
        },
        Case("of a forked origin so many bytes are kept and no more") { contract in
            let log = try contract.centre()
            let length = 40 * 1_024
            let count = Int(Quarantine.bytes) / length + 2
            _ = try contract.take(log, try contract.run(1, count, body: "{}"))
            let long = "{\"text\":\"" + String(repeating: "a", count: length) + "\"}"
            let others = try contract.run(1, count, body: long)
            let fitting = others.reduce(into: (bytes: 0, events: 0)) { sum, event in
                sum.bytes += event.canonicalBytes.count
                if sum.bytes <= Int(Quarantine.bytes) { sum.events += 1 }
            }.events
            let kept = try contract.take(log, others).map(isKept)
            #expect(kept.count(where: \.self) == fitting && kept.last == false)
            // A small one still has its place.
            let small = try contract.run(1, count, body: "{\"small\":1}")
            #expect(try contract.take(log, [small[0]]).map(isKept) == [true])
        },
    ]

    private static func isKept(_ outcome: IngestOutcome) throws -> Bool {
        guard case .fork(_, _, _, let isKept) = outcome else { throw Unexpected(outcome) }
        return isKept
    }

    private func take(_ log: any EventLog, _ events: [Event]) throws -> [IngestOutcome] {
        try log.write { try $0.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 1)) }
    }

    private func run(_ opening: UInt64, _ count: Int, body: String) throws -> [Event] {
        try (1...count).map { number in
            var event = try foreign(stream: "ticket/\(opening)")
            event.id = EventID(
                origin: Origin(node: event.id.origin.node, incarnation: Incarnation(opening)), sequence: Int64(number))
            event.type = EventType("noted")
            event.command = CommandID(derivedFrom: "fork", String(opening), String(number))
            event.body = .here(Array(body.utf8))
            return event.chained(to: .zero)
        }
    }
}
