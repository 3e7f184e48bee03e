import Foundation
import Testing

/// The lines of `tools/test --long` run what `docs/testing.md` says that they run.
@Suite("The long lines") struct LongLinesTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: SourceTree.top + "/" + path, encoding: .utf8)
    }

    /// The suites of each line, as tools/long calls them.
    private func called() throws -> [String: Set<String>] {
        let script = try text("tools/long").replacing("\\\n", with: " ")
        var lines: [String: Set<String>] = [:]
        for match in script.matches(of: /\bsuites ([a-z-]+)((?: +[A-Z][A-Za-z]+Tests)+)/) {
            lines[String(match.1)] = Set(match.2.split(separator: " ").map(String.init))
        }
        return lines
    }

    @Test("docs/testing.md names the suites of each line, and no other")
    func documented() throws {
        let called = try called()
        #expect(called.count >= 6)
        let page = try text("docs/testing.md")
        for (line, suites) in called {
            let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(line)` |") }, "\(line)")
            let named = Set(row.matches(of: /`([A-Z][A-Za-z]+Tests)`/).map { String($0.1) })
            #expect(named == suites, "\(line)")
        }
    }
}
