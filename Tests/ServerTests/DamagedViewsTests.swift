import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Projections
import Testing
import Tickets

@testable import Server

@Suite("While the views cannot be read") struct DamagedViewsTests {
    /// A node whose views' file answers nothing any more, with a ticket to sign.
    private func damaged() throws -> (node: ServedNode, ticket: StreamName) {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        node.holdsViews = true
        try node.ports.views.close()
        return (node, ticket)
    }

    @Test("what was committed is answered as committed, and a ticket is shown from the log; lists are a problem")
    func program() async throws {
        let (node, ticket) = try damaged()
        let path = "/api/v1/tickets/\(ticket.key)"
        try await node.called { program in
            #expect(try await program.get("/api/v1/tickets").status == .internalServerError)
            let clerk = Program(client: program.client, role: "clerk", unit: "320507001")
            let key = UUID().uuidString
            let signed = try await clerk.post("\(path)/signed", [:], key: key)
            #expect(signed.status == .created && signed.json["recorded"]?.bool == true)
            #expect(signed.json["ticketState"]?.object?["number"] != nil, "its own number, for want of the shown one")
            let again = try await clerk.post("\(path)/signed", [:], key: key)
            #expect(again.status == .ok && again.json["repeat"]?.bool == true)
            let shown = try await program.get(path)
            #expect(shown.status == .ok && shown.json["status"]?.string == "inHand")
        }
    }

    @Test("a clerk signs on a page, though the node's state cannot be read, and its head says how the line is")
    func clerk() async throws {
        let (node, ticket) = try damaged()
        var ports = node.ports
        let views = ports.views
        ports.status = { _ in ["position": .integer(try views.checkpoint().position)] }
        ports.isCentre = false
        let path = "/tickets/\(ticket.key)"
        try await Application(router: API.router(ports)).test(.router) { client in
            let clerk = try await Browser(client: client).loggedIn()
            let page = try await clerk.get(path)
            #expect(page.status == .ok && page.text.contains("class=\"badge offline"))
            let form = [("csrf", page.hidden("csrf")), ("command", page.hidden("command", after: "\(path)/signed"))]
            let answer = try await clerk.post("\(path)/signed", form)
            #expect(answer.status == .seeOther && answer.headers[.location] == "\(path)?done=new")
        }
        #expect(try node.fold(ticket)?.state.status == .inHand)
    }
}
