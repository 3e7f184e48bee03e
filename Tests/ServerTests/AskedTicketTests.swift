import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
import Node
import Projections
import Testing
import Tickets

@testable import Server

@Suite("A ticket by its number") struct AskedTicketTests {
    private func number(of ticket: StreamName, _ node: ServedNode) throws -> TicketNumber {
        try #require(try node.fold(ticket)?.state.number.flatMap { TicketNumber($0) })
    }

    /// The number with another check digit.
    private func mistyped(_ number: TicketNumber) -> String {
        let last = Int(number.text.suffix(1)) ?? 0
        return "\(number.text.dropLast())\((last + 1) % 10)"
    }

    /// A ticket that another node gave the same number.
    private func twin(of number: TicketNumber, _ node: ServedNode) throws -> StreamName {
        let twin = try StreamName("ticket/restored")
        let fields: JSONObject = [
            "channel": "phone".json, "matter": "路灯不亮".json, "number": number.text.json, "owner": "street".json,
            "ownerNode": "street1".json,
        ]
        _ = try node.hear(.registered, fields, from: "street1", on: twin)
        return twin
    }

    @Test("the API shows it however the digits are set apart, with its name in the body")
    func shown() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let number = try number(of: ticket, node)
        try await node.called { program in
            let named = try await program.get("/api/v1/tickets/\(ticket.key)")
            let spoken = number.spoken
            for typed in [number.text, spoken.replacing(" ", with: "%20"), spoken.replacing(" ", with: "-")] {
                let answer = try await program.get("/api/v1/tickets/\(typed)")
                #expect(answer.status == .ok && answer.json == named.json, "\(typed)")
                #expect(answer.json["ticket"]?.string == ticket.text && answer.headers[.eTag] == named.headers[.eTag])
            }
        }
    }

    @Test("one that was given a moment ago is found, too: the views come up first")
    func new() async throws {
        let node = try ServedNode()
        node.holdsViews = true
        node.patience = .milliseconds(20)
        let ticket = try node.dispatched()
        let number = try number(of: ticket, node)
        try await node.called { program in
            let early = try await program.get("/api/v1/tickets/\(number.text)")
            #expect(early.status == .serviceUnavailable && early.json["code"]?.string == "GL-6027")
            try node.catchUp()
            let read = try await program.get("/api/v1/tickets/\(number.text)")
            #expect(read.status == .ok && read.json["ticket"]?.string == ticket.text)
        }
    }

    @Test("a mistyped number, one that nobody has and one that two have are each a problem of its own")
    func problems() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let number = try number(of: ticket, node)
        let none = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 99_999))
        let twin = try twin(of: number, node)
        let wrong = mistyped(number)
        try await node.called { program in
            for typed in [wrong, "\(wrong.prefix(6))-\(wrong.dropFirst(6))", "\(wrong)-2"] {
                let answer = try await program.get("/api/v1/tickets/\(typed)")
                #expect(answer.status == .badRequest && answer.json["code"]?.string == "GL-6033", "\(typed)")
                #expect(answer.json["title"]?.string?.contains(typed) == true)
            }
            let unknown = try await program.get("/api/v1/tickets/\(none)")
            #expect(unknown.status == .notFound && unknown.json["code"]?.string == "GL-6034")
            #expect(unknown.json["title"]?.string?.contains(none.text) == true)
            let shared = try await program.get("/api/v1/tickets/\(number)")
            #expect(shared.status == .conflict && shared.json["code"]?.string == "GL-6035")
            for one in [ticket, twin] { #expect(shared.json["detail"]?.string?.contains(one.text) == true) }
            let later = try await program.get("/api/v1/tickets/\(number)-2")
            #expect(later.status == .ok && later.json["number"]?.string == "\(number)-2")
            #expect(try await program.get("/api/v1/tickets/\(number)-3").status == .notFound)
        }
    }

    @Test("a step by number is the ticket's: the same key by its name is a repeat; a ticket is merged into a number")
    func steps() async throws {
        let node = try ServedNode()
        let (ticket, other) = (try node.dispatched(), try node.dispatched())
        let (first, second) = (try number(of: ticket, node), try number(of: other, node))
        try await node.called { program in
            let clerk = Program(client: program.client, role: "clerk", unit: "320507001")
            let key = UUID().uuidString
            let signed = try await clerk.post("/api/v1/tickets/\(first)/signed", [:], key: key)
            #expect(signed.status == .created && signed.json["ticket"]?.string == ticket.text)
            let again = try await clerk.post("/api/v1/tickets/\(ticket.key)/signed", [:], key: key)
            #expect(again.status == .ok && again.json["repeat"]?.bool == true)
            let wrong = try await clerk.post("/api/v1/tickets/\(mistyped(first))/signed", [:])
            #expect(wrong.status == .badRequest && wrong.json["code"]?.string == "GL-6033")
            let desk = Program(client: program.client, role: "dispatcher")
            let merged = try await desk.post(
                "/api/v1/tickets/\(second)/mergedInto",
                ["body": .object(["into": first.spoken.json, "reason": "重复".json])])
            #expect(merged.status == .created)
        }
        #expect(try node.fold(other)?.state.mergedInto == ticket)
    }

    @Test("a number that was given a moment ago is found when the views have come up")
    func fresh() async throws {
        let node = try ServedNode()
        node.holdsViews = true
        try await node.called { program in
            let agent = Program(client: program.client, role: "agent")
            let made = try await agent.post(
                "/api/v1/tickets", ["body": .object(["channel": "phone".json, "matter": "积水".json])])
            let number = try #require(made.json["ticketState"]?.object?["number"]?.string)
            async let answer = program.get("/api/v1/tickets/\(number)")
            try node.catchUp()
            #expect(try await answer.json["ticket"] == made.json["ticket"])
        }
    }

    @Test("a page by number leads to the ticket's, and so does the search, whatever else is chosen")
    func pages() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let number = try number(of: ticket, node)
        let wrong = mistyped(number)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = "/tickets/\(ticket.key)"
            let typed = number.spoken.replacing(" ", with: "+")
            for path in ["/tickets/\(number)", "/?unit=320507009&group=soon&category=&text=\(typed)"] {
                let answer = try await clerk.get(path)
                #expect(answer.status == .seeOther && answer.headers[.location] == page, "\(path)")
            }
            let mistaken = try await clerk.get("/tickets/\(wrong)")
            #expect(mistaken.status == .badRequest && mistaken.text.contains("“\(wrong)”不是工单编号"))
            let searched = try await clerk.get("/?text=\(wrong)")
            #expect(searched.status == .ok && searched.text.contains("GL-6033"))
            #expect(try await !clerk.get("/?text=20261123").text.contains("GL-6033"))
        }
    }

    @Test("a key that looks like a mistyped number is a key where a ticket has it")
    func key() async throws {
        let node = try ServedNode()
        let number = try number(of: node.dispatched(), node)
        let wrong = mistyped(number)
        let old = try StreamName("ticket/\(wrong)")
        let fields: JSONObject = [
            "channel": "phone".json, "matter": "积水".json, "owner": "street".json, "ownerNode": "street1".json,
        ]
        _ = try node.hear(.registered, fields, from: "street1", on: old)
        try await node.called { program in
            let answer = try await program.get("/api/v1/tickets/\(wrong)")
            #expect(answer.status == .ok && answer.json["ticket"]?.string == old.text)
        }
        try await node.browse { browser in
            let page = try await browser.loggedIn().get("/tickets/\(wrong)")
            #expect(page.status == .ok && page.text.contains("积水"))
        }
    }

    @Test("another system's number is none that was mistyped, also where the list leaves its ticket out")
    func source() async throws {
        let node = try ServedNode()
        let imported = try StreamName("ticket/imported")
        let id = "20231208000123"
        #expect(TicketNumber.isMistaken(id))
        let fields: JSONObject = [
            "state": "answered".json, "matter": "积水".json,
            "source": .object(["name": "old".json, "id": id.json, "row": .integer(1), "hash": "0".json]),
        ]
        let draft = TicketDraft(.imported, fields, occurredAt: FixedClock.now).draft(in: imported)
        let command = NodeCommand(
            id: CommandID(derivedFrom: "import", id), .record([draft]), actor: Actor(system: "import", rule: "old"))
        _ = try node.submit(command).get()
        #expect(try node.ports.views.tickets(numbered: id).count == 1, "or this test shows nothing")
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let none = try await clerk.get("/?unit=320507009&group=soon&text=\(id)").text
            #expect(!none.contains("/tickets/imported") && !none.contains("GL-6033"))
        }
    }

    @Test("a search that is shared by two shows both")
    func sharedSearch() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let number = try number(of: ticket, node)
        let twin = try twin(of: number, node)
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let list = try await clerk.get("/?unit=*&text=\(number)").text
            for one in [ticket, twin] { #expect(list.contains("/tickets/\(one.key)")) }
            #expect(try await clerk.get("/tickets/\(number)").status == .conflict)
            #expect(try await clerk.get("/tickets/\(number)-2").status == .seeOther)
        }
    }
}
