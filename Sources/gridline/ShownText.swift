/// Texts of callers as a terminal may be given them.

enum ShownText {
    /// A line of columns, with tabs between.
    static func row(_ columns: [String]) -> String { columns.map(cell).joined(separator: "\t") }

    /// A text on one line of its own: what would move the cursor, end the line or turn the direction of writing is written out
    /// as `\u{1b}`, since a title from the web could otherwise forge the lines around it.
    static func cell(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isActive) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if isActive(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Marks and overrides of direction (UAX #9).
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        case _:
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            case _: false
            }
        }
    }
}
