import Events
import Privacy
import Testing

@Suite("What finds a person") struct PersonDataTests {
    @Test("numbers find a person in normal form, the identity number first")
    func lookups() throws {
        let person = try PersonData([
            "phone": .string("+86 138-1234-5678"), "idNumber": .string("11010519491231002x"), "name": .string("某人"),
        ])
        #expect(person.lookups == ["id:11010519491231002X", "phone:13812345678"])
    }

    @Test(
        "what stands in for a number finds nobody, or all who have it would be one person",
        arguments: ["不详", "无", "12345", "110", "000000", "00000000000", "1111-1111"])
    func placeholders(text: String) throws {
        #expect(try PersonData(["phone": .string(text), "idNumber": .string(text)]).lookups == [])
    }

    @Test("a number of an unknown shape finds, if it can tell people apart", arguments: ["6578123", "E12345678"])
    func unknownShapes(text: String) throws {
        let digits = text.filter(\.isNumber)
        #expect(try PersonData(["idNumber": .string(text)]).lookups == ["id:\(digits)"])
    }

    @Test("what is sealed has the block and the numbers, each only where there are any")
    func content() throws {
        let person = try PersonData(["name": .string("某人"), "phone": .string("13812345678")])
        let number = SealedNumber(token: "⟦mobile-1⟧", kind: .mobile, field: "matter", value: "13987654321")
        #expect(SealedContent(person: nil, numbers: []).isEmpty)
        #expect(SealedContent(person: person, numbers: []).json == ["person": .object(person.json)])
        #expect(SealedContent(person: nil, numbers: [number]).json == ["numbers": .array([number.json])])
        let both = SealedContent(person: person, numbers: [number])
        #expect(both.json == ["numbers": .array([number.json]), "person": .object(person.json)])
        #expect(both.lookups == ["phone:13812345678"])
        #expect(both.mentioned == ["phone:13987654321"])
    }
}
