/// A posted form: `application/x-www-form-urlencoded`, each name once.

import Foundation

struct FormData: Equatable, Sendable {
    private(set) var values: [String: String] = [:]

    init() {}

    /// - Returns: nil when an escape is broken.
    init?(_ body: String) {
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = FormData.decode(parts[0]), let value = FormData.decode(parts.count > 1 ? parts[1] : "")
            else { return nil }
            values[name] = value
        }
    }

    /// What was typed, without blanks around it; empty when nothing was.
    subscript(_ name: String) -> String {
        get {
            (values[name] ?? "").replacingOccurrences(of: "\r\n", with: "\n").trimmingCharacters(
                in: .whitespacesAndNewlines)
        }
        set { values[name] = newValue }
    }

    static func decode(_ text: Substring) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }
}
