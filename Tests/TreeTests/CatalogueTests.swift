/// The catalogue of what people read against the sources: each sentence has its Chinese, and each Chinese its sentence.

import Events
import Testing
import Texts
import Tickets

@Suite("The catalogue") struct CatalogueTests {
    /// Targets that speak to developers, and the catalogue itself.
    private static let others = ["Bench", "Simulation", "Texts"]
    private let spoken: [String: [String]]

    init() throws { spoken = try CatalogueTests.spoken.get() }

    /// Where each template stands; read once for all tests.
    private static let spoken = Result {
        var spoken: [String: [String]] = [:]
        for file in try SourceTree.files(["Sources"], extensions: ["swift"])
        where !CatalogueTests.others.contains(file.target) {
            for one in WordsLiterals(file.text).found {
                spoken[one.template, default: []].append("\(file.path):\(one.line)")
            }
        }
        return spoken
    }

    /// Entries of the files `Chinese+….swift`, twice where they stand twice.
    private var entries: [(english: String, chinese: String)] {
        Chinese.areas.flatMap { $0.map { (english: $0.key, chinese: $0.value) } }
    }

    @Test("every sentence of the sources has a Chinese one")
    func missing() {
        #expect(spoken.count > 700, "the reader finds them")
        let missing = spoken.filter { template, _ in
            // What has no letters but those of its values is the same in both languages.
            template.replacing("{}", with: "").contains(where: \.isLetter) && Chinese.templates[template] == nil
        }
        #expect(missing.map { "\($0.value[0]): \($0.key)" }.sorted() == [])
    }

    @Test("no entry is dead, and none stands twice")
    func dead() {
        let names = ["request:", "refused row:"]
        let dead = entries.map(\.english).filter { english in
            spoken[english] == nil && !names.contains { english.hasPrefix($0) }
        }
        #expect(dead == [])
        let counts = Dictionary(grouping: entries, by: \.english).mapValues(\.count)
        #expect(counts.filter { $0.value > 1 }.keys.sorted() == [])
    }

    @Test("a Chinese sentence uses each value of the English one, and no other")
    func values() {
        let wrong = entries.filter { english, chinese in
            Words.places(in: chinese).sorted()
                != Array(0..<english.split(separator: "{}", omittingEmptySubsequences: false).count - 1)
        }
        #expect(wrong.map(\.english) == [])
    }

    @Test("a Chinese sentence is Chinese, and keeps commands and options as they are typed")
    func kept() {
        for (english, chinese) in entries {
            let codes = english.matches(of: /`gridline [a-z ]+|--[a-z-]+|GRIDLINE_[A-Z_]+|docs\/[a-z\/.]+/).map(
                \.output)
            for code in codes { #expect(chinese.contains(code.trimmed), "\(english)") }
        }
        let foreign = entries.filter { english, chinese in
            english.replacing("{}", with: "").contains(where: \.isLetter)
                && !chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
        }
        #expect(Set(foreign.map(\.english)) == ["HTTP {}", "SQLite    {}", "YAML: {}"])
    }

    @Test("why an import refused rows has a name in Chinese")
    func refusedRows() throws {
        let files = try SourceTree.files(["Sources/Intake"], extensions: ["swift"])
        let file = try #require(files.first { $0.path == "Sources/Intake/SourceRow.swift" })
        let names = file.text.matches(of: /(?m)case \..*: "([A-Za-z]+)"$/).map { String($0.1) }
        #expect(names.count > 10)
        for name in names { #expect(Chinese.templates["refused row:\(name)"] != nil, "\(name)") }
    }

    @Test("roles have one set of names in both languages, in docs/format/tickets.md as on pages, and no other anywhere")
    func roles() throws {
        let files = try SourceTree.files(["Sources", "docs"], extensions: ["swift", "md", "yaml", "html"])
        let page = try #require(files.first { $0.path == "docs/format/tickets.md" })
        for role in TicketRole.allCases {
            let (zh, en) = PageTexts.names(role)
            #expect(page.text.contains("| \(role.rawValue) | \(zh) | \(en) |"), "\(role)")
        }
        #expect(Set(TicketRole.allCases.map { PageTexts.names($0).en }).count == TicketRole.allCases.count)
        for other in ["派单员", "办件员"] {
            #expect(files.filter { $0.text.contains(other) }.map(\.path) == [], "\(other)")
        }
    }

    @Test("the reader of literals finds Words where they are, and nothing else")
    func reader() {
        func found(_ text: String) -> [String] { WordsLiterals(text).found.map(\.template) }
        #expect(
            found(#"throw CommandProblem(message: "\(file) exists", hint: "name \(a["x"] ?? "y")")"#) == [
                "{} exists", "name {}",
            ])
        #expect(found(#"var hint: Words { switch self { case .a: "one"; case .b: "\(two)" } }"#) == ["one", "{}"])
        #expect(found(#"let a: Words = isUp ? "up" : "down"; let b = "no""#) == ["up", "down"])
        #expect(found(#"func f() -> Words { list.map { "in" }.joined(separator: ", ") }"#) == ["in"])
        #expect(found(#"Talk.line("a \(b ? "c" : "d")"); print("no"); log("no", message: "yes")"#) == ["a {}", "yes"])
        #expect(found("// Talk.line(\"no\")\nalarm(\"\"\"\n    one \\\n    two\n    \"\"\")") == ["one two"])
        #expect(
            found(#"Output.json(["message": "no"]); problem("key", "a \u{201C}rule\u{201D}\t\"q\"")"#) == [
                "a “rule”\t\"q\""
            ])
        #expect(found(#"must("name", .oneOf(["no"]), "meaning"); let x = rows["detail"]"#) == ["meaning"])
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while let last = rest.last, last == " " || last == "." { rest.removeLast() }
        return rest
    }
}
