/// What is said to people, before a language is chosen for it.

/// A sentence in English that can be said in another language: a template, and the values that stand in it.
///
/// Written as an English literal, `"\(file) cannot be read"`; its template, `{} cannot be read`, is its name in a catalogue
/// (`docs/decisions/0011-one-catalogue.md`). A catalogue's templates name the values by their places, `{0}`, `{1}` …, so that
/// another language may order them as it likes. What a catalogue lacks is said in English.
package struct Words: ExpressibleByStringInterpolation, Sendable, Equatable, CustomStringConvertible {
    fileprivate enum Value: Sendable {
        /// A name, a number, what another program said: the same in every language.
        case text(String)
        /// A sentence inside the sentence.
        case words(Words)
        /// A moment; each reader sees it on the clock of a zone.
        case instant(Timestamp)
    }

    fileprivate struct Sentence: Sendable {
        /// Tells apart names that English spells alike; empty for all that are no names.
        var kind = ""
        /// The English text around the values: one more than there are values.
        var texts = [""]
        var values: [Value] = []

        var template: String { (kind.isEmpty ? "" : kind + ":") + texts.joined(separator: "{}") }
    }

    private var sentences: [Sentence]

    package init(stringLiteral text: String) { sentences = [Sentence(texts: [text])] }

    package init(stringInterpolation: StringInterpolation) { sentences = [stringInterpolation.sentence] }

    /// A text that is the same in every language: a path, a name, what SQLite said.
    package init(verbatim text: String) { sentences = [Sentence(texts: ["", ""], values: [.text(text)])] }

    /// A name out of a closed list, such as a status; in the catalogue it is `kind:name`.
    package init(name: String, of kind: String) { sentences = [Sentence(kind: kind, texts: [name])] }

    private init(_ sentences: [Sentence]) { self.sentences = sentences }

    /// One after the other; each keeps a template of its own.
    package static func + (left: Words, right: Words) -> Words { Words(left.sentences + right.sentences) }

    /// Whether both say the same in English.
    package static func == (left: Words, right: Words) -> Bool { left.description == right.description }

    /// The English text.
    package var description: String { text { _ in nil } }

    /// The templates, also of what stands inside, in the order of the English text.
    package var templates: [String] {
        sentences.flatMap { sentence in
            [sentence.template]
                + sentence.values.flatMap { if case .words(let words) = $0 { words.templates } else { [String]() } }
        }
    }

    /// The text in the language of a catalogue.
    ///
    /// - Parameters:
    ///   - catalogue: gives the other language's template for an English one; nil when it has none.
    ///   - instant: writes a moment; in UTC unless told otherwise.
    package func text(
        _ catalogue: (_ template: String) -> String?, instant: (Timestamp) -> String = { $0.utcText }
    ) -> String {
        sentences.map { sentence in
            let values = sentence.values.map { value in
                switch value {
                case .text(let text): text
                case .words(let words): words.text(catalogue, instant: instant)
                case .instant(let moment): instant(moment)
                }
            }
            guard let template = catalogue(sentence.template) else {
                return zip(sentence.texts, values + [""]).map { $0 + $1 }.joined()
            }
            return Words.filled(template, values)
        }.joined()
    }
}

extension Words {
    /// The same sentence with every name, number and foreign text in it changed; the sentence's own words stay.
    package func mapTexts(_ change: (String) -> String) -> Words {
        Words(
            sentences.map { sentence in
                var sentence = sentence
                sentence.values = sentence.values.map { value in
                    switch value {
                    case .text(let text): .text(change(text))
                    case .words(let words): .words(words.mapTexts(change))
                    case .instant: value
                    }
                }
                return sentence
            })
    }
}

// MARK: - Alarms

extension Words {
    /// An alarm: what came of an error, what the error says, and what to do.
    ///
    /// - Parameter sentence: without a full stop or a colon; nil when the error says it all.
    package static func alarm(_ sentence: Words?, _ error: any Error) -> Words {
        switch (sentence, error as? any Problem) {
        case (let sentence?, let problem?): "\(sentence): \(problem.message); \(problem.hint)"
        case (nil, let problem?): "\(problem.message); \(problem.hint)"
        case (let sentence?, nil): "\(sentence): \(error)"
        case (nil, nil): "\(error)"
        }
    }
}

// MARK: - Lists

extension Words {
    /// `a, b, c`.
    package static func list(_ items: [Words]) -> Words {
        items.dropFirst().reduce(items.first ?? "") { "\($0), \($1)" }
    }

    /// `a or b or c`.
    package static func anyOf(_ items: [Words]) -> Words {
        items.dropFirst().reduce(items.first ?? "") { "\($0) or \($1)" }
    }

    /// Names that are the same in every language.
    package static func list(_ names: [String]) -> Words { list(names.map(Words.init(verbatim:))) }
    package static func anyOf(_ names: [String]) -> Words { anyOf(names.map(Words.init(verbatim:))) }
}

// MARK: - Templates

extension Words {
    /// The places that a catalogue's template names, in its order: `{1}…{0}` gives 1, 0.
    package static func places(in template: String) -> [Int] { parts(of: template).compactMap(\.place) }

    private static func filled(_ template: String, _ values: [String]) -> String {
        parts(of: template).map { part in
            guard let place = part.place else { return String(part.text) }
            // A catalogue that names a value that is not there is a fault of ours; a test finds it, people still read on.
            return values.indices.contains(place) ? values[place] : String(part.text)
        }.joined()
    }

    /// The template cut into texts and places; other braces are text.
    private static func parts(of template: String) -> [(text: Substring, place: Int?)] {
        var parts: [(text: Substring, place: Int?)] = []
        var start = template.startIndex
        var at = start
        while let open = template[at...].firstIndex(of: "{") {
            at = template.index(after: open)
            guard let close = template[at...].firstIndex(of: "}"), let place = Int(template[at..<close]), place >= 0
            else { continue }
            parts.append((template[start..<open], nil))
            at = template.index(after: close)
            parts.append((template[open..<at], place))
            start = at
        }
        parts.append((template[start...], nil))
        return parts
    }
}

extension Words {
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var sentence = Sentence()

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ text: String) { sentence.texts[sentence.texts.count - 1] += text }

        /// A sentence inside the sentence.
        package mutating func appendInterpolation(_ words: Words) { append(.words(words)) }

        /// A moment.
        package mutating func appendInterpolation(_ instant: Timestamp) { append(.instant(instant)) }

        /// A value that is the same in every language.
        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            append(.text(value.description))
        }

        /// What went wrong: a problem in its own words, any other error as the system shows it.
        package mutating func appendInterpolation(_ error: any Error) {
            if let problem = error as? any Problem {
                append(.words(problem.message))
            } else {
                append(.text("\(error)"))
            }
        }

        private mutating func append(_ value: Value) {
            sentence.values.append(value)
            sentence.texts.append("")
        }
    }
}
