import Events
import Replication
import Simulation
import Testing
import Tickets

@testable import Node

/// Who is let in: every step, every refusal, and what the running machine makes of them.
@Suite("The node book") struct NodeBookTests {
    private let centre: NodeID
    private let street: NodeID
    private let now = Timestamp(milliseconds: 1_795_000_000_000)
    private let later = Timestamp(milliseconds: 1_795_000_060_000)
    private static let secret = "5ec2e7"
    private var hash: String { Digest.sha256(Array(NodeBookTests.secret.utf8)).description }
    private var invitation: NodeStep { .invite(secretHash: hash, expiresAt: later) }

    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("street1")
    }

    /// A centre's log that such steps have gone into.
    private func log(_ steps: [NodeStep]) throws -> MemoryLog {
        let log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
        for (number, step) in steps.enumerated() {
            let book = try NodeBook(reader: log.reader, centre: centre)
            guard let draft = try book.decide(step, of: street, now: now) else { continue }
            let request = AppendRequest(
                command: CommandID(derivedFrom: "step", String(number)), actor: Actor(system: "test", rule: "1"),
                now: now, drafts: [draft])
            _ = try log.write { try $0.append(request) }
        }
        return log
    }

    private func book(_ steps: [NodeStep]) throws -> NodeBook {
        try NodeBook(reader: log(steps).reader, centre: centre)
    }

    private func enrol(_ key: String, _ secret: String = NodeBookTests.secret) -> NodeStep {
        .enrol(key: key, secret: secret)
    }

    @Test("an invited node that shows the secret is enrolled with its key, and keeps its slot for ever")
    func enrolled() throws {
        let invited = try #require(try book([invitation])[street])
        #expect(invited.state == .invited)
        #expect(invited.slot == 1)
        let member = try #require(try book([invitation, enrol("k1")])[street])
        #expect(member.state == .enrolled)
        #expect(member.key == "k1")
        let again = try book([invitation, enrol("k1"), .revoke(reason: "lost"), invitation, enrol("k2")])
        #expect(again[street]?.slot == 1)
        #expect(again[street]?.key == "k2")
        #expect(again.enrolled == [street])
    }

    @Test("the second node gets the next slot, also when the first is revoked")
    func slots() throws {
        let other = try NodeID("street2")
        let draft = try book([invitation, enrol("k1"), .revoke(reason: "lost")]).decide(invitation, of: other, now: now)
        #expect(draft?.body["slot"] == .integer(2))
    }

    @Test("a repeated answer lets the same key in again, and writes nothing")
    func repeated() throws {
        #expect(try book([invitation, enrol("k1")]).decide(enrol("k1"), of: street, now: now) == nil)
        #expect(try book([invitation, .revoke(reason: "x")]).decide(.revoke(reason: "y"), of: street, now: now) == nil)
    }

    @Test(
        "who is not invited learns nothing: a wrong secret, a used, ended or revoked invitation and an unknown node get one answer"
    )
    func refused() throws {
        let refusal = NodeRefusal.notInvited(street)
        func answer(_ steps: [NodeStep], _ step: NodeStep, at moment: Timestamp) throws -> NodeRefusal? {
            let book = try book(steps)
            do throws(NodeRefusal) {
                _ = try book.decide(step, of: street, now: moment)
                return nil
            } catch { return error }
        }
        #expect(try answer([], enrol("k1"), at: now) == refusal)
        #expect(try answer([invitation], enrol("k1", "wrong"), at: now) == refusal)
        #expect(try answer([invitation], enrol("k1"), at: later) == refusal)
        #expect(try answer([invitation, enrol("k1")], enrol("k2"), at: now) == refusal)
        #expect(try answer([invitation, enrol("k1"), .revoke(reason: "x")], enrol("k1"), at: now) == refusal)
        #expect(try answer([invitation], enrol("k1"), at: now) == nil)
    }

    @Test("an operator hears what stands in the way of an invitation or a revocation")
    func operators() throws {
        let empty = try book([])
        #expect(throws: NodeRefusal.centre(centre)) { try empty.decide(invitation, of: centre, now: now) }
        #expect(throws: NodeRefusal.unknown(street)) { try empty.decide(.revoke(reason: "x"), of: street, now: now) }
        #expect(throws: NodeRefusal.past(now, now: now)) {
            try empty.decide(.invite(secretHash: hash, expiresAt: now), of: street, now: now)
        }
        #expect(throws: NodeRefusal.malformed(field: "secretHash", value: "ab")) {
            try empty.decide(.invite(secretHash: "ab", expiresAt: later), of: street, now: now)
        }
        let full = try book([invitation, enrol("k1")])
        #expect(throws: NodeRefusal.enrolledAlready(street)) { try full.decide(invitation, of: street, now: now) }
    }

    // MARK: - Two keys

    private static let second = "second"
    private var rotation: NodeStep {
        .rotate(
            secretHash: Digest.sha256(Array(NodeBookTests.second.utf8)).description, expiresAt: later, overlap: 1_000)
    }
    private var twoKeys: [NodeStep] { [invitation, enrol("k1"), rotation, enrol("k2", NodeBookTests.second)] }

    @Test("a node that exchanges its key has both, then the new one alone; the events say when and why")
    func rotated() throws {
        let waiting = try #require(try book([invitation, enrol("k1"), rotation])[street])
        #expect(waiting.state == .enrolled && waiting.keys == ["k1"] && waiting.isInvited)
        let both = try #require(try book(twoKeys)[street])
        #expect(both.keys == ["k2", "k1"] && !both.isInvited && both.slot == 1)
        #expect(both.oldKey == Membership.OldKey(key: "k1", endsAt: now + 1_000))
        for (end, revoked) in [(KeyEnd.used, []), (.overlap, []), (.revoked(reason: "x"), ["k1"])] {
            let log = try log(twoKeys + [.endKey("k1", end)])
            let member = try #require(try NodeBook(reader: log.reader, centre: centre)[street])
            #expect(member.keys == ["k2"] && member.oldKey == nil && member.revokedKeys == revoked, "\(end)")
            let last = try #require(try log.reader.page(.all, .backward, from: .max, limit: 1).first?.event)
            #expect(last.type.name == "node.keyEnded" && last.stream.text == "node/street1")
        }
        // The new key is lost: the old one goes on, and another exchange may begin.
        let back = try book(twoKeys + [.endKey("k2", .revoked(reason: "lost"))])
        #expect(back[street]?.keys == ["k1"] && back[street]?.revokedKeys == ["k2"])
        #expect(try back.decide(rotation, of: street, now: now) != nil)
        #expect(try book(twoKeys + [.revoke(reason: "x")])[street]?.revokedKeys == ["k2", "k1"])
    }

    @Test("an exchange takes one new key: the same again, no other, and neither the old one nor a revoked one")
    func rotatedOnce() throws {
        func answer(_ steps: [NodeStep], _ key: String, at moment: Timestamp) throws -> Draft? {
            try book(steps).decide(enrol(key, NodeBookTests.second), of: street, now: moment)
        }
        let refusal = NodeRefusal.notInvited(street)
        let open: [NodeStep] = [invitation, enrol("k1"), rotation]
        #expect(try answer(twoKeys, "k2", at: now) == nil)
        #expect(throws: refusal) { try answer(twoKeys, "k3", at: now) }
        #expect(throws: refusal) { try answer(open, "k1", at: now) }
        #expect(throws: refusal) { try answer(open, "k2", at: later) }
        #expect(throws: refusal) { try book(open).decide(enrol("k2"), of: street, now: now) }
        let lost = twoKeys + [.endKey("k2", .revoked(reason: "lost")), rotation]
        #expect(throws: refusal) { try answer(lost, "k2", at: now) }
        #expect(try answer(lost, "k3", at: now) != nil)
    }

    @Test("an operator hears what stands in the way of an exchange, or of the end of a key")
    func twoKeysRefused() throws {
        let one = try book([invitation, enrol("k1")])
        #expect(throws: NodeRefusal.unknown(street)) { try book([invitation]).decide(rotation, of: street, now: now) }
        #expect(throws: NodeRefusal.past(later, now: later)) { try one.decide(rotation, of: street, now: later) }
        let end = NodeStep.endKey("k1", .revoked(reason: "x"))
        #expect(throws: NodeRefusal.lastKey(street, key: "k1")) { try one.decide(end, of: street, now: now) }
        let other = NodeStep.endKey("k9", .revoked(reason: "x"))
        #expect(throws: NodeRefusal.unknownKey(street, key: "k9")) { try one.decide(other, of: street, now: now) }
        #expect(try one.decide(.endKey("k9", .used), of: street, now: now) == nil)
        #expect(throws: NodeRefusal.twoKeys(street, old: "k1", until: now + 1_000)) {
            try book(twoKeys).decide(rotation, of: street, now: now)
        }
        let endless = NodeStep.rotate(secretHash: hash, expiresAt: later, overlap: NodeBook.overlaps.upperBound + 1)
        #expect(throws: NodeRefusal.malformed(field: "overlap", value: "2592000001")) {
            try one.decide(endless, of: street, now: now)
        }
    }

    @Test("an old key ends when the new one is used, or when its time is over by a clock that is believed")
    func ending() throws {
        let log = try log(twoKeys)
        var admissions = Admissions(centre: centre)
        try admissions.load(log.reader, centre: centre)
        func ends(_ moment: Timestamp, isHolding: Bool = false) -> [NodeCommand.Wish] {
            admissions.takeEnding(process: log.origin, now: moment, isHolding: isHolding).map(\.wish)
        }
        #expect(ends(now + 999) == [])
        #expect(ends(now + 1_000, isHolding: true) == [])
        #expect(ends(now + 1_000) == [.node(street, .endKey("k1", .overlap))])
        admissions.note(use: KeyUse(node: street, key: "k1"))
        #expect(ends(now) == [])
        admissions.note(use: KeyUse(node: street, key: "k2"))
        #expect(ends(now) == [.node(street, .endKey("k1", .used))])
        #expect(admissions.takeMembers(now: now)?.map(\.keys) == [["k2", "k1"]])
    }

    @Test("another node's events about members change nothing")
    func foreign() throws {
        var book = NodeBook(centre: centre)
        let ours = try #require(try log([invitation]).reader.page(.all, .forward, from: 0, limit: 1).first?.event)
        var foreign = ours
        foreign.id = EventID(origin: Origin(node: street, incarnation: Incarnation(9)), sequence: 1)
        book.take(foreign)
        #expect(book.all.isEmpty)
        book.take(ours)
        #expect(book.all.count == 1)
    }

    @Test("a running centre enrols, and its streets read on the common feed who belongs")
    func running() throws {
        let cluster = try Cluster(streets: ["street1", "street2"], seed: 7)
        try cluster.run(milliseconds: 2_000)
        let reader = try #require(cluster.nodes[cluster.centre]?.log.reader)
        #expect(try NodeBook(reader: reader, centre: cluster.centre).enrolled == Set(cluster.streets))
        for street in cluster.streets {
            let copy = try #require(cluster.nodes[street]?.log.reader)
            #expect(try NodeBook(reader: copy, centre: cluster.centre).enrolled == Set(cluster.streets))
        }
    }
}
