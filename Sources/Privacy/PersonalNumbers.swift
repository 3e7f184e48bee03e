/// Finds phone and identity numbers in free text (电话号码、身份证号), so that they can be sealed on the way in.
///
/// One pass over the UTF-8 bytes: each run of digits with single separators between its groups is collected by
/// `DigitRun`, then read from its left by `NumberShapes`; `SpelledMobile` reads the spellings beside digits and blanks. Full-width
/// digits count as digits, and characters that nobody sees as nothing. Short hotline (12345, 110), dates, money, coordinates and
/// long order numbers match no shape and stay.

package enum PersonalNumbers {
    /// What a number is.
    package enum Kind: String, Sendable, CaseIterable {
        /// Mobile phone (手机): 11 digits from 13 to 19.
        case mobile
        /// Fixed line with area code, or behind a word such as 电话 without one (固定电话).
        case landline
        /// 400 and 800 numbers (客服电话): 10 digits.
        case service
        /// Resident identity number of 18 characters (居民身份证号), GB 11643.
        case residentID
        /// Resident identity number of 15 digits, as issued until 1999.
        case oldResidentID
    }

    /// One number in a text.
    package struct Finding: Sendable, Equatable {
        /// Offsets in the text's UTF-8.
        package let range: Range<Int>
        package let kind: Kind
        /// Digits only, upper-case X; a landline as `0512-65781234`, its extension behind another hyphen.
        package let normalised: String

        package init(range: Range<Int>, kind: Kind, normalised: String) {
            self.range = range
            self.kind = kind
            self.normalised = normalised
        }
    }

    /// What the numbers are looked for.
    ///
    /// What is said hides all that is sealed where it is stored, for it is read by the same shapes with fewer exceptions.
    enum Reading {
        /// A text that lasts: a number that its label calls another's (订单编号), or a code holds (GD-…), is evidence and stays.
        case stored
        /// A text that is only shown: whatever could be called is hidden.
        case said
    }

    /// The numbers of `text` in order; no two overlap.
    ///
    /// Cost: O(length).
    package static func find(in text: String) -> [Finding] { find(in: Array(text.utf8)) }

    /// The numbers of a text that is at hand as UTF-8.
    package static func find(in bytes: [UInt8]) -> [Finding] { find(in: bytes, .stored) }

    static func find(in bytes: [UInt8], _ reading: Reading) -> [Finding] {
        var findings: [Finding] = []
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            if (0x30...0x39).contains(byte) || (byte == 0xEF && Glyph.digit(bytes, offset) != nil) {
                let run = DigitRun(bytes, at: offset)
                NumberShapes(bytes: bytes, run: run, reading: reading).collect(into: &findings)
                offset = run.end
                for group in run.groups where group.digits.first == 0x31 && group.count < 11 {
                    let free = findings.last?.range.upperBound ?? 0
                    guard group.range.lowerBound >= free,
                        let spelled = SpelledMobile.find(in: bytes, at: group.range.lowerBound)
                    else { continue }
                    findings.append(spelled)
                    offset = max(offset, spelled.range.upperBound)
                }
            } else if byte == 0xE4 || byte == 0xE5, let spelled = SpelledMobile.find(in: bytes, at: offset) {
                findings.append(spelled)
                offset = spelled.range.upperBound
            } else {
                offset += 1
            }
        }
        return findings
    }

    /// A copy of `text` with each finding replaced by what `token` makes of it.
    ///
    /// - Precondition: `findings` come from `find(in: text)`.
    package static func replacing(_ findings: [Finding], in text: String, token: (Finding) -> String) -> String {
        guard !findings.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var end = 0
        for finding in findings {
            precondition(
                finding.range.lowerBound >= end && finding.range.upperBound <= bytes.count, "findings of another text")
            result.append(contentsOf: bytes[end..<finding.range.lowerBound])
            result.append(contentsOf: token(finding).utf8)
            end = finding.range.upperBound
        }
        result.append(contentsOf: bytes[end...])
        return String(decoding: result, as: UTF8.self)
    }
}
