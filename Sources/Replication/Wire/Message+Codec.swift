/// GRP/1 on the wire, to the byte (`docs/format/wire.md`).

import Events

extension Message {
    /// The kind's number.
    enum Kind: UInt8 {
        case hello = 1, welcome, refuse, pull, batch, ack, live, hint, push, pack, ping, pong, bye, halt, key, keyAck
        case blobWant = 17, blobChunk
        case compare = 19
        case enrol = 20, enrolled, compared, keyWant, recall, want, head, recalled, give
        case rebase = 29, base, wake, woken

        /// Whether the header names a session; 0 stands there otherwise.
        var hasSession: Bool {
            switch self {
            case .hello, .live, .hint, .enrol, .enrolled: false
            case _: true
            }
        }
    }

    static let magic: [UInt8] = [0x47, 0x52, 0x50]  // "GRP"
    fileprivate static let listLimit = 4_096

    /// The whole frame.
    func bytes(number: UInt32, version: UInt8, flags: UInt8) -> [UInt8] {
        var writer = ByteWriter(reserving: 1_024)
        func begin(_ kind: Kind, _ session: UInt64 = 0) {
            writer.raw(Message.magic)
            writer.integer(version)
            writer.integer(kind.rawValue)
            writer.integer(flags)
            writer.integer(number)
            writer.integer(session)
        }
        switch self {
        case .hello(let hello):
            begin(.hello)
            writer.integer(hello.versions.lowerBound)
            writer.integer(hello.versions.upperBound)
            writer.origin(hello.origin)
            writer.integer(hello.clock.milliseconds)
            writer.marks(hello.origins)
            writer.marks(hello.cursors)
        case .welcome(let welcome):
            begin(.welcome, welcome.session)
            writer.integer(welcome.hub.bits)
            writer.integer(welcome.clock.milliseconds)
            writer.integer(UInt16(welcome.endpoints.count))
            for endpoint in welcome.endpoints { writer.string8(endpoint) }
            writer.marks(welcome.heads)
            writer.marks(welcome.have)
        case .refuse(let session, let reason, let retry):
            begin(.refuse, session)
            writer.integer(reason.rawValue)
            writer.integer(retry)
        case .pull(let session, let feed, let above, let credit):
            begin(.pull, session)
            writer.string8(feed.text)
            writer.integer(above)
            writer.integer(credit)
        case .batch(let session, let feed, let rows, let chain, let head, let isLast):
            begin(.batch, session)
            writer.string8(feed.text)
            writer.cursor(head)
            writer.integer(UInt8(isLast ? 1 : 0))
            writer.chain(chain)
            writer.rows(rows)
        case .ack(let session, let feed, let cursor):
            begin(.ack, session)
            writer.string8(feed.text)
            writer.cursor(cursor)
        case .live(let feed, let rows, let chain):
            begin(.live)
            writer.string8(feed.text)
            writer.chain(chain)
            writer.rows(rows)
        case .hint(let feed, let head, let hub, let clock):
            begin(.hint)
            writer.string8(feed.text)
            writer.cursor(head)
            writer.integer(hub.bits)
            writer.integer(clock.milliseconds)
        case .push(let session, let events):
            begin(.push, session)
            writer.events(events)
        case .pack(let session, let origin, let sequence):
            begin(.pack, session)
            writer.origin(origin)
            writer.integer(sequence)
        case .halt(let session, let origin, let sequence, let reason):
            begin(.halt, session)
            writer.origin(origin)
            writer.integer(sequence)
            writer.integer(reason.rawValue)
        case .ping(let session, let clock, let outbox):
            begin(.ping, session)
            writer.integer(clock.milliseconds)
            writer.integer(outbox)
        case .pong(let session, let clock):
            begin(.pong, session)
            writer.integer(clock.milliseconds)
        case .bye(let session): begin(.bye, session)
        case .compare(let session, let feed, let cursors):
            begin(.compare, session)
            writer.string8(feed.text)
            writer.integer(UInt16(cursors.count))
            for cursor in cursors { writer.cursor(cursor) }
        case .compared(let session, let feed, let same, let head):
            begin(.compared, session)
            writer.string8(feed.text)
            writer.integer(same)
            writer.cursor(head)
        case .keys(let session, let message):
            begin(message.kind, session)
            message.write(to: &writer)
        case .repair(let session, let message):
            begin(message.kind, session)
            message.write(to: &writer)
        case .blobs(let session, let message):
            begin(message.kind, session)
            message.write(to: &writer)
        case .bases(let session, let message):
            begin(message.kind, session)
            message.write(to: &writer)
        case .enrol(let node, let secret):
            begin(.enrol)
            writer.string8(node.text)
            writer.string8(secret)
        case .enrolled(let node):
            begin(.enrolled)
            writer.string8(node.text)
        }
        return writer.bytes
    }

    /// Reads what follows the header.
    ///
    /// - Throws: `DecodeError` at the first byte that does not fit; never traps on foreign bytes.
    init(
        _ kind: Kind, version: UInt8, session: UInt64, from reader: inout ByteReader
    ) throws(DecodeError) {
        switch kind {
        case .hello:
            let lowest: UInt8 = try reader.integer()
            let highest: UInt8 = try reader.integer()
            guard lowest <= highest else {
                throw .malformed(offset: reader.offset - 2, what: "versions \(lowest) to \(highest)")
            }
            self = .hello(
                Hello(
                    origin: try reader.origin(), versions: lowest...highest, clock: try reader.instant(),
                    origins: try reader.originMarks(), cursors: try reader.feedMarks()))
        case .welcome:
            let hub = Incarnation(try reader.integer())
            let clock = try reader.instant()
            var endpoints: [String] = []
            for _ in 0..<(try reader.count(64)) { endpoints.append(try reader.string8()) }
            self = .welcome(
                Welcome(
                    session: session, version: version, hub: hub, clock: clock, endpoints: endpoints,
                    heads: try reader.feedMarks(),
                    have: try reader.originMarks()))
        case .refuse:
            let reason: UInt8 = try reader.integer()
            guard let refusal = Refusal(rawValue: reason) else {
                throw .malformed(offset: reader.offset - 1, what: "reason \(reason)")
            }
            self = .refuse(session: session, reason: refusal, retryAfterMilliseconds: try reader.integer())
        case .pull:
            self = .pull(
                session: session, feed: try reader.feed(), above: try reader.number(), credit: try reader.integer())
        case .batch:
            let feed = try reader.feed()
            let head = try reader.cursor()
            let flag: UInt8 = try reader.integer()
            guard flag <= 1 else { throw .malformed(offset: reader.offset - 1, what: "a flag of \(flag)") }
            let chain = try reader.chain()
            self = .batch(
                session: session, feed: feed, rows: try reader.rows(), chain: chain, head: head, isLast: flag == 1)
        case .ack: self = .ack(session: session, feed: try reader.feed(), cursor: try reader.cursor())
        case .live:
            let feed = try reader.feed()
            let chain = try reader.chain()
            self = .live(feed: feed, rows: try reader.rows(), chain: chain)
        case .hint:
            self = .hint(
                feed: try reader.feed(), head: try reader.cursor(), hub: Incarnation(try reader.integer()),
                clock: try reader.instant())
        case .push:
            self = .push(session: session, events: try reader.events())
        case .pack: self = .pack(session: session, origin: try reader.origin(), sequence: try reader.number())
        case .halt:
            let origin = try reader.origin()
            let sequence = try reader.number()
            let number: UInt8 = try reader.integer()
            guard let reason = Halt(rawValue: number) else {
                throw .malformed(offset: reader.offset - 1, what: "reason \(number)")
            }
            self = .halt(session: session, origin: origin, sequence: sequence, reason: reason)
        case .ping: self = .ping(session: session, clock: try reader.instant(), outbox: try reader.number())
        case .pong: self = .pong(session: session, clock: try reader.instant())
        case .bye: self = .bye(session: session)
        case .compare:
            let feed = try reader.feed()
            var cursors: [FeedCursor] = []
            for _ in 0..<(try reader.count(Int(FeedComparison.width))) { cursors.append(try reader.cursor()) }
            self = .compare(session: session, feed: feed, cursors: cursors)
        case .compared:
            self = .compared(
                session: session, feed: try reader.feed(), same: try reader.number(), head: try reader.cursor())
        case .keyWant: self = .keys(session: session, try KeyMessage(wantedFrom: &reader))
        case .key: self = .keys(session: session, try KeyMessage(keyFrom: &reader))
        case .keyAck: self = .keys(session: session, try KeyMessage(answersFrom: &reader))
        case .recall, .want, .head, .recalled, .give:
            self = .repair(session: session, try RepairMessage(kind, from: &reader))
        case .blobWant, .blobChunk: self = .blobs(session: session, try BlobMessage(kind, from: &reader))
        case .rebase, .base, .wake, .woken:
            self = .bases(session: session, try BaseMessage(kind, from: &reader))
        case .enrol: self = .enrol(node: try reader.node(), secret: try reader.string8())
        case .enrolled: self = .enrolled(node: try reader.node())
        }
    }
}

extension ByteWriter {
    mutating func events(_ events: [Event]) {
        integer(UInt16(events.count))
        for event in events { bytes32(event.canonicalBytes) }
    }

    mutating func cursor(_ cursor: FeedCursor) {
        integer(cursor.fseq)
        chain(cursor.chain)
    }

    fileprivate mutating func marks(_ marks: [OriginMark]) {
        integer(UInt16(marks.count))
        for mark in marks {
            origin(mark.origin)
            integer(mark.sequence)
        }
    }

    fileprivate mutating func marks(_ marks: [FeedMark]) {
        integer(UInt16(marks.count))
        for mark in marks {
            string8(mark.feed.text)
            cursor(mark.cursor)
        }
    }

    mutating func rows(_ rows: [WireRow]) {
        integer(UInt16(rows.count))
        for row in rows {
            integer(row.fseq)
            string8(row.stream.text)
            integer(row.common)
            switch row.content {
            case .event(let event):
                integer(UInt8(1))
                bytes32(event.canonicalBytes)
            case .join(let history):
                integer(UInt8(2))
                integer(history)
            case .leave: integer(UInt8(3))
            case .receipt(let id, let hash):
                integer(UInt8(4))
                eventID(id)
                digest(hash)
            }
        }
    }
}

extension ByteReader {
    mutating func events() throws(DecodeError) -> [Event] {
        var events: [Event] = []
        for _ in 0..<(try count(Message.listLimit)) {
            events.append(try Event(canonicalBytes: try bytes32(atMost: Event.Limit.canonical)))
        }
        return events
    }

    mutating func feed() throws(DecodeError) -> FeedName {
        let start = offset
        let text = try string8()
        guard let feed = try? FeedName(text) else { throw .malformed(offset: start, what: "feed \"\(text)\"") }
        return feed
    }

    fileprivate mutating func node() throws(DecodeError) -> NodeID {
        let start = offset
        let text = try string8()
        guard let node = try? NodeID(text) else { throw .malformed(offset: start, what: "node \"\(text)\"") }
        return node
    }

    /// A number that counts from 0 or 1, and is never negative.
    mutating func number() throws(DecodeError) -> Int64 {
        let start = offset
        let value: Int64 = try integer()
        guard value >= 0 else { throw .malformed(offset: start, what: "a negative number, \(value)") }
        return value
    }

    mutating func cursor() throws(DecodeError) -> FeedCursor {
        FeedCursor(fseq: try number(), chain: try chain())
    }

    mutating func count(_ limit: Int) throws(DecodeError) -> Int {
        let start = offset
        let count = Int(try integer(UInt16.self))
        guard count <= limit else { throw .oversize(offset: start, length: count, limit: limit) }
        return count
    }

    fileprivate mutating func originMarks() throws(DecodeError) -> [OriginMark] {
        var marks: [OriginMark] = []
        for _ in 0..<(try count(Message.originLimit)) {
            marks.append(OriginMark(origin: try origin(), sequence: try number()))
        }
        return marks
    }

    fileprivate mutating func feedMarks() throws(DecodeError) -> [FeedMark] {
        var marks: [FeedMark] = []
        for _ in 0..<(try count(64)) { marks.append(FeedMark(feed: try feed(), cursor: try cursor())) }
        return marks
    }

    mutating func rows() throws(DecodeError) -> [WireRow] {
        var rows: [WireRow] = []
        for _ in 0..<(try count(4_096)) {
            let fseq = try number()
            let stream = try streamName()
            let common = try number()
            let start = offset
            let kind: UInt8 = try integer()
            let content: WireRow.Content
            switch kind {
            case 1: content = .event(try Event(canonicalBytes: try bytes32(atMost: Event.Limit.canonical)))
            case 2: content = .join(history: try number())
            case 3: content = .leave
            case 4: content = .receipt(try eventID(), try digest())
            case _: throw .malformed(offset: start, what: "row kind \(kind)")
            }
            rows.append(WireRow(fseq: fseq, stream: stream, common: common, content: content))
        }
        return rows
    }
}
