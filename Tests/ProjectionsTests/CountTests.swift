import Events
import Testing
import Tickets

@testable import Projections

@Suite("Counts, conflicts and searches by page") struct CountTests {
    private func store(seed: UInt64) throws -> (store: ViewStore, workload: TicketWorkload) {
        var workload = try TicketWorkload(seed: seed)
        try workload.run(400)
        try workload.settle()
        let store = try ViewStore(path: workload.logs[0].viewsPath, views: workload.views)
        try ViewRunner(store: store, open: workload.logs[0].open).catchUp()
        return (store, workload)
    }

    /// A ticket's row, by the names of its columns.
    private struct Row {
        let cells: Cells
        func text(_ column: String) -> String {
            if case .text(let value) = cells[TicketTables.tickets.place(of: column)] { value } else { "" }
        }
        func number(_ column: String) -> Int64 {
            if case .integer(let value) = cells[TicketTables.tickets.place(of: column)] { value } else { 0 }
        }
        var keys: [CountQuery.Group: String] {
            [
                .unit: text("holderUnit"), .category: text("category"), .day: String(number("createdDay")),
                .status: text("status"),
            ]
        }
    }

    private func keys(_ count: TicketCount) -> [CountQuery.Group: String] {
        var keys: [CountQuery.Group: String] = [:]
        keys[.unit] = count.unit
        keys[.category] = count.category?.joined(separator: "/")
        keys[.day] = count.day.map(String.init)
        keys[.status] = count.status?.rawValue
        return keys
    }

    @Test("pages of counts are what counting the tickets one by one gives, in order and once", arguments: seeds)
    func recount(seed: UInt64) throws {
        let (store, workload) = try store(seed: seed)
        let tickets = try #require(store.contents()["tickets"]).map(Row.init)
        let days = tickets.map { $0.number("createdDay") }.sorted()
        let middle = days[days.count / 2]
        var queries: [(CountQuery, (Row) -> Bool)] = []
        for groups: [CountQuery.Group] in [
            [.unit], [.day], [.status, .unit], [.category, .day], [.day, .category, .unit, .status],
        ] {
            func add(_ change: (inout CountQuery) -> Void, _ holds: @escaping (Row) -> Bool) {
                var query = CountQuery()
                query.groups = groups
                change(&query)
                queries.append((query, holds))
            }
            add({ _ in }, { _ in true })
            add({ $0.isDescending = true }, { _ in true })
            add({ $0.holderUnit = "320507002" }, { $0.text("holderUnit") == "320507002" })
            add({ $0.category = ["城市管理"] }, { $0.text("category").hasPrefix("城市管理/") })
            add({ $0.days = middle...middle }, { $0.number("createdDay") == middle })
            add({ $0.statuses = [.dispatched, .inHand] }, { ["dispatched", "inHand"].contains($0.text("status")) })
        }
        for (query, holds) in queries {
            var expected: [[CountQuery.Group: String]: [Int64]] = [:]
            for ticket in tickets where holds(ticket) {
                let unsure = ticket.number("overdueUnconfirmed")
                let sums =
                    [1, ticket.number("overdueNoted") - unsure, unsure]
                    + ["urges", "conflicts", "redos"].map { ticket.number($0) }
                let key = ticket.keys.filter { query.groups.contains($0.key) }
                expected[key] = zip(expected[key] ?? [0, 0, 0, 0, 0, 0], sums).map(+)
            }
            for limit in [3, 500] {
                var rows: [TicketCount] = []
                var cursor: String?
                repeat {
                    let page = try store.counts(query, after: cursor, limit: limit)
                    #expect(page.rows.count <= limit && (page.next == nil || page.rows.count == limit))
                    rows += page.rows
                    cursor = page.next
                } while cursor != nil && rows.count < 10_000
                #expect(rows.count == expected.count, "\(query) seed \(seed)")
                for row in rows {
                    let found = [
                        row.count, row.overdueNoted, row.overdueUnconfirmed, row.urges, row.conflicts, row.redos,
                    ]
                    #expect(expected[keys(row)] == found, "\(query) seed \(seed)")
                }
                let order = rows.map { row in query.groups.map { keys(row)[$0] ?? "" } }
                let sorted = order.sorted { left, right in
                    let (low, high) = query.isDescending ? (right, left) : (left, right)
                    return low.map { Array($0.utf8) }.lexicographicallyPrecedes(high.map { Array($0.utf8) }) {
                        $0.lexicographicallyPrecedes($1)
                    }
                }
                #expect(order == sorted, "\(query) seed \(seed)")
            }
        }
        #expect(tickets.count > 20 && workload.now > 0)
    }

    @Test("a ticket that was late behind a cut line is charged to its unit only once that is confirmed")
    func unconfirmedLateness() throws {
        let log = try DiskLog()
        let store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        let runner = try ViewRunner(store: store, open: log.open)
        func put(_ kind: TicketEventKind, _ body: JSONObject = [:], on ticket: String = "ticket/1", at: Int64) throws {
            let draft = Draft(
                stream: try StreamName(ticket), type: EventType(kind.typeName), body: body,
                occurredAt: Timestamp(milliseconds: 1_764_000_000_000 + at))
            try log.put([draft], command: "\(ticket) \(at)", at: 1_764_000_000_000 + at)
        }
        func counted() throws -> [Int64] {
            try runner.catchUp()
            let row = try #require(try store.counts(CountQuery()).rows.first)
            return [row.count, row.overdueNoted, row.overdueUnconfirmed]
        }
        for ticket in ["ticket/1", "ticket/2"] {
            try put(.registered, ["channel": .string("phone"), "matter": .string("灯")], on: ticket, at: 0)
            try put(.queuedForDispatch, on: ticket, at: 1)
            try put(.dispatched, ["lead": .string("320507001"), "leadNode": .string("centre")], on: ticket, at: 2)
        }
        try put(.overdueNoted, ["unconfirmed": .bool(true)], at: 3)
        try put(.overdueNoted, on: "ticket/2", at: 3)
        #expect(try counted() == [2, 1, 1])
        try put(.overdueNoted, at: 4)
        #expect(try counted() == [2, 2, 0])
    }

    @Test("counts by a category that an import gave as long as an event can hold go on behind their cursor")
    func longCategory() throws {
        let log = try DiskLog()
        let long = String(repeating: "市容", count: 3_000)
        for (place, category) in [long, long + "二"].enumerated() {
            let body: JSONObject = [
                "channel": .string("web"), "matter": .string("灯"), "category": .array([.string(category)]),
            ]
            let draft = Draft(
                stream: try StreamName("ticket/\(place)"), type: EventType(TicketEventKind.imported.typeName),
                body: body,
                occurredAt: Timestamp(milliseconds: 1_764_000_000_000))
            try log.put([draft], command: "import \(place)", at: 1_764_000_000_000)
        }
        let store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        try ViewRunner(store: store, open: log.open).catchUp()
        var query = CountQuery()
        query.groups = [.category]
        let first = try store.counts(query, limit: 1)
        let next = try #require(first.next)
        let second = try store.counts(query, after: next, limit: 1)
        #expect((first.rows + second.rows).map(\.category) == [[long], [long + "二"]])
    }

    @Test("a cursor of counts is good for the counts that gave it and no others")
    func foreignCursor() throws {
        let (store, _) = try store(seed: 7)
        var query = CountQuery()
        query.groups = [.day]
        let next = try #require(store.counts(query, limit: 1).next)
        #expect(try store.counts(query, after: next, limit: 1).rows.count == 1)
        query.isDescending = true
        #expect(throws: ViewFailure.self) { try store.counts(query, after: next) }
        #expect(throws: ViewFailure.self) { try store.openConflicts(after: next) }
        #expect(throws: ViewFailure.self) { try store.counts(query, after: "00") }
    }

    @Test("open conflicts come oldest first, each once, with their tickets", arguments: seeds)
    func conflicts(seed: UInt64) throws {
        let (store, _) = try store(seed: seed)
        let rows = try #require(store.contents()["conflicts"]).filter { $0[6] == .null }
        let all = try store.openConflicts(limit: 500)
        #expect(all.items.count == rows.count && rows.count > 3 && all.next == nil)
        #expect(Set(all.items.map { Cell.text($0.event.description) }) == Set(rows.map { $0[1] }))
        #expect(try store.openConflictCount() == Int64(rows.count))
        let order = all.items.map { ($0.occurredAt.milliseconds, $0.stream.text, $0.event.description) }
        for (left, right) in zip(order, order.dropFirst()) { #expect(left < right) }
        for limit in [1, 2, 7] {
            var found: [TicketConflict] = []
            var cursor: String?
            repeat {
                let page = try store.openConflicts(after: cursor, limit: limit)
                found += page.items
                cursor = page.next
            } while cursor != nil && found.count < 10_000
            #expect(found == all.items, "limit \(limit) seed \(seed)")
        }
        let titled = try #require(all.items.first { $0.title != nil })
        #expect(try store.ticket(titled.stream)?.title == titled.title)
    }

    @Test("what units have at hand at a node is counted in an index alone: each page and each status asks it")
    func heldPlan() throws {
        let folder = try TemporaryFolder()
        let store = try ViewStore(path: folder.path + "/views.sqlite", views: .gridline(centre: NodeID("centre")))
        try store.read { db in
            let plan = try RowStatement("EXPLAIN QUERY PLAN \(ViewStore.heldByUnit)", on: db).rows(4).map { "\($0[3])" }
            #expect(plan.joined().contains("COVERING INDEX ticketsHeld") && !plan.joined().contains("TEMP B-TREE"))
        }
    }

    @Test("open conflicts come from their index, without a sort")
    func conflictPlan() throws {
        let folder = try TemporaryFolder()
        let store = try ViewStore(path: folder.path + "/views.sqlite", views: .gridline(centre: NodeID("centre")))
        try store.read { db in
            let plan = try RowStatement(
                """
                EXPLAIN QUERY PLAN SELECT c.stream, t.title FROM conflicts c LEFT JOIN tickets t ON t.stream = c.stream
                    WHERE c.resolvedBy IS NULL AND (c.occurredAt, c.stream, c.event) > (5, 'x', 'y')
                    ORDER BY c.occurredAt, c.stream, c.event LIMIT 10
                """, on: db
            ).rows(4).map { "\($0[3])" }.joined()
            #expect(plan.contains("conflictsOpen") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }

    @Test("what is found by text fits the filter, and so does what is found by its number; each comes once")
    func filteredSearch() throws {
        let (store, _) = try store(seed: 11)
        var filter = TicketFilter()
        filter.kind = "consult"
        let all = Set(try store.all(filter, .due, 500).map(\.stream))
        let words = Set(try store.search("扰民", limit: 500).items.map(\.stream))
        for limit in [1, 3, 500] {
            var found: [TicketItem] = []
            var cursor: String?
            repeat {
                let page = try store.search("扰民", filter: filter, after: cursor, limit: limit)
                #expect(page.items.count <= limit)
                found += page.items
                cursor = page.next
            } while cursor != nil && found.count < 10_000
            #expect(Set(found.map(\.stream)) == all.intersection(words) && !found.isEmpty, "limit \(limit)")
            #expect(Set(found.map(\.stream)).count == found.count, "limit \(limit)")
        }
        let other = try #require(
            store.all(TicketFilter(), .due, 500).first { $0.kind == "complaint" && $0.number != nil })
        #expect(try store.search(other.number ?? "").items.map(\.stream) == [other.stream])
        #expect(try store.search(other.number ?? "", filter: filter).items.isEmpty)
    }

    @Test("tickets with the same number come once each, over pages of one")
    func sameNumber() throws {
        let log = try DiskLog()
        for name in ["a", "b", "c"] {
            try log.put(
                [registered("ticket/\(name)", number: name == "c" ? "26111999" : "26111234", matter: "编号26111234")],
                command: name, at: 1_764_000_000_000)
        }
        let store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        try ViewRunner(store: store, open: log.open).catchUp()
        var found: [String] = []
        var cursor: String?
        repeat {
            let page = try store.search("26111234", after: cursor, limit: 1)
            found += page.items.map(\.stream.text)
            cursor = page.next
        } while cursor != nil && found.count < 10
        #expect(found == ["ticket/a", "ticket/b", "ticket/c"])
    }

    @Test("pre-warned are those that were warned and are still to be done")
    func preWarned() throws {
        let log = try DiskLog()
        let dispatched: JSONObject = ["lead": .string("320507001"), "leadNode": .string("centre")]
        let steps: [(String, [(TicketEventKind, JSONObject)])] = [
            (
                "warned",
                [(.queuedForDispatch, [:]), (.dispatched, dispatched), (.preWarned, ["permille": .integer(800)])]
            ),
            ("quiet", [(.queuedForDispatch, [:]), (.dispatched, dispatched)]),
            (
                "done",
                [
                    (.queuedForDispatch, [:]), (.dispatched, dispatched), (.signed, [:]),
                    (.preWarned, ["permille": .integer(800)]), (.replySubmitted, ["text": .string("已处理")]),
                    (.finished, [:]),
                ]
            ),
        ]
        var time: Int64 = 1_764_000_000_000
        for (name, kinds) in steps {
            try log.put([registered("ticket/\(name)", number: name, matter: "灯")], command: name, at: time)
            for (kind, body) in kinds {
                time += 1_000
                let draft = Draft(
                    stream: try StreamName("ticket/\(name)"), type: EventType(kind.typeName), body: body,
                    occurredAt: Timestamp(milliseconds: time))
                try log.put([draft], command: "\(name) \(kind)", at: time)
            }
        }
        let store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        try ViewRunner(store: store, open: log.open).catchUp()
        var filter = TicketFilter()
        filter.isPreWarned = true
        #expect(try store.tickets(filter).items.map(\.stream.text) == ["ticket/warned"])
        #expect(try store.ticket(StreamName("ticket/done"))?.status == .finished)
        filter.isPreWarned = false
        #expect(try store.tickets(filter).items.map(\.stream.text) == ["ticket/quiet"])
    }

    @Test("the pages of what is overdue go on when now is later")
    func overduePages() throws {
        let (store, workload) = try store(seed: 7)
        var filter = TicketFilter()
        filter.overdueAt = Timestamp(milliseconds: workload.now)
        let first = try store.tickets(filter, limit: 1)
        filter.overdueAt = Timestamp(milliseconds: workload.now + 5)
        let second = try store.tickets(filter, after: first.next, limit: 1)
        #expect(first.items.count == 1 && second.items.count == 1 && first.items != second.items)
    }

    private func registered(_ stream: String, number: String, matter: String) throws -> Draft {
        Draft(
            stream: try StreamName(stream), type: EventType(TicketEventKind.registered.typeName),
            body: ["channel": .string("phone"), "matter": .string(matter), "number": .string(number)],
            occurredAt: Timestamp(milliseconds: 1_764_000_000_000))
    }
}
