/// All rules in force, folded from rule events. Form of the bodies: `docs/format/rules.md`.

package import Events

/// The rules in force (规则集): calendar, limits, territory and catalogue.
package struct RuleBook: Sendable, Equatable {
    package private(set) var calendar: WorkCalendar
    package private(set) var limits: LimitTable
    package private(set) var territory: Territory
    package private(set) var catalogue: DispatchCatalogue
    /// Places of what is in force in the canonical order; nil for what no event published.
    private var published: [RuleKind: Place] = [:]
    private var pendingTerritory = PartList()
    private var pendingCatalogue = PartList()

    /// Rules that no event published: any event replaces them.
    package init(
        calendar: WorkCalendar, limits: LimitTable, territory: Territory, catalogue: DispatchCatalogue
    ) {
        self.calendar = calendar
        self.limits = limits
        self.territory = territory
        self.catalogue = catalogue
    }

    /// Folds one event; events of other streams, types and versions change nothing.
    ///
    /// Of each kind the event that is latest in `(hlc, origin, sequence)` stands, in whatever order they come; a list
    /// in parts stands once all parts are there, at the place of its last.
    /// - Throws: `RulesError` when the body of a rule event does not fit; what is in force then stays so.
    package mutating func apply(_ event: Event) throws(RulesError) {
        guard let kind = RuleKind(event) else { return }
        let body: JSONObject
        do { body = try JSONReader.readObject(event.body.bytes ?? []) } catch {
            throw .unreadable(what: "The body of \(event.type) \(event.id)", why: error.message)
        }
        let place = Place(event)
        switch kind {
        case .calendar:
            let calendar = try WorkCalendar(json: body)
            if take(kind, at: place) { self.calendar = calendar }
        case .limits:
            let limits = try LimitTable(json: body)
            if take(kind, at: place) { self.limits = limits }
        case .territory:
            guard let whole = try pendingTerritory.add(body, kind: kind, event: event) else { return }
            let territory = try Territory(version: whole.version, items: whole.items)
            if take(kind, at: whole.place) { self.territory = territory }
        case .catalogue:
            guard let whole = try pendingCatalogue.add(body, kind: kind, event: event) else { return }
            let catalogue = try DispatchCatalogue(version: whole.version, items: whole.items)
            if take(kind, at: whole.place) { self.catalogue = catalogue }
        }
    }

    /// Whether the territory in force is the district's own, and not the one that ships as an example.
    package var isTerritoryPublished: Bool { published[.territory] != nil }

    private mutating func take(_ kind: RuleKind, at place: Place) -> Bool {
        if let standing = published[kind], place < standing { return false }
        published[kind] = place
        return true
    }

    /// What publishes one kind of rules, as a person wrote it in the form of `docs/format/rules.md`.
    ///
    /// - Parameters:
    ///   - body: calendar or limits whole; of a territory or catalogue its version and all of its items.
    ///   - kind: calendar, limits, territory or catalogue.
    /// - Throws: `RulesError` naming the field that does not hold; nothing is published then.
    package static func drafts(
        publishing body: JSONObject, as name: String, at now: Timestamp
    ) throws(RulesError) -> [Draft] {
        guard let kind = RuleKind(rawValue: name) else {
            throw .unknownKind(name: name, known: RuleBook.kinds)
        }
        switch kind {
        case .calendar:
            _ = try WorkCalendar(publishing: body)
            return [try kind.draft(body, at: now)]
        case .limits:
            _ = try LimitTable(json: body)
            return [try kind.draft(body, at: now)]
        case .territory, .catalogue:
            let fields = Fields(body, of: Words(verbatim: name))
            let version = try fields.text("version")
            let items = try fields.objects(kind.items)
            if kind == .territory { _ = try Territory(version: version, items: items) }
            if kind == .catalogue { _ = try DispatchCatalogue(version: version, items: items) }
            var drafts: [Draft] = []
            for part in PartList.bodies(kind: kind, version: version, items: items) {
                drafts.append(try kind.draft(part, at: now))
            }
            return drafts
        }
    }

    /// The types of events that publish rules.
    package static var types: Set<EventType> { Set(RuleKind.allCases.map(\.type)) }

    /// The kinds of rules that can be published.
    package static var kinds: [String] { RuleKind.allCases.map(\.rawValue) }

    /// The rules in force of each kind, in the form in which they are published.
    package var bodies: [(kind: String, body: JSONObject)] {
        func list(_ kind: RuleKind, _ version: String, _ items: [JSONObject]) -> JSONObject {
            [kind.items: .array(items.map(JSON.object)), "version": .string(version)]
        }
        return RuleKind.allCases.map { kind in
            switch kind {
            case .calendar: (kind.rawValue, calendar.json)
            case .limits: (kind.rawValue, limits.json)
            case .territory: (kind.rawValue, list(kind, territory.version, territory.units.map(\.json)))
            case .catalogue: (kind.rawValue, list(kind, catalogue.version, catalogue.entries.map(\.json)))
            }
        }
    }

    /// What publishes all of these rules; the drafts belong into one command.
    ///
    /// - Throws: `.oversize` when a body does not fit an event; `.field` when a log from before holds what is refused now.
    package func drafts(at now: Timestamp) throws(RulesError) -> [Draft] {
        var drafts: [Draft] = []
        for (kind, body) in bodies { drafts += try RuleBook.drafts(publishing: body, as: kind, at: now) }
        return drafts
    }
}

/// A kind of rule event: its stream and type never change.
enum RuleKind: String, Sendable, CaseIterable {
    case calendar, limits, territory, catalogue

    var stream: String {
        switch self {
        case .calendar: "calendar/main"
        case .limits: "rule/limits"
        case .territory: "territory/main"
        case .catalogue: "catalogue/dispatch"
        }
    }

    var type: EventType {
        switch self {
        case .calendar: EventType("calendar.published")
        case .limits: EventType("rule.published")
        case .territory: EventType("territory.changed")
        case .catalogue: EventType("catalogue.changed")
        }
    }

    /// Whether it is a list, published in parts.
    var isList: Bool { self == .territory || self == .catalogue }

    /// The member that holds the items of a list in parts.
    var items: String { self == .territory ? "units" : "entries" }

    /// - Returns: nil when the event is of no kind known here.
    init?(_ event: Event) {
        for kind in RuleKind.allCases where kind.stream == event.stream.text && kind.type == event.type {
            self = kind
            return
        }
        return nil
    }

    func draft(_ body: JSONObject, at now: Timestamp) throws(RulesError) -> Draft {
        let length = JSON.object(body).canonicalBytes.count
        guard length <= Event.Limit.body else {
            throw .oversize(what: "The body of \(type)", length: length, limit: Event.Limit.body)
        }
        do { return Draft(stream: try StreamName(stream), type: type, body: body, occurredAt: now) } catch {
            throw .unreadable(what: "The stream of \(type)", why: error.message)
        }
    }
}

/// An event's place in the canonical order.
struct Place: Sendable, Equatable, Comparable {
    let hlc: HybridTime
    let id: EventID

    init(_ event: Event) {
        hlc = event.hlc
        id = event.id
    }

    static func < (left: Place, right: Place) -> Bool {
        left.hlc == right.hlc ? left.id < right.id : left.hlc < right.hlc
    }
}
