/// The languages of what people read, and who reads which.

package import Events

package enum Language: String, Sendable, CaseIterable {
    case chinese = "zh-CN"
    case english = "en"

    /// The language of a request.
    ///
    /// - Parameters:
    ///   - acceptLanguage: the field's value (RFC 9110, 12.5.4); only its first language counts.
    ///   - otherwise: for who says nothing, or takes any.
    package init(acceptLanguage: String?, otherwise: Language) {
        let first = acceptLanguage?.split(separator: ",").first?.drop { $0 == " " }.lowercased() ?? "*"
        self = first.hasPrefix("*") ? otherwise : first.hasPrefix("zh") ? .chinese : .english
    }

    /// The language of a shell; English unless it asks for Chinese.
    ///
    /// GRIDLINE_LANG (`zh-CN` or `en`) goes first, else the first of LC_ALL, LC_MESSAGES and LANG that says anything counts,
    /// as POSIX has it.
    package init(environment: [String: String]) {
        let names = ["GRIDLINE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
        let said = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = said?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }

    /// What is said, in this language; English where the catalogue lacks it.
    ///
    /// - Parameter offsetMinutes: of the zone in which moments are written; nil for UTC.
    package func text(_ words: Words, offsetMinutes: Int? = nil) -> String {
        let catalogue: (String) -> String? = self == .chinese ? { Chinese.templates[$0] } : { _ in nil }
        guard let offsetMinutes else { return words.text(catalogue) }
        return words.text(catalogue, instant: { $0.text(offsetMinutes: offsetMinutes) })
    }
}
