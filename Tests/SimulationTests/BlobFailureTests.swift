import Events
import LogContract
import Simulation
import Synchronization
import Testing

@testable import Replication

/// What becomes of blobs when the disk under log or store answers with errors: nothing is taken for settled.
@Suite("Blobs beside a disk that fails") struct BlobFailureTests {
    /// Each event names the file whose bytes are its stream's name.
    private struct Names: BlobNaming {
        func blobs(namedIn event: Event) -> [Digest] { [.sha256(Array(event.stream.text.utf8))] }
    }

    private let centre: NodeID
    private let street: NodeID
    private let stream: StreamName
    private var blob: Digest { .sha256(Array(stream.text.utf8)) }

    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("a")
        stream = try StreamName("ticket/1")
    }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + milliseconds), steady: milliseconds)
    }

    /// The street's log with the ticket, and the centre's that has taken it in.
    private func logs() throws -> (street: MemoryLog, centre: MemoryLog) {
        let own = MemoryLog(node: street, incarnation: Incarnation(2), audience: NoAudience())
        let hub = MemoryLog(node: centre, incarnation: Incarnation(1), audience: ScriptedAudience())
        let draft = Draft(stream: stream, type: EventType("noted"), body: [:], occurredAt: then(0).wall)
        let request = AppendRequest(
            command: CommandID(derivedFrom: "named"), actor: Actor(system: "t", rule: "1"), now: then(0).wall,
            drafts: [draft])
        _ = try own.write { try $0.append(request) }
        let events = try own.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        _ = try hub.write { try $0.ingest(events, dense: true, receivedAt: then(0).wall) }
        return (own, hub)
    }

    private func desk(of node: NodeID, _ store: any BlobStorage) -> BlobDesk {
        BlobDesk(node: node, isHub: node == centre, store: store, naming: Names())
    }

    private var line: BlobDesk.Line { BlobDesk.Line(peer: street, session: 1, isFree: true) }

    @Test("a log that cannot be read is no log in which nobody has a file")
    func logFails() throws {
        let reader = DamagedReader(try logs().centre.reader)
        var desk = desk(of: centre, MemoryBlobStore())
        reader.isFailing = true
        #expect(throws: DamagedReader.failure) { try desk.turn([line], reader: reader, now: then(1)) }
        reader.isFailing = false
        try desk.turn([line], reader: reader, now: then(2))
        let asked = desk.takeOutgoing().map(\.message)
        #expect(asked.count == 1, "\(asked)")
    }

    @Test("a note that cannot be compared with the log is refused, or where that is damaged not used, which is said")
    func noteFails() throws {
        let log = try logs().centre
        let reader = DamagedReader(log.reader)
        let store = MemoryBlobStore()
        var first = desk(of: centre, store)
        try first.turn([], reader: reader, now: then(1))
        #expect(try #require(store.note().flatMap { BlobNote($0) }).missing.count == 1)
        reader.isFailing = true
        var second = desk(of: centre, store)
        #expect(throws: DamagedReader.failure) { try second.start(reader: reader) }
        reader.isFailing = false
        reader.damaged[stream] = 1
        var third = desk(of: centre, store)
        try third.start(reader: reader)
        #expect(third.takeDamage().count == 1)
        #expect(third.takeAlarms().count { $0.description.contains("is not used") } == 1)
        reader.damaged = [:]
        try third.turn([], reader: reader, now: then(2))
        #expect(third.status.missing == 1)
    }

    @Test("a file of an own event waits for the centre's word also when the disk did not say that it is here")
    func storeFails() throws {
        let log = try logs().street
        let store = FailingStore()
        let bytes = Array(stream.text.utf8)
        try store.store.add(bytes, to: blob, at: 0)
        _ = try store.store.complete(blob)
        var desk = desk(of: street, store)
        store.fail(true)
        try desk.turn([], reader: log.reader, now: then(1))
        #expect(desk.takeAlarms().count == 1)
        store.fail(false)
        for time in 2...4 as ClosedRange<Int64> { try desk.turn([], reader: log.reader, now: then(time)) }
        #expect(desk.status.unconfirmed == [blob])
    }
}

/// A store whose disk does not say what is there, when a test wants it.
private final class FailingStore: BlobStorage {
    let store = MemoryBlobStore()
    private let isFailing = Mutex(false)

    func fail(_ fails: Bool) { isFailing.withLock { $0 = fails } }

    var limit: Int64 { store.limit }

    func size(of blob: Digest) throws(BlobFailure) -> Int64? {
        if isFailing.withLock({ $0 }) { throw .storage(DamagedReader.failure) }
        return store.size(of: blob)
    }

    func read(_ blob: Digest, at offset: Int64, count: Int) throws(BlobFailure) -> [UInt8] {
        try store.read(blob, at: offset, count: count)
    }

    func begin() throws(BlobFailure) -> any BlobUpload { store.begin() }
    func partial(of blob: Digest) throws(BlobFailure) -> Int64 { store.partial(of: blob) }
    func add(_ bytes: [UInt8], to blob: Digest, at offset: Int64) throws(BlobFailure) {
        try store.add(bytes, to: blob, at: offset)
    }
    func complete(_ blob: Digest) throws(BlobFailure) -> Bool { try store.complete(blob) }
    func sweep(keeping blobs: Set<Digest>) throws(BlobFailure) { store.sweep(keeping: blobs) }
    func note() throws(BlobFailure) -> [UInt8]? { store.note() }
    func keep(note: [UInt8]) throws(BlobFailure) { store.keep(note: note) }
}
