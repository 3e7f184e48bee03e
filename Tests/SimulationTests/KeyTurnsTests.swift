import Events
import Simulation
import Testing

@testable import Replication

/// Whose questions about keys are answered when there are more than a turn can look at.
@Suite("Keys in turn") struct KeyTurnsTests {
    private let centre: NodeID
    private let streets: [NodeID]
    private let vault = MemoryVault()
    private let log: MemoryLog
    private var exchange: KeyExchange
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    init() throws {
        centre = try NodeID("centre")
        streets = try (1...3).map { try NodeID("street\($0)") }
        log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: NoAudience())
        exchange = KeyExchange(node: centre, boxes: .log, vault: vault)
        for street in streets { exchange.opened(street, session: 1) }
    }

    /// A stream with a box and so many events.
    private func stream(_ number: Int, events: Int) throws -> Box {
        var random = SeededRandom(seed: UInt64(number))
        let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
        vault.make(one.person, one.key)
        let box = Box(stream: try StreamName("ticket/\(number)"), person: one.person)
        let command = CommandID(derivedFrom: "events", String(number))
        let sealed = try Sealing.seal(
            ["name": .string("王")], of: one.person, key: one.key, command: command, random: &random)
        let drafts = (0..<events).map { place in
            Draft(
                stream: box.stream, type: EventType("note.made"), body: [:], occurredAt: now,
                sealed: place == events - 1 ? sealed : nil)
        }
        _ = try log.write {
            try $0.append(
                AppendRequest(
                    command: command, actor: Actor(system: "test", rule: "1"), now: now, drafts: drafts))
        }
        return box
    }

    /// Who is answered in a turn, in that order.
    private mutating func turn(_ number: Int64) -> [NodeID] {
        let moment = Moment(wall: now, steady: number * 50)
        return exchange.turn(reader: log.reader, rows: 0, now: moment) { _, _ in true }.map(\.0)
    }

    @Test("who asks for what costs much keeps nobody from an answer: the next turn begins where this one ended")
    mutating func fair() throws {
        // Two that take a whole turn each, and one that takes nothing.
        let long = try (1...8).map { try stream($0, events: 1_000) }
        let short = try stream(99, events: 1)
        var answered: [NodeID: Int] = [:]
        var firstOfLast: Int64?
        exchange.take(.want([short]), from: streets[2])
        for number in 1...6 as ClosedRange<Int64> {
            exchange.take(.want(long), from: streets[0])
            exchange.take(.want(long), from: streets[1])
            for street in turn(number) { answered[street, default: 0] += 1 }
            if firstOfLast == nil, answered[streets[2]] != nil { firstOfLast = number }
        }
        #expect(firstOfLast.map { $0 <= 3 } == true, "\(answered)")
        #expect(answered[streets[1], default: 0] >= 4, "\(answered)")
    }

    @Test("peers are answered in the order of their names, whoever came and went before")
    mutating func order() throws {
        let short = try stream(1, events: 1)
        exchange.closed(streets[0])
        exchange.opened(streets[1], session: 2)
        exchange.opened(streets[0], session: 2)
        exchange.closed(try NodeID("stranger"))
        for street in streets.reversed() { exchange.take(.want([short]), from: street) }
        #expect(turn(1) == streets)
        exchange.closed(streets[1])
        for street in streets { exchange.take(.want([short]), from: street) }
        #expect(turn(2) == [streets[0], streets[2]])
    }
}
