/// The rules of resident identity numbers (公民身份号码): GB 11643 and its 15-digit predecessor.

package enum ResidentID {
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = Array("10X98765432".utf8)

    /// The check character of 17 digits by ISO 7064 MOD 11-2.
    package static func check(_ digits: some Collection<UInt8>) -> UInt8 {
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return checks[sum % 11]
    }

    static func hasRightCheck(_ digits: [UInt8]) -> Bool {
        digits.count == 18 && check(digits.prefix(17)) == digits[17]
    }

    /// A known province and a birth date from 1900 to 2099.
    static func isPlausible(_ digits: [UInt8]) -> Bool {
        guard digits.count == 18, isProvince(digits) else { return false }
        let year = number(digits[6..<10])
        return (1900...2099).contains(year)
            && isDay(month: number(digits[10..<12]), day: number(digits[12..<14]), year: year)
    }

    static func isPlausibleOld(_ digits: [UInt8]) -> Bool {
        guard digits.count == 15, isProvince(digits) else { return false }
        return isDay(month: number(digits[8..<10]), day: number(digits[10..<12]), year: 1900 + number(digits[6..<8]))
    }

    private static func isProvince(_ digits: [UInt8]) -> Bool {
        switch number(digits[0..<2]) {
        case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81...83: true
        default: false
        }
    }

    private static func isDay(month: Int, day: Int, year: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
}
