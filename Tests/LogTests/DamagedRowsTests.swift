import Events
import Testing

@testable import Log

@Suite("Reading around damaged rows") struct DamagedRowsTests {
    private let fixture: Fixture
    private let reader: SQLiteReader
    private static let events: Int64 = 60
    /// At both ends, two in a row, one alone, and one that is no ticket's.
    private static let damaged: [Int64] = [1, 10, 11, 25, 40, 60]

    init() throws {
        fixture = try Fixture(events: Int(DamagedRowsTests.events), routed: false)
        let positions = DamagedRowsTests.damaged.map(String.init).joined(separator: ", ")
        try fixture.tamper("UPDATE events SET previous = x'00' WHERE position IN (\(positions))")
        reader = try SQLiteReader(path: fixture.path)
    }

    /// Reads a scope to its end.
    ///
    /// - Returns: the positions that were read, and those that were passed over, as they came.
    private func walk(
        _ scope: ReadScope, _ direction: ReadDirection, limit: Int
    ) throws -> (read: [Int64], passed: [Int64]) {
        var (read, passed): ([Int64], [Int64]) = ([], [])
        var position: Int64? = direction == .forward ? 0 : .max
        for _ in 0..<200 {
            guard let from = position else { return (read, passed) }
            let page = try reader.readable(scope, direction, from: from, limit: limit)
            #expect(page.events.count <= limit)
            read += page.events.map(\.position)
            if case .corrupt(_, let place, _) = page.damage { passed.append(place) }
            position = page.next
        }
        Issue.record("no end after 200 pages, at \(position ?? 0)")
        return (read, passed)
    }

    @Test("every other row is read once, in order, and each damaged one is named once", arguments: [1, 3, 8, 500])
    func all(limit: Int) throws {
        let others = (1...DamagedRowsTests.events).filter { !DamagedRowsTests.damaged.contains($0) }
        let forward = try walk(.all, .forward, limit: limit)
        #expect(forward.read == others)
        #expect(forward.passed == DamagedRowsTests.damaged)
        let backward = try walk(.type("ticket.noted"), .backward, limit: limit)
        #expect(backward.read == others.reversed())
        #expect(backward.passed == DamagedRowsTests.damaged.reversed())
    }

    @Test("a damaged row of another scope is in nobody's way")
    func otherScope() throws {
        let tickets = try walk(.category("ticket"), .forward, limit: 500)
        #expect(tickets.passed == DamagedRowsTests.damaged.filter { $0 != 40 })
        #expect(tickets.read.count == Int(DamagedRowsTests.events) - DamagedRowsTests.damaged.count)
        let rules = try walk(.category("rule"), .forward, limit: 500)
        #expect(rules.read == [])
        #expect(rules.passed == [40])
    }

    @Test("less is asked for only where rows are damaged, and what is no damage is thrown at once")
    func halves() throws {
        var asked: [Int] = []
        let rows = try LogFailure.upToDamage(limit: 100) { limit throws(LogFailure) -> [Int] in
            asked.append(limit)
            if limit > 20 { throw .corrupt(table: "events", position: 21, detail: "planted") }
            return Array(1...limit)
        }
        #expect(rows == Array(1...12))
        #expect(asked == [100, 50, 25, 12])
        asked = []
        #expect(throws: LogFailure.full(operation: "planted")) {
            try LogFailure.upToDamage(limit: 100) { limit throws(LogFailure) -> [Int] in
                asked.append(limit)
                throw .full(operation: "planted")
            }
        }
        #expect(asked == [100])
    }
}
