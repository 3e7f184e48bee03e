import Foundation
import Testing

/// Tests that a document names as `Target/Suite` (func, or words of a title), and whether they are there.
struct NamedTests {
    /// The tree's own files of tests.
    let files: [SourceFile]

    /// Rows of the table under a heading.
    static func rows(of text: String, under heading: String) -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let section = lines.drop { $0 != "## \(heading)" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return Array(section.filter { $0.hasPrefix("| ") }.dropFirst())
    }

    /// What a row names and is not there; a name without a folder of that name below `Tests` is no target, and is passed over.
    func missing(in row: Substring) -> [String] {
        row.matches(of: /`(\w+)(?:\/(\w+))?`(?: \(([^)]*)\))?/).flatMap { match -> [String] in
            let target = "Tests/\(match.1)/"
            guard files.contains(where: { $0.path.hasPrefix(target) }) else { return [] }
            let suite = files.filter { file in
                file.path.hasPrefix(target) && (match.2.map { NamedTests.holds(file, $0) } ?? true)
            }
            guard !suite.isEmpty else { return ["\(match.1)/\(match.2 ?? "")"] }
            return (match.3 ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { name in !suite.contains { NamedTests.names($0, name) } }
                .map { "\(match.1)/\(match.2 ?? ""): \($0)" }
        }
    }

    /// Whether a file is of a suite: by its own name, or by a type that it declares.
    private static func holds(_ file: SourceFile, _ suite: Substring) -> Bool {
        let name = file.path.split(separator: "/").last?.split(separator: ".").first?.split(separator: "+").first
        return name == suite || file.text.contains("struct \(suite) {")
    }

    /// Whether a file has a function of that name, or, for several words, a test with them in its title.
    private static func names(_ file: SourceFile, _ name: String) -> Bool {
        guard name.contains(" ") else { return file.text.contains("func \(name)(") }
        // Titles stand behind `@Test(`, on a line of their own perhaps, behind `Case(` in the contract, or between backticks.
        let titles =
            file.text.matches(of: /(?:@Test|Case)\(\s*\x22([^\x22]*)\x22/).map(\.1)
            + file.text.matches(of: /func `([^`]*)`/).map(\.1)
        return titles.contains { $0.contains(name) }
    }
}

@Suite("Tests that documents name") struct NamedTestsTests {
    private let named: NamedTests
    private let page: String

    init() throws {
        named = NamedTests(files: try SourceTree.files(["Tests"], extensions: ["swift"]))
        page = try String(contentsOfFile: SourceTree.top + "/docs/testing.md", encoding: .utf8)
    }

    @Test("each test that docs/testing.md names for a failure is there")
    func failureCases() throws {
        let rows = NamedTests.rows(of: page, under: "Failure cases")
        try #require(rows.count > 20)
        #expect(rows.flatMap(named.missing) == [])
    }

    @Test("each suite that docs/testing.md names for an invariant is there")
    func invariants() throws {
        let rows = NamedTests.rows(of: page, under: "Where what is held")
        try #require(rows.count > 100)
        // What stands in brackets there is said in words of its own.
        let suites = rows.map { $0.replacing(/\([^()]*\)/, with: "")[...] }
        #expect(suites.flatMap(named.missing) == [])
    }

    @Test("a name that is not there is found, of a suite, a function and a title")
    func planted() {
        func missing(_ row: String) -> [String] { named.missing(in: row[...]) }
        let own = "TreeTests/NamedTestsTests"
        #expect(missing("| x | `\(own)` (planted, each suite that), `tools/test`, `SQLite` |") == [])
        #expect(missing("| x | `\(own)` (planted, no such) |") == ["\(own): no such"])
        #expect(missing("| x | `TreeTests/NoSuch` |") == ["TreeTests/NoSuch"])
        let page = "## A\n| a | b |\n|---|---|\n| c | d |\n## B\n| e | f |\n"
        #expect(NamedTests.rows(of: page, under: "A") == ["| c | d |"])
    }
}
