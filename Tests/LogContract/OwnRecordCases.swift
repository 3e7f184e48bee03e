/// The contract's cases on records of the node's own that are refused: nothing else is lost by it, and it is said.

import Events
import Testing

extension LogContract {
    static let ownRecordCases: [Case] = [
        Case("rows whose putting aside cannot be put on record stay where they are") { contract in
            let log = try contract.centre()
            let feed = FeedName.common
            func row(_ fseq: Int64) throws -> ReceivedRow {
                ReceivedRow(
                    fseq: fseq, stream: try stream("ticket/1"), content: .leave, common: 0,
                    chain: ChainValue(high: 1, low: UInt64(fseq)))
            }
            let rows = try (1...4).map(row)
            try log.write { try $0.keep(rows, of: feed) }
            try contract.fill(log, "feed/centre")
            let before = try log.reader.head()
            #expect(
                try log.write { try $0.rewind(feed, to: rows[1].cursor, now: Timestamp(milliseconds: 5)) } == nil)
            #expect(try log.reader.received(of: feed, above: 0, limit: 10) == rows)
            #expect(try log.reader.head() == before)
            try says(log, ["what was put aside of feed common is not on record: the basis of an event for feed/centre"])
            // Nothing of it is left: the feed goes on where it stands.
            try log.write { try $0.keep([row(5)], of: feed) }
            try log.put(command(1), ["ticket/1"])
        },
        Case("a row whose healing cannot be put on record stays as it is") { contract in
            let log = try contract.centre()
            let event = try #require(try log.put(command(1), ["ticket/1"]).first).event
            try contract.fill(log, "log/centre")
            let before = try log.reader.head()
            try contract.rot(log, 1)
            func heal() throws -> Healing {
                try log.write { try $0.heal(event, at: 1, now: Timestamp(milliseconds: 77)) }
            }
            for _ in 1...2 {
                guard case .refused(let reason) = try heal() else { throw Unexpected(event) }
                #expect(reason == "its healing cannot be put on record")
                try says(
                    log, ["that row 1 of the log is healed is not on record: the basis of an event for log/centre"])
            }
            #expect(try log.reader.event(event.id)?.rot != nil)
            #expect(try log.reader.head() == before)
            try log.put(command(2), ["ticket/1"])
        },
        Case("a base, and a wake, that cannot be put on record change no feed") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let node = try NodeID("a")
            let feed = FeedName.node(node)
            try log.put(command(1), ["ticket/1"], type: "move.-.a")
            let now = Timestamp(milliseconds: 5)
            #expect(try log.write { try $0.rebase(feed, of: node, now: now) } != nil)
            try contract.fill(log, "feed/a")
            let end = try log.reader.feedHead(feed)
            #expect(try log.write { try $0.rebase(feed, of: node, now: now) } == nil)
            try says(log, ["that feed node/a begins anew is not on record: the basis of an event for feed/a"])
            let wake = FeedWake(feed: feed, streams: [try stream("ticket/1")])
            #expect(try log.write { try $0.wake(wake, of: node, now: now) } == nil)
            try says(log, ["that tickets wake in feed node/a is not on record: the basis of an event for feed/a"])
            #expect(try log.reader.feedHead(feed) == end)
            #expect(try log.reader.asleep(stream("ticket/1")) == [feed])
        },
        Case("a stream whose late routing cannot be put on record waits on") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            let event = try #require(try log.put(command(1), ["ticket/1"], at: 5_000, type: "place.b").first).event
            try contract.rot(log, 1)
            var late = try contract.foreign(stream: "ticket/1", hlc: HybridTime(rawValue: 1 << 40))
            late.type = EventType("place.c")
            let whole = late.chained(to: .zero)
            _ = try log.write { try $0.ingest([whole], dense: false, receivedAt: Timestamp(milliseconds: 1)) }
            try says(log, [])
            try contract.fill(log, "log/centre")
            try contract.rot(log, 1, .back(event))
            #expect(try log.write { try $0.heal(event, at: 1, now: Timestamp(milliseconds: 77)) } == .sound)
            #expect(try log.shape("c") == [])
            try says(log, ["that ticket/1 goes where it should is not on record: the basis of an event for log/centre"])
        },
    ]

    /// As many openings as wrote here, so many entries has the basis of what follows: after this one more than there may be.
    private func fill(_ log: any EventLog, _ name: String) throws {
        let events = try (0...UInt64(Event.Limit.basis)).map { opening in
            var event = try foreign(stream: name)
            event.id = EventID(
                origin: Origin(node: try NodeID("street2"), incarnation: Incarnation(100 + opening)), sequence: 1)
            event.type = EventType("noted")
            event.command = CommandID(derivedFrom: "fill", name, String(opening))
            return event.chained(to: .zero)
        }
        _ = try log.write { try $0.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 1)) }
    }

    /// What the log has refused since the last time, each alarm up to the numbers in it.
    private static func says(_ log: any EventLog, _ expected: [String]) throws {
        let alarms = log.takeUnrecorded().map { $0.alarm.description.split(separator: " has ").first.map(String.init) }
        #expect(alarms == expected)
    }
}
