/// The request for a ticket that a street's feed has without its rows (`docs/decisions/0025-a-feed-begins-anew.md`).

import Events
import HTTPTypes
import Hummingbird
import Node
import Tickets

enum Fetching {
    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.post("tickets/:key/fetch") { request, context in
            let ticket = try await ports.ticket(inPath: context.parameters.require("key"))
            _ = try await APICall(request, members: [])
            return try await fetch(ticket, ports)
        }
    }

    /// 200 for a ticket that is here, 202 while the centre is asked or its rows are on their way.
    private static func fetch(_ ticket: StreamName, _ ports: ServerPorts) async throws -> Response {
        func answer(_ state: String, _ status: HTTPResponse.Status) -> Response {
            API.respond(.object(["state": .string(state), "ticket": .string(ticket.text)]), status)
        }
        if try ports.ticket(ticket, nil) != nil { return answer("here", .ok) }
        guard !ports.isCentre else { throw CommandRefusal.notDecided(.unknownTicket(ticket)) }
        switch try await ports.fetch(ticket) {
        case .asked: return answer("asked", .accepted)
        case .onItsWay: return answer("onItsWay", .accepted)
        case .notForYou: throw FetchRefusal.notForThisNode(ticket)
        case nil: throw FetchRefusal.busy
        }
    }
}

/// Why a ticket is not fetched.
enum FetchRefusal: Problem, Equatable {
    case notForThisNode(StreamName)
    case busy

    var code: String {
        switch self {
        case .notForThisNode: "GL-6038"
        case .busy: "GL-6039"
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .notForThisNode: .notFound
        case .busy: .serviceUnavailable
        }
    }

    var message: Words {
        switch self {
        case .notForThisNode(let ticket): "the centre gives this node no \(ticket)"
        case .busy: "this node asks the centre for too many tickets already, or has no line to one"
        }
    }

    var hint: Words {
        switch self {
        case .notForThisNode: "check the ticket's name; one that was given to another unit is at that unit's node"
        case .busy: "ask again in a few seconds"
        }
    }
}
