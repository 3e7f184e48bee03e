/// Cleans texts of what their way through spreadsheets and web forms left in them.

/// Which cleanings a map asks for; each is a word in the map's `clean` list.
package struct TextCleaning: Sendable, Equatable {
    /// `excel-escapes`: `_x000D_` and its like become the character they stand for; carriage returns go.
    package var unescapesExcel = false
    /// `nbsp`: no-break spaces become spaces.
    package var replacesNoBreakSpaces = false
    /// `full-width-spaces`: U+3000 becomes a space.
    package var replacesFullWidthSpaces = false
    /// `trim`: blanks and newlines at both ends go (the `\n\t\t\t` of web forms).
    package var trims = false

    package init() {}

    package func clean(_ text: String) -> String {
        var text = text
        if unescapesExcel, text.utf8.contains(0x5F) { text = TextCleaning.unescaped(text) }
        let hasWide = text.utf8.contains { $0 == 0xC2 || $0 == 0xE3 }
        if hasWide, replacesNoBreakSpaces || replacesFullWidthSpaces { text = withPlainSpaces(text) }
        return trims ? TextCleaning.trimmed(text) : text
    }

    /// Without blanks (full-width and no-break ones too) and newlines at both ends.
    package static func trimmed(_ text: String) -> String {
        // Most values begin and end with a letter or digit; looking at two bytes is enough for them.
        if let first = text.utf8.first, let last = text.utf8.last, (0x21...0x7E).contains(last), first > 0x20,
            first < 0xC2 || first > 0xC2 && first < 0xE3
        {
            return text
        }
        let scalars = text.unicodeScalars
        let isBlank: (Unicode.Scalar) -> Bool = {
            $0.value <= 0x20 || $0.value == 0xA0 || $0.value == 0x3000 || $0.value == 0xFEFF
        }
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        if first == scalars.startIndex, scalars.index(after: last) == scalars.endIndex { return text }
        return String(scalars[first...last])
    }

    private func withPlainSpaces(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isBlank =
                (scalar.value == 0xA0 && replacesNoBreakSpaces) || (scalar.value == 0x3000 && replacesFullWidthSpaces)
            result.append(isBlank ? " " : scalar)
        }
        return String(result)
    }

    private static func unescaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            if let value = escape(bytes, place) {
                place += 7
                if value != "\r" { result.append(contentsOf: String(Character(value)).utf8) }
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The scalar of `_xHHHH_` at `place`.
    private static func escape(_ bytes: [UInt8], _ place: Int) -> Unicode.Scalar? {
        guard place + 7 <= bytes.count, bytes[place] == 0x5F, bytes[place + 1] == 0x78, bytes[place + 6] == 0x5F,
            let value = UInt32(String(decoding: bytes[place + 2..<place + 6], as: UTF8.self), radix: 16)
        else { return nil }
        return Unicode.Scalar(value)
    }
}
