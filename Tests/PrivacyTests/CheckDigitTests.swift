import Events
import Privacy
import Testing

@Suite("Check digits") struct CheckDigitTests {
    @Test("eighteen digits whose check digit does not hold are no number of a person")
    func wrongCheckDigit() {
        // The right one of 11010519491231002 is X (GB 11643-1999).
        for digit in "0123456789" {
            let found = PersonalNumbers.find(in: "来人11010519491231002\(digit)，住此").filter { $0.kind == .residentID }
            #expect(found.isEmpty, "check digit \(digit)")
        }
        #expect(PersonalNumbers.find(in: "身份证11010519491231002X。").map(\.kind) == [.residentID])
    }

    @Test(
        "a right check digit behind an impossible month, province or year makes no number of a person",
        arguments: ["11010519491331002", "99010519491231002", "11010518001231002"])
    func impossible(head: String) {
        let number = head + String(decoding: [ResidentID.check(Array(head.utf8))], as: UTF8.self)
        let found = PersonalNumbers.find(in: "来人\(number)，住此").filter { $0.kind == .residentID }
        #expect(found.isEmpty, "\(number)")
    }
}
