/// Cuts text into the words that search finds, for Chinese without a dictionary.
///
/// In a run of Chinese characters every character starts one word: itself and its right neighbour, or itself
/// alone at the end of the run. `占道经营` gives `占道 道经 经营 营`. So a two-character word is found wherever it
/// stands, a longer one as a phrase, and a single character as the beginning of a word; each character takes
/// one place, so that phrases hold across `3号楼` or `A栋`. Words of other letters and digits stay whole.
///
/// Before that, text is normalised: full-width forms become half-width, letters lower-case.

enum SearchWords {
    private enum Kind { case han, word, separator }

    /// The words of a row's columns, separated by blanks, as UTF-8.
    ///
    /// Columns are kept apart by a word that no query can hold, so that a phrase never spans two of them.
    static func indexed(_ cells: Cells) -> [UInt8] {
        var words: [UInt8] = []
        words.reserveCapacity(1_024)
        for cell in cells {
            guard case .text(let text) = cell else { continue }
            if !words.isEmpty { words.append(contentsOf: boundary) }
            append(text, to: &words)
        }
        return words
    }

    /// "¦" is a separator, so no query contains it; the `ascii` tokenizer takes it as a word of its own.
    private static let boundary = Array("\u{A6} ".utf8)

    private static func append(_ text: String, to words: inout [UInt8]) {
        var run: [UInt8] = []
        var last: Unicode.Scalar?
        func close(_ words: inout [UInt8]) {
            if let scalar = last {
                encode(scalar, into: &words)
                words.append(0x20)
                last = nil
            }
            if !run.isEmpty {
                words.append(contentsOf: run)
                words.append(0x20)
                run.removeAll(keepingCapacity: true)
            }
        }
        for raw in text.unicodeScalars {
            let scalar = normalised(raw)
            switch kind(scalar) {
            case .han:
                if !run.isEmpty { close(&words) }
                if let before = last {
                    encode(before, into: &words)
                    encode(scalar, into: &words)
                    words.append(0x20)
                }
                last = scalar
            case .word:
                if last != nil { close(&words) }
                lowered(scalar, into: &run)
            case .separator: close(&words)
            }
        }
        close(&words)
    }

    // MARK: - Queries

    /// An FTS5 expression that finds texts with every blank-separated term of `query`; nil when it has no word.
    ///
    /// A term is a phrase. A single Chinese character at the end of a term stands for every word that begins
    /// with it, since in the text it may have a neighbour; so do letters and digits behind Chinese at its end (`沪A` finds
    /// 沪A12345), since nobody sees where the word ends. Both are prefixes in the index of FTS5, and no scan.
    ///
    /// - Parameter query: at most `queryLimit` characters are looked at.
    static func expression(for query: String) -> String? {
        var phrases: [String] = []
        for term in query.unicodeScalars.prefix(queryLimit).split(whereSeparator: { $0.properties.isWhitespace }) {
            for piece in term.split(whereSeparator: { kind(normalised($0)) == .separator }) {
                if let phrase = phrase(String(String.UnicodeScalarView(piece))) { phrases.append(phrase) }
            }
        }
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }

    /// In characters; a longer query is cut.
    static let queryLimit = 200

    private static func phrase(_ term: String) -> String? {
        var bytes: [UInt8] = []
        append(term, to: &bytes)
        var words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
        guard let last = words.last else { return nil }
        // Only a Chinese run that ends the term may go on in the text: its last character says nothing alone.
        let endsInHan = last.unicodeScalars.count == 1 && last.unicodeScalars.allSatisfy { kind($0) == .han }
        guard endsInHan else { return quoted(words) + (endsBehindHan(words) ? " *" : "") }
        let isAlone = words.count == 1 || !endsInNeighbour(words[words.count - 2], last)
        if isAlone { return quoted(words) + " *" }
        words.removeLast()
        return quoted(words)
    }

    /// Whether letters or digits end a term that Chinese comes before.
    private static func endsBehindHan(_ words: [String]) -> Bool {
        words.count > 1 && words[words.count - 2].unicodeScalars.allSatisfy { kind($0) == .han }
    }

    /// Whether the word before holds `last` as its second character.
    private static func endsInNeighbour(_ word: String, _ last: String) -> Bool {
        word.unicodeScalars.count == 2 && word.hasSuffix(last)
            && word.unicodeScalars.allSatisfy { kind($0) == .han }
    }

    private static func quoted(_ words: [String]) -> String { "\"" + words.joined(separator: " ") + "\"" }

    // MARK: - Characters

    /// Full-width ASCII forms (U+FF01–FF5E) to half-width, the ideographic blank to a blank.
    private static func normalised(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x3000: " "
        case _: scalar
        }
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3005...0x3007, 0xF900...0xFAFF, 0x20000...0x323AF: .han
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: .word
        case 0..<0x80, 0x2000...0x2BFF, 0x3000...0x303F: .separator
        case _:
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil ? .word : .separator
        }
    }

    private static func encode(_ scalar: Unicode.Scalar, into bytes: inout [UInt8]) {
        let value = scalar.value
        switch value {
        case 0..<0x80: bytes.append(UInt8(value))
        case 0x80..<0x800:
            bytes.append(UInt8(0xC0 | value >> 6))
            bytes.append(UInt8(0x80 | value & 0x3F))
        case 0x800..<0x10000:
            bytes.append(UInt8(0xE0 | value >> 12))
            bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        case _:
            bytes.append(UInt8(0xF0 | value >> 18))
            bytes.append(UInt8(0x80 | value >> 12 & 0x3F))
            bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        }
    }

    private static func lowered(_ scalar: Unicode.Scalar, into run: inout [UInt8]) {
        switch scalar.value {
        case 0x41...0x5A: run.append(UInt8(scalar.value + 0x20))
        case 0..<0x80: run.append(UInt8(scalar.value))
        case _: run.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        }
    }
}
