/// Lists too long for one event: cut into parts, and put together again.

import Events

/// Parts that wait for the rest of their list; the parts of a list come from one command.
struct PartList: Sendable, Equatable {
    /// Parts of one list.
    private struct Waiting: Sendable, Equatable {
        let version: String
        var parts: [[JSONObject]?]
        var place: Place
    }

    static let mostParts: Int64 = 64
    /// Lists that wait at a time; beyond it the earliest in canonical order is given up.
    static let mostWaiting = 16

    private var waiting: [CommandID: Waiting] = [:]

    /// Takes a part.
    ///
    /// - Returns: the whole list once its last part is there; its place is that of the latest part.
    mutating func add(
        _ body: JSONObject, kind: RuleKind, event: Event
    ) throws(RulesError) -> (version: String, items: [JSONObject], place: Place)? {
        let fields = Fields(body, of: "body of \(event.type)")
        let count = try fields.integer("parts", in: 1...PartList.mostParts)
        let number = try fields.integer("part", in: 1...count)
        let version = try fields.text("version")
        let items = try fields.objects(kind.items)
        let place = Place(event)
        var list =
            waiting[event.command]
            ?? Waiting(version: version, parts: Array(repeating: nil, count: Int(count)), place: place)
        guard list.version == version, list.parts.count == Int(count) else {
            throw fields.error(
                "parts", wanted: "\(list.parts.count) of \(list.version), as in the command's other parts")
        }
        list.parts[Int(number) - 1] = items
        list.place = max(list.place, place)
        let there = list.parts.compactMap { $0 }
        if there.count == list.parts.count {
            waiting[event.command] = nil
            return (version, there.flatMap { $0 }, list.place)
        }
        waiting[event.command] = list
        // The order of places decides, not the dictionary's: they are unique.
        if waiting.count > PartList.mostWaiting, let earliest = waiting.min(by: { $0.value.place < $1.value.place }) {
            waiting[earliest.key] = nil
        }
        return nil
    }

    /// Bodies that hold the items in order, each within an event's limit unless a single item is beyond it.
    static func bodies(kind: RuleKind, version: String, items: [JSONObject]) -> [JSONObject] {
        let room = Event.Limit.body - 256 - JSON.string(version).canonicalBytes.count
        var parts: [[JSON]] = [[]]
        var used = 0
        for item in items {
            let length = JSON.object(item).canonicalBytes.count + 1
            if used > 0, used + length > room {
                parts.append([])
                used = 0
            }
            parts[parts.count - 1].append(.object(item))
            used += length
        }
        return parts.enumerated().map { offset, part in
            [
                kind.items: .array(part), "part": .integer(Int64(offset) + 1), "parts": .integer(Int64(parts.count)),
                "version": .string(version),
            ]
        }
    }
}

extension Territory {
    init(version: String, items: [JSONObject]) throws(RulesError) {
        var units: [Unit] = []
        for item in items { units.append(try Unit(json: item)) }
        try self.init(version: version, units: units)
    }
}

extension DispatchCatalogue {
    init(version: String, items: [JSONObject]) throws(RulesError) {
        var entries: [CatalogueEntry] = []
        for item in items { entries.append(try CatalogueEntry(json: item)) }
        try self.init(version: version, entries: entries)
    }
}
