/// What a node answered as lines show it: names in the shell's language, times on the node's clock.
///
/// JSON has neither: there names are codes and times are UTC, in every shell.

import Events
import NIOHTTP1
import Server
import Texts
import Tickets

struct AnswerText {
    let texts: PageTexts
    /// Minutes east of UTC of the node's zone.
    let offsetMinutes: Int

    /// To the minute; nil for what is no time.
    func time(_ value: JSON?) -> String? {
        value?.integer.map { Timestamp(milliseconds: $0).text(offsetMinutes: offsetMinutes) }
    }

    /// A status of another version stands as it is.
    func status(_ value: JSON?) -> String? {
        value?.string.map { code in TicketStatus(rawValue: code).map { texts.status($0) } ?? code }
    }

    /// What a command came to: the ticket, its number where it has one, its version, and whether something was added.
    static func report(of answer: JSONObject) -> Words {
        let isNew = answer["repeat"]?.bool != true && answer["recorded"]?.bool != false
        let state: Words = isNew ? "recorded" : "was there already"
        let ticket = answer["ticket"]?.string ?? ""
        let number = answer["number"]?.string ?? "-"
        let report: Words = "\(ticket)\t\(number)\tversion \(answer["version"]?.integer ?? 0)\t\(state)"
        return report
    }

    /// The code of a status that was typed as lines show it, in either language; what is none of these stands as it is.
    static func statusCode(_ text: String) -> String {
        TicketStatus.allCases.first { status in
            let names = PageTexts.names(status)
            return names.zh == text || names.en == text
        }?.rawValue ?? text
    }
}

extension NodeClient {
    /// How this node's answers are shown; says once which clock the times are on.
    func answerText() async throws -> AnswerText {
        // A node that does not say its zone is shown in UTC, and that is said.
        let minutes = try await call(.GET, "/api/v1/status")["utcOffsetMinutes"]?.integer ?? 0
        let text = AnswerText(texts: PageTexts(Talk.language), offsetMinutes: Int(clamping: minutes))
        Talk.line("times are on the node's clock, UTC\(Instant.offset(text.offsetMinutes))")
        return text
    }
}
