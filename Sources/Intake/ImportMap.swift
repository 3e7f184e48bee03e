/// A map (导入映射): what a source's columns mean. Data, written by operators; every key is in `docs/import.md`.

import Events

package struct ImportMap: Sendable {
    package enum Format: String, Sendable, CaseIterable { case csv, jsonl }

    /// When a rule holds: every column has one of its values.
    package struct Condition: Sendable, Equatable {
        package enum Test: Sendable, Equatable {
            case present, absent
            case oneOf([String])
        }
        package var tests: [(column: String, test: Test)]

        package static func == (left: Condition, right: Condition) -> Bool {
            left.tests.elementsEqual(right.tests) { $0.column == $1.column && $0.test == $1.test }
        }
    }

    /// Where a text comes from.
    package struct TextRule: Sendable, Equatable {
        /// Read in order, empty ones left out.
        package var columns: [String] = []
        package var join = " "
        /// Used when no column has a value.
        package var constant: String?
        /// What a value of the column becomes; `otherwise` for values that are not listed, nil leaves them.
        package var values: [String: String] = [:]
        package var otherwise: String?
    }

    package struct TimeRule: Sendable, Equatable {
        package var column: String
        package var formats: [TimeFormat]
    }

    package struct StateRule: Sendable, Equatable {
        package var when: Condition
        package var state: String
    }

    package struct FlagRule: Sendable, Equatable {
        package var name: String
        package var when: Condition
    }

    /// A later step that the source gives a time for.
    package struct StepRule: Sendable, Equatable {
        package var name: String
        package var at: TimeRule
        package var when = Condition(tests: [])
        package var state: String?
        /// Whether the step's time is the ticket's closing time.
        package var closes = false
        package var reply: TextRule?
        package var note: TextRule?
        package var flags: [FlagRule] = []
    }

    package struct PlaceRule: Sendable, Equatable {
        package var texts: [(name: String, rule: TextRule)] = []
        package var latitude: String?
        package var longitude: String?

        package static func == (left: PlaceRule, right: PlaceRule) -> Bool {
            left.latitude == right.latitude && left.longitude == right.longitude
                && left.texts.elementsEqual(right.texts) { $0.name == $1.name && $0.rule == $1.rule }
        }
    }

    package enum Extra: Sendable, Equatable {
        /// Every column that no rule reads.
        case rest
        case columns([String])
    }

    package var name = ""
    /// The source's name in events; two maps of one source may share it.
    package var source = ""
    package var format = Format.csv
    /// Nil: what the file's first bytes speak for (`TextEncoding.detected`).
    package var encoding: TextEncoding?
    package var delimiter: UInt8 = 0x2C
    package var id: [String] = []
    package var zone = LocalZone.china
    package var nulls: [String] = []
    package var cleaning = TextCleaning()
    package var created = TimeRule(column: "", formats: [])
    /// The source's own time of the row's last change.
    package var updated: TimeRule?
    package var due: TimeRule?
    package var channel = TextRule()
    package var title: TextRule?
    package var matter = TextRule()
    package var kind: TextRule?
    package var category: [TextRule] = []
    package var place = PlaceRule()
    package var unitCode: TextRule?
    package var unitName: TextRule?
    /// Who called: `name`, `phone`, `idNumber`, `address`, each where the source has it; sealed, never in the open.
    package var person: [(member: String, rule: TextRule)] = []
    package var reply: TextRule?
    package var note: TextRule?
    /// The first that holds gives the state; the last may hold always.
    package var states: [StateRule] = []
    /// The state at creation when a later step says how it went on.
    package var stateAtCreation = "registered"
    package var flags: [FlagRule] = []
    package var steps: [StepRule] = []
    package var extra = Extra.columns([])
    package var ignored: [String] = []
    /// Columns that the map reads and a file may lack.
    package var optional: [String] = []
    /// Columns in which no phone or identity numbers are looked for.
    package var plain: [String] = []

    /// The ticket states a map may name (`docs/format/tickets.md`).
    package static let ticketStates = [
        "registered", "answered", "rejected", "toDispatch", "dispatched", "inHand", "returnAsked", "ruling", "replied",
        "finished",
        "calledBack", "closed", "merged", "void",
    ]

    /// Every column that a rule reads, each once, in the order of the rules.
    package var columnsRead: [String] {
        var seen: Set<String> = []
        let columns = columnsShown + personColumns + conditions.flatMap(\.tests).map(\.column)
        return columns.filter { seen.insert($0).inserted }
    }

    /// The columns whose values may come to stand in an event, or in a refusal, as they are.
    var columnsShown: [String] {
        var columns = id + [created.column] + [updated, due].compactMap { $0?.column }
        let rules =
            [channel, matter] + [title, kind, unitCode, unitName, reply, note].compactMap { $0 } + category
            + place.texts.map(\.rule)
        columns += rules.flatMap(\.columns)
        columns += [place.latitude, place.longitude].compactMap { $0 }
        for step in steps {
            columns += [step.at.column] + [step.reply, step.note].compactMap { $0 }.flatMap(\.columns)
        }
        return columns
    }

    var personColumns: [String] { person.flatMap(\.rule.columns) }

    var conditions: [Condition] {
        states.map(\.when) + flags.map(\.when) + steps.flatMap { [$0.when] + $0.flags.map(\.when) }
    }

    /// The columns that go to `extra`, of a file with these columns.
    func extraColumns(of columns: SourceColumns) -> [String] {
        switch extra {
        case .columns(let names): return names
        case .rest:
            let used = Set(columnsRead + ignored)
            return columns.names.filter { !used.contains($0) && !$0.isEmpty }
        }
    }
}
