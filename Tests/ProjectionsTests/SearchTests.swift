import Events
import Testing

@testable import Projections

@Suite("Words of Chinese text") struct WordsTests {
    private func words(_ text: String) -> String { String(decoding: SearchWords.indexed([.text(text)]), as: UTF8.self) }

    @Test(
        "every character of a run starts a word; letters and digits stay whole",
        arguments: [
            ("占道经营", "占道 道经 经营 营 "), ("楼", "楼 "), ("3号楼", "3 号楼 楼 "), ("Ａ栋１２室", "a 栋 12 室 "),
            ("ABC-12345，噪音", "abc 12345 噪音 音 "), ("", ""), ("　、。!", ""), ("苏E·12", "苏 e 12 "), ("𠮷野家", "𠮷野 野家 家 "),
            ("Straße №5", "straße 5 "),
        ])
    func indexed(text: String, expected: String) { #expect(words(text) == expected) }

    @Test(
        "a query becomes phrases",
        arguments: [
            ("占道经营", "\"占道 道经 经营\""), ("占道 夜市", "\"占道\" AND \"夜市\""), ("楼", "\"楼\" *"), ("3号", "\"3 号\" *"),
            ("3号楼", "\"3 号楼\""), ("楼3", "\"楼 3\" *"), ("沪A", "\"沪 a\" *"), ("沪A12", "\"沪 a12\" *"),
            ("A栋B", "\"a 栋 b\" *"),
            ("ab12", "\"ab12\""), ("天天", "\"天天\""), ("ＡＢ", "\"ab\""),
            ("占道\" OR *", "\"占道\" AND \"or\""),
        ])
    func expression(query: String, expected: String) { #expect(SearchWords.expression(for: query) == expected) }

    @Test("a query without words finds nothing rather than everything", arguments: ["", "  ", "，。", "\"*"])
    func empty(query: String) { #expect(SearchWords.expression(for: query) == nil) }
}
