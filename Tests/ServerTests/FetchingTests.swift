import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Tickets

@testable import Server

@Suite("Tickets that a street fetches") struct FetchingTests {
    private func asked(
        _ state: TicketWake?, at node: String = "street1"
    ) async throws -> (status: HTTPResponse.Status, json: JSONObject) {
        let node = try ServedNode(node)
        let ticket = try StreamName("ticket/0197c1f2-0000-7000-8000-000000000001")
        node.wakes[ticket] = state
        return try await Application(router: node.router).test(.router) { client in
            let answer = try await Program(client: client).post("/api/v1/tickets/\(ticket.key)/fetch", [:])
            return (answer.status, answer.json)
        }
    }

    @Test("what the centre says is answered: asked, on its way, not for this node, or nobody to ask")
    func states() async throws {
        let asked = try await asked(.asked)
        #expect(asked.status == .accepted && asked.json["state"] == .string("asked"))
        let coming = try await self.asked(.onItsWay)
        #expect(coming.status == .accepted && coming.json["state"] == .string("onItsWay"))
        let refused = try await self.asked(.notForYou)
        #expect(refused.status == .notFound && refused.json["code"] == .string("GL-6038"))
        let busy = try await self.asked(nil)
        #expect(busy.status == .serviceUnavailable && busy.json["code"] == .string("GL-6039"))
    }

    @Test("the centre has nobody to ask, whatever is said")
    func centre() async throws {
        let answer = try await asked(.onItsWay, at: "centre")
        #expect(answer.status == .notFound && answer.json["code"] != .string("GL-6038"))
    }

    @Test("a ticket that is here is not asked for")
    func here() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await Application(router: node.router).test(.router) { client in
            let answer = try await Program(client: client).post("/api/v1/tickets/\(ticket.key)/fetch", [:])
            #expect(answer.status == .ok && answer.json["state"] == .string("here"))
        }
    }
}
