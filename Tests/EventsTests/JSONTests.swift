import Testing

@testable import Events

@Suite("JSON text") struct JSONTests {
    @Test("members come out sorted, blanks gone, escapes short")
    func canonicalForm() throws {
        let text = #"{ "b" : [1, -2, {"z":null,"a":true}], "a":"\u4f60\n\"\/\u0001" }"#
        #expect(try JSONReader.read(text).canonicalText == #"{"a":"你\n\"/\u0001","b":[1,-2,{"a":true,"z":null}]}"#)
    }

    @Test(
        "canonical text reads back as itself",
        arguments: [
            "0", "-9223372036854775808", "9223372036854775807", #""\ud83d\ude00""#, "[]", "{}", #"{"":""}"#,
            "[[[[1]]]]",
        ])
    func roundTrip(text: String) throws {
        let value = try JSONReader.read(text)
        #expect(try JSONReader.read(value.canonicalBytes) == value)
    }

    @Test(
        "what is no canonical JSON is refused with its offset",
        arguments: [
            ("1.5", 0), ("1e3", 0), ("01", 0), ("9223372036854775808", 0), ("{\"a\":1,\"a\":2}", 7), ("[1,]", 3),
            ("\"\\ud800\"", 1),
            ("tru", 0), ("[1] 2", 4), ("\"\u{01}\"", 1), ("{a:1}", 1), ("", 0),
        ])
    func refusals(text: String, offset: Int) throws {
        let error = #expect(throws: DecodeError.self) { try JSONReader.read(text) }
        switch error {
        case .malformed(let at, _), .trailing(let at, _), .truncated(let at, _, _), .oversize(let at, _, _):
            #expect(at == offset)
        case .none: Issue.record("no error for \(text)")
        }
    }

    @Test("nesting ends at 64")
    func nesting() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONReader.read(deep) }
        #expect(throws: DecodeError.self) { try JSONReader.read("[" + deep + "]") }
    }
}
