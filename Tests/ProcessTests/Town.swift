/// A centre and streets as processes, each street behind a line of its own.

import Events
import Foundation
import NIOHTTP1
import Texts

@testable import gridline

/// One node's folder and, while it runs, its process.
final class ServedNode {
    let name: String
    let area: String
    let folder: String
    private(set) var child: Child?

    init(_ name: String, area: String, folder: String) {
        self.name = name
        self.area = area
        self.folder = folder
    }

    /// Starts the process and waits until it answers.
    func start() async throws {
        let child = try Child(Programs.gridline, ["serve", folder, "--http", "127.0.0.1:0"])
        self.child = child
        try await until("\(name) to serve") { child.talk.contains(" serves http") }
    }

    /// - Returns: its exit status.
    @discardableResult
    func stop() -> Int32 { child?.end(with: SIGTERM) ?? 0 }
    func kill() { child?.end(with: SIGKILL) }

    var client: NodeClient {
        get throws {
            guard let client = try NodeFolder(path: folder).running() else {
                throw ProcessProblem(description: "\(name) does not run: \(child?.talk ?? "")")
            }
            return client
        }
    }

    func status() async throws -> JSONObject { try await client.call(.GET, "/api/v1/status", language: .english) }

    func number(_ member: String) async throws -> Int64 {
        guard let number = try await status()[member]?.integer else {
            throw ProcessProblem(description: "\(name) does not say its \(member)")
        }
        return number
    }

    func isLinked() async throws -> Bool { try await status()["linked"] == .bool(true) }

    /// Asks again as the node talks, or every 25 ms, until something holds.
    ///
    /// - Returns: how long it took.
    @discardableResult
    func until(
        _ what: String, limit: Duration = .seconds(90), _ holds: () async throws -> Bool
    ) async throws -> Duration {
        let begin = ContinuousClock.now
        while try await !holds() {
            guard ContinuousClock.now - begin < limit else {
                let state = try await JSON.object(status()).canonicalBytes
                throw ProcessProblem(
                    description: "\(name) waited \(limit) for \(what); status "
                        + "\(String(decoding: state, as: UTF8.self)); it said: \(child?.talk ?? "")")
            }
            try await child?.listen()
        }
        return ContinuousClock.now - begin
    }

    /// One command about a ticket.
    @discardableResult
    func command(
        _ kind: String, of ticket: String? = nil, _ body: JSONObject = [:], caller: JSONObject? = nil, role: String,
        unit: String? = nil
    ) async throws -> JSONObject {
        let path = ticket.map { NodeClient.path(of: $0) + "/\(kind)" } ?? "/api/v1/tickets"
        var members: JSONObject = ["body": .object(body)]
        members["person"] = caller.map(JSON.object)
        return try await post(path, members, role: role, unit: unit)
    }

    /// One request of somebody of this node's unit, under a key of its own.
    func post(
        _ path: String, _ members: JSONObject, role: String, unit: String? = nil
    ) async throws -> JSONObject {
        let actor: JSONObject = [
            "account": .string("wang"), "role": .string(role), "unit": .string(unit ?? area),
        ]
        var random = SystemRandomNumberGenerator()
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        var body = members
        body["actor"] = .object(actor)
        return try await client.call(
            .POST, path, body: body, key: CommandID(at: now, random: &random), language: .english)
    }

    /// Many notes on a ticket, by somebody of this node's unit.
    func note(_ count: Int, on ticket: String) async throws {
        var random = SystemRandomNumberGenerator()
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let actor: JSONObject = ["account": .string("wang"), "role": .string("clerk"), "unit": .string(area)]
        let commands: [JSON] = (0..<count).map { _ in
            .object([
                "actor": .object(actor), "body": .object(["text": .string("已到现场")]),
                "key": .string(CommandID(at: now, random: &random).description), "step": .string("progressNoted"),
                "ticket": .string(ticket),
            ])
        }
        let answers = try await client.call(
            .POST, "/api/v1/commands", body: ["commands": .array(commands)], language: .english)["answers"]?.array
        let refused = (answers ?? []).first { $0.object?["status"]?.integer ?? 500 >= 300 }
        guard answers?.count == count, refused == nil else {
            throw ProcessProblem(description: "\(name) took not all notes: \(String(describing: refused))")
        }
    }

    func version(of ticket: String) async throws -> Int64 {
        try await client.call(.GET, NodeClient.path(of: ticket), language: .english)["version"]?.integer ?? 0
    }

    /// Whether a ticket is here, with at least so many events.
    func has(_ ticket: String, version: Int64 = 1) async throws -> Bool {
        do {
            return try await client.call(.GET, NodeClient.path(of: ticket), language: .english)["version"]?.integer
                ?? 0 >= version
        } catch is RemoteProblem { return false }
    }
}

/// Rows that a street has applied since its start, as its counters say.
struct Applied: Equatable {
    var live: Int64
    var pulled: Int64

    init(_ street: ServedNode) async throws {
        let link = try await street.status()["link"]?.object
        guard let live = link?["live"]?.integer, let pulled = link?["pulled"]?.integer else {
            throw ProcessProblem(description: "\(street.name) does not say by which way its rows came")
        }
        (self.live, self.pulled) = (live, pulled)
    }

    var all: Int64 { live + pulled }
}

/// The line of one street.
final class Line {
    private let child: Child

    init(listen: String, ports: [Int]) throws {
        child = try Child(
            Programs.proxy,
            ["--listen", listen, "--to", "127.0.0.1", "--ports", ports.map(String.init).joined(separator: ",")])
        guard try child.ask() == "ok" else {
            throw ProcessProblem(description: "the proxy did not start: \(child.talk)")
        }
    }

    func say(_ command: String) throws {
        let answer = try child.ask(command)
        guard answer == "ok" else { throw ProcessProblem(description: "\(command): \(answer)") }
    }
}

/// A centre, its streets and their lines, all running.
final class Town {
    let folder: TemporaryFolder
    let centre: ServedNode
    private(set) var streets: [ServedNode] = []
    private(set) var lines: [Line] = []
    /// The ROUTER's port, the common feed's and those of the streets' feeds.
    let router: Int
    let publish: Int

    init(streets count: Int) async throws {
        folder = try TemporaryFolder()
        centre = ServedNode("centre", area: "320507", folder: folder.path + "/centre")
        let addresses = (0...count).map { "127.0.0.\($0 + 1)" }
        router = try Ports.row(count + 3, on: addresses)
        publish = router + 2
        try await gridline(
            "init", centre.folder, "--node", "centre", "--area", "320507", "--replication", "127.0.0.1:\(router)",
            "--publish-from", "\(publish)", "--enrol-port", "\(router + 1)")
        try await centre.start()
        for place in 1...count {
            let street = ServedNode("street\(place)", area: "32050700\(place)", folder: folder.path + "/street\(place)")
            lines.append(try Line(listen: addresses[place], ports: Array(router..<router + count + 3)))
            let invitation = try await gridline(
                "nodes", "invite", centre.folder, "--node", street.name, "--area", street.area, "--address",
                "\(addresses[place]):\(router)")
            try await gridline("enroll", street.folder, "--with", invitation)
            try await street.start()
            streets.append(street)
        }
        try await inStep()
    }

    @discardableResult
    func gridline(_ arguments: String...) async throws -> String {
        try await Child.output(of: Programs.gridline, arguments).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The ports over which a street's own feed and the common one are published.
    func publishing(to street: Int) -> String { "\(publish),\(publish + street + 1)" }

    /// Waits until every street has what the centre has, and the other way round.
    ///
    /// The street's word comes first: what it waited for is at the centre then, with what the centre writes of it in the same
    /// transaction. The centre's list of peers counts only when it was made of the log as it is now.
    @discardableResult
    func inStep(limit: Duration = .seconds(90)) async throws -> Duration {
        let begin = ContinuousClock.now
        for street in streets {
            try await street.until("being in step", limit: limit) {
                let state = try await street.status()
                guard state["linked"] == .bool(true), state["outbox"] == .integer(0), state["lag"] == .integer(0)
                else { return false }
                return try await self.behind(street) == 0
            }
        }
        return ContinuousClock.now - begin
    }

    /// Rows of its feeds that a street has not confirmed, as the centre knows it; nil while it does not know of its log's end.
    func behind(_ street: ServedNode) async throws -> Int64? {
        let state = try await centre.status()
        guard state["peersAt"] == state["position"] else { return nil }
        let peers = state["peers"]?.array ?? []
        return peers.first { $0.object?["node"] == .string(street.name) }?.object?["behind"]?.integer
    }

    /// The same once the centre has counted up to its log's end.
    func counted(behind street: ServedNode) async throws -> Int64 {
        var rows: Int64?
        try await centre.until("the rows that \(street.name) lacks") {
            rows = try await behind(street)
            return rows != nil
        }
        return rows ?? 0
    }

    /// Rows of a ticket in the feed of the street that gets it: its coming, and the three events of `dispatch`.
    static let rows: Int64 = 4

    /// Registers a ticket and dispatches it to a street.
    ///
    /// - Returns: after the commit of the dispatch.
    func dispatch(
        to street: ServedNode, matter: String = "路灯不亮", caller: JSONObject? = nil
    ) async throws -> String {
        let made = try await centre.command(
            "registered", ["channel": .string("hotline"), "kind": .string("help"), "matter": .string(matter)],
            caller: caller, role: "agent")
        guard let ticket = made["ticket"]?.string else { throw ProcessProblem(description: "no ticket: \(made)") }
        try await centre.command(
            "queuedForDispatch", of: ticket, ["category": .array([.string("市容环境")])], role: "agent")
        try await centre.command(
            "dispatched", of: ticket, ["lead": .string(street.area), "leadNode": .string(street.name)],
            role: "dispatcher")
        return ticket
    }

    /// Stops everybody, looks at each log, and compares the centre with each street.
    func agrees() async throws {
        for node in [centre] + streets where node.stop() != 0 {
            throw ProcessProblem(description: "\(node.name) did not stop cleanly: \(node.child?.talk ?? "")")
        }
        for node in [centre] + streets { try await gridline("verify", node.folder) }
        for street in streets { try await gridline("compare", centre.folder, street.folder) }
    }
}
