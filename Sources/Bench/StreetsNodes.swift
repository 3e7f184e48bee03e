// The nodes of the `streets` row: the centre as a process, streets as loops, and who writes at the streets.

import Events
import Foundation
import Log
import Node
import Replication
import Runtime
import Synchronization
import Tickets
import ZeroMQ

/// A `gridline serve` with its folder on the measured disk.
final class BenchCentre {
    let http: Int
    let folder: String
    private let bench: Bench
    private let replication: Int
    private var process: Process?
    private var token = ""

    var log: String { folder + "/log.sqlite" }

    init(bench: Bench, folder: String, streets: Int) throws {
        self.bench = bench
        self.folder = folder
        let first = 21_000 + Int(ProcessInfo.processInfo.processIdentifier) % 20 * 400
        (http, replication) = (first, first + 1)
        _ = try bench.call([
            "init", folder, "--node", "centre", "--area", "320507", "--replication", "127.0.0.1:\(replication)",
            "--publish-from", "\(first + 3)", "--enrol-port", "\(first + 2)", "--http", "127.0.0.1:\(http)",
        ])
    }

    /// Starts it and waits until it answers.
    func start() throws {
        try launch()
        token = try text("token")
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                var probe = try LoadClient(port: http, count: 1)
                defer { probe.close() }
                _ = try probe.run(1, expecting: 200) { Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8) }
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }

    func launch() throws { process = try bench.start(["serve", folder]) }

    /// Ends it with SIGTERM, and waits.
    func stop() {
        process?.terminate()
        process?.waitUntilExit()
        process = nil
    }

    private func text(_ key: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/keys/\(key)")), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Invites a street and lets it in, as an operator would.
    func enrol(number: Int, into memory: String) throws -> String {
        let name = "street-\(number)"
        let invitation = try bench.call([
            "nodes", "invite", folder, "--node", name, "--area", BenchCentre.unit,
        ])
        _ = try bench.call([
            "enroll", "\(memory)/\(name)", "--with", invitation.trimmingCharacters(in: .whitespacesAndNewlines),
        ])
        return name
    }

    /// A unit of the territory that every node has from the start; that a hundred nodes act for it is no matter here.
    static let unit = "320507001"

    /// A street's sockets to this centre, with the keys of its folder.
    func sockets(keys: String) throws -> StreetSockets {
        func key(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(keys)/\(name)")), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let pair = CurveKeys(publicKey: try key("curve.public"), secretKey: try key("curve.secret"))
        return try StreetSockets(
            StreetSockets.Settings(hub: "127.0.0.1:\(replication)", hubKey: try text("curve.public"), keys: pair))
    }

    // MARK: - Commands

    private var random = Seeded(7)

    private func actor(_ role: String) -> JSON {
        .object(["account": .string("wang"), "role": .string(role), "unit": .string("320507")])
    }

    /// One step of each of these tickets, in one request.
    func request(step: String, of tickets: [String], _ body: JSONObject) -> [UInt8] {
        let commands = tickets.map { ticket -> JSON in
            .object([
                "actor": actor("agent"), "body": .object(body), "key": .string(newKey().description),
                "step": .string(step), "ticket": .string(ticket),
            ])
        }
        return request("/api/v1/commands", head: "", .object(["commands": .array(commands)]))
    }

    func request(_ path: String, role: String = "agent", _ body: JSONObject) -> [UInt8] {
        request(
            path, head: "Idempotency-Key: \(newKey())\r\n", .object(["actor": actor(role), "body": .object(body)]))
    }

    private func newKey() -> CommandID { CommandID(at: BenchClock().moment().wall, random: &random) }

    private func request(_ path: String, head own: String, _ body: JSON) -> [UInt8] {
        let content = body.canonicalBytes
        let head = """
            POST \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            Authorization: Bearer \(token)\r
            \(own)Content-Type: application/json\r
            Content-Length: \(content.count)\r
            \r

            """
        return Array(head.utf8) + content
    }

    /// Registers tickets and dispatches as many to each street; their keys, by street.
    func deal(_ each: Int, to streets: [String], by load: inout LoadClient) throws -> [[String]] {
        let count = each * streets.count
        _ = try load.run(count, expecting: 201) {
            request(
                "/api/v1/tickets",
                [
                    "channel": .string("hotline"), "kind": .string("help"), "urgency": .string("ordinary"),
                    "matter": .string("小区门口路灯不亮，夜间出行不便"),
                    "category": .array([.string("市容环境"), .string("道路照明")]),
                ])
        }
        let stored = try SQLiteReader(path: log).page(.category("ticket"), .forward, from: 0, limit: count)
        let keys = stored.map { String($0.event.stream.key) }
        var rest = keys[...]
        _ = try load.run(count, expecting: 201) {
            request("/api/v1/tickets/\(rest.popFirst() ?? "")/queuedForDispatch", [:])
        }
        var next = 0
        _ = try load.run(count, expecting: 201) {
            defer { next += 1 }
            let street = next / each
            return request(
                "/api/v1/tickets/\(keys[next])/dispatched", role: "dispatcher",
                [
                    "lead": .string(BenchCentre.unit), "leadNode": .string(streets[street]),
                    "helpers": .array([]),
                ])
        }
        return streets.indices.map { Array(keys[($0 * each)..<(($0 + 1) * each)]) }
    }

    // MARK: - What it takes

    /// Processor time since its start, and the most memory that it had, in bytes (proc(5)).
    func usage() throws -> (processor: Duration, peak: Int) {
        let place = "/proc/\(process?.processIdentifier ?? 0)"
        let stat = String(decoding: try Data(contentsOf: URL(fileURLWithPath: place + "/stat")), as: UTF8.self)
        // Behind the name in parentheses: utime and stime are the 14th and 15th field, in hundredths of a second.
        let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
        let ticks = fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
        let status = String(decoding: try Data(contentsOf: URL(fileURLWithPath: place + "/status")), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (.milliseconds(ticks * 10), (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1_024)
    }
}

/// A street's loop in this process.
final class StreetNode: Sendable {
    private let node: BenchNode

    init(_ name: String, in memory: String, of centre: BenchCentre) throws {
        let (id, hub) = (try NodeID(name), try NodeID("centre"))
        let vault = try Vault(path: "\(memory)/\(name)/vault.sqlite")
        node = try BenchNode(
            log: "\(memory)/\(name)/log.sqlite", vault: vault, node: id, centre: hub, audience: NoAudience(),
            desk: StreetDesk(node: id, seed: UInt64(name.dropFirst(7)) ?? 1, keys: (vault, hub)),
            transport: try centre.sockets(keys: "\(memory)/\(name)/keys"), onCommit: { _ in })
    }

    func start() { node.start() }
    func stop() throws { try node.stop() }

    /// Its session stands, it has the centre's rows and the centre has its events.
    var isCaughtUp: Bool {
        let now = node.current
        return now.isLinked && now.lag == 0 && now.outbox == 0 && now.head.position > 0
    }
    /// Own events that the centre has confirmed.
    var confirmed: Int64 { node.current.confirmed.reduce(0) { $0 + $1.sequence } }
    /// All own events.
    var written: Int64 {
        let now = node.current
        return now.confirmed.reduce(now.outbox) { $0 + $1.sequence }
    }

    func note(_ text: String, on ticket: String, _ random: inout Seeded, answer: @escaping @Sendable (Bool) -> Void)
        throws
    {
        let command = NodeCommand(
            id: CommandID(at: BenchClock().moment().wall, random: &random), ticket: try StreamName("ticket/\(ticket)"),
            wish: TicketCommand(.progressNoted, ["text": .string(text)]),
            actor: Actor(account: "li", role: "clerk", unit: BenchCentre.unit))
        try node.queue.add(Work(command: command) { if case .success = $0 { answer(true) } else { answer(false) } })
    }
}

/// A thread that lets each street write at its rate, one after the other.
final class Uplink: Sendable {
    private let nodes: [StreetNode]
    private let tickets: [[String]]
    private let pause: Duration
    private let isStopped = Atomic(false)
    private let turnedDown = Atomic(0)

    init(nodes: [StreetNode], tickets: [[String]], rate: Int) {
        self.nodes = nodes
        self.tickets = tickets
        pause = .nanoseconds(1_000_000_000 / (nodes.count * rate))
    }

    /// Commands that were refused.
    var refused: Int { turnedDown.load(ordering: .relaxed) }
    func stop() { isStopped.store(true, ordering: .relaxed) }

    func start() {
        Thread.detachNewThread { [self] in
            var random = Seeded(11)
            let begun = ContinuousClock.now
            var number = 0
            while !isStopped.load(ordering: .relaxed) {
                let early = begun + pause * number - ContinuousClock.now
                if early > .zero { Thread.sleep(forTimeInterval: Double(early.microseconds) / 1_000_000) }
                let street = number % nodes.count
                let mine = tickets[street]
                let ticket = mine[number / nodes.count % mine.count]
                do {
                    try nodes[street].note("现场处理第 \(number) 次", on: ticket, &random) { [self] in
                        if !$0 { turnedDown.add(1, ordering: .relaxed) }
                    }
                } catch { turnedDown.add(1, ordering: .relaxed) }
                number += 1
            }
        }
    }
}

/// How long events were on their way, by their logs.
struct Lags {
    var down = Times()
    var up = Times()
    /// Per street the p99 of both ways together, in milliseconds.
    private var each: [Int] = []

    var slowest: Int { each.max() ?? 0 }
    var middle: Int { each.median }

    init(centre: String, streets: [(name: String, log: String)], _ time: Range<Timestamp>) throws {
        var by: [NodeID: Times] = [:]
        func read(_ path: String, _ take: (StoredEvent) -> Void) throws {
            let reader = try SQLiteReader(path: path)
            var position: Int64 = 0
            while case let page = try reader.page(.all, .forward, from: position, limit: 5_000), let last = page.last {
                for stored in page where time.contains(stored.event.recordedAt) { take(stored) }
                position = last.position
            }
        }
        func lag(_ stored: StoredEvent) -> Duration {
            .milliseconds(max(0, stored.receivedAt - stored.event.recordedAt))
        }
        var up = Times()
        try read(centre) { stored in
            guard stored.event.type.name == "ticket.progressNoted" else { return }
            up.add(lag(stored))
            by[stored.event.id.origin.node, default: Times()].add(lag(stored))
        }
        var down = Times()
        for street in streets {
            let node = try NodeID(street.name)
            try read(street.log) { stored in
                guard stored.event.type.name == "ticket.urged" else { return }
                down.add(lag(stored))
                by[node, default: Times()].add(lag(stored))
            }
        }
        self.down = down
        self.up = up
        each = by.values.map { $0.percentile(990) / 1_000 }
    }
}
