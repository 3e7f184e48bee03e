import Events
import Testing

@testable import Replication

@Suite("The hub's sessions") struct HubTests {
    private let node: NodeID

    init() throws { node = try NodeID("street1") }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: milliseconds), steady: milliseconds)
    }

    private func hello(_ process: UInt64, versions: ClosedRange<UInt8> = 1...1) -> Message {
        .hello(
            Message.Hello(
                origin: Origin(node: node, incarnation: Incarnation(process)), versions: versions,
                clock: Timestamp(milliseconds: 0), origins: [], cursors: []))
    }

    private func hub() -> Hub { Hub(random: SystemRandomNumberGenerator()) }

    private func session(_ actions: [Hub.Action]) -> UInt64? {
        for case .welcome(_, let session, _) in actions { return session }
        return nil
    }

    private func refusal(_ actions: [Hub.Action]) -> Message.Refusal? {
        for case .send(_, .refuse(_, let reason, _)) in actions { return reason }
        return nil
    }

    private func alarms(_ actions: [Hub.Action]) -> Int {
        actions.reduce(0) { if case .alarm = $1 { $0 + 1 } else { $0 } }
    }

    @Test("a restarted node replaces its own session without an alarm")
    func restart() throws {
        var hub = hub()
        let first = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let again = hub.step(.message(from: node, hello(2)), now: then(1_000))
        let second = try #require(session(again))
        #expect(first != second)
        #expect(alarms(again) == 0)
        let stale = hub.step(
            .message(from: node, .ping(session: first, clock: then(0).wall, outbox: 0)), now: then(1_001))
        #expect(refusal(stale) == .unknownSession)
    }

    @Test("of feeds that a node does not have nothing is kept, whatever it says of them")
    func foreignFeeds() throws {
        var hub = hub()
        let cursor = FeedCursor(fseq: 1, chain: .zero)
        let foreign = try (0..<50).map { FeedName.node(try NodeID("other\($0)")) }
        let hello = Message.hello(
            Message.Hello(
                origin: Origin(node: node, incarnation: Incarnation(1)), clock: then(0).wall, origins: [],
                cursors: ([.common] + foreign).map { FeedMark(feed: $0, cursor: cursor) }))
        let opened = try #require(session(hub.step(.message(from: node, hello), now: then(0))))
        for feed in foreign {
            let ack = Message.ack(session: opened, feed: feed, cursor: cursor)
            #expect(alarms(hub.step(.message(from: node, ack), now: then(1))) == 1)
        }
        let own = hub.step(
            .message(from: node, .ack(session: opened, feed: .node(node), cursor: cursor)), now: then(2))
        #expect(own.isEmpty)
        #expect(hub.peers.first?.cursors == [.common: cursor, .node(node): cursor])
    }

    @Test("a node that runs twice: the newer process is served, the older one waits, one alarm")
    func twice() throws {
        var hub = hub()
        _ = hub.step(.message(from: node, hello(1)), now: then(0))
        let newer = try #require(session(hub.step(.message(from: node, hello(2)), now: then(1_000))))
        let older = hub.step(.message(from: node, hello(1)), now: then(2_000))
        #expect(refusal(older) == .busy)
        #expect(alarms(older) == 1)
        let pong = hub.step(
            .message(from: node, .ping(session: newer, clock: then(0).wall, outbox: 0)), now: then(2_500))
        #expect(refusal(pong) == nil)
        #expect(alarms(hub.step(.message(from: node, hello(1)), now: then(3_000))) == 0)
        // When the newer one is gone the older may come back.
        let later = 2_500 + Hub.Limit.silence
        #expect(session(hub.step(.message(from: node, hello(1)), now: then(later))) != nil)
    }

    @Test("versions that do not meet, another's name, another's feed and another's events are refused")
    func refusals() throws {
        var hub = hub()
        #expect(refusal(hub.step(.message(from: node, hello(1, versions: 3...4)), now: then(0))) == .upgrade)
        #expect(session(hub.step(.message(from: node, hello(1, versions: 1...3)), now: then(0))) != nil)
        let other = try NodeID("street2")
        let forged = hub.step(.message(from: other, hello(1)), now: then(0))
        #expect(session(forged) == nil)
        #expect(alarms(forged) == 1)
        let own = try #require(session(hub.step(.message(from: node, hello(3)), now: then(1))))
        let pull = Message.pull(session: own, feed: .node(other), above: 0, credit: 1_000)
        #expect(alarms(hub.step(.message(from: node, pull), now: then(2))) == 1)
    }

    @Test("a push with an event of another node, of the centre or a street, is refused as a whole, with one alarm")
    func forgedEvents() throws {
        var hub = hub()
        let opened = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let own = try event(of: node, 1, 1)
        let forged = try ["centre", "street2"].map { try event(of: NodeID($0), 1, 1) }
        // What an honest street never sends says nothing for the rest: its own comes again in a push of its own.
        for events in forged.map({ [$0] }) + forged.map({ [own, $0] }) + [[forged[0], own], forged, [own] + forged] {
            let actions = hub.step(.message(from: node, .push(session: opened, events: events)), now: then(1))
            #expect(actions.count == 1 && alarms(actions) == 1, "\(events.map(\.id)): \(actions)")
        }
        let taken = hub.step(.message(from: node, .push(session: opened, events: [own])), now: then(2))
        #expect(taken == [.ingest(node, session: opened, [own])])
    }

    private func event(of node: NodeID, _ opening: UInt64, _ sequence: Int64) throws -> Event {
        Event(
            id: EventID(origin: Origin(node: node, incarnation: Incarnation(opening)), sequence: sequence),
            hlc: .zero, stream: try StreamName("ticket/1"), type: EventType("noted"), basis: .empty,
            actor: Actor(system: "t", rule: "1"), occurredAt: then(0).wall, recordedAt: then(0).wall,
            command: CommandID(derivedFrom: "pushed", String(opening), String(sequence)), index: 0,
            causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero)
    }

    @Test(
        "a session is in the highest version that both speak",
        arguments: [(1...2, 1...2, 2), (1...2, 1...1, 1), (1...1, 1...2, 1), (2...3, 1...2, 2), (2...2, 1...1, nil)]
            as [(ClosedRange<UInt8>, ClosedRange<UInt8>, UInt8?)])
    func version(speaks: ClosedRange<UInt8>, node other: ClosedRange<UInt8>, expected: UInt8?) throws {
        var hub = Hub(random: SystemRandomNumberGenerator(), versions: speaks)
        let actions = hub.step(.message(from: node, hello(1, versions: other)), now: then(0))
        #expect(hub.version(of: node) == expected)
        #expect((refusal(actions) == .upgrade) == (expected == nil))
    }

    @Test("a revoked node is refused whatever it says, until it is admitted again")
    func revoked() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        #expect(hub.revoke(node) == LinkChange(node: node, isUp: false, at: then(0).wall))
        #expect(hub.revoke(node) == nil)
        #expect(refusal(hub.step(.message(from: node, hello(2)), now: then(1))) == .revoked)
        let ping = Message.ping(session: own, clock: then(0).wall, outbox: 0)
        #expect(refusal(hub.step(.message(from: node, ping), now: then(1))) == .revoked)
        hub.admit(node)
        #expect(session(hub.step(.message(from: node, hello(2)), now: then(2))) != nil)
    }

    @Test("what was pushed is answered after the commit: durable up to, or halted")
    func answers() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let origin = Origin(node: node, incarnation: Incarnation(1))
        func id(_ sequence: Int64) -> EventID { EventID(origin: origin, sequence: sequence) }
        let outcomes: [IngestOutcome] = [
            .duplicate(id(1)), .fork(id(2), here: .zero, offered: .sha256([1]), isKept: true), .gap(id(3), expected: 2),
        ]
        let actions = hub.step(.ingested(node, session: own, outcomes), now: then(1))
        #expect(actions.contains(.send(to: node, .pack(session: own, origin: origin, sequence: 1))))
        #expect(
            actions.contains(.send(to: node, .halt(session: own, origin: origin, sequence: 1, reason: .fork))))
        #expect(alarms(actions) == 1)
    }

    @Test("what a node pushes of a halted origin is answered with the same word and not taken; its other origins are")
    func haltedPush() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        func event(_ opening: UInt64, _ sequence: Int64) throws -> Event {
            try self.event(of: node, opening, sequence)
        }
        let fork = IngestOutcome.fork(try event(1, 5).id, here: .zero, offered: .sha256([1]), isKept: true)
        let more = IngestOutcome.fork(try event(1, 6).id, here: .zero, offered: .sha256([1]), isKept: false)
        let told = hub.step(.ingested(node, session: own, [fork, more, more]), now: then(1))
        let halt = Message.halt(session: own, origin: try event(1, 5).id.origin, sequence: 4, reason: .fork)
        #expect(told.contains(.send(to: node, halt)))
        let said = told.compactMap { if case .alarm(let text) = $0 { text.description } else { nil } }
        #expect(said.count == 2 && said.last?.hasPrefix("2 more events of ") == true, "\(said)")
        func push(_ events: [Event], _ now: Int64) -> [Hub.Action] {
            hub.step(.message(from: node, .push(session: own, events: events)), now: then(now))
        }
        #expect(try push([event(1, 5), event(1, 6)], 2) == [.send(to: node, halt)])
        let other = try event(2, 1)
        #expect(try push([event(1, 7), other], 3) == [.send(to: node, halt), .ingest(node, session: own, [other])])
        #expect(push([other], 4) == [.ingest(node, session: own, [other])])
    }

    @Test("a farewell comes behind what was said before it: the line that went down stays down")
    func farewell() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        // More than a node's credit and half a turn: the last of it waits.
        for _ in 0..<40 {
            _ = hub.step(.message(from: node, .push(session: own, events: []), bytes: 48 << 10), now: then(1))
        }
        var links = hub.step(.message(from: node, .bye(session: own), bytes: 18), now: then(1))
        #expect(links.isEmpty)
        for _ in 0..<4 { links += hub.step(.tick, now: then(2)) }
        let isUp = links.compactMap { if case .link(let change) = $0 { change.isUp } else { nil } }
        #expect(isUp == [false])
        #expect(hub.live.isEmpty)
    }

    @Test("a node that was halted says HELLO again when a row of that origin is healed, also when the word gets lost")
    func healed() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let origin = Origin(node: node, incarnation: Incarnation(1))
        let broken = IngestOutcome.broken(EventID(origin: origin, sequence: 5), reason: "its previous is another")
        _ = hub.step(.ingested(node, session: own, [broken]), now: then(1))
        #expect(hub.step(.healed(Origin(node: node, incarnation: Incarnation(2))), now: then(2)).isEmpty)
        let refuse = Message.refuse(session: own, reason: .unknownSession, retryAfterMilliseconds: 0)
        #expect(hub.step(.healed(origin), now: then(2)) == [.send(to: node, refuse)])
        let ping = Message.ping(session: own, clock: then(0).wall, outbox: 1)
        #expect(hub.step(.message(from: node, ping), now: then(5_000)) == [.send(to: node, refuse)])
        // Once is enough, and the line was never down.
        #expect(hub.step(.healed(origin), now: then(5_001)).isEmpty)
        let again = hub.step(.message(from: node, hello(1)), now: then(5_002))
        #expect(session(again) != nil && again.count == 1)
    }

    @Test("a node that pushes without end takes no more of a turn than it holds, and another's events pass it")
    func flood() throws {
        var hub = hub()
        let other = try NodeID("street2")
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let greeting = Message.hello(
            Message.Hello(
                origin: Origin(node: other, incarnation: Incarnation(1)), clock: then(0).wall, origins: [], cursors: [])
        )
        let others = try #require(session(hub.step(.message(from: other, greeting), now: then(0))))
        func pushes(_ actions: [Hub.Action], of node: NodeID) -> Int {
            actions.count { if case .ingest(node, _, _) = $0 { true } else { false } }
        }
        let bytes = 48 << 10
        var taken = 0
        var alarms = 0
        for turn in 1...50 {
            let now = then(Int64(turn) * 40)
            var actions: [Hub.Action] = []
            for _ in 0..<100 where hub.reads(bytes, of: node, now: now) {
                actions += hub.step(.message(from: node, .push(session: own, events: []), bytes: bytes), now: now)
            }
            let beside = hub.step(.message(from: other, .push(session: others, events: []), bytes: 1_000), now: now)
            let ping = hub.step(
                .message(from: node, .ping(session: own, clock: now.wall, outbox: 1), bytes: 50), now: now)
            #expect(ping.count == 1, "what costs nothing is answered")
            actions += hub.step(.tick, now: now)
            #expect(pushes(beside + actions, of: other) == 1, "in the turn in which it came")
            let here = pushes(actions, of: node)
            #expect(here <= (1 << 20) / bytes + 1)
            taken += here
            let told = actions.compactMap { if case .alarm(let text) = $0 { text.description } else { nil } }
            alarms += told.count
            #expect(told.allSatisfy { $0.contains("street1") })
        }
        #expect(alarms == 1)
        #expect(taken > 900, "and it has what nobody else wants")
    }

    @Test("what waits when its session ends, or its node is revoked, is not done")
    func waiting() throws {
        var hub = hub()
        let own = try #require(session(hub.step(.message(from: node, hello(1)), now: then(0))))
        let push = Message.push(session: own, events: [])
        for _ in 0..<60 { _ = hub.step(.message(from: node, push, bytes: 48 << 10), now: then(1)) }
        _ = hub.step(.message(from: node, hello(2), bytes: 100), now: then(2))
        var welcomes: [UInt64] = []
        var late = 0
        for turn in 0..<10 {
            for action in hub.step(.tick, now: then(3 + Int64(turn))) {
                if case .welcome(_, let session, _) = action { welcomes.append(session) }
                if case .ingest = action, !welcomes.isEmpty { late += 1 }
            }
        }
        #expect(welcomes.count == 1 && late == 0, "what it said before stands before")
        for _ in 0..<60 { _ = hub.step(.message(from: node, push, bytes: 48 << 10), now: then(100)) }
        _ = hub.revoke(node)
        let rest = hub.step(.tick, now: then(101))
        #expect(rest.isEmpty)
    }

    @Test("one node's unreadable messages are no thousand alarms")
    func unreadable() throws {
        var hub = hub()
        let error = DecodeError.malformed(offset: 0, what: "a message that is no GRP")
        let told = (0..<1_000).reduce(0) { sum, _ in
            sum + alarms(hub.step(.unreadable(from: node, error), now: then(1)))
        }
        #expect(told == 100)
    }
}
