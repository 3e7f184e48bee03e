import Events
import Testing
import Tickets

@testable import Projections

@Suite("What is not settled, and what waits for a decision") struct LatenessFilterTests {
    private static let asked: Int64 = 1_764_100_000_000
    private static let both: Int64 = 1_764_150_000_000
    private static let returned: Int64 = 1_764_200_000_000
    private let log: DiskLog
    private let store: ViewStore

    init() throws {
        log = try DiskLog()
        var time: Int64 = 1_764_000_000_000
        for (name, life) in LatenessFilterTests.lives() {
            let start: [(TicketEventKind, JSONObject)] = [
                (.registered, ["channel": .string("phone"), "matter": .string("路灯不亮")]), (.queuedForDispatch, [:]),
                (.dispatched, ["lead": .string("320507001"), "leadNode": .string("centre")]),
            ]
            for (kind, body) in start + life {
                time += 1_000
                let draft = Draft(
                    stream: try StreamName("ticket/\(name)"), type: EventType(kind.typeName), body: body,
                    occurredAt: Timestamp(milliseconds: time))
                try log.put([draft], command: "step \(time)", at: time)
            }
        }
        store = try ViewStore(path: log.viewsPath, views: .gridline(centre: NodeID("centre")))
        try ViewRunner(store: store, open: log.open).catchUp()
    }

    /// One ticket a name, each of the centre itself, with its life after the dispatch.
    private static func lives() -> [(String, [(TicketEventKind, JSONObject)])] {
        func due(_ at: Int64) -> JSONObject { ["decisionDue": .object(["at": .integer(at)])] }
        let unsure: JSONObject = ["unconfirmed": .bool(true)]
        return [
            ("late", [(.overdueNoted, unsure)]),
            ("confirmed", [(.overdueNoted, unsure), (.overdueNoted, [:])]),
            ("merged", [(.overdueNoted, unsure), (.mergedInto, ["into": .string("ticket/late")])]),
            ("asked", [(.signed, [:]), (.extensionAsked, due(LatenessFilterTests.asked))]),
            ("returned", [(.returnAsked, due(LatenessFilterTests.returned))]),
            // Of two that are open the first counts, which is not the one that was asked last.
            (
                "both",
                [
                    (.signed, [:]), (.extensionAsked, due(LatenessFilterTests.both)),
                    (.suspendAsked, due(LatenessFilterTests.returned)),
                ]
            ),
            ("refused", [(.signed, [:]), (.extensionAsked, due(1)), (.extensionRefused, [:])]),
            ("replied", [(.signed, [:]), (.suspendAsked, due(1)), (.replySubmitted, ["text": .string("已修")])]),
        ]
    }

    /// What a filter finds in each way there is to list, without `ticket/`; they must agree.
    private func found(_ filter: TicketFilter) throws -> Set<String> {
        let lists = [
            try store.all(filter, .due, 2), try store.all(filter, .newest, 2),
            try store.search("路灯", filter: filter, limit: 500).items,
        ].map { items in Set(items.map { String($0.stream.key) }) }
        #expect(lists[0] == lists[1] && lists[0] == lists[2], "\(filter)")
        return lists[0]
    }

    @Test("unconfirmed is what is noted so and still to be done; all else is the rest, and nothing is in both")
    func unconfirmed() throws {
        var filter = TicketFilter()
        filter.isOverdueUnconfirmed = true
        #expect(try found(filter) == ["late"])
        filter.isOverdueUnconfirmed = false
        #expect(try found(filter) == Set(LatenessFilterTests.lives().map(\.0)).subtracting(["late"]))
        // The note stays for the case that they are parted again, and nobody waits for it until then.
        let merged = try #require(try store.ticket(StreamName("ticket/merged")))
        #expect(merged.status == .merged && merged.isOverdueUnconfirmed && !merged.isLatenessOpen)
        #expect(try store.ticket(StreamName("ticket/late"))?.isLatenessOpen == true)
        #expect(try store.ticket(StreamName("ticket/confirmed"))?.isLatenessOpen == false)
        for item in try store.all(TicketFilter(), .due, 500) {
            let events = try log.events().filter { $0.stream == item.stream }
            let state = TicketFold(centre: try NodeID("centre"), events: events).state
            #expect(item.isLatenessOpen == state.isLatenessOpen, "\(item.stream)")
        }
    }

    @Test("a request is found by the instant before which it is to be decided, as long as it can be")
    func decisions() throws {
        let instants: [(Int64, Set<String>)] = [
            (LatenessFilterTests.asked, []), (LatenessFilterTests.asked + 1, ["asked"]),
            (LatenessFilterTests.returned, ["asked", "both"]), (.max, ["asked", "both", "returned"]),
        ]
        for (before, expected) in instants {
            var filter = TicketFilter()
            filter.decisionDueBefore = Timestamp(milliseconds: before)
            #expect(try found(filter) == expected, "\(before)")
        }
        let due = try store.ticket(StreamName("ticket/asked"))?.decisionDueAt
        #expect(due == Timestamp(milliseconds: LatenessFilterTests.asked))
        let first = try store.ticket(StreamName("ticket/both"))?.decisionDueAt
        #expect(first == Timestamp(milliseconds: LatenessFilterTests.both))
        #expect(try store.ticket(StreamName("ticket/refused"))?.decisionDueAt == nil)
    }

    @Test("a filter beside statuses that it never holds in finds nothing, and is no error")
    func nothingToRead() throws {
        for change: (inout TicketFilter) -> Void in [
            { $0.overdueAt = Timestamp(milliseconds: .max) }, { $0.isPreWarned = true },
            { $0.isOverdueUnconfirmed = true }, { $0.decisionDueBefore = Timestamp(milliseconds: .max) },
        ] {
            var filter = TicketFilter()
            filter.statuses = [.merged]
            #expect(try found(filter) == ["merged"])
            change(&filter)
            #expect(filter.readStatuses.isEmpty)
            #expect(try found(filter).isEmpty, "\(filter)")
        }
    }

    @Test("both are read in the index of the statuses they can hold in, in its order")
    func plans() throws {
        var unsure = TicketFilter()
        unsure.isOverdueUnconfirmed = true
        #expect(unsure.readStatuses == TicketStatus.allCases.filter(\.isClockOpen))
        var settled = TicketFilter()
        settled.isOverdueUnconfirmed = false
        #expect(settled.readStatuses == TicketStatus.allCases)
        var decision = TicketFilter()
        decision.decisionDueBefore = Timestamp(milliseconds: 7)
        #expect(decision.readStatuses == [.inHand, .returnAsked])
        try store.read { db in
            for filter in [unsure, settled, decision] {
                let select = try RowStatement(
                    """
                    EXPLAIN QUERY PLAN SELECT stream FROM tickets WHERE status = ? AND \(filter.condition.sql)
                        ORDER BY \(TicketTables.dueOrder), stream LIMIT 10
                    """, on: db)
                select.bind(row: [.text("inHand")] + filter.condition.arguments)
                let plan = try select.rows(4).map { "\($0[3])" }.joined()
                #expect(plan.contains("ticketsByStatus (status=?") && !plan.contains("TEMP B-TREE"), "\(plan)")
            }
        }
    }
}
