/// The dispatch catalogue: which matter goes to whom. Form: `docs/format/rules.md`.

package import Events

/// How an item is handled when a grid worker finds it (处置方式).
package enum ItemFlow: String, Sendable, CaseIterable {
    /// 自处置
    case own = "self"
    /// 上报处置
    case report
}

/// An item of the catalogue (事项).
package struct CatalogueEntry: Sendable, Equatable {
    package let code: String
    /// The category (类别).
    package let category: String
    package let name: String
    package let flow: ItemFlow
    /// Names of the units in charge, the first leads (责任部门).
    package let departments: [String]
    /// All members as published: inspection points and windows are for the grid, and unknown ones survive.
    package let json: JSONObject

    /// - Throws: `RulesError` naming the field that does not fit.
    package init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "catalogue entry")
        code = try fields.text("code")
        category = try fields.text("category")
        name = try fields.text("name")
        guard let flow = ItemFlow(rawValue: try fields.text("flow")) else {
            throw fields.error("flow", wanted: .list(ItemFlow.allCases.map(\.rawValue)))
        }
        self.flow = flow
        var departments: [String] = []
        for entry in try fields.array("departments") {
            guard let name = entry.string else { throw fields.error("departments", wanted: "a list of texts") }
            departments.append(name)
        }
        self.departments = departments
        self.json = json
    }
}

/// A dispatch catalogue (派单目录).
package struct DispatchCatalogue: Sendable, Equatable {
    package let version: String
    /// In published order.
    package let entries: [CatalogueEntry]
    /// Places of entries by code and by category; looked up, never walked.
    private let codes: [String: Int]
    private let categories: [String: [Int]]
    private let departments: Set<String>

    /// - Throws: `RulesError` when a code comes twice.
    package init(version: String, entries: [CatalogueEntry]) throws(RulesError) {
        var codes: [String: Int] = [:]
        var categories: [String: [Int]] = [:]
        for (place, entry) in entries.enumerated() {
            guard codes.updateValue(place, forKey: entry.code) == nil else {
                throw .field(
                    name: "code", of: "catalogue \(version)", found: Words(verbatim: entry.code), wanted: "there once")
            }
            categories[entry.category, default: []].append(place)
        }
        self.version = version
        self.entries = entries
        self.codes = codes
        self.categories = categories
        departments = Set(entries.flatMap(\.departments))
    }

    /// The entry with a code.
    package subscript(code: String) -> CatalogueEntry? { codes[code].map { entries[$0] } }

    /// Whether an entry names this unit as one in charge (责任部门).
    package func names(department: String) -> Bool { departments.contains(department) }

    /// The entries whose code or category name is `text`, in published order; empty when there is none.
    package func entries(matching text: String) -> [CatalogueEntry] {
        if let entry = self[text] { return [entry] }
        return (categories[text] ?? []).map { entries[$0] }
    }
}
