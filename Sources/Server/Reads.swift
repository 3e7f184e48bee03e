/// What the API reads: tickets, one and many, counts and conflicts (`docs/http.md`).

import Events
import HTTPTypes
import Hummingbird
import Node
import Projections
import Tickets

enum Reads {
    static let showNames = ["at", "knownAt", "atLeast"]
    static let conflictNames = ["limit", "cursor", "atLeast"]

    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.get("tickets") { request, _ in try await list(request, ports) }
        router.get("tickets/:key") { request, context in
            try await show(ports.ticket(inPath: context.parameters.require("key")), request, ports)
        }
        router.get("counts") { request, _ in try await counts(request, ports) }
        router.get("conflicts") { request, _ in try await conflicts(request, ports) }
    }

    private static func list(_ request: Request, _ ports: ServerPorts) async throws -> Response {
        let query = try ListQuery(request, now: ports.clock.now(), offsetMinutes: ports.utcOffsetMinutes)
        try await AtLeast.wait(for: query.atLeast, in: .views, ports)
        let page =
            if let text = query.text {
                try ports.views.search(text, filter: query.filter, after: query.cursor, limit: query.limit)
            } else {
                try ports.views.tickets(query.filter, order: query.order, after: query.cursor, limit: query.limit)
            }
        return answer(page.items.map(\.json), as: "items", next: page.next, page.position)
    }

    /// A ticket now, as of `at` (what had happened), or as known at `knownAt` (what this log had learned).
    private static func show(_ ticket: StreamName, _ request: Request, _ ports: ServerPorts) async throws -> Response {
        let query = try Query(request, known: showNames, offsetMinutes: ports.utcOffsetMinutes)
        let moment: PastMoment?
        switch (try query.instant("at"), try query.instant("knownAt")) {
        case (nil, nil): moment = nil
        case (let instant?, nil): moment = .occurred(by: instant)
        case (nil, let instant?): moment = .known(by: instant)
        case (.some, .some): throw BadRequest.parameter("at, knownAt", query.text("knownAt") ?? "")
        }
        try await AtLeast.wait(for: try query.atLeast(), in: .log, ports)
        guard let fold = try ports.ticket(ticket, moment) else {
            throw CommandRefusal.notDecided(.unknownTicket(ticket))
        }
        let etag = moment == nil ? "\"\(fold.entries.count)\"" : nil
        return API.respond(fold.json(of: ticket, shownAs: ports.shownNumber(of: ticket)), .ok, etag: etag)
    }

    private static func counts(_ request: Request, _ ports: ServerPorts) async throws -> Response {
        let query = try CountsQuery(request, offsetMinutes: ports.utcOffsetMinutes)
        try await AtLeast.wait(for: query.atLeast, in: .views, ports)
        let page = try ports.views.counts(query.counts, after: query.cursor, limit: query.limit)
        return answer(page.rows.map(\.json), as: "rows", next: page.next, page.position)
    }

    private static func conflicts(_ request: Request, _ ports: ServerPorts) async throws -> Response {
        let query = try Query(request, known: conflictNames, offsetMinutes: ports.utcOffsetMinutes)
        let limit = try query.limit()
        try await AtLeast.wait(for: try query.atLeast(), in: .views, ports)
        let page = try ports.views.openConflicts(after: query.text("cursor"), limit: limit)
        return answer(page.items.map(\.json), as: "items", next: page.next, page.position)
    }

    private static func answer(_ rows: [JSON], as name: String, next: String?, _ position: Int64) -> Response {
        var object: JSONObject = [name: .array(rows), "position": .integer(position)]
        object["next"] = next.map(JSON.string)
        return API.respond(.object(object), .ok)
    }
}
