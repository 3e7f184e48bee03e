import Testing

@testable import Events

@Suite("Words") struct WordsTests {
    private struct Odd: Error {}

    private func chinese(_ words: Words, _ catalogue: [String: String]) -> String { words.text { catalogue[$0] } }

    @Test("a literal is its English text, and its template")
    func literal() {
        let words: Words = "there is no file"
        #expect(words.description == "there is no file")
        #expect(words.templates == ["there is no file"])
        #expect(chinese(words, ["there is no file": "没有文件"]) == "没有文件")
        #expect(chinese(words, [:]) == "there is no file")
    }

    @Test("values stand in the template as braces, and in the text as they are")
    func interpolation() throws {
        let node = try NodeID("street1")
        let words: Words = "\(3) events of \(node), \("root") \(Int64(-5))"
        #expect(words.description == "3 events of street1, root -5")
        #expect(words.templates == ["{} events of {}, {} {}"])
    }

    @Test("another language may order the values as it likes, and name one twice")
    func order() {
        let words: Words = "\(3) events of \("street1")"
        #expect(chinese(words, ["{} events of {}": "{1} 的 {0} 个事件"]) == "street1 的 3 个事件")
        #expect(chinese(words, ["{} events of {}": "{1}、{1}：{0}"]) == "street1、street1：3")
    }

    @Test("a value is text, whatever braces it holds")
    func braces() {
        let words: Words = "no field \("{0}{}")"
        #expect(words.description == "no field {0}{}")
        #expect(chinese(words, ["no field {}": "没有“{0}”"]) == "没有“{0}{}”")
        #expect(chinese("send {\"body\":{…}}", ["send {\"body\":{…}}": "提交 {\"body\":{…}}"]) == "提交 {\"body\":{…}}")
    }

    @Test("a place that has no value stays as it stands")
    func stranger() { #expect(chinese("no \("field")", ["no {}": "{0}{7}{x}{"]) == "field{7}{x}{") }

    @Test("a sentence inside a sentence has a template of its own")
    func nesting() {
        let inner: Words = "the disk is full"
        let words: Words = "\("append") failed: \(inner)"
        #expect(words.description == "append failed: the disk is full")
        #expect(words.templates == ["{} failed: {}", "the disk is full"])
        let catalogue = ["{} failed: {}": "{0}失败：{1}", "the disk is full": "磁盘已满"]
        #expect(chinese(words, catalogue) == "append失败：磁盘已满")
        #expect(chinese(words, ["the disk is full": "磁盘已满"]) == "append failed: 磁盘已满")
    }

    @Test("joined ones are said one after the other, each by its own template")
    func joining() {
        let words: Words = "\(1) row" + ("; " + "\(2) kinds")
        #expect(words.description == "1 row; 2 kinds")
        #expect(words.templates == ["{} row", "; ", "{} kinds"])
        #expect(chinese(words, ["{} row": "{0} 行", "; ": "；", "{} kinds": "{0} 种"]) == "1 行；2 种")
    }

    @Test("an error says what its problem says; any other is shown as it is")
    func errors() {
        let problem: any Error = DecodeError.trailing(offset: 4, left: 2)
        let words: Words = "unreadable: \(problem)"
        #expect(words.description == "unreadable: 2 bytes too many after byte 4")
        #expect(words.templates == ["unreadable: {}", "{} bytes too many after byte {}"])
        #expect(("unreadable: \(Odd())" as Words).description == "unreadable: Odd()")
    }

    @Test("what is verbatim has no template of its own, a name has its kind before it")
    func names() {
        #expect(Words(verbatim: "no such table").templates == ["{}"])
        let name = Words(name: "dispatched", of: "status")
        #expect(name.description == "dispatched" && name.templates == ["status:dispatched"])
        #expect(chinese(name, ["status:dispatched": "待签收", "dispatched": "派单"]) == "待签收")
    }

    @Test("lists join by the language's own words", arguments: [0, 1, 2, 3])
    func lists(_ count: Int) {
        let names = Array(["a", "b", "c"].prefix(count))
        let catalogue = ["{}, {}": "{0}、{1}", "{} or {}": "{0}或{1}"]
        #expect(Words.list(names).description == names.joined(separator: ", "))
        #expect(Words.anyOf(names).description == names.joined(separator: " or "))
        #expect(chinese(.list(names), catalogue) == names.joined(separator: "、"))
        #expect(chinese(.anyOf(names), catalogue) == names.joined(separator: "或"))
    }

    @Test("an alarm says what a problem says, and what to do")
    func alarm() {
        let full = LogFailure.full(operation: "commit")
        #expect(Words.alarm("a transaction was lost", full).description.hasSuffix(" is full; \(full.hint)"))
        #expect(Words.alarm("a transaction was lost", full) == "a transaction was lost: \(full.message); \(full.hint)")
        #expect(Words.alarm(nil, full) == "\(full.message); \(full.hint)")
        #expect(Words.alarm("views stand still", Odd()) == "views stand still: Odd()")
        let said = chinese(.alarm("lost", Odd()), ["{}: {}": "{0}：{1}", "lost": "丢失"])
        #expect(said == "丢失：Odd()")
    }

    @Test("two are equal when they say the same in English")
    func equality() {
        #expect("row \(7)" as Words == "row 7")
        #expect("row \(7)" as Words != "row \(8)")
    }

    @Test(
        "the places of a template are read in its order",
        arguments: [
            ("", []), ("无", []), ("{0}", [0]), ("{1}在{0}", [1, 0]), ("{a}{-1}{}{2", []), ("{\"k\":{0}}", [0]),
        ] as [(String, [Int])])
    func places(template: String, places: [Int]) { #expect(Words.places(in: template) == places) }
}
