/// The contract's cases on rows whose bytes have changed.

import Events
import Testing

extension LogContract {
    /// Where reading to send stops; nil when it does not.
    private static func damage(_ read: () throws -> Void) throws -> Int64? {
        do {
            try read()
            return nil
        } catch let failure as LogFailure {
            guard case .corrupt("events", let position, _) = failure else { throw failure }
            return position
        }
    }

    static let rottenCases: [Case] = [
        Case("a rotten row is not read to be sent, in its feed or in its origin, and says which event it held") {
            contract in
            let log = try contract.centre(audience: ScriptedAudience())
            for number in 1...3 { try log.put(command(number), ["ticket/\(number)"], type: "move.-.a") }
            let feed = FeedName.node(try NodeID("a"))
            let before = try log.reader.events(of: log.origin, above: 0, limit: 10)
            try contract.rot(log, 2)
            #expect(try damage { _ = try log.reader.rows(of: feed, above: 0, limit: 10) } == 2)
            #expect(try damage { _ = try log.reader.events(of: log.origin, above: 0, limit: 10) } == 2)
            #expect(try log.reader.rows(of: feed, above: 0, limit: 3).count == 3)
            #expect(try log.reader.rows(of: feed, above: 4, limit: 10).count == 2)
            #expect(try log.reader.events(of: log.origin, above: 2, limit: 10) == [before[2]])
            #expect(try log.reader.event(before[1].id)?.rot != nil)
            #expect(try log.reader.event(before[0].id)?.rot == nil)
            #expect(try log.reader.id(at: 2) == before[1].id)
            #expect(try log.reader.id(at: 4) == nil)
            #expect(try log.reader.id(at: 0) == nil)
        },
        Case("its event heals it where it stands, and an event says so") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            for number in 1...3 { try log.put(command(number), ["ticket/1"], type: "move.-.a") }
            let feed = FeedName.node(try NodeID("a"))
            let before = try log.reader.page(.all, .forward, from: 0, limit: 10)
            let rows = try log.reader.rows(of: feed, above: 0, limit: 10)
            let chain = try log.reader.chain(at: 3)
            try contract.rot(log, 2)
            let healing = try log.write { try $0.heal(before[1].event, at: 2, now: Timestamp(milliseconds: 77)) }
            guard case .healed(let record) = healing else { throw Unexpected(healing) }
            #expect(try log.reader.page(.all, .forward, from: 0, limit: 10) == before + [record])
            #expect(try log.reader.rows(of: feed, above: 0, limit: 10) == rows)
            #expect(try log.reader.chain(at: 3) == chain)
            let healed = try #require(Healed(record.event))
            #expect(healed.position == 2 && healed.event == before[1].event.id)
            #expect(try healed.stream == stream("ticket/1") && healed.kept == 1)
            #expect(healed.problem.contains("is not that of its fields"))
            #expect(record.event.stream.text == "log/centre" && record.position == 4)
            // Once more is another healing, on record and kept by itself.
            try contract.rot(log, 2)
            let again = try log.write { try $0.heal(before[1].event, at: 2, now: Timestamp(milliseconds: 77)) }
            guard case .healed = again else { throw Unexpected(again) }
            #expect(try log.reader.head().position == 5)
        },
        Case("nothing heals it but its event, and a sound row is not touched") { contract in
            let log = try contract.centre()
            for number in 1...3 { try log.put(command(number), ["ticket/1"], at: number) }
            let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
            var forged = events[1]
            forged.body = .here(Array("{\"text\":\"forged\"}".utf8))
            func heal(_ event: Event, at position: Int64 = 2) throws -> Healing {
                try log.write { try $0.heal(event, at: position, now: Timestamp(milliseconds: 77)) }
            }
            #expect(try heal(events[1]) == .sound)
            try contract.rot(log, 2)
            let others = [
                forged, forged.chained(to: forged.previous), events[0], events[2], events[1].chained(to: .zero),
            ]
            for event in others {
                guard case .refused = try heal(event) else { throw Unexpected(event) }
            }
            guard case .refused = try heal(events[1], at: 9) else { throw Unexpected(9) }
            #expect(try log.reader.head().position == 3)
            #expect(try log.reader.event(events[1].id)?.rot != nil)
            guard case .healed = try heal(events[1]) else { throw Unexpected(events[1]) }
        },
        Case("a healing of a lost transaction did not happen") { contract in
            let log = try contract.centre()
            try log.put(command(1), ["ticket/1"])
            let event = try #require(try log.reader.page(.all, .forward, from: 0, limit: 1).first).event
            try contract.rot(log, 1)
            #expect(throws: Interrupted.self) {
                try log.write { transaction in
                    _ = try transaction.heal(event, at: 1, now: Timestamp(milliseconds: 77))
                    throw Interrupted()
                }
            }
            #expect(try log.reader.event(event.id)?.rot != nil)
            #expect(try log.reader.head().position == 1)
        },
        Case("an event that comes while its stream is rotten leads to its feeds once all of that is healed") {
            contract in
            let log = try contract.centre(audience: ScriptedAudience())
            try log.put(command(1), ["ticket/1"], at: 5_000, type: "place.b")
            for number in 2...4 {
                try log.put(command(number), ["ticket/\((number + 1) % 2 + 1)"], at: 6_000, type: "noted")
            }
            let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
            func heal(_ position: Int) throws {
                _ = try log.write {
                    try $0.heal(events[position - 1], at: Int64(position), now: Timestamp(milliseconds: 77))
                }
            }
            func ingest(_ type: String, _ number: UInt64, _ hlc: Int64, into name: String) throws {
                var event = try contract.foreign(stream: name, hlc: HybridTime(rawValue: hlc))
                event.id = EventID(
                    origin: Origin(node: event.id.origin.node, incarnation: Incarnation(number)), sequence: 1)
                event.type = EventType(type)
                event.command = CommandID(derivedFrom: "unrouted", String(number))
                event.body = .here(Array("{\"event\":\"\(events[0].id)\",\"stream\":\"ticket/1\"}".utf8))
                let whole = event.chained(to: .zero)
                _ = try log.write { try $0.ingest([whole], dense: false, receivedAt: Timestamp(milliseconds: 1)) }
            }
            try contract.rot(log, 1)
            try contract.rot(log, 3)
            // One that is not the last word, one that is, and one of another stream, whose author knew nothing, either.
            try ingest("place.a", 1, 70_000, into: "ticket/1")
            try ingest("place.c", 2, 1 << 40, into: "ticket/1")
            try ingest("place.d", 3, 1 << 40, into: "ticket/3")
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("b"))])
            #expect(try log.shape("d") == ["join 1", "9"])
            #expect(try log.shape("a") == [] && log.shape("c") == [])
            try heal(1)
            #expect(try log.shape("c") == [])
            // A street may not say that a stream is routed.
            try ingest("log.routed", 4, 1, into: "log/centre")
            try log.put(command(6), ["ticket/1"], at: 6_500, type: "noted")
            try heal(3)
            #expect(try log.shape("b") == ["join 1", "1", "3", "5", "7", "12", "leave"])
            #expect(try log.shape("c") == ["join 5", "1", "3", "5", "7", "12"])
            #expect(try log.shape("a") == ["join 5", "1", "3", "5", "7", "12", "leave"])
            #expect(try log.reader.membership(of: stream("ticket/1")) == [.node(NodeID("c"))])
            // It goes on from there, and nothing is routed a second time.
            try log.put(command(5), ["ticket/1"], at: 7_000, type: "noted")
            let head = try log.reader.head().position
            try heal(3)
            #expect(try log.reader.head().position == head)
            #expect(try log.shape("c").last == "\(head)")
            // Nor that an event was not; `verify` comes behind.
            try ingest("log.unrouted", 5, 1, into: "log/centre")
        },
        Case("an event that was not routed is also when the row is whole again by itself") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let event = try #require(try log.put(command(1), ["ticket/1"], at: 5_000, type: "place.b").first).event
            try contract.rot(log, 1)
            var late = try contract.foreign(stream: "ticket/1", hlc: HybridTime(rawValue: 1 << 40))
            late.type = EventType("place.c")
            let whole = late.chained(to: .zero)
            _ = try log.write { try $0.ingest([whole], dense: false, receivedAt: Timestamp(milliseconds: 1)) }
            try contract.rot(log, 1, .back(event))
            #expect(try log.shape("c") == [])
            #expect(try log.write { try $0.heal(event, at: 1, now: Timestamp(milliseconds: 77)) } == .sound)
            #expect(try log.shape("c") == ["join 2", "1", "2"])
            #expect(try log.shape("b") == ["join 1", "1", "2", "leave"])
        },
        Case("a receipt names its event also where that has lost its hash") { contract in
            let log = try contract.centre()
            let ids = try log.put(command(1), ["ticket/1"]).map(\.event)
            let event = try #require(ids.first)
            try contract.rot(log, 1, .hash)
            #expect(try log.write { try $0.position(of: event.id, hash: event.hash) } == 1)
            #expect(try log.write { try $0.position(of: event.id, hash: .sha256([1])) } == nil)
            let feed = FeedName.node(try NodeID("b"))
            let chain = FeedRow.chain(
                after: FeedRow.seed(of: feed), fseq: 1, stream: event.stream, kind: .event, event: event.hash,
                history: 0,
                common: 0)
            try log.write { transaction in
                let content = ReceivedRow.Content.event(
                    event.hash, position: try transaction.position(of: event.id, hash: event.hash))
                try transaction.keep(
                    [ReceivedRow(fseq: 1, stream: event.stream, content: content, common: 0, chain: chain)], of: feed)
                _ = try transaction.heal(event, at: 1, now: Timestamp(milliseconds: 77))
            }
            let row = try #require(try log.reader.received(of: feed, above: 0, limit: 1).first)
            #expect(row.content == .event(event.hash, position: 1))
            #expect(row.chain(after: FeedRow.seed(of: feed)) == row.chain)
        },
    ]
}
