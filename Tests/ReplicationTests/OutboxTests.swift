import Events
import Testing

@testable import Replication

@Suite("A street's own events on their way") struct OutboxTests {
    private let origin: Origin

    init() throws { origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(5)) }

    private func event(_ sequence: Int64) throws -> Event {
        Event(
            id: EventID(origin: origin, sequence: sequence), hlc: .zero, stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"), basis: .empty, actor: Actor(system: "t", rule: "1"),
            occurredAt: Timestamp(milliseconds: 1), recordedAt: Timestamp(milliseconds: 1),
            command: CommandID(derivedFrom: "u"), index: 0, causation: nil, correlation: nil, body: Array("{}".utf8),
            sealed: nil, previous: .zero)
    }

    /// An outbox whose first event, of `head`, was sent at 10.
    private func sent(head: Int64) throws -> Outbox {
        var outbox = Outbox()
        outbox.extend([OriginMark(origin: origin, sequence: head)], now: 0)
        #expect(outbox.toRead(now: 9).map(\.above) == [0])
        let read = outbox.send(origin, above: 0, [try event(1)], now: 10)
        #expect(read == .next([try event(1)]))
        return outbox
    }

    @Test("few events wait for the hub's word on those before, and go together")
    func gathers() throws {
        var outbox = try sent(head: 1)
        for (sequence, time) in [(2, 20), (3, 30)] as [(Int64, Int64)] {
            outbox.extend([OriginMark(origin: origin, sequence: sequence)], now: time)
            #expect(outbox.toRead(now: time).isEmpty)
        }
        outbox.confirm(origin, 1, now: 40)
        #expect(outbox.toRead(now: 40).map(\.above) == [1])
        let read = outbox.send(origin, above: 1, [try event(2), try event(3)], now: 41)
        #expect(read == .next([try event(2), try event(3)]))
    }

    @Test("they wait a moment, no longer")
    func moment() throws {
        var outbox = try sent(head: 1)
        outbox.extend([OriginMark(origin: origin, sequence: 2)], now: 20)
        let time = 10 + StreetSession.Limit.gathering
        #expect(outbox.toRead(now: time - 1).isEmpty)
        #expect(outbox.toRead(now: time).map(\.above) == [1])
    }

    @Test("what was left behind waits for no word, and neither do many")
    func others() throws {
        var left = try sent(head: 2)
        #expect(left.toRead(now: 11).map(\.above) == [1])
        var many = try sent(head: 1)
        many.extend([OriginMark(origin: origin, sequence: StreetSession.Limit.gathered)], now: 11)
        #expect(many.toRead(now: 11).isEmpty)
        many.extend([OriginMark(origin: origin, sequence: 1 + StreetSession.Limit.gathered)], now: 12)
        #expect(many.toRead(now: 12).map(\.above) == [1])
    }

    @Test("origins share one window, the older ones first; one that is halted takes nothing of it")
    func window() throws {
        var outbox = Outbox()
        let origins = (1...8).map { Origin(node: origin.node, incarnation: Incarnation($0)) }
        outbox.extend(origins.map { OriginMark(origin: $0, sequence: 100) }, now: 0)
        func sent(_ origin: Origin) throws -> [Event] {
            let events = try (1...100).map { number in
                var event = try event(Int64(number))
                event.id = EventID(origin: origin, sequence: Int64(number))
                event.body = .here(Array(repeating: 0x20, count: 4_000))
                return event
            }
            guard case .next(let next) = outbox.send(origin, above: 0, events, now: 10) else { return [] }
            return next
        }
        var bytes: [Int] = []
        for (wanted, _) in outbox.toRead(now: 10) {
            bytes.append(try sent(wanted).reduce(0) { $0 + $1.canonicalBytes.count })
        }
        #expect(bytes.count == 8 && bytes[0] > outbox.window - 4_300)
        // Those that were being read at the same time have one event each under way, and then nothing is read.
        #expect(bytes.reduce(0, +) <= outbox.window + 8 * 4_300, "\(bytes)")
        let none = outbox.toRead(now: 11)
        #expect(none.isEmpty)
        _ = outbox.halt(origins[0])
        let others = outbox.toRead(now: 12)
        #expect(others.map(\.origin) == Array(origins[1...]))
    }
}

extension Outbox {
    /// As at the start, without holes.
    fileprivate mutating func extend(_ marks: [OriginMark], now: Int64) {
        extend(marks, whole: [:], since: nil, now: now)
    }
}
