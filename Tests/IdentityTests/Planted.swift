import Foundation

/// Invented people whose data must never stand open anywhere; unique, so that finding one is no chance.
struct Planted {
    struct Person {
        let name, phone, idNumber, address: String
    }

    private var state: UInt64
    private(set) var people: [Person] = []
    /// Numbers in free text, in plain digits.
    private(set) var numbers: [String] = []

    init(seed: UInt64, people count: Int) {
        state = seed
        for _ in 0..<count { people.append(person()) }
    }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }

    private mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(below(10)) }.joined() }

    /// Three to four rare characters each: no text of ours has them in this order.
    private mutating func person() -> Person {
        func rare(_ planted: inout Planted) -> String {
            Unicode.Scalar(UInt32(0x7800 + planted.below(0x1000))).map(String.init) ?? ""
        }
        return Person(
            name: rare(&self) + rare(&self) + rare(&self), phone: mobile(), idNumber: identity(),
            address: "某街\(rare(&self))\(rare(&self))\(rare(&self))里 \(below(90) + 10) 号")
    }

    private mutating func mobile() -> String { "1\(3 + below(7))\(digits(9))" }

    /// GB 11643: area, date of birth, order, check character.
    private mutating func identity() -> String {
        let body = "32050719\(60 + below(40))0\(1 + below(9))\(10 + below(18))\(digits(3))"
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
        return body + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }

    /// A sentence with a number that nobody else has, written as people do.
    mutating func sentence() -> String {
        let number = below(4) == 0 ? identity() : mobile()
        numbers.append(number)
        switch below(7) {
        case 0: return "请回电\(number)，谢谢"
        case 1: return "联系电话：+86\(number.count == 11 ? number : " \(number)")。"
        case 2 where number.count == 11:
            return "打我手机 \(number.prefix(3)) \(number.dropFirst(3).prefix(4)) \(number.suffix(4)) 即可"
        case 3 where number.count == 11:
            return "号码\(number.prefix(3))-\(number.dropFirst(3).prefix(4))-\(number.suffix(4))，路灯不亮"
        case 4:
            let wide = number.unicodeScalars.map { scalar in
                (0x30...0x39).contains(scalar.value)
                    ? Unicode.Scalar(scalar.value + 0xFEE0).map(String.init) ?? "" : String(scalar)
            }
            return "证件或手机\(wide.joined())已登记"
        case 5: return "机主LI\(number)A座"
        default: return "\(number)是我的，别打错"
        }
    }

    /// Everything that must not be found, in the forms in which it could stand.
    var needles: [Data] {
        var texts: [String] = []
        for person in people { texts += [person.name, person.phone, person.idNumber, person.address] }
        for number in numbers {
            texts.append(number)
            guard number.count == 11 else { continue }
            let parts = [number.prefix(3), number.dropFirst(3).prefix(4), number.suffix(4)]
            texts += [parts.joined(separator: " "), parts.joined(separator: "-")]
        }
        texts += numbers.map { number in
            number.unicodeScalars.map { scalar in
                (0x30...0x39).contains(scalar.value)
                    ? Unicode.Scalar(scalar.value + 0xFEE0).map(String.init) ?? "" : String(scalar)
            }.joined()
        }
        return texts.flatMap { text in
            [Data(text.utf8), text.data(using: .utf16LittleEndian), text.data(using: .utf16BigEndian)].compactMap { $0 }
        }
    }
}

/// Looks for thousands of needles in one pass: only where three bytes are those that a needle begins with is there more
/// to compare.
struct Needles {
    private var begins = [Bool](repeating: false, count: 1 << 24)
    private var byPrefix: [Int: [[UInt8]]] = [:]

    init(_ needles: [Data]) {
        for needle in needles {
            let bytes = [UInt8](needle)
            let prefix = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
            begins[prefix] = true
            byPrefix[prefix, default: []].append(bytes)
        }
    }

    /// The first needle that the bytes hold; nil when they hold none.
    func first(in hay: Data) -> [UInt8]? {
        let bytes = [UInt8](hay)
        guard bytes.count >= 3 else { return nil }
        var prefix = Int(bytes[0]) << 8 | Int(bytes[1])
        for end in 2..<bytes.count {
            prefix = (prefix << 8 | Int(bytes[end])) & 0xFF_FFFF
            guard begins[prefix] else { continue }
            for needle in byPrefix[prefix] ?? [] where bytes[(end - 2)...].starts(with: needle) { return needle }
        }
        return nil
    }
}
