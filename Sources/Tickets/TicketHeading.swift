/// What a ticket is called in lists and at the head of its page: its title (标题), or one made from what it is about.

package enum TicketHeading {
    /// Code points of a matter that a heading shows at most.
    package static let limit = 30

    /// - Parameters:
    ///   - category: the path from the top; its last level says what the ticket is about.
    ///   - matter: the whole of it, or its beginning of more than `limit` code points.
    ///   - place: stands for what says nothing else of itself.
    package static func text(title: String?, category: [String], matter: String, place: String?) -> String {
        if let title, !title.allSatisfy(\.isWhitespace) { return title }
        // Views keep a path as one text, so that a level with a slash in it is two there.
        let level = category.last?.split(separator: "/").last.map(String.init) ?? ""
        let parts = [level, start(of: matter)].filter { !$0.isEmpty }
        return parts.isEmpty ? place ?? "" : parts.joined(separator: " · ")
    }

    /// The beginning of a matter in one line.
    private static func start(of matter: String) -> String {
        let shown = String(String.UnicodeScalarView(matter.unicodeScalars.prefix(limit)))
        let line = shown.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty || matter.unicodeScalars.dropFirst(limit).isEmpty ? line : line + "…"
    }
}

extension TicketState {
    package var heading: String {
        TicketHeading.text(title: title, category: category, matter: matter, place: place.text)
    }
}
