import ArgumentParser
import Events
import NIOHTTP1
import Texts

/// What tickets are listed: a filter of the HTTP API each (`docs/http.md`), read by the node.
struct TicketFilterOptions: ParsableArguments {
    @Option(help: said("Only this status, by its code or as lists show it; may be repeated.")) var status: [String] = []
    @Option(help: said("Only the leading unit's.")) var holder: String?
    @Option(help: said("Only those that this unit helps with.")) var helper: String?
    @Option(help: said("Only this kind, such as complaint.")) var kind: String?
    @Option(help: said("Only this urgency, such as urgent24h.")) var urgency: String?
    @Option(help: said("Only the category's and what is below it: a path such as 城市管理/停车.")) var category: String?
    @Option(help: said("Only the area's: what begins with this code.")) var area: String?
    @Option(help: said("Only those due before this time; without a zone it is the node's, as for all times here."))
    var dueBefore: String?
    @Option(help: said("Only those overdue at this time.")) var overdueAt: String?
    @Flag(help: said("Only those overdue now.")) var overdue = false
    @Option(help: said("Only those filed at this time or later.")) var createdFrom: String?
    @Option(help: said("Only those filed before this time.")) var createdTo: String?
    @Flag(inversion: .prefixedNo, help: said("Only those with open conflicts, or without.")) var contested: Bool?
    @Flag(inversion: .prefixedNo, help: said("Only those whose clock is stopped, or runs.")) var suspended: Bool?
    @Option(help: said("Only those supervised at this level or above, 0-3.")) var supervisionFrom: Int?
    @Flag(inversion: .prefixedNo, help: said("Only those that were warned before their due time, or were not."))
    var preWarned: Bool?
    @Option(help: said("Only those with a request that is to be decided before this time."))
    var decisionDueBefore: String?
    @Flag(
        inversion: .prefixedNo,
        help: said("Only those noted as overdue while the holder's line was down and not settled yet, or without them.")
    )
    var overdueUnconfirmed: Bool?
    @Option(help: said("Only those in which the words stand; in the order of the search.")) var text: String?
    @Option(help: said("due (the most urgent first) or newest.")) var order: String?

    /// Puts the node's zone to times that have none.
    mutating func readTimes(at client: NodeClient) async throws {
        dueBefore = try await client.time(dueBefore, option: "--due-before")
        overdueAt = try await client.time(overdueAt, option: "--overdue-at")
        decisionDueBefore = try await client.time(decisionDueBefore, option: "--decision-due-before")
        createdFrom = try await client.time(createdFrom, option: "--created-from")
        createdTo = try await client.time(createdTo, option: "--created-to")
    }

    /// The query's members.
    var query: [(String, String)] {
        let texts: [(String, String?)] = [
            ("holder", holder), ("helper", helper), ("kind", kind), ("urgency", urgency), ("category", category),
            ("area", area), ("dueBefore", dueBefore), ("overdueAt", overdueAt),
            ("overdue", overdue ? "true" : nil), ("createdFrom", createdFrom), ("createdTo", createdTo),
            ("contested", contested.map(String.init)), ("suspended", suspended.map(String.init)),
            ("supervisionFrom", supervisionFrom.map(String.init)), ("preWarned", preWarned.map(String.init)),
            ("decisionDueBefore", decisionDueBefore), ("overdueUnconfirmed", overdueUnconfirmed.map(String.init)),
            ("text", text), ("order", order),
        ]
        return status.map { ("status", AnswerText.statusCode($0)) }
            + texts.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// Which page of a list, and how new it must be.
struct PageOptions: ParsableArguments {
    @Option(help: said("How many, 1-500.")) var limit: Int = 50
    @Option(help: said("`next` of the page before.")) var cursor: String?
    @Option(help: said("Waits until the node holds this position, two seconds at most.")) var atLeast: Int64?

    /// The query's members.
    var query: [(String, String)] {
        [("limit", String(limit))]
            + [("cursor", cursor), ("atLeast", atLeast.map(String.init))].compactMap { name, value in
                value.map { (name, $0) }
            }
    }

    /// Says how to go on.
    func tellNext(_ answer: JSONObject) {
        if let next = answer["next"]?.string { Talk.line("there is more: --cursor \(next)") }
    }
}

struct ListTickets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: said("List tickets by due time, or as --order says."),
        discussion: said(
            """
            Each line: ticket, number, status, due time, by when its first open request is to be decided, whether its \
            lateness is still to be settled, leading unit, title, or one made from what it is about.
            """))
    @OptionGroup var node: NodeOptions
    @OptionGroup var filter: TicketFilterOptions
    @OptionGroup var page: PageOptions

    /// What is asked of the node.
    var path: String { "/api/v1/tickets?" + NodeClient.query(filter.query + page.query) }

    func run() async throws {
        let client = try node.client()
        var settled = self
        try await settled.filter.readTimes(at: client)
        let answer = try await client.call(.GET, settled.path)
        guard !node.json else { return Output.json(answer) }
        let text = try await client.answerText()
        for item in (answer["items"]?.array ?? []).compactMap(\.object) {
            Output.plain(ListTickets.line(item, text))
        }
        page.tellNext(answer)
    }

    /// What is printed of a ticket; what a person wrote comes last, since it may be anything.
    static func line(_ item: JSONObject, _ text: AnswerText) -> String {
        ShownText.row([
            item["ticket"]?.string ?? "", item["number"]?.string ?? "-", text.status(item["status"]) ?? "",
            text.time(item["dueAt"]) ?? "-", text.time(item["decisionDueAt"]) ?? "-",
            item["overdueUnconfirmed"]?.bool == true ? text.texts[.lateUnconfirmed] : "-",
            item["holderUnit"]?.string ?? "-",
            item["heading"]?.string ?? "",
        ])
    }
}

struct CountTickets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counts",
        abstract: said("Count tickets by unit, category, day or status."),
        discussion: said(
            "Each line: what is counted by, tickets, once overdue, overdue unconfirmed, urges, open conflicts, redos."))
    @OptionGroup var node: NodeOptions
    @Option(help: said("unit, category, day or status; may be repeated. Default: unit.")) var group: [String] = []
    @Option(help: said("Only this status, by its code or as lists show it; may be repeated.")) var status: [String] = []
    @Option(help: said("Only the leading unit's.")) var holder: String?
    @Option(help: said("Only the category's and what is below it.")) var category: String?
    @Option(help: said("Only those filed on this day or later, such as 2026-11-23.")) var dayFrom: String?
    @Option(help: said("Only those filed on this day or before.")) var dayTo: String?
    @Option(help: said("ascending or descending.")) var order: String?
    @OptionGroup var page: PageOptions

    /// What is asked of the node.
    var path: String {
        let texts = [
            ("holder", holder), ("category", category), ("dayFrom", dayFrom), ("dayTo", dayTo), ("order", order),
        ].compactMap { name, value in value.map { (name, $0) } }
        let lists = group.map { ("group", $0) } + status.map { ("status", AnswerText.statusCode($0)) }
        return "/api/v1/counts?" + NodeClient.query(lists + texts + page.query)
    }

    func run() async throws {
        let answer = try await node.client().call(.GET, path)
        guard !node.json else { return Output.json(answer) }
        let groups = group.isEmpty ? ["unit"] : group.flatMap { $0.split(separator: ",").map(String.init) }
        // Days are counted by in the node's zone; there is no time in the lines.
        let text = AnswerText(texts: PageTexts(Talk.language), offsetMinutes: 0)
        for row in (answer["rows"]?.array ?? []).compactMap(\.object) {
            Output.plain(CountTickets.line(row, groups, text))
        }
        page.tellNext(answer)
    }

    static func line(_ row: JSONObject, _ groups: [String], _ text: AnswerText) -> String {
        let keys = groups.map { name in
            let key =
                name == "status"
                ? text.status(row[name])
                : row[name]?.array?.compactMap(\.string).joined(separator: "/") ?? row[name]?.string
            return key.flatMap { $0.isEmpty ? nil : $0 } ?? "-"
        }
        let sums = ["count", "overdueNoted", "overdueUnconfirmed", "urges", "conflicts", "redos"].map {
            String(row[$0]?.integer ?? 0)
        }
        return ShownText.row(keys + sums)
    }
}

struct ListConflicts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: said("List the conflicts that nobody has settled, oldest first."))
    @OptionGroup var node: NodeOptions
    @OptionGroup var page: PageOptions

    /// What is asked of the node.
    var path: String { "/api/v1/conflicts?" + NodeClient.query(page.query) }

    func run() async throws {
        let client = try node.client()
        let answer = try await client.call(.GET, path)
        guard !node.json else { return Output.json(answer) }
        let text = try await client.answerText()
        for item in (answer["items"]?.array ?? []).compactMap(\.object) {
            Output.plain(ListConflicts.line(item, text))
        }
        page.tellNext(answer)
    }

    static func line(_ item: JSONObject, _ text: AnswerText) -> String {
        let event = text.texts.event(named: item["type"]?.string ?? "")
        let reason = text.texts.conflictReason(item["reason"]?.string ?? "")
        return ShownText.row([
            item["ticket"]?.string ?? "", item["number"]?.string ?? "-", event, reason,
            text.time(item["occurredAt"]) ?? "-", item["against"]?.string ?? "-",
        ])
    }
}
