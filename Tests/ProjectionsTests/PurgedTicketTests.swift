import Events
import Log
import LogContract
import Testing
import Tickets

@testable import Projections

/// Views of tickets that left: live and rebuilt they hold the same, made of the envelopes alone, and the ticket when it is back.
@Suite("Views of tickets that left") struct PurgedTicketTests {
    private let disk: DiskLog
    private var street: LeavingLog
    private let views: ViewSet

    init() throws {
        let disk = try DiskLog(node: "street")
        self.disk = disk
        street = try LeavingLog(LogContract { _, _, _ in disk.log })
        views = ViewSet.gridline(centre: try NodeID("centre"))
    }

    private func event(_ number: Int64, _ kind: TicketEventKind, in name: String, _ body: JSONObject) throws -> Event {
        var event = try street.event(number, in: name, recordedAt: Timestamp(milliseconds: 1_795_000_000_000 + number))
        event.type = EventType(kind.typeName)
        event.body = .here(JSON.object(body).canonicalBytes)
        return event.chained(to: .zero)
    }

    private func history(_ name: String, from number: Int64) throws -> [Event] {
        [
            try event(
                number, .registered, in: name,
                ["channel": .string("hotline"), "matter": .string("路灯不亮"), "number": .string("26112300100001")]),
            try event(
                number + 1, .dispatched, in: name, ["lead": .string("320507001"), "leadNode": .string("street")]),
            try event(number + 2, .reassigned, in: name, ["lead": .string("320507002"), "leadNode": .string("other")]),
        ]
    }

    private mutating func take(_ name: String, _ events: [Event], leaves: Bool) throws {
        try street.take(
            [(name, .join(Int64(events.count)))] + events.map { (name, .event($0)) } + (leaves ? [(name, .leave)] : []))
    }

    private func rebuilt(_ name: String) throws -> ViewCertificate {
        let path = disk.folder.path + "/" + name
        _ = try RebuildFile(path: path, views: views, open: disk.open).run()
        return try ViewStore(path: path, views: views).certificate()
    }

    private func row(_ store: ViewStore, _ name: String) throws -> TicketItem {
        try #require(try store.ticket(StreamName(name)))
    }

    @Test("live and rebuilt views are the same before, when it went, and when it is back", arguments: [10_000, 0])
    mutating func same(cached: Int) throws {
        let events = try history("ticket/1", from: 1)
        let other = try history("ticket/2", from: 10)
        try take("ticket/2", other, leaves: false)
        try take("ticket/1", events, leaves: true)
        let store = try ViewStore(path: disk.viewsPath, views: views)
        let live = try ViewRunner(store: store, cachedStreams: cached, open: disk.open)
        try live.catchUp()
        let whole = try row(store, "ticket/1")
        #expect(!whole.isLetGo && whole.holderUnit == "320507002" && whole.number != nil)
        #expect(try store.certificate() == rebuilt("whole.sqlite"))
        #expect(try street.purge().count == 1)
        try live.catchUp()
        let stub = try row(store, "ticket/1")
        #expect(stub.isLetGo && stub.isStub && stub.number == nil && stub.holderUnit == nil && !stub.status.isOpen)
        #expect(stub.createdAt == events[0].occurredAt && stub.changedAt == events[2].occurredAt)
        #expect(try row(store, "ticket/2").number == whole.number)
        #expect(try store.certificate() == rebuilt("stub.sqlite"))
        try store.expectSumsHold("with a stub")
        // Half of it is no ticket yet.
        try street.take([("ticket/1", .join(3)), ("ticket/1", .event(events[0]))])
        try live.catchUp()
        #expect(try row(store, "ticket/1") == stub)
        #expect(try store.certificate().content == rebuilt("half.sqlite").content)
        try street.take([("ticket/1", .event(events[1])), ("ticket/1", .event(events[2]))])
        try live.catchUp()
        #expect(try row(store, "ticket/1") == whole)
        #expect(try store.certificate() == rebuilt("back.sqlite"))
    }

    /// Tickets by everything that they are counted by.
    private func counted(_ store: ViewStore, _ statuses: [TicketStatus] = []) throws -> Int64 {
        var query = CountQuery()
        query.groups = [.unit, .category, .day, .status]
        query.statuses = statuses
        return try store.counts(query).rows.reduce(0) { $0 + $1.count }
    }

    private func listed(_ store: ViewStore, _ statuses: [TicketStatus] = []) throws -> [[String]] {
        var filter = TicketFilter()
        filter.statuses = statuses
        var lists = try TicketOrder.allCases.map { try store.tickets(filter, order: $0).items }
        lists.append(try store.search("路灯", filter: filter).items)
        lists.append(try store.tickets(numbered: "26112300100001", filter))
        return lists.map { $0.map(\.stream.text).sorted() }
    }

    @Test("what was let go is in no list, search or count; who asks for it alone sees it", arguments: [10_000, 0])
    mutating func unlisted(cached: Int) throws {
        let (here, left) = ("ticket/2", "ticket/1")
        try take(here, history(here, from: 10), leaves: false)
        let events = try history(left, from: 1)
        try take(left, events, leaves: true)
        let store = try ViewStore(path: disk.viewsPath, views: views)
        let live = try ViewRunner(store: store, cachedStreams: cached, open: disk.open)
        try live.catchUp()
        #expect(try counted(store) == 2 && listed(store) == Array(repeating: [left, here], count: 4))
        try street.purge()
        try live.catchUp()
        #expect(try row(store, left).isLetGo)
        #expect(try counted(store) == 1 && listed(store) == Array(repeating: [here], count: 4))
        #expect(try counted(store, [.closed]) == 0 && listed(store, [.closed]) == Array(repeating: [], count: 4))
        // Of the day of its envelopes, too, nothing is counted.
        var days = CountQuery()
        days.groups = [.day]
        #expect(try store.counts(days).rows.map(\.count) == [1])
        try store.expectSumsHold("without what was let go")
        #expect(try store.certificate() == rebuilt("unlisted.sqlite"))
        try take(left, events, leaves: false)
        try live.catchUp()
        #expect(try counted(store) == 2 && listed(store) == Array(repeating: [left, here], count: 4))
        #expect(try store.certificate() == rebuilt("back.sqlite"))
    }

    @Test("what nobody gives back is left out, and the rest is a ticket", arguments: [10_000, 0])
    mutating func missing(cached: Int) throws {
        let events = try history("ticket/1", from: 1)
        try street.take([("ticket/1", .join(2)), ("ticket/1", .event(events[0])), ("ticket/1", .event(events[1]))])
        let common = street.end
        try street.take([("ticket/1", .event(events[2])), ("ticket/1", .leave)])
        let store = try ViewStore(path: disk.viewsPath, views: views)
        let live = try ViewRunner(store: store, cachedStreams: cached, open: disk.open)
        try live.catchUp()
        try street.purge()
        try street.rewind(to: common)
        try live.catchUp()
        #expect(try row(store, "ticket/1").isLetGo)
        let wanted = try street.log.reader.wantedBodies(limit: 10)
        for (one, event) in zip(wanted, events).prefix(2) {
            _ = try street.log.write { try $0.heal(event, at: one.position, now: LeavingLog.arrived) }
        }
        try live.catchUp()
        #expect(try row(store, "ticket/1").isLetGo, "a part of it is still asked for")
        _ = try street.log.write { try $0.miss(wanted[2].position, now: LeavingLog.arrived) }
        try live.catchUp()
        let shown = try row(store, "ticket/1")
        #expect(!shown.isLetGo && shown.holderUnit == "320507001" && shown.status.isOpen)
        #expect(try store.certificate() == rebuilt("missing.sqlite"))
    }
}
