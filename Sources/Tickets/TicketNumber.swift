/// The number of a ticket for people (工单编号): YYMMDD, 2-digit node number, 5-digit counter of the day, check digit.
///
/// The check digit is Damm's (H. M. Damm, 2004): it finds every wrong digit and every swap of neighbours, which is
/// how people mistype a number that they read out on the telephone.

package import Events

/// A number with its check digit.
package struct TicketNumber: Sendable, Equatable, CustomStringConvertible {
    /// 14 digits.
    package let text: String

    /// - Parameters:
    ///   - day: year 0–99, month 1–12, day 1–31, in the node's zone.
    ///   - node: number of the node from its enrolment, 0–99.
    ///   - counter: of this day at this node, 0–99,999.
    /// - Returns: nil when a part is out of its range.
    package init?(year: Int, month: Int, day: Int, node: Int, counter: Int) {
        guard (0...99).contains(year), (1...12).contains(month), (1...31).contains(day), (0...99).contains(node),
            (0...99_999).contains(counter)
        else { return nil }
        let parts = [(year, 2), (month, 2), (day, 2), (node, 2), (counter, 5)]
        let digits = parts.map { value, width in
            let shown = String(value)
            return String(repeating: "0", count: width - shown.utf8.count) + shown
        }.joined()
        text = digits + String(TicketNumber.interim(of: digits))
    }

    /// Reads what a person typed; blanks and hyphens do not matter.
    ///
    /// - Returns: nil unless it is 14 digits with a date in range and the right check digit.
    package init?(_ typed: String) {
        let digits = typed.filter { $0 != " " && $0 != "-" }
        guard digits.utf8.count == 14, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            TicketNumber.interim(of: digits) == 0
        else { return nil }
        let month = Int(digits.dropFirst(2).prefix(2)) ?? 0
        let day = Int(digits.dropFirst(4).prefix(2)) ?? 0
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        text = digits
    }

    package var description: String { text }

    /// What a number is made of, its check digit left out.
    package struct Parts: Sendable, Equatable {
        /// Without the century.
        package let year: Int
        package let month: Int
        package let day: Int
        package let node: Int
        package let counter: Int
    }

    package var parts: Parts {
        func number(_ from: Int, _ count: Int) -> Int { Int(text.dropFirst(from).prefix(count)) ?? 0 }
        return Parts(
            year: number(0, 2), month: number(2, 2), day: number(4, 2), node: number(6, 2), counter: number(8, 5))
    }

    /// As it is read out: date, node, counter and check digit apart, `261123 01 00001 4`.
    package var spoken: String {
        let rest = text.dropFirst(8)
        return "\(text.prefix(6)) \(text.dropFirst(6).prefix(2)) \(rest.prefix(5)) \(rest.suffix(1))"
    }

    /// What each ticket with the same number shows (重号): the first by canonical order the number itself, the next `-2`.
    ///
    /// Two nodes give the same number only when both were enrolled with the same two digits, or one was restored from
    /// a backup; both tickets stand, and a person who types the number finds both.
    ///
    /// - Parameter filings: where the events that founded tickets with this number stand in the canonical order, each once.
    /// - Returns: the shown text by ticket.
    package static func shown(_ number: String, of filings: [TicketFiling]) -> [StreamName: String] {
        var shown: [StreamName: String] = [:]
        for filing in filings.sorted() where shown[filing.ticket] == nil {
            shown[filing.ticket] = shown.isEmpty ? number : "\(number)-\(shown.count + 1)"
        }
        return shown
    }

    /// Reads what a person typed, with the suffix of a number that was given twice.
    ///
    /// - Returns: the number, and which of those that have it: 1 for the first; nil when none was said, so for all.
    package static func read(_ typed: String) -> (number: TicketNumber, place: Int?)? {
        if let number = TicketNumber(typed) { return (number, nil) }
        guard let hyphen = typed.lastIndex(of: "-"), let place = Int(typed[typed.index(after: hyphen)...]), place > 1,
            let number = TicketNumber(String(typed[..<hyphen]))
        else { return nil }
        return (number, place)
    }

    /// Whether a person meant a number that is none: 14 digits, with a suffix or without, whose check digit or day does not hold.
    package static func isMistaken(_ typed: String) -> Bool {
        guard read(typed) == nil else { return false }
        let parts = [typed[...], typed.lastIndex(of: "-").map { typed[..<$0] } ?? ""]
        return parts.contains { part in
            let digits = part.filter { $0 != " " && $0 != "-" }
            return digits.utf8.count == 14 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// Damm's totally anti-symmetric quasigroup of order 10; a number with its check digit ends at 0.
    private static let table: [[Int]] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6], [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7], [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ]

    private static func interim(of digits: String) -> Int {
        digits.utf8.reduce(0) { table[$0][Int($1) - 0x30] }
    }
}

/// Where the event that founded a ticket (立案) stands in the canonical order.
package struct TicketFiling: Sendable, Equatable, Comparable {
    package let ticket: StreamName
    package let hlc: HybridTime
    package let event: EventID

    package init(ticket: StreamName, hlc: HybridTime, event: EventID) {
        self.ticket = ticket
        self.hlc = hlc
        self.event = event
    }

    package static func < (left: TicketFiling, right: TicketFiling) -> Bool {
        left.hlc == right.hlc ? left.event < right.event : left.hlc < right.hlc
    }
}
