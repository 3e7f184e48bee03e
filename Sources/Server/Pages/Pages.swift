/// The clerk's pages: plain HTML and forms, no script, Chinese or English by the browser's wish.
///
/// A page needs a session. A form carries the session's token and a command id of its own: sent twice, it is one command.
/// What was recorded answers 303; what was refused shows the ticket again with the reason and what was typed.

import Events
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Node
import Privacy
import Projections
import Texts
import Tickets

struct Pages: Sendable {
    let ports: ServerPorts
    let sessions: Sessions
    /// Bytes of a form: what an event holds, percent-encoded (three bytes for one), and the other fields.
    private static let bodyLimit = 256 * 1024

    init(_ ports: ServerPorts) {
        self.ports = ports
        sessions = Sessions(token: ports.token, node: ports.node)
    }

    func add(to router: Router<BasicRequestContext>, _ threads: HandlerThreads) {
        router.get("/login") { request, _ in loginPage(request) }
        router.post("/login") { request, _ in try await logIn(request) }
        router.post("/logout") { request, _ in try await logOut(request) }
        router.get("/") { request, _ in try list(request) }
        router.get("/conflicts") { request, _ in try conflicts(request) }
        router.get("/counts") { request, _ in try counts(request) }
        router.get("/status") { request, _ in try status(request) }
        router.post("/alarms/:rule") { request, context in
            try await acknowledge(request, context.parameters.require("rule"))
        }
        // Its address before.
        router.get("/node") { _, _ in Pages.redirect("/status") }
        router.get("/blobs/:sha256") { request, context in
            guard frame(request).session != nil else { return Pages.redirect("/login") }
            return try Blobs.give(context.parameters.require("sha256"), request, ports, threads)
        }
        router.get("/tickets/:key") { request, context in
            try await show(request, context.parameters.require("key"))
        }
        router.post("/tickets/:key/:kind") { request, context in
            try await act(request, context.parameters.require("key"), context.parameters.require("kind"))
        }
    }

    // MARK: - Reading

    private func status(_ request: Request) throws -> Response {
        let frame = frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        return try statusPage(frame)
    }

    private func statusPage(
        _ frame: PageFrame, notice: String = "", status: HTTPResponse.Status = .ok
    ) throws -> Response {
        html(
            frame, "\(frame.texts[.nodeState]) · \(ports.node)",
            notice + PageBodies.status(try ports.status(frame.texts.language), frame), status)
    }

    /// Notes that whoever is logged in sees to an alarm; one that is over by now is not listed any more, and that says it.
    private func acknowledge(_ request: Request, _ rule: String) async throws -> Response {
        let frame = frame(request)
        guard let session = frame.session else { return Pages.redirect("/login") }
        guard case .form(let form) = try await posted(request), let cookie = cookie(request),
            sessions.isFormToken(form["csrf"], of: cookie)
        else {
            return try statusPage(
                frame, notice: Pages.refused(frame, frame.texts[.formStale]), status: .forbidden)
        }
        guard let labels = try? JSONReader.readObject(Array(form["labels"].utf8)) else {
            return try statusPage(frame, notice: Pages.refused(frame, frame.texts[.badForm]), status: .badRequest)
        }
        _ = try ports.acknowledge(rule, SeenAlarms.texts(of: labels), session.account)
        return Pages.redirect("/status")
    }

    private func show(_ request: Request, _ key: String) async throws -> Response {
        let frame = frame(request)
        guard frame.session != nil else { return Pages.redirect("/login") }
        do {
            let typed = key.removingPercentEncoding ?? key
            if let ticket = try await ports.ticket(numbered: typed), ticket.key != typed {
                return Pages.redirect(TicketForms.address(ticket))
            }
        } catch let number as NumberProblem { return problem(number, number.status, request) }
        let done = request.uri.queryParameters.get("done")
        let notice: String
        switch done {
        case "new": notice = Pages.notice(frame.texts[.done])
        case "repeat": notice = Pages.notice(frame.texts[.repeated])
        case "same": notice = Pages.notice(frame.texts[.unchanged])
        case _: notice = ""
        }
        return try ticketPage(frame, key, notice: notice)
    }

    private func ticketPage(
        _ frame: PageFrame, _ key: String, notice: String, kept: (kind: TicketEventKind, form: FormData)? = nil,
        status: HTTPResponse.Status = .ok
    ) throws -> Response {
        guard let ticket = try? StreamName(ticketKey: key), let fold = try ports.ticket(ticket, nil)
        else {
            return html(frame, frame.texts[.notFound], "<p><a href=\"/\">\(frame.text(.back))</a></p>", .notFound)
        }
        var random = SystemRandomNumberGenerator()
        let now = ports.clock.now()
        let number = ports.shownNumber(of: ticket) ?? fold.state.number
        let title = [number ?? String(key.prefix(8)), fold.state.heading].filter { !$0.isEmpty }
        let body = PageBodies.ticket(
            key, fold, frame, unconfirmed: Unconfirmed(fold, node: ports.node, confirmed: ports.confirmed()),
            attachments: try ShownAttachments(fold, ports),
            undelivered: ports.undelivered(fold.state), notice: notice, kept: kept,
            newCommand: { CommandID(at: now, random: &random) })
        return html(frame, title.joined(separator: " "), body, status)
    }

    // MARK: - Acting

    private func act(_ request: Request, _ key: String, _ name: String) async throws -> Response {
        let frame = frame(request)
        let offered = TicketEventKind(rawValue: name).flatMap { TicketForms.offered.contains($0) ? $0 : nil }
        guard let session = frame.session else { return try await askToLogIn(request, frame, key, offered) }
        guard let kind = offered else {
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .notFound)
        }
        let form: FormData
        switch try await posted(request, storing: ports.blobs) {
        case .form(let read): form = read
        case .refused(let failure):
            let (said, status) = ProblemAnswers.reading(failure, ports)
            return try ticketPage(frame, key, notice: Pages.refused(frame, said), status: status)
        case .tooLong:
            let notice = Pages.refused(frame, BadRequest.tooLong(limit: Pages.bodyLimit))
            return try ticketPage(frame, key, notice: notice, status: .contentTooLarge)
        case .unreadable:
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .badRequest)
        }
        let kept = (kind, form)
        guard let cookie = cookie(request), sessions.isFormToken(form["csrf"], of: cookie) else {
            return try ticketPage(
                frame, key, notice: Pages.refused(frame, frame.texts[.formStale]), kept: kept, status: .forbidden)
        }
        guard let id = try? CommandID(form["command"]), let ticket = try? StreamName(ticketKey: key)
        else {
            return try ticketPage(frame, key, notice: Pages.refused(frame, frame.texts[.badForm]), status: .badRequest)
        }
        var body: JSONObject
        do throws(UnreadableField) {
            body = try TicketForms.body(of: kind, form, offsetMinutes: ports.utcOffsetMinutes)
        } catch {
            let label = frame.texts[error.label] + (frame.texts.language == .chinese ? "" : " ")
            let words = frame.texts.labelled(label + frame.texts.quoted(error.typed), frame.texts[error.rule])
            return try ticketPage(
                frame, key, notice: Pages.refused(frame, words), kept: kept, status: .unprocessableContent)
        }
        do { body = try ports.attached(body) } catch let problem as any Problem {
            let (said, status) = ProblemAnswers.reading(problem, ports)
            return try ticketPage(frame, key, notice: Pages.refused(frame, said), kept: kept, status: status)
        }
        let command = NodeCommand(id: id, ticket: ticket, wish: TicketCommand(kind, body), actor: session.actor)
        switch await ports.submit(command, nil) {
        case .success(let reply):
            let done = !reply.isRecorded ? "same" : reply.isRepeat ? "repeat" : "new"
            return Pages.redirect("/tickets/\(reply.ticket.key)?done=\(done)")
        case .failure(let error):
            let (problem, status) = ProblemAnswers.reading(error, ports)
            let notice =
                error is any Problem ? Pages.refused(frame, problem) : Pages.refused(frame, frame.texts[.busy])
            return try ticketPage(frame, key, notice: notice, kept: kept, status: status)
        }
    }

    // MARK: - Sessions

    private func loginPage(_ request: Request) -> Response { login(frame(request)) }

    private func login(
        _ frame: PageFrame, typed: FormData = FormData(), notice: String = "", keeping kept: KeptForm? = nil,
        _ status: HTTPResponse.Status = .ok
    ) -> Response {
        html(
            frame, frame.texts[.login], PageBodies.login(frame, typed: typed, notice: notice, kept: kept), status)
    }

    /// Answers a form that came without a session: the login page takes it along.
    private func askToLogIn(
        _ request: Request, _ frame: PageFrame, _ key: String, _ kind: TicketEventKind?
    ) async throws -> Response {
        guard let kind, !request.isOfOtherSite, case .form(let form) = try await posted(request),
            let kept = KeptForm(form, of: kind, key: key)
        else { return Pages.redirect("/login") }
        return login(frame, notice: Pages.refused(frame, frame.texts[.sessionOver]), keeping: kept, .forbidden)
    }

    private func logIn(_ request: Request) async throws -> Response {
        var frame = frame(request)
        guard case .form(var form) = try await posted(request, upTo: Pages.bodyLimit + KeptForm.overhead) else {
            return login(frame, notice: Pages.refused(frame, frame.texts[.badForm]), .badRequest)
        }
        let kept = KeptForm(ofLogin: form)
        let names = ["account", "role", "unit"]
        // The three stand in every event of the session as they are.
        if let open = names.first(where: { PersonalNumbers.stand(in: form[$0], field: $0) }) {
            form[open] = ""
            let notice = Pages.refused(frame, OpenNumber(field: open))
            return login(frame, typed: form, notice: notice, keeping: kept, .unprocessableContent)
        }
        guard sessions.isToken(form["token"]),
            names.allSatisfy({ !form[$0].isEmpty && form[$0].utf8.count <= 100 })
        else {
            let notice = Pages.refused(frame, frame.texts[.loginFailed])
            return login(frame, typed: form, notice: notice, keeping: kept, .forbidden)
        }
        guard let role = TicketRole(rawValue: form["role"]) else {
            let notice = Pages.alert(frame, BadRequest.unknownRole(form["role"]))
            return login(frame, typed: form, notice: notice, keeping: kept, .unprocessableContent)
        }
        let session = Session(
            account: form["account"], role: role, unit: form["unit"], expires: ports.clock.now() + Sessions.lifetime)
        let cookie = sessions.cookie(for: session)
        guard let kept else { return Pages.setting(cookieField(cookie), in: Pages.redirect("/")) }
        frame.session = session
        frame.formToken = sessions.formToken(of: cookie)
        let page = try ticketPage(
            frame, kept.key, notice: Pages.notice(frame.texts[.formKept]), kept: (kept.kind, kept.form))
        return Pages.setting(cookieField(cookie), in: page)
    }

    private func logOut(_ request: Request) async throws -> Response {
        guard case .form(let form) = try await posted(request), let cookie = cookie(request),
            sessions.isFormToken(form["csrf"], of: cookie)
        else { return Pages.redirect("/") }
        return Pages.setting(cookieField(""), in: Pages.redirect("/login"))
    }

    private func cookie(_ request: Request) -> String? { request.cookies[sessions.cookieName]?.value }

    func frame(_ request: Request) -> PageFrame {
        let texts = PageTexts(acceptLanguage: request.headers[.acceptLanguage])
        // Not the whole status, which counts in the views: a clerk works on while they are made anew.
        let line = ports.line()
        let cookie = cookie(request)
        return PageFrame(
            texts: texts, node: ports.node,
            offsetMinutes: ports.utcOffsetMinutes,
            session: cookie.flatMap { sessions.session(of: $0, now: ports.clock.now()) },
            formToken: cookie.map { sessions.formToken(of: $0) } ?? "", isCentre: ports.isCentre,
            isLinked: line.isLinked, outbox: line.outbox)
    }

    private enum Posted {
        case form(FormData), tooLong, unreadable
        /// A file that goes with it is not taken.
        case refused(BlobFailure)
    }

    /// - Parameter store: keeps the files of a form; without it they are let go.
    /// - Throws: what ends the connection.
    private func posted(
        _ request: Request, upTo limit: Int = Pages.bodyLimit, storing store: (any BlobStorage)? = nil
    ) async throws -> Posted {
        do {
            if let form = try await PostedForm.read(request, upTo: limit, store: store) { return .form(form) }
        } catch let failure as BlobFailure {
            return .refused(failure)
        } catch is NIOTooManyBytesError {
            return .tooLong
        } catch is MultipartReader.Malformed { return .unreadable }
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true else {
            return .unreadable
        }
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return FormData(String(decoding: buffer.readableBytesView, as: UTF8.self)).map(Posted.form) ?? .unreadable
        } catch is NIOTooManyBytesError { return .tooLong }
    }

    // MARK: - Answers

    private static func notice(_ text: String) -> String {
        "<p class=\"notice\" role=\"status\">\(HTML.escape(text))</p>"
    }

    /// - Parameter text: said as it is, but for the numbers of people in it.
    private static func alert(_ text: String) -> String {
        "<p class=\"notice refused\" role=\"alert\">\(HTML.escape(PersonalNumbers.hidden(in: text)))</p>"
    }

    static func alert(_ frame: PageFrame, _ problem: any Problem) -> String {
        alert(frame.texts.refusal(problem, offsetMinutes: frame.offsetMinutes))
    }

    private static func refused(_ frame: PageFrame, _ text: String) -> String {
        alert(frame.texts.labelled(frame.texts[.refused], text))
    }

    private static func refused(_ frame: PageFrame, _ problem: any Problem) -> String {
        refused(frame, frame.texts.refusal(problem, offsetMinutes: frame.offsetMinutes))
    }

    static func redirect(_ target: String) -> Response {
        Response(status: .seeOther, headers: [.location: target, .cacheControl: "no-store"])
    }

    /// `Set-Cookie`; an empty cookie ends the session.
    private func cookieField(_ cookie: String) -> String {
        let age = cookie.isEmpty ? 0 : Sessions.lifetime / 1_000
        return "\(sessions.cookieName)=\(cookie); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(age)"
    }

    private static func setting(_ cookie: String, in response: Response) -> Response {
        var response = response
        response.headers[.setCookie] = cookie
        return response
    }

    /// What went wrong, for a browser.
    func problem(_ problem: any Problem, _ status: HTTPResponse.Status, _ request: Request) -> Response {
        let frame = frame(request)
        let back = "<p><a href=\"/\">\(frame.text(.back))</a></p>"
        if case .http(404)? = problem as? BadRequest { return html(frame, frame.texts[.noPage], back, status) }
        return html(frame, frame.texts[.pageFailed], Pages.alert(frame, problem) + back, status)
    }

    func html(
        _ frame: PageFrame, _ title: String, _ body: String, _ status: HTTPResponse.Status = .ok
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy:
                "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ]
        headers[.contentLanguage] = frame.texts.language.rawValue
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: frame.page(title, body))))
    }
}

extension Request {
    /// Whether a browser asks, and not for the API.
    var wantsPage: Bool {
        !uri.path.hasPrefix("/api/") && headers[.accept]?.lowercased().contains("text/html") == true
    }
}
