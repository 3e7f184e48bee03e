// Whose feed is whose on a hub's own sockets; and that with the end of a key nothing more goes to it or comes from it.

import Events
import Log
import Node
import Replication
import Testing
import Tickets
import ZeroMQ

@testable import Runtime

extension MembershipTests {
    /// A street beside the one of the tests, whose line stays good; its feed is the second.
    private struct Neighbour {
        var loop: TestLoop
        var keys: CurveKeys
        var ticket: StreamName
    }

    private func neighbour(at centre: TestLoop, port: Int) throws -> Neighbour {
        let node = try NodeID("street2")
        let keys = try CurveKeys.generate()
        try admit(node, keys, at: centre)
        return Neighbour(
            loop: try street(keys, port: port, node: node), keys: keys, ticket: try dispatch(to: node, at: centre))
    }

    /// Lets a node in that does not ask itself.
    private func admit(_ node: NodeID, _ keys: CurveKeys, at centre: TestLoop) throws {
        try invite(centre, node)
        let step = NodeStep.enrol(key: keys.publicKey, secret: MembershipTests.secret)
        _ = try #require(try centre.perform(.node(node, step), by: Actor(system: "enrol", rule: "1"))).get()
    }

    /// One step with a ticket, of somebody at the node.
    @discardableResult
    private func step(
        _ kind: TicketEventKind, _ fields: JSONObject, on ticket: StreamName? = nil, as role: String, at node: TestLoop
    ) throws -> StreamName {
        let actor = Actor(account: "wang", role: role, unit: node.id == centreID ? "320507" : "320507001")
        let answer = try node.perform(.ticket(ticket, TicketCommand(kind, fields)), by: actor)
        return try #require(answer).get().ticket
    }

    /// Registers a ticket at a centre and dispatches it: rows of the street's own feed.
    @discardableResult
    private func dispatch(to node: NodeID, at centre: TestLoop) throws -> StreamName {
        let ticket = try step(
            .registered,
            ["channel": .string("hotline"), "kind": .string("help"), "matter": .string("路灯不亮")], as: "agent",
            at: centre)
        try step(
            .queuedForDispatch, ["category": .array([.string("市容环境")])], on: ticket, as: "agent", at: centre)
        return try step(
            .dispatched, ["lead": .string("320507001"), "leadNode": .string(node.text)], on: ticket,
            as: "dispatcher", at: centre)
    }

    private func urge(_ ticket: StreamName, at centre: TestLoop) throws {
        try step(.urged, ["text": .string("请尽快")], on: ticket, as: "agent", at: centre)
    }

    private func note(_ ticket: StreamName, at street: TestLoop) throws {
        try step(.progressNoted, ["text": .string("已到现场")], on: ticket, as: "clerk", at: street)
    }

    /// The place of the last row of a feed.
    private func lastRow(of feed: FeedName, at centre: TestLoop) throws -> Int64 {
        try centre.log.reader.feedHead(feed).fseq
    }

    /// How far a street has a feed.
    private func cursor(of feed: FeedName, at street: TestLoop) throws -> Int64 {
        try street.log.reader.cursor(of: feed)?.fseq ?? 0
    }

    /// Somebody with a key at one of the hub's ports: the common feed's is two above the ROUTER's, then come the streets'.
    private func listener(_ keys: CurveKeys, _ port: Int) throws -> RawSubscriber {
        try RawSubscriber(keys, server: hubKeys.publicKey, port: port)
    }

    private var now: Timestamp { TestClock().moment().wall }

    @Test("a street's key at the ports of all feeds hears the common one and its own, and of another's not even a hint")
    func feedsApart() throws {
        let (centre, port) = try centre()
        let keys = try CurveKeys.generate()
        try admit(streetID, keys, at: centre)
        let other = try neighbour(at: centre, port: port)
        // The first to connect is the one that is to hear nothing.
        let foreign = try listener(keys, port + 4)
        let (common, own) = (try listener(keys, port + 2), try listener(keys, port + 3))
        let others = try listener(other.keys, port + 4)
        let all = [foreign, common, own, others]
        #expect(
            try until([centre, other.loop], all) { [common, own, others].allSatisfy { !$0.hints.isEmpty } })

        let (theirs, its) = (FeedName.node(other.loop.id), FeedName.node(streetID))
        for _ in 0..<3 { try urge(try dispatch(to: other.loop.id, at: centre), at: centre) }
        try dispatch(to: streetID, at: centre)
        try note(at: centre)
        let written = now
        // Until it has tried, and is not in.
        #expect(
            try until([centre, other.loop], all) {
                guard foreign.isRefused || foreign.isIn, others.hints.last.map({ $0 > written }) == true else {
                    return false
                }
                return try cursor(of: theirs, at: other.loop) == lastRow(of: theirs, at: centre)
            })
        #expect(others.rows.last == (try lastRow(of: theirs, at: centre)))
        #expect(own.rows.last == (try lastRow(of: its, at: centre)))
        #expect(common.rows.last == (try lastRow(of: .common, at: centre)))
        #expect(foreign.count == 0)
        #expect(!foreign.isIn)
    }

    @Test("a street with an invitation gets in, has its feed, and is gone at once when it is revoked")
    func life() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)
        let street = try street(keys, port: port)
        let other = try neighbour(at: centre, port: port)
        let loops = [centre, street, other.loop]
        let ticket = try dispatch(to: streetID, at: centre)
        let (its, theirs) = (FeedName.node(streetID), FeedName.node(other.loop.id))
        let (common, own) = (try listener(keys, port + 2), try listener(keys, port + 3))
        let others = try listener(other.keys, port + 4)
        let all = [common, own, others]
        #expect(
            try until(loops, all) {
                try street.status.current.isLinked && other.loop.status.current.isLinked
                    && cursor(of: its, at: street) == lastRow(of: its, at: centre)
                    && all.allSatisfy { !$0.hints.isEmpty }
            })
        // The common feed says who belongs: the street knows it from the log.
        #expect(
            try until(loops) {
                try NodeBook(reader: street.log.reader, centre: centreID).enrolled == [streetID, other.loop.id]
            })

        let ends = (common: try lastRow(of: .common, at: centre), own: try lastRow(of: its, at: centre))
        _ = try #require(try centre.perform(.node(streetID, .revoke(reason: "设备遗失")))).get()
        let ended = now
        #expect(centre.status.current.peers.map(\.node) == [other.loop.id])
        let position = try centre.log.reader.head().position
        // What the centre publishes from now on does not reach it, be it for all or on the ticket that it had, and nothing of
        // it reaches the centre.
        try note(at: centre)
        try urge(ticket, at: centre)
        #expect(try lastRow(of: its, at: centre) > ends.own)
        try note(ticket, at: street)
        try dispatch(to: other.loop.id, at: centre)
        let written = now
        let before = try street.log.reader.head().position
        #expect(
            try until(loops, all) {
                try others.rows.last == lastRow(of: theirs, at: centre)
                    && others.hints.last.map { $0 > written } == true && common.isRefused
            })
        let isMoved = try until(loops, all, limit: .seconds(2)) { try street.log.reader.head().position > before }
        #expect(!isMoved)
        #expect(try cursor(of: its, at: street) == ends.own)
        #expect(!own.heard(above: ends.own, after: ended))
        #expect(!common.heard(above: ends.common, after: ended))
        let after = try centre.log.reader.page(.all, .forward, from: position, limit: 100).map(\.event)
        #expect(after.map(\.type.name).contains("link.lost"))
        #expect(after.allSatisfy { $0.id.origin.node == centreID })
        #expect(street.status.current.outbox == 1)
        #expect(centre.status.current.peers.map(\.node) == [other.loop.id])
    }

    @Test("a key that an operator ends is out at once, with its standing connections; the node's other key goes on")
    func oneKeyRevoked() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let old = try CurveKeys.generate()
        #expect(try ask(old, MembershipTests.secret, centre, port: port) == nil)
        let thief = try thief(old, port: port)
        let other = try neighbour(at: centre, port: port)
        let loops = [centre, thief, other.loop]
        let ticket = try dispatch(to: streetID, at: centre)
        let its = FeedName.node(streetID)
        try rotate(centre)
        let new = try CurveKeys.generate()
        #expect(try ask(new, "another", centre, port: port) == nil)
        let (his, ours) = (try listener(old, port + 3), try listener(new, port + 3))
        let both = [his, ours]
        #expect(
            try until(loops, both) {
                try thief.status.current.isLinked && other.loop.status.current.isLinked
                    && cursor(of: its, at: thief) == lastRow(of: its, at: centre)
                    && cursor(of: .node(other.loop.id), at: other.loop) > 0
                    && both.allSatisfy { !$0.hints.isEmpty }
            })
        let place = try lastRow(of: its, at: centre)
        let step = NodeStep.endKey(old.publicKey, .revoked(reason: "遗失"))
        _ = try #require(try centre.perform(.node(streetID, step))).get()
        let ended = now

        // His session stands yet, and the centre hears nothing of what he says in it, however often: it hears the other street.
        try note(ticket, at: thief)
        #expect(thief.status.current.isLinked && thief.status.current.outbox == 1)
        for _ in 0..<5 {
            try note(other.ticket, at: other.loop)
            #expect(try until(loops, both) { other.loop.status.current.outbox == 0 })
        }
        #expect(try isUnheard(thief, at: centre))

        // Neither what is published reaches him, though it is for his node, nor what he asks for: he would take it. The PUB
        // at which his connection stood is another one, to which the node's other key has come back.
        #expect(try until(loops, both) { ours.hints.last.map { $0 > ended } == true })
        try dispatch(to: streetID, at: centre)
        let (end, written) = (try lastRow(of: its, at: centre), now)
        #expect(try until(loops, both) { ours.rows.last == end && ours.hints.last.map { $0 > written } == true })
        let isServed = try until(loops, both, limit: .seconds(2)) { try cursor(of: its, at: thief) > place }
        #expect(!isServed)
        #expect(!his.heard(above: place, after: ended))
        #expect(his.isRefused)

        let street = try street(new, port: port)
        #expect(try reaches(street, from: centre, besides: [thief, other.loop]))
        #expect(try until(loops + [street]) { try cursor(of: its, at: street) == end })
        try note(ticket, at: street)
        #expect(try until(loops + [street]) { street.status.current.outbox == 0 })
        #expect(try cursor(of: its, at: thief) == place)
        #expect(try cursor(of: .common, at: thief) < lastRow(of: .common, at: centre))
        #expect(try isUnheard(thief, at: centre))
    }

    /// Nothing of a process is in the centre's log, and it knows of no word of the centre's that something is.
    private func isUnheard(_ one: TestLoop, at centre: TestLoop) throws -> Bool {
        try centre.log.reader.events(of: one.log.origin, above: 0, limit: 1).isEmpty
            && one.status.current.outbox == 1
    }
}
