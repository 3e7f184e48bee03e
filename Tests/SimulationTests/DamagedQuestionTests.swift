import Events
import LogContract
import Simulation
import Testing

@testable import Replication

/// A hub that is asked about a ticket it cannot read and, in the same turn, about one that it can: the first question costs the
/// second nothing, and the row is asked for.
@Suite("Questions beside a damaged one") struct DamagedQuestionTests {
    /// Each event names the file whose bytes are its stream's name.
    private struct Names: BlobNaming {
        func blobs(namedIn event: Event) -> [Digest] { [.sha256(Array(event.stream.text.utf8))] }
    }

    private let node: NodeID
    private let log: MemoryLog
    private let reader: DamagedReader
    private let vault: FailingVault
    private let boxes: [Box]
    private let events: [StoredEvent]
    private var desk: HubDesk
    private var session: UInt64 = 0
    private var time: Int64 = 0

    init() throws {
        node = try NodeID("a")
        let centre = try NodeID("centre")
        log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: ScriptedAudience())
        reader = DamagedReader(log.reader)
        let keys = MemoryVault()
        vault = FailingVault(keys)
        let store = MemoryBlobStore()
        var random = SeededRandom(seed: 1)
        var boxes: [Box] = []
        for number in 1...2 {
            let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
            keys.make(one.person, one.key)
            let box = Box(stream: try StreamName("ticket/\(number)"), person: one.person)
            boxes.append(box)
            let command = CommandID(derivedFrom: "question", String(number))
            let sealed = try Sealing.seal(
                ["name": .string("王")], of: one.person, key: one.key, command: command, random: &random)
            let now = Timestamp(milliseconds: 1_795_000_000_000)
            let draft = Draft(
                stream: box.stream, type: EventType("move.-.a"), body: [:], occurredAt: now, sealed: sealed)
            let request = AppendRequest(
                command: command, actor: Actor(system: "t", rule: "1"), now: now, drafts: [draft])
            _ = try log.write { try $0.append(request) }
            let bytes = Array(box.stream.text.utf8)
            try store.add(bytes, to: .sha256(bytes), at: 0)
            _ = try store.complete(.sha256(bytes))
        }
        self.boxes = boxes
        events = try log.reader.page(.category("ticket"), .forward, from: 0, limit: 10)
        desk = HubDesk(
            random: SeededRandom(seed: 2), vault: vault,
            blobs: BlobDesk(node: centre, isHub: true, store: store, naming: Names()))
        try desk.start(process: log.origin, ports: [.common: "1", .node(node): "2"], reader: reader, now: now)
        let origin = Origin(node: node, incarnation: Incarnation(3))
        try say(.hello(Message.Hello(origin: origin, clock: now.wall, origins: [], cursors: [])))
        for case .welcome(let welcome) in try turn() { session = welcome.session }
    }

    private var now: Moment { Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + time), steady: time) }

    private mutating func say(_ message: Message) throws {
        let frame = Frame(number: 1, message: message, version: Message.versions.upperBound)
        try desk.receive(frame.bytes, from: .node(node), reader: reader, now: now)
    }

    private mutating func turn() throws -> [Message] {
        time += 1_000
        try desk.tick(reader: reader, now: now)
        if desk.hasStorageWork { _ = try log.write { try desk.store($0, now: now) } }
        try desk.committed(reader: reader, now: now)
        return try desk.takeOutgoing().compactMap {
            if case .send(_, let frame) = $0 { try Frame(frame).message } else { nil }
        }
    }

    private mutating func alarms(_ text: String) -> Int {
        desk.takeAlarms().count { $0.description.contains(text) }
    }

    /// The first ticket cannot be read from now on.
    private func damage() { reader.damaged[boxes[0].stream] = events[0].position }

    /// Whether the row is asked for, and known.
    private mutating func isAskedFor(_ said: [Message]) throws -> Bool {
        let all = try said + turn()
        return desk.rotten.count == 1 && all.contains(.repair(session: session, .want([events[0].event.id])))
    }

    @Test("a key that is damaged in the vault keeps back no other", arguments: [0, 1])
    mutating func keyOfVault(first: Int) throws {
        vault.damage(boxes[0].person)
        try say(.keys(session: session, .want([boxes[first], boxes[1 - first]])))
        var given: [Box] = []
        var denied: [KeyAnswer] = []
        for case .keys(_, let said) in try turn() {
            if case .key(let box, _) = said { given.append(box) }
            if case .acknowledged(let answers) = said { denied += answers }
        }
        #expect(given == [boxes[1]])
        #expect(denied == [KeyAnswer(box: boxes[0], state: .absent)])
        #expect(alarms("keys of persons are not exchanged") == 1)
    }

    @Test("a ticket that cannot be read keeps back no other's key, and its row is asked for")
    mutating func key() throws {
        damage()
        try say(.keys(session: session, .want(boxes)))
        let said = try turn()
        let keys = said.compactMap { if case .keys(_, .key(let box, _)) = $0 { box } else { nil } }
        #expect(keys == [boxes[1]])
        #expect(alarms("keys of persons are not exchanged") == 1)
        #expect(try isAskedFor(said))
    }

    @Test("a file of a ticket that cannot be read is not given, another's is, and the row is asked for")
    mutating func blob() throws {
        damage()
        let blobs = boxes.map { Digest.sha256(Array($0.stream.text.utf8)) }
        for (blob, stored) in zip(blobs, events) {
            let want = BlobWant(event: stored.event.id, blob: blob, offset: 0, credit: 99)
            try say(.blobs(session: session, .want(want)))
        }
        let said = try turn()
        let sizes = said.compactMap { message -> (Digest, Int64)? in
            if case .blobs(_, .chunk(let chunk)) = message { (chunk.blob, chunk.size) } else { nil }
        }
        #expect(sizes.map(\.0) == blobs && sizes.map(\.1) == [0, 8], "\(sizes)")
        #expect(alarms("whether a node may have a file is not known") == 1)
        #expect(try isAskedFor(said))
    }

    @Test("a ticket that cannot be read is not woken, another's question is answered, and the row is asked for")
    mutating func wake() throws {
        for box in boxes { try say(.bases(session: session, .wake(box.stream))) }
        damage()
        let said = try turn()
        let woken = said.compactMap { message -> StreamName? in
            if case .bases(_, .woken(let stream, .inFeed)) = message { stream } else { nil }
        }
        #expect(woken == [boxes[1].stream])
        #expect(alarms("feed node/a cannot be read on") == 1)
        #expect(try isAskedFor(said))
    }
}
