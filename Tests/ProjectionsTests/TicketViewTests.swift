import Events
import Log
import Testing
import Tickets

@testable import Projections

@Suite("Views of tickets") struct TicketViewTests {
    @Test("nodes with the same events have the same tables, live or rebuilt, whatever the order", arguments: seeds)
    func convergence(seed: UInt64) throws {
        var workload = try TicketWorkload(seed: seed)
        let runners = try workload.logs.map { log in
            try ViewRunner(
                store: ViewStore(path: log.viewsPath, views: workload.views), pageSize: 17, cachedStreams: 6,
                open: log.open)
        }
        for _ in 0..<5 {
            try workload.run(60)
            for runner in runners { try runner.catchUp() }
        }
        try workload.settle()
        var contents: Set<Digest> = []
        for (runner, log) in zip(runners, workload.logs) {
            try runner.catchUp()
            contents.insert(try runner.store.certificate().content)
            try runner.store.expectSumsHold("seed \(seed)")
            try runner.store.expectTextHolds("seed \(seed)")
            let path = log.folder.path + "/aside.sqlite"
            _ = try RebuildFile(path: path, views: workload.views, open: log.open).run()
            let aside = try ViewStore(path: path, views: workload.views)
            #expect(aside.opening == .kept)
            #expect(try aside.certificate() == runner.store.certificate(), "seed \(seed)")
        }
        #expect(contents.count == 1, "seed \(seed)")
        let tables = try runners[0].store.contents()
        #expect((tables["tickets"]?.count ?? 0) > 20 && (tables["conflicts"]?.count ?? 0) > 5, "seed \(seed)")
        #expect(tables["poison"]?.isEmpty == true)
    }

    @Test("pages of any size go through a list once and in order, and hold what the filter says", arguments: seeds)
    func pages(seed: UInt64) throws {
        var workload = try TicketWorkload(seed: seed)
        try workload.run(400)
        try workload.settle()
        let store = try ViewStore(path: workload.logs[0].viewsPath, views: workload.views)
        try ViewRunner(store: store, open: workload.logs[0].open).catchUp()
        let all = try store.all(TicketFilter(), .due, 500)
        #expect(all.count == (try store.contents()["tickets"]?.count))
        let noon = Timestamp(milliseconds: workload.now - 3_600_000)
        var filters: [(TicketFilter, (TicketItem) -> Bool)] = [(TicketFilter(), { _ in true })]
        func add(_ change: (inout TicketFilter) -> Void, _ holds: @escaping (TicketItem) -> Bool) {
            var filter = TicketFilter()
            change(&filter)
            filters.append((filter, holds))
        }
        add({ $0.statuses = [.dispatched, .inHand] }, { [.dispatched, .inHand].contains($0.status) })
        add({ $0.holderUnit = "320507002" }, { $0.holderUnit == "320507002" })
        add({ $0.kind = "consult" }, { $0.kind == "consult" })
        add({ $0.category = ["城市管理"] }, { $0.category.first == "城市管理" })
        add({ $0.category = ["城市管理", "停车"] }, { $0.category == ["城市管理", "停车"] })
        add({ $0.category = ["城市"] }, { _ in false })
        add({ $0.area = "320507" }, { $0.area != nil })
        add({ $0.area = "320507001" }, { $0.area?.hasPrefix("320507001") == true })
        add({ $0.area = "32050700100" }, { $0.area == "320507001003" })
        add({ $0.area = "320507001003" }, { $0.area == "320507001003" })
        add({ $0.dueBefore = noon }, { ($0.dueAt ?? Timestamp(milliseconds: .max)) < noon })
        let now = Timestamp(milliseconds: workload.now)
        add({ $0.decisionDueBefore = now }, { ($0.decisionDueAt ?? Timestamp(milliseconds: .max)) < now })
        add({ $0.isContested = true }, { $0.conflicts > 0 })
        add({ $0.supervisionFrom = 2 }, { $0.supervision >= 2 })
        for (filter, holds) in filters {
            let expected = Set(all.filter(holds).map(\.stream))
            for order in TicketOrder.allCases {
                for limit in [1, 7, 500] {
                    let found = try store.all(filter, order, limit)
                    #expect(
                        found.count == expected.count && Set(found.map(\.stream)) == expected, "\(filter) seed \(seed)")
                    #expect(found.map(\.stream) == found.sorted(by: order.precedes).map(\.stream), "\(filter) \(order)")
                }
            }
        }
        var overdue = TicketFilter()
        overdue.overdueAt = noon
        let late = try store.all(overdue, .due, 7)
        #expect(
            !late.isEmpty && late.allSatisfy { ($0.dueAt ?? noon) < noon && $0.status != .finished && $0.status.isOpen }
        )
        let other = try store.tickets(order: .newest, limit: 1).next
        #expect(throws: ViewFailure.self) { try store.tickets(order: .due, after: other) }
        #expect(throws: ViewFailure.self) { try store.tickets(after: "no cursor") }
    }

    @Test("search finds two characters, longer words, mixed words, numbers, and pages through all hits once")
    func search() throws {
        var workload = try TicketWorkload(seed: 11)
        try workload.run(300)
        try workload.settle()
        let store = try ViewStore(path: workload.logs[0].viewsPath, views: workload.views)
        try ViewRunner(store: store, open: workload.logs[0].open).catchUp()
        let tickets = try #require(store.contents()["tickets"])
        let place = TicketTables.tickets.place(of: "matter")
        func streams(_ part: String) -> Set<Cell> {
            Set(
                tickets.filter { if case .text(let matter) = $0[place] { matter.contains(part) } else { false } }.map {
                    $0[0]
                })
        }
        for query in ["电梯", "占道", "占道经营", "3号楼", "扰民", "楼", "号楼电", "3号", "灯不"] {
            var found: [TicketItem] = []
            var cursor: String?
            repeat {
                let page = try store.search(query, after: cursor, limit: 7)
                found += page.items
                cursor = page.next
            } while cursor != nil
            #expect(Set(found.map { Cell.text($0.stream.text) }) == streams(query), "\(query)")
            #expect(Set(found.map(\.stream)).count == found.count && !found.isEmpty, "\(query)")
        }
        #expect(try store.search("占道 油烟").items.count == streams("油烟").count)
        #expect(try store.search("道占").items.isEmpty)
        let numbered = try #require(store.tickets().items.first { $0.number != nil })
        #expect(try store.search(" \(numbered.number ?? "") ").items.map(\.stream) == [numbered.stream])
        var filter = TicketFilter()
        filter.holderUnit = "320507002"
        let held = try store.search("占道", filter: filter).items
        #expect(!held.isEmpty && held.allSatisfy { $0.holderUnit == "320507002" })
    }

    @Test("two tickets with one number show -2 at the later one everywhere, and either text finds what it says")
    func sharedNumber() throws {
        let workload = try TicketWorkload(seed: 3)
        let number = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 12)).text
        // The street's came later in the canonical order, and first to the views.
        func draft(_ stream: String, owner: String = "centre") throws -> Draft {
            Draft(
                stream: try StreamName(stream), type: EventType("ticket.registered"),
                body: [
                    "matter": .string("路灯不亮"), "number": .string(number), "owner": .string(owner),
                    "ownerNode": .string(owner == "street" ? "street1" : "centre"),
                ], occurredAt: Timestamp(milliseconds: 1_764_000_000_000))
        }
        try workload.logs[1].put([draft("ticket/a", owner: "street")], command: "late", at: 1_764_000_600_000)
        try workload.logs[0].ingest(
            workload.logs[1].log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event), at: 1_764_000_000_000)
        try workload.logs[0].put([draft("ticket/b")], command: "early", at: 1_764_000_000_000)
        let store = try ViewStore(path: workload.logs[0].viewsPath, views: workload.views)
        try ViewRunner(store: store, open: workload.logs[0].open).catchUp()
        let expected = ["ticket/b": number, "ticket/a": "\(number)-2"]
        func shown(_ items: [TicketItem]) -> [String: String] {
            Dictionary(uniqueKeysWithValues: items.map { ($0.stream.text, $0.shownNumber ?? "") })
        }
        #expect(try shown(store.tickets().items) == expected)
        #expect(try shown(store.search(number).items) == expected)
        #expect(try shown(store.search("路灯").items) == expected)
        #expect(try shown(store.tickets(numbered: number)) == expected)
        #expect(try store.tickets(numbered: "\(number)-2").map(\.stream.text) == ["ticket/a"])
        #expect(try store.search("\(number)-2").items.map(\.stream.text) == ["ticket/a"])
        #expect(try store.tickets(numbered: "\(number)-3").isEmpty)
        let spoken = try #require(TicketNumber(number)).spoken
        #expect(try shown(store.tickets(numbered: spoken)) == expected)
        #expect(try store.ticket(StreamName("ticket/a"))?.shownNumber == "\(number)-2")
        #expect(try store.ticket(StreamName("ticket/b"))?.number == number)
    }

    @Test("every ticket whose clock runs is found when a node starts", arguments: seeds)
    func clocks(seed: UInt64) throws {
        var workload = try TicketWorkload(seed: seed)
        try workload.run(400)
        try workload.settle()
        let lead: JSONObject = [
            "lead": .string("320507001"), "leadNode": .string("street1"),
            "due": .object(["at": .integer(1_764_900_000_000)]),
        ]
        let source: JSON = .object(["name": .string("old"), "id": .string("1"), "revision": .string("1")])
        // Lives that no dispatch ever reached, and whether a clock runs at their end: what was answered or rejected here, or
        // called back, waits for the archive; what was imported so does not.
        let lives: [(name: String, hasClock: Bool, steps: [(TicketEventKind, JSONObject)])] = [
            ("filed", false, []), ("answered", true, [(.directAnswerGiven, [:])]),
            ("rejected", true, [(.rejected, [:])]),
            ("archived", false, [(.directAnswerGiven, [:]), (.closed, [:])]),
            ("reopened", true, [(.directAnswerGiven, [:]), (.closed, [:]), (.reopened, lead)]),
            (
                "calledBack", true,
                [
                    (.queuedForDispatch, [:]), (.mergedInto, ["into": .string("ticket/reopened")]),
                    (.callbackExempted, ["code": .string("mergedChild")]),
                ]
            ), ("imported", false, [(.imported, ["state": .string("answered"), "source": source])]),
        ]
        for (name, _, steps) in lives {
            let filing: [(TicketEventKind, JSONObject)] = [(.registered, ["matter": .string("咨询")])]
            for (kind, body) in (name == "imported" ? [] : filing) + steps {
                let draft = Draft(
                    stream: try StreamName("ticket/\(name)"), type: EventType(kind.typeName), body: body,
                    occurredAt: Timestamp(milliseconds: workload.now))
                try workload.logs[0].put([draft], command: "\(name) \(kind.rawValue)", at: workload.now)
            }
        }
        let store = try ViewStore(path: workload.logs[0].viewsPath, views: workload.views)
        try ViewRunner(store: store, open: workload.logs[0].open).catchUp()
        var found: [StreamName] = []
        while true {
            let page = try store.ticketsWithClocks(after: found.last, limit: 7)
            if page.isEmpty { break }
            found += page
        }
        for (name, hasClock, _) in lives {
            #expect(found.contains(try StreamName("ticket/\(name)")) == hasClock, "\(name)")
        }
        var expected: [StreamName] = []
        for (ticket, events) in Dictionary(grouping: try workload.logs[0].events(), by: \.stream) {
            let state = TicketFold(centre: try NodeID("centre"), events: events).state
            if state.mayHaveClock { expected.append(ticket) }
        }
        #expect(found == expected.sorted(), "seed \(seed)")
    }

    @Test("a folded row has a cell for each column, of its kind")
    func columns() throws {
        var workload = try TicketWorkload(seed: 2)
        try workload.run(100)
        let rows = TicketRows(centre: try NodeID("centre"), zoneOffsetMinutes: 480)
        for (stream, events) in Dictionary(grouping: try workload.logs[0].events(), by: \.stream) {
            for (table, found) in zip(rows.tables, try rows.rows(of: stream, events: events)) {
                for row in found {
                    #expect(row.count == table.columns.count)
                    for (cell, column) in zip(row, table.columns) {
                        let fits =
                            switch cell {
                            case .null: column.isNullable
                            case .integer: column.kind == .integer
                            case .text: column.kind == .text
                            }
                        #expect(fits, "\(table.name).\(column.name) holds \(cell)")
                    }
                }
            }
        }
    }

    @Test("lateness that is not sure yet and the time to decide have columns; what is replied to is stopped no more")
    func clocks() throws {
        let log = try DiskLog(node: "centre")
        let rows = TicketRows(centre: try NodeID("centre"), zoneOffsetMinutes: 480)
        let stream = try StreamName("ticket/1")
        var steps = 0
        func row(_ kind: TicketEventKind, _ body: JSONObject = [:]) throws -> [String: Cell] {
            steps += 1
            let draft = Draft(
                stream: stream, type: EventType(kind.typeName), body: body,
                occurredAt: Timestamp(milliseconds: Int64(steps)))
            try log.put([draft], command: "step \(steps)", at: Int64(steps))
            let cells = try #require(try rows.rows(of: stream, events: log.events())[0].first)
            return Dictionary(uniqueKeysWithValues: zip(TicketTables.tickets.columns.map(\.name), cells))
        }
        func due(_ at: Int64) -> JSON { .object(["at": .integer(at)]) }
        _ = try row(.registered, ["channel": .string("phone"), "matter": .string("路灯不亮")])
        _ = try row(.queuedForDispatch)
        _ = try row(.dispatched, ["lead": .string("320507"), "leadNode": .string("centre"), "due": due(5)])
        _ = try row(.signed)
        let asked = try row(.extensionAsked, ["until": .integer(50), "decisionDue": due(8)])
        #expect(asked["decisionDueAt"] == .integer(8))
        let refused = try row(.extensionRefused)
        #expect(refused["decisionDueAt"] == .null)
        let late = try row(.overdueNoted, ["unconfirmed": .bool(true)])
        #expect(late["overdueNoted"] == .integer(1) && late["overdueUnconfirmed"] == .integer(1))
        let stopped = try row(.suspendGranted, ["until": .integer(90)])
        #expect(stopped["suspended"] == .integer(1))
        let replied = try row(.replySubmitted, ["text": .string("已修"), "kind": .string("solved")])
        #expect(replied["suspended"] == .integer(0) && replied["suspendedUntil"] == .null)
        let finished = try row(.finished, ["onTime": .bool(true), "due": due(90)])
        #expect(finished["onTime"] == .integer(1) && finished["overdueNoted"] == .integer(0))
        #expect(finished["overdueUnconfirmed"] == .integer(0))
    }

    @Test(
        "days begin in the district's zone",
        arguments: [
            (0, 480, 19_700_101), (57_600_000, 480, 19_700_102), (57_599_999, 480, 19_700_101), (-1, 0, 19_691_231),
            (951_782_400_000, 0, 20_000_229), (1_764_000_000_000, 480, 20_251_125), (-86_400_001, 0, 19_691_230),
        ] as [(Int64, Int64, Int64)])
    func days(milliseconds: Int64, offset: Int64, day: Int64) {
        #expect(CivilDay.number(of: Timestamp(milliseconds: milliseconds), offsetMinutes: offset) == day)
    }

    @Test("the pages of a list come from an index, without a sort of what it holds")
    func plans() throws {
        let folder = try TemporaryFolder()
        let store = try ViewStore(path: folder.path + "/views.sqlite", views: .gridline(centre: NodeID("centre")))
        try store.read { db in
            for (condition, index) in [
                ("status = 'inHand'", "ticketsByStatus"), ("status = 'inHand' AND holderUnit = 'x'", "ticketsByHolder"),
                ("status = 'inHand' AND area = 'x'", "ticketsByArea"),
            ] {
                let plan = try RowStatement(
                    """
                    EXPLAIN QUERY PLAN SELECT stream FROM tickets WHERE \(TicketTables.listed) AND \(condition)
                        AND (\(TicketTables.dueOrder), stream) > (5, 'x')
                        ORDER BY \(TicketTables.dueOrder), stream LIMIT 10
                    """, on: db
                ).rows(4).map { "\($0[3])" }.joined()
                #expect(plan.contains(index) && !plan.contains("TEMP B-TREE"), "\(plan)")
            }
            let newest = try RowStatement(
                """
                EXPLAIN QUERY PLAN SELECT stream FROM tickets WHERE \(TicketFilter().condition.sql)
                    ORDER BY createdAt DESC, stream DESC LIMIT 10
                """, on: db
            ).rows(4).map { "\($0[3])" }.joined()
            #expect(newest.contains("ticketsByCreation") && !newest.contains("TEMP B-TREE"), "\(newest)")
        }
    }
}

extension ViewStore {
    /// A whole list, page by page.
    func all(_ filter: TicketFilter, _ order: TicketOrder, _ limit: Int) throws -> [TicketItem] {
        var found: [TicketItem] = []
        var cursor: String?
        repeat {
            let page = try tickets(filter, order: order, after: cursor, limit: limit)
            found += page.items
            cursor = page.next
        } while cursor != nil && found.count < 10_000
        return found
    }
}

extension TicketOrder {
    fileprivate func precedes(_ left: TicketItem, _ right: TicketItem) -> Bool {
        switch self {
        case .due: (left.dueAt?.milliseconds ?? .max, left.stream) < (right.dueAt?.milliseconds ?? .max, right.stream)
        case .newest: (left.createdAt.milliseconds, left.stream) > (right.createdAt.milliseconds, right.stream)
        }
    }
}
