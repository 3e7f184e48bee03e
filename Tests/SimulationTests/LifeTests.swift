import Events
import Simulation
import Testing
import Tickets

/// Parts of a ticket's life that only whole nodes can show: restarts, merges in one transaction, settled conflicts.
@Suite("Lives on whole nodes") struct LifeTests {
    private let cluster: Cluster
    private let street: NodeID

    init() throws {
        cluster = try Cluster(streets: ["street1", "street2"], seed: 11)
        street = cluster.streets[0]
        try cluster.run(milliseconds: 2_000)
    }

    private func registered(_ matter: String = "路灯不亮") throws -> StreamName {
        let call = cluster.command(
            .registered, at: cluster.centre,
            ["channel": .string("hotline"), "matter": .string(matter), "kind": .string("help")])
        try cluster.run(milliseconds: 100)
        return try StreamName(category: "ticket", key: call.description)
    }

    private func queued() throws -> StreamName {
        let ticket = try registered()
        try give(.queuedForDispatch, ticket, ["category": .array([.string("市容环境")])])
        return ticket
    }

    /// - Returns: the refusal, if there was one.
    @discardableResult
    private func give(
        _ kind: TicketEventKind, _ ticket: StreamName, at node: NodeID? = nil, _ body: JSONObject = [:],
        by account: String = "wang", role: String? = nil
    ) throws -> String? {
        let id = cluster.command(
            kind, at: node ?? cluster.centre, ticket: ticket, body, by: account, role: role)
        try cluster.run(milliseconds: 1_000)
        return cluster.refused[id]
    }

    private func fold(_ ticket: StreamName) throws -> TicketFold {
        try #require(try cluster.nodes[cluster.centre]?.fold(ticket))
    }

    @Test("a ticket that was answered, archived and reopened is warned of and overdue, though the centre restarted")
    func reopened() throws {
        let ticket = try registered()
        try give(.directAnswerGiven, ticket, ["text": .string("已告知"), "article": .string("kb-7/3")])
        try give(.closed, ticket, ["retention": .string("standard")])
        let refusal = try give(
            .reopened, ticket,
            ["lead": .string("320507001"), "leadNode": .string("street1"), "reason": .string("审计发现")])
        #expect(refusal == nil)
        let due = try #require(try fold(ticket).state.due?.at)
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        cluster.sleep(milliseconds: due + 1 - cluster.now)
        try cluster.run(milliseconds: 5_000)
        #expect(try fold(ticket).state.isOverdueNoted)
        #expect(try fold(ticket).entries.count { $0.record.kind == .overdueNoted } == 1)
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
    }

    @Test("every ticket whose clock runs is looked at after a restart, however many there are")
    func manyClocks() throws {
        var tickets: [StreamName] = []
        // Several pages of what a node that starts asks its views for.
        for number in 0..<150 {
            let call = cluster.command(
                .registered, at: cluster.centre,
                ["channel": .string("hotline"), "matter": .string("咨询 \(number)"), "kind": .string("consult")])
            tickets.append(try StreamName(category: "ticket", key: call.description))
        }
        try cluster.run(milliseconds: 1_000)
        for ticket in tickets {
            cluster.command(
                .directAnswerGiven, at: cluster.centre, ticket: ticket,
                ["text": .string("已告知"), "article": .string("kb-7/3")])
        }
        try cluster.run(milliseconds: 1_000)
        cluster.crash(cluster.centre)
        try cluster.start(cluster.centre)
        cluster.sleep(milliseconds: 30 * 86_400_000)
        try cluster.run(milliseconds: 5_000)
        let open = try tickets.filter { try fold($0).state.status != .closed }
        #expect(open.isEmpty, "\(open.count) of \(tickets.count) were not looked at")
    }

    @Test("two merges in one transaction: the second sees the first, and the tickets do not go into each other")
    func mergedAtOnce() throws {
        let (left, right) = (try queued(), try queued())
        func body(_ into: StreamName) -> JSONObject { ["into": .string(into.text), "reason": .string("同一路灯")] }
        // Both wait for the same turn, so they share its transaction.
        let first = cluster.command(.mergedInto, at: cluster.centre, ticket: left, body(right))
        let second = cluster.command(.mergedInto, at: cluster.centre, ticket: right, body(left))
        try cluster.run(milliseconds: 1_000)
        #expect(cluster.refused[first] == nil)
        #expect(cluster.refused[second]?.contains("neither merged nor void") == true)
        #expect(try fold(left).state.status == .merged)
        #expect(try fold(right).state.status == .toDispatch)
        let nowhere = try give(.mergedInto, right, body(StreamName(category: "ticket", key: "nowhere")))
        #expect(nowhere?.contains("no such ticket") == true)
        let early = try give(.callbackExempted, left, ["code": .string("mergedChild")])
        #expect(early?.contains("toDispatch") == true)
    }

    @Test("the centre settles what a street did unaware of a reassignment; twice is once, and nobody else settles it")
    func settled() throws {
        let ticket = try queued()
        try give(.dispatched, ticket, ["lead": .string("320507001"), "leadNode": .string("street1")])
        cluster.weather(.cut, at: street)
        try give(.signed, ticket, at: street)
        try give(.reassigned, ticket, ["lead": .string("320507002"), "leadNode": .string("street2")])
        #expect(try cluster.settle() != nil)
        let open = try #require(try fold(ticket).conflicts.first)
        #expect(open.resolvedBy == nil)
        let body: JSONObject = [
            "event": .string(open.entry.record.event.id.description), "outcome": .string("由新单位签收"),
        ]
        #expect(try give(.conflictResolved, ticket, at: cluster.streets[1], body, role: "dispatcher") != nil)
        #expect(try give(.conflictResolved, ticket, body) == nil)
        #expect(try give(.conflictResolved, ticket, body) == nil)
        #expect(try give(.conflictResolved, ticket, body.with("outcome", .string("作废"))) != nil)
        #expect(try fold(ticket).entries.count { $0.record.kind == .conflictResolved } == 1)
        #expect(try fold(ticket).conflicts.allSatisfy { $0.resolvedBy != nil })
        #expect(try cluster.settle() != nil)
        #expect(try cluster.disagreements() == [])
        #expect(try cluster.nodes[cluster.streets[1]]?.fold(ticket).conflicts.first?.resolvedBy != nil)
    }

    @Test("nothing is dispatched to a node that is not of the district")
    func unknownNode() throws {
        let ticket = try queued()
        let refusal = try give(.dispatched, ticket, ["lead": .string("320507003"), "leadNode": .string("street3")])
        #expect(refusal?.contains("street3") == true)
        #expect(try fold(ticket).state.status == .toDispatch)
    }
}

extension JSONObject {
    fileprivate func with(_ name: String, _ value: JSON) -> JSONObject {
        var object = self
        object[name] = value
        return object
    }
}
