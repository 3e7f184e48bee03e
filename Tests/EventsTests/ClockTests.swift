import Testing

@testable import Events

@Suite("The hybrid clock") struct ClockTests {
    @Test("grows with every reading, also when the wall clock stands or falls back")
    func grows() {
        var clock = HybridClock()
        var last = HybridTime.zero
        for now in [5, 5, 5, 3, 1, 9] as [Int64] {
            let next = clock.tick(at: Timestamp(milliseconds: now), above: .zero)
            #expect(next > last)
            last = next
        }
        #expect(last.milliseconds == 9)
    }

    @Test("stays above its stream without being moved by it")
    func stream() {
        var clock = HybridClock()
        let far = HybridTime(Timestamp(milliseconds: 1_000_000))
        #expect(clock.tick(at: Timestamp(milliseconds: 1), above: far).rawValue == far.rawValue + 1)
        #expect(clock.tick(at: Timestamp(milliseconds: 2), above: .zero).milliseconds == 2)
    }

    @Test("a stream driven to the limit neither traps nor passes it")
    func limit() {
        var clock = HybridClock()
        for above in [
            HybridTime.limit, HybridTime(rawValue: .max), HybridTime(rawValue: HybridTime.limit.rawValue - 1),
        ] {
            #expect(clock.tick(at: Timestamp(milliseconds: 1), above: above) == .limit)
        }
        #expect(clock.tick(at: Timestamp(milliseconds: .max), above: .zero) <= .limit)
    }

    @Test("an instant stays within the years 1 to 9999, whatever is written or added")
    func instants() {
        #expect(Timestamp(milliseconds: .min).milliseconds == Timestamp.range.lowerBound)
        #expect(Timestamp(milliseconds: .max).milliseconds == Timestamp.range.upperBound)
        for start in [Timestamp(milliseconds: .min), Timestamp(milliseconds: 0), Timestamp(milliseconds: .max)] {
            #expect((start + .max).milliseconds == Timestamp.range.upperBound)
            #expect((start + .min).milliseconds == Timestamp.range.lowerBound)
        }
        #expect(Timestamp(milliseconds: .max) - Timestamp(milliseconds: .min) > 0)
    }

    @Test("bytes with an instant out of range are no event", arguments: [Int64.min, .max])
    func instantBytes(value: Int64) throws {
        let event = Event(
            id: EventID(origin: Origin(node: try NodeID("a"), incarnation: Incarnation(1)), sequence: 1),
            hlc: .zero, stream: try StreamName("ticket/1"), type: EventType("t"), basis: .empty,
            actor: Actor(system: "t", rule: "1"), occurredAt: Timestamp(milliseconds: 0x1234_5678),
            recordedAt: Timestamp(milliseconds: 1), command: CommandID(high: 1, low: 2), index: 0, causation: nil,
            correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero)
        var bytes = event.canonicalBytes
        let place = try #require(bytes.firstRange(of: [0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78] as [UInt8]))
        #expect(try Event(canonicalBytes: bytes).occurredAt == event.occurredAt)
        bytes.replaceSubrange(place, with: (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
        #expect(throws: DecodeError.self) { try Event(canonicalBytes: bytes) }
    }

    @Test("bytes with an hlc out of range are refused")
    func bytes() throws {
        let event = Event(
            id: EventID(origin: Origin(node: try NodeID("a"), incarnation: Incarnation(1)), sequence: 1),
            hlc: HybridTime(rawValue: .max), stream: try StreamName("ticket/1"), type: EventType("t"), basis: .empty,
            actor: Actor(system: "t", rule: "1"), occurredAt: Timestamp(milliseconds: 1),
            recordedAt: Timestamp(milliseconds: 1),
            command: CommandID(high: 1, low: 2), index: 0, causation: nil, correlation: nil, body: Array("{}".utf8),
            sealed: nil,
            previous: .zero)
        #expect(throws: DecodeError.self) { try Event(canonicalBytes: event.canonicalBytes) }
    }
}
