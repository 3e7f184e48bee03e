import Testing

@testable import Events

/// Texts that look the same and are not: U+6797 and its compatibility twin, é in one scalar and in two.
@Suite("Texts by their bytes") struct SameBytesTests {
    @Test(
        "two spellings that Swift calls equal are two actors, two types, two values",
        arguments: [("\u{6797}", "\u{F9F4}"), ("\u{E9}", "e\u{301}")])
    func spellings(one: String, other: String) throws {
        #expect(one == other, "or this test shows nothing")
        #expect(!one.hasBytes(of: other) && one.hasBytes(of: one))
        func actor(_ account: String) -> Actor { Actor(account: account, role: "agent", unit: "320507") }
        #expect(Set([actor(one), actor(other), actor(one)]).count == 2)
        #expect(
            Set([EventType(one), EventType(other), EventType("a", version: one), EventType("a", version: other)]).count
                == 4)
        #expect(JSON.string(one) != .string(other) && JSON.array([.string(one)]) != .array([.string(other)]))
        var (left, right) = (JSONObject(), JSONObject())
        left[one] = .integer(1)
        right[other] = .integer(1)
        #expect(left != right)
        let both = try JSONReader.readObject(Array("{\"\(one)\":1,\"\(other)\":2}".utf8))
        #expect(both.members.count == 2)
    }
}
