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
        guard let kind = TicketEventKind(typeName: type.name) else { return spoken.compactMap { body[$0]?.string } }
        let spoken = spoken.filter { FieldChoice($0, of: kind) == nil }
        let hidden = Set(spoken).union(elsewhere[kind] ?? [])
        let reading = Reading(kind: kind, frame: frame)
        return spoken.compactMap { body[$0]?.string }
            + TicketFields.of(kind).compactMap { field in
                guard !hidden.contains(field.name), let value = body[field.name] else { return nil }
                let members = TicketFields.members(of: field)
                return reading.row(field.name, reading.text(of: value, field.shape, field.name, members))
            } + imported(body, reading)
    }

    /// What an import adds to the fields of the table; its answer stands in a place of its own.
    private static func imported(_ body: JSONObject, _ reading: Reading) -> [String] {
        guard reading.kind == .imported || reading.kind == .importUpdated else { return [] }
        let state = body["state"]?.string.map { TicketStatus(rawValue: $0).map(reading.frame.texts.status) ?? $0 }
        let source = body["source"]?.object.flatMap { object in
            reading.members(object, "source", [("name", .text), ("id", .text), ("updatedAt", .instant)])
        }
        let closed = body["closedAt"].flatMap { reading.text(of: $0, .instant, "closedAt") }
        return [
            reading.row("state", state), reading.row("closedAt", closed), reading.row("source", source),
        ].compactMap(\.self)
    }
}

/// Reads the values of one step, for one reader.
private struct Reading {
    typealias Members = [(name: String, shape: FieldShape)]

    let kind: TicketEventKind
    let frame: PageFrame
    var texts: PageTexts { frame.texts }

    /// nil where there is nothing to say.
    func row(_ path: String, _ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : texts.labelled(texts.label(path, of: kind), $0) }
    }

    /// - Parameter members: of an object that is known; of any other the stored ones are shown.
    func text(of value: JSON, _ shape: FieldShape, _ path: String, _ members: Members = []) -> String? {
        switch shape {
        case .instant:
            // A due time is an object around its instant.
            (value.integer ?? value.object?["at"]?.integer).map { frame.time(Timestamp(milliseconds: $0)) }
        case .category: value.array.map { $0.compactMap(\.string).joined(separator: " / ") }
        case .blobs:
            value.array.map { items in
                texts.list(
                    items.compactMap { item in
                        item.string ?? Attachment(item).map { texts.attachment(kind: $0.kind, type: $0.type) }
                    })
            }
        case .stream: value.string.map { text in (try? StreamName(text)).map { String($0.key) } ?? text }
        case _: plain(value, path, members)
        }
    }

    /// The members of an object, each behind its label.
    func members(_ object: JSONObject, _ path: String, _ known: Members) -> String? {
        let read = known.isEmpty ? object.members.map { (name: $0.key, shape: FieldShape.text) } : known
        let parts = read.compactMap { member -> String? in
            let inner = "\(path).\(member.name)"
            guard let value = object[member.name], let text = text(of: value, member.shape, inner), !text.isEmpty
            else { return nil }
            return "\(texts.label(inner, of: kind)) \(text)"
        }
        return parts.isEmpty ? nil : texts.list(parts)
    }

    private func plain(_ value: JSON, _ path: String, _ known: Members) -> String? {
        switch value {
        case .string(let text): texts.choice(text, path, of: kind)
        case .integer(let number) where path.hasSuffix("E7"): Reading.degrees(number)
        case .integer(let number): texts.choice(String(number), path, of: kind)
        case .bool(let flag): texts[flag ? .yes : .no]
        case .null: nil
        case .array(let values): texts.clauses(values.compactMap { plain($0, path, known) })
        case .object(let object): members(object, path, known)
        }
    }

    /// Of 1e-7 degrees, all that is not zero.
    private static func degrees(_ number: Int64) -> String {
        let (whole, rest) = number.magnitude.quotientAndRemainder(dividingBy: 10_000_000)
        let digits = String(repeating: "0", count: 7 - String(rest).count) + String(rest)
        let fraction = digits.reversed().drop { $0 == "0" }.reversed()
        return (number < 0 ? "-" : "") + String(whole) + (fraction.isEmpty ? "" : "." + String(fraction)) + "°"
    }
}
