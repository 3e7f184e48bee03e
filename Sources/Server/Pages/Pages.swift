/// The clerk's pages: plain HTML and forms, no script, Chinese or English by the browser's wish.
///
/// A page needs a session. A form carries the session's token and a command id of its own: sent twice, it is one command.
/// What was recorded answers 303; what was refused shows the ticket again with the reason and what was typed.

import Events
import HTTPTypes
import Hummingbird
import Node
import Projections
import Texts
import Tickets

struct Pages: Sendable {
    let ports: ServerPorts
    let sessions: Sessions
    private static let bodyLimit = 128 * 1024

    static func add(to router: Router<BasicRequestContext>, _ ports: ServerPorts) {
        let pages = Pages(ports: ports, sessions: Sessions(token: ports.token))
        router.get("/login") { request, _ in try pages.loginPage(request) }
        router.post("/login") { request, _ in try await pages.logIn(request) }
        router.post("/logout") { request, _ in try await pages.logOut(request) }
        router.get("/") { request, _ in try pages.list(request) }
        router.get("/conflicts") { request, _ in try pages.conflicts(request) }
        router.get("/counts") { request, _ in try pages.counts(request) }
        router.get("/node") { request, _ in try pages.node(request) }
        router.get("/tickets/:key") { request, context in
            try pages.show(request, context.parameters.require("key"))
        }
        router.post("/tickets/:key/:kind") { request, context in
            try await pages.act(
                request, context.parameters.require("key"), context.parameters.require("kind"))
        }
    }

    // MARK: - Reading

    private func node(_ request: Request) throws -> Response {
        let frame = try frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        return html(
            frame, "\(frame.texts[.nodeState]) · \(ports.node)",
            PageBodies.node(try ports.status(frame.texts.language), frame))
    }

    private func show(_ request: Request, _ key: String) throws -> Response {
        let frame = try frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        let done = request.uri.queryParameters.get("done")
        let notice: String
        switch done {
        case "new": notice = Pages.notice(frame.texts[.done])
        case "repeat": notice = Pages.notice(frame.texts[.repeated])
        case _: notice = ""
        }
        return try ticketPage(frame, key, notice: notice)
    }

    private func ticketPage(
        _ frame: PageFrame, _ key: String, notice: String, kept: (kind: TicketEventKind, form: FormData)? = nil,
        status: HTTPResponse.Status = .ok
    ) throws -> Response {
        guard let ticket = try? StreamName(category: "ticket", key: key), let fold = try ports.ticket(ticket, nil)
        else {
            return html(frame, frame.texts[.notFound], "<p><a href=\"/\">\(frame.text(.back))</a></p>", .notFound)
        }
        var random = SystemRandomNumberGenerator()
        let now = ports.clock.now()
        let number = try ports.views.ticket(ticket)?.shownNumber ?? fold.state.number
        let title = [number ?? String(key.prefix(8)), fold.state.title].compactMap(\.self)
        let body = PageBodies.ticket(
            key, fold, frame, unconfirmed: Unconfirmed(fold, node: ports.node, confirmed: ports.confirmed()),
            notice: notice, kept: kept, newCommand: { CommandID(at: now, random: &random) })
        return html(frame, title.joined(separator: " "), body, status)
    }

    // MARK: - Acting

    private func act(_ request: Request, _ key: String, _ name: String) async throws -> Response {
        let frame = try frame(request)
        guard let session = frame.session else { return Pages.redirect("/login") }
        guard let kind = TicketEventKind(rawValue: name), TicketForms.offered.contains(kind) else {
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .notFound)
        }
        guard let form = await form(request) else {
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .badRequest)
        }
        let kept = (kind, form)
        guard let cookie = cookie(request), sessions.isFormToken(form["csrf"], of: cookie) else {
            return try ticketPage(
                frame, key, notice: Pages.refused(frame, frame.texts[.formStale]), kept: kept, status: .forbidden)
        }
        guard let id = try? CommandID(form["command"]), let ticket = try? StreamName(category: "ticket", key: key)
        else {
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .badRequest)
        }
        let body: JSONObject
        do throws(UnreadableField) {
            body = try TicketForms.body(of: kind, form, offsetMinutes: ports.utcOffsetMinutes)
        } catch {
            let words = "\(frame.texts[error.label]) \"\(error.typed)\": \(frame.texts[error.rule])"
            return try ticketPage(
                frame, key, notice: Pages.refused(frame, words), kept: kept, status: .unprocessableContent)
        }
        let command = NodeCommand(id: id, ticket: ticket, wish: TicketCommand(kind, body), actor: session.actor)
        switch try await ports.submit(command, nil) {
        case .success(let reply):
            return Pages.redirect("/tickets/\(reply.ticket.key)?done=\(reply.isRepeat ? "repeat" : "new")")
        case .failure(let error):
            let words = (error as? any Problem).map { frame.texts.refusal($0) } ?? frame.texts[.busy]
            return try ticketPage(
                frame, key, notice: Pages.refused(frame, words), kept: kept,
                status: error is CommandRefusal ? .conflict : .serviceUnavailable)
        }
    }

    // MARK: - Sessions

    private func loginPage(_ request: Request) throws -> Response {
        let frame = try frame(request)
        return html(frame, frame.texts[.login], PageBodies.login(frame, typed: FormData(), notice: ""))
    }

    private func logIn(_ request: Request) async throws -> Response {
        let frame = try frame(request)
        let form = await form(request) ?? FormData()
        let who = ["account", "role", "unit"].map { form[$0] }
        guard sessions.isToken(form["token"]), who.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 100 }) else {
            let notice = Pages.refused(frame, frame.texts[.loginFailed])
            return html(
                frame, frame.texts[.login], PageBodies.login(frame, typed: form, notice: notice), .forbidden)
        }
        let session = Session(
            account: who[0], role: who[1], unit: who[2], expires: ports.clock.now() + Sessions.lifetime)
        return Pages.redirect("/", cookie: sessions.cookie(for: session))
    }

    private func logOut(_ request: Request) async throws -> Response {
        guard let form = await form(request), let cookie = cookie(request),
            sessions.isFormToken(form["csrf"], of: cookie)
        else { return Pages.redirect("/") }
        return Pages.redirect("/login", cookie: "")
    }

    private func cookie(_ request: Request) -> String? { request.cookies[Sessions.cookieName]?.value }

    func frame(_ request: Request) throws -> PageFrame {
        let texts = PageTexts(acceptLanguage: request.headers[.acceptLanguage])
        let status = try ports.status(texts.language)
        let cookie = cookie(request)
        return PageFrame(
            texts: texts, node: ports.node,
            offsetMinutes: ports.utcOffsetMinutes,
            session: cookie.flatMap { sessions.session(of: $0, now: ports.clock.now()) },
            formToken: cookie.map { sessions.formToken(of: $0) } ?? "", isCentre: ports.isCentre,
            isLinked: status["linked"]?.bool ?? false, outbox: status["outbox"]?.integer ?? 0)
    }

    /// - Returns: nil for a body that is too long, cut off or no form.
    private func form(_ request: Request) async -> FormData? {
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true,
            let buffer = try? await request.body.collect(upTo: Pages.bodyLimit)
        else { return nil }
        return FormData(String(decoding: buffer.readableBytesView, as: UTF8.self))
    }

    // MARK: - Answers

    private static func notice(_ text: String) -> String {
        "<p class=\"notice\" role=\"status\">\(HTML.escape(text))</p>"
    }

    private static func refused(_ frame: PageFrame, _ text: String) -> String {
        "<p class=\"notice refused\" role=\"alert\">\(HTML.escape("\(frame.texts[.refused]): \(text)"))</p>"
    }

    static func redirect(_ target: String, cookie: String? = nil) -> Response {
        var headers: HTTPFields = [.location: target, .cacheControl: "no-store"]
        if let cookie {
            let age = cookie.isEmpty ? 0 : Sessions.lifetime / 1_000
            headers[.setCookie] =
                "\(Sessions.cookieName)=\(cookie); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(age)"
        }
        return Response(status: .seeOther, headers: headers)
    }

    func html(
        _ frame: PageFrame, _ title: String, _ body: String, _ status: HTTPResponse.Status = .ok
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ]
        headers[.contentLanguage] = frame.texts.language.rawValue
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: frame.page(title, body))))
    }
}
