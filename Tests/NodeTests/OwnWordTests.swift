import Events
import Simulation
import Testing
import Tickets

@testable import Node

/// What only the centre may say, said by a street: it is stored, and has no effect.
@Suite("The centre's own words") struct OwnWordTests {
    private let centre: NodeID
    private let street: NodeID
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("street1")
    }

    /// A log in which `author` has written these.
    private func log(of author: NodeID, _ drafts: [Draft]) throws -> MemoryLog {
        let log = MemoryLog(node: author, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
        let request = AppendRequest(
            command: CommandID(derivedFrom: "draft", author.text), actor: Actor(system: "test", rule: "1"), now: now,
            drafts: drafts)
        _ = try log.write { try $0.append(request) }
        return log
    }

    /// The centre's log that has taken in what the street wrote.
    private func received(_ drafts: [Draft]) throws -> MemoryLog {
        let sent = try log(of: street, drafts).reader.page(.all, .forward, from: 0, limit: 100).map(\.event)
        let here = try log(of: centre, [])
        let outcomes = try here.write { try $0.ingest(sent, dense: true, receivedAt: now) }
        #expect(
            outcomes.allSatisfy { if case .stored = $0 { true } else { false } }, "nothing is refused for its author")
        return here
    }

    private func erased(_ log: MemoryLog) throws -> [PersonID] {
        var persons: [PersonID] = []
        try Erasure.all(in: log.reader, centre: centre) { persons += $0 }
        return persons
    }

    @Test("an erasure that a street wrote destroys no key")
    func erasure() throws {
        let person = try PersonID("person/00000000000000000000000000000001")
        let draft = Draft(
            stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string("x")], occurredAt: now)
        #expect(try erased(received([draft])) == [])
        #expect(try erased(log(of: centre, [draft])) == [person])
    }

    @Test("a street cannot invent an outage of its own line")
    func outage() throws {
        let stream = try StreamName(category: "link", key: street.text)
        let drafts = ["link.lost", "link.restored"].enumerated().map { place, type in
            Draft(stream: stream, type: EventType(type), body: [:], occurredAt: now + Int64(place) * 60_000)
        }
        var links = LinkLog(centre: centre)
        try links.load(received(drafts).reader)
        #expect(links.outages(of: street) == [])
        try links.load(log(of: centre, drafts).reader)
        #expect(links.outages(of: street) == [Outage(lostAt: now, restoredAt: now + 60_000)])
    }
}
