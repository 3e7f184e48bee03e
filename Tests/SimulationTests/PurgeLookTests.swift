import Events
import LogContract
import Simulation
import Testing

@testable import Replication

/// When a street looks for tickets that left: so many rows at a time, at its own pace, and past them only when what was due is gone.
@Suite("Looks for tickets that left") struct PurgeLookTests {
    private var street: LeavingLog
    private var purge: StreetPurge
    private static let term = PurgeTerm(days: 2)
    private static let late = LeavingLog.arrived + 2 * 86_400_000

    init() throws {
        street = try LeavingLog(
            LogContract { MemoryLog(node: $0, incarnation: Incarnation($1), audience: $2) })
        purge = StreetPurge(node: try NodeID("street"), term: PurgeLookTests.term)
    }

    private mutating func leave(_ numbers: ClosedRange<Int64>) throws {
        for number in numbers {
            let name = "ticket/\(number)"
            try street.take([(name, .join(1)), (name, .event(street.event(number, in: name))), (name, .leave)])
        }
    }

    private mutating func look(_ steady: Int64, wall: Timestamp = late, confirmed: [OriginMark] = []) throws {
        try purge.look(confirmed, street.log.reader, Moment(wall: wall, steady: steady))
    }

    /// The transaction, and its commit.
    private mutating func store(_ steady: Int64) throws -> [Event] {
        let now = Moment(wall: PurgeLookTests.late, steady: steady)
        var purge = purge
        let records = try street.log.write { try purge.store($0, now: now) }
        purge.committed(now: now)
        self.purge = purge
        return records
    }

    @Test("days count to the last millisecond")
    mutating func days() throws {
        try leave(1...1)
        try look(0, wall: PurgeLookTests.late + -1)
        #expect(!purge.hasStorageWork)
        try look(StreetPurge.Limit.round)
        #expect(purge.hasStorageWork)
    }

    @Test("a few tickets a transaction, at once as long as there are more, and then a look a minute")
    mutating func pace() throws {
        try leave(1...10)
        var steady: Int64 = 0
        var gone: [Int] = []
        while gone.reduce(0, +) < 10, steady < 10_000 {
            try look(steady)
            if purge.hasStorageWork { gone.append(try store(steady).count) }
            steady = purge.dueAt
        }
        #expect(gone == [4, 4, 2] && steady <= 2 * StreetPurge.Limit.look + 3 * StreetPurge.Limit.round)
        // Nothing is left to look at, and nothing of what is done is looked at again.
        let looked = purge.looked
        for _ in 0..<5 {
            try look(purge.dueAt)
            #expect(!purge.hasStorageWork)
        }
        #expect(purge.looked == looked)
        // Not before its time, either.
        try leave(11...11)
        try look(purge.dueAt - 1)
        #expect(!purge.hasStorageWork)
        try look(purge.dueAt)
        #expect(try store(purge.dueAt).count == 1)
    }

    @Test("the place goes on only with the commit: what a lost transaction took is looked at again")
    mutating func place() throws {
        try leave(1...10)
        try look(0)
        #expect(purge.hasStorageWork && purge.place == 0)
        // Asked again before the commit it takes nothing more; the commit of a turn before is not its own.
        try look(100)
        purge.committed(now: Moment(wall: PurgeLookTests.late, steady: 100))
        #expect(purge.hasStorageWork && purge.place == 0)
        purge.storageFailed(now: Moment(wall: PurgeLookTests.late, steady: 100))
        #expect(!purge.hasStorageWork && purge.place == 0)
        try look(101)
        #expect(!purge.hasStorageWork, "it rests after a loss")
        try look(purge.dueAt)
        #expect(try store(purge.dueAt).map { Purged($0)?.stream.text } == (1...4).map { "ticket/\($0)" })
        #expect(purge.place == 12)
    }

    @Test("a look has a bound on the rows it looks at, not on what it finds; what is young is looked at again")
    mutating func bound() throws {
        let count = Int64(StreetPurge.Limit.looked + 50)
        try leave(1...count)
        let young = LeavingLog.arrived + 5
        try look(0, wall: young)
        #expect(purge.looked == Int64(StreetPurge.Limit.looked) && purge.place == 3 * Int64(StreetPurge.Limit.looked))
        #expect(purge.dueAt == StreetPurge.Limit.look)
        try look(purge.dueAt, wall: young)
        #expect(purge.looked == count)
        // Two looks in the round: two minutes until the next, which begins with the first that is young.
        #expect(purge.dueAt == StreetPurge.Limit.look + 2 * StreetPurge.Limit.round)
        try look(purge.dueAt)
        #expect(try store(purge.dueAt).count == StreetPurge.Limit.tickets)
    }

    @Test("what went is given to nobody, and the hub may have what stayed")
    mutating func given() throws {
        let name = "ticket/1"
        let gone = try street.event(1, in: name)
        try street.take([(name, .join(1)), (name, .event(gone))])
        let stream = try StreamName(name)
        let now = LeavingLog.arrived
        let own = try street.log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "own"), actor: Actor(system: "test", rule: "1"), now: now,
                    drafts: [Draft(stream: stream, type: EventType("ticket.noted"), body: [:], occurredAt: now)]))
        }
        guard case .appended(let stored) = own else { return }
        try street.take([(name, .leave)])
        try street.purge()
        let given = try StreetRepair.events([gone.id, stored[0].event.id], street.log.reader)
        #expect(given == [stored[0].event])
        #expect(try street.log.reader.events(of: street.log.origin, above: 0, limit: 1) == given)
    }

    @Test("bodies that are wanted leave room for rot, and are asked for once a minute when they were missed")
    func wanted() throws {
        var rows = RottenRows()
        let origin = Origin(node: try NodeID("centre"), incarnation: Incarnation(7))
        rows.want(
            (1...2_000).map {
                WantedBody(position: $0, event: EventID(origin: origin, sequence: $0), isMissing: $0 > 1_900)
            })
        #expect(rows.wanted == 500 && rows.count == 0)
        let first = rows.ask([nil], now: Moment(wall: LeavingLog.arrived, steady: 0))
        #expect(first == [RottenRows.Question(peer: nil, event: EventID(origin: origin, sequence: 1))])
        rows.given([], for: first[0].event, by: nil)
        #expect(rows.hasStorageWork)
        rows.storageFailed(now: Moment(wall: LeavingLog.arrived, steady: 10))
        #expect(!rows.hasStorageWork && rows.wanted == 500)
    }

    @Test("missed bodies are asked for in turn, however many there are: so many each minute")
    func turns() throws {
        var rows = RottenRows()
        let origin = Origin(node: try NodeID("centre"), incarnation: Incarnation(7))
        let missed = (1...Int64(250)).map {
            WantedBody(position: $0, event: EventID(origin: origin, sequence: $0), isMissing: true)
        }
        var asked: [Int64: Int] = [:]
        for minute in Int64(0)..<6 {
            let place = rows.missedPlace
            rows.want(missed.filter { $0.position > place } + missed.filter { $0.position <= place })
            #expect(rows.wanted == 100)
            var steady = 60_000 * minute
            while let question = rows.ask([nil], now: Moment(wall: LeavingLog.arrived, steady: steady)).first {
                asked[question.event.sequence, default: 0] += 1
                rows.given([], for: question.event, by: nil)
                steady += 1
            }
        }
        #expect(asked.count == 250 && asked.values.allSatisfy { (2...3).contains($0) }, "\(asked)")
    }

    @Test("what does not take a missed row's place is told once, and keeps no other from being asked for")
    mutating func refused() throws {
        let event = try street.event(1, in: "ticket/1")
        try street.take([("ticket/1", .join(1)), ("ticket/1", .event(event)), ("ticket/1", .leave)])
        try street.purge()
        try street.take([("ticket/1", .join(1))])
        let log = street.log
        let now = LeavingLog.arrived
        _ = try log.write { try $0.miss(1, now: now) }
        var forged = event
        forged.body = .here(Array("{}".utf8))
        forged = forged.chained(to: .zero)
        var rows = RottenRows()
        var alarms = 0
        for minute in Int64(0)..<3 {
            rows.want(try log.reader.wantedBodies(limit: 10, missedBehind: rows.missedPlace))
            let moment = Moment(wall: now, steady: 60_000 * minute)
            #expect(rows.ask([nil], now: moment).map(\.event) == [event.id])
            rows.given([forged], for: event.id, by: nil)
            _ = try log.write { try rows.store($0, now: moment) }
            _ = try rows.committed(log.reader)
            alarms += rows.takeAlarms().count
        }
        #expect(alarms == 1)
    }

    @Test("nothing goes of which the hub lacks an own event")
    mutating func unconfirmed() throws {
        let name = "ticket/1"
        try street.take([(name, .join(1)), (name, .event(street.event(1, in: name)))])
        let stream = try StreamName(name)
        let now = LeavingLog.arrived
        _ = try street.log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "own"), actor: Actor(system: "test", rule: "1"), now: now,
                    drafts: [Draft(stream: stream, type: EventType("ticket.noted"), body: [:], occurredAt: now)]))
        }
        try street.take([(name, .leave)])
        try look(0)
        #expect(!purge.hasStorageWork)
        try look(purge.dueAt, confirmed: [OriginMark(origin: street.log.origin, sequence: 0)])
        #expect(!purge.hasStorageWork)
        try look(purge.dueAt, confirmed: [OriginMark(origin: street.log.origin, sequence: 1)])
        #expect(purge.hasStorageWork)
    }

    @Test("behind a rewind it begins from the first row: an earlier LEAVE may be the last word again")
    mutating func rewound() throws {
        try leave(1...2)
        let common = street.end
        // It came back, and its history was still on its way.
        try street.take([("ticket/1", .join(1))])
        try look(0)
        #expect(try store(0).map { Purged($0)?.stream.text } == ["ticket/2"])
        try street.rewind(to: common)
        purge.startOver()
        try look(purge.dueAt)
        #expect(try store(purge.dueAt).map { Purged($0)?.stream.text } == ["ticket/1"])
    }
}
