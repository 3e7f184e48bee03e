/// The encodings a source file may have, and which of them its first bytes speak for.

/// The encoding of a source file.
package enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case gb18030 = "gb18030"

    /// The name in messages.
    package var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .gb18030: "GB18030"
        }
    }

    /// What the first bytes of a file speak for.
    package enum Detection: Sendable, Equatable {
        case found(TextEncoding)
        /// Neither encoding explains the bytes; `offset` is the first that is not UTF-8.
        case unclear(offset: Int)
    }

    /// One in so many characters may be bad in a file that is GB18030; Chinese UTF-8 read as GB18030 has one bad in 23.
    private static let charactersPerFault = 50

    /// UTF-8 when it explains far more of the bytes than it leaves over, GB18030 when it leaves more over than it explains.
    ///
    /// A few bad bytes decide nothing, because they refuse their own rows; a cut character at the end is no fault.
    /// GB18030 holds pairs that are UTF-8 by chance, but hardly ever three bytes that are: those weigh three times as
    /// much. Over real Chinese text, whole files of GB18030 come to 0.4 of a fault at most and single lines to 2.
    package static func detected(in head: [UInt8]) -> Detection {
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { return .found(.utf8) }
        let utf8 = Census(head, lengthOfUTF8)
        guard let offset = utf8.firstFault else { return .found(.utf8) }
        let weight = utf8.pairs + 3 * utf8.longer
        if weight > 2 * utf8.faults { return .found(.utf8) }
        let gb18030 = Census(head, lengthOfGB18030)
        let isClean = gb18030.faults * charactersPerFault <= gb18030.pairs + gb18030.longer
        // Latin letters with accents stand alone between others, Chinese characters in rows.
        let isChinese = gb18030.neighbours * 3 >= gb18030.pairs + gb18030.longer && gb18030.neighbours > 0
        return weight < utf8.faults && isClean && isChinese ? .found(.gb18030) : .unclear(offset: offset)
    }

    /// What an encoding makes of bytes above ASCII.
    private struct Census {
        /// Characters of two bytes, and of more.
        var pairs = 0
        var longer = 0
        /// Characters right behind another one.
        var neighbours = 0
        /// Bytes that belong to no character.
        var faults = 0
        var firstFault: Int?

        /// - Parameter length: the bytes of the character that begins a slice; 0 for none, nil when the slice ends in it.
        init(_ bytes: [UInt8], _ length: (ArraySlice<UInt8>) -> Int?) {
            var place = 0
            var end = -1
            while place < bytes.count {
                if bytes[place] < 0x80 {
                    place += 1
                    continue
                }
                guard let length = length(bytes[place...]) else { return }
                switch length {
                case 0:
                    faults += 1
                    firstFault = firstFault ?? place
                case 2: pairs += 1
                default: longer += 1
                }
                if length > 0 {
                    if place == end { neighbours += 1 }
                    end = place + length
                }
                place += max(length, 1)
            }
        }
    }

    /// The Unicode Standard, table 3-7.
    private static func lengthOfUTF8(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return 0
        }
        switch first {
        case 0xE0: second = 0xA0...0xBF
        case 0xED: second = 0x80...0x9F
        case 0xF0: second = 0x90...0xBF
        case 0xF4: second = 0x80...0x8F
        default: break
        }
        for (place, byte) in bytes.dropFirst().prefix(length - 1).enumerated()
        where !(place == 0 ? second : 0x80...0xBF).contains(byte) { return 0 }
        return bytes.count < length ? nil : length
    }

    /// GB 18030-2005: two bytes, or four that begin with the lead of a plane in use.
    private static func lengthOfGB18030(_ bytes: ArraySlice<UInt8>) -> Int? {
        let parts = Array(bytes.prefix(4))
        guard let first = parts.first, (0x81...0xFE).contains(first) else { return 0 }
        guard parts.count > 1 else { return nil }
        if (0x40...0xFE).contains(parts[1]), parts[1] != 0x7F { return 2 }
        guard (0x30...0x39).contains(parts[1]), first <= 0x84 || (0x90...0xE3).contains(first) else { return 0 }
        if parts.count > 2, !(0x81...0xFE).contains(parts[2]) { return 0 }
        if parts.count > 3, !(0x30...0x39).contains(parts[3]) { return 0 }
        return parts.count < 4 ? nil : 4
    }
}
