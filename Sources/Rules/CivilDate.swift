/// Days of the proleptic Gregorian calendar and the fixed-offset zone they are read in.
///
/// A district lives in one zone without summer time, so a zone is a number of minutes and needs no
/// database. Day numbers count from 1970-01-01, as Unix time does.

package import Events

/// A day of the calendar (日期), without a zone.
package struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01; negative before.
    package let dayNumber: Int64

    package init(dayNumber: Int64) { self.dayNumber = dayNumber }

    /// - Returns: nil when the month has no such day, or the year is outside 0…9999.
    package init?(year: Int64, month: Int64, day: Int64) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Howard Hinnant's days_from_civil: the year starts in March, so the leap day comes last.
        let shifted = month <= 2 ? year - 1 : year
        let era = CivilDate.floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(dayNumber: era * 146_097 + dayOfEra - 719_468)
        guard parts == (year, month, day) else { return nil }
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// - Returns: nil when the text has another form or names no day.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month 1…12 and day 1…31.
    package var parts: (year: Int64, month: Int64, day: Int64) {
        let shifted = dayNumber + 719_468
        let era = CivilDate.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }

    /// 1 Monday … 7 Sunday, as ISO 8601 counts.
    package var weekday: Int { Int(dayNumber + 3 - CivilDate.floor(dayNumber + 3, 7) * 7) + 1 }

    /// `YYYY-MM-DD`.
    package var description: String {
        let (year, month, day) = parts
        return CivilDate.padded(year, 4) + "-" + CivilDate.padded(month, 2) + "-" + CivilDate.padded(day, 2)
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool { left.dayNumber < right.dayNumber }

    package static func + (date: CivilDate, days: Int64) -> CivilDate {
        CivilDate(dayNumber: date.dayNumber + days)
    }

    /// Division that rounds down, also below zero.
    static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// A zone with a fixed offset from UTC (时区).
package struct Zone: Sendable, Equatable {
    /// Minutes east of UTC.
    package let offsetMinutes: Int64

    package init(offsetMinutes: Int64) { self.offsetMinutes = offsetMinutes }

    /// China Standard Time (北京时间).
    package static let china = Zone(offsetMinutes: 480)

    /// The day on which an instant falls here.
    package func date(of instant: Timestamp) -> CivilDate {
        CivilDate(dayNumber: CivilDate.floor(instant.milliseconds + offsetMinutes * 60_000, 86_400_000))
    }

    /// The instant that lies `minute` minutes after midnight of a day here.
    package func instant(_ date: CivilDate, minute: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: date.dayNumber * 86_400_000 + (minute - offsetMinutes) * 60_000)
    }

    /// Milliseconds since midnight of the instant's day here, 0..<86,400,000.
    package func millisecondOfDay(_ instant: Timestamp) -> Int64 {
        instant.milliseconds - self.instant(date(of: instant)).milliseconds
    }

    /// An instant to the minute, as people read it: `2026-11-23 14:05`.
    package func text(_ instant: Timestamp) -> String {
        let minute = millisecondOfDay(instant) / 60_000
        return "\(date(of: instant)) " + CivilDate.padded(minute / 60, 2) + ":" + CivilDate.padded(minute % 60, 2)
    }
}
