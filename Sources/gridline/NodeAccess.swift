/// The way to a node for commands that write: over HTTP while it runs, straight to its log while it does not.

import AsyncHTTPClient
import Events
import Foundation
import HTTPTypes
import Log
import NIOCore
import NIOHTTP1
import Node
import Rules
import Runtime
import Server
import Texts
import Tickets

/// A running node, as programs talk to it.
struct NodeClient {
    /// Such as `http://127.0.0.1:8080`.
    let url: String
    let token: String?
    let tokenSource: TokenProblem.Source
    /// Bytes of an answer.
    private static let answerLimit = 64 << 20

    /// Sends one request, and reads the answer.
    ///
    /// - Parameters:
    ///   - path: from `/` on, with its query.
    ///   - language: of what is said in the answer; English for what a program reads.
    /// - Throws: `RemoteProblem` with what the node said, `TokenProblem` when it does not take the token, or `CommandProblem`
    ///   when it cannot be reached.
    func call(
        _ method: HTTPMethod, _ path: String, body: JSONObject? = nil, key: CommandID? = nil, version: String? = nil,
        language: Language = Talk.language
    ) async throws -> JSONObject {
        var request = request(method, path, language)
        if let key { request.headers.add(name: "Idempotency-Key", value: key.description) }
        if let version { request.headers.add(name: "If-Match", value: version) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: JSON.object(body).canonicalBytes))
        }
        return try await execute(request)
    }

    /// Uploads a file.
    ///
    /// - Returns: its SHA-256, by which a step names it.
    func upload(_ file: String) async throws -> String {
        var request = request(.POST, "/api/v1/blobs", Talk.language)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = .bytes(ByteBuffer(bytes: try NodeFolder.bytes(of: file)))
        let answer = try await execute(request)
        guard let name = answer["sha256"]?.string else {
            throw CommandProblem(
                message: "\(url)/api/v1/blobs answered without sha256",
                hint: "check that the address is a Gridline node's")
        }
        return name
    }

    private func request(_ method: HTTPMethod, _ path: String, _ language: Language) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Accept-Language", value: language.rawValue)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return request
    }

    private func execute(_ request: HTTPClientRequest) async throws -> JSONObject {
        let status: UInt
        let bytes: [UInt8]
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            status = response.status.code
            bytes = Array(try await response.body.collect(upTo: NodeClient.answerLimit).readableBytesView)
        } catch {
            throw CommandProblem(
                message: "the node at \(url) cannot be reached: \(error)",
                hint: "check that it runs (`gridline serve`) and that the address is right")
        }
        guard let object = try? JSONReader.readObject(bytes) else {
            throw CommandProblem(
                message: "\(request.url) answered \(status) with something that is no JSON object",
                hint: "check that the address is a Gridline node's")
        }
        guard status < 400 else {
            let problem = RemoteProblem(object, status: status)
            guard status == 401 else { throw problem }
            throw TokenProblem(code: problem.code, url: url, source: tokenSource, isGiven: token != nil)
        }
        return object
    }
}

extension NodeClient {
    /// The node of a folder that is being served, or at a URL, whose token stands in GRIDLINE_TOKEN.
    static func at(_ place: String) throws -> NodeClient {
        if place.hasPrefix("http://") || place.hasPrefix("https://") {
            let url = place.hasSuffix("/") ? String(place.dropLast()) : place
            let token = ProcessInfo.processInfo.environment["GRIDLINE_TOKEN"]?
                .trimmingCharacters(in: .whitespacesAndNewlines)
            return NodeClient(url: url, token: token?.isEmpty == true ? nil : token, tokenSource: .environment)
        }
        guard let client = try NodeFolder(path: place).running() else {
            throw CommandProblem(message: "no node serves \(place)", hint: "start it: gridline serve \(place)")
        }
        return client
    }

    /// A query's text, percent-encoded.
    static func query(_ members: [(String, String)]) -> String {
        members.map { name, value in "\(name)=\(encoded(value))" }.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String {
        var kept = CharacterSet.alphanumerics.intersection(
            CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(127)))
        kept.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }

    /// Minutes east of UTC of the node's zone.
    func offsetMinutes() async throws -> Int {
        guard let minutes = try await call(.GET, "/api/v1/status")["utcOffsetMinutes"]?.integer else {
            throw CommandProblem(
                message: "the node at \(url) does not say its zone",
                hint: "write times with their zone, such as 2026-11-23T14:05:00+08:00")
        }
        return Int(clamping: minutes)
    }

    /// A time as an option gives it, in a form that the node reads; without a zone it is one of the node's.
    func time(_ text: String?, option: String) async throws -> String? {
        guard let text else { return nil }
        switch Instant.kind(of: text) {
        case nil: throw Instant.noTime(text, option: option)
        case .day, .zoned: return text
        case .local: return text + Instant.offset(try await offsetMinutes())
        }
    }

    /// The same as an instant.
    func instant(_ text: String, option: String) async throws -> Timestamp {
        let isZoned = Instant.kind(of: text) == .zoned
        let offset = isZoned || Instant.kind(of: text) == nil ? 0 : try await offsetMinutes()
        return try Instant.parse(text, option: option, offsetMinutes: offset)
    }

    /// The path of a ticket that a person named: by its name, with `ticket/` or without, or by the number that is read
    /// out on the phone, which the node looks up.
    static func path(of ticket: String) -> String {
        let name = ticket.hasPrefix("ticket/") ? String(ticket.dropFirst(7)) : ticket
        return "/api/v1/tickets/" + encoded(name)
    }
}

/// What a node answered instead of doing it: its own words.
struct RemoteProblem: Problem, Equatable {
    let code: String
    let message: Words
    let hint: Words
    /// Whether the node could not read what it was asked, as it stood on the command line.
    let isUsage: Bool

    init(_ object: JSONObject, status: UInt) {
        code = object["code"]?.string ?? "GL-6021"
        isUsage = status == 400
        let answer: Words = "the node answered \(status)"
        let advice: Words = "see the node's talk"
        message = object["title"]?.string.map(Words.init(verbatim:)) ?? answer
        hint = object["detail"]?.string.map(Words.init(verbatim:)) ?? advice
    }
}

extension NodeFolder {
    /// The node that serves this folder now; nil when none does.
    func running() throws -> NodeClient? {
        guard try SQLiteLog.isHeld(path: log) else { return nil }
        guard let data = FileManager.default.contents(atPath: serving) else {
            throw CommandProblem(
                message: "another program writes to \(path), and it is no running node",
                hint: "wait until it is done (an import, perhaps), then try again")
        }
        let url = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return NodeClient(url: url, token: try token(), tokenSource: .file("\(keys)/token"))
    }

    /// Changes a node's membership: in the running centre, or in its log.
    func change(_ node: NodeID, _ step: NodeStep) async throws {
        let name: String
        var body: JSONObject = [:]
        switch step {
        case .invite(let hash, let expires):
            name = "invite"
            body["secretHash"] = .string(hash)
            body["expiresAt"] = .integer(expires.milliseconds)
        case .rotate(let hash, let expires, let overlap):
            name = "rotate"
            body["secretHash"] = .string(hash)
            body["expiresAt"] = .integer(expires.milliseconds)
            body["overlap"] = .integer(overlap)
        case .revoke(let reason):
            name = "revoke"
            body["reason"] = .string(reason)
        case .endKey(let key, .revoked(let reason)):
            name = "revoke"
            body["key"] = .string(key)
            body["reason"] = .string(reason)
        case .enrol, .endKey: preconditionFailure("a node enrols itself, and the centre ends what is over")
        }
        try await perform(try Sealer.cleaned(.node(node, step)), path: "/api/v1/nodes/\(node)/\(name)", body: body)
    }

    /// Publishes rules of a kind: in the running centre, or in its log.
    func publish(_ rules: JSONObject, as kind: String) async throws {
        guard configuration.node == configuration.centre else {
            throw CommandRefusal.membership(.notCentre(configuration.node))
        }
        let drafts = try RuleBook.drafts(publishing: rules, as: kind, at: SystemClock().now())
        try await perform(
            try Sealer.cleaned(.record(drafts)), path: "/api/v1/rules/\(kind)", body: ["rules": .object(rules)])
    }

    /// What whoever has the folder's files is here for: its system administrator.
    private static let role = TicketRole.systemAdmin.rawValue

    /// - Parameters:
    ///   - path: of the running node's HTTP, which does the same.
    ///   - body: for it, but the actor.
    private func perform(_ wish: NodeCommand.Wish, path: String, body: JSONObject) async throws {
        var random = SystemRandomNumberGenerator()
        let key = CommandID(at: SystemClock().now(), random: &random)
        let account = ProcessInfo.processInfo.userName
        if let client = try running() {
            var body = body
            body["actor"] = .object([
                "account": .string(account), "role": .string(NodeFolder.role),
                "unit": .string(configuration.node.text),
            ])
            _ = try await client.call(.POST, path, body: body, key: key)
            return
        }
        let log = try openLog()
        let core = NodeCore(
            node: configuration.node, centre: configuration.centre,
            rules: try BookRules(reader: log.reader, centre: configuration.centre), number: configuration.number,
            utcOffsetMinutes: configuration.utcOffsetMinutes)
        let actor = Actor(account: account, role: NodeFolder.role, unit: configuration.node.text, asserted: "shell")
        let command = NodeCommand(id: key, wish, actor: actor)
        _ = try log.write { try core.perform(command, in: $0, reader: log.reader, now: SystemClock().now()) }.get()
    }
}
