import Testing

@testable import Events

/// What comes in by a line of `gridline export --events` is an event that log and wire can read again.
@Suite("Event lines") struct EventLineTests {
    private func event(_ change: (inout Event) throws -> Void = { _ in }) throws -> Event {
        let origin = Origin(node: try NodeID("centre"), incarnation: Incarnation(9))
        var event = Event(
            id: EventID(origin: origin, sequence: 1), hlc: HybridTime(rawValue: 1), stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"), basis: .empty, actor: Actor(account: "li", role: "clerk", unit: "1"),
            occurredAt: Timestamp(milliseconds: 1), recordedAt: Timestamp(milliseconds: 2),
            command: CommandID(derivedFrom: "line"), index: 0, causation: nil, correlation: nil,
            body: Array("{}".utf8), sealed: nil, previous: .zero)
        try change(&event)
        return event
    }

    @Test("a line gives its event back")
    func roundTrip() throws {
        let event = try event().chained(to: .zero)
        #expect(try Event(exportLine: event.exportLine) == event)
    }

    @Test("a type or version that no event can hold is refused, and nothing traps")
    func longType() throws {
        for type in [
            EventType(String(repeating: "x", count: 256)), EventType("a", version: String(repeating: "1", count: 300)),
        ] {
            let line = try event { $0.type = type }.exportLine
            let error = #expect(throws: DecodeError.self) { try Event(exportLine: line) }
            guard case .oversize(_, _, 255) = error else { return #expect(error == nil) }
        }
    }

    @Test("what its own bytes may not hold is refused, though the hash is right")
    func limits() throws {
        let origin = Origin(node: try NodeID("a"), incarnation: Incarnation(1))
        let twice = [EventID(origin: origin, sequence: 1), EventID(origin: origin, sequence: 2)]
        let long = Array("\"\(String(repeating: "x", count: Event.Limit.body))\"".utf8)
        let changes: [(inout Event) -> Void] = [
            { $0.hlc = HybridTime(rawValue: -1) }, { $0.hlc = HybridTime(rawValue: .max) },
            { $0.basis = Basis(twice) }, { $0.body = .here(long) },
            { $0.sealed = [UInt8](repeating: 0, count: Event.Limit.sealed + 1) },
            { $0.actor = Actor(text: JSON.string(String(repeating: "x", count: Event.Limit.actor)).canonicalText) },
        ]
        for (place, change) in changes.enumerated() {
            let event = try event(change).chained(to: .zero)
            #expect(throws: DecodeError.self, "change \(place)") { try Event(exportLine: event.exportLine) }
        }
    }

    @Test("sealed data of no bytes is none")
    func emptySealed() throws {
        let event = try event { $0.sealed = [] }.chained(to: .zero)
        #expect(try Event(exportLine: event.exportLine).sealed == nil)
    }
}
