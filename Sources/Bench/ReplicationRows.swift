/// Replication from a centre to one street: both nodes' loops in this process, CURVE sockets over loopback, both logs
/// on the measured disk with FULL, and a vault at each: callers are sealed, and their keys go to the street, as in production.
///
/// The street writes nothing of its own, so the event at position n of the centre's log gets position n at the street.

import Events
import Foundation
import Log
import Node
import Privacy
import Replication
import Runtime
import Tickets
import ZeroMQ

struct ReplicationRows {
    let bench: Bench
    private let centre: NodeID
    private let street: NodeID
    private let hubKeys: CurveKeys
    private let streetKeys: CurveKeys
    private let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 2_000

    init(bench: Bench) throws {
        self.bench = bench
        centre = try NodeID("centre")
        street = try NodeID("street-01")
        hubKeys = try CurveKeys.generate()
        streetKeys = try CurveKeys.generate()
    }

    func run() throws {
        try live()
        try catchUp()
    }

    // MARK: - Live, and a restart

    private func live() throws {
        let atHub = CommitTimes()
        let atStreet = CommitTimes()
        var random = Seeded(UInt64(ProcessInfo.processInfo.processIdentifier))
        let vaults = try makeVaults()
        var hub = try makeHub("hub.sqlite", vaults.hub) { _ in }
        let other = try makeStreet("street.sqlite", vaults.street) { atStreet.note($0) }
        hub.start()
        other.start()
        try submit(0, to: hub, atHub, &random)
        _ = try atStreet.wait(for: atHub.wait(), within: .seconds(20))
        let count = bench.isQuick ? 1_000 : 10_000
        let begun = ContinuousClock.now
        for number in 0..<count {
            let due = begun + .milliseconds(number)
            while ContinuousClock.now < due { Thread.sleep(forTimeInterval: 0.000_2) }
            try submit(number + 1, to: hub, atHub, &random)
        }
        let last = try atHub.wait(count: count + 1)
        _ = try atStreet.wait(for: last, within: .seconds(20))
        let written = ContinuousClock.now
        let callers = try (0...count).flatMap { try vaults.hub.find(try caller($0).lookups[0]) }
        let keys = try all(callers, at: vaults.street)
        let lag = lags(atHub, atStreet)
        let how =
            "\(count) commands in \((written - begun).microseconds / 1_000) ms, each with a caller of its own, one a "
            + "transaction or more as they come; from the answer at the centre to the commit at the street; the last of "
            + "\(callers.count) keys there \(max(0, (keys - written).microseconds / 1_000)) ms after the last commit"
        bench.report.add(
            Row(
                name: "replication", work: "live replication at 1,000/s, lag p50", unit: .microseconds,
                value: lag.percentile(500), reference: nil, nats: Elsewhere(fast: "0.44 ms", durable: "83 ms"),
                goal: .atMost(5_000), note: how))
        bench.report.add(
            Row(
                name: "replication", work: "live replication at 1,000/s, lag p99", unit: .microseconds,
                value: lag.percentile(990), reference: nil, nats: Elsewhere(fast: "9.2 ms", durable: "382 ms"),
                goal: .atMost(40_000), note: "the same events"))

        var resumed: [Int] = []
        for round in 1...bench.rounds {
            try hub.stop()
            let restarted = ContinuousClock.now
            hub = try makeHub("hub.sqlite", vaults.hub) { _ in }
            hub.start()
            let again = CommitTimes()
            try submit(count + round, to: hub, again, &random)
            let arrived = try atStreet.wait(for: again.wait(), within: .seconds(30))
            resumed.append((arrived - restarted).microseconds / 1_000)
        }
        bench.report.add(
            Row(
                name: "replication", work: "resume after a centre restart", unit: .milliseconds, value: resumed.median,
                reference: nil, nats: Elsewhere(fast: "1.3 s", durable: "12.0 s"), goal: .atMost(1_000),
                note:
                    "from the opening of the centre's log to a new event on the street's disk; \(bench.rounds) restarts: "
                    + resumed.map(String.init).joined(separator: ", ")))
        try hub.stop()
        try other.stop()
        try bench.remove("hub.sqlite")
        try bench.remove("street.sqlite")
    }

    private func lags(_ atHub: CommitTimes, _ atStreet: CommitTimes) -> Times {
        var lag = Times()
        let arrivals = atStreet.all
        var place = 0
        // The first event went over a connection that was still being made.
        for (position, at) in atHub.all.sorted(by: { $0.position < $1.position }).dropFirst() {
            while place < arrivals.count, arrivals[place].position < position { place += 1 }
            if place < arrivals.count { lag.add(arrivals[place].at - at) }
        }
        return lag
    }

    // MARK: - Catch-up

    private func catchUp() throws {
        let count = bench.isQuick ? 10_000 : 200_000
        let vaults = try makeVaults()
        let callers = try fill(count, vaults.hub)
        let atStreet = CommitTimes()
        let hub = try makeHub("hub.sqlite", vaults.hub) { _ in }
        hub.start()
        let other = try makeStreet("street.sqlite", vaults.street) { atStreet.note($0) }
        let started = ContinuousClock.now
        other.start()
        let first = try atStreet.wait(for: 1, within: .seconds(20))
        let end = try atStreet.wait(for: Int64(count), within: .seconds(120))
        let keys = try all(callers, at: vaults.street)
        try other.stop()
        try hub.stop()
        try bench.remove("hub.sqlite")
        try bench.remove("street.sqlite")
        bench.report.add(
            Row(
                name: "replication", work: "catch-up of \(count) events, durable", unit: .perSecond,
                value: eventRate(count, end - started), reference: nil,
                nats: Elsewhere(fast: "52,700/s once flowing, 22,500/s with its restart", durable: "695/s; 608/s"),
                goal: .atLeast(60_000),
                note: "400-byte bodies, every tenth with a caller of its own, an empty street, from its start; "
                    + "\(atStreet.all.count) transactions; the last of \(callers.count) keys there "
                    + "\(max(0, (keys - end).microseconds / 1_000)) ms after the last event"))
        bench.report.add(
            Row(
                name: "replication", work: "catch-up, first event", unit: .milliseconds,
                value: (first - started).microseconds / 1_000, reference: nil,
                nats: Elsewhere(fast: "5.1 s", durable: "2.0 s"), goal: .atMost(500),
                note: "the same run, the handshake included"))
    }

    /// - Returns: who called.
    private func fill(_ count: Int, _ vault: Vault) throws -> [PersonID] {
        var random = Seeded(4)
        var callers: [PersonID] = []
        let log = try SQLiteLog(
            path: bench.path("hub.sqlite"), node: centre, incarnation: Incarnation(random.next()), audience: audience)
        let actor = Actor(account: "wang", role: "agent", unit: "centre")
        for first in stride(from: 0, to: count, by: 1_000) {
            var keys: [VaultPerson] = []
            try log.write { transaction in
                for number in first..<min(count, first + 1_000) {
                    let now = Timestamp(milliseconds: 1_764_000_000_000 + Int64(number))
                    let command = CommandID(at: now, random: &random)
                    var draft = Draft(
                        stream: try StreamName("ticket/\(number / 10)"), type: EventType("ticket.progressNoted"),
                        body: ["text": .string(random.letters(389))], occurredAt: now)
                    if number.isMultiple(of: 10) {
                        let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
                        draft.sealed = try Sealing.seal(
                            try caller(number).json, of: one.person, key: one.key, command: command, random: &random)
                        keys.append(one)
                    }
                    _ = try transaction.append(
                        AppendRequest(command: command, actor: actor, now: now, drafts: [draft]))
                }
            }
            try vault.keep(keys, at: BenchClock().moment().wall, needed: false)
            callers += keys.map(\.person)
        }
        return callers
    }

    // MARK: - Callers

    private func caller(_ number: Int) throws -> PersonData {
        try PersonData(["name": .string("王建国"), "phone": .string("139\(10_000_000 + number)")])
    }

    /// When the keys of all of them were in a vault, as it was looked at every few milliseconds.
    ///
    /// - Throws: `BenchFailure` when they do not come.
    private func all(_ persons: [PersonID], at vault: Vault) throws -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + .seconds(60)
        for (place, person) in persons.enumerated() {
            while try vault.key(of: person) == nil {
                guard ContinuousClock.now < deadline else {
                    throw BenchFailure("\(place) of \(persons.count) keys of callers came")
                }
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
        return ContinuousClock.now
    }

    private func makeVaults() throws -> (hub: Vault, street: Vault) {
        (
            try Vault(path: bench.path("hub.sqlite.vault")), try Vault(path: bench.path("street.sqlite.vault"))
        )
    }

    // MARK: - Nodes

    private var audience: OneFeed { OneFeed(feed: .node(street)) }

    /// Lets the street in, once in a log.
    private func enrol(in log: SQLiteLog) throws {
        var random = SystemRandomNumberGenerator()
        let now = BenchClock().moment().wall
        let invitation = NodeStep.invite(
            secretHash: Digest.sha256(Array("bench".utf8)).description, expiresAt: now + 3_600_000)
        for step in [invitation, .enrol(key: streetKeys.publicKey, secret: "bench")] {
            let book = try NodeBook(reader: log.reader, centre: centre)
            guard book[street]?.state != .enrolled, let draft = try book.decide(step, of: street, now: now) else {
                return
            }
            let request = AppendRequest(
                command: CommandID(at: now, random: &random), actor: Actor(system: "bench", rule: "1"), now: now,
                drafts: [draft])
            _ = try log.write { try $0.append(request) }
        }
    }

    private func makeHub(_ log: String, _ vault: Vault, onCommit: @escaping @Sendable (Int64) -> Void) throws
        -> BenchNode
    {
        do {
            var random = SystemRandomNumberGenerator()
            try enrol(
                in: SQLiteLog(
                    path: bench.path(log), node: centre, incarnation: Incarnation(random.next()), audience: audience))
        }
        let sockets = try HubSockets(
            HubSockets.Settings(
                listen: "127.0.0.1:\(port)", publishFrom: port + 1, enrolPort: 0, keys: hubKeys))
        return try BenchNode(
            log: bench.path(log), vault: vault, node: centre, centre: centre, audience: audience,
            desk: HubDesk(random: SystemRandomNumberGenerator(), vault: vault), transport: sockets, onCommit: onCommit)
    }

    private func makeStreet(_ log: String, _ vault: Vault, onCommit: @escaping @Sendable (Int64) -> Void) throws
        -> BenchNode
    {
        let sockets = try StreetSockets(
            StreetSockets.Settings(hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: streetKeys))
        return try BenchNode(
            log: bench.path(log), vault: vault, node: street, centre: centre, audience: NoAudience(),
            desk: StreetDesk(node: street, seed: 5, keys: (vault, centre)), transport: sockets, onCommit: onCommit)
    }

    /// Registers a ticket for a caller of its own; the answer's position and time go to `times`.
    private func submit(_ number: Int, to node: BenchNode, _ times: CommitTimes, _ random: inout Seeded) throws {
        let now = BenchClock().moment().wall
        let body: JSONObject = [
            "channel": .string("phone"), "title": .string("夜市占道经营"),
            "matter": .string("夜市占道经营，油烟扰民，噪音持续到凌晨，多次反映无人处理，希望尽快解决。"),
        ]
        let command = NodeCommand(
            id: CommandID(at: now, random: &random), ticket: nil, wish: TicketCommand(.registered, body),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        try node.queue.add(
            Work(command: command, person: try caller(number)) { answer in
                if case .success(let reply) = answer { times.note(reply.position) }
            })
    }
}

extension CommitTimes {
    /// Waits for `count` entries, and returns the highest position.
    fileprivate func wait(count: Int = 1) throws -> Int64 {
        let deadline = ContinuousClock.now + .seconds(20)
        while all.count < count {
            guard ContinuousClock.now < deadline else { throw BenchFailure("\(all.count) of \(count) answers came") }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return all.map(\.position).max() ?? 0
    }
}
