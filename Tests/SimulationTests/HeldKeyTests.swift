import Events
import LogContract
import Simulation
import Synchronization
import Testing

@testable import Replication

/// A street's key goes by what the centre says after nobody needs it there any more, and in the session in which it says so.
@Suite("Keys that the centre has") struct HeldKeyTests {
    private struct Overs: Audience {
        func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing { .stay }
        func isOver(_ type: EventType, by author: NodeID, foundedBy founder: NodeID) -> Bool? {
            type.name == "over" ? true : type.name == "reopened" ? false : nil
        }
    }

    private let centre: NodeID
    private let street: NodeID
    private let feed: FeedName
    private let hub, log: MemoryLog
    private let vault = MemoryVault()
    private let disk: FailingVault
    private let box: Box
    private var exchange: KeyExchange
    private let start = Timestamp(milliseconds: 1_795_000_000_000)
    private static let day: Int64 = 86_400_000

    /// A ticket with one caller that is over since the start, at the street, whose keys live a day longer.
    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("a")
        feed = .node(street)
        hub = MemoryLog(node: centre, incarnation: Incarnation(1), audience: ScriptedAudience())
        log = MemoryLog(node: street, incarnation: Incarnation(2), audience: NoAudience())
        var random = SeededRandom(seed: 1)
        let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
        vault.make(one.person, one.key)
        box = Box(stream: try StreamName("ticket/1"), person: one.person)
        disk = FailingVault(vault)
        exchange = HeldKeyTests.exchange(street, centre, disk)
        let command = CommandID(derivedFrom: "called")
        let sealed = try Sealing.seal(
            ["name": .string("王")], of: one.person, key: one.key, command: command, random: &random)
        try put("move.-.a", command, sealed)
        try put("over", CommandID(derivedFrom: "over"), nil)
        exchange.opened(centre, session: 1)
        try pull()
        turn(at: 0)
    }

    private static func exchange(_ street: NodeID, _ centre: NodeID, _ vault: any KeyVault) -> KeyExchange {
        KeyExchange(
            node: street, boxes: .feed(.node(street), from: centre), vault: vault,
            term: KeyTerm(days: 1, audience: Overs()))
    }

    private func put(_ type: String, _ command: CommandID, _ sealed: [UInt8]?) throws {
        let draft = Draft(stream: box.stream, type: EventType(type), body: [:], occurredAt: start, sealed: sealed)
        let request = AppendRequest(
            command: command, actor: Actor(system: "test", rule: "1"), now: start, drafts: [draft])
        _ = try hub.write { try $0.append(request) }
    }

    /// The street applies what is new in its feed.
    private func pull() throws {
        let above = try log.reader.cursor(of: feed)?.fseq ?? 0
        let rows = try hub.reader.rows(of: feed, above: above, limit: 100)
        try log.write { transaction in
            for row in rows {
                var content = ReceivedRow.Content.leave
                if case .join(let history) = row.operation { content = .join(history: history) }
                if case .event(let event) = row.operation {
                    _ = try transaction.ingest([event], dense: false, receivedAt: start)
                    content = .event(event.hash, position: try transaction.position(of: event.id, hash: event.hash))
                }
                let kept = ReceivedRow(
                    fseq: row.fseq, stream: row.stream, content: content, common: row.common, chain: row.chain)
                try transaction.keep([kept], of: feed)
            }
        }
    }

    /// Steady time begins with the ticket's end.
    private mutating func turn(at milliseconds: Int64) {
        let now = Moment(wall: start + milliseconds, steady: milliseconds)
        _ = exchange.turn(reader: log.reader, rows: 0, now: now) { _, _ in true }
    }

    private mutating func expire(at milliseconds: Int64) {
        exchange.expire(log.reader, Moment(wall: start + milliseconds, steady: milliseconds))
    }

    private mutating func say() { exchange.take(.acknowledged([KeyAnswer(box: box, state: .held)]), from: centre) }

    private func isHere() throws -> Bool { try vault.held(box.person).key != nil }

    @Test("a word from before the end of the term does not count, one from behind it does")
    mutating func expired() throws {
        say()
        expire(at: HeldKeyTests.day)
        #expect(try vault.isExpired(box.stream))
        turn(at: HeldKeyTests.day + 10)
        #expect(try isHere())
        say()
        turn(at: HeldKeyTests.day + 20)
        #expect(try !isHere())
    }

    @Test("a word from before the ticket left does not count, one from behind it does")
    mutating func left() throws {
        say()
        try put("move.a.-", CommandID(derivedFrom: "left"), nil)
        try pull()
        turn(at: 1_000)
        #expect(try isHere())
        say()
        turn(at: 2_000)
        #expect(try !isHere())
    }

    @Test("a word of a session that has ended does not count: the centre may be another one")
    mutating func ended() throws {
        expire(at: HeldKeyTests.day)
        say()
        exchange.closed(centre)
        exchange.opened(centre, session: 2)
        turn(at: HeldKeyTests.day + 10)
        #expect(try isHere())
        say()
        turn(at: HeldKeyTests.day + 20)
        #expect(try !isHere())
    }

    @Test("a ticket that goes on has its key wanted, also when the process dies while it writes that down")
    mutating func revived() throws {
        expire(at: HeldKeyTests.day)
        say()
        turn(at: HeldKeyTests.day + 10)
        #expect(try !isHere())
        // With a box in it, so that the vault's place moves.
        var random = SeededRandom(seed: 2)
        let (person, command) = (PersonID(random: &random), CommandID(derivedFrom: "reopened"))
        let sealed = try Sealing.seal(
            ["name": .string("李")], of: person, key: PersonKey(random: &random), command: command, random: &random)
        try put("reopened", command, sealed)
        try pull()
        disk.failToRevive(true)
        turn(at: HeldKeyTests.day + 1_000)
        disk.failToRevive(false)
        #expect(try vault.isExpired(box.stream))
        exchange = HeldKeyTests.exchange(street, centre, disk)
        exchange.opened(centre, session: 2)
        turn(at: HeldKeyTests.day + 2_000)
        #expect(try !vault.isExpired(box.stream))
        #expect(try vault.wanted(of: centre, below: .max, limit: 9).map(\.box).contains(box))
    }
}

/// A vault whose disk may fail.
final class FailingVault: KeyVault {
    private let vault: MemoryVault
    private let isFailing = Mutex(false)

    /// Whether to revive fails from now on.
    func failToRevive(_ fails: Bool) { isFailing.withLock { $0 = fails } }

    private let damaged = Mutex<PersonID?>(nil)

    /// The key of this person cannot be read from now on.
    func damage(_ person: PersonID) { damaged.withLock { $0 = person } }

    init(_ vault: MemoryVault) { self.vault = vault }

    func revive(_ streams: [StreamName]) throws(LogFailure) {
        if isFailing.withLock({ $0 }) { throw .full(operation: Words(verbatim: "COMMIT")) }
        try vault.revive(streams)
    }

    func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        if damaged.withLock({ $0 }) == person {
            throw .corrupt(table: "keys", position: 0, detail: Words(verbatim: "malformed"))
        }
        return try vault.held(person)
    }
    func place() throws(LogFailure) -> FeedCursor? { try vault.place() }
    func note(
        _ changes: [BoxChange], to place: FeedCursor?, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure) { try vault.note(changes, to: place, holder: holder, isAnew: isAnew) }
    func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try vault.wanted(of: holder, below: number, limit: limit)
    }
    func wanted(exceptOf holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try vault.wanted(exceptOf: holder, below: number, limit: limit)
    }
    func keep(_ keys: [VaultPerson], at now: Timestamp, needed: Bool) throws(LogFailure) -> Set<PersonID> {
        try vault.keep(keys, at: now, needed: needed)
    }
    func leaving(above number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        try vault.leaving(above: number, limit: limit)
    }
    func shared(_ persons: [PersonID]) throws(LogFailure) { try vault.shared(persons) }
    func standing(above number: Int64, limit: Int) throws(LogFailure) -> [StandingBox] {
        try vault.standing(above: number, limit: limit)
    }
    func isExpired(_ stream: StreamName?) throws(LogFailure) -> Bool { try vault.isExpired(stream) }
    func expire(_ ends: [KeyExpired]) throws(LogFailure) { try vault.expire(ends) }
    func gone(limit: Int) throws(LogFailure) -> [KeyExpired] { try vault.gone(limit: limit) }
    func told(_ gone: [KeyExpired]) throws(LogFailure) { try vault.told(gone) }
}
