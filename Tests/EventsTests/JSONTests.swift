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

    @Test("a character that needs an escape gets it wherever it stands, and no other does")
    func escapesAnywhere() throws {
        for scalar in (0...0x7F).map(Unicode.Scalar.init) + ["é", "林", "\u{80}", "\u{10FFFF}"] as [Unicode.Scalar] {
            for (before, after) in (0...17).flatMap({ before in [0, 3, 8, 11].map { (before, $0) } }) {
                let around = (String(repeating: "a", count: before), String(repeating: "\u{FF}", count: after))
                let text = around.0 + String(scalar) + around.1
                let escaped: String? =
                    switch scalar {
                    case "\"", "\\": "\\\(scalar)"
                    case "\u{08}": "\\b"
                    case "\t": "\\t"
                    case "\n": "\\n"
                    case "\u{0C}": "\\f"
                    case "\r": "\\r"
                    case "\0"..."\u{0F}": "\\u000" + String(scalar.value, radix: 16)
                    case "\u{10}"..."\u{1F}": "\\u00" + String(scalar.value, radix: 16)
                    default: nil
                    }
                let written = JSON.string(text).canonicalText
                #expect(written == "\"\(around.0)\(escaped ?? String(scalar))\(around.1)\"")
                #expect(try JSONReader.read(written) == .string(text))
            }
        }
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

    /// With each key compared to all before it this takes an hour.
    @Test("many keys in any order are read, and one that stands twice is found", .timeLimit(.minutes(1)))
    func manyKeys() throws {
        let keys = (0..<200_000).map { "\"\(($0 * 7_919) % 200_000)\":0" }
        let value = try JSONReader.read("{" + keys.joined(separator: ",") + "}")
        #expect(value.object?.members.count == 200_000)
        for place in [1, 15, 16, 17, 40, 199_999] {
            let text = "{" + (keys[...place] + [keys[place / 2]]).joined(separator: ",") + "}"
            let start = text.utf8.count - 1 - keys[place / 2].utf8.count
            let error = #expect(throws: DecodeError.self) { try JSONReader.read(text) }
            guard case .malformed(start, _) = error else {
                Issue.record("key \(place / 2) again behind \(place): \(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "a key that stands twice is refused wherever it stands",
        arguments: [
            #"{"b":1,"a":2,"b":3}"#, #"{"a":1,"a":2}"#, #"{"c":1,"a":2,"b":3,"c":4}"#, #"[{"a":1,"b":2,"a":3}]"#,
        ])
    func twice(text: String) { #expect(throws: DecodeError.self) { try JSONReader.read(text) } }

    @Test("nesting ends at 64")
    func nesting() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSONReader.read(deep) }
        #expect(throws: DecodeError.self) { try JSONReader.read("[" + deep + "]") }
    }
}
