import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Texts
import Tickets

@testable import Server

/// A ticket that left a street, which has let go what others wrote in it: everybody who looks is told so, and nothing is offered.
@Suite("Tickets that left and were let go") struct LetGoTests {
    private func street() throws -> (node: ServedNode, ticket: StreamName) {
        let centre = try ServedNode()
        let ticket = try centre.dispatched("井盖缺失")
        let node = try ServedNode("street")
        try node.letGo(try centre.events().filter { $0.stream == ticket })
        return (node, ticket)
    }

    @Test("a program finds it under its name, in no list or count; its history has envelopes alone; a step is refused")
    func program() async throws {
        let (node, ticket) = try street()
        try await node.called { program in
            for list in ["tickets", "tickets?status=closed", "tickets?order=newest"] {
                #expect(try await program.get("/api/v1/\(list)").json["items"] == .array([]), "\(list)")
            }
            #expect(try await program.get("/api/v1/counts?group=status,day").json["rows"] == .array([]))
            let answer = try await program.get("/api/v1/tickets/\(ticket.key)").json
            #expect(answer["letGo"] == .bool(true) && answer["missing"] == nil && answer["number"] == nil)
            #expect(answer["matter"]?.string == "")
            let history = answer["history"]?.array?.compactMap(\.object) ?? []
            #expect(history.count > 1 && history.allSatisfy { $0["body"] == nil && $0["effect"]?.string == "letGo" })
            #expect(history.allSatisfy { $0["type"] != nil && $0["occurredAt"] != nil })
        }
        #expect(throws: TicketRefusalFound.self) {
            do { try node.perform(.progressNoted, ["text": .string("再看")], on: ticket) } catch {
                if "\(error)".contains("left") { throw TicketRefusalFound() }
            }
        }
    }

    private struct TicketRefusalFound: Error {}

    @Test("a person sees it beside the ticket and above it, in both languages, and is offered no step")
    func person() async throws {
        let (node, ticket) = try street()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = try await clerk.get("/tickets/\(ticket.key)").text
            #expect(page.contains(PageTexts(.chinese)[.letGoNotice]))
            #expect(page.contains("内容已清除：工单已转出") && !page.contains("<details"))
            #expect(!page.contains("井盖缺失"))
        }
        #expect(PageTexts(.english)[.letGoNotice].contains("let go") && PageTexts(.english)[.letGo] == "left")
        #expect(PageTexts(.english).effect(code: "letGo") == PageTexts(.english).effect(.letGo))
        #expect(PageTexts(.chinese).effect(code: "missing").contains("缺失"))
    }
}
