/// A node as its HTTP side sees it: the real machine over a real log and real views, one command a turn.

import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Log
import Node
import Projections
import Replication
import Runtime
import Server
import Tickets

struct FixedClock: WallClock {
    /// 2026-11-23 09:30 in China.
    static let now = Timestamp(milliseconds: 1_795_397_400_000)
    func now() -> Timestamp { FixedClock.now }
}

final class ServedNode: @unchecked Sendable {
    // SAFETY: machine and runner are only used under the lock.
    static let token = "6d1f0c0ffee"
    private let folder: TemporaryFolder
    private let lock = NSLock()
    private let machine: NodeMachine
    private let core: NodeCore
    private let runner: ViewRunner
    private let views: ViewStore
    private let log: SQLiteLog
    private let centre: NodeID
    private var made: UInt64 = 0
    private let commits = CommitSignal()

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        let path = folder.path + "/log.sqlite"
        log = try SQLiteLog(
            path: path, node: centre, incarnation: Incarnation(7), audience: TicketAudience(centre: centre))
        views = try ViewStore(
            path: folder.path + "/views.sqlite", views: .gridline(centre: centre, zoneOffsetMinutes: 480))
        runner = try ViewRunner(store: views) { try SQLiteReader(path: path) }
        core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre),
            number: 1, utcOffsetMinutes: 480)
        machine = NodeMachine(log: log, core: core, desk: NoDesk(), timers: ViewTimers(views: views))
        try machine.start(ports: [:], now: Moment(wall: FixedClock.now, steady: 0))
    }

    var position: Int64 { get throws { try lock.withLock { try log.reader.head().position } } }

    func submit(_ command: NodeCommand) throws -> Result<CommandReply, any Error> {
        try lock.withLock {
            let turn = try machine.turn([command], now: Moment(wall: FixedClock.now, steady: 0))
            try runner.catchUp()
            commits.raise()
            return turn.answers[0]
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

    /// Performs a step as somebody who may: of the centre, or of the unit that tickets are dispatched to.
    @discardableResult
    func perform(
        _ kind: TicketEventKind, _ fields: JSONObject, on ticket: StreamName? = nil
    ) throws -> StreamName {
        made += 1
        let role = kind.who(streetOwned: false).people.first?.rawValue ?? "dispatcher"
        let command = NodeCommand(
            id: CommandID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 + made), ticket: ticket,
            wish: TicketCommand(kind, fields),
            actor: Actor(
                account: "wang", role: role, unit: kind.rule.writer == .holder ? "320507001" : "centre"))
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
            try runner.catchUp()
            guard let last = events.last else { throw CancellationError() }
            return last.id
        }
    }

    /// A ticket that waits for its signature; `text` stands in each text of it.
    func dispatched(_ text: String = "路灯不亮") throws -> StreamName {
        let ticket = try perform(
            .registered,
            [
                "channel": .string(text), "matter": .string(text), "title": .string(text),
                "category": .array([.string(text)]), "place": .object(["text": .string(text)]),
            ])
        try perform(.queuedForDispatch, [:], on: ticket)
        try perform(.progressNoted, ["text": .string(text)], on: ticket)
        try perform(.dispatched, ["lead": "320507001".json, "leadNode": "centre".json, "note": text.json], on: ticket)
        return ticket
    }

    var router: Router<BasicRequestContext> {
        API.router(
            ServerPorts(
                submit: { [self] command, _ in try submit(command) },
                identities: Identities(key: { _ in nil }, find: { _ in [] }),
                ticket: { [self] in try fold($0, at: $1) },
                events: { [self] scope, position, limit in
                    try lock.withLock { try log.reader.page(scope, .forward, from: position, limit: limit) }
                }, head: { [self] in try position }, commits: commits,
                status: {
                    [
                        "linked": .bool(false), "outbox": .integer(3),
                        "peers": .array([
                            .object([
                                "behind": .integer(4), "node": "street1".json, "outbox": .integer(2),
                                "silence": .integer(12_345),
                            ])
                        ]), "position": .integer(try self.position),
                    ]
                },
                views: views, clock: FixedClock(), token: ServedNode.token, node: centre, isCentre: true,
                utcOffsetMinutes: 480))
    }

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
