/// Lists too long for one event: cut into parts, and put together again.

import Events

/// Parts that wait for the rest of their list; the parts of a list come from one command at one node's opening.
///
/// What stands is a function of the set of parts, whatever their order and repetition: nothing that waits is given up,
/// and a list that stood once is not opened anew by one of its parts.
struct PartList: Sendable, Equatable {
    /// A list: parts that name another version or count belong to another one, so that none can spoil the others.
    ///
    /// Nor can those of another opening: a centre that was restored may have heard the same command again.
    private struct Key: Sendable, Hashable {
        let origin: Origin
        let command: CommandID
        let version: String
        let count: Int
    }

    private struct Part: Sendable, Equatable {
        let items: [JSONObject]
        let place: Place
    }

    static let mostParts: Int64 = 64

    /// By number of the part.
    ///
    /// Without a limit: only the centre publishes, so its own log is the limit.
    private var waiting: [Key: [Int: Part]] = [:]
    private var completed: Set<Key> = []

    /// Takes a part.
    ///
    /// - Returns: the whole list once its last part is there, and never again; its place is that of the latest part.
    mutating func add(
        _ body: JSONObject, kind: RuleKind, event: Event
    ) throws(RulesError) -> (version: String, items: [JSONObject], place: Place)? {
        let fields = Fields(body, of: "body of \(event.type)")
        let count = try fields.integer("parts", in: 1...PartList.mostParts)
        let number = try fields.integer("part", in: 1...count)
        let version = try fields.text("version")
        let items = try fields.objects(kind.items)
        let key = Key(origin: event.id.origin, command: event.command, version: version, count: Int(count))
        if completed.contains(key) { return nil }
        let part = Part(items: items, place: Place(event))
        // A part that somebody wrote twice: the first in canonical order stands, whichever came first.
        if let known = waiting[key]?[Int(number)], known.place <= part.place { return nil }
        waiting[key, default: [:]][Int(number)] = part
        guard let parts = waiting[key], parts.count == key.count, let place = parts.values.map(\.place).max() else {
            return nil
        }
        waiting[key] = nil
        completed.insert(key)
        return (version, (1...key.count).flatMap { parts[$0]?.items ?? [] }, place)
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
