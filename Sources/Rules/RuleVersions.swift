/// What versions of rules stand for (规则版本): one content each, for ever.
///
/// Due times name the versions that they were counted by; with two contents under one name nobody could count them again.

package import Events

package struct RuleVersions: Sendable {
    /// Rules of one kind as they are read: what this version of Gridline does not read makes no difference.
    private enum Content: Sendable, Equatable {
        case calendar(WorkCalendar)
        case limits(LimitTable)
        case territory(Territory)
        case catalogue(DispatchCatalogue)
    }

    private struct Name: Sendable, Hashable {
        let kind: RuleKind
        let version: String
    }

    private var contents: [Name: [Content]] = [:]
    private var pending: [RuleKind: PartList] = [:]

    /// The versions that ship, which stand behind due times without any event.
    package init() throws(RulesError) {
        for name in RuleBook.presetNames {
            guard let kind = RuleKind.allCases.first(where: { name.hasPrefix("\($0.rawValue)-") }) else { continue }
            let body = try RuleBook.preset(name)
            let fields = Fields(body, of: Words(verbatim: name))
            let version = try fields.text("version")
            let items = kind.isList ? try fields.objects(kind.items) : []
            note(try RuleVersions.content(kind, version, body, items), kind, version)
        }
    }

    /// Takes what an event published; one that cannot be read stands for nothing.
    package mutating func take(_ event: Event) {
        guard let kind = RuleKind(event), let body = event.record,
            let version = body["version"]?.string
        else { return }
        var items: [JSONObject] = []
        if kind.isList {
            guard let whole = try? pending[kind, default: PartList()].add(body, kind: kind, event: event) else {
                return
            }
            items = whole.items
        }
        guard let content = try? RuleVersions.content(kind, version, body, items) else { return }
        note(content, kind, version)
    }

    /// Whether drafts of one command may be published.
    ///
    /// The same content again is no harm: it puts an earlier version back in force.
    /// - Throws: `.versionTaken` for a version that stands for something else, or what cannot be read.
    package func check(_ drafts: [Draft]) throws(RulesError) {
        for kind in RuleKind.allCases {
            let bodies = drafts.filter { $0.stream.text == kind.stream && $0.type == kind.type }.map(\.body)
            guard let first = bodies.first else { continue }
            let version = try Fields(first, of: Words(verbatim: kind.rawValue)).text("version")
            var items: [JSONObject] = []
            if kind.isList {
                for body in bodies { items += try Fields(body, of: Words(verbatim: kind.rawValue)).objects(kind.items) }
            }
            let content = try RuleVersions.content(kind, version, first, items)
            if let known = contents[Name(kind: kind, version: version)], known.contains(where: { $0 != content }) {
                throw .versionTaken(kind: kind.rawValue, version: version)
            }
        }
    }

    private mutating func note(_ content: Content, _ kind: RuleKind, _ version: String) {
        let name = Name(kind: kind, version: version)
        if contents[name]?.contains(content) != true { contents[name, default: []].append(content) }
    }

    private static func content(
        _ kind: RuleKind, _ version: String, _ body: JSONObject, _ items: [JSONObject]
    ) throws(RulesError) -> Content {
        switch kind {
        case .calendar: .calendar(try WorkCalendar(json: body))
        case .limits: .limits(try LimitTable(json: body))
        case .territory: .territory(try Territory(version: version, items: items))
        case .catalogue: .catalogue(try DispatchCatalogue(version: version, items: items))
        }
    }
}
