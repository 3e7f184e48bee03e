/// Finds the literals in Swift text that become `Words`, by where they stand: the compiler knows them by their type, this
/// reader by the places that have it.

import Foundation

struct WordsLiterals {
    struct Literal: Equatable {
        /// The text, with `{}` for each value.
        let template: String
        let line: Int
    }

    private(set) var found: [Literal] = []

    private let text: [UInt8]
    private var at = 0
    private var frames = [Frame(kind: .braces(isWords: false))]

    init(_ text: String) {
        self.text = Array(text.utf8)
        code(downTo: 0)
    }

    // MARK: - Places

    /// Arguments that are `Words`, by the name of what is called: labels, or numbers of those without one.
    ///
    /// `*` is whatever is called.
    private static let arguments: [String: Set<String>] = [
        "*": ["message", "hint", "what", "why", "wanted", "found", "meaning", "detail", "operation", "reason", "file"],
        // Errors and what makes them.
        "malformed": ["kind", "rule"], "badField": ["rule"], "noValue": ["field"], "error": ["rule"],
        "Witness": ["name"],
        "Fields": ["of"], "LimitPair": ["of"], "field": ["of"], "broken": ["0", "1"], "failure": ["0", "1"],
        "excess": ["0"],
        "unexpected": ["0"], "fault": ["1"], "last": ["0"], "from": ["1"], "problem": ["1"], "notWriter": ["0"],
        "ConfigurationProblem": ["rule"], "Row": ["1", "2"], "must": ["2"], "may": ["2"], "refuse": ["0"],
        // What is said.
        "said": ["0"], "Talk.line": ["0"], "Output.text": ["0"], "line": ["0"], "optional": ["2"], "required": ["2"],
        "alarm": ["0"], "alarms.append": ["0"], "AlarmRule": ["text", "advice"],
    ]

    private struct Frame {
        enum Kind {
            case braces(isWords: Bool)
            /// A call; parentheses that only hold together have no name.
            case call(String)
            case list, subscripted
            /// Code inside of a string.
            case inserted
        }

        var kind: Kind
        var argument = 0
        var label = ""
        var isAtStart = true
        /// Where the last `let` or `var` stands, until its `=`.
        var declaration: Int?
        /// Whether what was declared last is `Words`.
        var isDeclared = false
    }

    private var isWords: Bool {
        for frame in frames.reversed() {
            switch frame.kind {
            case .call(let name) where !name.isEmpty:
                let place = frame.label.isEmpty ? String(frame.argument) : frame.label
                let last = name.split(separator: ".").last.map(String.init) ?? name
                return [name, last, "*"].contains { WordsLiterals.arguments[$0]?.contains(place) == true }
            case .call, .list: continue
            case .subscripted, .inserted: return false
            case .braces(let isWords): return frame.isDeclared || isWords
            }
        }
        return false
    }

    // MARK: - Code

    /// Reads code up to where no more than `depth` frames are open.
    private mutating func code(downTo depth: Int) {
        var start: Int?
        while at < text.count {
            let byte = text[at]
            if SwiftText.isWord(byte) || byte == 0x2E {
                start = start ?? at
                at += 1
                continue
            }
            let name = start.map { String(decoding: text[$0..<at], as: UTF8.self) } ?? ""
            take(name, from: start ?? at)
            start = nil
            if byte == 0x2F, isNext(0x2F) {
                while at < text.count, text[at] != 0x0A { at += 1 }
            } else if byte == 0x22 {
                literal()
                frames[frames.count - 1].isAtStart = false
            } else {
                punctuation(byte, after: name)
                at += 1
                if frames.count <= depth { return }
            }
        }
    }

    private func isNext(_ byte: UInt8) -> Bool { at + 1 < text.count && text[at + 1] == byte }

    private mutating func take(_ word: String, from start: Int) {
        guard !word.isEmpty else { return }
        let top = frames.count - 1
        if ["let", "var"].contains(word) {
            (frames[top].declaration, frames[top].isDeclared) = (start, false)
        } else if WordsLiterals.beginnings.contains(word) {
            (frames[top].declaration, frames[top].isDeclared) = (nil, false)
        }
        guard frames[top].isAtStart else { return }
        frames[top].isAtStart = false
        let next = text[at...].first { $0 != 0x20 && $0 != 0x0A }
        if next == 0x3A { frames[top].label = word }
    }

    private static let beginnings: Set = [
        "return", "if", "guard", "for", "throw", "switch", "case", "func", "do", "while", "enum", "struct", "class",
        "extension",
    ]

    private mutating func punctuation(_ byte: UInt8, after name: String) {
        let top = frames.count - 1
        switch byte {
        case 0x28:
            let isCall = !WordsLiterals.beginnings.contains(name) && !["in", "try", "let", "var"].contains(name)
            frames.append(Frame(kind: .call(isCall ? name : "")))
        case 0x5B:
            // Behind a value it is a subscript.
            let before = at > 0 ? text[at - 1] : 0x20
            let isSubscript = SwiftText.isWord(before) || [0x29, 0x5D, 0x3F].contains(before)
            frames.append(Frame(kind: isSubscript ? .subscripted : .list))
        case 0x7B: frames.append(Frame(kind: .braces(isWords: opensWords)))
        case 0x29, 0x5D, 0x7D:
            if frames.count > 1 { frames.removeLast() }
            frames[frames.count - 1].isAtStart = false
        case 0x2C:
            frames[top].argument += 1
            frames[top].label = ""
            frames[top].isAtStart = true
        case 0x3D:
            guard let start = frames[top].declaration else { return }
            frames[top].isDeclared = WordsLiterals.names(text[start..<at])
            frames[top].declaration = nil
        case 0x20, 0x0A: break
        case _: frames[top].isAtStart = false
        }
    }

    /// Whether a body gives `Words`: that of `var hint: Words {` or `-> [Words] {`, and what is inside of it.
    private var opensWords: Bool {
        let line = text[(text[..<at].lastIndex(of: 0x0A) ?? -1) + 1..<at]
        let head = String(decoding: line, as: UTF8.self)
        if let arrow = head.range(of: "->", options: .backwards) {
            return WordsLiterals.names(Array(head[arrow.upperBound...].utf8)[...])
        }
        return [": Words {", ": Words? {", ": [Words] {"].contains { (head + "{").hasSuffix($0) } || isWords
    }

    /// Whether `Words` is one of the words.
    private static func names(_ code: ArraySlice<UInt8>) -> Bool {
        code.split { !SwiftText.isWord($0) }.contains { $0.elementsEqual("Words".utf8) }
    }

    // MARK: - Strings

    /// Reads a literal, and what is inserted into it.
    private mutating func literal() {
        let start = at
        let isSpoken = isWords
        let quotes = text[at...].starts(with: [0x22, 0x22, 0x22]) ? 3 : 1
        let end = [UInt8](repeating: 0x22, count: quotes)
        var template: [UInt8] = []
        at += quotes
        while at < text.count, !text[at...].starts(with: end) {
            guard text[at] == 0x5C else {
                template.append(text[at])
                at += 1
                continue
            }
            if isNext(0x28) {
                at += 2
                frames.append(Frame(kind: .inserted))
                code(downTo: frames.count - 1)
                template += Array("{}".utf8)
            } else {
                template += escape()
            }
        }
        at += quotes
        guard isSpoken else { return }
        let whole = String(decoding: template, as: UTF8.self)
        found.append(
            Literal(
                template: quotes == 3 ? WordsLiterals.unindented(whole) : whole,
                line: text[..<start].count { $0 == 0x0A } + 1))
    }

    /// What an escape stands for; one that joins lines stays for `unindented`.
    private mutating func escape() -> [UInt8] {
        let next = at + 1 < text.count ? text[at + 1] : 0x5C
        at += 2
        switch next {
        case 0x6E: return [0x0A]
        case 0x74: return [0x09]
        case 0x0A: return [0x5C, 0x0A]
        case 0x75:
            let digits = text[at...].dropFirst().prefix { $0 != 0x7D }
            at += digits.count + 2
            let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
            return scalar.map { Array(String($0).utf8) } ?? []
        case _: return [next]
        }
    }

    /// A text in three quotes without its indentation, and with the lines joined that are to be.
    private static func unindented(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        let indent = lines.popLast()?.count ?? 0
        return lines.map { $0.dropFirst(indent) }.joined(separator: "\n").replacing("\\\n", with: "")
    }
}
