// Inputs to begin with: real messages, events and boxes, made by the code that makes them in a node.

import Events
import Replication
import Simulation
import Tickets

/// Makes inputs; nothing here is drawn, so that they are the same each time.
enum Seeds {
    typealias Named = (name: String, bytes: [UInt8])

    static let street = "street1"
    static let instant = Timestamp(milliseconds: 1_795_000_000_000)
    static let command = CommandID(high: 0x0197_0000_0000_7000, low: 0x8000_0000_0000_0001)

    static func key() throws -> PersonKey {
        guard let key = PersonKey(bytes: Array(0..<32)) else { throw Broken(description: "no key of 32 bytes") }
        return key
    }

    static func box(of members: JSONObject, command: CommandID = command, seed: UInt64 = 1) throws -> [UInt8] {
        var random = SeededRandom(seed: seed)
        let person = PersonID(random: &random)
        return try Sealing.seal(members, of: person, key: try key(), command: command, random: &random)
    }

    /// Who calls at the centre, and at the street: the seeds of `box` and `person`.
    static let centrePerson: UInt64 = 1
    static let streetPerson: UInt64 = 2

    static func person(_ seed: UInt64) -> PersonID {
        var random = SeededRandom(seed: seed)
        return PersonID(random: &random)
    }

    /// A vault that has the key of one of them.
    static func vault(_ seed: UInt64) throws -> MemoryVault {
        let vault = MemoryVault()
        vault.make(person(seed), try key())
        return vault
    }

    /// What an event at the centre, and one at the street, names.
    static let centrePhoto: [UInt8] = Array(repeating: 1, count: 700)
    static let streetPhoto: [UInt8] = Array(repeating: 2, count: 300)

    static func blobs(_ photo: [UInt8]) throws -> MemoryBlobStore {
        let store = MemoryBlobStore(limit: 1 << 16)
        let blob = Digest.sha256(photo)
        try store.add(photo, to: blob, at: 0)
        _ = try store.complete(blob)
        return store
    }

    static func signer() throws -> FeedSigner {
        guard let signer = FeedSigner(bytes: Array(0..<32)) else { throw Broken(description: "no key of 32 bytes") }
        return signer
    }

    /// Whether a box is one that `box` made: of what it holds.
    static func isOwn(_ sealed: [UInt8]) throws -> Bool {
        try box(of: try Sealing.open(sealed, key: try key(), command: command)) == sealed
    }

    // MARK: - Logs

    /// Every stream is in the feed of the street.
    private struct ToStreet: Audience {
        let feed: FeedName
        func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
            if let base = FeedBase(event) { return Routing(also: [base.feed], base: base) }
            if let wake = FeedWake(event) { return Routing(wake: wake) }
            guard event.stream.category == "ticket" else { return Routing(joins: [], leaves: [], also: [.common]) }
            return membership.isEmpty ? Routing(joins: [feed], leaves: [], also: []) : .stay
        }
    }

    static let actor = Actor(account: "li", role: "clerk", unit: "320507001")

    private static func append(
        _ numbers: Range<Int>, to log: MemoryLog, key: String, person: UInt64, photo: [UInt8]
    ) throws {
        for number in numbers {
            let command = CommandID(derivedFrom: "fuzz", key, String(number))
            var body: JSONObject = ["text": .string("第 \(number) 次\n\"现场\"")]
            if number == 0 { body["attachments"] = .array([Attachment(Digest.sha256(photo)).json]) }
            let members: JSONObject = ["name": .string("张三")]
            let draft = Draft(
                stream: try StreamName(number % 3 == 2 ? "rule/holidays" : "ticket/\(key)\(number / 2)"),
                type: EventType("ticket.progressNoted"), body: body, occurredAt: instant,
                sealed: number == 1 ? try box(of: members, command: command, seed: person) : nil)
            let request = AppendRequest(command: command, actor: actor, now: instant, drafts: [draft])
            _ = try log.write { try $0.append(request) }
        }
    }

    static func centreLog() throws -> MemoryLog {
        let log = MemoryLog(
            node: try NodeID("centre"), incarnation: Incarnation(9), audience: ToStreet(feed: .node(try NodeID(street)))
        )
        try append(0..<4, to: log, key: "c", person: centrePerson, photo: centrePhoto)
        return log
    }

    /// The centre after it wrote on, and had its disk replaced by the copy of before: `lostLog` is what it lost.
    static func restoredCentreLog() throws -> MemoryLog {
        MemoryLog(reopening: try centreLog(), incarnation: Incarnation(10))
    }

    static func lostLog() throws -> MemoryLog {
        let log = try centreLog()
        try append(4..<6, to: log, key: "c", person: centrePerson, photo: centrePhoto)
        return log
    }

    static func streetLog() throws -> MemoryLog {
        let log = MemoryLog(node: try NodeID(street), incarnation: Incarnation(3), audience: NoAudience())
        try append(0..<3, to: log, key: "s", person: streetPerson, photo: streetPhoto)
        return log
    }

    static func written(by log: MemoryLog) throws -> [Event] {
        try log.reader.events(of: log.origin, above: 0, limit: 100)
    }

    // MARK: - Single things

    static let events: @Sendable () throws -> [Named] = {
        let events = try written(by: centreLog()) + written(by: streetLog())
        return events.enumerated().map { ("written-\($0.offset)", $0.element.canonicalBytes) } + [
            ("everything", try full().canonicalBytes)
        ]
    }

    /// An event with each optional field.
    private static func full() throws -> Event {
        let origin = Origin(node: try NodeID("a"), incarnation: Incarnation(1))
        var event = try written(by: streetLog())[1]
        event.basis = Basis([EventID(origin: origin, sequence: 4)])
        event.causation = EventID(origin: origin, sequence: 3)
        event.correlation = try StreamName("call/1")
        return event.chained(to: event.hash)
    }

    static let lines: @Sendable () throws -> [Named] = {
        let events = try written(by: centreLog()) + [full()]
        return events.enumerated().map { ("written-\($0.offset)", $0.element.exportLine) }
    }

    static let json: @Sendable () throws -> [Named] = {
        [
            ("body", try written(by: centreLog())[0].body.bytes ?? []),
            ("kinds", Array(#" {"b":[true,false,null],"a":{"":-9223372036854775808,"n":9223372036854775807}} "#.utf8)),
            ("escapes", Array(#"{"\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t":"\u0000"}"#.utf8)),
            ("foreign", Array(#"[1.50,-0.1e+10,0,12345678901234567890]"#.utf8)),
        ]
    }

    static let sealed: @Sendable () throws -> [Named] = {
        let members: JSONObject = ["name": .string("张三"), "phone": .string("13800000000")]
        return [("box", try box(of: members)), ("members", JSON.object(members).canonicalBytes)]
    }

    static let names: @Sendable () throws -> [Named] = {
        [
            "street1", "street1.000000000000000a", "street1.000000000000000a/17", "ticket/0197c1f2", "common", "*",
            "node/street1", "0197c1f2-0000-7000-8000-00000000000f", "person/00112233445566778899aabbccddeeff",
        ].enumerated().map { ("name-\($0.offset)", Array($0.element.utf8)) }
    }

    private static func encodings(_ name: String, _ text: String) -> [Named] {
        [("\(name)-whole", [120] + Array(text.utf8)), ("\(name)-bytewise", [0] + Array(text.utf8))]
    }

    static let csv: @Sendable () throws -> [Named] = {
        encodings("rows", "\u{FEFF}编号,内容,\"时间\"\r\n1,\"噪音,\n\"\"半夜\"\"\",2026-11-23\n2,,\n\n\"x\"y,1\n3,a")
            + [("gb18030", [61, 0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0x61, 0x0A, 0x31, 0x2C, 0xC4, 0xDA, 0xFF, 0x0A])]
    }

    static let jsonLines: @Sendable () throws -> [Named] = {
        encodings("lines", "{\"id\":1.5,\"place\":{\"street\":\"渭塘\"},\"tags\":[\"a\",null,true]}\n\n[1]\r\n{\"id\":2}")
    }

    // MARK: - Messages

    static let frames: @Sendable () throws -> [Named] = {
        let all = try messages() + keyMessages() + blobMessages() + repairMessages() + baseMessages()
        return all.map { ($0.name, frame($0.message)) } + (try newer())
    }

    private static func frame(_ message: Message) -> [UInt8] { Frame(number: 1, message: message).bytes }

    private static func messages() throws -> [(name: String, message: Message)] {
        let node = try NodeID(street)
        let centre = try centreLog()
        let log = try streetLog()
        let own = try written(by: log)
        let feed = FeedName.node(node)
        let subscriber = Subscriber(process: log.origin, marks: [])
        let rows = try centre.reader.rows(of: feed, above: 0, limit: 100)
        var wire = rows.map { WireRow($0, to: subscriber) }
        let head = try centre.reader.feedHead(feed)
        let common = try centre.reader.feedHead(.common)
        let commonRows = try centre.reader.rows(of: .common, above: 0, limit: 100).map { WireRow($0, to: .many) }
        let marks = [OriginMark(origin: log.origin, sequence: 0)]
        let cursors = [FeedName.common, feed].map {
            FeedMark(feed: $0, cursor: FeedCursor(fseq: 0, chain: FeedRow.seed(of: $0)))
        }
        let heads = [FeedMark(feed: .common, cursor: common), FeedMark(feed: feed, cursor: head)]
        let welcome = Message.Welcome(
            session: 1, hub: centre.origin.incarnation, clock: instant, endpoints: ["7410", "7411"], heads: heads,
            have: marks)
        let hello = Message.Hello(origin: log.origin, clock: instant, origins: marks, cursors: cursors)
        let batch = Message.batch(
            session: 1, feed: feed, rows: wire, chain: head.chain, head: head, isLast: true)
        wire.append(
            WireRow(
                fseq: head.fseq + 1, stream: own[0].stream, common: 0, content: .receipt(own[0].id, own[0].hash)))
        wire.append(WireRow(fseq: head.fseq + 2, stream: own[0].stream, common: 0, content: .leave))
        let chain = wire.reduce(FeedRow.seed(of: feed)) { $1.chain(after: $0) }
        return [
            ("hello", .hello(hello)), ("welcome", .welcome(welcome)),
            ("refuse", .refuse(session: 1, reason: .busy, retryAfterMilliseconds: 10)),
            ("pull", .pull(session: 1, feed: feed, above: 0, credit: 65_536)), ("batch", batch),
            (
                "batch-common",
                .batch(session: 1, feed: .common, rows: commonRows, chain: common.chain, head: common, isLast: true)
            ),
            ("ack", .ack(session: 1, feed: feed, cursor: head)),
            ("live", .live(feed: feed, rows: wire, chain: chain)),
            ("hint", .hint(feed: feed, head: head, hub: centre.origin.incarnation, clock: instant)),
            ("push", .push(session: 1, events: own)),
            ("pack", .pack(session: 1, origin: log.origin, sequence: 2)),
            ("pack-all", .pack(session: 1, origin: log.origin, sequence: 3)),
            ("halt", .halt(session: 1, origin: log.origin, sequence: 2, reason: .fork)),
            ("ping", .ping(session: 1, clock: instant, outbox: 3)), ("pong", .pong(session: 1, clock: instant)),
            ("bye", .bye(session: 1)), ("compare", .compare(session: 1, feed: feed, cursors: [head])),
            ("compared", .compared(session: 1, feed: feed, same: 0, head: head)),
            ("enrol", .enrol(node: node, secret: "secret")), ("enrolled", .enrolled(node: node)),
        ]
    }

    /// One input of these frames, in order.
    private static func talk(_ names: String...) throws -> [UInt8] {
        var writer = ByteWriter()
        let frames = try frames()
        for name in names {
            guard let bytes = frames.first(where: { $0.name == name })?.bytes else {
                throw Broken(description: "no frame \(name)")
            }
            writer.integer(UInt16(bytes.count))
            writer.raw(bytes)
        }
        return writer.bytes
    }

    static let toHub: @Sendable () throws -> [Named] = {
        [
            ("session", try talk("hello", "pull", "push", "push", "ack", "ping", "compare", "bye", "ping")),
            ("nothing", try talk("ping", "hello", "hello", "ack", "enrol", "welcome")),
            ("keys", try talk("hello", "push", "key-want", "ping", "key-street", "key-centre", "key-ack", "ping")),
            (
                "blobs",
                try talk(
                    "hello", "push", "blob-want-centre", "ping", "blob-held", "ping", "blob-chunk-street",
                    "blob-chunk-rest", "ping")
            ),
            ("repair", try talk("hello", "push-rewound", "ping", "recalled", "ping", "give", "ping", "recalled-none")),
            ("bases", try talk("hello", "rebase", "ping", "wake", "wake-none", "rebase", "ping", "pull", "ping")),
            ("packed", try talk("hello", "ping-2-slow", "push-2-packed", "pull", "ping-2", "push-2")),
        ]
    }

    static let toStreet: @Sendable () throws -> [Named] = {
        [
            (
                "session",
                try talk("welcome", "batch-common", "batch", "live", "pack", "hint", "pong", "halt", "compared", "bye")
            ),
            ("lines", try talk("welcome", "hint", "live", "batch", "refuse", "pack", "compared", "compared")),
            (
                "keys",
                try talk("welcome", "batch-common", "batch", "pong", "key-centre", "key-want", "key-ack", "pong")
            ),
            (
                "blobs",
                try talk(
                    "welcome", "pack-all", "batch-common", "batch", "blob-want-street", "blob-chunk-centre",
                    "blob-held", "pong")
            ),
            (
                "repair",
                try talk(
                    "welcome", "batch-common", "batch-lost", "head", "pong", "hint-other", "compared-common", "pong",
                    "recall", "pong", "want", "pong")
            ),
            (
                "bases",
                try talk("welcome", "batch-common", "base", "batch-based", "pong", "woken", "woken-none", "pong")
            ),
            ("base-none", try talk("welcome", "batch-common", "base-seed", "batch-based", "batch", "pong")),
            ("packed", try talk("welcome", "batch-2-packed", "pong", "live-1", "bye")),
        ]
    }
}
