/// Measures recall and precision on generated texts: the goal is 99 % found, 98 % of what is found right.

import Privacy
import Testing

private struct TextGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(below(10)) }.joined() }
    mutating func pick(_ texts: [String]) -> String { texts[below(texts.count)] }

    static func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    (0x21...0x7E).contains($0.value) ? Unicode.Scalar($0.value + 0xFEE0) ?? $0 : $0
                }))
    }
    static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

    mutating func resident() -> String {
        let head =
            pick(["320507", "110105", "440307", "510104"])
            + "\(1940 + below(70))\(Self.two(1 + below(12)))\(Self.two(1 + below(28)))\(digits(3))"
        return head + String(decoding: [ResidentID.check(Array(head.utf8))], as: UTF8.self)
    }

    /// A number as written, and its normal form.
    mutating func number() -> (written: String, normalised: String) {
        let mobile = "1\(3 + below(7))\(digits(9))"
        let (a, b, c) = (String(mobile.prefix(3)), String(mobile.dropFirst(3).prefix(4)), String(mobile.suffix(4)))
        let area = pick(["0512", "0755", "010", "021", "0731"])
        let line = "\(2 + below(7))\(digits(7))"
        let resident = resident()
        switch below(20) {
        case 0, 1: return (mobile, mobile)
        case 2: return ("\(a) \(b) \(c)", mobile)
        case 3: return ("\(a)-\(b)-\(c)", mobile)
        case 4: return ("\(a).\(b).\(c)", mobile)
        case 5: return (Self.fullWidth(mobile), mobile)
        case 6: return ("+86\(mobile)", mobile)
        case 7: return ("+86 \(a) \(b) \(c)", mobile)
        case 8: return ("0086\(mobile)", mobile)
        case 9: return ("86-\(mobile)", mobile)
        case 10: return ("\(area)-\(line)", "\(area)-\(line)")
        case 11: return ("(\(area))\(line)", "\(area)-\(line)")
        case 12: return ("（\(area)）\(line.prefix(4))-\(line.suffix(4))", "\(area)-\(line)")
        case 13: return ("\(area)-\(line)转\(100 + below(900))", "")
        case 14: return ("\(area)\(line)", "\(area)-\(line)")
        case 15:
            let rest = digits(7)
            return ("400-\(rest.prefix(3))-\(rest.suffix(4))", "400\(rest)")
        case 16: return (resident, resident)
        case 17: return (Self.fullWidth(resident), resident)
        case 18: return ("\(resident.prefix(6)) \(resident.dropFirst(6).prefix(8)) \(resident.suffix(4))", resident)
        default:
            let old = "320507\(40 + below(59))\(Self.two(1 + below(12)))\(Self.two(1 + below(28)))\(digits(3))"
            return (old, old)
        }
    }

    /// Names and marks in capitals or small letters, as they are written to a person's own number on its left and right.
    mutating func letters(around number: (written: String, normalised: String)) -> (left: String, right: String) {
        let isPersons =
            [15, 18].contains(number.normalised.count)
            || number.normalised.count == 11 && !number.normalised.contains("-")
        guard isPersons else { return ("", "") }
        // Letters before a plus sign stand at no digit.
        return (
            pick(["", "", "LI", "A", "ZHANG", "DH", "SFZ", "wang"]),
            pick(["", "", "A座", "B栋", "F室", "a座", "A3座", "B1203室", "V同号"])
        )
    }

    mutating func decoy() -> String {
        switch below(22) {
        case 0:
            "2018-\(Self.two(1 + below(12)))-\(Self.two(1 + below(28))) \(Self.two(below(24))):\(Self.two(below(60))):\(Self.two(below(60)))"
        case 1: "20\(10 + below(16))年\(1 + below(12))月\(1 + below(28))日"
        case 2: "工单号\(digits(14))"
        case 3: "订单编号：1\(3 + below(7))\(digits(9))"
        case 4: "\(1 + below(9))\(digits(5)).\(digits(2))元"
        case 5: "\(1 + below(40))栋\(1 + below(33))0\(1 + below(9))室"
        case 6: pick(["12345", "110", "12319", "119", "12315", "96889"])
        case 7: "苏E\(digits(5))"
        case 8: "120.\(digits(6)),31.\(digits(6))"
        case 9: "单号SF\(digits(13))"
        case 10: "\(8 + below(4)):\(Self.two(below(60)))-\(13 + below(9)):\(Self.two(below(60)))"
        case 11: "\(digits(8))号文件"
        case 12: "流水号\(digits(20))"
        case 13: "2018.\(Self.two(1 + below(12))).\(Self.two(1 + below(28)))"
        case 14: "第\(digits(3))-\(digits(4))号"
        case 15: "沪A\(digits(5))"
        case 16: "HT20\(10 + below(16))\(digits(7))"
        case 17: "SF1\(digits(12))"
        case 18: "合同号HT1\(3 + below(7))\(digits(9))"
        case 19: "32050700100\(1 + below(9))00\(1 + below(9))A"
        case 20: "GD-1\(3 + below(7))\(digits(9))"
        default: "邮编215\(digits(3))"
        }
    }
}

@Suite("Numbers in generated texts")
struct GeneratedTextsTests {
    @Test(
        "99 of 100 numbers are found and 98 of 100 findings are right, on 2,000 texts",
        arguments: [1, 20_260_301, 777] as [UInt64])
    func recallAndPrecision(seed: UInt64) {
        var generator = TextGenerator(state: seed)
        let before = ["联系电话", "手机号", "我的号码是", "请致电 ", "：", "，身份证", "tel:", "本人"]
        let after = ["，谢谢", "。", "（李女士）", " 望回复", "；", "\n", "微信同号", ""]
        var planted = 0
        var found = 0
        var right = 0
        var examples: [String] = []
        for _ in 0..<2000 {
            var text = "市民反映"
            var ranges: [Range<Int>] = []
            for _ in 0..<1 + generator.below(4) {
                text += generator.pick(["，地点在相城区，", "；附 ", "，时间 ", " call me ", "。另："])
                if generator.below(2) == 0 {
                    text += generator.decoy()
                } else {
                    text += generator.pick(before)
                    let number = generator.number()
                    let (left, right) = generator.letters(around: number)
                    text += left
                    ranges.append(text.utf8.count..<text.utf8.count + number.written.utf8.count)
                    text += number.written + right + generator.pick(after)
                }
            }
            let findings = PersonalNumbers.find(in: text)
            planted += ranges.count
            found += findings.count
            let hits = findings.count { ranges.contains($0.range) }
            right += hits
            if hits != ranges.count || hits != findings.count, examples.count < 5 { examples.append(text) }
        }
        print("seed \(seed): \(planted) planted, \(found) found, \(right) right")
        #expect(right * 1000 >= planted * 990, "seed \(seed): recall \(right)/\(planted); \(examples)")
        #expect(right * 1000 >= found * 980, "seed \(seed): precision \(right)/\(found); \(examples)")
    }
}
