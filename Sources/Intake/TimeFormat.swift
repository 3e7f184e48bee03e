/// Time formats that an operator writes: `yyyy/M/d H:mm[:ss]`, `MM/dd/yyyy hh:mm:ss a`, `yyyy-MM-ddTHH:mm:ss.fX`.

package import Events

package struct TimeFormat: Sendable, Equatable {
    private enum Token: Sendable, Equatable {
        case year, month, day, hour24, hour12, minute, second, fraction, half, offset
        case literal(UInt8)
        case optional([Token])
    }

    private struct Parts {
        var year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, milliseconds = 0
        var isTwelveHour = false
        var isAfternoon = false
        var offset: Int64?
    }

    package let pattern: String
    private let tokens: [Token]

    /// Letters are fields (`y M d H h m s f a X`, repeated letters count as one), `[ ]` encloses what may be missing,
    /// `T` and everything else stands for itself.
    ///
    /// Nil for other letters or unbalanced brackets.
    package init?(_ pattern: String) {
        var stack: [[Token]] = [[]]
        var last: UInt8?
        for byte in pattern.utf8 {
            defer { last = byte }
            let token: Token
            switch byte {
            case 0x5B:
                stack.append([])
                continue
            case 0x5D:
                guard stack.count > 1, let group = stack.popLast() else { return nil }
                token = .optional(group)
            case 0x79: token = .year
            case 0x4D: token = .month
            case 0x64: token = .day
            case 0x48: token = .hour24
            case 0x68: token = .hour12
            case 0x6D: token = .minute
            case 0x73: token = .second
            case 0x66: token = .fraction
            case 0x61: token = .half
            case 0x58: token = .offset
            case 0x54: token = .literal(byte)
            case 0x41...0x5A, 0x61...0x7A: return nil
            default: token = .literal(byte)
            }
            if last == byte, byte != 0x5D, case .literal = token {} else if last == byte, byte != 0x5D { continue }
            stack[stack.count - 1].append(token)
        }
        guard stack.count == 1 else { return nil }
        self.pattern = pattern
        tokens = stack[0]
    }

    /// The instant of `text`; nil when the text is not of this format or no such date exists.
    ///
    /// A date without a time is its first moment in `zone`; an offset in the text beats `zone`.
    package func instant(_ text: String, in zone: LocalZone) -> Timestamp? {
        let bytes = Array(text.utf8)
        var place = 0
        var parts = Parts()
        guard TimeFormat.match(tokens[...], bytes, &place, &parts), place == bytes.count else { return nil }
        if parts.isTwelveHour {
            guard (1...12).contains(parts.hour) else { return nil }
            parts.hour = parts.hour % 12 + (parts.isAfternoon ? 12 : 0)
        }
        guard let days = TimeFormat.days(year: parts.year, month: parts.month, day: parts.day),
            (0...23).contains(parts.hour), (0...59).contains(parts.minute), (0...60).contains(parts.second)
        else { return nil }
        let seconds =
            Int64(days) * 86400 + Int64(parts.hour) * 3600 + Int64(parts.minute) * 60 + Int64(min(parts.second, 59))
        let local = seconds * 1000 + Int64(parts.milliseconds)
        if let offset = parts.offset { return Timestamp(milliseconds: local - offset) }
        return zone.instant(local: local)
    }

    // MARK: Matching

    private static func match(_ tokens: ArraySlice<Token>, _ bytes: [UInt8], _ place: inout Int, _ parts: inout Parts)
        -> Bool
    {
        for (index, token) in zip(tokens.indices, tokens) {
            switch token {
            case .literal(let byte):
                guard place < bytes.count, bytes[place] == byte else { return false }
                place += 1
            case .optional(let group):
                // Try with the group first, then without it.
                let start = (place, parts)
                if match(group[...] + tokens[(index + 1)...], bytes, &place, &parts), place == bytes.count {
                    return true
                }
                (place, parts) = start
            case .year: guard number(bytes, &place, 4, exactly: true, &parts.year) else { return false }
            case .month: guard number(bytes, &place, 2, &parts.month) else { return false }
            case .day: guard number(bytes, &place, 2, &parts.day) else { return false }
            case .hour24: guard number(bytes, &place, 2, &parts.hour) else { return false }
            case .hour12:
                guard number(bytes, &place, 2, &parts.hour) else { return false }
                parts.isTwelveHour = true
            case .minute: guard number(bytes, &place, 2, &parts.minute) else { return false }
            case .second: guard number(bytes, &place, 2, &parts.second) else { return false }
            case .fraction: guard fraction(bytes, &place, &parts.milliseconds) else { return false }
            case .half:
                guard place + 1 < bytes.count, bytes[place + 1] | 0x20 == 0x6D else { return false }
                switch bytes[place] | 0x20 {
                case 0x61: parts.isAfternoon = false
                case 0x70: parts.isAfternoon = true
                default: return false
                }
                place += 2
            case .offset:
                guard let offset = offset(bytes, &place) else { return false }
                parts.offset = offset
            }
        }
        return true
    }

    private static func number(
        _ bytes: [UInt8], _ place: inout Int, _ digits: Int, exactly: Bool = false, _ value: inout Int
    ) -> Bool {
        let start = place
        var result = 0
        while place < bytes.count, place - start < digits, (0x30...0x39).contains(bytes[place]) {
            result = result * 10 + Int(bytes[place] - 0x30)
            place += 1
        }
        value = result
        return exactly ? place - start == digits : place > start
    }

    /// Digits of a second; those beyond the third are dropped.
    private static func fraction(_ bytes: [UInt8], _ place: inout Int, _ milliseconds: inout Int) -> Bool {
        let start = place
        milliseconds = 0
        while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
            if place - start < 3 { milliseconds = milliseconds * 10 + Int(bytes[place] - 0x30) }
            place += 1
        }
        let count = place - start
        for _ in count..<max(count, 3) { milliseconds *= 10 }
        return (1...9).contains(count)
    }

    /// `Z`, `+08:00`, `-0500` or `+08` in milliseconds.
    static func offset(_ bytes: [UInt8], _ place: inout Int) -> Int64? {
        guard place < bytes.count else { return nil }
        let sign = bytes[place]
        place += 1
        if sign == 0x5A { return 0 }
        guard sign == 0x2B || sign == 0x2D else { return nil }
        var hours = 0
        var minutes = 0
        guard number(bytes, &place, 2, exactly: true, &hours) else { return nil }
        if place < bytes.count, bytes[place] == 0x3A { place += 1 }
        if place < bytes.count, (0x30...0x39).contains(bytes[place]) {
            guard number(bytes, &place, 2, exactly: true, &minutes) else { return nil }
        }
        guard hours <= 14, minutes <= 59 else { return nil }
        let offset = Int64(hours * 60 + minutes) * 60_000
        return sign == 0x2D ? -offset : offset
    }

    /// Days since 1970-01-01 in the Gregorian calendar; nil when there is no such day.
    static func days(year: Int, month: Int, day: Int) -> Int? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        guard (1...12).contains(month), day >= 1,
            day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        else { return nil }
        // Years from March, so that the leap day stands last (Howard Hinnant, days_from_civil).
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
