/// A request's query: each parameter known, given once unless it may be repeated, and of its form.

import Events
import Hummingbird
import Projections
import Rules
import Tickets

struct Query {
    private var values: [String: [String]] = [:]
    /// Of the node's zone, in which days begin.
    private let offsetMinutes: Int

    /// - Parameters:
    ///   - known: the parameters there are.
    ///   - repeated: those that may come more than once.
    ///   - offsetMinutes: of the node's zone.
    /// - Throws: `BadRequest` naming the first parameter that is none of them, is empty or comes twice, with its value.
    init(
        _ request: Request, known: [String], repeated: Set<String> = [], offsetMinutes: Int
    ) throws(BadRequest) {
        self.offsetMinutes = offsetMinutes
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let typed = parts.count > 1 ? parts[1] : ""
            guard let name = FormData.decode(parts[0]) else { throw .unknownParameter(String(parts[0]), "", known) }
            guard known.contains(name) else {
                throw .unknownParameter(name, FormData.decode(typed) ?? String(typed), known)
            }
            guard let value = FormData.decode(typed), !value.isEmpty else { throw .parameter(name, String(typed)) }
            values[name, default: []].append(value)
            guard repeated.contains(name) || values[name]?.count == 1 else {
                throw .parameter(name, values[name]?.joined(separator: ", ") ?? "")
            }
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }
    func all(_ name: String) -> [String] { values[name] ?? [] }
    func text(_ name: String) -> String? { values[name]?.first }

    /// A value that `read` understands.
    func value<Value>(_ name: String, _ read: (String) -> Value?) throws(BadRequest) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = read(text) else { throw .parameter(name, text) }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int64>) throws(BadRequest) -> Int64? {
        try value(name) { text in Int64(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    func flag(_ name: String) throws(BadRequest) -> Bool? {
        try value(name) { ["true": true, "false": false][$0] }
    }

    func instant(_ name: String) throws(BadRequest) -> Timestamp? {
        guard let text = text(name) else { return nil }
        // An unescaped plus sign is read as a blank.
        guard let instant = Instant.parse(text.replacing(" ", with: "+"), offsetMinutes: offsetMinutes) else {
            throw .noInstant(name, text)
        }
        return instant
    }

    /// A day as `2026-11-23`, in the form that views keep: 20261123.
    func day(_ name: String) throws(BadRequest) -> Int64? {
        try value(name) { text in
            guard let parts = CivilDate(text)?.parts else { return nil }
            return parts.year * 10_000 + parts.month * 100 + parts.day
        }
    }

    func statuses() throws(BadRequest) -> [TicketStatus] {
        var found: [TicketStatus] = []
        for text in all("status") {
            guard let status = TicketStatus(rawValue: text) else { throw .parameter("status", text) }
            found.append(status)
        }
        return found
    }

    /// A path from the top: `城市管理/停车`.
    func category() throws(BadRequest) -> [String] {
        try value("category") { text in
            let path = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            return path.contains("") ? nil : path
        } ?? []
    }

    func limit() throws(BadRequest) -> Int { Int(try integer("limit", 1...Int64(ViewStore.pageLimit)) ?? 100) }
    func atLeast() throws(BadRequest) -> Int64? { try integer("atLeast", 0...Int64.max) }
}

/// What `GET /api/v1/tickets` is asked.
struct ListQuery {
    static let names = [
        "status", "holder", "helper", "kind", "urgency", "category", "area", "dueBefore", "overdueAt", "overdue",
        "createdFrom", "createdTo", "contested", "suspended", "supervisionFrom", "preWarned", "decisionDueBefore",
        "overdueUnconfirmed", "text", "order", "limit", "cursor", "atLeast",
    ]

    var filter = TicketFilter()
    let text: String?
    let order: TicketOrder
    let limit: Int
    let cursor: String?
    let atLeast: Int64?

    init(_ request: Request, now: Timestamp, offsetMinutes: Int) throws(BadRequest) {
        let query = try Query(
            request, known: ListQuery.names, repeated: ["status"], offsetMinutes: offsetMinutes)
        filter.statuses = try query.statuses()
        filter.holderUnit = query.text("holder")
        filter.helperUnit = query.text("helper")
        filter.kind = query.text("kind")
        filter.urgency = query.text("urgency")
        filter.category = try query.category()
        filter.area = query.text("area")
        filter.dueBefore = try query.instant("dueBefore")
        filter.overdueAt = try query.instant("overdueAt")
        if let value = query.text("overdue") {
            // Which of two instants was meant is not for the node to guess.
            guard value == "true", filter.overdueAt == nil else { throw .parameter("overdue", value) }
            filter.overdueAt = now
        }
        let from = try query.instant("createdFrom")
        let to = try query.instant("createdTo")
        if from != nil || to != nil {
            let start = from ?? Timestamp(milliseconds: .min)
            let end = to ?? Timestamp(milliseconds: .max)
            guard start <= end else { throw .parameter("createdTo", query.text("createdTo") ?? "") }
            filter.created = start..<end
        }
        filter.isContested = try query.flag("contested")
        filter.isSuspended = try query.flag("suspended")
        filter.supervisionFrom = try query.integer("supervisionFrom", 0...3).map(Int.init)
        filter.isPreWarned = try query.flag("preWarned")
        filter.decisionDueBefore = try query.instant("decisionDueBefore")
        filter.isOverdueUnconfirmed = try query.flag("overdueUnconfirmed")
        text = query.text("text")
        // What is found by text comes in the order of full text alone.
        if text != nil, let value = query.text("order") { throw .parameter("order", value) }
        order = try query.value("order", TicketOrder.init) ?? .due
        limit = try query.limit()
        cursor = query.text("cursor")
        atLeast = try query.atLeast()
    }
}

/// What `GET /api/v1/counts` is asked.
struct CountsQuery {
    static let names = [
        "group", "status", "holder", "category", "dayFrom", "dayTo", "order", "limit", "cursor", "atLeast",
    ]

    var counts = CountQuery()
    let limit: Int
    let cursor: String?
    let atLeast: Int64?

    init(_ request: Request, offsetMinutes: Int) throws(BadRequest) {
        let query = try Query(
            request, known: CountsQuery.names, repeated: ["group", "status"], offsetMinutes: offsetMinutes)
        var groups: [CountQuery.Group] = []
        for text in query.all("group") {
            for name in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let group = CountQuery.Group(rawValue: String(name)), !groups.contains(group) else {
                    throw .parameter("group", text)
                }
                groups.append(group)
            }
        }
        if !groups.isEmpty { counts.groups = groups }
        counts.statuses = try query.statuses()
        counts.holderUnit = query.text("holder")
        counts.category = try query.category()
        let from = try query.day("dayFrom")
        let to = try query.day("dayTo")
        if from != nil || to != nil {
            guard from ?? .min <= to ?? .max else { throw .parameter("dayTo", query.text("dayTo") ?? "") }
            counts.days = (from ?? .min)...(to ?? .max)
        }
        counts.isDescending = try query.value("order") { ["ascending": false, "descending": true][$0] } ?? false
        limit = try query.limit()
        cursor = query.text("cursor")
        atLeast = try query.atLeast()
    }
}
