import Dispatch
import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Server

@Suite("Handlers' threads", .timeLimit(.minutes(1))) struct HandlerThreadsTests {
    @Test("slow reads, more than there are cores, hold up no command and nobody's look at the node's health")
    func slowReads() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let slow = HandlerThreads.count
        let gate = DispatchSemaphore(value: 0)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        var ports = node.ports
        let read = ports.ticket
        ports.ticket = { ticket, moment in
            enter.yield()
            if gate.wait(timeout: .now() + 20) == .timedOut { Issue.record("everybody waits for the reads") }
            return try read(ticket, moment)
        }
        let path = "/api/v1/tickets/\(ticket.key)"
        try await Application(router: API.router(ports)).test(.router) { client in
            let program = Program(client: client)
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<slow { group.addTask { try await program.get(path).status } }
                var reads = entered.makeAsyncIterator()
                for _ in 0..<slow { await reads.next() }
                #expect(try await program.get("/healthz").status == .ok)
                let clerk = Program(client: client, role: "clerk", unit: "320507001")
                #expect(try await clerk.post("\(path)/signed", [:]).status == .created)
                for _ in 0..<slow { gate.signal() }
                for try await status in group { #expect(status == .ok) }
            }
        }
    }
}
