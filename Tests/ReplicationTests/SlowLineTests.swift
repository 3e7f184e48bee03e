import Events
import Testing

@testable import Replication

/// A street and a hub that answers at once, with a line between them that takes so many bytes a second each way, in one queue
/// each way, and loses nothing.
private struct SlowLine {
    let rate: Int64
    var session: StreetSession
    private(set) var now: Int64 = 0
    private(set) var sessions = 0
    /// Something was said in the last one: a hello that was only said again is answered with the same session.
    private var isUsed = true
    /// Bytes of rows that the hub sent, and of events that the street did.
    private(set) var down = 0
    private(set) var up = 0
    private let rows: [(row: WireRow, chain: ChainValue)]
    private let own: [Event]
    private let process: Origin
    private var packed: Int64 = 0
    private var toStreet: [(due: Int64, message: Message)] = []
    private var toHub: [(due: Int64, message: Message)] = []

    /// - Parameters:
    ///   - backlog: rows of the common feed that the hub has more.
    ///   - outbox: own events that it lacks.
    init(rate: Int64, backlog: Int, outbox: Int) throws {
        self.rate = rate
        process = Origin(node: try NodeID("street1"), incarnation: Incarnation(5))
        let centre = Origin(node: try NodeID("centre"), incarnation: Incarnation(1))
        func event(_ origin: Origin, _ sequence: Int) throws -> Event {
            let at = Timestamp(milliseconds: 1)
            return Event(
                id: EventID(origin: origin, sequence: Int64(sequence)), hlc: .zero, stream: try StreamName("ticket/1"),
                type: EventType("ticket.progressNoted"), basis: .empty, actor: Actor(system: "t", rule: "1"),
                occurredAt: at, recordedAt: at, command: CommandID(derivedFrom: "\(sequence)"), index: 0,
                causation: nil,
                correlation: nil, body: Array("{\"text\":\"\(String(repeating: "x", count: 500))\"}".utf8), sealed: nil,
                previous: .zero
            ).chained(to: .zero)
        }
        var chain = FeedRow.seed(of: .common)
        let start = FeedCursor(fseq: 0, chain: chain)
        rows = try (0..<backlog).map { place in
            let event = try event(centre, place + 1)
            let row = WireRow(fseq: Int64(place + 1), stream: event.stream, common: 0, content: .event(event))
            chain = row.chain(after: chain)
            return (row, chain)
        }
        let (process, count) = (process, outbox)
        own = try (0..<count).map { try event(process, $0 + 1) }
        session = StreetSession(
            process: process, cursors: [FeedMark(feed: .common, cursor: start)], seed: 1,
            now: Moment(wall: Timestamp(milliseconds: 0), steady: 0))
        perform(session.step(.localHeads([OriginMark(origin: process, sequence: Int64(outbox))]), now: moment))
    }

    private var moment: Moment { Moment(wall: Timestamp(milliseconds: now), steady: now) }

    /// Bytes of what the street lacks, and of what the hub does.
    var backlog: Int { rows.reduce(0) { $0 + $1.row.size } }
    var outbox: Int { own.reduce(0) { $0 + $1.canonicalBytes.count } }
    var isDone: Bool { session.isOnline && session.lag == 0 && session.outboxDepth == 0 }

    private func due(_ message: Message, behind queue: [(due: Int64, message: Message)]) -> Int64 {
        max(now, queue.last?.due ?? 0) + Int64(Frame(number: 1, message: message).bytes.count) * 1_000 / rate + 1
    }

    private mutating func answer(_ message: Message) { toStreet.append((due(message, behind: toStreet), message)) }

    private mutating func perform(_ actions: [StreetSession.Action]) {
        for action in actions {
            switch action {
            case .send(let message):
                if case .push(_, let events) = message { up += events.reduce(0) { $0 + $1.canonicalBytes.count } }
                toHub.append((due(message, behind: toHub), message))
            case .apply(let feed, _, let cursor): perform(session.step(.applied(feed, cursor), now: moment))
            case .readOwn(let origin, let above):
                var size = 0
                let events = own.dropFirst(Int(above)).prefix { event in
                    size += event.canonicalBytes.count
                    return size <= Message.fillLimit
                }
                perform(session.step(.ownEvents(origin, above: above, Array(events)), now: moment))
            case .subscribe, .readMarks, .rewind, .keys, .repair, .woken, .alarm: break
            }
        }
    }

    private mutating func serve(_ message: Message) {
        let head = FeedCursor(fseq: Int64(rows.count), chain: rows.last?.chain ?? FeedRow.seed(of: .common))
        if case .hello = message {} else { isUsed = true }
        switch message {
        case .hello:
            if isUsed { sessions += 1 }
            isUsed = false
            answer(
                .welcome(
                    Message.Welcome(
                        session: UInt64(sessions), hub: Incarnation(1), clock: Timestamp(milliseconds: 0),
                        endpoints: [],
                        heads: [FeedMark(feed: .common, cursor: head)],
                        have: [OriginMark(origin: process, sequence: packed)])))
        case .pull(let session, let feed, let above, let credit):
            var left = Int(credit)
            var chunk: [WireRow] = []
            var size = 0
            func batch(isLast: Bool) -> Message {
                let chain = chunk.last.map { rows[Int($0.fseq) - 1].chain } ?? head.chain
                return .batch(session: session, feed: feed, rows: chunk, chain: chain, head: head, isLast: isLast)
            }
            for (row, _) in rows.dropFirst(Int(above)) where left > 0 {
                if !chunk.isEmpty, size + row.size > Message.fillLimit {
                    answer(batch(isLast: false))
                    (chunk, size) = ([], 0)
                }
                chunk.append(row)
                size += row.size
                left -= row.size
                down += row.size
            }
            answer(batch(isLast: true))
        case .push(let session, let events):
            for event in events where event.id.sequence == packed + 1 { packed += 1 }
            answer(.pack(session: session, origin: process, sequence: packed))
        case .ping(let session, let clock, _): answer(.pong(session: session, clock: clock))
        case _: break
        }
    }

    /// Lets time pass until all is there, at most so many seconds.
    mutating func run(seconds: Int64) {
        let end = now + seconds * 1_000
        while now < end, !isDone {
            now += 50
            perform(session.step(.tick, now: moment))
            while let first = toHub.first, first.due <= now { serve(toHub.removeFirst().message) }
            while let first = toStreet.first, first.due <= now {
                perform(session.step(.message(toStreet.removeFirst().message), now: moment))
            }
        }
    }
}

@Suite("Slow lines") struct SlowLineTests {
    @Test(
        "a backlog goes over a slow line once, in one session, at the line's speed",
        arguments: [4_000, 8_000, 50_000] as [Int64])
    func once(rate: Int64) throws {
        var line = try SlowLine(rate: rate, backlog: 2_000, outbox: 0)
        let seconds = Int64(line.backlog) / rate
        line.run(seconds: seconds * 2)
        #expect(line.isDone, "\(line.session.lag) rows are missing after \(line.now) ms")
        #expect(line.sessions == 1)
        #expect(line.now <= seconds * 1_150 + 10_000, "\(line.now) ms for \(seconds) s")
        #expect(line.down <= line.backlog * 11 / 10, "\(line.down) bytes for \(line.backlog)")
        #expect(rate > 8_000 || line.session.credit <= 16 << 10, "credit \(line.session.credit)")
    }

    @Test("so does what a street wrote, both at once", arguments: [4_000, 8_000, 50_000] as [Int64])
    func outbox(rate: Int64) throws {
        var line = try SlowLine(rate: rate, backlog: 500, outbox: 2_000)
        let seconds = Int64(line.outbox) / rate
        line.run(seconds: seconds * 2)
        #expect(line.isDone, "\(line.session.outboxDepth) events are missing after \(line.now) ms")
        #expect(line.sessions == 1)
        #expect(line.now <= seconds * 1_150 + 10_000, "\(line.now) ms for \(seconds) s")
        #expect(line.up <= line.outbox * 11 / 10, "\(line.up) bytes for \(line.outbox)")
    }

    @Test("a line that is too slow for the first answer loses one session for it, and goes on with less")
    func verySlow() throws {
        var line = try SlowLine(rate: 1_500, backlog: 400, outbox: 400)
        line.run(seconds: 1_500)
        #expect(line.isDone, "\(line.session.lag) rows, \(line.session.outboxDepth) events after \(line.now) ms")
        #expect(line.sessions < 20, "\(line.sessions)")
        #expect(line.down < line.backlog * 3 && line.up < line.outbox * 3, "\(line.down), \(line.up)")
    }
}
