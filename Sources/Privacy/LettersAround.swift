/// The letters and digits that are written to a number without a gap, and whether they make it a part of an id.

/// What stands at a number: a name (`ZHANG138…`), a mark (`138…A座`), another number, or the rest of a hash.
///
/// One letter or word on either side says nothing, capitals or small: a phone that was stored in the open can never be taken
/// back, and an id that was sealed can be revealed. Ids that have eleven digits in a row by chance are hexadecimal; those that
/// people gave have letters in several places.
struct LettersAround {
    private let left, right: ArraySlice<UInt8>
    private let isInIdentifier: Bool

    /// Characters of the longest hash; what stands further away is not looked at.
    private static let farthest = 64

    /// - Parameter range: the number's bytes, with the X of an identity number.
    init(_ range: Range<Int>, in bytes: [UInt8]) {
        left =
            LettersAround.endsWithPhoneWord(bytes, range.lowerBound)
            ? [] : LettersAround.word(before: range.lowerBound, in: bytes)
        let word = LettersAround.word(after: range.upperBound, in: bytes)
        // 13812345678VX同号: an account by the same number.
        right = word.first.map { [0x56, 0x57, 0x51].contains($0 & 0xDF) } == true ? [] : word
        let whole = range.lowerBound - left.count..<range.upperBound + right.count
        isInIdentifier = LettersAround.isIncarnation(whole, bytes) || LettersAround.isInUUID(range, bytes)
    }

    /// Whether number and letters are one id: part of a UUID, an event's id or a hash, or letters in three places of the word.
    ///
    /// A hash has small hexadecimal digits only, at least three of them letters, and on both sides of the number or among
    /// digits: `13800138000abc0` is one, `13812345678A3` and `baba13812345678` are none.
    var makeAnID: Bool {
        let words = LettersAround.words(left) + LettersAround.words(right)
        if isInIdentifier || words.count >= 3 { return true }
        let isHexadecimal = (left + right).allSatisfy(LettersAround.isHexadecimal)
        let isMixed = (left + right).contains(where: Glyph.isDigit) || !left.isEmpty && !right.isEmpty
        return isHexadecimal && isMixed && words.joined().count >= 3
    }

    /// Whether the text up to `end` ends in a word that is said before a number: `Tel138…`, `微信V138…`.
    static func endsWithPhoneWord(_ bytes: [UInt8], _ end: Int) -> Bool {
        let words: [StaticString] = [
            "tel", "Tel", "TEL", "phone", "Phone", "PHONE", "mobile", "Mobile", "call", "VX", "vx", "WX", "wx", "QQ",
            "qq", "ID", "id",
        ]
        if words.contains(where: { Glyph.has(bytes, end - $0.utf8CodeUnitCount, $0) }) { return true }
        // V13812345678 (微信): the letter by itself, for it ends too many words.
        return end > 0 && bytes[end - 1] | 0x20 == 0x76 && (end == 1 || !Glyph.isLetterOrDigit(bytes[end - 2]))
    }

    private static func words(_ side: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        side.split(whereSeparator: Glyph.isDigit)
    }

    // MARK: - The two sides

    private static func word(before end: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        let near = bytes[max(0, end - farthest)..<end]
        var start = end
        while let byte = near[..<start].last {
            let digits = near[..<start].reversed().prefix(while: Glyph.isDigit).count
            if digits > 0, isNumber(near[start - digits..<start]) { break }
            guard digits > 0 || Glyph.isLetter(byte) else { break }
            start -= max(digits, 1)
        }
        return near[start...]
    }

    private static func word(after start: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        let near = bytes[start..<min(bytes.count, start + farthest)]
        var end = start
        while let byte = near[end...].first {
            let digits = near[end...].prefix(while: Glyph.isDigit)
            if !digits.isEmpty, isNumber(digits) { break }
            guard !digits.isEmpty || Glyph.isLetter(byte) else { break }
            end += max(digits.count, 1)
        }
        return near[..<end]
    }

    /// Whether digits are a mobile or an identity number themselves, so that what stands there is no part of this word.
    private static func isNumber(_ digits: ArraySlice<UInt8>) -> Bool {
        [17, 18].contains(digits.count) || digits.count == 11 && NumberShapes.isMobile(digits)
    }

    // MARK: - Identifiers

    /// A digit or a small letter from a to f.
    private static func isHexadecimal(_ byte: UInt8) -> Bool { Glyph.isDigit(byte) || (0x61...0x66).contains(byte) }

    /// Whether the word is the incarnation in the id of an event: `street1.16 digits/138`.
    private static func isIncarnation(_ word: Range<Int>, _ bytes: [UInt8]) -> Bool {
        word.count == 16 && word.lowerBound > 0 && bytes[word.lowerBound - 1] == 0x2E
            && word.upperBound < bytes.count && bytes[word.upperBound] == 0x2F
            && bytes[word].allSatisfy(isHexadecimal)
    }

    /// Whether the number lies in 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between.
    private static func isInUUID(_ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        let first = max(0, range.upperBound - 36)
        guard first <= range.lowerBound else { return false }
        return (first...range.lowerBound).contains { start in
            guard start + 36 <= bytes.count else { return false }
            return (0..<36).allSatisfy { place in
                let byte = bytes[start + place]
                return [8, 13, 18, 23].contains(place)
                    ? byte == 0x2D : isHexadecimal(Glyph.isLetter(byte) ? byte | 0x20 : byte)
            }
        }
    }
}
