import Events
import Foundation
import Rules
import Testing
import Tickets

@testable import Node

/// The table of what is about no ticket (`docs/format/nodes.md`).
@Suite("Duties") struct DutyTests {
    private func actor(_ role: TicketRole) -> Actor { Actor(account: "li", role: role.rawValue, unit: "320507") }

    @Test("the three administrators are apart: none has another's duty")
    func administrators() {
        let duties = { (role: TicketRole) in Duty.allCases.filter { $0.refusal(of: actor(role)) == nil } }
        #expect(duties(.systemAdmin) == [.publishRules, .admitNodes])
        #expect(duties(.securityAdmin) == [.reveal, .revealConfidential, .erase])
        #expect(duties(.auditAdmin) == [])
        #expect(duties(.gridWorker) == [])
    }

    @Test("a node enrols by itself, and no system actor has a person's duty")
    func systems() {
        for (system, own) in [("enrol", Duty.enrol), ("rotate", .endKey)] {
            for duty in Duty.allCases {
                let isOwn = duty.refusal(of: Actor(system: system, rule: "1")) == nil
                #expect(isOwn == (duty == own), "\(duty)")
            }
        }
    }

    @Test("every wish that is about no ticket's step has its duty")
    func wishes() throws {
        let now = Timestamp(milliseconds: 0)
        let node = try NodeID("street1")
        #expect(NodeCommand.Wish.node(node, .invite(secretHash: "", expiresAt: now)).duties == [.admitNodes])
        #expect(NodeCommand.Wish.node(node, .revoke(reason: "")).duties == [.admitNodes])
        #expect(NodeCommand.Wish.node(node, .enrol(key: "", secret: "")).duties == [.enrol])
        let rotation = NodeStep.rotate(secretHash: "", expiresAt: now, overlap: 0)
        #expect(NodeCommand.Wish.node(node, rotation).duties == [.admitNodes])
        #expect(NodeCommand.Wish.node(node, .endKey("", .revoked(reason: ""))).duties == [.admitNodes])
        for end in [KeyEnd.used, .overlap] {
            #expect(NodeCommand.Wish.node(node, .endKey("", end)).duties == [.endKey])
        }
        for kind in RuleBook.kinds {
            let drafts = try #require(try RuleBook.default.bodies.first { $0.kind == kind }).body
            let wish = NodeCommand.Wish.record(try RuleBook.drafts(publishing: drafts, as: kind, at: now))
            #expect(Set(wish.duties) == [.publishRules], "\(kind)")
        }
        for (type, duty) in [(Identity.revealed, Duty.reveal), (Erasure.type, .erase)] {
            let draft = Draft(stream: try StreamName("person/x"), type: type, body: [:], occurredAt: now)
            #expect(NodeCommand.Wish.record([draft]).duties == [duty])
        }
        // Whoever may look does not erase in the same breath.
        let both = try [Identity.revealed, Erasure.type].map { type in
            Draft(stream: try StreamName("person/x"), type: type, body: [:], occurredAt: now)
        }
        #expect(NodeCommand.Wish.record(both).duties == [.reveal, .erase])
    }

    @Test("docs/format/nodes.md prints the table")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/format/nodes.md"), encoding: .utf8)
        for duty in Duty.allCases {
            #expect(page.contains("| \(duty.rawValue) | \(duty.who.names.joined(separator: ", ")) |"), "\(duty)")
        }
    }
}
