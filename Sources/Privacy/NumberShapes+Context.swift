/// What stands around digits and decides whether they are a number of a person: area codes, labels, units, letters.

extension NumberShapes {
    /// Words right before a phone number without area code.
    static let phoneLabels: [StaticString] = ["电话", "座机", "固话", "热线", "拨打", "致电", "号码"]
    static let identityLabels: [StaticString] = ["身份证", "身份证号", "证件号", "号码", "身份证号码"]
    /// Words right before a number that is something else, however much it looks like a phone.
    private static let otherLabels: [StaticString] = numberLabels + ["订单", "工单", "流水", "案件"]
    /// Those of them that say "number", so that capitals behind them are the number's own: 合同号HT13812345678.
    private static let numberLabels: [StaticString] = [
        "单号", "编号", "流水号", "案号", "票号", "受理号", "登记号", "批号", "合同号", "发票号", "序列号", "批次号", "文号", "户号", "表号",
    ]
    /// The same for all but mobiles: 支付宝账号13812345678 and Phone No.13812345678 are somebody's.
    private static let accountLabels: [StaticString] = ["卡号", "账号", "No.", "NO.", "no."]
    /// Words right before an amount.
    private static let amountLabels: [StaticString] = [
        "共", "共计", "合计", "总计", "总额", "金额", "人民币", "总价", "造价", "投资", "预算", "RMB", "¥", "￥", "$",
    ]
    /// Words right before the code of a place: that of a grid has fifteen digits, as old identity numbers had.
    private static let placeLabels: [StaticString] = [
        "网格", "网格号", "片区", "责任区", "区划", "代码", "编码", "grid", "Grid", "GRID",
    ]

    func text(_ digits: some Collection<UInt8>) -> String { String(decoding: digits, as: UTF8.self) }

    static func isMobile(_ digits: some Collection<UInt8>) -> Bool {
        let start = Array(digits.prefix(2))
        return digits.count == 11 && start[0] == 0x31 && (0x33...0x39).contains(start[1])
    }

    func isCountryCode(_ digits: [UInt8]) -> Bool {
        digits.elementsEqual("86".utf8) || digits.elementsEqual("0086".utf8)
    }

    func withoutCountryCode(_ digits: [UInt8]) -> ArraySlice<UInt8>? {
        if digits.count == 13, digits.starts(with: "86".utf8) { return digits.dropFirst(2) }
        return digits.count == 15 && digits.starts(with: "0086".utf8) ? digits.dropFirst(4) : nil
    }

    func withoutTrunkZero(_ digits: [UInt8]) -> ArraySlice<UInt8>? {
        digits.count == 12 && digits[0] == 0x30 ? digits.dropFirst() : nil
    }

    /// `86512…` and `0086512…` as `0512…`.
    func withoutCountryCodeKeepingArea(_ digits: [UInt8]) -> [UInt8]? {
        if digits.count >= 12, digits.starts(with: "0086".utf8) { return [0x30] + digits.dropFirst(4) }
        return (12...13).contains(digits.count) && digits.starts(with: "86".utf8) ? [0x30] + digits.dropFirst(2) : nil
    }

    /// 010, 02x (three digits) and 03xx–09xx (four digits).
    func isAreaCode(_ digits: [UInt8]) -> Bool {
        guard digits.count >= 3, digits[0] == 0x30 else { return false }
        switch digits[1] {
        case 0x31: return digits.count == 3 && digits[2] == 0x30
        case 0x32: return digits.count == 3 && digits[2] != 0x36
        case 0x33...0x39: return digits.count == 4
        default: return false
        }
    }

    func splitArea(_ digits: [UInt8]) -> (area: [UInt8], rest: [UInt8])? {
        guard (10...12).contains(digits.count) else { return nil }
        for length in 3...4 where isAreaCode(Array(digits.prefix(length))) {
            return (Array(digits.prefix(length)), Array(digits.dropFirst(length)))
        }
        return nil
    }

    /// Eight digits behind a three-digit area code, seven or eight behind one of four; never starting with 0, 1 or 9.
    func isSubscriber(_ digits: [UInt8], area: [UInt8]) -> Bool {
        guard let first = digits.first, (0x32...0x38).contains(first) else { return false }
        return digits.count == 8 || (digits.count == 7 && area.count == 4)
    }

    /// Whether another group hangs on the number by a hyphen or point, which makes both one longer thing.
    func isContinued(after last: Int) -> Bool {
        if last + 1 < run.groups.count {
            let next = run.groups[last + 1]
            return (next.separator == .hyphen || next.separator == .dot) && next.count < 7
        }
        let end = run.groups[last].range.upperBound
        guard end < bytes.count, run.groups[last].endWithX == nil else { return false }
        return bytes[end] == 0x5F || bytes[end] == 0x25
    }

    /// The same for the numbers of offices, to which letters belong too: 4001234567A is no service's.
    func isGlued(after last: Int) -> Bool {
        if isContinued(after: last) { return true }
        let end = run.groups[last].range.upperBound
        guard last + 1 == run.groups.count, end < bytes.count, run.groups[last].endWithX == nil else { return false }
        let isAccountWord = [0x56, 0x57, 0x51].contains(bytes[end] & 0xDF)
        return Glyph.isLetter(bytes[end]) && !isAccountWord
    }

    func isMoney(after last: Int) -> Bool {
        var end = run.groups[last].range.upperBound
        if end < bytes.count, bytes[end] == 0x20 { end += 1 }
        if Glyph.has(bytes, end, "元") {
            return !["元旦", "元宵", "元和"].contains { Glyph.has(bytes, end, $0) }
        }
        return Glyph.has(bytes, end, "万元") || Glyph.has(bytes, end, "亿") || Glyph.has(bytes, end, "平方")
    }

    /// Whether nothing on the left makes the group a part of something longer.
    func isFreeOnTheLeft(_ first: Int) -> Bool {
        let group = run.groups[first]
        if first > 0 {
            // A group behind a hyphen or point continues what stands before it; a full number may still follow a hyphen.
            switch group.separator {
            case .hyphen, .dot: return run.groups[first - 1].count >= 7 && group.count >= 7
            case .space, .bracket, nil: return true
            }
        }
        guard group.range.lowerBound > 0 else { return true }
        let before = bytes[group.range.lowerBound - 1]
        if before == 0x5F || before == 0x24 { return false }
        if before == 0x23 { return hasLabel(first, among: NumberShapes.phoneLabels) }
        // Behind a digit the point makes a decimal; behind a word (Tel., 电话.) it ends the word.
        if before == 0x2E { return group.range.lowerBound < 2 || !Glyph.isDigit(bytes[group.range.lowerBound - 2]) }
        if Glyph.has(bytes, group.range.lowerBound - 2, "¥") || Glyph.has(bytes, group.range.lowerBound - 3, "￥") {
            return false
        }
        if before == 0x2D || before == 0x2F { return !precededByCode(group.range.lowerBound - 1) }
        return !Glyph.isLetter(before) || endsWithPhoneWord(group.range.lowerBound)
    }

    /// Whether a letter or digit stands before the hyphen or slash: `GD-13812345678` is a code, `— 138…` is not.
    private func precededByCode(_ place: Int) -> Bool {
        guard place > 0 else { return false }
        let byte = bytes[place - 1]
        return Glyph.isLetter(byte) && !endsWithPhoneWord(place) || bytes[place] == 0x2D && (0x30...0x39).contains(byte)
    }

    private func endsWithPhoneWord(_ end: Int) -> Bool { LettersAround.endsWithPhoneWord(bytes, end) }

    // MARK: Whole numbers

    /// Whether letters stand right before the group.
    func isBehindLetters(_ first: Int) -> Bool {
        let start = run.groups[first].range.lowerBound
        return start > 0 && Glyph.isLetter(bytes[start - 1])
    }

    /// Whether the groups are part of an id by the letters that are written to them.
    ///
    /// - Parameter end: where the number ends, its X included.
    func isPartOfID(_ first: Int, end: Int) -> Bool {
        LettersAround(run.groups[first].range.lowerBound..<end, in: bytes).makeAnID
    }

    /// Whether what could be a mobile is, by what stands before it, a decimal, a code, an amount or another's number.
    func isOther(_ first: Int) -> Bool {
        let group = run.groups[first]
        if first > 0, group.separator == .dot {
            // 31.13812345678 is a latitude; `1.13812345678` is the first of a list.
            let before = run.groups[first - 1].count
            if before > 1 && before < 7 { return true }
        }
        // What hangs together by hyphens is labelled, or begun by the letters of a code, as a whole.
        var start = first
        while start > 0, run.groups[start].separator == .hyphen { start -= 1 }
        if isLabelledAsAnothers(start) { return true }
        return isBehindCode(start, isChained: start < first) || isAmount(first, first)
    }

    /// Whether two to six capitals and a hyphen stand before the group: `GD-13812345678`, and no more than capitals where a
    /// chain of groups follows, as in `GD1-13812345678`.
    private func isBehindCode(_ first: Int, isChained: Bool) -> Bool {
        var end = run.groups[first].range.lowerBound
        if end > 0, bytes[end - 1] == 0x2D {
            end -= 1
        } else if !isChained || NumberShapes.isMobile(run.groups[first].digits) {
            // LI13812345678-13912345678 are two of one person.
            return false
        }
        let letters = bytes[..<end].reversed().prefix(while: Glyph.isLetter)
        return (2...6).contains(letters.count) && letters.allSatisfy { $0 <= 0x5A } && !endsWithPhoneWord(end)
    }

    /// Whether what could be a mobile is an amount: it is called one before the digits and has its unit behind them.
    ///
    /// The unit alone says nothing, for 元和, 亿达 and 平方 are names of streets and firms.
    func isAmount(_ first: Int, _ last: Int) -> Bool {
        isMoney(after: last) && hasLabel(first, among: NumberShapes.amountLabels)
    }

    /// Whether fifteen digits are the code of a grid and not an identity number as issued until 1999.
    ///
    /// District 320507, street 001, community 002, grid 003: read as a birth date this lies before 1920, where nobody is who has
    /// such a number. Codes of towns and zones (from 200 up) need their word before them, and the word 身份证 is stronger than
    /// both. That a code begins with the node's own area tells nothing: most of its people's numbers do.
    func isPlaceCode(_ first: Int) -> Bool {
        if hasLabel(first, among: ["身份证", "身份证号", "身份证号码", "证件号", "证号"]) { return false }
        return run.groups[first].digits[6] < 0x32 || hasLabel(first, among: NumberShapes.placeLabels)
            || hasLabel(beforeCapitalsOf: first, among: NumberShapes.placeLabels)
    }

    /// The start of the finding: with `+`, and with the bracket that opens around its first group.
    func startWithPrefix(_ first: Int, end: Int) -> Int {
        var start = run.groups[first].range.lowerBound
        if start >= 1, bytes[start - 1] == 0x2B { start -= 1 } else if Glyph.has(bytes, start - 3, "＋") { start -= 3 }
        let closes =
            first + 1 < run.groups.count && run.groups[first + 1].separator == .bracket
            && run.groups[first + 1].range.upperBound <= end
        guard closes else { return start }
        if start >= 1, bytes[start - 1] == 0x28 { return start - 1 }
        return Glyph.has(bytes, start - 3, "（") ? start - 3 : start
    }

    func isLabelledAsOther(_ first: Int) -> Bool {
        isLabelledAsAnothers(first) || hasLabel(first, among: NumberShapes.accountLabels)
    }

    private func isLabelledAsAnothers(_ first: Int) -> Bool {
        hasLabel(first, among: NumberShapes.otherLabels)
            || hasLabel(beforeCapitalsOf: first, among: NumberShapes.numberLabels)
    }

    /// Whether one of `labels` stands before the one to six capitals that are written to the group.
    private func hasLabel(beforeCapitalsOf first: Int, among labels: [StaticString]) -> Bool {
        let end = run.groups[first].range.lowerBound
        let letters = bytes[..<end].suffix(7).reversed().prefix(while: Glyph.isLetter)
        guard (1...6).contains(letters.count), letters.allSatisfy({ $0 <= 0x5A }), !endsWithPhoneWord(end)
        else { return false }
        return hasLabel(endingAt: end - letters.count, among: labels)
    }

    /// Whether one of `labels` stands right before the group, colons, blanks and 为/是 between them allowed.
    func hasLabel(_ first: Int, among labels: [StaticString]) -> Bool {
        hasLabel(endingAt: run.groups[first].range.lowerBound, among: labels)
    }

    private func hasLabel(endingAt start: Int, among labels: [StaticString]) -> Bool {
        var end = start
        skipping: for _ in 0..<4 {
            for filler in ["：", ":", " ", "为", "是", "\u{3000}", "（", "(", "“", "#", "+"] as [StaticString]
            where Glyph.has(bytes, end - filler.utf8CodeUnitCount, filler) {
                end -= filler.utf8CodeUnitCount
                continue skipping
            }
            break
        }
        return labels.contains { Glyph.has(bytes, end - $0.utf8CodeUnitCount, $0) }
    }
}
