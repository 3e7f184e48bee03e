/// The limit table: every span of time that a ticket's rules speak of, published as data.

package import Events

/// A limit table (办理时限表).
package struct LimitTable: Sendable, Equatable {
    /// Stored with every due time.
    package let version: String
    /// A name for people.
    package let name: String
    /// Handling limits; looked up, written in the order of `RequestKind` and `Urgency`.
    private let handling: [RequestKind: [Urgency: Limit]]
    /// To sign for a dispatch (签收).
    package let signing: LimitPair
    /// To contact the caller first (先行联系).
    package let firstContact: LimitPair
    /// To ask for a return, from the dispatch (退单).
    package let returnWindow: LimitPair
    /// To decide on a request, such as a return (审核).
    package let decision: LimitPair
    package let extensions: ExtensionPolicy
    /// Signing is deemed done at the signing limit times this, 1…10 (视同签收); nil turns it off.
    package let deemedSigningFactor: Int64?
    /// Warnings before a due time, in ‰ of the limit, ascending (预警).
    package let preWarnings: [Int64]
    /// From callback to archive (归档).
    package let closing: Limit
    /// How long after closing a new round may be ordered (重办).
    package let redoWindow: Limit
    package let outage: OutagePolicy

    /// The handling limit of a request (办理时限).
    package func handling(_ kind: RequestKind, _ urgency: Urgency) -> Limit {
        // Both initialisers see to it that every pair has a limit.
        guard let limit = handling[kind]?[urgency] else {
            preconditionFailure("limit table \(version) lacks \(kind) \(urgency)")
        }
        return limit
    }

    package var json: JSONObject {
        var kinds = JSONObject()
        for kind in RequestKind.allCases {
            var row = JSONObject()
            for urgency in Urgency.allCases { row[urgency.rawValue] = .object(handling(kind, urgency).json) }
            kinds[kind.rawValue] = .object(row)
        }
        return [
            "closing": .object(closing.json), "decision": .object(decision.json),
            "deemedSigningFactor": deemedSigningFactor.map(JSON.integer) ?? .null,
            "extensions": .object(extensions.json), "firstContact": .object(firstContact.json),
            "handling": .object(kinds), "name": .string(name), "outage": .object(outage.json),
            "preWarningsPermille": .array(preWarnings.map(JSON.integer)), "redoWindow": .object(redoWindow.json),
            "returnWindow": .object(returnWindow.json), "signing": .object(signing.json), "version": .string(version),
        ]
    }

    /// - Throws: `RulesError` naming the field that does not fit; every kind needs a limit for every urgency.
    package init(json: JSONObject) throws(RulesError) {
        let fields = Fields(json, of: "limit table")
        version = try fields.text("version")
        name = try fields.text("name")
        let kinds = Fields(try fields.object("handling"), of: "handling limits")
        var handling: [RequestKind: [Urgency: Limit]] = [:]
        for kind in RequestKind.allCases {
            let row = Fields(try kinds.object(kind.rawValue), of: "handling limits of \(kind.rawValue)")
            for urgency in Urgency.allCases {
                handling[kind, default: [:]][urgency] = try Limit(json: try row.object(urgency.rawValue))
            }
        }
        self.handling = handling
        signing = try LimitPair(json: try fields.object("signing"), of: "signing limit")
        firstContact = try LimitPair(json: try fields.object("firstContact"), of: "first-contact limit")
        returnWindow = try LimitPair(json: try fields.object("returnWindow"), of: "return window")
        decision = try LimitPair(json: try fields.object("decision"), of: "decision limit")
        extensions = try ExtensionPolicy(json: try fields.object("extensions"))
        switch json["deemedSigningFactor"] {
        case .none, .some(.null): deemedSigningFactor = nil
        case .some: deemedSigningFactor = try fields.integer("deemedSigningFactor", in: 1...10)
        }
        preWarnings = try LimitTable.permilles(fields, "preWarningsPermille")
        closing = try Limit(json: try fields.object("closing"))
        redoWindow = try Limit(json: try fields.object("redoWindow"))
        outage = try OutagePolicy(json: try fields.object("outage"))
    }

    private static func permilles(_ fields: Fields, _ name: String) throws(RulesError) -> [Int64] {
        var values: [Int64] = []
        for entry in try fields.array(name) {
            guard let value = entry.integer, (1...1000).contains(value), value > values.last ?? 0, values.count < 10
            else { throw fields.error(name, wanted: "at most ten integers from 1 to 1000, ascending") }
            values.append(value)
        }
        return values
    }
}
