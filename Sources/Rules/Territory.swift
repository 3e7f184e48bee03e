/// The units of a district: who can hold a ticket, who belongs to whom, and which node serves whom.

package import Events

/// What a unit is (单位类别).
package enum UnitKind: String, Sendable, CaseIterable {
    /// 区级指挥中心
    case centre
    /// 街道
    case street
    /// 镇
    case town
    /// 社区
    case community
    /// 村
    case village
    /// 网格
    case grid
    /// 微网格
    case microGrid
    /// 条线部门
    case department
}

/// A unit (单位).
package struct Unit: Sendable, Equatable {
    package let code: String
    package let name: String
    package let kind: UnitKind
    /// Code of the unit above; nil at the top.
    package let parent: String?
    /// The node that serves it; nil = the node of the nearest unit above that has one.
    package let node: NodeID?

    package init(code: String, name: String, kind: UnitKind, parent: String? = nil, node: NodeID? = nil) {
        self.code = code
        self.name = name
        self.kind = kind
        self.parent = parent
        self.node = node
    }

    var json: JSONObject {
        var object: JSONObject = ["code": .string(code), "kind": .string(kind.rawValue), "name": .string(name)]
        object["parent"] = parent.map(JSON.string)
        object["node"] = node.map { .string($0.text) }
        return object
    }

    init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "unit")
        code = try fields.text("code")
        name = try fields.text("name")
        guard let kind = UnitKind(rawValue: try fields.text("kind")) else {
            throw fields.error("kind", wanted: .list(UnitKind.allCases.map(\.rawValue)))
        }
        self.kind = kind
        parent = json["parent"] == nil ? nil : try fields.text("parent")
        guard json["node"] != nil else {
            node = nil
            return
        }
        do { node = try NodeID(try fields.text("node")) } catch { throw fields.error("node", wanted: "a node id") }
    }
}

/// The territory (区划): a forest of units.
package struct Territory: Sendable, Equatable {
    package let version: String
    /// As published: a unit stands after the one above it.
    package let units: [Unit]
    /// Looked up, never walked.
    private let places: [String: Int]

    /// - Throws: `RulesError` when a code comes twice or a parent does not stand before its child, so no chain loops.
    package init(version: String, units: [Unit]) throws(RulesError) {
        var places: [String: Int] = [:]
        for (place, unit) in units.enumerated() {
            if let parent = unit.parent, places[parent] == nil {
                throw .field(
                    name: "parent", of: "unit \(unit.code)", found: Words(verbatim: parent),
                    wanted: "the code of a unit that stands before it")
            }
            guard places.updateValue(place, forKey: unit.code) == nil else {
                throw .field(
                    name: "code", of: "territory \(version)", found: Words(verbatim: unit.code), wanted: "there once")
            }
        }
        self.version = version
        self.units = units
        self.places = places
    }

    package subscript(code: String) -> Unit? { places[code].map { units[$0] } }

    /// The unit and those above it, nearest first; empty when the code is unknown.
    package func chain(_ code: String) -> [Unit] {
        var chain: [Unit] = []
        var next: String? = code
        while let code = next, let unit = self[code] {
            chain.append(unit)
            next = unit.parent
        }
        return chain
    }

    /// The node that serves a unit; nil when neither it nor a unit above names one.
    package func node(of code: String) -> NodeID? {
        for unit in chain(code) { if let node = unit.node { return node } }
        return nil
    }

    /// Whether the unit is a community or village, which never leads a ticket.
    package func isCommunity(_ code: String) -> Bool {
        switch self[code]?.kind {
        case .community, .village: true
        case .centre, .street, .town, .grid, .microGrid, .department, .none: false
        }
    }
}
