/// What the contract's cases are written with.

import Events
import Testing

extension LogContract {
    /// One case of the contract.
    package struct Case: Sendable, CustomTestStringConvertible {
        package let name: String
        package let run: @Sendable (LogContract) throws -> Void
        init(_ name: String, run: @escaping @Sendable (LogContract) throws -> Void) {
            self.name = name
            self.run = run
        }
        package var testDescription: String { name }
    }

    func centre(audience: any Audience = NoAudience()) throws -> any EventLog {
        try open(NodeID("centre"), 0xC1, audience)
    }

    /// An event that a street wrote into `stream`.
    func foreign(stream name: String, hlc: HybridTime = HybridTime(rawValue: 70_000)) throws -> Event {
        Event(
            id: EventID(origin: Origin(node: try NodeID("street1"), incarnation: Incarnation(7)), sequence: 1),
            hlc: hlc,
            stream: try stream(name), type: EventType("ticket.signed"), basis: .empty,
            actor: Actor(account: "li", role: "clerk", unit: "320507001"), occurredAt: Timestamp(milliseconds: 1),
            recordedAt: Timestamp(milliseconds: 2), command: CommandID(derivedFrom: "foreign", name), index: 0,
            causation: nil,
            correlation: nil, body: Array("{\"a\":1}".utf8), sealed: nil, previous: .zero
        ).chained(to: .zero)
    }

    /// A chained run of events of one street origin.
    func foreignRun(count: Int) throws -> [Event] {
        var events: [Event] = []
        for number in 1...count {
            var event = try foreign(stream: "ticket/\(number)")
            event.id = EventID(origin: event.id.origin, sequence: Int64(number))
            event.command = CommandID(derivedFrom: "run", String(number))
            event.hlc = HybridTime(rawValue: 70_000 + Int64(number))
            events.append(event.chained(to: events.last?.hash ?? .zero))
        }
        return events
    }
}

extension EventLog {
    @discardableResult
    func put(_ command: CommandID, _ streams: [String], at now: Int = 1_000, type: String = "ticket.noted") throws
        -> [StoredEvent]
    {
        let outcome = try write { try $0.append(request(command, streams, at: now, type: type)) }
        guard case .appended(let stored) = outcome else { throw Unexpected(outcome) }
        return stored
    }
}

func stream(_ name: String) throws -> StreamName { try StreamName(name) }
func command(_ number: Int) -> CommandID { CommandID(derivedFrom: "contract", String(number)) }

func request(
    _ command: CommandID, _ streams: [String], at now: Int = 1_000, type: String = "ticket.noted",
    conditions: [StreamCondition] = []
) throws -> AppendRequest {
    let instant = Timestamp(milliseconds: Int64(now))
    return AppendRequest(
        command: command, actor: Actor(account: "wang", role: "agent", unit: "centre"), now: instant,
        drafts: try streams.map {
            Draft(
                stream: try stream($0), type: EventType(type),
                body: ["text": .string("说明"), "n": .integer(Int64(now))], occurredAt: instant)
        }, conditions: conditions)
}

/// Thrown inside a transaction to end it.
struct Interrupted: Error {}

/// Something came out that the case did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ value: Any) { description = "unexpected: \(value)" }
}
