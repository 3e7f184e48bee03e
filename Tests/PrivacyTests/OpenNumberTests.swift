import Events
import Privacy
import Testing

@Suite("Numbers where nothing is sealed") struct OpenNumberTests {
    private func cleaned(_ fields: JSONObject) -> (fields: JSONObject, text: FreeText) {
        var text = FreeText(fields)
        return (text.clean(fields), text)
    }

    @Test(
        "a code with a number in it is named, and the number is not",
        arguments: [
            (["kind": .string("13812345678")], "kind"), (["leader": .string("电话 0512-65781234")], "leader"),
            (["attachments": .array([.string("a"), .string("11010519491231002X")])], "attachments"),
            (["place": .object(["area": .string("13812345678")])], "place.area"),
            (["place": .object(["area": .integer(13_812_345_678)])], "place.area"),
            (["helpers": .array([.object(["unit": .string("138 1234 5678")])])], "helpers.unit"),
            (["leader": .string("LI13812345678")], "leader"), (["leader": .string("13812345678B1203")], "leader"),
            (["leader": .string("SFZ11010519491231002X")], "leader"),
            (["leader": .string("A110105194912310038")], "leader"),
            (["leader": .string("13812345678abcde")], "leader"),
            (["leader": .string("A13812345678B13912345678C13712345678")], "leader"),
            (["urgency": .string("110105491231002")], "urgency"),
            (["13812345678": .object(["kind": .string("13812345678")])], "⟦mobile⟧.kind"),
        ] as [(JSONObject, String)])
    func codes(fields: JSONObject, field: String) throws {
        let open = try #require(cleaned(fields).text.open)
        #expect(open.field == field)
        #expect(open.message == "\(field) holds a phone or identity number")
    }

    @Test("codes as they are given are none: units, areas, grids, hashes, events, persons, accounts")
    func plainCodes() {
        let hash = Digest.sha256([1, 2, 3]).description
        let fields: JSONObject = [
            "unit": .string("320507001"), "grid": .string("320507001001001"), "lead": .string("320507001"),
            "place": .object(["area": .string("320507001001")]), "attachments": .array([.string(hash)]),
            "reporterChain": .array([.string("320507001001001"), .string("320507001001")]),
            "event": .string("street1.0123456789abcdef/138"), "leader": .string("zhang"),
            "person": .string("person/0123456789abcdef0123456789abcdef"), "level": .integer(3),
        ]
        let (clean, text) = cleaned(fields)
        #expect(text.open == nil && text.numbers.isEmpty && clean == fields)
    }

    @Test("digits inside a hash, an incarnation or a UUID are nobody's number, whichever they are; beside one they are")
    func identifiers() {
        func hash(_ number: Int) -> String { Digest.sha256(Array("photograph \(number)".utf8)).description }
        // A mobile's digits in each, which chance brings once in some hundred hashes.
        let photograph = hash(0).prefix(20) + "c13800138000f" + hash(1).prefix(31)
        let uuid = "66d797e9-b7ef-8bb5-922e-a13800138000"
        let values = [
            String(photograph), "ticket/\(uuid)", "street1.a13800138000bcde/138",
            "centre.051265781234abcd/138", "person/0a13800138000f6789abcdef01234567",
        ]
        for value in values {
            let fields: JSONObject = ["evidence": .array([.string(value)]), "into": .string(value)]
            let (clean, text) = cleaned(fields)
            #expect(text.open == nil && clean == fields, "\(value)")
            let beside: JSONObject = ["into": .string("\(value) 13800138000")]
            #expect(cleaned(beside).text.open != nil, "\(value)")
        }
        for number in 0..<20_000 {
            let value = hash(number)
            #expect(cleaned(["evidence": .array([.string(value)])]).text.open == nil, "\(value)")
        }
        #expect(cleaned(["kind": .string("tel13800138000")]).text.open != nil)
    }

    @Test("rules are read for a person's own numbers alone: fixed lines of offices, codes and hashes may stand in them")
    func rules() throws {
        let plain: JSONObject = [
            "version": .string("2026-11"),
            "units": .array([
                .object([
                    "unit": .string("320507001"), "name": .string("元和街道"),
                    "grids": .array([.string("320507001002003")]),
                    "phone": .string("0512-65781234"), "from": .integer(1_795_397_400_000),
                ])
            ]),
        ]
        #expect(OpenNumber(inRules: plain) == nil)
        for (number, field) in [("13812345678", "units.note"), ("11010519491231002X", "units.note")] {
            var body = plain
            body["units"] = .array([.object(["note": .string("网格员\(number)")])])
            #expect(OpenNumber(inRules: body)?.field == field)
        }
        #expect(OpenNumber(inRules: ["entries": .object(["13812345678": .null])])?.field == "entries.⟦mobile⟧")
        #expect(OpenNumber(inRules: ["phone": .integer(13_812_345_678)])?.field == "phone")
    }

    @Test("a number without quotes is taken out of a text's place as one with them is; other integers stay")
    func integers() {
        let fields: JSONObject = [
            "place": .object(["phone": .integer(13_661_234_567), "latitudeE7": .integer(314_500_000)]),
            "until": .integer(1_795_478_400_000), "note": .array([.integer(13_812_345_678)]),
        ]
        let (clean, text) = cleaned(fields)
        #expect(text.open == nil && text.numbers.map(\.value) == ["13812345678", "13661234567"])
        #expect(text.numbers.map(\.field) == ["note", "place.phone"])
        #expect(clean["place"]?.object?["phone"] == .string("⟦mobile-2⟧"))
        #expect(clean["place"]?.object?["latitudeE7"] == .integer(314_500_000))
        #expect(clean["until"] == .integer(1_795_478_400_000))
    }

    @Test("what quotes a number hides it, and keeps the rest of the sentence")
    func hidden() {
        let value = "请回 13812345678"
        let words: Words = "parameter \(value) is \(Words(verbatim: value))"
        #expect(words.withoutNumbers.description == "parameter 请回 ⟦mobile⟧ is 请回 ⟦mobile⟧")
        #expect(words.withoutNumbers.templates == words.templates)
        #expect(
            PersonalNumbers.hidden(in: "ticket/13812345678 of 订单编号：13812345678") == "ticket/⟦mobile⟧ of 订单编号：⟦mobile⟧")
        #expect(
            PersonalNumbers.hidden(in: "x=11010519491231002x, 1795397400000 ms") == "x=⟦residentID⟧, 1795397400000 ms")
        #expect(PersonalNumbers.hidden(in: "account LI13812345678, 13812345678A") == "account LI⟦mobile⟧, ⟦mobile⟧A")
        let key = "0197c1f2-1234-7123-8123-123456789012"
        #expect(PersonalNumbers.hidden(in: key) == key)
    }
}
