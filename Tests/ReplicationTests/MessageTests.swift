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
        let box = Box(stream: stream, person: try PersonID("person/" + String(repeating: "0a", count: 16)))
        let key = try #require(PersonKey(bytes: Array(1...32)))
        let head = try FeedSigner().sign(cursor, of: .common, by: origin, at: Timestamp(milliseconds: 5))
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
            .repair(session: 1, .recall(rewind: EventID(origin: origin, sequence: 4), above: 7)),
            .repair(session: 1, .recalled(rewind: EventID(origin: origin, sequence: 4), rows: rows)),
            .repair(session: 1, .want([try event(1).id, try event(2).id])),
            .repair(session: 1, .give(first: try event(1).id, [try event(1), try event(2)])),
            .bases(session: 1, .rebase(.node(node))), .bases(session: 1, .base(.node(node), head.cursor)),
            .bases(session: 1, .wake(try event(1).stream)),
            .bases(session: 1, .woken(try event(1).stream, .inFeed)),
            .bases(session: 1, .woken(try event(1).stream, .notForYou)),
            .repair(session: 1, .head(.common, head)), .keys(session: 1, .want([box, box])),
            .keys(session: 1, .key(box, key)),
            .keys(
                session: 1, .acknowledged([KeyAnswer(box: box, state: .held), KeyAnswer(box: box, state: .notYours)])),
            .blobs(
                session: 1,
                .want(
                    BlobWant(
                        event: EventID(origin: origin, sequence: 4), blob: .sha256([1]), offset: 70_000, credit: 32_768)
                )),
            .blobs(session: 1, .chunk(BlobChunk(blob: .sha256([1]), size: 90_000, offset: 70_000, bytes: [1, 2, 3]))),
            .blobs(session: 1, .chunk(BlobChunk(blob: .sha256([1]), size: 0, offset: 0, bytes: []))),
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
        let all =
            try MessageTests.messages().map { Frame(number: 1, message: $0).bytes } + MessageTests.packed().map(\.bytes)
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

    @Test("a piece of a blob holds 32 KiB, and nothing beyond the blob's end")
    func pieces() throws {
        func read(size: Int64, offset: Int64, count: Int) throws {
            let chunk = BlobChunk(
                blob: .sha256([1]), size: size, offset: offset, bytes: [UInt8](repeating: 1, count: count))
            _ = try Frame(Frame(number: 1, message: .blobs(session: 1, .chunk(chunk))).bytes)
        }
        try read(size: 100_000, offset: 100_000 - 32_768, count: 32_768)
        try read(size: 5, offset: 5, count: 0)
        for (size, offset, count) in [(100_000, 0, 32_769), (5, 3, 3), (5, 6, 0), (-1, 0, 0), (5, -1, 1)] {
            #expect(throws: DecodeError.self) { try read(size: Int64(size), offset: Int64(offset), count: count) }
        }
        try read(size: .max, offset: .max - 1, count: 1)
        #expect(throws: DecodeError.self) { try read(size: .max, offset: .max, count: 1) }
    }

    /// Messages with rows and events that are worth compressing, and how they are sent then.
    private static func packed() throws -> [(frame: Frame, bytes: [UInt8])] {
        let events = try (1...5).map { try event($0, body: 400) }
        let stream = try StreamName("ticket/1")
        let rows = events.enumerated().map {
            WireRow(fseq: Int64($0 + 1), stream: stream, common: 0, content: .event($1))
        }
        let messages: [Message] = [
            .batch(
                session: 1, feed: .common, rows: rows, chain: .zero, head: FeedCursor(fseq: 5, chain: .zero),
                isLast: true),
            .live(feed: .common, rows: rows, chain: .zero), .push(session: 1, events: events),
        ]
        return messages.map { message in
            let frame = Frame(number: 7, message: message, version: 2, isLineSlow: true)
            return (frame, frame.bytes(compressing: true))
        }
    }

    @Test("rows and events are compressed for who reads it, and read back the same; cut off anywhere they are refused")
    func compressed() throws {
        for (frame, bytes) in try MessageTests.packed() {
            #expect(bytes[5] == 3 && bytes[3] == 2)
            #expect(bytes.count * 8 <= frame.bytes.count * 7)
            #expect(try Frame(bytes) == frame)
            for count in bytes.indices { #expect(throws: DecodeError.self) { try Frame(Array(bytes.prefix(count))) } }
            #expect(throws: DecodeError.self) { try Frame(bytes + [0]) }
            let old = Frame(number: 7, message: try #require(frame.message), version: 1, isLineSlow: true)
            #expect(old.bytes(compressing: true) == old.bytes && old.bytes[5] == 0)
            #expect(throws: DecodeError.self) { try Frame(bytes, versions: 1...1) }
        }
        for message in try MessageTests.messages() {
            let frame = Frame(number: 7, message: message, version: 2)
            #expect(try Frame(frame.bytes(compressing: true)) == frame)
        }
    }

    @Test("what does not save an eighth is sent as it is")
    func incompressible() throws {
        var state: UInt64 = 20_261_123
        let noise = (0..<4_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        #expect(Deflate.packed(noise[...]) == nil)
        #expect(Deflate.packed([UInt8](repeating: 0, count: 255)[...]) == nil)
        let half = noise.prefix(2_000) + [UInt8](repeating: 0, count: 2_000)
        let packed = try #require(Deflate.packed(half))
        #expect(Deflate.unpacked(packed[...], length: 4_000) == Array(half))
    }

    @Test("a hostile length takes no memory, and a body that unpacks to more or less than it says is refused")
    func bombs() throws {
        let (_, bytes) = try #require(try MessageTests.packed().first)
        func with(length: UInt32) -> [UInt8] {
            var changed = bytes
            for place in 0..<4 { changed[18 + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
            return changed
        }
        let told = bytes[18..<22].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for length in [.max, 65_537] as [UInt32] {
            #expect(throws: DecodeError.oversize(offset: 18, length: Int(length), limit: 65_536)) {
                try Frame(with(length: length))
            }
        }
        for length in [0, 1, told - 1, told + 1, 65_536] {
            #expect(throws: DecodeError.self) { try Frame(with(length: length)) }
        }
        #expect(try Frame(with(length: told)).message != nil)
        // 64 KiB of zeros in 80 bytes: as long as it may be, and one more.
        let most = try #require(Deflate.packed([UInt8](repeating: 0, count: Deflate.limit)[...]))
        #expect(Deflate.unpacked(most[...], length: Deflate.limit)?.count == Deflate.limit)
        #expect(Deflate.unpacked(most[...], length: Deflate.limit + 1) == nil)
        #expect(Deflate.unpacked(most[...], length: Deflate.limit - 1) == nil)
    }

    @Test("what two ends read that share no version never changes its header, whatever the session's version is")
    func forAll() throws {
        let node = try NodeID("street1")
        let hello = Message.Hello(
            origin: Origin(node: node, incarnation: Incarnation(3)), versions: 3...9, clock: Timestamp(milliseconds: 5),
            origins: [], cursors: [])
        let messages: [Message] = [
            .hello(hello), .refuse(session: 1, reason: .upgrade, retryAfterMilliseconds: 10),
            .enrol(node: node, secret: "x"), .enrolled(node: node),
        ]
        for message in messages {
            let bytes = Frame(number: 1, message: message, version: 2, isLineSlow: true).bytes(compressing: true)
            #expect(bytes[3] == 1 && bytes[5] == 0)
            #expect(try Frame(bytes, versions: 2...2).message == message)
        }
        // The session's version is that of WELCOME's header.
        let welcome = Message.Welcome(
            session: 1, version: 2, hub: Incarnation(8), clock: Timestamp(milliseconds: 5), endpoints: [], heads: [],
            have: [])
        let bytes = Frame(number: 1, message: .welcome(welcome)).bytes
        #expect(bytes[3] == 2)
        #expect(try Frame(bytes).message == .welcome(welcome))
        #expect(throws: DecodeError.self) { try Frame(bytes, versions: 1...1) }
    }

    @Test("a kind of a later version is skipped, a flag of a later version is refused")
    func laterVersion() throws {
        var bytes = Frame(number: 3, message: .bye(session: 1)).bytes
        bytes[4] = 200
        #expect(try Frame(bytes).message == nil)
        bytes[5] = 1
        #expect(throws: DecodeError.self) { try Frame(bytes) }
        // In version 2 two flags are known, one of them only where there are rows or events.
        var second = Frame(number: 3, message: .bye(session: 1), version: 2).bytes
        for (flags, isRead) in [(0, true), (2, true), (1, false), (4, false)] as [(UInt8, Bool)] {
            second[5] = flags
            #expect(((try? Frame(second)) != nil) == isRead, "flags \(flags)")
        }
        second[3] = 3
        second[5] = 0
        #expect(throws: DecodeError.self) { try Frame(second) }
    }
}
