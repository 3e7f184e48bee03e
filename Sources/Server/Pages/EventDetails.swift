/// What an event of a ticket's history says, field by field: an auditor reads on the page what was decided, and why.

import Events
import Texts
import Tickets

enum EventDetails {
    /// What people wrote stands first and without a label.
    private static let spoken = ["text", "reason", "note"]
    /// What the page shows elsewhere: the matter in its own place, which time counts beside the event's time.
    private static let elsewhere: [TicketEventKind: Set<String>] = [
        .registered: ["matter"], .imported: ["matter"], .importUpdated: ["matter"],
        .receiptNoted: ["event", "of", "arrivedAt", "countedAt"],
    ]

    /// Lines of text, to be escaped by the caller.
    ///
    /// A kind of another version has only what people wrote.
    static func lines(of body: JSONObject, _ type: EventType, _ frame: PageFrame) -> [String] {
        let words = spoken.compactMap { body[$0]?.string }
        guard let kind = TicketEventKind(typeName: type.name) else { return words }
        let hidden = elsewhere[kind] ?? []
        return words
            + TicketFields.of(kind).compactMap { field in
                guard !spoken.contains(field.name), !hidden.contains(field.name), let value = body[field.name],
                    let text = text(of: value, field.shape, frame), !text.isEmpty
                else { return nil }
                return "\(frame.texts.language.text(field.meaning)): \(text)"
            }
    }

    private static func text(of value: JSON, _ shape: FieldShape, _ frame: PageFrame) -> String? {
        switch shape {
        case .instant: value.integer.map { frame.time(Timestamp(milliseconds: $0)) }
        case .oneOf: value.string.map { frame.texts.choice($0) }
        case .flag: value.bool.map { frame.texts[$0 ? .yes : .no] }
        case .category: value.array.map { $0.compactMap(\.string).joined(separator: " / ") }
        case .texts: value.array.map { $0.compactMap(\.string).joined(separator: ", ") }
        case _: plain(value, frame)
        }
    }

    /// A value by itself; members of objects stand under their names.
    private static func plain(_ value: JSON, _ frame: PageFrame) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): frame.texts[flag ? .yes : .no]
        case .null: nil
        case .array(let values): values.compactMap { plain($0, frame) }.joined(separator: "; ")
        case .object(let object):
            object.members.compactMap { member in
                if member.key == "at" || member.key == "due", let number = member.value.integer {
                    return "\(member.key) \(frame.time(Timestamp(milliseconds: number)))"
                }
                return plain(member.value, frame).map { "\(member.key) \($0)" }
            }.joined(separator: ", ")
        }
    }
}
