import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Node
import Testing
import Texts
import Tickets

@testable import Server

/// Tickets with events of a later version: everybody who looks is told that what is shown may not be all.
@Suite("Tickets that need an upgrade") struct NeedsUpgradeTests {
    /// A ticket that a later version has written to, and one that it has not.
    private func node() throws -> (node: ServedNode, later: StreamName, plain: StreamName) {
        let node = try ServedNode()
        let later = try node.dispatched("井盖缺失")
        let plain = try node.dispatched("路灯不亮")
        for (number, type) in [EventType("ticket.projected"), EventType("ticket.signed", version: "2")].enumerated() {
            let draft = Draft(stream: later, type: type, body: ["new": .integer(1)], occurredAt: FixedClock.now)
            let command = NodeCommand(
                id: CommandID(derivedFrom: "later", String(number)), .record([draft]),
                actor: Actor(account: "zhou", role: "clerk", unit: "320507001"))
            _ = try node.submit(command).get()
        }
        return (node, later, plain)
    }

    @Test("a program sees it in lists, on the ticket and counted; the status is what is known")
    func program() async throws {
        let (node, later, plain) = try node()
        try await node.called { program in
            let items = try await program.get("/api/v1/tickets").json["items"]?.array?.compactMap(\.object) ?? []
            let marked = items.filter { $0["needsUpgrade"] == .bool(true) }.compactMap { $0["ticket"]?.string }
            #expect(marked == [later.text] && items.count == 2)
            let ticket = try await program.get("/api/v1/tickets/\(later.key)").json
            #expect(ticket["needsUpgrade"] == .bool(true))
            #expect(ticket["status"]?.string == "dispatched")
            let history = ticket["history"]?.array?.compactMap(\.object).suffix(2) ?? []
            #expect(history.map { $0["effect"]?.string } == ["unknownType", "unknownType"])
            #expect(history.map { $0["typeVersion"]?.string } == [nil, "2"])
            #expect(try await program.get("/api/v1/tickets/\(plain.key)").json["needsUpgrade"] == nil)
            #expect(try await program.get("/api/v1/status").json["needingUpgrade"]?.integer == 1)
            #expect(try await program.get("/metrics").text.contains("gridline_tickets_needing_upgrade 1\n"))
        }
    }

    @Test("a person sees it beside the status in the list, above the ticket and in its history")
    func person() async throws {
        let (node, later, plain) = try node()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let list = try await clerk.get("/?unit=*").text
            #expect(list.components(separatedBy: "需升级").count == 2)
            let page = try await clerk.get("/tickets/\(later.key)").text
            #expect(page.contains(PageTexts(.chinese)[.needsUpgradeNotice]))
            #expect(page.components(separatedBy: "需升级：本版本不认识此类型").count == 3)
            #expect(try await !clerk.get("/tickets/\(plain.key)").text.contains("需升级"))
        }
    }
}
