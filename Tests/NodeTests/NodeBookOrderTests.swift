import Events
import Simulation
import Testing
import Tickets

@testable import Node

/// A centre that was restored from a backup, and takes back what it wrote after it.
///
/// Two lines of events know nothing of each other. Whoever has the same events has the same book, and what an operator ended
/// stays ended.
@Suite("The node book in any order") struct NodeBookOrderTests {
    private let centre: NodeID
    private let street: NodeID
    private let other: NodeID
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("street1")
        other = try NodeID("street2")
    }

    private static func hash(_ secret: String) -> String { Digest.sha256(Array(secret.utf8)).description }

    private func invite(_ secret: String) -> NodeStep {
        .invite(secretHash: NodeBookOrderTests.hash(secret), expiresAt: now + 1_000_000)
    }
    private func rotate(_ secret: String) -> NodeStep {
        .rotate(secretHash: NodeBookOrderTests.hash(secret), expiresAt: now + 1_000_000, overlap: 60_000)
    }
    private func enrol(_ key: String, _ secret: String) -> NodeStep { .enrol(key: key, secret: secret) }

    /// Does what the book at that log allows; the rest writes nothing.
    private func write(_ steps: [(NodeID, NodeStep)], to log: MemoryLog, after delay: Int64) throws {
        for (place, (node, step)) in steps.enumerated() {
            let moment = now + delay + Int64(place)
            let book = try NodeBook(reader: log.reader, centre: centre)
            guard let draft = try? book.decide(step, of: node, now: moment) else { continue }
            let request = AppendRequest(
                command: CommandID(derivedFrom: log.origin.description, String(log.head.position)),
                actor: Actor(system: "test", rule: "1"), now: moment, drafts: [draft])
            _ = try log.write { try $0.append(request) }
        }
    }

    /// What the centre has once all is back: the backup's events, those that were lost, and those written after the restore.
    ///
    /// - Parameter delay: milliseconds from the lost events to the restored centre's; below zero when its clock was put back.
    private func events(
        backup: [(NodeID, NodeStep)], lost: [(NodeID, NodeStep)], restored: [(NodeID, NodeStep)], delay: Int64
    ) throws -> [Event] {
        let before = MemoryLog(node: centre, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
        try write(backup, to: before, after: 0)
        let gone = MemoryLog(reopening: before, incarnation: Incarnation(2))
        let after = MemoryLog(reopening: before, incarnation: Incarnation(3))
        try write(lost, to: gone, after: 1_000)
        try write(restored, to: after, after: 1_000 + delay)
        let known = Int64(before.head.position)
        func all(_ log: MemoryLog, above position: Int64) throws -> [Event] {
            try log.reader.page(.all, .forward, from: position, limit: 1_000).map(\.event)
        }
        return try all(before, above: 0) + all(after, above: known) + all(gone, above: known)
    }

    private func book(_ events: [Event]) -> NodeBook {
        var book = NodeBook(centre: centre)
        for event in events { book.take(event) }
        return book
    }

    /// The book in the order in which a restored centre learns of the events, and in the order of a street that has seen all.
    private func both(_ events: [Event]) -> [NodeBook] {
        [book(events), book(events.sorted { Event.precedes($0, $1) }), book(events.reversed())]
    }

    private static let delays: [Int64] = [60_000, -500]

    @Test(
        "a node that was revoked stays out when its lost enrolment comes back, whatever the clock said",
        arguments: delays)
    func revoked(delay: Int64) throws {
        let first = [(street, invite("s1")), (street, enrol("k1", "s1"))]
        let lost = [(street, rotate("s2")), (street, enrol("k2", "s2"))]
        let events = try events(
            backup: first, lost: lost, restored: [(street, .revoke(reason: "stolen"))], delay: delay)
        #expect(events.count == 5)
        for book in both(events) {
            #expect(book.enrolled.isEmpty)
            #expect(book[street]?.isInvited == false)
            #expect(Set(book[street]?.revokedKeys ?? []) == ["k1", "k2"])
        }
        // One that the backup knew only as invited.
        let open = try self.events(
            backup: [(street, invite("s1"))], lost: [(street, enrol("k1", "s1"))],
            restored: [(street, .revoke(reason: "stolen"))], delay: delay)
        for book in both(open) { #expect(book.enrolled.isEmpty && book[street]?.revokedKeys == ["k1"]) }
    }

    @Test("who was enrolled anew after a revocation stays in when what was lost comes back", arguments: delays)
    func anew(delay: Int64) throws {
        let events = try events(
            backup: [(street, invite("s1")), (street, enrol("k1", "s1"))],
            lost: [(street, rotate("s2")), (street, enrol("k2", "s2"))],
            restored: [(street, .revoke(reason: "stolen")), (street, invite("s3")), (street, enrol("k3", "s3"))],
            delay: delay)
        #expect(events.count == 7)
        for book in both(events) {
            #expect(book[street]?.keys == ["k3"])
            #expect(Set(book[street]?.revokedKeys ?? []) == ["k1", "k2"])
        }
    }

    @Test("a lost revocation that comes back ends what was opened unaware of it", arguments: delays)
    func lostRevocation(delay: Int64) throws {
        let events = try events(
            backup: [(street, invite("s1")), (street, enrol("k1", "s1"))], lost: [(street, .revoke(reason: "stolen"))],
            restored: [(street, rotate("s2")), (street, enrol("k2", "s2"))], delay: delay)
        for book in both(events) { #expect(book.enrolled.isEmpty && book[street]?.isInvited == false) }
    }

    @Test("an invitation made unaware of an enrolment throws nobody out, and is open", arguments: delays)
    func invitedAgain(delay: Int64) throws {
        let events = try events(
            backup: [(street, invite("s1"))], lost: [(street, enrol("k1", "s1"))], restored: [(street, invite("s2"))],
            delay: delay)
        for book in both(events) {
            #expect(book[street]?.keys == ["k1"])
            #expect(book[street]?.isInvited == true)
            #expect(try book.decide(enrol("k2", "s2"), of: street, now: now + 70_000) != nil)
        }
    }

    @Test("a key that an operator ended stays ended; the other of the two goes on", arguments: delays)
    func endedKey(delay: Int64) throws {
        let two = [
            (street, invite("s1")), (street, enrol("k1", "s1")), (street, rotate("s2")), (street, enrol("k2", "s2")),
        ]
        let used = try events(
            backup: two, lost: [(street, .endKey("k1", .used))],
            restored: [(street, .endKey("k2", .revoked(reason: "lost")))], delay: delay)
        #expect(used.count == 6)
        for book in both(used) { #expect(book[street]?.keys == ["k1"] && book[street]?.revokedKeys == ["k2"]) }
        let neither = try events(
            backup: two, lost: [(street, .endKey("k1", .revoked(reason: "lost")))],
            restored: [(street, .endKey("k2", .revoked(reason: "lost")))], delay: delay)
        for book in both(neither) {
            #expect(book.enrolled.isEmpty)
            #expect(try book.decide(invite("s3"), of: street, now: now) != nil)
        }
    }

    @Test("two nodes never have one slot: the earlier keeps it, the other gets the lowest that nobody has")
    func slots() throws {
        let third = try NodeID("street3")
        let events = try events(
            backup: [(street, invite("s1"))], lost: [(other, invite("s2"))], restored: [(third, invite("s3"))],
            delay: 60_000)
        for book in both(events) {
            #expect(book.all.map(\.slot) == [1, 2, 3])
            #expect(book.all.map(\.node) == [street, other, third])
            // The next one clashes with nobody.
            let next = try book.decide(invite("s4"), of: NodeID("street4"), now: now)
            #expect(next?.body["slot"] == .integer(4))
        }
    }

    @Test("any order of arrival gives the same book", arguments: 1...200)
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var number = 0
        func steps(_ count: Int64) -> [(NodeID, NodeStep)] {
            (0..<count).compactMap { _ in
                guard let node = random.pick([street, other]) else { return nil }
                number += 1
                let secret = "s\(number % 3)"
                let keys = ["k0", "k1", "k2", "k3"]
                let step: NodeStep? =
                    switch random.integer(in: 0...9) {
                    case 0, 1: invite(secret)
                    case 2, 3: rotate(secret)
                    case 4, 5, 6:
                        random.pick(["s0", "s1", "s2"]).flatMap { one in random.pick(keys).map { enrol($0, one) } }
                    case 7: random.pick(keys).map { .endKey($0, .used) }
                    case 8: random.pick(keys).map { .endKey($0, .revoked(reason: "lost")) }
                    case _: random.happens(perMille: 500) ? .revoke(reason: "stolen") : nil
                    }
                return step.map { (node, $0) }
            }
        }
        let events = try events(
            backup: steps(random.integer(in: 2...8)), lost: steps(random.integer(in: 1...10)),
            restored: steps(random.integer(in: 1...10)), delay: random.integer(in: -2_000...60_000))
        let whole = book(events)
        for _ in 0..<8 {
            var shuffled = events + events.prefix(2)
            for place in shuffled.indices.dropLast() {
                shuffled.swapAt(place, Int(random.integer(in: Int64(place)...Int64(shuffled.count - 1))))
            }
            let again = book(shuffled)
            #expect(again.all == whole.all, "seed \(seed)")
        }
        #expect(Set(whole.all.map(\.slot)).count == whole.all.count, "seed \(seed)")
        for member in whole.all {
            #expect(Set(member.keys).isDisjoint(with: member.revokedKeys), "seed \(seed): \(member)")
            #expect(member.state != .enrolled || !member.keys.isEmpty, "seed \(seed): \(member)")
        }
    }
}
