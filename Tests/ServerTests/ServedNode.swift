/// A node as its HTTP side sees it: the real machine over a real log and real views, one command a turn.

import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Log
import LogContract
import Node
import Projections
import Replication
import Runtime
import Server
import Texts
import Tickets

private struct DiskFull: Error, CustomStringConvertible {
    let description = "disk full"
}

struct FixedClock: WallClock {
    /// 2026-11-23 09:30 in China.
    static let now = Timestamp(milliseconds: 1_795_397_400_000)
    func now() -> Timestamp { FixedClock.now }
}

final class ServedNode: @unchecked Sendable {
    // SAFETY: machine, runner and what tests set are only used under the lock, or before the first request.
    static let token = "6d1f0c0ffee6d1f0c0ffee6d1f0c0ffee6d1"
    private let folder: TemporaryFolder
    private let lock = NSLock()
    private let machine: NodeMachine
    private let core: NodeCore
    private let runner: ViewRunner
    private let views: ViewStore
    private let log: SQLiteLog
    private let centre: NodeID
    private let node: NodeID
    private var made: UInt64 = 0
    private let commits = CommitSignal()
    let progress = NodeProgress()
    /// What the centre has confirmed, as the status of a street's loop says it.
    var confirmed: [Origin: Int64] = [:]
    /// Whether the views stay where they are until `catchUp`.
    var holdsViews = false
    var patience = Duration.seconds(20)
    /// What the vault says of every person.
    var held = HeldKey.absent
    /// What the centre says of tickets that it is asked for; of others nobody can be asked.
    var wakes: [StreamName: TicketWake] = [:]
    let blobs: BlobStore
    var blobStatus = BlobStatus()
    /// Who sees to the raised alarm of street1.
    private(set) var seenToBy: String?
    /// What persons were looked for by.
    private(set) var lookedUp: [String] = []

    /// - Parameter name: another than the centre is a street, which works without a line.
    init(_ name: String = "centre") throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        node = try NodeID(name)
        let isCentre = node == centre
        let path = folder.path + "/log.sqlite"
        blobs = BlobStore(folder: folder.path + "/blobs", limit: 1 << 20)
        log = try SQLiteLog(
            path: path, node: node, incarnation: Incarnation(7),
            audience: isCentre ? TicketAudience(centre: centre) : NoAudience())
        views = try ViewStore(
            path: folder.path + "/views.sqlite", views: .gridline(centre: centre, zoneOffsetMinutes: 480))
        runner = try ViewRunner(store: views) { try SQLiteReader(path: path) }
        core = NodeCore(
            node: node, centre: centre, rules: try BookRules(reader: log.reader, centre: centre),
            number: 1, utcOffsetMinutes: 480)
        machine = NodeMachine(log: log, core: core, desk: NoDesk(), timers: ViewTimers(views: views))
        try machine.start(ports: [:], now: Moment(wall: FixedClock.now, steady: 0))
    }

    var position: Int64 { get throws { try lock.withLock { try log.reader.head().position } } }

    func submit(_ command: NodeCommand) throws -> Result<CommandReply, any Error> {
        try lock.withLock {
            let turn = try machine.turn([command], now: Moment(wall: FixedClock.now, steady: 0))
            try advance()
            return turn.answers[0]
        }
    }

    /// What the loops of a node tell after a commit.
    private func advance() throws {
        commits.raise()
        progress.log.raise(try log.reader.head().position)
        if !holdsViews { try runner.catchUp(reached: progress.views.raise) }
    }

    /// Brings the views up, as their thread would.
    func catchUp() throws { try lock.withLock { try runner.catchUp(reached: progress.views.raise) } }

    var origin: Origin { log.origin }

    func events() throws -> [Event] {
        try lock.withLock { try log.reader.page(.all, .forward, from: 0, limit: 10_000).map(\.event) }
    }

    /// Stores another node's events, as replication would.
    func take(_ events: [Event]) throws {
        try lock.withLock {
            _ = try log.write { try $0.ingest(events, dense: false, receivedAt: FixedClock.now) }
            try advance()
        }
    }

    /// Records events whatever the table says, as a node that knows nothing else would.
    func record(
        _ kind: TicketEventKind, _ bodies: [JSONObject] = [[:]], on ticket: StreamName,
        as actor: Actor = Actor(account: "zhou", role: "clerk", unit: "320507009")
    ) throws {
        let drafts = bodies.map { body in
            Draft(stream: ticket, type: EventType(kind.typeName), body: body, occurredAt: FixedClock.now)
        }
        _ = try submit(NodeCommand(id: nextID(), .record(drafts), actor: actor)).get()
    }

    /// Takes in a ticket that came in this street's feed and left it again, and lets go what others wrote in it.
    ///
    /// - Precondition: the node is `street`.
    func letGo(_ events: [Event]) throws {
        try lock.withLock {
            let log = log
            var street = try LeavingLog(LogContract { _, _, _ in log })
            guard let name = events.first?.stream.text else { return }
            try street.take(
                [(name, .join(Int64(events.count)))] + events.map { (name, .event($0)) } + [(name, .leave)])
            try street.purge()
            try advance()
        }
    }

    func fold(_ ticket: StreamName, at moment: PastMoment? = nil) throws -> TicketFold? {
        try lock.withLock {
            let fold = try NodeCore.read(ticket, centre: centre, log.reader) { stored in
                switch moment {
                case nil: true
                case .occurred(let instant): stored.event.occurredAt <= instant
                case .known(let instant): stored.receivedAt <= instant
                }
            }
            return fold.entries.isEmpty ? nil : fold
        }
    }

    /// An id that no other command has, of this node or another.
    private func nextID() -> CommandID {
        made += 1
        return CommandID(derivedFrom: node.text, String(made))
    }

    /// Performs a step as somebody who may: of the centre, or of the unit that tickets are dispatched to.
    @discardableResult
    func perform(
        _ kind: TicketEventKind, _ fields: JSONObject, on ticket: StreamName? = nil, as actor: Actor? = nil
    ) throws -> StreamName {
        let role = kind.who(streetOwned: false).people.first?.rawValue ?? "dispatcher"
        let command = NodeCommand(
            id: nextID(), ticket: ticket,
            wish: TicketCommand(kind, fields),
            actor: actor
                ?? Actor(account: "wang", role: role, unit: kind.rule.writer == .holder ? "320507001" : "centre"))
        return try submit(command).get().ticket
    }

    /// Takes in what a street wrote to a ticket, as a line to it would.
    func hear(_ kind: TicketEventKind, _ fields: JSONObject, from street: String, on ticket: StreamName) throws
        -> EventID
    {
        let other = try SQLiteLog(
            path: folder.path + "/\(street).sqlite", node: NodeID(street), incarnation: Incarnation(9),
            audience: TicketAudience(centre: centre))
        let request = AppendRequest(
            command: CommandID(derivedFrom: "street", kind.rawValue),
            actor: Actor(account: "li", role: "clerk", unit: "x"),
            now: FixedClock.now,
            drafts: [TicketDraft(kind, fields, occurredAt: FixedClock.now).draft(in: ticket)])
        _ = try other.write { try $0.append(request) }
        let events = try other.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        return try lock.withLock {
            _ = try log.write { try $0.ingest(events, dense: true, receivedAt: FixedClock.now) }
            core.take(events, into: ticket)
            try advance()
            guard let last = events.last else { throw CancellationError() }
            return last.id
        }
    }

    /// Lets a street in: tickets go to nodes of the district only.
    func enrol(_ street: NodeID) throws {
        let hash = Digest.sha256(Array("secret".utf8)).description
        let steps: [NodeStep] = [
            .invite(secretHash: hash, expiresAt: FixedClock.now + 60_000), .enrol(key: "key", secret: "secret"),
        ]
        for step in steps {
            let actor =
                if case .enrol = step { Actor(system: "enrol", rule: "1") } else {
                    Actor(account: "zhao", role: "systemAdmin", unit: "centre")
                }
            let command = NodeCommand(id: nextID(), .node(street, step), actor: actor)
            _ = try submit(command).get()
        }
    }

    /// A ticket that waits for its signature; `text` stands in each text of it.
    func dispatched(_ text: String = "路灯不亮", to node: String = "centre") throws -> StreamName {
        if node != centre.text { try enrol(NodeID(node)) }
        let ticket = try perform(
            .registered,
            [
                "channel": .string(text), "matter": .string(text), "title": .string(text),
                "category": .array([.string(text)]), "place": .object(["text": .string(text)]),
            ])
        try perform(.queuedForDispatch, [:], on: ticket)
        try perform(.progressNoted, ["text": .string(text)], on: ticket)
        try perform(.dispatched, ["lead": "320507001".json, "leadNode": node.json, "note": text.json], on: ticket)
        return ticket
    }

    private func look(up lookup: String) -> [PersonID] {
        lock.withLock { lookedUp.append(lookup) }
        return []
    }

    private func acknowledge(_ rule: String, _ labels: [String: String], by account: String) -> String? {
        lock.withLock {
            guard rule == "urgentUndelivered", labels == ["node": "street1"] else { return nil }
            seenToBy = seenToBy ?? account
            return seenToBy
        }
    }

    var ports: ServerPorts {
        var ports = ServerPorts(
            submitAll: { [self] asked in asked.map { one in Result { try submit(one.command).get() } } },
            identities: Identities(
                key: { [self] _ in held }, keyOfBox: { [self] _ in held }, find: { [self] in look(up: $0) }),
            blobs: blobs, blobStatus: { [self] in blobStatus },
            ticket: { [self] in try fold($0, at: $1) }, fetch: { [self] in wakes[$0] },
            events: { [self] scope, position, limit in
                try lock.withLock { try log.reader.page(scope, .forward, from: position, limit: limit) }
            }, head: { [self] in try position }, commits: commits, progress: progress,
            confirmed: { [self] in confirmed },
            line: { (false, 3) },
            rules: { [self] in lock.withLock { core.rules } },
            status: { [self] language in
                [
                    "alarms": .array([.string(language.text(.alarm("views stand still", DiskFull())))]),
                    "linesDown": .object(["street1": .integer(61_500)]), "linked": .bool(false), "outbox": .integer(3),
                    "peers": .array([
                        .object([
                            "behind": .integer(4), "node": "street1".json, "outbox": .integer(2),
                            "silence": .integer(12_345),
                        ])
                    ]), "needingUpgrade": .integer(try views.needingUpgradeCount()), "rotten": .integer(3),
                    "healed": .integer(7),
                    "raised": .array(
                        ["A", "B"].map { ticket in
                            .object([
                                "advice": "call <unit>".json, "labels": .object(["node": "street1".json]),
                                "rule": "urgentUndelivered".json, "severity": "warning".json,
                                "since": .integer(FixedClock.now.milliseconds), "text": "ticket \(ticket) & more".json,
                            ])
                        }), "position": .integer(try position),
                    "undelivered": .integer(
                        try views.undeliveredCount(under: lock.withLock { core.rules }, centre: centre)),
                ]
            },
            acknowledge: { [self] in acknowledge($0, $1, by: $2) }, unexpected: { _ in },
            views: views, clock: FixedClock(), token: ServedNode.token, node: node, isCentre: node == centre,
            utcOffsetMinutes: 480)
        ports.patience = patience
        return ports
    }

    var router: Router<BasicRequestContext> { API.router(ports) }

    /// Drives the router as a browser would.
    func browse(_ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        try await Application(router: router).test(.router) { try await body(Browser(client: $0)) }
    }
}

extension String {
    var json: JSON { .string(self) }
}

/// A browser of few words: keeps the cookie of its login.
struct Browser: Sendable {
    let client: any TestClientProtocol
    var cookie = ""
    var language = "zh-CN"

    init(client: any TestClientProtocol) { self.client = client }

    func get(_ path: String) async throws -> TestResponse {
        try await client.execute(uri: path, method: .get, headers: headers)
    }

    func post(_ path: String, _ form: [(String, String)]) async throws -> TestResponse {
        var sent = headers
        sent[.contentType] = "application/x-www-form-urlencoded"
        let text = form.map { "\($0)=\(Browser.encode($1))" }.joined(separator: "&")
        return try await client.execute(uri: path, method: .post, headers: sent, body: ByteBuffer(string: text))
    }

    func loggedIn(
        as account: String = "li", role: String = "clerk", token: String = ServedNode.token
    ) async throws -> Browser {
        let answer = try await post(
            "/login", [("account", account), ("role", role), ("unit", "320507001"), ("token", token)])
        var next = self
        next.cookie = answer.headers[.setCookie].map { String($0.prefix { $0 != ";" }) } ?? ""
        return next
    }

    private var headers: HTTPFields {
        var fields: HTTPFields = [.acceptLanguage: language]
        if !cookie.isEmpty { fields[.cookie] = cookie }
        return fields
    }

    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The value of the first hidden field of a name, after `marker`.
    func hidden(_ name: String, after marker: String = "") -> String { text.hidden(name, after: marker) }
}

extension String {
    func hidden(_ name: String, after marker: String = "") -> String {
        let rest = marker.isEmpty ? self[...] : (range(of: marker).map { self[$0.upperBound...] } ?? "")
        guard let start = rest.range(of: "name=\"\(name)\" value=\"") else { return "" }
        return String(rest[start.upperBound...].prefix { $0 != "\"" })
    }
}
