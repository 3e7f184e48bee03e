import Events
import Testing

@testable import Replication

@Suite("GRP/1 messages") struct MessageTests {
    private static func event(_ number: Int, body: Int = 40) throws -> Event {
        Event(
            id: EventID(
                origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(9)), sequence: Int64(number)),
            hlc: HybridTime(rawValue: Int64(number)), stream: try StreamName("ticket/1"),
            type: EventType("ticket.signed"), basis: .empty,
            actor: Actor(account: "li", role: "clerk", unit: "320507001"), occurredAt: Timestamp(milliseconds: 1),
            recordedAt: Timestamp(milliseconds: 2), command: CommandID(derivedFrom: "m", String(number)), index: 0,
            causation: nil,
            correlation: nil, body: Array("{\"t\":\"\(String(repeating: "x", count: body))\"}".utf8), sealed: nil,
            previous: .zero
        ).chained(to: .zero)
    }

    private static func messages() throws -> [Message] {
        let node = try NodeID("street1")
        let origin = Origin(node: node, incarnation: Incarnation(3))
        let cursor = FeedCursor(fseq: 7, chain: ChainValue(high: 1, low: 2))
        let stream = try StreamName("ticket/1")
        let rows = [
            WireRow(fseq: 1, stream: stream, common: 0, content: .join(history: 2)),
            WireRow(fseq: 2, stream: stream, common: 0, content: .event(try event(1))),
            WireRow(
                fseq: 3, stream: stream, common: 0,
                content: .receipt(EventID(origin: origin, sequence: 4), .sha256([1]))),
            WireRow(fseq: 4, stream: stream, common: 0, content: .leave),
        ]
        let marks = [OriginMark(origin: origin, sequence: 5)]
        let feeds = [FeedMark(feed: .common, cursor: cursor), FeedMark(feed: .node(node), cursor: cursor)]
        return [
            .hello(
                Message.Hello(origin: origin, clock: Timestamp(milliseconds: 5), origins: marks, cursors: feeds)),
            .welcome(
                Message.Welcome(
                    session: 1, hub: Incarnation(8), clock: Timestamp(milliseconds: 5), endpoints: ["7410", "7411"],
                    heads: feeds, have: marks)),
            .refuse(session: 1, reason: .busy, retryAfterMilliseconds: 10),
            .pull(session: 1, feed: .common, above: 3, credit: 4),
            .batch(session: 1, feed: .common, rows: rows, chain: cursor.chain, head: cursor, isLast: true),
            .ack(session: 1, feed: .common, cursor: cursor), .live(feed: .node(node), rows: rows, chain: cursor.chain),
            .hint(feed: .common, head: cursor, hub: Incarnation(8), clock: Timestamp(milliseconds: 9)),
            .push(session: 1, events: [try event(1), try event(2)]),
            .pack(session: 1, origin: origin, sequence: 4),
            .halt(session: 1, origin: origin, sequence: 4, reason: .fork),
            .ping(session: 1, clock: Timestamp(milliseconds: 1), outbox: 2),
            .pong(session: 1, clock: Timestamp(milliseconds: 1)), .bye(session: 1),
            .compare(session: 1, feed: .common, cursors: [cursor, cursor]),
            .compared(session: 1, feed: .node(node), same: 3, head: cursor),
        ]
    }

    @Test("each kind reads back as itself")
    func roundTrip() throws {
        for message in try MessageTests.messages() {
            let frame = Frame(number: 7, message: message)
            #expect(try Frame(frame.bytes) == frame)
        }
    }

    @Test("a message cut off anywhere, or longer than it should be, is refused")
    func truncation() throws {
        for message in try MessageTests.messages() {
            let bytes = Frame(number: 7, message: message).bytes
            for count in bytes.indices { #expect(throws: DecodeError.self) { try Frame(Array(bytes.prefix(count))) } }
            #expect(throws: DecodeError.self) { try Frame(bytes + [0]) }
        }
    }

    @Test(
        "10,000 random flips are refused or read as another message, and never trap",
        arguments: [1, 2, 20_261_123] as [UInt64])
    func flips(seed: UInt64) throws {
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let all = try MessageTests.messages().map { Frame(number: 1, message: $0).bytes }
        var refused = 0
        for _ in 0..<10_000 {
            var bytes = all[next(all.count)]
            for _ in 0...next(3) { bytes[next(bytes.count)] ^= UInt8(1 << next(8)) }
            do { _ = try Frame(bytes) } catch { refused += 1 }
        }
        #expect(refused > 1_000, "seed \(seed)")
    }

    @Test("a number below 0 and a clock that no node can have are refused, so that a message has one form")
    func outOfRange() throws {
        let origin = Origin(node: try NodeID("street1"), incarnation: Incarnation(3))
        let now = Timestamp(milliseconds: 5)
        func bytes(_ message: Message) -> [UInt8] { Frame(number: 1, message: message).bytes }
        var refused = [
            bytes(.pull(session: 1, feed: .common, above: -1, credit: 4)),
            bytes(.pack(session: 1, origin: origin, sequence: -1)),
            bytes(.ping(session: 1, clock: now, outbox: -1)),
        ]
        for message in [Message.ping(session: 1, clock: now, outbox: 2), .pong(session: 1, clock: now)] {
            var late = bytes(message)
            late[18] = 0x7F
            refused.append(late)
        }
        for message in [
            Message.hint(feed: .common, head: FeedCursor(fseq: 1, chain: .zero), hub: Incarnation(8), clock: now),
            .enrolled(node: origin.node),
        ] {
            var inSession = bytes(message)
            inSession[17] = 1
            refused.append(inSession)
        }
        for bytes in refused { #expect(throws: DecodeError.self) { try Frame(bytes) } }
    }

    @Test("no message exceeds 64 KiB, however large the rows are")
    func size() throws {
        let stream = try StreamName("ticket/1")
        var rows: [FeedRow] = []
        for number in 1...40 {
            let event = try MessageTests.event(number, body: number % 3 == 0 ? 48_000 : 3_000)
            rows.append(FeedRow(fseq: Int64(number), stream: stream, operation: .event(event), common: 0, chain: .zero))
        }
        let head = FeedCursor(fseq: 40, chain: .zero)
        let chunks = WireRow.chunks(rows, to: .many, credit: .max)
        for chunk in chunks {
            let batch = Message.batch(
                session: 1, feed: .common, rows: chunk.rows, chain: chunk.chain, head: head, isLast: chunk.isLast)
            #expect(Frame(number: 1, message: batch).bytes.count <= Message.sizeLimit)
        }
        #expect(chunks.count > 10)
        #expect(chunks.map(\.isLast) == Array(repeating: false, count: chunks.count - 1) + [true])
        #expect(chunks.flatMap(\.rows).map(\.fseq) == Array(1...40))
    }

    @Test("a kind of a later version is skipped, a flag of a later version is refused")
    func laterVersion() throws {
        var bytes = Frame(number: 3, message: .bye(session: 1)).bytes
        bytes[4] = 200
        #expect(try Frame(bytes).message == nil)
        bytes[5] = 1
        #expect(throws: DecodeError.self) { try Frame(bytes) }
    }
}
