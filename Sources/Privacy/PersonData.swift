/// What identifies a caller (诉求人信息), as a command brings it in: never stored but sealed.

package import Events

package struct PersonData: Sendable, Equatable {
    /// 姓名, 电话, 证件号, 地址; as given, without blanks around.
    package let name, phone, idNumber, address: String?

    /// Characters that a member may have.
    private static let limit = 200

    /// - Throws: `PersonProblem` for a member that is unknown, no text or too long, and when there is none; its message never
    ///   holds a value.
    package init(_ object: JSONObject) throws(PersonProblem) {
        let known = ["name", "phone", "idNumber", "address"]
        for member in object.members where !known.contains(member.key) { throw .unknown(member: member.key) }
        func member(_ name: String) throws(PersonProblem) -> String? {
            guard let value = object[name], !value.isNull else { return nil }
            guard let text = value.string else { throw .noText(member: name) }
            let trimmed = String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
            guard trimmed.count <= PersonData.limit else { throw .tooLong(member: name, limit: PersonData.limit) }
            return trimmed.isEmpty ? nil : trimmed
        }
        name = try member("name")
        phone = try member("phone")
        idNumber = try member("idNumber")
        address = try member("address")
        guard [name, phone, idNumber, address].contains(where: { $0 != nil }) else { throw .empty }
    }

    /// As it is sealed.
    package var json: JSONObject {
        var object = JSONObject()
        object["name"] = name.map(JSON.string)
        object["phone"] = phone.map(JSON.string)
        object["idNumber"] = idNumber.map(JSON.string)
        object["address"] = address.map(JSON.string)
        return object
    }

    /// What finds this person again, the surest first: `id:` and `phone:` with the number in normal form.
    ///
    /// What stands in for a number (不详, 12345, 00000000000) finds nobody: it would make one person of all who have it.
    package var lookups: [String] {
        [idNumber.map { PersonData.lookup($0, isID: true) }, phone.map { PersonData.lookup($0, isID: false) }]
            .compactMap { $0 }.filter(PersonData.isTelling)
    }

    /// Digits that tell people apart, at least.
    private static let fewestDigits = 7

    private static func isTelling(_ lookup: String) -> Bool {
        let digits = lookup.drop { $0 != ":" }.dropFirst()
        return digits.count >= fewestDigits && Set(digits).count > 1
    }

    /// A number in the form in which it is looked up; full-width digits, blanks, hyphens and +86 make no difference.
    package static func lookup(_ number: String, isID: Bool) -> String {
        if let finding = PersonalNumbers.find(in: number).first { return lookup(finding.kind, finding.normalised) }
        let digits = number.unicodeScalars.compactMap { scalar -> Character? in
            let value = (0xFF10...0xFF19).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
            return Unicode.Scalar(value).map(Character.init)
        }.filter { $0.isASCII && ($0.isNumber || $0 == "x" || $0 == "X") }
        return (isID ? "id:" : "phone:") + String(digits).uppercased()
    }

    /// The lookup of a number that was found in a text.
    package static func lookup(_ kind: PersonalNumbers.Kind, _ normalised: String) -> String {
        switch kind {
        case .residentID, .oldResidentID: "id:" + normalised
        case .mobile, .landline, .service: "phone:" + normalised.filter { $0 != "-" }
        }
    }
}

/// Why a person block cannot be taken.
package enum PersonProblem: Problem, Equatable {
    case unknown(member: String)
    case noText(member: String)
    case tooLong(member: String, limit: Int)
    case empty
    /// In a step's fields, where only the node that seals writes.
    case inBody

    package var code: String {
        switch self {
        case .unknown: "GL-1010"
        case .noText: "GL-1011"
        case .tooLong: "GL-1012"
        case .empty: "GL-1013"
        case .inBody: "GL-1015"
        }
    }

    package var message: Words {
        switch self {
        case .unknown(let member): "person has a member \"\(member)\""
        case .noText(let member): "person.\(member) is no text"
        case .tooLong(let member, let limit): "person.\(member) has more than \(limit) characters"
        case .empty: "person says nothing"
        case .inBody: "person stands in the body, which is stored in the open"
        }
    }

    package var hint: Words {
        switch self {
        case .unknown, .noText, .tooLong, .empty:
            "give name, phone, idNumber or address as texts, or leave person out"
        case .inBody:
            "give who called in person beside body (`gridline ticket open --person-file`): the node seals it"
        }
    }
}
