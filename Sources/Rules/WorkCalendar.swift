/// The calendar of working time, published as data: a weekly pattern and exceptions by date.

package import Events

/// Working time within a day: minutes after midnight, `start` included, `end` not.
package struct Interval: Sendable, Equatable {
    package let start: Int64
    package let end: Int64

    /// - Precondition: 0 ≤ start < end ≤ 1440.
    package init(_ start: Int64, _ end: Int64) {
        precondition(0 <= start && start < end && end <= 1440, "no interval of a day: \(start)..<\(end)")
        self.start = start
        self.end = end
    }
}

/// A working calendar (工作日历) with holidays and make-up workdays (调休).
package struct WorkCalendar: Sendable, Equatable {
    package let version: String
    package let zone: Zone
    /// Intervals of Monday … Sunday, in order, apart from each other.
    package let week: [[Interval]]
    /// Intervals of days unlike their weekday; empty = holiday.
    ///
    /// Looked up by day, never walked unsorted.
    package let exceptions: [CivilDate: [Interval]]
    /// The last day for which holidays are known; later days follow `week` and make dues provisional.
    package let publishedThrough: CivilDate

    /// - Precondition: `week` has seven days and at least one interval.
    package init(
        version: String, zone: Zone, week: [[Interval]], exceptions: [CivilDate: [Interval]],
        publishedThrough: CivilDate
    ) {
        precondition(week.count == 7 && week.contains { !$0.isEmpty }, "a week has seven days, one of them worked")
        self.version = version
        self.zone = zone
        self.week = week
        self.exceptions = exceptions
        self.publishedThrough = publishedThrough
    }

    /// Working time of a day.
    package func intervals(on date: CivilDate) -> [Interval] {
        if date <= publishedThrough, let exception = exceptions[date] { return exception }
        return week[date.weekday - 1]
    }

    package func isWorkday(_ date: CivilDate) -> Bool { !intervals(on: date).isEmpty }

    package var json: JSONObject {
        func list(_ intervals: [Interval]) -> JSON {
            .array(intervals.map { .array([.integer($0.start), .integer($0.end)]) })
        }
        let days = exceptions.sorted { $0.key < $1.key }.map { date, intervals in
            JSON.object(["date": .string(date.description), "intervals": list(intervals)])
        }
        return [
            "exceptions": .array(days), "publishedThrough": .string(publishedThrough.description),
            "utcOffsetMinutes": .integer(zone.offsetMinutes), "version": .string(version),
            "week": .array(week.map(list)),
        ]
    }

    /// - Throws: `RulesError` naming the field that does not fit.
    package init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "calendar")
        var week: [[Interval]] = []
        for day in try fields.array("week") { week.append(try WorkCalendar.intervals(day, of: fields, "week")) }
        guard week.count == 7, week.contains(where: { !$0.isEmpty }) else {
            throw fields.error("week", wanted: "seven lists of intervals, one of them not empty")
        }
        var exceptions: [CivilDate: [Interval]] = [:]
        for entry in try fields.array("exceptions") {
            guard let object = entry.object else { throw fields.error("exceptions", wanted: "a list of objects") }
            let day = Fields(object, of: "calendar exception")
            exceptions[try day.date("date")] = try WorkCalendar.intervals(
                .array(try day.array("intervals")), of: day, "intervals")
        }
        self.init(
            version: try fields.text("version"),
            zone: Zone(offsetMinutes: try fields.integer("utcOffsetMinutes", in: -840...840)), week: week,
            exceptions: exceptions, publishedThrough: try fields.date("publishedThrough"))
    }

    /// Reads a calendar that is to be published, in which each exception must be read.
    ///
    /// What is in a log already is read as it was: of one day's exceptions the last, and none after `publishedThrough`.
    /// - Throws: `RulesError` for what `init(json:)` refuses, a day that comes twice, and one after `publishedThrough`.
    package init(publishing json: JSONObject) throws(RulesError) {
        try self.init(json: json)
        var days: Set<CivilDate> = []
        for entry in try Fields(json, of: "calendar").objects("exceptions") {
            let fields = Fields(entry, of: "calendar exception")
            let day = try fields.date("date")
            guard days.insert(day).inserted else { throw fields.error("date", wanted: "there once") }
            if day > publishedThrough {
                throw fields.error("date", wanted: "a day up to publishedThrough, \(publishedThrough)")
            }
        }
    }

    private static func intervals(_ json: JSON, of fields: Fields, _ name: String) throws(RulesError) -> [Interval] {
        let wanted: Words = "lists of [start, end) in minutes of the day, in order and apart"
        guard let pairs = json.array else { throw fields.error(name, wanted: wanted) }
        var intervals: [Interval] = []
        for pair in pairs {
            guard let ends = pair.array, ends.count == 2, let start = ends[0].integer, let end = ends[1].integer,
                start >= intervals.last?.end ?? 0, start < end, end <= 1440
            else { throw fields.error(name, wanted: wanted) }
            intervals.append(Interval(start, end))
        }
        return intervals
    }
}
