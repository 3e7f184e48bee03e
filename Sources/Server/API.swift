/// The HTTP API under `/api/v1`, and the pages. What handlers throw becomes problem+json in `ProblemAnswers`.

import Events
import HTTPTypes
package import Hummingbird
import Node
import Privacy
import Projections
import Tickets

package enum API {
    /// The routes of a node.
    package static func router(_ ports: ServerPorts) -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ProblemAnswers())
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in
            _ = try ports.views.checkpoint()
            return "ready\n"
        }
        router.get("/metrics") { _, _ in
            respond(Array(Metrics.text(try ports.status()).utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/openapi.yaml") { _, _ in respond(PackageResources.openapi_yaml, type: "application/yaml") }
        let api = router.group("/api/v1").add(middleware: TokenGuard(sessions: Sessions(token: ports.token)))
        api.get("status") { _, _ in respond(.object(try ports.status()), .ok) }
        api.get("tickets") { request, _ in try list(request, ports) }
        api.get("tickets/:key") { request, context in
            try show(StreamName(category: "ticket", key: context.parameters.require("key")), request, ports)
        }
        api.post("tickets") { request, _ in try await command(request, ticket: nil, kind: .registered, ports) }
        api.post("tickets/:key/:kind") { request, context in
            let name = try context.parameters.require("kind")
            guard let kind = TicketEventKind(rawValue: name), kind != .imported, kind != .importUpdated else {
                throw BadRequest.unknownKind(name)
            }
            let ticket = try StreamName(category: "ticket", key: context.parameters.require("key"))
            return try await command(request, ticket: ticket, kind: kind, ports)
        }
        Persons.add(to: api, ports)
        Operations.add(to: api, ports)
        LiveStream.add(to: api, ports)
        Pages.add(to: router, ports)
        return router
    }

    // MARK: - Reading

    private static func list(_ request: Request, _ ports: ServerPorts) throws -> Response {
        let query = request.uri.queryParameters
        var filter = TicketFilter()
        for name in query.getAll("status") {
            guard let status = TicketStatus(rawValue: String(name)) else {
                throw BadRequest.parameter("status", String(name))
            }
            filter.statuses.append(status)
        }
        filter.holderUnit = query.get("holder")
        filter.area = query.get("area")
        filter.kind = query.get("kind")
        if let text = query.get("text") {
            let page = try ports.views.search(text, filter: filter, limit: 100)
            return respond(.object(["items": .array(page.items.map(\.json))]), .ok)
        }
        var limit = 100
        if let text = query.get("limit") {
            guard let number = Int(text), (1...500).contains(number) else { throw BadRequest.parameter("limit", text) }
            limit = number
        }
        let page = try ports.views.tickets(filter, after: query.get("cursor"), limit: limit)
        var object: JSONObject = ["items": .array(page.items.map(\.json)), "position": .integer(page.position)]
        object["next"] = page.next.map(JSON.string)
        return respond(.object(object), .ok)
    }

    /// A ticket now, as of `at` (what had happened), or as known at `knownAt` (what this log had learned).
    private static func show(_ ticket: StreamName, _ request: Request, _ ports: ServerPorts) throws -> Response {
        let query = request.uri.queryParameters
        let moment: PastMoment?
        switch (query.get("at"), query.get("knownAt")) {
        case (nil, nil): moment = nil
        case (let text?, nil): moment = .occurred(by: try instant(text, "at"))
        case (nil, let text?): moment = .known(by: try instant(text, "knownAt"))
        case (.some, .some(let text)): throw BadRequest.parameter("at beside knownAt", text)
        }
        guard let fold = try ports.ticket(ticket, moment) else {
            throw CommandRefusal.notDecided(.unknownTicket(ticket))
        }
        let etag = moment == nil ? "\"\(fold.entries.count)\"" : nil
        let number = try ports.views.ticket(ticket)?.shownNumber
        return respond(fold.json(of: ticket, shownAs: number), .ok, etag: etag)
    }

    private static func instant(_ text: String, _ name: String) throws -> Timestamp {
        // A plus sign in a query is read as a blank.
        guard let instant = Instant.parse(text.replacing(" ", with: "+")) else {
            throw BadRequest.parameter(name, text)
        }
        return instant
    }

    // MARK: - Commands

    private static func command(
        _ request: Request, ticket: StreamName?, kind: TicketEventKind, _ ports: ServerPorts
    ) async throws -> Response {
        let call = try await APICall(request)
        var command = NodeCommand(
            id: call.id, ticket: ticket,
            wish: TicketCommand(
                kind, call.object["body"]?.object ?? JSONObject(),
                occurredAt: call.object["occurredAt"]?.integer.map(Timestamp.init(milliseconds:))),
            actor: call.actor)
        command.expectedVersion = call.expectedVersion
        return respond(reply: try await ports.submit(command, try call.person()).get())
    }

    // MARK: - Answers

    /// What a command came to: 201 the first time, 200 for a repeat.
    static func respond(reply: CommandReply) -> Response {
        let json = JSON.object([
            "position": .integer(reply.position), "repeat": .bool(reply.isRepeat),
            reply.ticket.category == "ticket" ? "ticket" : "stream": .string(reply.ticket.text),
            "version": .integer(reply.version),
        ])
        return respond(json, reply.isRepeat ? .ok : .created, etag: "\"\(reply.version)\"")
    }

    static func respond(
        _ json: JSON, _ status: HTTPResponse.Status, etag: String? = nil, type: String = "application/json"
    ) -> Response {
        respond(json.canonicalBytes, status, etag: etag, type: type)
    }

    private static func respond(
        _ bytes: [UInt8], _ status: HTTPResponse.Status = .ok, etag: String? = nil, type: String
    ) -> Response {
        var headers: HTTPFields = [.contentType: type]
        headers[.eTag] = etag
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// - Parameter instance: the path that was asked for.
    static func problem(_ problem: any Problem, _ status: HTTPResponse.Status, instance: String) -> Response {
        let json: JSONObject = [
            "code": .string(problem.code), "detail": .string(problem.hint), "instance": .string(instance),
            "status": .integer(Int64(status.code)), "title": .string(problem.message),
            "type": .string("urn:gridline:problem:\(problem.code)"),
        ]
        return respond(.object(json), status, type: "application/problem+json")
    }
}
