/// Takes phone and identity numbers out of the free texts of a command's fields, and leaves tokens; finds them in its codes,
/// which are stored as they are.

package import Events

/// A phone or identity number that was taken out of a text and waits to be sealed.
package struct SealedNumber: Sendable, Equatable {
    /// What stands in the text instead: `⟦mobile-1⟧`, unique within the record.
    package let token: String
    package let kind: PersonalNumbers.Kind
    /// The body's field, such as `matter`, `reply` or `extra.备注`.
    package let field: String
    /// The number in normal form.
    package let value: String

    package init(token: String, kind: PersonalNumbers.Kind, field: String, value: String) {
        self.token = token
        self.kind = kind
        self.field = field
        self.value = value
    }

    /// As it is sealed.
    package var json: JSON {
        .object([
            "field": .string(field), "kind": .string(kind.rawValue), "token": .string(token), "value": .string(value),
        ])
    }
}

package struct FreeText {
    /// Fields that hold codes, not texts: nothing in them is sealed, so a number there is refused (`open`).
    package static let coded: Set<String> = [
        "lead", "leadNode", "unit", "node", "helpers", "grid", "area", "reporterChain", "proposedUnit", "evidence",
        "attachments", "into", "event", "of", "article", "call", "person", "reasonCode", "precedent", "retention",
        "leader", "confirmedBy", "by", "service", "kind", "urgency", "number", "level",
    ]

    package private(set) var numbers: [SealedNumber] = []
    /// The first code in which a number of a person was found; what holds it must not be stored.
    package private(set) var open: OpenNumber?
    /// All that the record says, so that no token is taken for one that somebody wrote.
    private let whole: String

    package init(_ fields: JSONObject) { whole = JSON.object(fields).canonicalText }

    /// The fields with tokens in place of numbers, in names too: an unknown field is named in its refusal.
    package mutating func clean(_ fields: JSONObject) -> JSONObject { clean(fields, within: "") }

    private mutating func clean(_ object: JSONObject, within path: String) -> JSONObject {
        var cleaned = JSONObject()
        for (key, value) in object.members {
            if FreeText.coded.contains(key) {
                check(value, path + key, code: key)
                cleaned[clean(key, path + key)] = value
            } else {
                cleaned[clean(key, path + key)] = clean(value, path + key)
            }
        }
        return cleaned
    }

    private mutating func check(_ value: JSON, _ field: String, code: String) {
        switch value {
        case .string(let text): if PersonalNumbers.stand(in: text, field: code) { note(field) }
        case .integer(let number): if PersonalNumbers.stand(in: String(number), field: code) { note(field) }
        case .array(let values): for value in values { check(value, field, code: code) }
        case .object(let object):
            for (key, value) in object.members {
                if !PersonalNumbers.find(in: key).isEmpty { note("\(field).\(key)") }
                check(value, "\(field).\(key)", code: code)
            }
        case .null, .bool: break
        }
    }

    private mutating func note(_ field: String) { open = open ?? OpenNumber(field: field) }

    private mutating func clean(_ value: JSON, _ field: String) -> JSON {
        switch value {
        case .string(let text): return .string(clean(text, field))
        case .array(let values):
            var cleaned: [JSON] = []
            for value in values { cleaned.append(clean(value, field)) }
            return .array(cleaned)
        case .object(let object): return .object(clean(object, within: "\(field)."))
        case .integer(let number):
            // A telephone number is one without quotes, too.
            let text = String(number)
            let cleaned = clean(text, field)
            return cleaned == text ? value : .string(cleaned)
        case .null, .bool: return value
        }
    }

    private mutating func clean(_ text: String, _ field: String) -> String {
        let findings = PersonalNumbers.find(in: text)
        return PersonalNumbers.replacing(findings, in: text) { finding in
            var ordinal = numbers.count + 1
            while whole.contains("⟦\(finding.kind.rawValue)-\(ordinal)⟧") { ordinal += 1 }
            let token = "⟦\(finding.kind.rawValue)-\(ordinal)⟧"
            numbers.append(SealedNumber(token: token, kind: finding.kind, field: field, value: finding.normalised))
            return token
        }
    }
}
