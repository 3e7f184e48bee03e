/// Invents tickets of a Chinese district (相城区), the same ones for the same seed: for demos, benches and load.
///
/// Written as JSON lines that the map `generated` reads. Persons and their numbers are invented; the dirt of real
/// intake is in it on purpose: padding, full-width characters, no-break spaces, `-` for nothing, Excel escapes.

import Events

package struct Generator {
    /// SplitMix64: small, and the same on every machine.
    struct Random {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
        /// 0 ..< limit.
        mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
        mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
        mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
        mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(below(10)) }.joined() }
    }

    /// What a repeat needs of the ticket it repeats.
    private struct Matter {
        var id: String
        var item: GeneratorWords.Item
        var street: GeneratorWords.Street
        var community: String
        var place: String
        var latitude: Int
        var longitude: Int
        var caller: InventedCaller
    }

    /// How many tickets come in on a working day; weekends have six tenths of it.
    private static let perDay = 1500
    /// Matters that a repeat can be about.
    private static let mostRemembered = 400

    private var random: Random
    /// Of their own, so that who calls changes nothing else of a seed's tickets.
    private var callers: Random
    private var made = 0
    private var recent: [Matter] = []
    /// Local midnight of the current day, in days since 1970.
    private var day: Int
    private var leftToday = 0
    private var minutes: [Int] = []

    /// - Parameters:
    ///   - seed: the same seed gives the same tickets.
    ///   - firstDay: days since 1970-01-01 of the first ticket; 2026-01-05, a Monday, unless told.
    package init(seed: UInt64, firstDay: Int = 20_458) {
        random = Random(state: seed)
        callers = Random(state: seed ^ 0x6361_6C6C_6572_7321)
        day = firstDay - 1
    }

    /// The next ticket as one JSON line without its newline; ids grow by one, times never go back.
    package mutating func next() -> [UInt8] {
        if leftToday == 0 { startDay() }
        leftToday -= 1
        made += 1
        let second = minutes[minutes.count - 1 - leftToday] * 60 + random.below(60)
        let isRepeat = !recent.isEmpty && random.chance(18)
        let about = isRepeat ? random.pick(recent) : newMatter()
        if !isRepeat { remember(about) }
        // Most who ask again called before; the others live nearby.
        let caller = isRepeat && !callers.chance(70) ? InventedCaller(&callers) : about.caller
        var ticket = ticket(about, isRepeat: isRepeat, second: second)
        ticket["caller"] = .string(caller.name)
        ticket["contact"] = .string(caller.phone)
        return JSON.object(ticket).canonicalBytes
    }

    // MARK: Days and places

    private mutating func startDay() {
        day += 1
        // 1970-01-01 was a Thursday.
        let isWeekend = [5, 6].contains((day + 3) % 7)
        leftToday = (isWeekend ? Generator.perDay * 6 / 10 : Generator.perDay) + random.below(120) - 60
        minutes = (0..<leftToday).map { _ in
            var ticketAt = random.below(GeneratorWords.hourWeights.reduce(0, +))
            let hour = GeneratorWords.hourWeights.firstIndex { weight in
                ticketAt -= weight
                return ticketAt < 0
            }
            return (hour ?? 9) * 60 + random.below(60)
        }.sorted()
    }

    private mutating func newMatter() -> Matter {
        let street = random.pick(GeneratorWords.streets)
        let community = random.pick(GeneratorWords.communities)
        let place = "\(random.pick(GeneratorWords.roads))\(random.below(400) + 1)号\(random.pick(GeneratorWords.spots))"
        return Matter(
            id: identifier(made), item: random.pick(GeneratorWords.items), street: street, community: community,
            place: place,
            latitude: street.latitudeE4 + random.below(160) - 80,
            longitude: street.longitudeE4 + random.below(160) - 80, caller: InventedCaller(&callers))
    }

    private mutating func remember(_ matter: Matter) {
        if recent.count < Generator.mostRemembered {
            recent.append(matter)
        } else {
            recent[random.below(recent.count)] = matter
        }
    }

    private func identifier(_ number: Int) -> String {
        let digits = String(number)
        return "SIM" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }

    // MARK: One ticket

    private mutating func ticket(_ about: Matter, isRepeat: Bool, second: Int) -> JSONObject {
        let kind = pickKind()
        let isUrgent = about.item.isUrgent || random.chance(2)
        let created = Generator.time(day: day, second: second)
        var ticket: JSONObject = [
            "id": .string(identifier(made)),
            "createdAt": .string(random.chance(4) ? Generator.slashed(day: day, second: second) : created),
            "channel": .string(random.pick(GeneratorWords.channels)), "kind": .string(kind),
            "title": .string("\(about.street.name)\(about.item.name)问题"),
            "matter": .string(dirty(text(about, isRepeat: isRepeat))), "categoryName": .string(about.item.category),
            "itemName": .string(about.item.name), "itemCode": .string(about.item.code), "district": .string("相城区"),
            "street": .string(about.street.name), "community": .string(random.chance(3) ? "-" : about.community),
            "address": .string(random.chance(5) ? "" : about.place), "unitName": .string(about.item.unit),
            "unitCode": .string("U\(about.item.code)"),
            "urgent": .bool(isUrgent), "dueAt": .string(Generator.time(day: day + (isUrgent ? 1 : 7), second: second)),
        ]
        if !random.chance(8) {
            ticket["latitude"] = .string(Generator.degrees(about.latitude))
            ticket["longitude"] = .string(Generator.degrees(about.longitude))
        }
        if isRepeat { ticket["repeatOf"] = .string(about.id) }
        switch random.below(100) {
        case 0..<70:
            ticket["status"] = .string("已办结")
            ticket["repliedAt"] = .string(
                Generator.time(day: day + 1 + random.below(6), second: 9 * 3600 + random.below(8 * 3600)))
            ticket["reply"] = .string("\(about.item.unit)已到现场核实，\(random.pick(GeneratorWords.results))")
        case 70..<88: ticket["status"] = .string("办理中")
        default: ticket["status"] = .string("待签收")
        }
        return ticket
    }

    private mutating func pickKind() -> String {
        switch random.below(100) {
        case 0..<47: "consult"
        case 47..<77: "help"
        case 77..<92: "complaint"
        default: "suggestion"
        }
    }

    private mutating func text(_ about: Matter, isRepeat: Bool) -> String {
        let opening = isRepeat ? random.pick(GeneratorWords.repeatOpenings) : random.pick(GeneratorWords.openings)
        var text = "\(opening)\(about.street.name)\(about.community)\(about.place)\(about.item.complaint)"
        for _ in 0..<random.below(5) { text += random.pick(GeneratorWords.details) }
        text += random.pick(GeneratorWords.demands)
        if random.chance(12) { text += contact() }
        return text
    }

    /// A planted, invented person.
    private mutating func contact() -> String {
        let name = "\(random.pick(GeneratorWords.surnames))\(random.pick(["先生", "女士", "师傅", "阿姨"]))"
        let mobile = "1\(3 + random.below(7))\(random.digits(9))"
        switch random.below(5) {
        case 0: return "联系人\(name)，电话\(mobile.prefix(3)) \(mobile.dropFirst(3).prefix(4)) \(mobile.suffix(4))。"
        case 1: return "请联系\(name)+86\(mobile)。"
        case 2: return "\(name)，0512-6\(2 + random.below(7))\(random.digits(6))。"
        case 3: return "\(name)手机\(Generator.fullWidth(mobile))。"
        default: return "联系电话：\(mobile)（\(name)）。"
        }
    }

    private mutating func dirty(_ text: String) -> String {
        switch random.below(100) {
        case 0..<5: "\n\t\t\t\(text)\n\t\t\t"
        case 5..<8: "\u{3000}\u{3000}\(text)"
        case 8..<11: text.split(separator: "，", omittingEmptySubsequences: false).joined(separator: "，\u{A0}")
        case 11..<13: "\(text)_x000D_\n"
        default: text
        }
    }

    // MARK: Writing

    private static func fullWidth(_ digits: String) -> String {
        String(String.UnicodeScalarView(digits.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) }))
    }

    /// 1e-4 degrees as text.
    private static func degrees(_ value: Int) -> String { "\(value / 10_000).\(padded(value % 10_000, 4))" }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func time(day: Int, second: Int) -> String {
        let date = civil(day)
        let clock = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date.year)-\(padded(date.month, 2))-\(padded(date.day, 2)) \(clock)"
    }

    private static func slashed(day: Int, second: Int) -> String {
        let date = civil(day)
        return
            "\(date.year)/\(date.month)/\(date.day) \(second / 3600):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }

    /// The date of a day since 1970 (Howard Hinnant, civil_from_days).
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
