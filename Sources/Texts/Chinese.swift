/// The Chinese templates (zh-CN) of all `Words`, put together from the files `Chinese+….swift`, one an area.
///
/// Left the English template, whose `{}` are counted from 0; right what a Chinese reader gets. A test over the source tree
/// finds what is missing here, what nobody says any more, and what leaves a value out.

import Tickets

package enum Chinese {
    /// A duplicate is told by a test; here the first one stands.
    package static let templates = Dictionary(areas.flatMap { $0.map { ($0.key, $0.value) } } + names) { first, _ in
        first
    }

    package static let areas: [KeyValuePairs<String, String>] = [
        common, formats, log, verify, rules, tickets, ticketFields, nodes, views, intake, http, commands, help, alarms,
    ]

    /// The names that a ticket's statuses, events, fields and actors have on the pages.
    private static let names: [(String, String)] =
        TicketStatus.allCases.map { ("status:\($0.rawValue)", PageTexts.names($0).zh) }
        + TicketEventKind.allCases.map { ("event:\($0.rawValue)", PageTexts.names($0).zh) }
        + TicketRole.allCases.map { ("role:\($0.rawValue)", PageTexts.names($0).zh) }
        + ["notice", "warning", "critical"].map { ("severity:\($0)", PageTexts(.chinese).severity($0)) }
        + SystemActor.allCases.map { ("system:\($0.rawValue)", $0.names.zh) } + fields

    /// Labels with the path behind them, which is what a program sends.
    private static var fields: [(String, String)] {
        TicketEventKind.allCases.flatMap { kind in
            TicketFields.paths(of: kind).compactMap { path in
                FieldLabel.names(path, of: kind).map { ("field of \(kind.rawValue):\(path)", "\($0.zh)（\(path)）") }
            }
        }
    }
}
