/// What stands between words: full-width in Chinese.

extension PageTexts {
    /// `label: value`.
    package func labelled(_ label: String, _ value: String) -> String {
        language == .chinese ? "\(label)：\(value)" : "\(label): \(value)"
    }

    /// `a; b`.
    package func clauses(_ parts: [String]) -> String { parts.joined(separator: language == .chinese ? "；" : "; ") }

    /// `a, b`.
    package func list(_ parts: [String]) -> String { parts.joined(separator: language == .chinese ? "，" : ", ") }

    /// What somebody typed.
    package func quoted(_ text: String) -> String { language == .chinese ? "“\(text)”" : "\"\(text)\"" }
}
