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
        do { body = try JSONReader.readObject(event.body) } catch {
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

    private mutating func take(_ kind: RuleKind, at place: Place) -> Bool {
        if let standing = published[kind], place < standing { return false }
        published[kind] = place
        return true
    }

    /// What publishes these rules; all drafts belong into one command.
    ///
    /// - Throws: `.oversize` when a body does not fit an event.
    package func drafts(at now: Timestamp) throws(RulesError) -> [Draft] {
        var drafts = [
            try RuleKind.calendar.draft(calendar.json, at: now), try RuleKind.limits.draft(limits.json, at: now),
        ]
        let lists: [(RuleKind, String, [JSONObject])] = [
            (.territory, territory.version, territory.units.map(\.json)),
            (.catalogue, catalogue.version, catalogue.entries.map(\.json)),
        ]
        for (kind, version, items) in lists {
            for body in PartList.bodies(kind: kind, version: version, items: items) {
                drafts.append(try kind.draft(body, at: now))
            }
        }
        return drafts
    }
}

/// A kind of rule event: its stream and type never change.
enum RuleKind: Sendable, CaseIterable {
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
