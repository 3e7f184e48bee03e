import Testing

@testable import Events

/// An event that was read or made here is not hashed again; one that was changed since is.
@Suite("Whether an event's hash is that of its fields") struct EventWholeTests {
    private static func id(_ sequence: Int64) throws -> EventID {
        EventID(origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(1)), sequence: sequence)
    }

    private static func event() throws -> Event {
        Event(
            id: try id(2), hlc: HybridTime(rawValue: 7), stream: try StreamName("ticket/1"),
            type: EventType("ticket.noted"), basis: .empty, actor: Actor(account: "a", role: "agent", unit: "320507"),
            occurredAt: Timestamp(milliseconds: 5), recordedAt: Timestamp(milliseconds: 6),
            command: CommandID(high: 1, low: 2), index: 3, causation: nil, correlation: nil, body: Array("{}".utf8),
            sealed: nil, previous: .sha256([1]))
    }

    /// One change of each field.
    private static let changes: [(String, @Sendable (inout Event) throws -> Void)] = [
        ("id", { $0.id = try id(3) }), ("hlc", { $0.hlc = HybridTime(rawValue: 8) }),
        ("stream", { $0.stream = try StreamName("ticket/2") }), ("type", { $0.type = EventType("ticket.urged") }),
        ("basis", { $0.basis = Basis([try id(1)]) }),
        ("actor", { $0.actor = Actor(system: "timer", rule: "1") }),
        ("occurredAt", { $0.occurredAt = Timestamp(milliseconds: 4) }),
        ("recordedAt", { $0.recordedAt = Timestamp(milliseconds: 9) }),
        ("command", { $0.command = CommandID(high: 1, low: 3) }), ("index", { $0.index = 4 }),
        ("causation", { $0.causation = try id(1) }),
        ("correlation", { $0.correlation = try StreamName("call/1") }), ("body", { $0.body = .here(Array("[]".utf8)) }),
        ("sealed", { $0.sealed = [1] }), ("previous", { $0.previous = .sha256([2]) }),
        ("hash", { $0.hash = .sha256([3]) }),
    ]

    @Test("a change of any field ends it, and leaves the other copies as they are", arguments: changes.map(\.0))
    func changed(field: String) throws {
        let made = try EventWholeTests.event().hashed()
        let read = try Event(canonicalBytes: made.canonicalBytes)
        #expect(made.isWhole && read.isWhole && read == made && read.hash == made.computedHash)
        let change = try #require(EventWholeTests.changes.first { $0.0 == field }).1
        for event in [made, read] {
            var other = event
            try change(&other)
            #expect(!other.isWhole && other != event && event.isWhole)
            // Hashed anew it is another event, but for one whose hash alone was changed.
            #expect(other.hashed().isWhole && (other.hashed() == event) == (field == "hash"))
        }
    }

    @Test("what came with a hash is believed only when it fits")
    func stored() throws {
        var event = try EventWholeTests.event()
        #expect(!event.isWhole, "nobody has hashed it")
        event.hash = event.computedHash
        #expect(event.isWhole && event == event.hashed())
    }
}
