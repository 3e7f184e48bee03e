/// Instants as people and programs write them, in one form for command lines, queries and forms; the whole text is read, or
/// nothing.

package import Events
import Rules

package enum Instant {
    /// The forms that are read everywhere, for a hint.
    package static let forms: Words =
        "2026-11-23 (a day in the node's zone), 2026-11-23T14:05Z or 2026-11-23T14:05:00+08:00"

    /// How a text says its zone.
    package enum Kind: Sendable {
        /// A day: its first moment, on the node's clock.
        case day
        /// A time without a zone: on the node's clock, where that is asked for.
        case local
        /// A time with `Z` or an offset.
        case zoned
    }

    /// - Returns: nil unless the text is a day `yyyy-MM-dd`, or a day, `T` and a time `HH:mm`, `HH:mm:ss` or with a fraction of
    ///   a second, behind it nothing, `Z` or an offset `±HH:mm`; and the calendar and the clock have it.
    package static func kind(of text: String) -> Kind? { Reading(text)?.kind }

    /// - Parameters:
    ///   - offsetMinutes: of the node's zone.
    ///   - allowsLocal: whether a time without a zone is one on the node's clock; otherwise it is none.
    /// - Returns: nil for what `kind(of:)` does not know, and for what lies outside the years 1 to 9999.
    package static func parse(_ text: String, offsetMinutes: Int, allowsLocal: Bool = false) -> Timestamp? {
        guard let reading = Reading(text), allowsLocal || reading.kind != .local else { return nil }
        let offset = reading.offsetMinutes ?? Int64(offsetMinutes)
        let milliseconds = reading.day.dayNumber * 86_400_000 + reading.milliseconds - offset * 60_000
        return Timestamp.range.contains(milliseconds) ? Timestamp(milliseconds: milliseconds) : nil
    }

    /// The offset as a text has it: `+08:00`.
    package static func offset(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (minutes < 0 ? "-" : "+") + two(abs(minutes) / 60) + ":" + two(abs(minutes) % 60)
    }
}

/// What a text says, before a zone is known.
private struct Reading {
    let kind: Instant.Kind
    let day: CivilDate
    /// Since midnight.
    private(set) var milliseconds: Int64 = 0
    let offsetMinutes: Int64?

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, let day = CivilDate(String(decoding: bytes.prefix(10), as: UTF8.self)),
            day.parts.year > 0
        else { return nil }
        self.day = day
        guard bytes.count > 10 else {
            (kind, offsetMinutes) = (.day, nil)
            return
        }
        var rest = bytes[11...]
        guard bytes[10] == 0x54, let clock = Reading.clock(&rest) else { return nil }
        milliseconds = clock
        if rest.first == 0x3A {
            rest.removeFirst()
            guard let seconds = Reading.two(&rest, below: 60) else { return nil }
            milliseconds += seconds * 1_000
            if rest.first == 0x2E {
                guard let fraction = Reading.fraction(&rest) else { return nil }
                milliseconds += fraction
            }
        }
        switch rest.first {
        case nil: (kind, offsetMinutes) = (.local, nil)
        case 0x5A where rest.count == 1: (kind, offsetMinutes) = (.zoned, 0)
        case 0x2B, 0x2D:
            let isWest = rest.removeFirst() == 0x2D
            guard let offset = Reading.clock(&rest), rest.isEmpty, offset <= 14 * 3_600_000 else { return nil }
            (kind, offsetMinutes) = (.zoned, (isWest ? -offset : offset) / 60_000)
        case _: return nil
        }
    }

    /// `HH:mm` in milliseconds.
    private static func clock(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let hours = two(&rest, below: 24), rest.popFirst() == 0x3A, let minutes = two(&rest, below: 60) else {
            return nil
        }
        return (hours * 60 + minutes) * 60_000
    }

    private static func two(_ rest: inout ArraySlice<UInt8>, below limit: Int64) -> Int64? {
        guard let tens = digit(&rest), let ones = digit(&rest), tens * 10 + ones < limit else { return nil }
        return tens * 10 + ones
    }

    /// A point and one to nine digits; those behind the third are dropped.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        rest.removeFirst()
        var milliseconds: Int64 = 0
        var count = 0
        while let digit = digit(&rest) {
            if count < 3 { milliseconds = milliseconds * 10 + digit }
            count += 1
        }
        guard (1...9).contains(count) else { return nil }
        for _ in min(count, 3)..<3 { milliseconds *= 10 }
        return milliseconds
    }

    private static func digit(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - 0x30)
    }
}
