/// The HTTP API under `/api/v1`, and the pages. What handlers throw becomes problem+json in `ProblemAnswers`.

import Events
import HTTPTypes
package import Hummingbird
import Node
import Privacy
import Projections
import Texts
import Tickets

package enum API {
    /// A node's answers to every request.
    package static func router(_ ports: ServerPorts) -> Router<BasicRequestContext> {
        let router = routes(ports)
        OtherMethods.refuse(on: router)
        return router
    }

    /// What a node has answers for.
    static func routes(_ ports: ServerPorts) -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        let pages = Pages(ports)
        // Before the threads: it reads nothing, and whoever watches the node hears it however long others read.
        router.get("/healthz") { _, _ in "ok\n" }
        let threads = HandlerThreads()
        router.add(middleware: OnHandlerThreads(threads: threads))
        router.add(middleware: ProblemAnswers(pages: pages))
        router.get("/readyz") { _, _ in
            _ = try ports.views.checkpoint()
            return "ready\n"
        }
        router.get("/metrics") { _, _ in
            respond(
                Array(Metrics.text(try ports.status(.english)).utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/openapi.yaml") { _, _ in respond(PackageResources.openapi_yaml, type: "application/yaml") }
        let api = router.group("/api/v1").add(middleware: TokenGuard(sessions: pages.sessions))
        api.get("status") { request, _ in
            let language = request.language
            return respond(.object(try ports.status(language)), .ok, language: language)
        }
        Reads.add(to: api, ports)
        api.post("tickets") { request, _ in try await command(request, ticket: nil, kind: .registered, ports) }
        api.post("tickets/:key/:kind") { request, context in
            let kind = try kind(ofStep: context.parameters.require("kind"))
            // Before all else: what is recorded, and known again by its key, is of the ticket's own name.
            let ticket = try await ports.ticket(inPath: context.parameters.require("key"))
            return try await command(request, ticket: ticket, kind: kind, ports)
        }
        Fetching.add(to: api, ports)
        // Looking for a person goes through the log.
        Persons.add(to: api.group().add(middleware: OnHandlerThreads(threads: threads, isForPosts: true)), ports)
        Blobs.add(to: api.group().add(middleware: OnHandlerThreads(threads: threads, isForPosts: true)), ports, threads)
        Operations.add(to: api, ports)
        SeenAlarms.add(to: api, ports)
        // Reading so many is no work for a thread that others share.
        Batch.add(to: api.group().add(middleware: OnHandlerThreads(threads: threads, isForPosts: true)), ports)
        LiveStream.add(to: api, ports, threads)
        pages.add(to: router, threads)
        return router
    }

    // MARK: - Commands

    private static func command(
        _ request: Request, ticket: StreamName?, kind: TicketEventKind, _ ports: ServerPorts
    ) async throws -> Response {
        let call = try await APICall(request, members: ["body", "occurredAt", "person"])
        let step = try await AskedStep(call, ticket: ticket, kind: kind, ports)
        var reply = try await ports.submit(step.command, step.person).get()
        let notices = step.notices(reply, ports)
        if call.isMinimal { reply.fold = nil }
        let number = call.isMinimal ? nil : step.shownNumber(reply, ports)
        return respond(reply: reply, shownAs: number, notices: notices, language: request.language)
    }

    /// The step that a path or a command names; none by which a ticket is registered, or that imports alone write.
    static func kind(ofStep name: String) throws(BadRequest) -> TicketEventKind {
        guard let kind = TicketEventKind(rawValue: name), kind != .imported, kind != .importUpdated else {
            throw .unknownKind(name)
        }
        // The key is then the command's own, and nobody's to choose: it stands in the log, in paths and in exports.
        guard kind != .registered else { throw .registersElsewhere }
        return kind
    }

    // MARK: - Answers

    /// What a command came to: 201 when it is recorded now, 200 for a repeat and for what was so already and recorded
    /// nothing; with the folded ticket, and its number, where it was asked for.
    ///
    /// - Parameters:
    ///   - number: the ticket's, as it is shown; nil for its own.
    ///   - notices: what whoever gave the command should know of what came of it.
    ///   - language: of the notices.
    static func respond(
        reply: CommandReply, shownAs number: String? = nil, notices: [Words] = [], language: Language = .english
    ) -> Response {
        respond(
            .object(object(of: reply, shownAs: number, notices: notices, language)), status(of: reply),
            etag: "\"\(reply.version)\"", language: notices.isEmpty ? nil : language)
    }

    static func object(
        of reply: CommandReply, shownAs number: String? = nil, notices: [Words], _ language: Language
    ) -> JSONObject {
        var object: JSONObject = [
            "position": .integer(reply.position), "recorded": .bool(reply.isRecorded),
            "repeat": .bool(reply.isRepeat),
            reply.ticket.category == "ticket" ? "ticket" : "stream": .string(reply.ticket.text),
            "version": .integer(reply.version),
        ]
        object["ticketState"] = reply.fold.map { $0.json(of: reply.ticket, shownAs: number) }
        object["number"] = object["ticketState"]?.object?["number"]
        if !notices.isEmpty { object["notices"] = .array(notices.map { .string(language.text($0)) }) }
        return object
    }

    static func status(of reply: CommandReply) -> HTTPResponse.Status {
        reply.isRecorded && !reply.isRepeat ? .created : .ok
    }

    static func respond(
        _ json: JSON, _ status: HTTPResponse.Status, etag: String? = nil, type: String = "application/json",
        language: Language? = nil
    ) -> Response {
        respond(json.canonicalBytes, status, etag: etag, type: type, language: language)
    }

    private static func respond(
        _ bytes: [UInt8], _ status: HTTPResponse.Status = .ok, etag: String? = nil, type: String,
        language: Language? = nil
    ) -> Response {
        var headers: HTTPFields = [.contentType: type]
        headers[.eTag] = etag
        headers[.contentLanguage] = language?.rawValue
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func problem(
        _ problem: any Problem, _ status: HTTPResponse.Status, instance: String, language: Language
    ) -> Response {
        respond(
            json(problem, status, instance: instance, language: language), status, type: "application/problem+json",
            language: language)
    }

    /// - Parameters:
    ///   - instance: the path that was asked for.
    ///   - language: of title and detail.
    static func json(
        _ problem: any Problem, _ status: HTTPResponse.Status, instance: String, language: Language
    ) -> JSON {
        var json: JSONObject = [
            "code": .string(problem.code), "detail": .string(language.text(problem.hint.withoutNumbers)),
            "instance": .string(PersonalNumbers.hidden(in: instance)),
            "status": .integer(Int64(status.code)), "title": .string(language.text(problem.message.withoutNumbers)),
            "type": .string("urn:gridline:problem:\(problem.code)"),
        ]
        switch problem as? BadRequest {
        case .behind(_, let here)?, .beyond(_, let here)?: json["position"] = .integer(here)
        case _: break
        }
        return .object(json)
    }
}

extension Request {
    /// The language that a program asks for; English when it asks for none.
    var language: Language { Language(acceptLanguage: headers[.acceptLanguage], otherwise: .english) }
}
