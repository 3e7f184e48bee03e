/// The rule book over events in any order, and shares and pauses of limits against working time counted directly.

import Events
import Testing

@testable import Rules

/// A small generator whose runs can be repeated from the printed seed.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
    }
}

@Suite("Rule book") struct RuleBookTests {
    /// The events that publish a book in one command at `hlc`.
    static func events(_ book: RuleBook, hlc: Int64) throws -> [Event] {
        let origin = Origin(node: try NodeID("centre"), incarnation: Incarnation(1))
        return try book.drafts(at: Timestamp(milliseconds: hlc)).enumerated().map { index, draft in
            Event(
                id: EventID(origin: origin, sequence: hlc * 1000 + Int64(index) + 1),
                hlc: HybridTime(rawValue: hlc), stream: draft.stream, type: draft.type, basis: .empty,
                actor: Actor(system: "test", rule: "1"), occurredAt: draft.occurredAt, recordedAt: draft.occurredAt,
                command: CommandID(high: 0, low: UInt64(hlc)), index: UInt16(index), causation: nil, correlation: nil,
                body: JSON.object(draft.body).canonicalBytes, sealed: nil, previous: .zero)
        }
    }

    /// A book whose catalogue takes several events.
    static func large(_ version: String) throws -> RuleBook {
        let base = try RuleBook(limits: "limits-county-72h")
        let entries = try (0..<900).map { number in
            try CatalogueEntry(json: [
                "category": .string("类\(number % 7)"), "code": .string("c\(number)"), "departments": .array([]),
                "flow": .string("self"), "name": .string("\(version) 事项 \(number) 事项说明事项说明事项说明"),
            ])
        }
        return RuleBook(
            calendar: base.calendar, limits: base.limits, territory: base.territory,
            catalogue: try DispatchCatalogue(version: version, entries: entries))
    }

    static func contents(_ book: RuleBook) throws -> [String] {
        try book.drafts(at: Timestamp(milliseconds: 0)).map { JSON.object($0.body).canonicalText }
    }

    @Test(
        "The latest in canonical order stands, whatever the order of arrival",
        arguments: [1, 7, 20_261_123] as [UInt64])
    func order(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let last = try Self.large("new")
        let events =
            try Self.events(try RuleBook.default, hlc: 1) + Self.events(try Self.large("old"), hlc: 2)
            + Self.events(last, hlc: 3)
        #expect(events.allSatisfy { ($0.body.bytes?.count ?? .max) <= Event.Limit.body })
        #expect(events.filter { $0.stream.text == "catalogue/dispatch" }.count > 3)
        for _ in 0..<5 {
            var book = try RuleBook.default
            for event in events.shuffled(using: &random) { try book.apply(event) }
            #expect(try Self.contents(book) == Self.contents(last), "seed \(seed)")
        }
    }

    @Test("Of two books of one instant that of the greater id stands, whichever came first")
    func sameInstant() throws {
        let one = try Self.events(try Self.large("one"), hlc: 2)
        // A restored centre is another incarnation, and may write at an instant at which it wrote before.
        let origin = Origin(node: try NodeID("centre"), incarnation: Incarnation(2))
        var two = try Self.events(try Self.large("two"), hlc: 2)
        for place in two.indices {
            two[place].id = EventID(origin: origin, sequence: two[place].id.sequence)
            two[place].command = CommandID(high: 0, low: 3)
        }
        var books: [RuleBook] = []
        for order in [one + two, two + one] {
            var book = try RuleBook.default
            for event in order { try book.apply(event) }
            #expect(book.catalogue.version == "two")
            books.append(book)
        }
        #expect(books[0] == books[1])
    }

    @Test("Until all parts are there the catalogue before stands") func parts() throws {
        var book = try RuleBook.default
        let events = try Self.events(try Self.large("new"), hlc: 3)
        for event in events.dropLast() { try book.apply(event) }
        #expect(book.catalogue.version == "catalogue-grid-items/1")
        #expect(book.limits.version == "limits-county-72h/1")
        for event in events.suffix(1) { try book.apply(event) }
        #expect(book.catalogue.version == "new")
    }

    @Test("However many lists wait for a part, each stands once it is whole", arguments: [2, 19, 77] as [UInt64])
    func manyWaiting(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let lists = try (1...40).map { try Self.events(try Self.large("list \($0)"), hlc: Int64($0)) }
        var book = try RuleBook.default
        for list in lists.shuffled(using: &random) { for event in list.dropLast() { try book.apply(event) } }
        #expect(book.catalogue.version == "catalogue-grid-items/1")
        for list in lists.reversed() { for event in list.suffix(1) { try book.apply(event) } }
        #expect(book.catalogue.version == "list 40", "seed \(seed)")
    }

    @Test("A part that comes again opens nothing, before its list is whole and after", arguments: [5, 23] as [UInt64])
    func repeatedParts(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let events = try Self.events(try Self.large("old"), hlc: 2) + Self.events(try Self.large("new"), hlc: 3)
        var once = try RuleBook.default
        for event in events { try once.apply(event) }
        var often = try RuleBook.default
        for event in (events + events + events).shuffled(using: &random) { try often.apply(event) }
        #expect(often == once, "seed \(seed)")
    }

    @Test("Parts of one command that name different versions or counts do not meet")
    func foreignPart() throws {
        let events = try Self.events(try Self.large("new"), hlc: 3)
        for change in ["version", "parts"] {
            var strange = try #require(events.first { $0.stream.text == "catalogue/dispatch" })
            var body = try JSONReader.readObject(strange.body.bytes ?? [])
            body[change] = change == "version" ? .string("other") : .integer(60)
            strange.body = .here(JSON.object(body).canonicalBytes)
            strange.id = EventID(origin: strange.id.origin, sequence: 9)
            for order in [[strange] + events, events + [strange]] {
                var book = try RuleBook.default
                for event in order { try book.apply(event) }
                #expect(book.catalogue.version == "new")
            }
        }
    }

    @Test(
        "The same command at two openings of the centre makes two lists, whichever comes first",
        arguments: [4, 31] as [UInt64])
    func twoOpenings(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let first = try Self.events(try Self.large("new"), hlc: 3)
        let restored = Origin(node: try NodeID("centre"), incarnation: Incarnation(2))
        var number: Int64 = 0
        // The same version and count, and other items: one entry less in the first part.
        let second = try first.map { event in
            var twin = event
            var body = try JSONReader.readObject(event.body.bytes ?? [])
            if case .array(let entries)? = body["entries"] { body["entries"] = .array(Array(entries.dropFirst())) }
            twin.body = .here(JSON.object(body).canonicalBytes)
            number += 1
            twin.id = EventID(origin: restored, sequence: number)
            return twin
        }
        var found: Set<[String]> = []
        for order in [first + second, second + first] + (0..<6).map({ _ in (first + second).shuffled(using: &random) })
        {
            var book = try RuleBook.default
            for event in order { try book.apply(event) }
            found.insert(try Self.contents(book))
        }
        #expect(found.count == 1, "seed \(seed)")
    }

    @Test("A body that does not fit leaves the rules as they were, and a foreign event changes nothing")
    func faults() throws {
        var book = try RuleBook.default
        let before = book
        for var event in try Self.events(book, hlc: 1) {
            event.body = .here(Array("{\"version\":1}".utf8))
            #expect(throws: RulesError.self) { try book.apply(event) }
            event.type = EventType(event.type.name, version: "2")
            try book.apply(event)
        }
        #expect(book == before)
    }

    @Test(
        "A calendar with an exception that would not count is not published, and read as ever where a log has it",
        arguments: [
            (["2026-10-01", "2026-10-02", "2026-10-01"], "there once", "2026-10-01"),
            (["2026-10-01", "2027-01-01"], "a day up to publishedThrough, 2026-12-31", "2027-01-01"),
        ])
    func uncountedExceptions(days: [String], wanted: Words, found: String) throws {
        var body = Self.calendar(of: days.map { ($0, []) })
        #expect(
            throws: RulesError.field(name: "date", of: "calendar exception", found: "\"\(found)\"", wanted: wanted)
        ) { try RuleBook.drafts(publishing: body, as: "calendar", at: Timestamp(milliseconds: 0)) }
        body = Self.calendar(of: days.map { ($0, []) } + [("2026-10-01", [(540, 600)])])
        var event = try #require(
            try Self.events(try RuleBook.default, hlc: 5).first { $0.stream.text == "calendar/main" })
        event.body = .here(JSON.object(body).canonicalBytes)
        var book = try RuleBook.default
        try book.apply(event)
        #expect(book.calendar.version == "own/1")
        #expect(book.calendar.intervals(on: try #require(CivilDate("2026-10-01"))) == [Interval(540, 600)])
        let drafts = try RuleBook.drafts(
            publishing: Self.calendar(of: days.prefix(1).map { ($0, []) } + [("2026-12-31", [])]), as: "calendar",
            at: Timestamp(milliseconds: 0))
        #expect(drafts.count == 1)
    }

    /// A calendar with these exceptions, published through 2026.
    private static func calendar(of exceptions: [(date: String, intervals: [(Int64, Int64)])]) -> JSONObject {
        func list(_ intervals: [(Int64, Int64)]) -> JSON {
            .array(intervals.map { .array([.integer($0.0), .integer($0.1)]) })
        }
        return [
            "exceptions": .array(
                exceptions.map { .object(["date": .string($0.date), "intervals": list($0.intervals)]) }),
            "publishedThrough": .string("2026-12-31"), "utcOffsetMinutes": .integer(480), "version": .string("own/1"),
            "week": .array((0..<7).map { list($0 < 5 ? [(540, 720), (780, 1020)] : []) }),
        ]
    }

    @Test(
        "Pauses move a due by what they took of its time, each moment once", arguments: [3, 11, 20_200_203] as [UInt64])
    func pauses(seed: UInt64) throws {
        var random = Seeded(state: seed)
        let calendar = try RuleBook.default.calendar
        let origin = calendar.zone.instant(try #require(CivilDate("2020-01-01")))
        for round in 0..<150 {
            let limit = Limit(
                Int64.random(in: 1...12, using: &random),
                LimitUnit.allCases.randomElement(using: &random) ?? .workingDays,
                fromNextDay: Bool.random(using: &random))
            let start = origin + Int64.random(in: 0...100_000_000_000, using: &random)
            let pauses = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let from = start + Int64.random(in: -100_000_000...900_000_000, using: &random)
                return Pause(from: from, to: from + Int64.random(in: 0...400_000_000, using: &random))
            }
            let plain = calendar.due(limit, from: start).at
            let moved = calendar.due(limit, from: start, pauses: pauses).at
            #expect(
                calendar.due(limit, from: start, pauses: pauses.reversed()).at == moved, "seed \(seed), round \(round)")
            // Time that counts, minute edges of pauses included: between neighbouring edges a clock runs or stands.
            let from = limit.fromNextDay ? calendar.zone.instant(calendar.zone.date(of: start) + 1) : start
            let edges = ([from, moved] + pauses.flatMap { [$0.start, $0.end] }).filter { $0 >= from && $0 <= moved }
                .sorted()
            var counted: Int64 = 0
            for (left, right) in zip(edges, edges.dropFirst())
            where !pauses.contains(where: { $0.start <= left && right <= $0.end && $0.start < $0.end }) {
                counted += limit.unit.isWorking ? calendar.workingMilliseconds(from: left, to: right) : right - left
            }
            let wanted = limit.unit.isWorking ? calendar.workingMilliseconds(from: from, to: plain) : plain - from
            #expect(counted == wanted, "seed \(seed), round \(round): \(limit)")
        }
    }

    @Test(
        "A share of a limit lies in its own time",
        arguments: [
            (Int64(500), Limit(7, .naturalDays), "2026-11-26 21:00"), (500, Limit(2, .workingDays), "2026-11-23 17:00"),
            (800, Limit(10, .workingHours), "2026-11-24 10:00"), (1000, Limit(2, .workingDays), "2026-11-25 09:00"),
            (1, Limit(1, .naturalHours, fromNextDay: true), "2026-11-24 00:00"),
        ])
    func shares(permille: Int64, limit: Limit, wanted: String) throws {
        let calendar = try RuleBook.default.calendar
        let start = calendar.zone.instant(try #require(CivilDate("2026-11-23")), minute: 540)
        #expect(calendar.zone.text(calendar.instant(permille, permilleOf: limit, from: start)) == wanted)
    }
}
