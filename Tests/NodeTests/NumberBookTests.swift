import Events
import Simulation
import Testing
import Tickets

@testable import Node

/// The numbers of a node whose clock steps, and that is started again at any moment.
@Suite("The book of numbers") struct NumberBookTests {
    private let centre: NodeID
    private let log: MemoryLog
    /// Monday 23 November 2026, 00:00 in China.
    private static let midnight: Int64 = 1_795_363_200_000
    private static let hour: Int64 = 3_600_000

    init() throws {
        centre = try NodeID("centre")
        log = MemoryLog(node: centre, incarnation: Incarnation(1), audience: TicketAudience(centre: centre))
    }

    private func book() -> NumberBook { NumberBook(node: centre, number: 1, utcOffsetMinutes: 480) }
    private func at(_ hours: Int64) -> Timestamp {
        Timestamp(milliseconds: NumberBookTests.midnight + hours * NumberBookTests.hour)
    }

    /// Registers a ticket, as the core does.
    @discardableResult
    private func give(_ book: inout NumberBook, _ hours: Int64, from author: NodeID? = nil) throws -> String {
        let number = try #require(try book.next(at: at(hours), log.reader))
        try register(number, at(hours))
        book.taken()
        return number
    }

    private func register(_ number: String, _ now: Timestamp, in log: MemoryLog? = nil) throws {
        let log = log ?? self.log
        let count = try log.reader.head().position
        let draft = Draft(
            stream: try StreamName("ticket/\(log.origin.node)-\(count)"), type: EventType("ticket.registered"),
            body: ["number": .string(number)], occurredAt: now)
        let request = AppendRequest(
            command: CommandID(derivedFrom: "number", log.origin.node.text, String(count)),
            actor: Actor(account: "wang", role: "agent", unit: "320507"), now: now, drafts: [draft])
        _ = try log.write { try $0.append(request) }
    }

    private func parts(_ text: String) throws -> [Int] {
        let parts = try #require(TicketNumber(text)).parts
        return [parts.day, parts.counter]
    }

    /// What a street's own program would not write may come from another one, whole by its hash.
    @Test(
        "a registration whose body is none counts as one of its day, and the next numbers are given", arguments: [0, 1])
    func noBody(place: Int) throws {
        var book = book()
        for _ in 0..<2 { try give(&book, 1) }
        log.rot(at: Int64(place + 1)) { $0.body = .here(Array("[]".utf8)) }
        var restarted = self.book()
        let given = try parts(give(&restarted, 1))
        #expect(given[0] == 23 && given[1] > 2)
    }

    @Test("a clock that steps back over midnight goes on with the later day, in the same process and after a restart")
    func stepBack() throws {
        var book = book()
        #expect(try parts(give(&book, -2)) == [22, 1])
        #expect(try parts(give(&book, 1)) == [23, 1])
        #expect(try parts(give(&book, -1)) == [23, 2])
        var restarted = self.book()
        #expect(try parts(give(&restarted, -1)) == [23, 3])
        #expect(try parts(give(&restarted, 2)) == [23, 4])
        #expect(try parts(give(&restarted, 25)) == [24, 1])
    }

    @Test(
        "a clock off by a fortnight either way that steps at any time: no number is given twice",
        arguments: [1, 7, 42] as [UInt64])
    func unique(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var book = book()
        var given: [String] = []
        var now: Int64 = 0
        var error: Int64 = 0
        for _ in 0..<300 {
            now += random.integer(in: 0...9)
            if random.happens(perMille: 100) { error = random.integer(in: -350...350) }
            if random.happens(perMille: 100) { book = self.book() }
            if random.happens(perMille: 50) { book.forget() }
            given.append(try give(&book, now + error))
        }
        #expect(Set(given).count == given.count, "seed \(seed)")
    }

    @Test("a clock that was years ahead does not hold the numbers there")
    func farAhead() throws {
        var book = book()
        #expect(try parts(give(&book, 24 * 400))[1] == 1)
        #expect(try parts(give(&book, 1)) == [23, 1])
        var restarted = self.book()
        #expect(try parts(give(&restarted, 1)) == [23, 2])
    }

    @Test("a later day that is used up gives way to the day that the clock shows")
    func usedUp() throws {
        var book = book()
        try give(&book, 1)
        try register(try #require(TicketNumber(year: 26, month: 11, day: 25, node: 1, counter: 99_999)).text, at(49))
        var restarted = self.book()
        #expect(try parts(give(&restarted, 2)) == [23, 2])
    }

    @Test("the counter goes on after the highest of its prefix, also that of another node with the same digits")
    func samePrefix() throws {
        var book = book()
        try give(&book, 1)
        let other = MemoryLog(node: try NodeID("street1"), incarnation: Incarnation(2), audience: NoAudience())
        let foreign = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 40))
        try register(foreign.text, at(1), in: other)
        let events = try other.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
        _ = try log.write { try $0.ingest(events, dense: true, receivedAt: at(1)) }
        var restarted = self.book()
        #expect(try parts(give(&restarted, 2)) == [23, 41])
    }
}
