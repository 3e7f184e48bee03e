/// Swift text as far as these tests must understand it: what is code, what is comment or string, where functions end.

struct SwiftText {
    /// The text with comments and the insides of strings blanked, line by line as it was.
    let code: String
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = SwiftText.blanked(Array(text.utf8))
        code = String(decoding: bytes, as: UTF8.self)
    }

    var lines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

    /// A function with its attributes and body.
    struct Function {
        let name: String
        let line: Int
        let isTest: Bool
        let body: String
    }

    /// All functions that have a body, nested ones too.
    var functions: [Function] {
        var found: [Function] = []
        var at = 0
        var lastEnd = 0
        while let start = next("func ", from: at) {
            at = start + 5
            guard start == 0 || !SwiftText.isWord(bytes[start - 1]) else { continue }
            var end = at
            while end < bytes.count, SwiftText.isWord(bytes[end]) { end += 1 }
            let name = String(decoding: bytes[at..<end], as: UTF8.self)
            guard !name.isEmpty, let open = bodyStart(from: end), let close = matching(open) else { continue }
            // What stands between the end of the function before and this one are its attributes.
            let head = String(decoding: bytes[min(lastEnd, start)..<start], as: UTF8.self)
            let line = bytes[..<start].count { $0 == 0x0A } + 1
            found.append(
                Function(
                    name: name, line: line, isTest: SwiftText.lastDeclaration(of: head).contains("@Test"),
                    body: String(decoding: bytes[open...close], as: UTF8.self)))
            lastEnd = at
        }
        return found
    }

    private static func lastDeclaration(of head: String) -> Substring {
        guard let brace = head.lastIndex(where: { $0 == "}" || $0 == "{" }) else { return head[...] }
        return head[brace...]
    }

    private func next(_ word: String, from start: Int) -> Int? {
        let wanted = Array(word.utf8)
        guard bytes.count >= wanted.count, start <= bytes.count - wanted.count else { return nil }
        return (start...(bytes.count - wanted.count)).first { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    /// The first brace behind the parameters; nil for a requirement of a protocol.
    private func bodyStart(from start: Int) -> Int? {
        var depth = 0
        for place in start..<bytes.count {
            switch bytes[place] {
            case 0x28, 0x5B: depth += 1
            case 0x29, 0x5D: depth -= 1
            case 0x7B where depth == 0: return place
            case 0x7D where depth == 0: return nil
            case _: break
            }
        }
        return nil
    }

    private func matching(_ open: Int) -> Int? {
        var depth = 0
        for place in open..<bytes.count {
            if bytes[place] == 0x7B { depth += 1 }
            if bytes[place] == 0x7D {
                depth -= 1
                if depth == 0 { return place }
            }
        }
        return nil
    }

    static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    // MARK: - Blanking

    private enum State { case code, line, block(Int), string(quotes: Int, hashes: Int) }

    /// Interpolated code stays code; everything else inside of quotes becomes blanks.
    private static func blanked(_ text: [UInt8]) -> [UInt8] {
        var out = text
        var stack: [(state: State, parentheses: Int)] = [(.code, 0)]
        var at = 0
        func starts(_ word: String) -> Bool { text[at...].starts(with: Array(word.utf8)) }
        func blank(_ count: Int) {
            for place in at..<min(at + count, text.count) where text[place] != 0x0A { out[place] = 0x20 }
            at += count
        }
        while at < text.count {
            switch stack[stack.count - 1].state {
            case .code:
                if starts("//") {
                    stack.append((.line, 0))
                } else if starts("/*") {
                    stack.append((.block(1), 0))
                    blank(2)
                } else if let opening = opening(text, at) {
                    stack.append((.string(quotes: opening.quotes, hashes: opening.hashes), 0))
                    at += opening.quotes + opening.hashes
                } else {
                    if text[at] == 0x28 { stack[stack.count - 1].parentheses += 1 }
                    if text[at] == 0x29 {
                        stack[stack.count - 1].parentheses -= 1
                        if stack[stack.count - 1].parentheses < 0, stack.count > 1 { stack.removeLast() }
                    }
                    at += 1
                }
            case .line:
                if text[at] == 0x0A { stack.removeLast() } else { blank(1) }
            case .block(let depth):
                if starts("*/") {
                    if depth == 1 { stack.removeLast() } else { stack[stack.count - 1].state = .block(depth - 1) }
                    blank(2)
                } else if starts("/*") {
                    stack[stack.count - 1].state = .block(depth + 1)
                    blank(2)
                } else {
                    blank(1)
                }
            case .string(let quotes, let hashes):
                let marks = String(repeating: "#", count: hashes)
                if starts("\\" + marks + "(") {
                    at += 2 + hashes
                    stack.append((.code, 0))
                } else if starts("\\" + marks) {
                    blank(2 + hashes)
                } else if starts(String(repeating: "\"", count: quotes) + marks) {
                    stack.removeLast()
                    at += quotes + hashes
                } else {
                    blank(1)
                }
            }
        }
        return out
    }

    private static func opening(_ text: [UInt8], _ start: Int) -> (quotes: Int, hashes: Int)? {
        var at = start
        while at < text.count, text[at] == 0x23 { at += 1 }
        let hashes = at - start
        guard at < text.count, text[at] == 0x22 else { return nil }
        if text[at...].starts(with: Array("\"\"\"".utf8)) { return (3, hashes) }
        return (1, hashes)
    }
}
