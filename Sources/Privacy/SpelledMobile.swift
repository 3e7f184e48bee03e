/// Mobiles in spellings that elsewhere make lists, dates or words: `138/1234/5678`, `138、1234、5678`, `一三八一二三四五六七八`.
///
/// So little else is written like this that only the whole shape counts: eleven numerals in a row with a Chinese one among
/// them, or groups of three, four and four between the same separators, which begin as a mobile does and go on no further.

enum SpelledMobile {
    /// What may stand between groups of digits; between Chinese numerals blanks, hyphens and points too.
    private static let separators: [StaticString] = ["/", "_", "、", "|", "*", "~", ",", "，", "／", "＿", "｜", "～"]
    private static let looseSeparators: [StaticString] = [" ", "-", ".", "—", "–", "·", "。", "－", "\u{3000}", "；", "："]

    /// Groups of numerals as they were read.
    private struct Reader {
        let bytes: [UInt8]
        var place: Int
        var digits: [UInt8] = []
        var hasChinese = false

        /// Takes numerals, as many as there are but no more than one above `limit`, and says how many.
        mutating func group(limit: Int) -> Int {
            var count = 0
            while count <= limit, let numeral = SpelledMobile.numeral(bytes, Glyph.seen(bytes, from: place)) {
                place = numeral.end
                digits.append(numeral.value)
                hasChinese = hasChinese || numeral.isChinese
                count += 1
            }
            return count
        }

        /// Takes the separator, with a blank on either side of it; says whether it was there.
        mutating func take(_ separator: StaticString) -> Bool {
            var next = SpelledMobile.blankless(bytes, place)
            if Glyph.has(bytes, next, separator) {
                next += separator.utf8CodeUnitCount
            } else if next == place || separator.description != " " {
                return false
            }
            place = SpelledMobile.blankless(bytes, next)
            return true
        }
    }

    /// The mobile that begins at `offset`; nil where none does.
    static func find(in bytes: [UInt8], at offset: Int) -> PersonalNumbers.Finding? {
        guard let one = numeral(bytes, offset), one.value == 0x31, !endsWithNumeral(bytes, offset) else { return nil }
        var reader = Reader(bytes: bytes, place: offset)
        switch reader.group(limit: 11) {
        case 11: return reader.hasChinese ? finding(reader, from: offset) : nil
        case 3: if isContinued(bytes, before: offset) { return nil }
        case _: return nil
        }
        let start = reader
        for separator in separators + looseSeparators {
            reader = start
            guard reader.take(separator), reader.group(limit: 4) == 4, reader.take(separator),
                reader.group(limit: 4) == 4
            else { continue }
            // Digits between blanks, hyphens and points are read as `NumberShapes` reads them.
            guard reader.hasChinese || !looseSeparators.contains(where: { $0.description == separator.description })
            else { return nil }
            // One group more makes it a list.
            var rest = reader
            return rest.take(separator) && rest.group(limit: 1) > 0 ? nil : finding(reader, from: offset)
        }
        return nil
    }

    private static func finding(_ reader: Reader, from offset: Int) -> PersonalNumbers.Finding? {
        guard reader.digits.count == 11, (0x33...0x39).contains(reader.digits[1]),
            !LettersAround(offset..<reader.place, in: reader.bytes).makeAnID
        else { return nil }
        return .init(
            range: offset..<reader.place, kind: .mobile, normalised: String(decoding: reader.digits, as: UTF8.self))
    }

    fileprivate static func blankless(_ bytes: [UInt8], _ offset: Int) -> Int {
        let place = Glyph.seen(bytes, from: offset)
        return Glyph.has(bytes, place, " ") ? place + 1 : place
    }

    /// Whether another group and its separator stand right before `offset`, so that a longer list goes on there.
    private static func isContinued(_ bytes: [UInt8], before offset: Int) -> Bool {
        (separators + ["-", ".", "–", "—"]).contains { separator in
            let before = offset - separator.utf8CodeUnitCount
            return Glyph.has(bytes, before, separator) && endsWithNumeral(bytes, before)
        }
    }

    private static func endsWithNumeral(_ bytes: [UInt8], _ end: Int) -> Bool {
        numeral(bytes, end - 1)?.end == end || numeral(bytes, end - 3)?.end == end
    }

    /// The numeral at `offset`: a digit, or a Chinese one as it is written (一), called (幺) or put on a cheque (壹).
    fileprivate static func numeral(_ bytes: [UInt8], _ offset: Int) -> (value: UInt8, end: Int, isChinese: Bool)? {
        guard offset >= 0, offset < bytes.count else { return nil }
        if let (value, length) = Glyph.digit(bytes, offset) { return (value, offset + length, false) }
        guard offset + 2 < bytes.count, let value = chinese(bytes, offset) else { return nil }
        return (value, offset + 3, true)
    }

    private static func chinese(_ bytes: [UInt8], _ offset: Int) -> UInt8? {
        // Compared as numbers: every second character of a Chinese text comes by here.
        let code = UInt32(bytes[offset]) << 16 | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2])
        return switch code {
        case 0xE99BB6, 0xE38087, 0xE2978B: 0x30  // 零〇○
        case 0xE4B880, 0xE5B9BA, 0xE5A3B9: 0x31  // 一幺壹
        case 0xE4BA8C, 0xE4B8A4, 0xE8B4B0: 0x32  // 二两贰
        case 0xE4B889, 0xE58F81: 0x33  // 三叁
        case 0xE59B9B, 0xE88286: 0x34  // 四肆
        case 0xE4BA94, 0xE4BC8D: 0x35  // 五伍
        case 0xE585AD, 0xE99986: 0x36  // 六陆
        case 0xE4B883, 0xE69F92: 0x37  // 七柒
        case 0xE585AB, 0xE68D8C: 0x38  // 八捌
        case 0xE4B99D, 0xE78E96: 0x39  // 九玖
        case _: nil
        }
    }
}
