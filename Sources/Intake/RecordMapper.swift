/// Reads rows through a map: pure, and the same for every file the map fits.

import Events
import Privacy

/// A row read through a map, before anyone looked whether it is known.
struct MappedRow {
    /// A timed step as the source has it.
    struct Step {
        let name: String
        let at: Timestamp
        let body: JSONObject
    }

    let number: Int
    let id: String
    let createdAt: Timestamp
    /// What describes the ticket.
    let content: JSONObject
    /// The state the source shows now, and the one at creation.
    let state: String
    let firstState: String
    let flags: JSONObject
    let steps: [Step]
    let reply: String?
    let note: String?
    let revision: SourceRevision
    /// Who called; no digest above is of it.
    let person: PersonData?
    let sealedNumbers: [SealedNumber]
}

struct RecordMapper {
    let map: ImportMap
    /// What a time of intake can be: from the first day of 1900 to a day after the import, for clocks and zones that differ.
    private let intake: ClosedRange<Timestamp>
    private var checked: SourceColumns?
    private var extraColumns: [String] = []
    private var nestedPerson: String?
    private let nulls: Set<String>
    private let plain: Set<String>

    /// - Parameter fetchedAt: the import's clock.
    init(map: ImportMap, fetchedAt: Timestamp) {
        self.map = map
        // 1900-01-01T00:00 on the map's clock; spreadsheets write it for a date that is none.
        let first = map.zone.instant(local: -2_208_988_800_000)
        intake = first...max(first, Timestamp(milliseconds: fetchedAt.milliseconds + 86_400_000))
        nulls = Set(map.nulls)
        plain = Set(map.plain)
    }

    /// - Throws: `.missingColumn` when a CSV file lacks a column that the map reads. JSON lines may leave out what is empty.
    mutating func check(_ columns: SourceColumns) throws(ImportError) {
        if let checked, checked === columns { return }
        checked = columns
        extraColumns = map.extraColumns(of: columns)
        nestedPerson = map.nestedPerson(in: columns)
        try map.check(columns)
    }

    /// - Throws: the reason to refuse the row.
    func map(_ row: SourceRow) throws(RefusalError) -> MappedRow {
        var reader = FieldReader(row: row, map: map, nulls: nulls, plain: plain)
        let parts = map.id.compactMap { reader.value($0) }
        guard parts.count == map.id.count else { throw RefusalError(.noID(columns: map.id)) }
        // The id stands in the event as it is, and cannot be taken out of it: it names the ticket for ever.
        for (column, value) in zip(map.id, parts)
        where !plain.contains(column) && !PersonalNumbers.find(in: value).isEmpty {
            throw RefusalError(.openID(column: column))
        }
        guard let createdAt = try reader.time(map.created) else {
            throw RefusalError(.noValue(field: "time of intake", columns: [map.created.column]))
        }
        guard intake.contains(createdAt) else { throw RefusalError(reader.unlikelyTime(map.created)) }
        let person = try person(reader)
        let content = try content(&reader)
        let reply = reader.text(map.reply, field: "reply")
        let note = reader.text(map.note, field: "note")
        var steps: [MappedRow.Step] = []
        for rule in map.steps where reader.holds(rule.when) {
            guard let at = try reader.time(rule.at) else { continue }
            steps.append(MappedRow.Step(name: rule.name, at: at, body: body(of: rule, at: at, &reader)))
        }
        steps.sort { $0.at < $1.at }
        let state = map.states.first { reader.holds($0.when) }?.state ?? map.stateAtCreation
        let isLaterState = steps.contains { $0.body["state"] != nil }
        let flags = reader.flags(map.flags)
        var progress: JSONObject = ["flags": .object(flags), "state": .string(state)]
        progress["reply"] = reply.map(JSON.string)
        progress["note"] = note.map(JSON.string)
        progress["steps"] = .array(steps.map { .array([.integer($0.at.milliseconds), .object($0.body)]) })
        let revision = SourceRevision(
            content: RecordMapper.digest(content + ["createdAt": .integer(createdAt.milliseconds)]),
            progress: RecordMapper.digest(progress),
            updatedAt: try map.updated.flatMap { rule throws(RefusalError) in try reader.time(rule) })
        return MappedRow(
            number: row.number, id: RecordMapper.id(of: parts), createdAt: createdAt, content: content, state: state,
            firstState: isLaterState ? map.stateAtCreation : state, flags: flags, steps: steps, reply: reply,
            note: note, revision: revision, person: person, sealedNumbers: reader.sealedNumbers)
    }

    /// The parts with `|` between them; of several, a `|` or `\` within one gets a `\` before it.
    ///
    /// Else `x|y, z` and `x, y|z` would be one ticket. A part alone stands as it is.
    private static func id(of parts: [String]) -> String {
        if parts.count == 1 { return parts[0] }
        return parts.map { $0.replacing("\\", with: "\\\\").replacing("|", with: "\\|") }.joined(separator: "|")
    }

    /// Who called; nil when the row does not say.
    private func person(_ reader: FieldReader) throws(RefusalError) -> PersonData? {
        if let nestedPerson { throw RefusalError(.badPerson(.noText(member: nestedPerson))) }
        var block: JSONObject = [:]
        for (member, rule) in map.person { block[member] = reader.textToSeal(rule).map(JSON.string) }
        do throws(PersonProblem) { return try PersonData(block) } catch {
            if error == .empty { return nil }
            throw RefusalError(.badPerson(error))
        }
    }

    private func content(_ reader: inout FieldReader) throws(RefusalError) -> JSONObject {
        var content: JSONObject = [:]
        content["channel"] = .string(reader.text(map.channel, field: "channel") ?? "import")
        content["title"] = reader.text(map.title, field: "title").map(JSON.string)
        guard let matter = reader.text(map.matter, field: "matter") else {
            throw RefusalError(.noValue(field: "matter", columns: map.matter.columns))
        }
        content["matter"] = .string(matter)
        content["kind"] = reader.text(map.kind, field: "kind").map(JSON.string)
        let category = map.category.compactMap { reader.text($0, field: "category") }
        if !category.isEmpty { content["category"] = .array(category.map(JSON.string)) }
        var place: JSONObject = [:]
        for (name, rule) in map.place.texts { place[name] = reader.text(rule, field: "place.\(name)").map(JSON.string) }
        if let latitude = try reader.coordinate(map.place.latitude, limit: 90),
            let longitude = try reader.coordinate(map.place.longitude, limit: 180),
            latitude != 0 || longitude != 0
        {
            place["latitudeE7"] = .integer(latitude)
            place["longitudeE7"] = .integer(longitude)
        }
        if !place.isEmpty { content["place"] = .object(place) }
        var unit: JSONObject = [:]
        unit["code"] = reader.text(map.unitCode, field: "unit.code").map(JSON.string)
        unit["name"] = reader.text(map.unitName, field: "unit.name").map(JSON.string)
        if !unit.isEmpty { content["unit"] = .object(unit) }
        if let due = map.due { content["due"] = try reader.time(due).map { .integer($0.milliseconds) } }
        var extra: JSONObject = [:]
        for column in extraColumns {
            guard let text = reader.text(ImportMap.TextRule(columns: [column]), field: "extra.\(column)") else {
                continue
            }
            // In JSON lines a name is data, too.
            extra[plain.contains(column) ? column : reader.sealed(column, field: "extra")] = .string(text)
        }
        if !extra.isEmpty { content["extra"] = .object(extra) }
        return content
    }

    private func body(of rule: ImportMap.StepRule, at: Timestamp, _ reader: inout FieldReader) -> JSONObject {
        var body: JSONObject = [:]
        body["state"] = rule.state.map(JSON.string)
        if rule.closes { body["closedAt"] = .integer(at.milliseconds) }
        body["reply"] = reader.text(rule.reply, field: "reply").map(JSON.string)
        body["note"] = reader.text(rule.note, field: "note").map(JSON.string)
        let flags = reader.flags(rule.flags)
        if !flags.isEmpty { body["flags"] = .object(flags) }
        return body
    }

    private static func digest(_ object: JSONObject) -> String {
        let words = Digest.sha256(JSON.object(object).canonicalBytes).words
        return words.0.hexadecimal + words.1.hexadecimal
    }
}

/// Carries a refusal out of the mapper.
struct RefusalError: Error {
    let reason: RefusalReason
    init(_ reason: RefusalReason) { self.reason = reason }
}

extension JSONObject {
    /// The members of both; those of `right` win.
    static func + (left: JSONObject, right: JSONObject) -> JSONObject {
        var result = left
        for member in right.members { result[member.key] = member.value }
        return result
    }
}
