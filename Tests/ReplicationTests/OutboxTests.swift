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

/// Each opening of a log that wrote something is an origin: in years a street has more than a message can name.
@Suite("More origins than HELLO can name") struct ManyOriginsTests {
    private let node: NodeID
    private let origins: [Origin]

    init() throws {
        node = try NodeID("a-street-with-a-name-of-32-signs")
        origins = (1...1_500).map { [node] in Origin(node: node, incarnation: Incarnation($0)) }
    }

    private var outbox: Outbox {
        var outbox = Outbox()
        outbox.extend(origins.map { OriginMark(origin: $0, sequence: 3) }, now: 0)
        return outbox
    }

    @Test("HELLO names as many as the hub reads, this process's own among them, in one frame")
    func named() throws {
        let process = origins[1_400]
        let marks = outbox.marks(of: process)
        #expect(marks.count == Message.originLimit && marks.contains { $0.origin == process })
        #expect(marks.map(\.origin) == marks.map(\.origin).sorted())
        let cursors = [FeedName.common, .node(node)].map {
            FeedMark(feed: $0, cursor: FeedCursor(fseq: 1, chain: .zero))
        }
        let hello = Message.hello(
            Message.Hello(origin: process, clock: Timestamp(milliseconds: 1), origins: marks, cursors: cursors))
        let bytes = hello.bytes(number: 1, version: 1, flags: 0)
        #expect(bytes.count <= Message.sizeLimit)
        #expect(try Frame(bytes).message == hello)
    }

    @Test("of those that are not named a little is sent, few at once, and the hub's word on it stands for all of it")
    func asked() throws {
        var outbox = outbox
        let named = outbox.marks(of: origins[0])
        outbox.begin(have: named.map { OriginMark(origin: $0.origin, sequence: 3) })
        let rest = Set(origins).subtracting(named.map(\.origin))
        #expect(outbox.depth == 3 * Int64(rest.count))
        var now: Int64 = 10
        var asked = Set<Origin>()
        while outbox.depth > 0 {
            let wanted = outbox.toRead(now: now)
            guard !wanted.isEmpty, wanted.count <= StreetSession.Limit.originsRead else {
                Issue.record("\(wanted.count) are read at once while \(outbox.depth) wait")
                return
            }
            for (origin, above) in wanted {
                #expect(above == 0 && asked.insert(origin).inserted)
                let events = try (1...3).map { try event($0, of: origin) }
                #expect(outbox.send(origin, above: above, events, now: now) == .next([events[0]]))
                // The hub says how far it has the origin, whatever it was sent of it.
                outbox.confirm(origin, 3, now: now)
            }
            now += 1
        }
        #expect(asked == rest)
    }

    /// Two of them are more than is sent to ask.
    private func event(_ sequence: Int64, of origin: Origin) throws -> Event {
        Event(
            id: EventID(origin: origin, sequence: sequence), hlc: .zero, stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"), basis: .empty, actor: Actor(system: "t", rule: "1"),
            occurredAt: Timestamp(milliseconds: 1), recordedAt: Timestamp(milliseconds: 1),
            command: CommandID(derivedFrom: "u"), index: 0, causation: nil, correlation: nil,
            body: Array(repeating: 0x20, count: 3_000), sealed: nil, previous: .zero)
    }
}

extension Outbox {
    /// As at the start, without holes.
    fileprivate mutating func extend(_ marks: [OriginMark], now: Int64) {
        extend(marks, whole: [:], since: nil, now: now)
    }
}
