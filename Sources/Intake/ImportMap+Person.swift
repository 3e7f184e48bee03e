/// The columns that say who called: read only to be sealed, so no other rule may show them.

import Events
import Yams

extension MapReader {
    func person(_ node: Node) throws(ImportError) -> [(member: String, rule: ImportMap.TextRule)] {
        var person: [(member: String, rule: ImportMap.TextRule)] = []
        for (key, value) in try members(node, what: "person") {
            switch key {
            case "name", "phone", "idNumber", "address": person.append((key, try rule(value)))
            default: throw fault(value, "person has name, phone, idNumber and address, not \"\(key)\"")
            }
        }
        guard !person.isEmpty else { throw fault(node, "person needs name, phone, idNumber or address") }
        return person
    }
}

extension ImportMap {
    /// Where the map would put a column of the person into the open; nil when it does not.
    ///
    /// A condition may ask whether there is a value, and no more: a flag for one name says the name.
    var openPerson: Words? {
        let sealed = Set(personColumns)
        var shown = columnsShown
        if case .columns(let names) = extra { shown += names }
        if let column = shown.first(where: sealed.contains) {
            return "\"\(column)\" is a column of person, and another key would write it in the open"
        }
        for test in conditions.flatMap(\.tests) where sealed.contains(test.column) {
            guard case .oneOf = test.test else { continue }
            return "\"\(test.column)\" is a column of person: a condition can ask for present or absent only"
        }
        return nil
    }

    /// The member of the person that these columns of JSON lines hold as an object or a list; nil when there is none.
    ///
    /// Its parts have names of their own (`caller.0`), which `extra: rest` would otherwise take for other columns.
    func nestedPerson(in columns: SourceColumns) -> String? {
        guard format == .jsonl else { return nil }
        for (member, rule) in person {
            let starts = rule.columns.map { "\($0)." }
            guard columns.names.contains(where: { name in starts.contains { name.hasPrefix($0) } }) else { continue }
            return member
        }
        return nil
    }
}
