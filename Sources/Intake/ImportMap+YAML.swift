/// Reads a map from YAML; every fault names the map, the line and what would be right.

import Events
import Yams

extension ImportMap {
    /// - Throws: `.map` with the line of the fault.
    package init(yaml: String, name: String) throws(ImportError) {
        let root: Node?
        do { root = try Yams.compose(yaml: yaml) } catch {
            throw .map(name: name, line: 0, what: "not YAML: \(error)")
        }
        guard let root else { throw .map(name: name, line: 1, what: "the file is empty") }
        self.init()
        try MapReader(name: name).read(root, into: &self)
    }
}

/// Walks the YAML of one map.
struct MapReader {
    let name: String

    func read(_ root: Node, into map: inout ImportMap) throws(ImportError) {
        map.name = name
        for (key, value) in try members(root, what: "a map") {
            switch key {
            case "source": map.source = try text(value)
            case "format":
                map.format = try choice(
                    value, ImportMap.Format.init(rawValue:), ImportMap.Format.allCases.map(\.rawValue))
            case "encoding":
                let word = try text(value)
                if word != "detect" {
                    map.encoding = try choice(
                        value, TextEncoding.init(rawValue:), TextEncoding.allCases.map(\.rawValue) + ["detect"])
                }
            case "delimiter":
                let bytes = Array(try text(value).utf8)
                guard bytes.count == 1 else { throw fault(value, "delimiter is one ASCII character") }
                map.delimiter = bytes[0]
            case "id": map.id = try texts(value)
            case "zone":
                let word = try text(value)
                guard let zone = LocalZone.named(word) else {
                    throw fault(value, "\"\(word)\" is no offset such as +08:00 and no zone such as America/New_York")
                }
                map.zone = zone
            case "nulls": map.nulls = try texts(value)
            case "clean": map.cleaning = try cleaning(value)
            case "created": map.created = try time(value)
            case "updated": map.updated = try time(value)
            case "due": map.due = try time(value)
            case "channel": map.channel = try rule(value)
            case "title": map.title = try rule(value)
            case "matter": map.matter = try rule(value)
            case "kind": map.kind = try rule(value)
            case "category": map.category = try rules(value)
            case "place": map.place = try place(value)
            case "unit":
                for (key, value) in try members(value, what: "unit") {
                    switch key {
                    case "code": map.unitCode = try rule(value)
                    case "name": map.unitName = try rule(value)
                    default: throw fault(value, "unit has code and name, not \"\(key)\"")
                    }
                }
            case "person": map.person = try person(value)
            case "reply": map.reply = try rule(value)
            case "note": map.note = try rule(value)
            case "states": map.states = try states(value)
            case "stateAtCreation": map.stateAtCreation = try state(value)
            case "flags": map.flags = try flags(value)
            case "steps": map.steps = try steps(value)
            case "extra": map.extra = (value.scalar?.string == "rest") ? .rest : .columns(try texts(value))
            case "ignore": map.ignored = try texts(value)
            case "optional": map.optional = try texts(value)
            case "plain": map.plain = try texts(value)
            default: throw fault(value, "there is no key \"\(key)\"")
            }
        }
        try check(map, root)
    }

    private func check(_ map: ImportMap, _ root: Node) throws(ImportError) {
        if map.source.isEmpty { throw fault(root, "source is missing: the name that the events carry") }
        if map.id.isEmpty { throw fault(root, "id is missing: the column or columns that name a record for ever") }
        if map.created.column.isEmpty { throw fault(root, "created is missing: the column with the time of intake") }
        if map.matter.columns.isEmpty, map.matter.constant == nil {
            throw fault(root, "matter is missing: what it is about")
        }
        if map.states.isEmpty { throw fault(root, "states is missing: at least one rule") }
        if let what = map.openPerson { throw fault(root["person"] ?? root, what) }
    }

    // MARK: Parts

    private func time(_ node: Node) throws(ImportError) -> ImportMap.TimeRule {
        var rule = ImportMap.TimeRule(column: "", formats: [])
        for (key, value) in try members(node, what: "a time") {
            switch key {
            case "column": rule.column = try text(value)
            case "formats":
                for pattern in try texts(value) {
                    guard let format = TimeFormat(pattern) else {
                        throw fault(value, "\"\(pattern)\" is no time format")
                    }
                    rule.formats.append(format)
                }
            default: throw fault(value, "a time has column and formats, not \"\(key)\"")
            }
        }
        guard !rule.column.isEmpty, !rule.formats.isEmpty else { throw fault(node, "a time needs column and formats") }
        return rule
    }

    /// A column's name alone, or a mapping.
    func rule(_ node: Node) throws(ImportError) -> ImportMap.TextRule {
        if node.scalar != nil { return ImportMap.TextRule(columns: [try text(node)]) }
        var rule = ImportMap.TextRule()
        for (key, value) in try members(node, what: "a field") {
            switch key {
            case "column", "columns": rule.columns = try texts(value)
            case "join": rule.join = try text(value)
            case "constant": rule.constant = try text(value)
            case "otherwise": rule.otherwise = try text(value)
            case "values":
                for (from, to) in try members(value, what: Words(verbatim: "values")) {
                    rule.values[from] = try text(to)
                }
            default: throw fault(value, "a field has column(s), join, constant, values and otherwise, not \"\(key)\"")
            }
        }
        guard !rule.columns.isEmpty || rule.constant != nil else {
            throw fault(node, "a field needs a column or a constant")
        }
        return rule
    }

    private func rules(_ node: Node) throws(ImportError) -> [ImportMap.TextRule] {
        guard let sequence = node.sequence else { return [try rule(node)] }
        var result: [ImportMap.TextRule] = []
        for item in sequence { result.append(try rule(item)) }
        return result
    }

    private func place(_ node: Node) throws(ImportError) -> ImportMap.PlaceRule {
        var place = ImportMap.PlaceRule()
        for (key, value) in try members(node, what: Words(verbatim: "place")) {
            switch key {
            case "text", "area", "street", "community": place.texts.append((key, try rule(value)))
            case "latitude": place.latitude = try text(value)
            case "longitude": place.longitude = try text(value)
            default:
                throw fault(value, "place has text, area, street, community, latitude and longitude, not \"\(key)\"")
            }
        }
        place.texts.sort { $0.name < $1.name }
        return place
    }

    private func condition(_ node: Node) throws(ImportError) -> ImportMap.Condition {
        var condition = ImportMap.Condition(tests: [])
        for (column, value) in try members(node, what: Words(verbatim: "when")) {
            let accepted = try texts(value)
            switch accepted {
            case ["present"]: condition.tests.append((column, .present))
            case ["absent"]: condition.tests.append((column, .absent))
            default: condition.tests.append((column, .oneOf(accepted)))
            }
        }
        return condition
    }

    private func states(_ node: Node) throws(ImportError) -> [ImportMap.StateRule] {
        var result: [ImportMap.StateRule] = []
        for item in try sequence(node, what: Words(verbatim: "states")) {
            var rule = ImportMap.StateRule(when: .init(tests: []), state: "")
            for (key, value) in try members(item, what: "a state rule") {
                switch key {
                case "when": rule.when = try condition(value)
                case "state": rule.state = try state(value)
                default: throw fault(value, "a state rule has when and state, not \"\(key)\"")
                }
            }
            guard !rule.state.isEmpty else { throw fault(item, "a state rule needs a state") }
            result.append(rule)
        }
        return result
    }

    private func flags(_ node: Node) throws(ImportError) -> [ImportMap.FlagRule] {
        var result: [ImportMap.FlagRule] = []
        for (name, value) in try members(node, what: Words(verbatim: "flags")) {
            result.append(ImportMap.FlagRule(name: name, when: try condition(value)))
        }
        return result
    }

    private func steps(_ node: Node) throws(ImportError) -> [ImportMap.StepRule] {
        var result: [ImportMap.StepRule] = []
        for item in try sequence(node, what: Words(verbatim: "steps")) {
            var step = ImportMap.StepRule(name: "", at: .init(column: "", formats: []))
            for (key, value) in try members(item, what: "a step") {
                switch key {
                case "name": step.name = try text(value)
                case "at": step.at = try time(value)
                case "when": step.when = try condition(value)
                case "state": step.state = try state(value)
                case "closes": step.closes = try text(value) == "true"
                case "reply": step.reply = try rule(value)
                case "note": step.note = try rule(value)
                case "flags": step.flags = try flags(value)
                default:
                    throw fault(
                        value, "a step has name, at, when, state, closes, reply, note and flags, not \"\(key)\"")
                }
            }
            guard !step.name.isEmpty, !step.at.column.isEmpty else { throw fault(item, "a step needs name and at") }
            result.append(step)
        }
        return result
    }

    private func cleaning(_ node: Node) throws(ImportError) -> TextCleaning {
        var cleaning = TextCleaning()
        for word in try texts(node) {
            switch word {
            case "excel-escapes": cleaning.unescapesExcel = true
            case "nbsp": cleaning.replacesNoBreakSpaces = true
            case "full-width-spaces": cleaning.replacesFullWidthSpaces = true
            case "trim": cleaning.trims = true
            default: throw fault(node, "clean knows excel-escapes, nbsp, full-width-spaces and trim, not \"\(word)\"")
            }
        }
        return cleaning
    }

    private func state(_ node: Node) throws(ImportError) -> String {
        try choice(node, { ImportMap.ticketStates.contains($0) ? $0 : nil }, ImportMap.ticketStates)
    }

    // MARK: YAML

    func members(_ node: Node, what: Words) throws(ImportError) -> [(String, Node)] {
        guard let mapping = node.mapping else { throw fault(node, "\(what) is written as key: value") }
        var result: [(String, Node)] = []
        for (key, value) in mapping { result.append((try text(key), value)) }
        return result
    }

    private func sequence(_ node: Node, what: Words) throws(ImportError) -> [Node] {
        guard let sequence = node.sequence else { throw fault(node, "\(what) is a list") }
        return Array(sequence)
    }

    private func text(_ node: Node) throws(ImportError) -> String {
        guard let scalar = node.scalar else { throw fault(node, "a text was expected") }
        return scalar.string
    }

    /// One text, or a list of texts.
    private func texts(_ node: Node) throws(ImportError) -> [String] {
        guard let sequence = node.sequence else { return [try text(node)] }
        var result: [String] = []
        for item in sequence { result.append(try text(item)) }
        return result
    }

    private func choice<Value>(_ node: Node, _ make: (String) -> Value?, _ all: [String]) throws(ImportError) -> Value {
        let word = try text(node)
        guard let value = make(word) else { throw fault(node, "\"\(word)\" is none of \(Words.list(all))") }
        return value
    }

    func fault(_ node: Node, _ what: Words) -> ImportError {
        .map(name: name, line: node.mark?.line ?? 0, what: what)
    }
}
