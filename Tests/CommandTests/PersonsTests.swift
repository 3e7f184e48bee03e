import Events
import Testing
import Texts

@testable import gridline

/// What a shell shows of who called, and of an erasure.
@Suite("Persons in a shell") struct PersonsTests {
    private let person = "person/0123456789abcdef0123456789abcdef"

    private func english(_ lines: [Words]) -> [String] { lines.map { Language.english.text($0) } }

    @Test("a line for each thing that was given and each number of a text; what moves the cursor is written out")
    func values() {
        let item: JSONObject = [
            "person": .string(person),
            "values": .object([
                "numbers": .array([
                    .object([
                        "field": .string("matter"), "kind": .string("mobile"), "token": .string("⟦mobile-1⟧"),
                        "value": .string("13912345678"),
                    ])
                ]),
                "person": .object([
                    "name": .string("王\u{1B}[2J"), "phone": .string("13787654321"), "alias": .string("x"),
                ]),
            ]),
        ]
        #expect(
            english(RevealPersons.lines(of: item)).sorted() == [
                "\(person)\talias\tx", "\(person)\tname\t王\\u{1b}[2J", "\(person)\ttelephone\t13787654321",
                "\(person)\t⟦mobile-1⟧\t13912345678",
            ])
        #expect(RevealPersons.lines(of: item).map { Language.chinese.text($0) }.contains("\(person)\t电话\t13787654321"))
    }

    @Test("an erased person and a key that is elsewhere are told apart")
    func absent() {
        #expect(
            english(RevealPersons.lines(of: ["person": .string(person), "erased": .bool(true)])) == [
                "\(person)\tthe person was erased: nobody can open this again"
            ])
        let elsewhere: JSONObject = [
            "person": .string(person), "keyAbsent": .bool(true), "hint": .string("look at the centre"),
        ]
        #expect(
            english(RevealPersons.lines(of: elsewhere)) == [
                "\(person)\tthe key is not at this node: look at the centre"
            ])
    }

    @Test("of an erasure every node stands on a line with what it has done")
    func erasure() {
        func node(_ name: String, _ minute: Int64) -> JSON {
            .object(["at": .integer(minute * 60_000), "node": .string(name)])
        }
        let answer: JSONObject = [
            "confirmed": .array([node("centre", 1), node("street1", 2)]), "erasedAt": .integer(60_000),
            "expired": .array([node("street2", 0)]), "person": .string(person), "revoked": .array([.string("street4")]),
            "waiting": .array([.string("street3")]),
        ]
        let text = AnswerText(texts: PageTexts(.english), offsetMinutes: 480)
        #expect(
            english(ShowErasure.lines(of: answer, text)) == [
                "erased at 1970-01-01 08:01: 2 confirmed, 1 waiting", "centre\tdestroyed the key at 1970-01-01 08:01",
                "street1\tdestroyed the key at 1970-01-01 08:02",
                "street2\thad let the key go at 1970-01-01 08:00, with the end of a ticket",
                "street3\thas not answered yet", "street4\tis revoked and cannot answer",
            ])
    }

    @Test("a person's id goes with its prefix or without; what is none is a wrong command line")
    func path() throws {
        let path = "/api/v1/persons/0123456789abcdef0123456789abcdef"
        #expect(try PersonsCommand.path(of: person) == path)
        #expect(try PersonsCommand.path(of: String(person.dropFirst(7))) == path)
        #expect(throws: UsageProblem.self) { try PersonsCommand.path(of: "13912345678") }
    }
}
