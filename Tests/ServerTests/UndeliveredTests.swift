import Events
import HTTPTypes
import HummingbirdTesting
import Testing
import Tickets

@Suite("Tickets that are not where their unit works") struct UndeliveredTests {
    private let notice = """
        node yuanhe, at which unit 320507001 works, is not enrolled: the ticket is handled at the centre; once the node is \
        enrolled, reassign the ticket to 320507001
        """

    private func queued(at node: ServedNode) throws -> StreamName {
        let ticket = try node.perform(
            .registered, ["channel": "phone".json, "matter": "路灯不亮".json, "category": .array(["路灯".json])])
        try node.perform(.queuedForDispatch, [:], on: ticket)
        return ticket
    }

    /// Gives the lead to a unit, as a dispatcher would.
    private func give(
        _ kind: TicketEventKind, _ ticket: StreamName, to unit: String, _ program: Program, language: String? = nil,
        prefer: String? = nil
    ) async throws -> JSONObject {
        var dispatcher = program
        (dispatcher.role, dispatcher.language) = ("dispatcher", language)
        let answer = try await dispatcher.post(
            "/api/v1/tickets/\(ticket.key)/\(kind.rawValue)", ["body": .object(["lead": unit.json])], prefer: prefer)
        #expect(answer.status == .created)
        #expect((answer.headers[.contentLanguage] == nil) == (answer.json["notices"] == nil))
        return answer.json
    }

    @Test("a dispatch to a node that is not enrolled says so; a reassignment after it enrolled sends the ticket")
    func enrolsLater() async throws {
        let node = try ServedNode()
        let ticket = try queued(at: node)
        let another = try queued(at: node)
        try await node.called { program in
            func undelivered() async throws -> Int64? {
                try await program.get("/api/v1/status").json["undelivered"]?.integer
            }
            #expect(try await undelivered() == 0)
            let answer = try await give(.dispatched, ticket, to: "320507001", program)
            #expect(answer["notices"]?.array?.compactMap(\.string) == [notice])
            #expect(answer["ticketState"]?.object?["leadNode"]?.string == "centre")
            #expect(try await undelivered() == 1)
            _ = try await give(.dispatched, another, to: "320507001", program)
            #expect(try await undelivered() == 2)
            #expect(try await program.get("/metrics").text.contains("gridline_tickets_undelivered 2\n"))

            // Who enrols gets what is dispatched from then on: what was dispatched before names the centre.
            try node.enrol(NodeID("yuanhe"))
            #expect(try node.fold(ticket)?.state.lead?.node?.text == "centre")
            #expect(try await undelivered() == 2)
            let sent = try await give(.reassigned, ticket, to: "320507001", program)
            #expect(sent["notices"] == nil)
            #expect(sent["ticketState"]?.object?["leadNode"]?.string == "yuanhe")
            #expect(try await undelivered() == 1)
        }
    }

    @Test("the notice is in the caller's language, and there without the ticket too")
    func minimal() async throws {
        let node = try ServedNode()
        let ticket = try queued(at: node)
        try await node.called { program in
            let answer = try await give(
                .dispatched, ticket, to: "320507001", program, language: "zh-CN", prefer: "return=minimal")
            #expect(answer["ticketState"] == nil)
            #expect(answer["notices"]?.array?.first?.string?.hasPrefix("单位 320507001 所在的节点 yuanhe 尚未入网") == true)
        }
    }

    @Test("a unit that no territory names is told; a department, which works at the centre, is not")
    func units() async throws {
        let node = try ServedNode()
        let strange = try queued(at: node)
        let department = try queued(at: node)
        try await node.called { program in
            // Of a district whose territory is not published.
            let answer = try await give(.dispatched, strange, to: "440310001", program)
            #expect(
                answer["notices"]?.array?.first?.string?.hasPrefix("no territory names unit 440310001, so that no node")
                    == true)
            #expect(try await give(.dispatched, department, to: "320507-d01", program)["notices"] == nil)
            #expect(try await program.get("/api/v1/status").json["undelivered"]?.integer == 1)
        }
    }

    @Test("the ticket's page says why it is not delivered, and the node's page counts it")
    func pages() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = try await clerk.get("/tickets/\(ticket.key)").text
            #expect(page.contains("<p class=\"notice offline\" role=\"status\">未送达：单位 320507001 所在的节点 yuanhe 尚未入网"))
            #expect(try await clerk.get("/status").text.contains("未送达的工单</th><td>1</td>"))
            try node.enrol(NodeID("yuanhe"))
            let later = try await clerk.get("/tickets/\(ticket.key)").text
            #expect(later.contains("未送达：工单在中心，而单位 320507001 在节点 yuanhe 办公"))
        }
    }
}
