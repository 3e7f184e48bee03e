/// The server-rendered pages: plain HTML, no script, Chinese or English by the browser's wish.

import Events
import Foundation
import HTTPTypes
import Hummingbird
import Projections
import Tickets

enum Pages {
    static func add(to router: Router<BasicRequestContext>, _ ports: ServerPorts) {
        router.get("/") { request, _ in
            let texts = PageTexts(acceptLanguage: request.headers[.acceptLanguage])
            let page = try ports.views.tickets(
                openFilter(), after: request.uri.queryParameters.get("cursor"), limit: 100)
            return html(
                texts.title(ports.node), texts, try header(ports, texts) + table(page, texts, ports.utcOffsetMinutes))
        }
        router.get("/tickets/:key") { request, context in
            let texts = PageTexts(acceptLanguage: request.headers[.acceptLanguage])
            let ticket = try StreamName(category: "ticket", key: context.parameters.require("key"))
            guard let fold = try ports.ticket(ticket) else {
                return API.problem(BadRequest.parameter("ticket", ticket.text), .notFound)
            }
            return html(ticket.text, texts, try header(ports, texts) + detail(fold, texts, ports.utcOffsetMinutes))
        }
    }

    private static func openFilter() -> TicketFilter {
        var filter = TicketFilter()
        filter.statuses = TicketStatus.allCases.filter(\.isOpen)
        return filter
    }

    /// The badge: what is recorded here and not yet at the centre.
    private static func header(_ ports: ServerPorts, _ texts: PageTexts) throws -> String {
        let status = try ports.status()
        let outbox = status["outbox"]?.integer ?? 0
        let linked = status["linked"]?.bool ?? false
        let position = status["position"]?.integer ?? 0
        return
            "<p class=badge role=status>\(escape(texts.badge(linked: linked, outbox: outbox, position: position)))</p>"
    }

    private static func table(_ page: TicketPage, _ texts: PageTexts, _ offset: Int) -> String {
        let head = texts.columns.map { "<th scope=col>\(escape($0))</th>" }.joined()
        let rows = page.items.map { item in
            let name = item.number ?? item.sourceID ?? String(item.stream.key.prefix(8))
            let cells = [
                "<a href=\"/tickets/\(escape(String(item.stream.key)))\">\(escape(name))</a>",
                escape(texts.status(item.status)),
                escape(item.category.last ?? ""), escape(item.title ?? item.place ?? ""), escape(item.holderUnit ?? ""),
                escape(item.dueAt.map { PageTime.text($0, offsetMinutes: offset) } ?? ""),
            ]
            return "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        let next = page.next.map { "<p><a href=\"/?cursor=\(escape($0))\">\(escape(texts.next))</a></p>" } ?? ""
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table>\(next)"
    }

    private static func detail(_ fold: TicketFold, _ texts: PageTexts, _ offset: Int) -> String {
        let state = fold.state
        let rows = fold.entries.map { entry in
            let event = entry.record.event
            let mark =
                entry.effect.isEffective
                ? "" : " <strong>\(escape(texts.notEffective)) (\(escape(entry.effect.code)))</strong>"
            let who = event.actor.account ?? event.actor.system ?? ""
            return
                "<li><time>\(PageTime.text(event.occurredAt, offsetMinutes: offset))</time> \(escape(event.type.name)) "
                + "\(escape(who))\(mark)</li>"
        }
        return
            "<h2>\(escape(state.number ?? "")) \(escape(texts.status(state.status)))</h2><p>\(escape(state.matter))</p>"
            + "<ol>\(rows.joined(separator: "\n"))</ol>"
    }

    private static func html(_ title: String, _ texts: PageTexts, _ body: String) -> Response {
        let page = """
            <!doctype html><html lang="\(texts.language)"><head><meta charset="utf-8"><title>\(escape(title))</title>
            <style>body{font:16px/1.5 sans-serif;margin:1rem}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2rem .5rem}
            .badge{background:#eef;padding:.3rem .6rem;display:inline-block}</style></head>
            <body><h1>\(escape(title))</h1>\(body)</body></html>
            """
        return Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: page)))
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _: escaped.append(character)
            }
        }
        return escaped
    }
}

/// Times as pages show them: in the node's zone, to the minute.
enum PageTime {
    /// The UTC day as `yyyy-mm-dd`.
    static func day(_ instant: Timestamp) -> String { String(text(instant, offsetMinutes: 0).prefix(10)) }

    static func text(_ instant: Timestamp, offsetMinutes: Int) -> String {
        let shifted = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000 + Double(offsetMinutes) * 60)
        return shifted.formatted(.iso8601.year().month().day().dateSeparator(.dash)) + " "
            + shifted.formatted(.iso8601.time(includingFractionalSeconds: false)).prefix(5)
    }
}
