/// Reads a run of digit groups for the shapes that numbers of persons are written in.

struct NumberShapes {
    let bytes: [UInt8]
    let run: DigitRun
    let reading: PersonalNumbers.Reading

    /// A match: groups `first...last`, as which number.
    private struct Match {
        let kind: PersonalNumbers.Kind
        let last: Int
        let normalised: String
        var end: Int
    }

    /// Appends the numbers of the run, from its left; a group belongs to one number at most.
    func collect(into findings: inout [PersonalNumbers.Finding]) {
        var first = 0
        while first < run.groups.count {
            guard let match = match(at: first) else {
                first += 1
                continue
            }
            let start = startWithPrefix(first, end: match.end)
            findings.append(.init(range: start..<match.end, kind: match.kind, normalised: match.normalised))
            first = match.last + 1
        }
    }

    private func match(at first: Int) -> Match? {
        if let match = wholeResidentID(at: first) ?? mobile(at: first) { return match }
        let isFree = isFreeOnTheLeft(first)
        guard isFree || isBehindLetters(first) else { return nil }
        if let match = residentID(at: first) { return match }
        guard !isLabelledAsOther(first) else { return nil }
        if let match = oldResidentID(at: first) { return match }
        return isFree ? landline(at: first) ?? service(at: first) ?? local(at: first) : nil
    }

    // MARK: Identity numbers

    /// Eighteen characters in a row whose check holds are nothing else, whatever stands around them but the rest of an id.
    private func wholeResidentID(at first: Int) -> Match? {
        let group = run.groups[first]
        let endWithX = group.count == 17 ? group.endWithX : nil
        let digits = endWithX == nil ? group.digits : group.digits + [0x58]
        let end = endWithX ?? group.range.upperBound
        guard digits.count == 18, group.count <= 18, ResidentID.isPlausible(digits), ResidentID.hasRightCheck(digits),
            !isPartOfID(first, end: end)
        else { return nil }
        return Match(kind: .residentID, last: first, normalised: text(digits), end: end)
    }

    private func residentID(at first: Int) -> Match? {
        var digits: [UInt8] = []
        for last in first..<run.groups.count {
            let group = run.groups[last]
            guard last == first || group.separator == .space || group.separator == .hyphen else { return nil }
            digits += group.digits
            guard group.count <= 18, digits.count <= 18 else { return nil }
            var end = group.range.upperBound
            if digits.count == 17, let withX = group.endWithX {
                digits.append(0x58)
                end = withX
            }
            guard digits.count == 18 else { continue }
            guard !isContinued(after: last), ResidentID.isPlausible(digits), !isPartOfID(first, end: end),
                ResidentID.hasRightCheck(digits) || hasLabel(first, among: NumberShapes.identityLabels)
            else { return nil }
            return Match(kind: .residentID, last: last, normalised: text(digits), end: end)
        }
        return nil
    }

    private func oldResidentID(at first: Int) -> Match? {
        let group = run.groups[first]
        guard group.count == 15, !isContinued(after: first), group.endWithX == nil,
            ResidentID.isPlausibleOld(group.digits), !isPlaceCode(first),
            !isPartOfID(first, end: group.range.upperBound)
        else { return nil }
        return Match(kind: .oldResidentID, last: first, normalised: text(group.digits), end: group.range.upperBound)
    }

    // MARK: Phones

    private func mobile(at first: Int) -> Match? {
        let group = run.groups[first]
        let isFree = isFreeOnTheLeft(first) || isBehindLetters(first)
        if let whole = wholeMobile(group) {
            // The twelve digits at the end of a UUID may have a trunk zero: longer ones need to be free.
            guard !isPartOfID(first, end: group.range.upperBound), group.count == 11 || isFree,
                reading == .said || !isOther(first)
            else { return nil }
            return Match(kind: .mobile, last: first, normalised: text(whole), end: group.range.upperBound)
        }
        guard isFree || first == 0 else { return nil }
        var start = first
        if isCountryCode(group.digits), first + 1 < run.groups.count { start += 1 }
        var digits: [UInt8] = []
        var shape: [Int] = []
        for last in start..<run.groups.count {
            digits += run.groups[last].digits
            shape.append(run.groups[last].count)
            guard digits.count <= 11, run.groups[last].count <= 11 else { return nil }
            guard digits.count == 11 else { continue }
            guard NumberShapes.isMobile(digits), isMobileShape(shape, start, last), !isOther(first),
                // In its usual form the number is complete, whatever stands at it: a point, an extension, a date.
                shape.count == 1 || shape == [3, 4, 4] || isFree && !isContinued(after: last),
                !isPartOfID(first, end: run.groups[last].range.upperBound), !isAmount(first, last)
            else { return nil }
            return Match(kind: .mobile, last: last, normalised: text(digits), end: run.groups[last].range.upperBound)
        }
        return nil
    }

    /// The number when the group is a mobile by itself, its country code or trunk zero written to it or not.
    private func wholeMobile(_ group: DigitRun.Group) -> [UInt8]? {
        guard group.count <= 15 else { return nil }
        let rest = withoutCountryCode(group.digits) ?? withoutTrunkZero(group.digits) ?? group.digits[...]
        return NumberShapes.isMobile(rest) ? Array(rest) : nil
    }

    /// Whether a mobile number is written in groups like these.
    ///
    /// A single point makes a decimal (131.37219876), not a phone; unusual groups count only where no other group
    /// stands before them.
    private func isMobileShape(_ shape: [Int], _ first: Int, _ last: Int) -> Bool {
        if shape.count == 1 { return true }
        let separators = run.groups[first + 1...last].map(\.separator)
        if separators.contains(.dot) { return shape == [3, 4, 4] && separators.allSatisfy { $0 == .dot } }
        if separators.contains(.bracket) { return false }
        if shape == [3, 4, 4] || shape == [3, 8] || shape == [7, 4] { return true }
        let isUsual = [
            [4, 7], [4, 4, 3], [4, 3, 4], [3, 3, 5], [5, 6], [3, 5, 3], [3, 3, 3, 2], [3, 2, 3, 3], [3, 2, 2, 2, 2],
        ].contains(shape)
        return first == 0 || run.groups[first - 1].count <= 4 && isCountryCode(run.groups[first - 1].digits)
            ? isUsual || shape.allSatisfy { $0 == 1 } : false
    }

    private func landline(at first: Int) -> Match? {
        var start = first
        var area: [UInt8] = []
        let group = run.groups[first]
        if isCountryCode(group.digits), first + 1 < run.groups.count {
            start += 1
            let next = run.groups[start].digits
            area = next.first == 0x30 ? next : [0x30] + next
        } else {
            area = group.digits
        }
        let isDivided = isAreaCode(area) && (run.groups[start].count == area.count || start > first)
        if isDivided {
            var subscriber: [UInt8] = []
            var last = start
            while last + 1 < run.groups.count, subscriber.count < 7 {
                let next = run.groups[last + 1]
                guard next.separator != .dot, subscriber.count + next.count <= 8 else { break }
                subscriber += next.digits
                last += 1
            }
            // 6578 1234 reaches eight digits in two groups; 657 8123 stops at seven.
            guard isSubscriber(subscriber, area: area) else { return nil }
            return finish(area: area, subscriber: subscriber, last: last)
        }
        guard start == first, let (code, rest) = splitArea(withoutCountryCodeKeepingArea(group.digits) ?? group.digits),
            group.count <= 16
        else { return nil }
        guard isSubscriber(rest, area: code) else { return nil }
        return finish(area: code, subscriber: rest, last: first)
    }

    private func finish(area: [UInt8], subscriber: [UInt8], last: Int) -> Match? {
        var last = last
        var end = run.groups[last].range.upperBound
        var number = "\(text(area))-\(text(subscriber))"
        if last + 1 < run.groups.count, run.groups[last + 1].separator == .hyphen {
            let extra = run.groups[last + 1]
            guard (1...6).contains(extra.count) else { return nil }
            last += 1
            end = extra.range.upperBound
            number += "-\(text(extra.digits))"
            guard !isGlued(after: last) else { return nil }
        } else if let spoken = spokenExtension(after: end) {
            end = spoken.end
            number += "-\(spoken.digits)"
        }
        return Match(kind: .landline, last: last, normalised: number, end: end)
    }

    /// `转801`, `分机 801`, `ext. 801`: at most six digits behind the word.
    private func spokenExtension(after end: Int) -> (digits: String, end: Int)? {
        var place = end
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x2C { place += 1 }
        let words: [(StaticString, Int)] = [
            ("转分机", 9), ("分机号", 9), ("分机", 6), ("转", 3), ("ext.", 4), ("ext", 3), ("x", 1),
        ]
        guard let word = words.first(where: { Glyph.has(bytes, place, $0.0) }) else { return nil }
        place += word.1
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x3A { place += 1 }
        var digits: [UInt8] = []
        while let (value, length) = Glyph.digit(bytes, place), digits.count < 7 {
            digits.append(value)
            place += length
        }
        return (1...6).contains(digits.count) ? (text(digits), place) : nil
    }

    private func service(at first: Int) -> Match? {
        var digits: [UInt8] = []
        for last in first..<run.groups.count {
            let group = run.groups[last]
            guard last == first || group.separator == .hyphen || group.separator == .space else { return nil }
            digits += group.digits
            guard digits.count <= 10, group.count <= 10 else { return nil }
            guard digits.count == 10 else { continue }
            let prefix = digits.prefix(3).elementsEqual("400".utf8) || digits.prefix(3).elementsEqual("800".utf8)
            guard prefix, last - first <= 3, !isGlued(after: last), !isMoney(after: last) else { return nil }
            return Match(kind: .service, last: last, normalised: text(digits), end: group.range.upperBound)
        }
        return nil
    }

    /// Seven or eight digits right behind a word such as 电话: a local number without its area code.
    private func local(at first: Int) -> Match? {
        guard hasLabel(first, among: NumberShapes.phoneLabels) else { return nil }
        var digits: [UInt8] = []
        for last in first..<min(first + 2, run.groups.count) {
            let group = run.groups[last]
            guard last == first || group.separator == .hyphen || group.separator == .space else { return nil }
            digits += group.digits
            guard digits.count <= 8, group.count <= 8 else { return nil }
            guard digits.count >= 7 else { continue }
            guard (0x32...0x38).contains(digits[0]), !isGlued(after: last) else { return nil }
            return Match(kind: .landline, last: last, normalised: text(digits), end: group.range.upperBound)
        }
        return nil
    }
}
