/// Names of what events store: of every field of every step, and of every value of a closed list.

import Events
import Testing
import Texts
import Tickets

@Suite("Fields in words") struct FieldWordsTests {
    private func isNamed(_ names: (zh: String, en: String)?) -> Bool {
        guard let names, !names.en.isEmpty else { return false }
        let letters = names.zh.contains { $0.isASCII && $0.isLetter }
        return names.zh.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } && !letters
    }

    @Test("every value of every list has a name in both languages, and none borrows another's")
    func choices() {
        for kind in TicketEventKind.allCases {
            for field in TicketFields.of(kind) {
                guard case .oneOf(let values) = field.shape else { continue }
                let names = values.map { FieldChoice(field.name, of: kind)?.names($0) }
                for (value, name) in zip(values, names) { #expect(isNamed(name), "\(kind).\(field.name) \(value)") }
                #expect(Set(names.compactMap { $0?.zh }).count == values.count, "\(kind).\(field.name)")
                #expect(Set(names.compactMap { $0?.en }).count == values.count, "\(kind).\(field.name)")
            }
        }
        #expect(FieldChoice("reason", of: .redoDeclined) == nil, "what people write is no choice")
    }

    @Test("every field, and every member of an object, has a label in both languages, and refusals name it so")
    func labels() {
        for kind in TicketEventKind.allCases {
            for path in TicketFields.paths(of: kind) {
                let names = FieldLabel.names(path, of: kind)
                #expect(isNamed(names), "\(kind).\(path)")
                let refusal = TicketRefusal.missingField(kind, field: path, meaning: "why")
                #expect(refusal.message.description.contains("\"\(path)\""), "a program reads its path")
                #expect(
                    Language.chinese.text(refusal.message).contains("“\(names?.zh ?? "")（\(path)）”"), "\(kind).\(path)")
            }
        }
    }

    @Test("every system actor of the table has a name in both languages")
    func systems() {
        for kind in TicketEventKind.allCases {
            for name in kind.who(streetOwned: false).systems {
                #expect(isNamed(SystemActor(rawValue: name)?.names), "\(name)")
            }
        }
        for actor in SystemActor.allCases { #expect(isNamed(actor.names), "\(actor)") }
    }

    @Test("no refusal of a ticket sends people to a file of the sources, and none names a member as its words")
    func hints() {
        let refusals: [TicketRefusal] = [
            .missingField(.replySubmitted, field: "text", meaning: "why"),
            .badField(.replySubmitted, field: "text", rule: "why"), .unknownField(.replySubmitted, field: "x"),
        ]
        for hint in refusals.map(\.hint) + TicketGuard.allCases.map(\.hint) {
            for language in Language.allCases {
                #expect(!language.text(hint).contains("docs/"), "\(hint)")
            }
            // A path stands in brackets, behind its label.
            let said = Language.chinese.text(hint).replacing(/（[A-Za-z.]+）/, with: "")
            #expect(said.matches(of: /`[^`]+`|[A-Za-z]+/).allSatisfy { $0.output.hasPrefix("`") }, "\(said)")
        }
    }
}
