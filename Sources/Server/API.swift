/// The HTTP API under `/api/v1`, and the pages. Errors are problem+json (RFC 9457).

import Events
import HTTPTypes
package import Hummingbird
import Node
import Privacy
import Projections
import Rules
import Tickets

package enum API {
    /// The routes of a node.
    package static func router(_ ports: ServerPorts) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in
            _ = try ports.views.checkpoint()
            return "ready\n"
        }
        router.get("/api/v1/status") { _, _ in try answer { .object(try ports.status()) } }
        router.get("/api/v1/tickets") { request, _ in try answer { try list(request, ports) } }
        router.get("/api/v1/tickets/:key") { _, context in
            try answer { try show(StreamName(category: "ticket", key: context.parameters.require("key")), ports) }
        }
        router.post("/api/v1/tickets") { request, _ in try await command(request, ticket: nil, kind: .registered, ports)
        }
        router.post("/api/v1/tickets/:key/:kind") { request, context in
            let name = try context.parameters.require("kind")
            guard let kind = TicketEventKind(rawValue: name), kind != .imported, kind != .importUpdated else {
                return problem(BadRequest.unknownKind(name), .notFound)
            }
            let ticket = try StreamName(category: "ticket", key: context.parameters.require("key"))
            return try await command(request, ticket: ticket, kind: kind, ports)
        }
        Persons.add(to: router, ports)
        Operations.add(to: router, ports)
        Pages.add(to: router, ports)
        return router
    }

    // MARK: - Reading

    private static func list(_ request: Request, _ ports: ServerPorts) throws -> JSON {
        let query = request.uri.queryParameters
        var filter = TicketFilter()
        for name in query.getAll("status") {
            guard let status = TicketStatus(rawValue: name) else { throw BadRequest.parameter("status", name) }
            filter.statuses.append(status)
        }
        filter.holderUnit = query.get("holder")
        filter.area = query.get("area")
        filter.kind = query.get("kind")
        if let text = query.get("text") {
            let page = try ports.views.search(text, filter: filter, limit: 100)
            return .object(["items": .array(page.items.map(\.json))])
        }
        let limit = query.get("limit").flatMap(Int.init) ?? 100
        let page = try ports.views.tickets(filter, after: query.get("cursor"), limit: limit)
        var object: JSONObject = ["items": .array(page.items.map(\.json)), "position": .integer(page.position)]
        object["next"] = page.next.map(JSON.string)
        return .object(object)
    }

    private static func show(_ ticket: StreamName, _ ports: ServerPorts) throws -> JSON {
        guard let fold = try ports.ticket(ticket) else { throw CommandRefusal.notDecided(.unknownTicket(ticket)) }
        return fold.json(of: ticket)
    }

    // MARK: - Commands

    private static func command(
        _ request: Request, ticket: StreamName?, kind: TicketEventKind, _ ports: ServerPorts
    ) async throws -> Response {
        try await guarded(request, ports) { call in
            var command = NodeCommand(
                id: call.id, ticket: ticket,
                wish: TicketCommand(
                    kind, call.object["body"]?.object ?? JSONObject(),
                    occurredAt: call.object["occurredAt"]?.integer.map(Timestamp.init(milliseconds:))),
                actor: call.actor)
            command.expectedVersion = call.expectedVersion
            let reply = try await ports.submit(command, try call.person()).get()
            return respond(reply: reply)
        }
    }

    /// What a command came to: 201 the first time, 200 for a repeat.
    static func respond(reply: CommandReply) -> Response {
        let json = JSON.object([
            "position": .integer(reply.position), "repeat": .bool(reply.isRepeat),
            reply.ticket.category == "ticket" ? "ticket" : "stream": .string(reply.ticket.text),
            "version": .integer(reply.version),
        ])
        return respond(json, reply.isRepeat ? .ok : .created, etag: "\"\(reply.version)\"")
    }

    /// Answers a writing request; every error becomes problem+json.
    static func guarded(
        _ request: Request, _ ports: ServerPorts, _ body: (APICall) async throws -> Response
    ) async throws -> Response {
        do { return try await body(try await APICall(request, ports)) } catch { return failure(error) }
    }

    // MARK: - Answers

    private static func answer(_ body: () throws -> JSON) throws -> Response {
        do { return respond(try body(), .ok) } catch { return failure(error) }
    }

    static func respond(
        _ json: JSON, _ status: HTTPResponse.Status, etag: String? = nil, type: String = "application/json"
    ) -> Response {
        var headers: HTTPFields = [.contentType: type]
        headers[.eTag] = etag
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json.canonicalBytes)))
    }

    private static func failure(_ error: any Error) -> Response {
        switch error {
        case let refusal as CommandRefusal:
            switch refusal {
            case .notDecided(.unknownTicket): problem(refusal, .notFound)
            case .notDecided(.notWriter), .notDecided(.wrongRole): problem(refusal, .forbidden)
            case .notDecided(.missingField), .notDecided(.badField), .notDecided(.unknownField), .notDecided(.inFuture):
                problem(refusal, .unprocessableContent)
            case .notDecided(.alreadyExists), .notDecided(.wrongState), .notDecided(.guarded), .notAppended,
                .membership(.enrolledAlready), .membership(.tooMany):
                problem(refusal, .conflict)
            case .membership(.unknown): problem(refusal, .notFound)
            case .membership(.notCentre), .membership(.notInvited): problem(refusal, .forbidden)
            case .membership: problem(refusal, .unprocessableContent)
            }
        case let bad as BadRequest:
            switch bad {
            case .noToken: problem(bad, .unauthorized)
            case .centreErases: problem(bad, .forbidden)
            case .parameter, .unknownKind, .noKey, .noActor, .accountIsNumber, .missing, .unexpected:
                problem(bad, .badRequest)
            }
        case let rules as RulesError: problem(rules, .unprocessableContent)
        case let person as PersonProblem: problem(person, .unprocessableContent)
        case let decode as DecodeError: problem(decode, .badRequest)
        case let identifier as IdentifierError: problem(identifier, .badRequest)
        case let view as ViewFailure:
            if case .malformed = view { problem(view, .badRequest) } else { problem(view, .internalServerError) }
        case let other as any Problem: problem(other, .serviceUnavailable)
        case _: problem(BadRequest.unexpected("\(error)"), .internalServerError)
        }
    }

    static func problem(_ problem: any Problem, _ status: HTTPResponse.Status) -> Response {
        let json: JSONObject = [
            "code": .string(problem.code), "detail": .string(problem.hint), "status": .integer(Int64(status.code)),
            "title": .string(problem.message),
        ]
        return respond(.object(json), status, type: "application/problem+json")
    }
}

/// What was wrong with a request.
enum BadRequest: Problem, Equatable {
    case parameter(String, String)
    case unknownKind(String)
    case noToken
    case noKey(String)
    case noActor
    case accountIsNumber
    case missing(String)
    case centreErases
    case unexpected(String)

    var code: String { "GL-6020" }
    var message: String {
        switch self {
        case .parameter(let name, let value): "parameter \(name) is \"\(value)\""
        case .unknownKind(let name): "\"\(name)\" is no step of a ticket"
        case .noToken: "the request carries no valid token"
        case .noKey(let value): "Idempotency-Key is \"\(value)\""
        case .noActor: "the body names no actor"
        case .accountIsNumber: "actor.account is a phone or identity number"
        case .missing(let member): "the body has no \(member)"
        case .centreErases: "a street does not erase"
        case .unexpected(let text): text
        }
    }
    var hint: String {
        switch self {
        case .parameter: "see docs/http.md for its values"
        case .unknownKind: "use one of \(TicketEventKind.allCases.map(\.rawValue).joined(separator: ", "))"
        case .noToken: "send Authorization: Bearer with the text of keys/token in the node's folder"
        case .noKey: "send a fresh UUID as Idempotency-Key, and the same one when you try again"
        case .noActor: "send {\"actor\":{\"account\":…,\"role\":…,\"unit\":…},\"body\":{…}}"
        case .accountIsNumber: "give the account's name; numbers of people never stand open in the log"
        case .missing(let member): "send \(member) as a text"
        case .centreErases: "ask the centre; its decision reaches every node"
        case .unexpected: "see the node's talk; send the same request with the same key again"
        }
    }
}
