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
            forged.body = Array("{\"text\":\"forged\"}".utf8)
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
    ]
}
