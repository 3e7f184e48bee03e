/// The rules in force as decisions ask for them: a rule book behind `TicketRules`.

package import Events
package import Rules
package import Tickets

package struct BookRules: TicketRules {
    private let book: RuleBook
    private var calendar: WorkCalendar { book.calendar }
    private var table: LimitTable { book.limits }
    private var territory: Territory { book.territory }

    /// Nodes that are enrolled here: a unit whose node is not among them works at the centre.
    private let nodes: Set<NodeID>

    /// Rule events that could not be read; the rules before them stay in force.
    package let problems: [RulesError]

    package init(_ book: RuleBook, nodes: Set<NodeID>, problems: [RulesError] = []) {
        self.book = book
        self.nodes = nodes
        self.problems = problems
    }

    /// The shipped rules with what this log's rule events say over them, for the nodes that the log has enrolled.
    ///
    /// - Throws: `RulesError` when a preset does not hold, `LogFailure` when reading fails.
    package init(reader: any EventReader, centre: NodeID) throws {
        let (book, problems) = try BookRules.book(reader: reader, centre: centre)
        self.init(book, nodes: try NodeBook(reader: reader, centre: centre).enrolled, problems: problems)
    }

    /// The rule book of a log, and the rule events that could not be read.
    package static func book(
        reader: any EventReader, centre: NodeID
    ) throws -> (book: RuleBook, problems: [RulesError]) {
        var problems: [RulesError] = []
        var book = try RuleBook.default
        try published(reader, centre) { event in
            do throws(RulesError) { try book.apply(event) } catch { problems.append(error) }
        }
        return (book, problems)
    }

    /// What each version stands for: those that ship, and those that the centre has published in this log.
    static func versions(reader: any EventReader, centre: NodeID) throws -> RuleVersions {
        var versions = try RuleVersions()
        try published(reader, centre) { versions.take($0) }
        return versions
    }

    /// All rule events that count, kind by kind in the log's order.
    private static func published(_ reader: any EventReader, _ centre: NodeID, _ body: (Event) -> Void) throws {
        for category in ["calendar", "rule", "territory", "catalogue"] {
            try reader.forEachPage(.category(category), pageSize: 500) { page in
                // Rules are the centre's to publish; another node's stay in the log without effect.
                for stored in page where stored.event.id.origin.node == centre { body(stored.event) }
            }
        }
    }

    package var version: String { "\(table.version)+\(calendar.version)+\(territory.version)" }

    package var numbers: TicketRuleNumbers {
        var numbers = TicketRuleNumbers()
        numbers.extensionsPerRound = Int(table.extensions.most)
        numbers.extensionAskablePermille = table.extensions.askedBefore
        numbers.extendsUrgent = table.extensions.urgent
        numbers.preWarningPermilles = table.preWarnings
        numbers.outage.longest = table.outage.longestHours * 3_600_000
        numbers.outage.clockOffset = table.outage.clockOffsetSeconds * 1_000
        numbers.outage.margin = table.outage.marginSeconds * 1_000
        return numbers
    }

    package func redoEnds(after close: Timestamp) -> Timestamp { calendar.due(table.redoWindow, from: close).at }

    package func closes(after since: Timestamp) -> Timestamp { calendar.due(table.closing, from: since).at }

    package func limits(of ticket: TicketState, round: Timestamp, hop: Timestamp) -> TicketLimits {
        let urgency = BookRules.urgency(of: ticket)
        let limit = table.handling(RequestKind(code: ticket.kind ?? "other"), urgency)
        let signing = table.signing(urgency)
        return TicketLimits(
            limit: TicketLimit(amount: limit.amount, unit: limit.unit.rawValue, fromNextDay: limit.fromNextDay),
            due: due(limit, round), signDue: due(signing, hop),
            signDeemedAt: table.deemedSigningFactor.map { due(signing, times: $0, hop) },
            contactDue: due(table.firstContact(urgency), hop), returnDue: due(table.returnWindow(urgency), hop))
    }

    package func decisionDue(of ticket: TicketState, asked instant: Timestamp) -> DueInstant {
        due(table.decision(BookRules.urgency(of: ticket)), instant)
    }

    private static func urgency(of ticket: TicketState) -> Urgency {
        ticket.urgency.flatMap(Urgency.init(rawValue:)) ?? .ordinary
    }

    private func due(_ limit: Limit, times factor: Int64 = 1, _ start: Timestamp) -> DueInstant {
        let (at, provisional) = calendar.due(limit, times: factor, from: start)
        return DueInstant(at: at, isProvisional: provisional)
    }

    // MARK: - The clock of a round

    /// A round's limit as an event wrote it; one in a unit of a later version counts as the ordinary limit of these rules.
    private func limit(_ written: TicketLimit) -> Limit {
        guard let unit = LimitUnit(rawValue: written.unit), Limit.amounts.contains(written.amount) else {
            return table.handling(.other, .ordinary)
        }
        return Limit(written.amount, unit, fromNextDay: written.fromNextDay)
    }

    private func pauses(_ stops: [TicketStop]) -> [Pause] { stops.map { Pause(from: $0.since, to: $0.until) } }

    package func due(of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]) -> DueInstant {
        let (at, provisional) = calendar.due(self.limit(limit), from: start, pauses: pauses(stops))
        return DueInstant(at: at, isProvisional: provisional)
    }

    package func share(
        _ permille: Int64, of limit: TicketLimit, from start: Timestamp, stops: [TicketStop]
    ) -> Timestamp {
        calendar.instant(permille, permilleOf: self.limit(limit), from: start, pauses: pauses(stops))
    }

    /// Natural time moves by the whole span, working time by the working time in it.
    package func moved(_ instant: Timestamp, by span: TicketStop, of limit: TicketLimit) -> DueInstant {
        let (at, provisional) = calendar.moved(instant, of: self.limit(limit), from: span.since, to: span.until)
        return DueInstant(at: at, isProvisional: provisional)
    }

    package func longestExtension(of limit: TicketLimit, from due: Timestamp) -> Timestamp {
        let whole = self.limit(limit)
        return calendar.due(Limit(whole.amount, whole.unit), from: due).at
    }

    /// By the territory, and for codes it does not know by their structure (GB/T 30428.1): district 6 digits, street
    /// 9, community 12, grid 15.
    package func isCommunity(unit: String) -> Bool {
        if territory[unit] != nil { return territory.isCommunity(unit) }
        return unit.utf8.count == 12 && unit.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    package func isGrid(unit: String) -> Bool {
        switch territory[unit]?.kind {
        case .grid, .microGrid: true
        case .centre, .street, .town, .community, .village, .department: false
        // A micro-grid's code is that of its grid with a suffix of the street's own.
        case nil: BookRules.areaDigits(unit) >= 12
        }
    }

    package func reporterChain(of unit: String) -> [String] {
        if territory[unit] != nil {
            return territory.chain(unit).prefix { unit in
                switch unit.kind {
                case .community, .village, .grid, .microGrid: true
                case .centre, .street, .town, .department: false
                }
            }.map(\.code)
        }
        let digits = BookRules.areaDigits(unit)
        // A street's code and shorter ones stand above every grid; what is no area code is a unit of its own.
        if digits == unit.utf8.count, digits <= 9 { return [] }
        let above = [15, 12].filter { $0 <= digits && $0 < unit.utf8.count }
        return [unit] + above.map { String(unit.prefix($0)) }
    }

    /// How many digits a code begins with: 6 district, 9 street, 12 community, 15 grid (GB/T 30428.1).
    private static func areaDigits(_ code: String) -> Int { code.utf8.prefix { (0x30...0x39).contains($0) }.count }

    /// By the territory, by the catalogue, and for a code below one of the territory's streets by its structure.
    ///
    /// A district whose territory is not published yet goes on working: of a district that the shipped one does not
    /// hold, whatever begins with six digits counts, and where there is no territory at all, everything does.
    package func isKnown(unit: String) -> Bool {
        if territory[unit] != nil || book.catalogue.names(department: unit) || territory.units.isEmpty { return true }
        if above(unit) != nil { return true }
        guard !book.isTerritoryPublished, BookRules.areaDigits(unit) >= 6 else { return false }
        return territory[String(unit.prefix(6))] == nil
    }

    /// The nearest unit of the territory below which a code stands that is not in it; nil when there is none.
    ///
    /// Communities have 12 digits, grids 15, and what a street adds of its own goes on behind these or its own nine.
    /// A district's streets and departments are all in its territory.
    private func above(_ code: String) -> String? {
        let digits = BookRules.areaDigits(code)
        let isWhole = digits >= 15 || digits == 12 || digits == 9
        guard isWhole, code.utf8.count > 9, territory[code] == nil else { return nil }
        for length in [15, 12, 9] where length <= digits && length < code.utf8.count {
            let candidate = String(code.prefix(length))
            if territory[candidate] != nil { return candidate }
        }
        return nil
    }

    package func isEnrolled(_ node: NodeID) -> Bool { nodes.contains(node) }

    package func isUnit(_ unit: String, below parent: String) -> Bool {
        if territory[unit] != nil { return territory.chain(unit).dropFirst().contains { $0.code == parent } }
        return unit != parent && unit.hasPrefix(parent)
    }

    package func node(of unit: String) -> NodeID? {
        // A dispatch to a node that does not exist would reach nobody.
        namedNode(of: unit).flatMap { nodes.contains($0) ? $0 : nil }
    }

    /// The node that the territory names for a unit, enrolled or not.
    package func namedNode(of unit: String) -> NodeID? { territory.node(of: above(unit) ?? unit) }

    package func place(of unit: String) -> UnitPlace {
        if let node = namedNode(of: unit) { return .node(node) }
        let isThere = territory[unit] != nil || above(unit) != nil || book.catalogue.names(department: unit)
        return isThere ? .centre : .unknown
    }

    /// Whether the territory names a node for any unit.
    package func isNamed(_ node: NodeID) -> Bool { territory.units.contains { $0.node == node } }

    /// Categories of city facilities (部件): a reply about them shows a photograph.
    package func needsEvidence(category: [String]) -> Bool {
        category.contains { $0.contains("部件") || $0.contains("设施") }
    }
}
