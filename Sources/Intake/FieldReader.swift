/// Reads the fields of one row by the rules of a map: null markers, cleaning, numbers of persons, times, degrees.

import Events
import Privacy

struct FieldReader {
    private let row: SourceRow
    private let map: ImportMap
    private let nulls: Set<String>
    private let plain: Set<String>
    private(set) var sealedNumbers: [SealedNumber] = []

    init(row: SourceRow, map: ImportMap, nulls: Set<String>, plain: Set<String>) {
        self.row = row
        self.map = map
        self.nulls = nulls
        self.plain = plain
    }

    /// The cleaned value of a column; nil when it is missing, empty or a null marker.
    func value(_ column: String) -> String? {
        guard let raw = row[column], !raw.isEmpty else { return nil }
        let text = map.cleaning.clean(raw)
        return text.isEmpty || nulls.contains(text) ? nil : text
    }

    /// The text of a rule, with numbers of persons replaced by tokens.
    mutating func text(_ rule: ImportMap.TextRule?, field: String) -> String? {
        guard let rule else { return nil }
        var parts: [String] = []
        for (column, value) in values(rule) {
            parts.append(plain.contains(column) ? value : sealed(value, field: field))
        }
        return parts.isEmpty ? rule.constant : parts.joined(separator: rule.join)
    }

    /// The text of a rule as it stands, numbers and all: for nothing but what is sealed as a whole.
    func textToSeal(_ rule: ImportMap.TextRule) -> String? {
        let parts = values(rule).map(\.value)
        return parts.isEmpty ? rule.constant : parts.joined(separator: rule.join)
    }

    /// What the columns of a rule come to, without those that have no value.
    private func values(_ rule: ImportMap.TextRule) -> [(column: String, value: String)] {
        rule.columns.compactMap { column in
            value(column).map { value in
                (column, rule.values.isEmpty ? value : (rule.values[value] ?? rule.otherwise ?? value))
            }
        }
    }

    /// The text with numbers of persons replaced by tokens.
    mutating func sealed(_ text: String, field: String) -> String {
        let findings = PersonalNumbers.find(in: text)
        guard !findings.isEmpty else { return text }
        return PersonalNumbers.replacing(findings, in: text) { finding in
            // A token that the source itself writes must not be taken for ours.
            var ordinal = sealedNumbers.count + 1
            var token = "⟦\(finding.kind.rawValue)-\(ordinal)⟧"
            while row.fields.contains(where: { $0.contains(token) })
                || sealedNumbers.contains(where: { $0.token == token })
            {
                ordinal += 1
                token = "⟦\(finding.kind.rawValue)-\(ordinal)⟧"
            }
            sealedNumbers.append(
                SealedNumber(token: token, kind: finding.kind, field: field, value: finding.normalised))
            return token
        }
    }

    /// The instant of a time column; nil when the column is empty.
    func time(_ rule: ImportMap.TimeRule) throws(RefusalError) -> Timestamp? {
        guard let text = value(rule.column) else { return nil }
        for format in rule.formats {
            if let instant = format.instant(text, in: map.zone) { return instant }
        }
        throw RefusalError(.badTime(column: rule.column, value: FieldReader.shown(text)))
    }

    /// The reason to refuse a time of intake that cannot be meant.
    func unlikelyTime(_ rule: ImportMap.TimeRule) -> RefusalReason {
        .unlikelyTime(column: rule.column, value: FieldReader.shown(value(rule.column) ?? ""))
    }

    func holds(_ condition: ImportMap.Condition) -> Bool {
        condition.tests.allSatisfy { column, test in
            switch test {
            case .present: value(column) != nil
            case .absent: value(column) == nil
            case .oneOf(let accepted): value(column).map(accepted.contains) ?? false
            }
        }
    }

    func flags(_ rules: [ImportMap.FlagRule]) -> JSONObject {
        var flags: JSONObject = [:]
        for rule in rules where holds(rule.when) { flags[rule.name] = .bool(true) }
        return flags
    }

    /// Degrees as 1e-7 degrees, rounded half away from zero; nil when the column is empty or not named.
    func coordinate(_ column: String?, limit: Int64) throws(RefusalError) -> Int64? {
        guard let column, let text = value(column) else { return nil }
        guard let degrees = FieldReader.degreesE7(text), abs(degrees) <= limit * 10_000_000 else {
            throw RefusalError(.badCoordinate(column: column, value: FieldReader.shown(text)))
        }
        return degrees
    }

    /// A value as a refusal quotes it: without numbers of persons, and no longer than a line.
    private static func shown(_ text: String) -> String {
        let clean = PersonalNumbers.hidden(in: text)
        return clean.count > 60 ? "\(clean.prefix(60))…" : clean
    }

    /// A plain decimal as 1e-7 units.
    static func degreesE7(_ text: String) -> Int64? {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !digits.isEmpty, first.utf8.count <= 3, digits.utf8.count <= 40 else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : ""
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        let isNumber = first.utf8.allSatisfy(isDigit) && fraction.utf8.allSatisfy(isDigit)
        guard isNumber, !first.isEmpty || !fraction.isEmpty else { return nil }
        var value = Int64(first) ?? 0
        var places = Array(fraction.utf8.prefix(7))
        places += Array(repeating: 0x30, count: 7 - places.count)
        for digit in places { value = value * 10 + Int64(digit - 0x30) }
        if let next = fraction.utf8.dropFirst(7).first, next >= 0x35 { value += 1 }
        return isNegative ? -value : value
    }
}
