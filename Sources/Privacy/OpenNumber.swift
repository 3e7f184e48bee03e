/// Where a phone or identity number may not stand, because nothing there is sealed; and hiding it where it would be echoed.

package import Events

/// A phone or identity number stands in a code, an account, a rule or another place that is stored as it is.
///
/// Says where, never which.
package struct OpenNumber: Problem, Equatable {
    /// The path of the field, such as `place.area` or `actor.unit`.
    package let field: String

    package init(field: String) { self.field = PersonalNumbers.hidden(in: field) }

    /// The first number in rules, which every node reads to the letter; nil when there is none.
    ///
    /// Only what is a person's own: a mobile or an identity number of 18 characters. Offices have fixed lines, grids have
    /// fifteen digits, and a rule may name both.
    package init?(inRules body: JSONObject) {
        guard let field = OpenNumber.path(in: .object(body), "") else { return nil }
        self.init(field: field)
    }

    private static func path(in value: JSON, _ field: String) -> String? {
        switch value {
        case .string(let text): return PersonalNumbers.isPersons(text) ? field : nil
        case .integer(let number): return PersonalNumbers.isPersons(String(number)) ? field : nil
        case .array(let values):
            return values.lazy.compactMap { path(in: $0, field) }.first
        case .object(let object):
            for (key, value) in object.members {
                let name = field.isEmpty ? key : "\(field).\(key)"
                if PersonalNumbers.isPersons(key) { return name }
                if let found = path(in: value, name) { return found }
            }
            return nil
        case .null, .bool: return nil
        }
    }

    package var code: String { "GL-1014" }
    package var message: Words { "\(field) holds a phone or identity number" }
    package var hint: Words {
        "codes, accounts, rules and reasons for nodes are stored in the open: give the number in person, or in a text"
    }
}

extension PersonalNumbers {
    /// Fields that hold the code of a place or unit: those of grids have fifteen digits, as old identity numbers had.
    private static let placeCodes: Set<String> = [
        "unit", "lead", "helpers", "grid", "area", "reporterChain", "proposedUnit",
    ]

    /// Whether a value that is stored as it is holds a number of a person.
    ///
    /// - Parameter field: the last name of its path.
    package static func stand(in value: String, field: String) -> Bool {
        find(in: withoutIdentifiers(value)).contains { $0.kind != .oldResidentID || !placeCodes.contains(field) }
    }

    /// Whether a text of rules holds a mobile or an identity number of 18 characters.
    fileprivate static func isPersons(_ text: String) -> Bool {
        find(in: withoutIdentifiers(text)).contains { $0.kind == .mobile || $0.kind == .residentID }
    }

    /// The value without digests, incarnations and UUIDs, among whose digits a number stands by chance: one photograph's
    /// SHA-256 in a few hundred has eleven digits in a row that a mobile could have.
    private static func withoutIdentifiers(_ value: String) -> String {
        var kept: [UInt8] = []
        var rest = Array(value.utf8)[...]
        while let first = rest.first {
            let word = rest.prefix { Glyph.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            if word.isEmpty {
                kept.append(first)
                rest = rest.dropFirst()
            } else {
                rest = rest.dropFirst(word.count)
                let isInEventID = kept.last == 0x2E && rest.first == 0x2F
                kept += isIdentifier(word, inEventID: isInEventID) ? [0x20] : Array(word)
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// Whether hexadecimal digits are a UUID in its usual form, the incarnation in the id of an event (`street1.…/138`), or a
    /// digest: 32 or more, a quarter of them letters.
    ///
    /// Shorter words and those of fewer letters may be a number with a mark: `13812345678B1203`, `A` and an identity number.
    private static func isIdentifier(_ word: ArraySlice<UInt8>, inEventID: Bool) -> Bool {
        let hyphens = word.indices.filter { word[$0] == 0x2D }.map { $0 - word.startIndex }
        let digits = word.filter { $0 != 0x2D }
        guard digits.allSatisfy({ Glyph.isDigit($0) || (0x61...0x66).contains($0 | 0x20) }) else { return false }
        guard hyphens.isEmpty else { return word.count == 36 && hyphens == [8, 13, 18, 23] }
        let letters = digits.count(where: Glyph.isLetter)
        return inEventID && word.count == 16 || word.count >= 32 && letters * 4 >= word.count
    }

    /// The text with what each number is in its place: `⟦mobile⟧`.
    ///
    /// For what is only said, so it hides more than `find` finds: eleven digits that a mobile has, whatever a path or a label
    /// before them makes of them.
    package static func hidden(in text: String) -> String {
        replacing(find(in: Array(text.utf8), .said), in: text) { "⟦\($0.kind.rawValue)⟧" }
    }
}

extension Words {
    /// The same sentence, with the numbers of persons hidden in whatever it quotes.
    package var withoutNumbers: Words { mapTexts(PersonalNumbers.hidden(in:)) }
}
