/// The contract's cases on bodies that are let go of streams that left, and that come back.

package import Events
import Testing

/// A street's log with rows of its feed, each leading to its chain value.
package struct LeavingLog {
    package let log: any EventLog
    package let feed: FeedName
    private var cursor: FeedCursor

    /// Instants of what comes, and of what others recorded.
    package static let arrived = Timestamp(milliseconds: 50_000)
    package static let recorded = Timestamp(milliseconds: 2)

    package init(_ contract: LogContract, audience: any Audience = NoAudience()) throws {
        let node = try NodeID("street")
        log = try contract.open(node, 0x51, audience)
        feed = .node(node)
        cursor = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
    }

    /// An event that the centre wrote.
    package func event(
        _ number: Int64, in name: String, recordedAt: Timestamp = recorded, sealed: [UInt8]? = nil
    ) throws -> Event {
        Event(
            id: EventID(origin: Origin(node: try NodeID("centre"), incarnation: Incarnation(7)), sequence: number),
            hlc: HybridTime(rawValue: 70_000 + number), stream: try stream(name), type: EventType("ticket.noted"),
            basis: .empty, actor: Actor(account: "li", role: "dispatcher", unit: "centre"), occurredAt: recordedAt,
            recordedAt: recordedAt, command: CommandID(derivedFrom: "leaving", String(number)), index: 0,
            causation: nil, correlation: nil, body: Array("{\"text\":\"\(number)\"}".utf8), sealed: sealed,
            previous: .zero
        ).chained(to: .zero)
    }

    /// Takes in rows of the feed, as a street's desk does.
    @discardableResult
    package mutating func take(_ rows: [(name: String, what: Row)], at now: Timestamp = arrived) throws
        -> [IngestOutcome]
    {
        var cursor = cursor
        let outcomes = try log.write { transaction in
            let outcomes = try transaction.ingest(rows.compactMap(\.what.event), dense: false, receivedAt: now)
            var kept: [ReceivedRow] = []
            for (name, what) in rows {
                let content: ReceivedRow.Content =
                    switch what {
                    case .join(let history): .join(history: history)
                    case .leave: .leave
                    case .event(let event):
                        .event(event.hash, position: try transaction.position(of: event.id, hash: event.hash))
                    }
                var row = ReceivedRow(
                    fseq: cursor.fseq + 1, stream: try stream(name), content: content, common: 0, chain: .zero)
                row.chain = row.chain(after: cursor.chain)
                cursor = row.cursor
                kept.append(row)
            }
            try transaction.keep(kept, of: feed)
            return outcomes
        }
        self.cursor = cursor
        return outcomes
    }

    package enum Row {
        case join(Int64)
        case event(Event)
        case leave
        var event: Event? { if case .event(let event) = self { event } else { nil } }
    }

    package mutating func rewind(to cursor: FeedCursor) throws {
        _ = try log.write { try $0.rewind(feed, to: cursor, now: LeavingLog.arrived) }
        self.cursor = cursor
    }

    package var end: FeedCursor { cursor }

    package func left(above fseq: Int64 = 0, rows: Int = 100) throws -> LeftPage {
        try log.reader.left(feed, above: fseq, rows: rows)
    }

    /// Lets go what left.
    @discardableResult
    package func purge() throws -> [StoredEvent] {
        let page = try left()
        return try log.write { transaction in
            try page.streams.compactMap { try transaction.purge($0, of: feed, now: LeavingLog.arrived) }
        }
    }

    package func bodies(_ name: String) throws -> [EventBody] {
        try log.reader.page(.stream(stream(name)), .forward, from: 0, limit: 100).map(\.event.body)
    }
}

extension LogContract {
    static let purgeCases: [Case] = [
        Case("what others wrote in a stream that left goes, the node's own stays, and an event says so") { contract in
            var street = try LeavingLog(contract)
            let events = try [street.event(1, in: "ticket/1", sealed: [1, 2]), street.event(2, in: "ticket/1")]
            try street.take([("ticket/1", .join(1)), ("ticket/1", .event(events[0]))])
            let own = try street.log.put(command(1), ["ticket/1", "ticket/2"])
            try street.take([("ticket/1", .event(events[1])), ("ticket/1", .leave)])
            let before = try street.log.reader.page(.all, .forward, from: 0, limit: 10)
            let chain = try street.log.reader.chain(at: 4)
            let record = try #require(try street.purge().first)
            #expect(try street.bodies("ticket/1") == [.letGo, .here(own[0].event.body.bytes ?? []), .letGo])
            let after = try street.log.reader.page(.all, .forward, from: 0, limit: 10)
            #expect(
                after == [
                    before[0].event.withoutBody(), before[1].event, before[2].event, before[3].event.withoutBody(),
                ]
                .enumerated().map { place, event in
                    StoredEvent(
                        event: event, position: before[place].position, receivedAt: before[place].receivedAt,
                        streamVersion: before[place].streamVersion)
                } + [record])
            #expect(after.map(\.event.hash).dropLast() == before.map(\.event.hash)[...])
            #expect(try street.log.reader.chain(at: 4) == chain)
            #expect(after[0].event.sealed == nil && after[0].rot == nil && !after[0].event.isWhole)
            let said = try #require(Purged(record.event))
            #expect(try said == Purged(feed: street.feed, stream: stream("ticket/1"), leave: street.end, events: 2))
            #expect(record.event.stream.text == "purge/street" && record.event.actor.system == "log")
            // Nothing is to do twice.
            #expect(try street.purge().isEmpty)
            #expect(try street.log.reader.head().position == 5)
            // What is not here cannot be sent.
            let origin = events[0].id.origin
            #expect(throws: LogFailure.self) { try street.log.reader.events(of: origin, above: 0, limit: 10) }
        },
        Case("only what left is found: by LEAVE rows, so many at a time, and when its last word is that it left") {
            contract in
            var street = try LeavingLog(contract)
            for number in 1...6 {
                let name = "ticket/\(number)"
                try street.take([
                    (name, .join(1)), (name, .event(street.event(Int64(number), in: name))), (name, .leave),
                ])
            }
            // Back again, and not here at all.
            try street.take([("ticket/2", .join(1)), ("ticket/2", .event(street.event(2, in: "ticket/2")))])
            try street.take([("ticket/9", .join(0)), ("ticket/9", .leave)])
            let first = try street.left(rows: 3)
            #expect(first.streams.map(\.stream.text) == ["ticket/1", "ticket/3"])
            #expect(first.looked == 3 && first.through == 9)
            let rest = try street.left(above: 9, rows: 10)
            #expect(rest.streams.map(\.stream.text) == ["ticket/4", "ticket/5", "ticket/6"])
            #expect(rest.looked == 4 && rest.through == 22)
            #expect(try street.left(above: 22, rows: 10) == LeftPage(streams: [], looked: 0, through: nil))
            #expect(first.streams[0].leave.fseq == 3)
            #expect(try first.streams[0].last == [street.event(1, in: "ticket/1").id])
            try street.purge()
            #expect(try street.left().streams.isEmpty)
            #expect(try street.bodies("ticket/2").allSatisfy(\.isHere))
        },
        Case("a stream in which nobody else wrote has nothing to go, and is not found") { contract in
            var street = try LeavingLog(contract)
            _ = try street.log.put(command(1), ["ticket/1", "ticket/1", "ticket/2"])
            try street.take([
                ("ticket/1", .join(0)), ("ticket/1", .leave), ("ticket/2", .join(1)),
                ("ticket/2", .event(street.event(1, in: "ticket/2"))), ("ticket/2", .leave),
            ])
            let page = try street.left()
            #expect(page.streams.map(\.stream.text) == ["ticket/2"] && page.looked == 2 && page.through == 5)
        },
        Case("bodies that were missed are found in turn, from a place on and round, behind those that were not") {
            contract in
            var street = try LeavingLog(contract)
            let events = try (1...4).map { try street.event($0, in: "ticket/1") }
            try street.take([("ticket/1", .join(4))] + events.map { ("ticket/1", .event($0)) } + [("ticket/1", .leave)])
            try street.purge()
            try street.take([("ticket/1", .join(4))])
            let places = try street.log.reader.wantedBodies(limit: 10).map(\.position)
            for place in places.prefix(3) {
                _ = try street.log.write { try $0.miss(place, now: LeavingLog.arrived) }
            }
            func found(_ limit: Int, behind place: Int64) throws -> [Int64] {
                try street.log.reader.wantedBodies(limit: limit, missedBehind: place).map(\.position)
            }
            let (first, second, third, fourth) = (places[0], places[1], places[2], places[3])
            #expect(try found(10, behind: 0) == [fourth, first, second, third])
            #expect(try found(10, behind: first) == [fourth, second, third, first])
            #expect(try found(3, behind: second) == [fourth, third, first])
            #expect(try found(10, behind: fourth) == [fourth, first, second, third])
        },
        Case("days count from the later of the author's clock and this node's, at the event that left") { contract in
            var street = try LeavingLog(contract)
            let ahead = Timestamp(milliseconds: 90_000_000)
            for (number, clock) in [(1, LeavingLog.recorded), (2, ahead)] {
                let name = "ticket/\(number)"
                try street.take([
                    (name, .join(2)), (name, .event(street.event(Int64(10 * number), in: name, recordedAt: ahead))),
                    (name, .event(street.event(Int64(10 * number + 1), in: name, recordedAt: clock))), (name, .leave),
                ])
            }
            #expect(try street.left().streams.map(\.since) == [LeavingLog.arrived, ahead])
        },
        Case("a body comes back with its event; when all of a stream are, an event says so") { contract in
            var street = try LeavingLog(contract)
            let events = try (1...3).map { try street.event($0, in: "ticket/1", sealed: $0 == 1 ? [7] : nil) }
            try street.take([("ticket/1", .join(3))] + events.map { ("ticket/1", .event($0)) } + [("ticket/1", .leave)])
            try street.purge()
            let head = try street.log.reader.head().position
            let some = try street.take([("ticket/1", .join(3)), ("ticket/1", .event(events[0]))])
            #expect(some == [.refilled(events[0].id, record: nil)])
            #expect(try street.bodies("ticket/1") == [events[0].body, .letGo, .letGo])
            #expect(try street.log.reader.event(events[0].id)?.event.sealed == [7])
            #expect(try street.log.reader.head().position == head)
            // The rest is this node's again, too.
            #expect(try street.log.reader.wantedBodies(limit: 10).map(\.event) == [events[1].id, events[2].id])
            let rest = try street.take([("ticket/1", .event(events[1])), ("ticket/1", .event(events[2]))])
            guard case .refilled(events[1].id, nil) = rest[0], case .refilled(events[2].id, let record?) = rest[1]
            else {
                throw Unexpected(rest)
            }
            #expect(try BodyChange(record.event) == .refilled(stream("ticket/1")))
            #expect(try street.bodies("ticket/1") == events.map(\.body))
            #expect(
                try street.log.reader.page(.stream(stream("ticket/1")), .forward, from: 0, limit: 9).map(\.event)
                    == events)
            #expect(try street.log.reader.wantedBodies(limit: 10).isEmpty)
            #expect(try street.take([("ticket/1", .event(events[0]))]) == [.duplicate(events[0].id)])
            // And goes again with the next LEAVE.
            try street.take([("ticket/1", .leave)])
            #expect(try street.purge().count == 1)
            #expect(try street.bodies("ticket/1") == [.letGo, .letGo, .letGo])
        },
        Case("a rewind that puts a LEAVE aside makes what went this node's again: given back, or missed on record") {
            contract in
            var street = try LeavingLog(contract)
            let events = try (1...2).map { try street.event($0, in: "ticket/1") }
            let other = try street.event(3, in: "ticket/2")
            try street.take([("ticket/2", .join(1)), ("ticket/2", .event(other)), ("ticket/2", .leave)])
            try street.take([("ticket/1", .join(2)), ("ticket/1", .event(events[0]))])
            let common = street.end
            try street.take([("ticket/1", .event(events[1])), ("ticket/1", .leave)])
            try street.purge()
            #expect(try street.log.reader.wantedBodies(limit: 10).isEmpty)
            try street.rewind(to: common)
            let wanted = try street.log.reader.wantedBodies(limit: 10)
            #expect(wanted.map(\.event) == events.map(\.id) && !wanted.contains(where: \.isMissing))
            func heal(_ event: Event) throws -> Healing {
                try street.log.write { try $0.heal(event, at: wanted[0].position, now: LeavingLog.arrived) }
            }
            var forged = events[0]
            forged.body = .here(Array("{}".utf8))
            guard case .refused = try heal(forged.chained(to: .zero)) else { throw Unexpected(forged) }
            guard case .healed(let record) = try heal(events[0]) else { throw Unexpected(events) }
            #expect(Healed(record.event)?.stream.text == "ticket/1" && Healed(record.event)?.kept == nil)
            #expect(try heal(events[0]) == .sound)
            let missed = try #require(
                try street.log.write { try $0.miss(wanted[1].position, now: LeavingLog.arrived) })
            #expect(try BodyChange(missed.event) == .missing(events[1].id, stream("ticket/1")))
            #expect(try street.bodies("ticket/1") == [events[0].body, .missing])
            #expect(try street.log.write { try $0.miss(wanted[1].position, now: LeavingLog.arrived) } == nil)
            #expect(try street.log.reader.wantedBodies(limit: 10).map(\.isMissing) == [true])
            // What was missed comes last.
            #expect(try street.log.reader.wantedBodies(limit: 1).map(\.event) == [events[1].id])
            // What stands is no question: the other stream is still out.
            let out = try #require(try street.log.reader.event(other.id))
            #expect(try street.log.write { try $0.heal(other, at: out.position, now: LeavingLog.arrived) } == .sound)
            #expect(try street.bodies("ticket/2") == [.letGo])
            // It comes after all.
            guard case .refilled(_, .some) = try street.take([("ticket/1", .event(events[1]))])[0] else {
                throw Unexpected(events[1])
            }
            #expect(try street.bodies("ticket/1") == events.map(\.body))
        },
        Case("what rows name that were put aside stays, and what stands beside it goes") { contract in
            var street = try LeavingLog(contract)
            let events = try (1...3).map { try street.event($0, in: "ticket/1") }
            try street.take([("ticket/1", .join(1)), ("ticket/1", .event(events[0])), ("ticket/1", .leave)])
            let common = street.end
            // It came back, and the hub lost that with its disk.
            try street.take([
                ("ticket/1", .join(3)), ("ticket/1", .event(events[0])), ("ticket/1", .event(events[1])),
                ("ticket/1", .event(events[2])),
            ])
            try street.rewind(to: common)
            #expect(try street.left().streams.isEmpty, "the rows that were put aside name all of it")
            #expect(try street.bodies("ticket/1") == events.map(\.body))
            let late = try street.event(4, in: "ticket/1")
            try street.take([("ticket/1", .join(1)), ("ticket/1", .event(late)), ("ticket/1", .leave)])
            #expect(try street.purge().count == 1)
            #expect(try street.bodies("ticket/1") == events.map(\.body) + [.letGo])
        },
        Case("a stream that is out again misses nothing") { contract in
            var street = try LeavingLog(contract)
            let events = try (1...2).map { try street.event($0, in: "ticket/1") }
            try street.take([("ticket/1", .join(2)), ("ticket/1", .event(events[0]))])
            let common = street.end
            try street.take([("ticket/1", .event(events[1])), ("ticket/1", .leave)])
            try street.purge()
            try street.rewind(to: common)
            let wanted = try #require(try street.log.reader.wantedBodies(limit: 10).first)
            // The hub has it back: the stream left.
            try street.take([("ticket/1", .leave)])
            #expect(try street.log.write { try $0.miss(wanted.position, now: LeavingLog.arrived) } == nil)
            #expect(try street.bodies("ticket/1") == [.letGo, .letGo])
            #expect(try street.purge().count == 1)
            #expect(try street.log.reader.wantedBodies(limit: 10).isEmpty)
        },
        Case("a body that is gone without a word is damage, at any node, and its event heals it") { contract in
            var street = try LeavingLog(contract)
            let event = try street.event(1, in: "ticket/1")
            try street.take([("ticket/1", .join(1)), ("ticket/1", .event(event))])
            let own = try street.log.put(command(1), ["ticket/1"])
            for (position, whole) in [(Int64(1), event), (2, own[0].event)] {
                try contract.rot(street.log, position, .noBody)
                #expect(try damagedRow { _ = try street.log.reader.event(whole.id) } == position)
                guard
                    case .healed = try street.log.write({
                        try $0.heal(whole, at: position, now: LeavingLog.arrived)
                    })
                else { throw Unexpected(position) }
                #expect(try street.log.reader.event(whole.id)?.event == whole)
            }
            // While a row is rotten nothing of its stream goes: without its body nobody could tell any more.
            try street.take([("ticket/1", .leave)])
            try contract.rot(street.log, 1)
            #expect(try street.purge().isEmpty)
            #expect(try street.bodies("ticket/1").allSatisfy(\.isHere))
            #expect(street.log.takeDamage().count == 1)
        },
        Case("what a lost transaction let go stays") { contract in
            var street = try LeavingLog(contract)
            let event = try street.event(1, in: "ticket/1")
            try street.take([("ticket/1", .join(1)), ("ticket/1", .event(event)), ("ticket/1", .leave)])
            let left = try #require(try street.left().streams.first)
            #expect(throws: Interrupted.self) {
                try street.log.write { transaction in
                    _ = try transaction.purge(left, of: street.feed, now: LeavingLog.arrived)
                    throw Interrupted()
                }
            }
            #expect(try street.bodies("ticket/1") == [event.body])
            #expect(try street.left().streams == [left])
            // It came back in between.
            try street.take([("ticket/1", .join(1))])
            #expect(try street.log.write { try $0.purge(left, of: street.feed, now: LeavingLog.arrived) } == nil)
            #expect(try street.bodies("ticket/1") == [event.body])
        },
    ]
}

/// Where reading stops.
private func damagedRow(_ read: () throws -> Void) throws -> Int64? {
    do {
        try read()
        return nil
    } catch let failure as LogFailure {
        guard case .corrupt("events", let position, _) = failure else { throw failure }
        return position
    }
}
