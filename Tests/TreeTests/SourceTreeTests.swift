/// The rules of the source tree that neither compiler nor formatter holds: tests that wait, tests that assert nothing, a
/// core that looks at a clock, files that grow, paths of one machine.

import Foundation
import Testing

/// One file of the tree.
struct SourceFile {
    /// From the top of the tree: `Sources/Log/Writer.swift`.
    let path: String
    let text: String

    var isTest: Bool { path.hasPrefix("Tests/") }
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

enum SourceTree {
    static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Text files below the folders that are ours.
    static func files(_ folders: [String], extensions: Set<String>) throws -> [SourceFile] {
        var found: [SourceFile] = []
        for folder in folders {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(top)/\(folder)")
            for path in paths.sorted() {
                let name = path.split(separator: "/").last ?? ""
                let suffix = name.contains(".") ? String(name.split(separator: ".").last ?? "") : ""
                let whole = "\(top)/\(folder)/\(path)"
                guard extensions.contains(suffix),
                    try isFile(whole), !path.contains("__pycache__"), !path.hasPrefix("Corpus/")
                else { continue }
                found.append(
                    SourceFile(path: "\(folder)/\(path)", text: try String(contentsOfFile: whole, encoding: .utf8)))
            }
        }
        return found
    }

    private static func isFile(_ path: String) throws -> Bool {
        try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular
    }

    static let pureTargets: Set<String> = ["Events", "Rules", "Tickets", "Replication", "Node", "Privacy", "Alarms"]
    static let banned = [
        "Date(", "UUID(", ".random(", "Task {", "Task.", "DispatchQueue", "ProcessInfo", "print(", "import Foundation",
        "import Glibc", "Thread", "ContinuousClock", "SystemRandomNumberGenerator",
    ]
    /// A method called `sleep` of a cluster in simulated time is none of them: it moves a number.
    static let waits = [
        "Thread.sleep", "Task.sleep", "usleep(", "nanosleep(", "Glibc.sleep(", "asyncAfter", "Task.yield",
        ".sleep(for:", ".sleep(until:", "wait(timeout:",
    ]
    /// Tests whose wait is a limit: it ends at once unless the test fails.
    static let limited: Set<String> = [
        "Tests/ServerTests/HandlerThreadsTests.swift", "Tests/ServerTests/PositionSignalTests.swift",
    ]
    static let longest = 400
    static let machinePaths = ["/work/", "/home/", "/root/", "/Users/", "/tmp/"]

    // MARK: - Rules

    static func impure(_ file: SourceFile) -> [String] {
        guard !file.isTest, pureTargets.contains(file.target) else { return [] }
        return lines(of: file) { line in
            banned.first { word in
                // A generator that is handed in is the caller's choice.
                mentions(word, line) && !(word == ".random(" && line.contains("using:"))
            }
        }
    }

    /// Whether a line has a word that does not go on to the left: `Date(` is not in `CivilDate(`.
    private static func mentions(_ word: String, _ line: Substring) -> Bool {
        var rest = line
        while let range = rest.range(of: word) {
            let before = rest[..<range.lowerBound].utf8.last
            let isWhole = word.hasPrefix(".") || before.map { !SwiftText.isWord($0) } ?? true
            if isWhole { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    static func waiting(_ file: SourceFile) -> [String] {
        guard file.isTest else { return [] }
        return lines(of: file) { line in
            waits.first { mentions($0, line) && !($0 == "wait(timeout:" && limited.contains(file.path)) }
        }
    }

    /// Alarms that hold an error by themselves, without its hint; `Words.alarm` always has it.
    static func hintless(_ file: SourceFile) -> [String] {
        guard !file.isTest else { return [] }
        let code = SwiftText(file.text).code
        return code.matches(of: /(?:^|[^A-Za-z])(?:alarm|alarms\.append)\(/).compactMap { call in
            var depth = 1
            let argument = code[call.range.upperBound...].prefix { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth > 0
            }
            let inserted = /\\\((?:error|failure|damage|refusal|problem|\w+\.(?:message|hint))\)/
            guard argument.firstMatch(of: inserted) != nil else { return nil }
            let line = code[..<call.range.upperBound].count { $0 == "\n" } + 1
            return "\(file.path):\(line): an error in an alarm"
        }
    }

    static func forced(_ file: SourceFile) -> [String] {
        lines(of: file) { line in
            if let word = ["try!", "as!"].first(where: { line.contains($0) }) { return word }
            let bytes = Array(line.utf8)
            for place in bytes.indices.dropFirst() where bytes[place] == 0x21 {
                let before = bytes[place - 1]
                let after = place + 1 < bytes.count ? bytes[place + 1] : 0x20
                // Unwrapping stands right behind a name or a bracket; `!=` and `a !b` do not.
                let isBehindValue = SwiftText.isWord(before) || before == 0x29 || before == 0x5D
                if isBehindValue, after != 0x3D { return "force unwrap" }
            }
            return nil
        }
    }

    static func unexplained(_ file: SourceFile) -> [String] {
        let code = SwiftText(file.text).code
        let isUnchecked = code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)")
        return isUnchecked && !file.text.contains("SAFETY:") && !file.text.contains("Safe to ")
            ? ["\(file.path): unchecked, and no line says why that is safe"] : []
    }

    static func long(_ file: SourceFile) -> [String] {
        let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        return count > longest ? ["\(file.path): \(count) lines, at most \(longest)"] : []
    }

    static func machineBound(_ file: SourceFile) -> [String] {
        var found: [String] = []
        for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for path in machinePaths where line.contains(path) && !line.contains("machinePaths") {
                found.append("\(file.path):\(number + 1): \(path)")
            }
        }
        return found
    }

    static func unfinished(_ file: SourceFile) -> [String] {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        return file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            number, line in
            words.first { line.contains($0) }.map { "\(file.path):\(number + 1): \($0)" }
        }
    }

    /// Tests that neither assert nor call a function that does.
    static func silent(_ files: [SourceFile]) -> [String] {
        let functions = files.filter(\.isTest).map { (file: $0, functions: SwiftText($0.text).functions) }
        let all = functions.flatMap(\.functions)
        // The cases of a contract are closures in a list; each case is one that is looked at by its own text.
        var asserting: Set<String> = ["contractCase.run"]
        func asserts(_ body: String) -> Bool {
            ["#expect", "#require", "Issue.record"].contains { body.contains($0) }
                || asserting.contains { body.contains("\($0)(") }
        }
        var before = 0
        repeat {
            before = asserting.count
            for one in all where !one.isTest && asserts(one.body) { asserting.insert(one.name) }
        } while asserting.count > before
        return functions.flatMap { file, functions in
            functions.filter { $0.isTest && !asserts($0.body) }.map { "\(file.path):\($0.line): \($0.name)" }
        }
    }

    private static func lines(of file: SourceFile, _ rule: (Substring) -> String?) -> [String] {
        SwiftText(file.text).lines.enumerated().compactMap { number, line in
            rule(line).map { "\(file.path):\(number + 1): \($0)" }
        }
    }
}

@Suite("The source tree") struct SourceTreeTests {
    private let swift: [SourceFile]

    init() throws {
        swift = try SourceTree.files(["Sources", "Tests"], extensions: ["swift"])
        try #require(swift.count > 100)
    }

    @Test("no test waits by sleeping")
    func waiting() { #expect(swift.flatMap(SourceTree.waiting) == []) }

    @Test("every test asserts")
    func silent() {
        let tests = swift.filter(\.isTest).flatMap { SwiftText($0.text).functions }.filter(\.isTest)
        #expect(tests.count > 150, "the reader of tests finds them")
        #expect(SourceTree.silent(swift) == [])
    }

    @Test("the core knows no clock, no chance, no thread and no Foundation")
    func pure() { #expect(swift.flatMap(SourceTree.impure) == []) }

    @Test("an alarm says what to do")
    func hintless() { #expect(swift.flatMap(SourceTree.hintless) == []) }

    @Test("nothing is forced")
    func forced() { #expect(swift.flatMap(SourceTree.forced) == []) }

    @Test("what the compiler does not check says why it is safe")
    func unchecked() { #expect(swift.flatMap(SourceTree.unexplained) == []) }

    @Test("no file is longer than its reader's patience")
    func long() { #expect(swift.flatMap(SourceTree.long) == []) }

    @Test("no file names a path of one machine, and none is unfinished")
    func machineBound() throws {
        let own = "Tests/TreeTests/SourceTreeTests.swift"
        let others = try SourceTree.files(
            ["Sources", "Tests", "docs", "tools", ".ci"],
            extensions: ["swift", "c", "h", "md", "yaml", "json", "", "sh", "py"])
        #expect(others.filter { $0.path != own }.flatMap(SourceTree.machineBound) == [])
        #expect(others.flatMap(SourceTree.unfinished) == [])
    }

    @Test("each rule finds what it is for, and leaves comments and strings alone")
    func planted() {
        func source(_ text: String, _ path: String = "Sources/Events/A.swift") -> SourceFile {
            SourceFile(path: path, text: text)
        }
        let test = "Tests/LogTests/A.swift"
        #expect(SourceTree.waiting(source("  usleep(5)", test)) == ["\(test):1: usleep("])
        #expect(SourceTree.waiting(source("try await clock.sleep(for: .seconds(1))", test)).count == 1)
        #expect(SourceTree.waiting(source("_ = gate.wait(timeout: .now() + 1)", test)).count == 1)
        #expect(SourceTree.waiting(source("// sleep(5)\nlet a = \"sleep(5)\"", test)) == [])
        #expect(SourceTree.impure(source("let now = Date()\nlet day = CivilDate(1)")).count == 1)
        #expect(SourceTree.impure(source("let n = Int.random(in: 0..<4, using: &random)")) == [])
        #expect(SourceTree.hintless(source("a()\nshared.alarm(\"it (is)\\n\\(error)\")")).count == 1)
        #expect(SourceTree.hintless(source("alarm(\n\"\\(f(1)): \\(error.message)\")")).count == 1)
        #expect(SourceTree.hintless(source("alarm(.alarm(\"\\(f(1)) error\", error)); say(\"\\(error)\")")) == [])
        #expect(SourceTree.forced(source("let a = b!\nlet c = d[0]!\nlet e = f()!.g")).count == 3)
        #expect(SourceTree.forced(source("if !a, b != c { \"x!\" }\nlet d = \"\\(e)!\"")) == [])
        #expect(SourceTree.long(source(String(repeating: "\n", count: 401))).count == 1)
        #expect(SourceTree.unexplained(source("final class A: @unchecked Sendable {}")).count == 1)
        let silent =
            "struct S {\n@Test func a() { b() }\nfunc b() { let c = 1 }\n@Test(\"x\") func d() { e() }\nfunc e() { #expect(f) }\n}"
        #expect(SourceTree.silent([source(silent, test)]) == ["\(test):2: a"])
    }
}
