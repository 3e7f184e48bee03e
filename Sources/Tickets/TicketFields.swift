/// The fields of every kind of ticket event that a command may give: `docs/format/tickets.md` says the same for people.

package import Events

/// What a field holds.
package enum FieldShape: Sendable, Equatable {
    /// A text that is not blank.
    case text
    /// A unit code (单位代码): views keep lists of them with commas between.
    case unit
    /// A path of categories (类别), outermost first; none is a category too.
    case category
    case oneOf([String])
    case integer(ClosedRange<Int64>)
    case flag
    /// Milliseconds since 1970, UTC; `instants`.
    case instant
    case node, stream, event, person
    /// A list of texts.
    case texts
    case object
    /// A list of objects.
    case objects
    /// Photographs and recordings (附件): their SHA-256, or objects with it (`Attachment`).
    case blobs
    /// An area code (区划代码), from a district's six digits to a community's twelve.
    case area
    /// Where it happened (发生地点): an object of which `Decision` asks each member by itself, to name it in a refusal.
    case place

    /// 1970 to 2199: a number beyond is a mistake of unit, not a moment in a ticket's life.
    static let instants: ClosedRange<Int64> = 1...7_258_118_399_999

    /// Bytes of a unit code, of one category and of a whole path: a page's cursor holds them.
    private enum Limit {
        static let unit = 200
        static let category = 200
        static let path = 1_000
    }

    /// The rule in words, for a refusal.
    package var rule: Words {
        switch self {
        case .text: "a text that is not blank"
        case .unit: "a unit code of at most \(Limit.unit) bytes without blanks, commas and control characters"
        case .category:
            "a list of categories, none of them blank, each of at most \(Limit.category) bytes, all of \(Limit.path)"
        case .oneOf(let values): "one of \(Words.list(values))"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .instant: "milliseconds since 1970 as a whole number, up to the year 2199"
        case .node: "a node id"
        case .stream: "a stream name such as ticket/0197…"
        case .event: "an event id"
        case .person: "person/ and 32 hexadecimal digits"
        case .texts: "a list of texts"
        case .object: "an object"
        case .objects: "a list of objects"
        case .blobs:
            """
            a list of at most \(Attachment.most) SHA-256, each 64 lower-case hexadecimal digits, or an object of it as \
            sha256, with kind (\(Words.list(Attachment.Kind.allCases.map(\.rawValue)))) and takenAt
            """
        case .area: "an area code of 1 to 12 digits"
        case .place: "an object of text, area, street, community, latitudeE7, longitudeE7"
        }
    }

    func fits(_ value: JSON) -> Bool {
        switch self {
        case .text: value.string.map { !$0.allSatisfy(\.isWhitespace) } ?? false
        case .unit: value.string.map(FieldShape.isUnit) ?? false
        case .category: value.array.map(FieldShape.isCategory) ?? false
        case .oneOf(let values): value.string.map(values.contains) ?? false
        case .integer(let range): value.integer.map(range.contains) ?? false
        case .flag: value.bool != nil
        case .instant: value.integer.map(FieldShape.instants.contains) ?? false
        case .node: value.string.map { (try? NodeID($0)) != nil } ?? false
        case .stream: value.string.map { (try? StreamName($0)) != nil } ?? false
        case .event: value.string.map { (try? EventID($0)) != nil } ?? false
        case .person: value.string.map { (try? PersonID($0)) != nil } ?? false
        case .texts: value.array.map { $0.allSatisfy { $0.string != nil } } ?? false
        case .object, .place: value.object != nil
        case .objects: value.array.map { $0.allSatisfy { $0.object != nil } } ?? false
        case .blobs:
            value.array.map { $0.count <= Attachment.most && $0.allSatisfy { Attachment($0) != nil } } ?? false
        case .area:
            value.string.map { code in
                (1...12).contains(code.utf8.count) && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
            } ?? false
        }
    }

    private static func isUnit(_ code: String) -> Bool {
        !code.isEmpty && code.utf8.count <= Limit.unit
            && code.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                // What cannot be seen would make two codes of what looks like one.
                case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned: false
                case _: scalar != "," && !scalar.properties.isWhitespace
                }
            }
    }

    /// Views join the elements with `/`, so that an empty part, also one inside an element, would be seen nowhere.
    private static func isCategory(_ path: [JSON]) -> Bool {
        let elements = path.compactMap(\.string)
        return elements.count == path.count
            && elements.allSatisfy { element in
                element.utf8.count <= Limit.category
                    && element.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                        !part.allSatisfy(\.isWhitespace)
                    }
            } && elements.reduce(0) { $0 + $1.utf8.count + 1 } <= Limit.path + 1
    }
}

package struct TicketField: Sendable, Equatable {
    package let name: String
    package let shape: FieldShape
    package let isRequired: Bool
    package let meaning: Words
}

package enum TicketFields {
    private static func must(_ name: String, _ shape: FieldShape, _ meaning: Words) -> TicketField {
        TicketField(name: name, shape: shape, isRequired: true, meaning: meaning)
    }
    private static func may(_ name: String, _ shape: FieldShape, _ meaning: Words) -> TicketField {
        TicketField(name: name, shape: shape, isRequired: false, meaning: meaning)
    }

    private static let reason = must("reason", .text, "why")
    private static let note = may("note", .text, "what else is to be known")
    private static let attachments = may("attachments", .blobs, "photographs and recordings")
    private static let regime = may(
        "regime", .text, "law that it is handled under beside the hotline (法定程序), such as 12315")
    private static let statutoryDue = may("statutoryDue", .instant, "the due time of that law (法定时限)")
    private static let lead = [
        must("lead", .unit, "unit code of the lead (主办单位)"),
        may("leadNode", .node, "its node; else where the rules say"),
        may("helpers", .objects, "units that help (协办单位): unit, node, due"),
        may("override", .object, "lets one that reported it lead: by, reason"),
    ]

    /// The members of a place, none of them required, coordinates in 1e-7 degrees (WGS-84).
    static let place: [(name: String, shape: FieldShape)] = [
        ("text", .text), ("area", .area), ("street", .text), ("community", .text),
        ("latitudeE7", .integer(-900_000_000...900_000_000)), ("longitudeE7", .integer(-1_800_000_000...1_800_000_000)),
    ]

    /// The fields that a command of this kind may give.
    package static func of(_ kind: TicketEventKind) -> [TicketField] { all[kind] ?? made(kind) }

    /// Made once: every decision looks at them.
    private static let all = Dictionary(uniqueKeysWithValues: TicketEventKind.allCases.map { ($0, made($0)) })

    private static func made(_ kind: TicketEventKind) -> [TicketField] {
        switch kind {
        case .registered, .imported, .importUpdated: registration
        case .directAnswerGiven: directAnswer
        case .rejected: rejection
        case .emergencyTransferred:
            [
                must("service", .oneOf(["110", "119", "120", "122"]), "who took it over"),
                must("afterSeconds", .integer(0...86_400), "seconds from the call to the transfer"), note,
            ]
        case .queuedForDispatch:
            [category, happened, may("grid", .text, "grid code; absent while unknown"), regime, statutoryDue]
        case .dispatched, .reassigned: lead + [note]
        case .rulingMade:
            lead + [must("basis", .text, "the rule it rests on"), may("precedent", .text, "precedent id"), note]
        case .redoOrdered: lead + [must("finding", .text, "the unit's own fault"), note]
        case .reopened: lead + [reason]
        case .signed, .signDeemed, .dueRecomputed: []
        case .overdueNoted:
            [may("unconfirmed", .flag, "the holder's line is down: what was done there is not here yet")]
        case .firstContactMade:
            [must("way", .oneOf(["phone", "visit", "message"]), "how the caller was reached"), note]
        case .firstContactFailed:
            [must("tries", .integer(1...99), "how often it was tried"), must("way", .text, "how"), note]
        case .subDispatched:
            [must("unit", .unit, "unit below the lead"), may("due", .instant, "its own due time"), note]
        case .returnAsked: returning
        case .returnApproved: [note, may("catalogue", .text, "correction of the dispatch catalogue")]
        case .returnRefused, .rulingOpened: [reason]
        case .extensionAsked:
            [reason, must("until", .instant, "wished due time"), must("callerTold", .text, "how the caller was told")]
        case .extensionGranted: [must("until", .instant, "new due time"), note]
        case .extensionRefused, .suspendRefused, .unmerged, .takenOver, .replySentBack, .redoDeclined: [reason]
        case .suspendAsked:
            [
                must(
                    "reasonClass", .oneOf(["hearing", "test", "appraisal", "season", "project", "other"]),
                    "what it waits for"),
                reason, must("promised", .instant, "when it will be done"),
                must("review", .instant, "when to look again"),
            ]
        case .suspendGranted: [must("until", .instant, "when the clock runs again"), note]
        case .resumed: [note]
        case .progressNoted, .helperReported, .urged, .callerSupplemented:
            [
                must("text", .text, "what there is to say"), attachments,
                may("person", .person, "person id of who said it, given by the node that seals"),
            ]
        case .replySubmitted: reply
        case .unitReviewed: [must("passed", .flag, "whether the unit's reviewer agrees"), note]
        case .receiptNoted: receipt
        case .finished:
            [
                may("kind", .oneOf(["solved", "staged", "explained"]), "kind of finish, where the reviewer differs"),
                note,
            ]
        case .callbackRecorded: callback
        case .callbackExempted:
            [must("code", .oneOf(["anonymous", "refused", "exhausted", "mergedChild"]), "why nobody called")]
        case .redoProposed: [must("finding", .text, "the unit's own fault")]
        case .closed: [must("retention", .text, "retention class (保管期限)")]
        case .fakeFinishFound: [must("evidence", .blobs, "what shows it"), reason]
        case .supervisionRaised, .supervisionLowered: supervision
        case .mergedInto: [must("into", .stream, "the ticket that stays"), reason]
        case .recategorised: [must("category", .category, "category, outermost first"), reason]
        case .placeCorrected: [must("place", .place, "where it happened (发生地点)"), reason]
        case .voided: [must("reason", .oneOf(["duplicate", "test"]), "why it never was a ticket"), note]
        case .preWarned: [must("permille", .integer(1...1000), "share of the limit that is used, ‰")]
        case .conflictResolved:
            [must("event", .event, "the event that does not count"), must("outcome", .text, "what becomes of it")]
        }
    }

    private static let category = may("category", .category, "category, outermost first")
    // Not `place`, which names the members.
    private static let happened = may("place", .place, "where it happened (发生地点)")

    private static let registration = [
        must("channel", .text, "phone, web, grid …"), must("matter", .text, "what it is about"),
        may("title", .text, "one line"), may("kind", .text, "consult, help, complaint, report, suggestion"),
        may("urgency", .oneOf(["ordinary", "urgent2h", "urgent24h", "complex"]), "how fast it must be handled"),
        category, happened, may("confidential", .flag, "hides the caller from units"),
        may("person", .person, "person id of the caller, given by the node that seals; may be withheld"),
        may("reporterChain", .texts, "units of the reporter: worker, micro-grid, grid, community"),
        may("unit", .unit, "street-owned: the unit that handles it"), regime, statutoryDue, attachments,
    ]

    private static let directAnswer = [
        must("text", .text, "the answer"), may("article", .text, "knowledge article and version"),
        may("call", .text, "id of the three-party call"),
    ]

    private static let rejection = [
        must("reasonCode", .text, "legal reason code"), must("told", .text, "the channel the caller was told of"),
        must("confirmedBy", .text, "account of the shift leader"),
    ]

    private static let returning = [
        reason, must("basis", .text, "the rule it rests on"), must("proposedUnit", .text, "unit that should have it"),
        must("leader", .text, "account of the leader who agrees"),
    ]

    private static let reply = [
        must("text", .text, "the answer"),
        must("callerTold", .object, "way and at: how and when the caller was told"),
        must("fact", .text, "finding of fact (事实认定)"), must("demand", .text, "finding of the demand (诉求认定)"),
        must("kind", .oneOf(["solved", "staged", "explained"]), "what the answer is (办结类型)"),
        may("evidence", .blobs, "photographs before and after"), note,
    ]

    private static let receipt = [
        must("event", .event, "the event it is about"), must("of", .text, "its type"),
        must("arrivedAt", .instant, "when it came to the centre"),
        must("countedAt", .instant, "the time that counts"), must("why", .text, "outage, arrival or owner"),
        may("recomputed", .object, "rule, before, due: what the centre's rules say of the due time in it"),
    ]

    private static let callback = [
        must("contacted", .flag, "whether the caller was reached"), may("solved", .flag, "what the caller says"),
        may("grade", .oneOf(["1", "2", "3", "4", "5"]), "5 is best"), may("reason", .text, "why not satisfied"),
    ]

    private static let supervision = [
        must("level", .integer(0...3), "0 none, 1 plain, 2 yellow, 3 red"), may("points", .integer(0...100), "points"),
        reason,
    ]
}
