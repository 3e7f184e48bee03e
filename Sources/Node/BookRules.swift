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
        for category in ["calendar", "rule", "territory", "catalogue"] {
            var position: Int64 = 0
            while true {
                let page = try reader.page(.category(category), .forward, from: position, limit: 500)
                // Rules are the centre's to publish; another node's stay in the log without effect.
                for stored in page where stored.event.id.origin.node == centre {
                    do throws(RulesError) { try book.apply(stored.event) } catch { problems.append(error) }
                }
                guard page.count == 500, let last = page.last else { break }
                position = last.position
            }
        }
        return (book, problems)
    }

    package var version: String { "\(table.version)+\(calendar.version)+\(territory.version)" }

    package var numbers: TicketRuleNumbers {
        var numbers = TicketRuleNumbers()
        numbers.extensionsPerRound = Int(table.extensions.most)
        numbers.extensionAskablePercent = table.extensions.askedBefore / 10
        numbers.deemedSigningFactor = table.deemedSigningFactor ?? 0
        numbers.preWarningPercents = table.preWarnings.map { $0 / 10 }
        return numbers
    }

    package func redoEnds(after close: Timestamp) -> Timestamp { calendar.due(table.redoWindow, from: close).at }

    package func closes(after since: Timestamp) -> Timestamp { calendar.due(table.closing, from: since).at }

    package func limits(of ticket: TicketState, round: Timestamp, hop: Timestamp) -> TicketLimits {
        let urgency = ticket.urgency.flatMap(Urgency.init(rawValue:)) ?? .ordinary
        let kind = RequestKind(code: ticket.kind ?? "other")
        return TicketLimits(
            due: due(table.handling(kind, urgency), round), signDue: due(table.signing(urgency), hop),
            contactDue: due(table.firstContact(urgency), hop), returnDue: due(table.returnWindow(urgency), hop))
    }

    private func due(_ limit: Limit, _ start: Timestamp) -> DueInstant {
        let (at, provisional) = calendar.due(limit, from: start)
        return DueInstant(at: at, isProvisional: provisional)
    }

    /// The limit stands still while the ticket is suspended: natural time moves by the stop, working time by the
    /// working time in it.
    package func resumed(_ due: DueInstant, of ticket: TicketState, since: Timestamp, until: Timestamp) -> DueInstant {
        let urgency = ticket.urgency.flatMap(Urgency.init(rawValue:)) ?? .ordinary
        let limit = table.handling(RequestKind(code: ticket.kind ?? "other"), urgency)
        switch limit.unit {
        case .workingHours, .workingDays:
            let stopped = calendar.workingMilliseconds(from: since, to: until)
            let (at, provisional) = calendar.moved(due.at, byWorking: stopped)
            return DueInstant(at: at, isProvisional: provisional)
        case .naturalMinutes, .naturalHours, .naturalDays:
            return DueInstant(at: due.at + (until - since), isProvisional: due.isProvisional)
        }
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

    package func isEnrolled(_ node: NodeID) -> Bool { nodes.contains(node) }

    package func isUnit(_ unit: String, below parent: String) -> Bool {
        if territory[unit] != nil { return territory.chain(unit).dropFirst().contains { $0.code == parent } }
        return unit != parent && unit.hasPrefix(parent)
    }

    package func node(of unit: String) -> NodeID? {
        // A dispatch to a node that does not exist would reach nobody.
        territory.node(of: unit).flatMap { nodes.contains($0) ? $0 : nil }
    }

    /// Categories of city facilities (部件): a reply about them shows a photograph.
    package func needsEvidence(category: [String]) -> Bool {
        category.contains { $0.contains("部件") || $0.contains("设施") }
    }
}
