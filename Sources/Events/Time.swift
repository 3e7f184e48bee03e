/// Instants, and the hybrid logical clock that orders events (`docs/format/log.md`, "hlc").

/// An instant in milliseconds since 1970 began in UTC.
///
/// Stored in UTC; shown in the node's zone. Always within the years 1 to 9999: what anybody writes beyond, and what a
/// sum would come to beyond, is the nearer end, so that no arithmetic over foreign numbers can trap.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// 0001-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z, both included.
    package static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
    package let milliseconds: Int64
    package init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Timestamp.range.lowerBound), Timestamp.range.upperBound)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (instant: Timestamp, milliseconds: Int64) -> Timestamp {
        let (sum, isOver) = instant.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: isOver ? (milliseconds > 0 ? .max : .min) : sum)
    }
    /// The span from `right` to `left` in milliseconds.
    package static func - (left: Timestamp, right: Timestamp) -> Int64 { left.milliseconds - right.milliseconds }
}

extension Timestamp {
    /// To the second, as RFC 3339 has it: `2026-11-23T01:30:00Z`.
    package var utcText: String { text(offsetMinutes: 0, between: "T") + ":" + Timestamp.padded(second, 2) + "Z" }

    /// To the minute, on a clock so many minutes east of UTC: `2026-11-23 09:30`.
    package func text(offsetMinutes: Int) -> String { text(offsetMinutes: offsetMinutes, between: " ") }

    private var second: Int64 { Timestamp.floor(milliseconds, 1_000) - Timestamp.floor(milliseconds, 60_000) * 60 }

    private func text(offsetMinutes: Int, between: String) -> String {
        let minutes = Timestamp.floor(milliseconds, 60_000) + Int64(offsetMinutes)
        let days = Timestamp.floor(minutes, 1_440)
        let minute = minutes - days * 1_440
        // Howard Hinnant's civil_from_days: the year starts in March, so the leap day comes last.
        let shifted = days + 719_468
        let era = Timestamp.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (march >= 10 ? 1 : 0)
        let date = [(year, 4), (march < 10 ? march + 3 : march - 9, 2), (dayOfYear - (153 * march + 2) / 5 + 1, 2)]
        return date.map { Timestamp.padded($0.0, $0.1) }.joined(separator: "-") + between
            + Timestamp.padded(minute / 60, 2) + ":" + Timestamp.padded(minute % 60, 2)
    }

    /// Division that rounds down, also below zero.
    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// A hybrid logical time: 48 bits of milliseconds (top bit 0), 16 bits of counter that carries into them.
///
/// As one integer it grows by at least 1 with every event of a stream, so `(hlc, origin, sequence)`
/// respects causality within a stream whatever the wall clocks say.
package struct HybridTime: Hashable, Sendable, Comparable {
    /// Milliseconds × 65,536 + counter; never negative.
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ instant: Timestamp) {
        rawValue = min(max(0, instant.milliseconds), 0x3FFF_FFFF_FFFF) << 16
    }

    package var milliseconds: Int64 { rawValue >> 16 }
    package static let zero = HybridTime(rawValue: 0)
    /// The greatest time an event may have, in the year 4199: far from the end of the integer, so that + 1 never traps.
    package static let limit = HybridTime(rawValue: 1 << 62 - 1)
    package static func < (left: HybridTime, right: HybridTime) -> Bool { left.rawValue < right.rawValue }
}

/// A node's hybrid logical clock.
///
/// Only its own readings move it: a stream whose author lived in the future pulls up the events of that
/// stream alone, never the node's clock, so that one wrong clock cannot spread from hop to hop.
package struct HybridClock: Sendable {
    private var last = HybridTime.zero
    package init() {}

    /// The time of the next event of a stream.
    ///
    /// - Parameters:
    ///   - now: the node's wall clock.
    ///   - highestInStream: the highest `hlc` in the stream so far; `.zero` for a new stream.
    /// - Returns: the greater of the node's clock and `highestInStream` + 1.
    package mutating func tick(at now: Timestamp, above highestInStream: HybridTime) -> HybridTime {
        let own = max(HybridTime(now).rawValue, last.rawValue + 1)
        last = HybridTime(rawValue: own)
        // At the limit times stand still: a stream that somebody drove there keeps working, in the order of ids.
        let above = min(highestInStream.rawValue, HybridTime.limit.rawValue - 1) + 1
        return HybridTime(rawValue: min(HybridTime.limit.rawValue, max(own, above)))
    }
}

/// The wall clock, injected: the core knows no clock of its own (`docs/architecture.md`, rule 10).
package protocol WallClock: Sendable {
    func now() -> Timestamp
}
