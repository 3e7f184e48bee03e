/// Who calls about an invented ticket: a name and a phone as a hotline's ledger has them.

/// An invented caller (诉求人).
///
/// `-` or nothing where the caller did not say.
struct InventedCaller {
    let name: String
    let phone: String

    init(_ random: inout Generator.Random) {
        guard !random.chance(4) else {
            name = "-"
            phone = random.chance(50) ? "-" : ""
            return
        }
        let surname = random.pick(GeneratorWords.surnames)
        name = surname + random.pick(random.chance(40) ? ["先生", "女士"] : GeneratorWords.givenNames)
        let mobile = "1\(3 + random.below(7))\(random.digits(9))"
        phone =
            switch random.below(100) {
            case 0..<10: "0512-6\(2 + random.below(7))\(random.digits(6))"
            case 10..<15: "\(mobile.prefix(3)) \(mobile.dropFirst(3).prefix(4)) \(mobile.suffix(4))"
            case 15..<18: "+86\(mobile)"
            default: mobile
            }
    }
}
