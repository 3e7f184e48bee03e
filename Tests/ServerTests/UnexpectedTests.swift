import Events
import Hummingbird
import HummingbirdTesting
import Server
import Synchronization
import Testing

@Suite("Errors that nobody expected") struct UnexpectedTests {
    private struct Odd: Error, CustomStringConvertible {
        let description = "odd: 13812345678"
    }

    @Test("the answer says when, and the node's alarm what; neither has a person's number")
    func told() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        let alarms = Mutex<[Words]>([])
        var ports = node.ports
        ports.ticket = { _, _ in throw Odd() }
        ports.unexpected = { alarm in alarms.withLock { $0.append(alarm) } }
        try await Application(router: API.router(ports)).test(.router) { client in
            let answer = try await Program(client: client).get("/api/v1/tickets/\(ticket.key)")
            #expect(answer.status == .internalServerError)
            #expect(answer.json["code"] == .string("GL-6025"))
            let title = "an error that nobody expected, at \(FixedClock.now.utcText)"
            #expect(answer.json["title"]?.string == title)
        }
        let said = alarms.withLock { $0 }.map(\.description)
        #expect(said == ["an answer at \(FixedClock.now.utcText) failed: odd: ⟦mobile⟧"])
    }

    @Test("an expected error is no alarm")
    func expected() async throws {
        let node = try ServedNode()
        let alarms = Mutex(0)
        var ports = node.ports
        ports.unexpected = { _ in alarms.withLock { $0 += 1 } }
        try await Application(router: API.router(ports)).test(.router) { client in
            let answer = try await Program(client: client).get("/api/v1/tickets?limit=many")
            #expect(answer.status == .badRequest)
        }
        #expect(alarms.withLock { $0 } == 0)
    }
}
