/// Durable append through the log's production path, `SQLiteLog.write` with group commit and FULL, against raw SQLite.
///
/// "32 in flight" is what 32 waiting callers get: their commands go into one transaction, as the node's loop takes
/// them, and each waits for the whole of it. The loop itself, HTTP and the decision are in the row `http`. Both sides
/// write streams of ten events, an event a command, a feed row each, a JOIN a stream, bodies of the same length, and
/// checkpoint at the same WAL size; both stop the clock before the last checkpoint.

import Events
import Log

/// Every stream is in one street's feed from its first event on.
struct OneFeed: Audience {
    let feed: FeedName

    func route(_ event: Event, membership: [FeedName]) -> Routing {
        membership.isEmpty ? Routing(joins: [feed], leaves: [], also: []) : .stay
    }
}

struct AppendRows {
    let bench: Bench
    /// Bytes of a body's canonical JSON, as the raw side writes.
    private static let body = 400
    private static let eventsPerStream = 10

    func run() throws {
        let quick = bench.isQuick ? 10 : 1
        try compare(group: 1, events: 4_000 / quick, goal: .atLeastRatio(850))
        try compare(group: 32, events: 32_000 / quick, goal: .atLeastRatio(700))
        try compare(group: 1_000, events: 100_000 / quick, goal: .atLeastRatio(700))
    }

    private struct Once {
        var rate, transactionP99, bytesPerEvent: Int
    }

    private func compare(group: Int, events: Int, goal: Goal) throws {
        var ours: [Once] = []
        var raw: [RawReference.Append] = []
        for round in 0..<bench.rounds {
            raw.append(try RawReference(bench: bench).append(events: events, body: AppendRows.body, group: group))
            ours.append(try append(events: events, group: group, seed: UInt64(round)))
        }
        let name = "append-\(group)"
        let how = "\(bench.rounds) rounds of \(events) events, 400-byte bodies, interleaved"
        bench.report.add(
            Row(
                name: name, work: "durable append, \(group) in flight", unit: .perSecond,
                value: ours.map(\.rate).median, reference: ("raw SQLite, FULL", raw.map(\.rate).median), goal: goal,
                note: how))
        if group == 32 {
            bench.report.add(
                Row(
                    name: name, work: "durable append, 32 in flight, p99", unit: .microseconds,
                    value: ours.map(\.transactionP99).median,
                    reference: ("raw", raw.map(\.transactionP99).median), goal: .atMost(20_000),
                    note: "from BEGIN to the end of a checkpoint, if one follows"))
        }
        if group == 1_000 {
            bench.report.add(
                Row(
                    name: name, work: "bytes on disk per event", unit: .bytes, value: ours.map(\.bytesPerEvent).median,
                    reference: ("body", AppendRows.body), goal: .atMostAbove(300),
                    note: "the whole file after a checkpoint, feed rows included; raw "
                        + "\(raw.map(\.bytesPerEvent).median)"))
        }
    }

    private func append(events: Int, group: Int, seed: UInt64) throws -> Once {
        let name = "append.sqlite"
        try bench.remove(name)
        var random = Seeded(seed)
        let node = try NodeID("centre")
        let actor = Actor(account: "wang", role: "agent", unit: "centre")
        let feed = FeedName.node(try NodeID("street-01"))
        var rate = 0
        var times = Times()
        do {
            let log = try SQLiteLog(
                path: bench.path(name), node: node, incarnation: Incarnation(random.next()),
                audience: OneFeed(feed: feed))
            var requests: [AppendRequest] = []
            var stream = try AppendRows.newStream(&random)
            for number in 0..<events {
                if number.isMultiple(of: AppendRows.eventsPerStream) { stream = try AppendRows.newStream(&random) }
                let now = Timestamp(milliseconds: 1_795_400_000_000 + Int64(number))
                let text = random.letters(AppendRows.body - 11)
                requests.append(
                    AppendRequest(
                        command: CommandID(at: now, random: &random), actor: actor, now: now,
                        drafts: [
                            Draft(
                                stream: stream, type: EventType("ticket.noted"), body: ["text": .string(text)],
                                occurredAt: now)
                        ]))
            }
            let start = ContinuousClock.now
            for first in stride(from: 0, to: events, by: group) {
                let batch = requests[first..<min(events, first + group)]
                try times.measure {
                    try log.write { transaction in
                        for request in batch {
                            guard case .appended = try transaction.append(request) else {
                                throw BenchFailure("an append was not taken")
                            }
                        }
                    }
                }
            }
            rate = eventRate(events, ContinuousClock.now - start)
        }
        // Closing the log has checkpointed it.
        let size = try bench.size(name)
        try bench.remove(name)
        return Once(rate: rate, transactionP99: times.percentile(990), bytesPerEvent: size / events)
    }

    private static func newStream(_ random: inout Seeded) throws -> StreamName {
        let key = Hexadecimal.text((0..<6).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        return try StreamName("ticket/0197c1f2-\(key)")
    }
}
