import Events
import Node
import Rules
import Simulation
import Testing
import Tickets

@Suite("The rule book behind decisions") struct BookRulesTests {
    /// Monday 23 November 2026 in China.
    private func at(_ hour: Int64, _ minute: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_795_363_200_000 + (hour * 60 + minute) * 60_000)
    }

    /// A preset's limits as a district publishes them, changed.
    private func rules(
        _ preset: String = "limits-shanghai-daning", _ change: (inout JSONObject) -> Void = { _ in }
    ) throws -> BookRules {
        var limits = try RuleBook.preset(preset)
        change(&limits)
        var book = try RuleBook()
        let drafts = try RuleBook.drafts(publishing: limits, as: "limits", at: at(0, 0))
        let log = MemoryLog(
            node: try NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let request = AppendRequest(
            command: CommandID(derivedFrom: "rules"), actor: Actor(system: "test", rule: "1"), now: at(0, 0),
            drafts: drafts)
        guard case .appended(let stored) = try log.write({ try $0.append(request) }) else {
            preconditionFailure("an empty log takes rules")
        }
        for one in stored { try book.apply(one.event) }
        return BookRules(book, nodes: [])
    }

    @Test("a unit works where the territory says, enrolled or not; a department at the centre, and a stranger nowhere")
    func places() throws {
        let (centre, yuanhe) = (try NodeID("centre"), try NodeID("yuanhe"))
        let alone = BookRules(try RuleBook.default, nodes: [])
        for unit in ["320507001", "320507001002"] {
            #expect(alone.place(of: unit) == .node(yuanhe))
            #expect(alone.undelivered(to: unit, centre: centre) == .notEnrolled(yuanhe, unit: unit))
            #expect(
                BookRules(try RuleBook.default, nodes: [yuanhe]).undelivered(to: unit, centre: centre)
                    == .elsewhere(yuanhe, unit: unit))
        }
        #expect(alone.undelivered(to: "320507-d01", centre: centre) == nil)
        #expect(alone.undelivered(to: "440310001", centre: centre) == .unknownUnit("440310001"))
    }

    private func limit(_ amount: Int64, _ unit: String) -> JSON {
        .object(["amount": .integer(amount), "fromNextDay": .bool(false), "unit": .string(unit)])
    }

    @Test("closing and the redo window count in the unit that the rules say: working days skip the weekend")
    func windows() throws {
        let rules = try rules { for name in ["closing", "redoWindow"] { $0[name] = limit(1, "workingDays") } }
        // Friday 27 November, 10:00: the next working day is Monday.
        let friday = at(4 * 24 + 10, 0)
        #expect(rules.closes(after: friday) == at(7 * 24 + 10, 0))
        #expect(rules.redoEnds(after: friday) == at(7 * 24 + 10, 0))
    }

    private func help(_ urgency: String? = nil) -> TicketState {
        var ticket = TicketState()
        ticket.kind = "help"
        ticket.urgency = urgency
        return ticket
    }

    @Test("a stop of half a working hour moves the due time by half a working hour, not by a whole one")
    func movedToTheMinute() throws {
        let rules = try rules()
        let limit = rules.limits(of: help(), round: at(9, 0), hop: at(9, 0)).limit
        #expect(limit == TicketLimit(amount: 5, unit: "workingDays", fromNextDay: false))
        func moved(_ since: Timestamp, _ until: Timestamp, from due: Timestamp) throws -> Timestamp {
            rules.moved(due, by: try #require(TicketStop(since: since, until: until)), of: limit).at
        }
        #expect(try moved(at(9, 0), at(9, 30), from: at(10, 0)) == at(10, 30))
        #expect(try moved(at(9, 0), at(9, 1), from: at(10, 0)) == at(10, 1))
        // From Saturday to Sunday nobody worked, so nothing is given back.
        #expect(try moved(at(-40, 0), at(-20, 0), from: at(10, 0)) == at(10, 0))
        // Over the noon break: 11:30 and an hour of work ends at 13:30.
        #expect(try moved(at(9, 0), at(10, 0), from: at(11, 30)) == at(13, 30))
        let days = TicketLimit(amount: 7, unit: "naturalDays", fromNextDay: false)
        let weekend = try #require(TicketStop(since: at(-40, 0), until: at(-20, 0)))
        #expect(rules.moved(at(10, 0), by: weekend, of: days).at == at(30, 0))
    }

    /// Friday 20 November at 16:00, an hour before the office closes.
    private var friday: Timestamp { at(-3 * 24 + 16, 0) }

    @Test("signing is deemed done after twice four working hours, not after twice the weekend")
    func deemed() throws {
        let limits = try rules().limits(of: help(), round: friday, hop: friday)
        #expect(limits.signDue.at == at(12, 0), "an hour on Friday, three on Monday")
        #expect(limits.signDeemedAt?.at == at(17, 0), "an hour on Friday, seven on Monday")
        #expect(
            try rules { $0["deemedSigningFactor"] = .null }.limits(of: help(), round: friday, hop: friday).signDeemedAt
                == nil)
        let most = try rules {
            $0["deemedSigningFactor"] = .integer(10)
            $0["signing"] = .object(["ordinary": limit(100_000, "workingHours"), "urgent": limit(1, "naturalHours")])
        }
        #expect(
            most.limits(of: help(), round: friday, hop: friday).signDeemedAt != nil, "the longest limit does not trap")
    }

    @Test("a share of working days is a share of office hours, without the stops")
    func shares() throws {
        let rules = try rules()
        let limit = rules.limits(of: help(), round: friday, hop: friday).limit
        // Five working days to Friday 27 at 16:00 are 35 hours of work.
        #expect(rules.due(of: limit, from: friday, stops: []).at == at(4 * 24 + 16, 0))
        #expect(rules.share(500, of: limit, from: friday, stops: []) == at(2 * 24 + 11, 30), "17.5 hours: Wednesday")
        #expect(rules.share(800, of: limit, from: friday, stops: []) == at(3 * 24 + 16, 0), "28 hours: Thursday")
        // All of Monday stood still.
        let monday = try #require(TicketStop(since: at(0, 0), until: at(24, 0)))
        #expect(rules.share(800, of: limit, from: friday, stops: [monday]) == at(4 * 24 + 16, 0))
        #expect(rules.due(of: limit, from: friday, stops: [monday]).at == at(7 * 24 + 16, 0))
        #expect(rules.longestExtension(of: limit, from: at(4 * 24 + 16, 0)) == at(11 * 24 + 16, 0))
    }

    @Test("what a district publishes is what its nodes go by")
    func numbers() throws {
        let rules = try rules {
            $0["outage"] = .object([
                "clockOffsetSeconds": .integer(30), "longestHours": .integer(24), "marginSeconds": .integer(5),
            ])
            $0["extensions"] = .object([
                "askedBeforePermille": .integer(333), "most": .integer(2), "urgent": .bool(true),
            ])
            $0["preWarningsPermille"] = .array([.integer(125), .integer(999)])
            $0["decision"] = .object(["ordinary": limit(6, "workingHours"), "urgent": limit(10, "naturalMinutes")])
        }
        let numbers = rules.numbers
        #expect(numbers.outage.longest == 86_400_000)
        #expect(numbers.outage.clockOffset == 30_000)
        #expect(numbers.outage.margin == 5_000)
        #expect(numbers.extensionAskablePermille == 333)
        #expect(numbers.extensionsPerRound == 2)
        #expect(numbers.extendsUrgent)
        #expect(numbers.preWarningPermilles == [125, 999])
        #expect(rules.decisionDue(of: help(), asked: friday).at == at(15, 0), "an hour on Friday, five on Monday")
        #expect(rules.decisionDue(of: help("urgent2h"), asked: friday).at == friday + 600_000)
    }

    /// A territory as a district publishes it, over the one that ships.
    private func rules(units: [JSONObject]) throws -> BookRules {
        var book = try RuleBook()
        let body: JSONObject = ["units": .array(units.map(JSON.object)), "version": .string("own")]
        let log = MemoryLog(node: try NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let request = AppendRequest(
            command: CommandID(derivedFrom: "territory"), actor: Actor(system: "test", rule: "1"), now: at(0, 0),
            drafts: try RuleBook.drafts(publishing: body, as: "territory", at: at(0, 0)))
        guard case .appended(let stored) = try log.write({ try $0.append(request) }) else {
            preconditionFailure("an empty log takes rules")
        }
        for one in stored { try book.apply(one.event) }
        return BookRules(book, nodes: [try NodeID("yuanhe")])
    }

    private func unit(_ code: String, _ kind: String, below parent: String? = nil, at node: String? = nil) -> JSONObject
    {
        var unit: JSONObject = ["code": .string(code), "kind": .string(kind), "name": .string(code)]
        unit["parent"] = parent.map(JSON.string)
        unit["node"] = node.map(JSON.string)
        return unit
    }

    @Test("a unit is of the territory, of the catalogue, or below a street; no other is known")
    func units() throws {
        let rules = BookRules(try RuleBook.default, nodes: [try NodeID("yuanhe")])
        for unit in [
            "320507", "320507001", "320507-d01", "320507001003", "320507001003005", "320507001003005-2",
            "32050700100300501", "320507001-clean", "区住建局(燃气)", "街道环卫站",
        ] { #expect(rules.isKnown(unit: unit), "\(unit)") }
        for unit in [
            "nope", "yuanhe", "３２０５０７００１", "320507901", "320507901003", "3205070019", "32050700100", "320507-d99",
            "32050700100300", "32050",
        ] { #expect(!rules.isKnown(unit: unit), "\(unit)") }
        #expect(rules.node(of: "320507001003")?.text == "yuanhe", "a community works where its street does")
        #expect(rules.node(of: "320507002003") == nil)
    }

    @Test("a district works before its territory is published by the structure of its codes, then by the territory")
    func otherDistricts() throws {
        let fresh = BookRules(try RuleBook.default, nodes: [])
        for unit in ["310107", "310107009", "310107009002", "310107-d01"] { #expect(fresh.isKnown(unit: unit)) }
        for unit in ["nope", "31010"] { #expect(!fresh.isKnown(unit: unit)) }
        let published = try rules(units: [unit("310107", "centre"), unit("310107009", "street", below: "310107")])
        for unit in ["310107009", "310107009002"] { #expect(published.isKnown(unit: unit)) }
        for unit in ["310107008", "310107-d01", "320507001"] { #expect(!published.isKnown(unit: unit)) }
        let base = try RuleBook()
        let empty = RuleBook(
            calendar: base.calendar, limits: base.limits, territory: try Territory(version: "none", units: []),
            catalogue: base.catalogue)
        #expect(BookRules(empty, nodes: []).isKnown(unit: "anything"), "without a territory nothing says who exists")
        let listed = try rules(units: [
            unit("310107009", "street"), unit("310107009002", "community", below: "310107009", at: "yuanhe"),
        ])
        #expect(listed.node(of: "310107009002")?.text == "yuanhe", "what the territory knows has its own node")
    }

    @Test("a limit in a unit of a later version counts as an ordinary one, and traps nowhere")
    func unknownUnit() throws {
        let rules = try rules()
        for limit in [
            TicketLimit(amount: 3, unit: "moons", fromNextDay: false),
            TicketLimit(amount: -3, unit: "workingHours", fromNextDay: false),
        ] {
            #expect(rules.due(of: limit, from: friday, stops: []).at == at(4 * 24 + 16, 0))
        }
    }
}
