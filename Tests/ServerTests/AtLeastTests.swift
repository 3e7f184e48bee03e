import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Projections
import Synchronization
import Testing
import Tickets

@testable import Server

@Suite("Reads that want a position") struct AtLeastTests {
    @Test("who waits hears of its position, of a later one, and of none that comes too early")
    func signal() async {
        let signal = PositionSignal()
        async let fifth = signal.wait(for: 5, atMost: .seconds(60))
        async let ninth = signal.wait(for: 9, atMost: .seconds(60))
        signal.raise(4)
        signal.raise(5)
        #expect(await fifth)
        signal.raise(12)
        #expect(await ninth)
        #expect(await signal.wait(for: 12, atMost: .zero), "what was told is known without waiting")
        #expect(await !signal.wait(for: 13, atMost: .milliseconds(5)))
    }

    @Test("who is not there any more waits no longer")
    func cancelled() async {
        let signal = PositionSignal()
        let waiting = Task { await signal.wait(for: 1, atMost: .seconds(600)) }
        waiting.cancel()
        #expect(await !waiting.value)
    }

    @Test("lists, counts and conflicts wait for the views to hold a position that a command was answered with")
    func views() async throws {
        let node = try ServedNode()
        node.holdsViews = true
        try await node.called { program in
            for path in ["tickets", "counts", "conflicts"] {
                var agent = program
                agent.role = "agent"
                let made = try await agent.post(
                    "/api/v1/tickets", ["body": .object(["channel": "phone".json, "matter": "积水".json])])
                let position = try #require(made.json["position"]?.integer)
                #expect(try node.ports.views.checkpoint().position < position)
                async let answer = program.get("/api/v1/\(path)?atLeast=\(position)")
                try node.catchUp()
                let read = try await answer
                #expect(read.status == .ok && read.json["position"]?.integer ?? 0 >= position, "\(path)")
            }
            let listed = try await program.get("/api/v1/tickets").json["items"]?.array
            #expect(listed?.count == 3)
        }
    }

    @Test("a position that does not come is a problem that says what is here")
    func never() async throws {
        let node = try ServedNode()
        node.holdsViews = true
        node.patience = .milliseconds(20)
        let ticket = try node.dispatched()
        let position = try node.position
        try await node.called { program in
            for (path, here) in [("tickets", 0), ("counts", 0), ("conflicts", 0), ("tickets/\(ticket.key)", position)] {
                let answer = try await program.get("/api/v1/\(path)?atLeast=\(position + 1)")
                #expect(answer.status == .serviceUnavailable, "\(path)")
                #expect(answer.json["code"] == "GL-6027".json && answer.json["position"] == .integer(here), "\(path)")
                #expect(answer.json["title"]?.string?.contains("\(position + 1)") == true)
            }
            #expect(try await program.get("/api/v1/tickets/\(ticket.key)?atLeast=\(position)").status == .ok)
            #expect(try await program.get("/api/v1/tickets?atLeast=\(position)").status == .serviceUnavailable)
            try node.catchUp()
            #expect(try await program.get("/api/v1/tickets?atLeast=\(position)").status == .ok)
        }
    }

    @Test("a ticket waits for the log, which comes while it waits")
    func ticket() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let position = try node.position
        var ports = node.ports
        // The log is one short when it is first asked, and the word comes after that.
        let asked = Atomic(false)
        let head: @Sendable () throws -> Int64 = { [progress = node.progress] in
            guard !asked.exchange(true, ordering: .relaxed) else { return position }
            Task.detached { progress.log.raise(position) }
            return position - 1
        }
        ports.head = head
        ports.progress = node.progress
        node.progress.log.raise(position - 1)
        try await Application(router: API.router(ports)).test(.router) { client in
            let answer = try await Program(client: client).get("/api/v1/tickets/\(ticket.key)?atLeast=\(position)")
            #expect(answer.status == .ok && answer.json["ticket"] == ticket.text.json)
        }
    }

    @Test("a command's answer carries the ticket as reading it shows it, unless less is preferred")
    func representation() async throws {
        let node = try ServedNode()
        try await node.called { program in
            var agent = program
            agent.role = "agent"
            let body: JSONObject = ["body": .object(["channel": "phone".json, "matter": "积水".json])]
            let key = "01900000-0000-7000-8000-00000000aaaa"
            let made = try await agent.post("/api/v1/tickets", body, key: key)
            #expect(made.status == .created)
            let name = try #require(made.json["ticket"]?.string)
            let path = "/api/v1/tickets/\(name.dropFirst(7))"
            #expect(made.json["ticketState"] == .object(try await program.get(path).json))
            #expect(made.json["ticketState"]?.object?["version"] == made.json["version"])
            let number = try #require(made.json["number"]?.string, "what people read on the telephone")
            #expect(made.json["ticketState"]?.object?["number"] == number.json)

            let text: JSONObject = ["body": .object(["text": "已到现场".json])]
            var clerk = program
            clerk.role = "clerk"
            let noted = try await clerk.post("\(path)/progressNoted", text)
            #expect(noted.json["ticketState"] == .object(try await program.get(path).json))
            #expect(noted.json["ticketState"]?.object?["history"]?.array?.count == 2)

            let less = try await clerk.post("\(path)/progressNoted", text, prefer: "respond-async, return=minimal")
            #expect(less.status == .created && less.json["ticketState"] == nil && less.json["position"] != nil)
            #expect(less.json["number"] == nil)

            let again = try await agent.post("/api/v1/tickets", body, key: key)
            #expect(again.status == .ok && again.json["position"] == made.json["position"])
            #expect(again.json["ticketState"] == .object(try await program.get(path).json), "the ticket by now")
        }
    }
}
