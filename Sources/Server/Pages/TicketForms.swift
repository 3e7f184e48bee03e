/// The forms of the street clerk: which steps a page offers, their fields, and the command that a posted form asks for.

import Events
import Foundation
import Texts
import Tickets

/// A field of a form; its name is the path in the command's body.
struct FormField: Sendable {
    enum Control: Sendable, Equatable {
        case line, area, moment
        /// A whole number from 1 to 99.
        case number
        case choice([String])
        case list
        /// Photographs and recordings (附件).
        case files
    }

    let path: String
    let control: Control
    /// A word or two; `PageTexts.hint` says the rest.
    let label: TextKey
    let isRequired: Bool

    init(_ path: String, _ control: Control, _ label: TextKey, required: Bool = true) {
        self.path = path
        self.control = control
        self.label = label
        isRequired = required
    }
}

enum TicketForms {
    /// The steps that a clerk's page offers, in the order of a ticket's life.
    static let steps: [TicketEventKind] = [
        .signed, .firstContactMade, .firstContactFailed, .replySubmitted, .returnAsked, .extensionAsked, .suspendAsked,
        .progressNoted,
    ]

    /// All steps that a page has a form for: those, and the settling of a conflict beside it.
    static let offered = steps + [.conflictResolved]

    /// The steps open in a state.
    static func steps(in status: TicketStatus) -> [TicketEventKind] {
        steps.filter { $0.rule.from.contains(status) }
    }

    static func fields(of kind: TicketEventKind) -> [FormField] {
        switch kind {
        case .firstContactMade:
            [
                FormField("way", .choice(["phone", "visit", "message"]), .way),
                FormField("note", .area, .note, required: false),
            ]
        case .firstContactFailed:
            [
                FormField("tries", .number, .tries),
                FormField("way", .choice(["phone", "visit", "message"]), .way),
                FormField("note", .area, .note, required: false),
            ]
        case .suspendAsked:
            [
                FormField(
                    "reasonClass", .choice(["hearing", "test", "appraisal", "season", "project", "other"]),
                    .reasonClass),
                FormField("reason", .area, .reason), FormField("promised", .moment, .promised),
                FormField("review", .moment, .review),
            ]
        case .replySubmitted:
            [
                FormField("text", .area, .replyText), FormField("fact", .area, .fact),
                FormField("demand", .area, .demand),
                FormField("kind", .choice(["solved", "staged", "explained"]), .finishKind),
                FormField("callerTold.way", .line, .toldWay), FormField("callerTold.at", .moment, .toldAt),
                FormField("evidence", .files, .evidence, required: false),
            ]
        case .returnAsked:
            [
                FormField("reason", .area, .reason), FormField("basis", .line, .basis),
                FormField("proposedUnit", .line, .proposedUnit), FormField("leader", .line, .leader),
            ]
        case .extensionAsked:
            [
                FormField("reason", .area, .reason), FormField("until", .moment, .until),
                FormField("callerTold", .line, .callerTold),
            ]
        case .progressNoted:
            [
                FormField("text", .area, .noteText),
                FormField("attachments", .files, .attachments, required: false),
            ]
        case .conflictResolved: [FormField("event", .line, .conflictEvent), FormField("outcome", .area, .outcome)]
        case _: []
        }
    }

    /// The command's body; blank fields are left out, so that the decision names what is missing.
    ///
    /// - Throws: the field whose text cannot be read.
    static func body(
        of kind: TicketEventKind, _ form: FormData, offsetMinutes: Int
    ) throws(UnreadableField) -> JSONObject {
        var body = JSONObject()
        for field in fields(of: kind) {
            let typed = form[field.path]
            if typed.isEmpty { continue }
            let value: JSON
            switch field.control {
            case .line, .area, .choice: value = .string(typed)
            case .list, .files: value = .array(typed.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
            case .number:
                guard let number = Int64(typed), (1...99).contains(number) else {
                    throw UnreadableField(label: field.label, typed: typed, rule: .badNumber)
                }
                value = .integer(number)
            case .moment:
                guard let instant = PageTime.read(typed, offsetMinutes: offsetMinutes) else {
                    throw UnreadableField(label: field.label, typed: typed, rule: .badMoment)
                }
                value = .integer(instant.milliseconds)
            }
            let path = field.path.split(separator: ".").map(String.init)
            if path.count == 2 {
                var inner = body[path[0]]?.object ?? JSONObject()
                inner[path[1]] = value
                body[path[0]] = .object(inner)
            } else {
                body[field.path] = value
            }
        }
        return body
    }
}

/// A field's text is no value of its kind.
struct UnreadableField: Error, Equatable {
    let label: TextKey
    let typed: String
    /// What it should be.
    let rule: TextKey
}

/// Times as pages show and read them: in the node's zone, to the minute.
enum PageTime {
    /// The UTC day as `yyyy-mm-dd`.
    static func day(_ instant: Timestamp) -> String { String(text(instant, offsetMinutes: 0).prefix(10)) }

    /// A day of the views, 20261123, as `2026-11-23`.
    static func day(_ number: Int64) -> String {
        func two(_ part: Int64) -> String { part < 10 ? "0\(part)" : "\(part)" }
        return "\(number / 10_000)-\(two(number / 100 % 100))-\(two(number % 100))"
    }

    static func text(_ instant: Timestamp, offsetMinutes: Int) -> String {
        instant.text(offsetMinutes: offsetMinutes)
    }

    /// - Returns: nil unless it is `2026-11-23T09:30` or `2026-11-23 09:30`, with seconds or without.
    static func read(_ typed: String, offsetMinutes: Int) -> Timestamp? {
        let text = typed.replacingOccurrences(of: " ", with: "T")
        guard Instant.kind(of: text) == .local else { return nil }
        return Instant.parse(text, offsetMinutes: offsetMinutes, allowsLocal: true)
    }
}
