/// Reading the fields of rule bodies, with errors that name the field.

import Events

/// The members of an object that came as data.
struct Fields {
    let json: JSONObject
    let name: Words

    init(_ json: JSONObject, of name: Words) {
        self.json = json
        self.name = name
    }

    func error(_ field: String, wanted: Words) -> RulesError {
        .field(
            name: field, of: name, found: json[field].map { Words(verbatim: $0.canonicalText) } ?? "missing",
            wanted: wanted)
    }

    func text(_ field: String) throws(RulesError) -> String {
        guard let text = json[field]?.string else { throw error(field, wanted: "text") }
        return text
    }

    func integer(_ field: String, in range: ClosedRange<Int64>) throws(RulesError) -> Int64 {
        guard let value = json[field]?.integer, range.contains(value) else {
            throw error(field, wanted: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// - Parameter otherwise: the value of a missing member; nil when it must be there.
    func flag(_ field: String, otherwise: Bool? = nil) throws(RulesError) -> Bool {
        if json[field] == nil, let otherwise { return otherwise }
        guard let flag = json[field]?.bool else { throw error(field, wanted: "true or false") }
        return flag
    }

    func object(_ field: String) throws(RulesError) -> JSONObject {
        guard let object = json[field]?.object else { throw error(field, wanted: "an object") }
        return object
    }

    func array(_ field: String) throws(RulesError) -> [JSON] {
        guard let array = json[field]?.array else { throw error(field, wanted: "an array") }
        return array
    }

    func objects(_ field: String) throws(RulesError) -> [JSONObject] {
        var objects: [JSONObject] = []
        for entry in try array(field) {
            guard let object = entry.object else { throw error(field, wanted: "a list of objects") }
            objects.append(object)
        }
        return objects
    }

    func date(_ field: String) throws(RulesError) -> CivilDate {
        guard let date = CivilDate(try text(field)) else { throw error(field, wanted: "a day, YYYY-MM-DD") }
        return date
    }
}
