/// Limits over weekends, holidays, make-up workdays, the lunch break and the end of what is published.

import Events
import Testing

@testable import Rules

@Suite("Due times") struct DueTimeTests {
    /// Nine to twelve and one to five; 2026-10-01…07 off, 2026-10-10 (a Saturday) worked.
    static let calendar: WorkCalendar = {
        let day = [Interval(540, 720), Interval(780, 1020)]
        var exceptions: [CivilDate: [Interval]] = [:]
        let first = CivilDate(year: 2026, month: 10, day: 1) ?? CivilDate(dayNumber: 0)
        for offset in 0..<7 { exceptions[first + Int64(offset)] = [] }
        exceptions[first + 9] = day
        return WorkCalendar(
            version: "test", zone: .china, week: [day, day, day, day, day, [], []], exceptions: exceptions,
            publishedThrough: CivilDate(year: 2026, month: 12, day: 31) ?? first)
    }()

    static func instant(_ date: String, _ minute: Int64) throws -> Timestamp {
        Zone.china.instant(try #require(CivilDate(date)), minute: minute)
    }

    @Test(
        "A limit ends when the calendar says",
        arguments: [
            ("2026-11-23", 845, Limit(7, .naturalDays), "2026-11-30 14:05", false),
            ("2026-11-23", 845, Limit(1, .naturalDays, fromNextDay: true), "2026-11-25 00:00", false),
            ("2026-11-23", 690, Limit(1, .workingHours), "2026-11-23 13:30", false),
            ("2026-11-20", 990, Limit(1, .workingHours), "2026-11-23 09:30", false),
            ("2026-11-20", 990, Limit(1, .workingDays), "2026-11-23 16:30", false),
            ("2026-11-21", 600, Limit(1, .workingDays), "2026-11-24 09:00", false),
            ("2026-09-30", 600, Limit(1, .workingDays), "2026-10-08 10:00", false),
            ("2026-10-09", 600, Limit(1, .workingDays), "2026-10-10 10:00", false),
            ("2026-11-20", 600, Limit(1, .workingDays, fromNextDay: true), "2026-11-23 17:00", false),
            ("2026-12-31", 600, Limit(1, .workingDays), "2027-01-01 10:00", true),
        ])
    func ends(date: String, minute: Int, limit: Limit, wanted: String, provisional: Bool) throws {
        let due = Self.calendar.due(limit, from: try Self.instant(date, Int64(minute)))
        #expect(Zone.china.text(due.at) == wanted)
        #expect(due.provisional == provisional)
    }

    /// The same, but 2026-11-26 closes at ten, 2026-11-27 has no lunch break and 2026-12-01 opens at ten.
    static let uneven: WorkCalendar = {
        var exceptions = calendar.exceptions
        for (text, day) in [
            ("2026-11-26", Interval(540, 600)), ("2026-11-27", Interval(540, 1020)),
            ("2026-12-01", Interval(600, 1020)),
        ] {
            if let date = CivilDate(text) { exceptions[date] = [day] }
        }
        return WorkCalendar(
            version: "uneven", zone: .china, week: calendar.week, exceptions: exceptions,
            publishedThrough: calendar.publishedThrough)
    }()

    @Test(
        "A clock time is brought into the working time of the first day and of the last",
        arguments: [
            // After a short day's close it is that close, wherever the last day ends.
            ("2026-11-26", 778, 1, "2026-11-27 10:00"), ("2026-11-26", 778, 2, "2026-11-30 10:00"),
            ("2026-11-26", 570, 1, "2026-11-27 09:30"), ("2026-11-25", 900, 1, "2026-11-26 10:00"),
            // In the lunch break it is the end of the morning, on the last day and on the first.
            ("2026-11-23", 750, 1, "2026-11-24 12:00"), ("2026-11-27", 750, 1, "2026-11-30 12:00"),
            ("2026-11-25", 750, 2, "2026-11-27 12:00"), ("2026-11-23", 720, 1, "2026-11-24 12:00"),
            ("2026-11-23", 780, 1, "2026-11-24 13:00"),
            // Before the opening, and from a day off, it is the opening of the day from which the limit counts.
            ("2026-12-01", 480, 1, "2026-12-02 10:00"), ("2026-11-30", 540, 1, "2026-12-01 10:00"),
            ("2026-11-29", 1200, 1, "2026-12-01 10:00"), ("2026-11-28", 1200, 2, "2026-12-02 09:00"),
        ])
    func clockTimes(date: String, minute: Int, days: Int, wanted: String) throws {
        let due = Self.uneven.due(Limit(Int64(days), .workingDays), from: try Self.instant(date, Int64(minute))).at
        #expect(Zone.china.text(due) == wanted)
    }

    @Test("A limit in working days never ends while nobody works, and a later start is never due earlier")
    func workedDues() throws {
        let start = try Self.instant("2026-11-18", 0)
        for days in 1...4 as ClosedRange<Int64> {
            var previous = start
            for step in 0..<900 {
                let from = start + Int64(step) * 2_333_333
                let due = Self.uneven.due(Limit(days, .workingDays), from: from).at
                let date = Zone.china.date(of: due)
                let isWorked = Self.uneven.intervals(on: date).contains {
                    (Zone.china.instant(date, minute: $0.start)...Zone.china.instant(date, minute: $0.end)).contains(
                        due)
                }
                #expect(isWorked, "\(days) days from \(Zone.china.text(from)): \(Zone.china.text(due))")
                #expect(due >= previous, "\(days) days from \(Zone.china.text(from))")
                previous = due
            }
        }
    }

    @Test("Working time up to the due instant equals the limit, and a later start is never due earlier")
    func property() throws {
        var previous = Timestamp(milliseconds: 0)
        let start = try Self.instant("2026-09-20", 0)
        for step in 0..<500 {
            let from = start + Int64(step) * 3_333_333
            let due = Self.calendar.due(Limit(9, .workingHours), from: from).at
            #expect(Self.calendar.workingMilliseconds(from: from, to: due) == 9 * 3_600_000, "step \(step)")
            #expect(due >= previous, "step \(step)")
            previous = due
        }
    }

    @Test(
        "A limit taken several times is taken in its own time",
        arguments: [
            (Limit(4, .workingHours), "2026-11-23 17:00"), (Limit(1, .workingDays), "2026-11-24 16:00"),
            (Limit(30, .naturalMinutes), "2026-11-20 17:00"),
            (Limit(1, .workingDays, fromNextDay: true), "2026-11-24 17:00"),
        ])
    func times(limit: Limit, wanted: String) throws {
        // Friday, an hour before the close.
        let due = Self.calendar.due(limit, times: 2, from: try Self.instant("2026-11-20", 960))
        #expect(Zone.china.text(due.at) == wanted)
    }

    @Test("A pause moves a share that comes after it, by working time, and no share before it") func pausedShares()
        throws
    {
        let start = try Self.instant("2026-11-20", 960)
        // Monday afternoon stands still: four hours.
        let pause = Pause(from: try Self.instant("2026-11-23", 780), to: try Self.instant("2026-11-23", 1_080))
        func share(_ permille: Int64) -> String {
            Zone.china.text(
                Self.calendar.instant(permille, permilleOf: Limit(8, .workingHours), from: start, pauses: [pause]))
        }
        #expect(share(500) == "2026-11-23 12:00")
        #expect(share(750) == "2026-11-24 11:00")
        #expect(share(1_000) == "2026-11-24 14:00")
    }

    @Test("A calendar, a limit and a due survive JSON") func roundTrip() throws {
        #expect(try WorkCalendar(json: Self.calendar.json) == Self.calendar)
        let limit = Limit(3, .workingDays, fromNextDay: true)
        let due = Due(
            at: Timestamp(milliseconds: 5), limit: limit, rule: "r1", calendar: "c1", provisional: true)
        #expect(try Due(json: due.json) == due)
    }
}
