/// A run of digit groups with separators between them: the raw material in which numbers are looked for.

/// Single characters that matter, read at a byte offset.
enum Glyph {
    /// The digit at `offset` and its length in bytes; ASCII or full-width (０–９).
    static func digit(_ bytes: [UInt8], _ offset: Int) -> (value: UInt8, length: Int)? {
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        if (0x30...0x39).contains(byte) { return (byte, 1) }
        if byte == 0xEF, offset + 2 < bytes.count, bytes[offset + 1] == 0xBC, (0x90...0x99).contains(bytes[offset + 2])
        {
            return (bytes[offset + 2] - 0x60, 3)
        }
        return nil
    }

    /// The length of an X (x, full-width too) at `offset`; nil when there is none.
    static func x(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset < bytes.count else { return nil }
        if bytes[offset] == 0x58 || bytes[offset] == 0x78 { return 1 }
        return has(bytes, offset, "Ｘ") || has(bytes, offset, "ｘ") ? 3 : nil
    }

    static func has(_ bytes: [UInt8], _ offset: Int, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset >= 0, offset + count <= bytes.count else { return false }
        return text.withUTF8Buffer { buffer in
            for index in 0..<count where unsafe buffer[index] != bytes[offset + index] { return false }
            return true
        }
    }

    /// The length of a character at `offset` that nobody sees: zero-width, bidirectional and variation marks, soft hyphens.
    ///
    /// Chat programs and web forms leave them between digits, and whoever reads the text reads the number.
    static func unseen(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset + 1 < bytes.count else { return nil }
        let second = bytes[offset + 1]
        if bytes[offset] == 0xC2 { return second == 0xAD ? 2 : nil }
        guard offset + 2 < bytes.count else { return nil }
        let third = bytes[offset + 2]
        let isUnseen =
            switch (bytes[offset], second) {
            case (0xE2, 0x80): (0x8B...0x8F).contains(third) || (0xAA...0xAE).contains(third)
            case (0xE2, 0x81): (0xA0...0xAF).contains(third)
            case (0xE2, 0x83): third == 0xA3
            case (0xEF, 0xB8): third == 0x8E || third == 0x8F
            case (0xEF, 0xBB): third == 0xBF
            case _: false
            }
        return isUnseen ? 3 : nil
    }

    /// The first offset from `offset` at which something is seen.
    static func seen(_ bytes: [UInt8], from offset: Int) -> Int {
        var place = offset
        while let length = unseen(bytes, place) { place += length }
        return place
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
}

/// Groups of digits such as `138 1234 5678` or `(0512)6578-1234`.
struct DigitRun {
    /// What stands between two groups.
    enum Separator: Equatable {
        case space, hyphen, dot, bracket
    }

    struct Group {
        /// ASCII digits, at most `DigitRun.longest` of them kept.
        var digits: [UInt8]
        /// Byte offsets in the text.
        var range: Range<Int>
        /// How many digits it has, also beyond those kept.
        var count: Int
        /// What stands before it; nil for the first group.
        var separator: Separator?
        /// The end of an X that follows without a gap; nil when there is none.
        var endWithX: Int?
    }

    /// Longer groups are no numbers of persons.
    static let longest = 20
    /// Groups of one run; a longer run is read in pieces.
    static let mostGroups = 24

    private(set) var groups: [Group] = []
    private(set) var end: Int

    /// - Precondition: a digit stands at `start`.
    init(_ bytes: [UInt8], at start: Int) {
        end = start
        var offset = start
        var separator: Separator?
        while groups.count < DigitRun.mostGroups {
            let first = offset
            var digits: [UInt8] = []
            var count = 0
            while let (value, length) = Glyph.digit(bytes, offset) {
                if count < DigitRun.longest { digits.append(value) }
                count += 1
                offset += length
                let next = Glyph.seen(bytes, from: offset)
                if next > offset, Glyph.digit(bytes, next) != nil { offset = next }
            }
            guard count > 0 else { break }
            var endWithX: Int?
            // Behind seventeen digits it is the check character, whatever follows: …002XA座, …002X138….
            if let length = Glyph.x(bytes, offset), count == 17 || Glyph.digit(bytes, offset + length) == nil {
                endWithX = offset + length
            }
            groups.append(
                Group(digits: digits, range: first..<offset, count: count, separator: separator, endWithX: endWithX))
            end = endWithX ?? offset
            guard endWithX == nil, let next = DigitRun.separator(bytes, offset) else { break }
            separator = next.kind
            offset = next.end
        }
    }

    /// The separator at `offset` when a digit follows it: up to three characters, the strongest of which counts.
    private static func separator(_ bytes: [UInt8], _ offset: Int) -> (kind: Separator, end: Int)? {
        var kind: Separator?
        var place = Glyph.seen(bytes, from: offset)
        for _ in 0..<3 {
            guard let (found, length) = separatorCharacter(bytes, place) else { break }
            switch (kind, found) {
            case (nil, _), (.space, _), (.hyphen, .bracket), (.dot, .bracket): kind = found
            case (.hyphen, .hyphen), (.hyphen, .dot), (.dot, .dot), (.dot, .hyphen), (.bracket, .dot): return nil
            case (.hyphen, .space), (.dot, .space), (.bracket, .space), (.bracket, .hyphen), (.bracket, .bracket): break
            }
            place = Glyph.seen(bytes, from: place + length)
        }
        guard let kind, Glyph.digit(bytes, place) != nil else { return nil }
        return (kind, place)
    }

    private static func separatorCharacter(_ bytes: [UInt8], _ offset: Int) -> (Separator, Int)? {
        guard offset < bytes.count else { return nil }
        switch bytes[offset] {
        case 0x20, 0x09: return (.space, 1)
        case 0x2D: return (.hyphen, 1)
        case 0x2E: return (.dot, 1)
        case 0x29: return (.bracket, 1)
        case 0xC2:
            if Glyph.has(bytes, offset, "\u{A0}") { return (.space, 2) }
            return Glyph.has(bytes, offset, "·") ? (.dot, 2) : nil
        case 0xE2:
            let isDash = ["\u{2010}", "\u{2011}", "–", "—", "−"].contains { (dash: StaticString) in
                Glyph.has(bytes, offset, dash)
            }
            return isDash ? (.hyphen, 3) : nil
        case 0xE3: return Glyph.has(bytes, offset, "\u{3000}") ? (.space, 3) : nil
        case 0xEF:
            if Glyph.has(bytes, offset, "－") { return (.hyphen, 3) }
            if Glyph.has(bytes, offset, "．") { return (.dot, 3) }
            return Glyph.has(bytes, offset, "）") ? (.bracket, 3) : nil
        default: return nil
        }
    }
}
