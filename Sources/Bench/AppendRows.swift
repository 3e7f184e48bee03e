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

    func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
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
        if bench.isLong { try growth() }
    }

    /// One log that grows: how fast 32 in flight are appended at 100,000 events, and at ten million.
    private func growth() throws {
        let name = "growth.sqlite"
        try bench.remove(name)
        var random = Seeded(11)
        let log = try SQLiteLog(
            path: bench.path(name), node: try NodeID("centre"), incarnation: Incarnation(random.next()),
            audience: OneFeed(feed: .node(try NodeID("street-01"))))
        var rates: [Int] = []
        var count = 0
        for size in [100_000, 10_000_000] {
            while count < size {
                let events = min(100_000, size - count)
                try append(try AppendRows.requests(events, from: count, &random), to: log, group: 1_000)
                count += events
            }
            let measured = try AppendRows.requests(AppendRows.growthEvents, from: count, &random)
            let start = ContinuousClock.now
            try append(measured, to: log, group: 32)
            rates.append(eventRate(measured.count, ContinuousClock.now - start))
            count += measured.count
        }
        bench.report.add(
            Row(
                name: "growth", work: "durable append, 32 in flight, at 10 M events", unit: .perSecond, value: rates[1],
                reference: ("at 100,000 events", rates[0]), goal: .atLeastRatio(900),
                note:
                    "\(AppendRows.growthEvents) events each, 400-byte bodies, one log of \(try bench.size(name) >> 20) MiB"
            ))
        try bench.remove(name)
    }

    private static let growthEvents = 96_000

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
        let feed = FeedName.node(try NodeID("street-01"))
        var rate = 0
        var times = Times()
        do {
            let log = try SQLiteLog(
                path: bench.path(name), node: node, incarnation: Incarnation(random.next()),
                audience: OneFeed(feed: feed))
            let requests = try AppendRows.requests(events, from: 0, &random)
            let start = ContinuousClock.now
            times = try append(requests, to: log, group: group)
            rate = eventRate(events, ContinuousClock.now - start)
        }
        // Closing the log has checkpointed it.
        let size = try bench.size(name)
        try bench.remove(name)
        return Once(rate: rate, transactionP99: times.percentile(990), bytesPerEvent: size / events)
    }

    /// Appends in groups; returns the time of each.
    @discardableResult
    private func append(_ requests: [AppendRequest], to log: SQLiteLog, group: Int) throws -> Times {
        var times = Times()
        for first in stride(from: 0, to: requests.count, by: group) {
            let batch = requests[first..<min(requests.count, first + group)]
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
        return times
    }

    /// Commands of a run of milliseconds, one each.
    ///
    /// - Parameter first: how many came before them: a log that grows is one in which time goes on, and ids with it.
    private static func requests(_ count: Int, from first: Int, _ random: inout Seeded) throws -> [AppendRequest] {
        let actor = Actor(account: "wang", role: "agent", unit: "centre")
        var requests: [AppendRequest] = []
        requests.reserveCapacity(count)
        func moment(_ number: Int) -> Timestamp { Timestamp(milliseconds: 1_795_400_000_000 + Int64(number)) }
        // Named as the centre names a ticket: by the id of a command.
        func ticket(_ number: Int) throws -> StreamName {
            try StreamName(category: "ticket", key: CommandID(at: moment(number), random: &random).description)
        }
        var stream = try ticket(first)
        for number in first..<first + count {
            let now = moment(number)
            if number.isMultiple(of: eventsPerStream) { stream = try ticket(number) }
            let text = random.letters(body - 11)
            requests.append(
                AppendRequest(
                    command: CommandID(at: now, random: &random), actor: actor, now: now,
                    drafts: [
                        Draft(
                            stream: stream, type: EventType("ticket.noted"), body: ["text": .string(text)],
                            occurredAt: now)
                    ]))
        }
        return requests
    }
}
