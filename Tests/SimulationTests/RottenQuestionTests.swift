import Events
import Simulation
import Testing

@testable import Replication

/// Whom a node asks for its rotten rows, and what that costs it.
@Suite("Questions for rotten rows") struct RottenQuestionTests {
    private let log: MemoryLog
    private let peers: [NodeID?]

    init() throws {
        log = MemoryLog(node: try NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        peers = try (1...100).map { try NodeID("street\($0)") }
    }

    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: milliseconds), steady: milliseconds)
    }

    /// Rows that the streets wrote, all of them rotten.
    private func rotten(_ count: Int) throws -> RottenRows {
        let log = log
        let events = try (0..<count).map { number in
            Event(
                id: EventID(
                    origin: Origin(node: try author(number), incarnation: Incarnation(1)), sequence: Int64(number + 1)),
                hlc: .zero, stream: try StreamName("ticket/\(number)"), type: EventType("ticket.noted"), basis: .empty,
                actor: Actor(system: "t", rule: "1"), occurredAt: Timestamp(milliseconds: 1),
                recordedAt: Timestamp(milliseconds: 1), command: CommandID(derivedFrom: "rotten", String(number)),
                index: 0,
                causation: nil, correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero
            ).chained(to: .zero)
        }
        _ = try log.write { try $0.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 1)) }
        var rotten = RottenRows()
        for position in 1...Int64(count) {
            log.rot(at: position) { $0.body = .here(Array("[]".utf8)) }
            let rot = LogFailure.corrupt(table: "events", position: position, detail: "rotten")
            try rotten.note(rot, log.reader)
        }
        return rotten
    }

    private func author(_ number: Int) throws -> NodeID { try NodeID("street\(number % 100 + 1)") }

    @Test("while nothing is rotten nobody is looked at")
    func sound() {
        var rotten = RottenRows()
        for time in 0..<1_000 {
            func connected() -> [NodeID?] {
                Issue.record("peers are asked for")
                return []
            }
            let questions = rotten.ask(connected(), now: then(Int64(time)))
            #expect(questions.isEmpty)
        }
    }

    @Test("many rows are asked for in turn, first of who wrote them, in a bounded look each turn")
    func many() throws {
        var rotten = try rotten(1_000)
        #expect(rotten.count == 1_000)
        var asked: [EventID: NodeID?] = [:]
        var looks = 0
        for time in 0..<40_000 {
            func connected() -> [NodeID?] {
                looks += 1
                return peers
            }
            let questions = rotten.ask(connected(), now: then(Int64(time)))
            #expect(questions.count <= RottenRows.Limit.looks)
            #expect(Set(questions.map(\.peer)).count == questions.count, "one question a node at a time")
            for question in questions where asked.updateValue(question.peer, forKey: question.event) == nil {
                #expect(question.peer == question.event.origin.node, "who wrote it is asked first")
            }
            // Nobody has them; what was answered is looked on from at once.
            for question in questions { rotten.given([], for: question.event, by: question.peer) }
            guard asked.count < 1_000 else { break }
        }
        #expect(asked.count == 1_000)
        let quiet = looks
        for time in 50_000..<51_000 {
            func connected() -> [NodeID?] {
                looks += 1
                return []
            }
            _ = rotten.ask(connected(), now: then(Int64(time)))
        }
        #expect(looks - quiet <= 1_000 / Int(RottenRows.Limit.look) + 1)
    }

    @Test("what was given and lost with its transaction is asked for again, of the same node, after a rest")
    func lost() throws {
        var rotten = try rotten(1)
        let questions = rotten.ask(peers, now: then(0))
        let question = try #require(questions.first)
        let event = try #require(try log.reader.event(question.event)).event
        rotten.given([event], for: question.event, by: question.peer)
        #expect(rotten.hasStorageWork)
        rotten.storageFailed(now: then(10))
        #expect(!rotten.hasStorageWork)
        let early = rotten.ask(peers, now: then(RottenRows.Limit.rest))
        let again = rotten.ask(peers, now: then(10 + RottenRows.Limit.rest))
        #expect(early.isEmpty && again == questions)
    }

    @Test("nobody has a row: one alarm, and it is asked for again after a minute")
    func missed() throws {
        var rotten = try rotten(1)
        var questions: [Int64] = []
        var alarms = 0
        for time in stride(from: Int64(0), to: 130_000, by: 10) {
            for question in rotten.ask(Array(peers.prefix(2)), now: then(time)) {
                questions.append(time)
                rotten.given([], for: question.event, by: question.peer)
            }
            alarms += rotten.takeAlarms().count
        }
        #expect(questions.count == 6, "\(questions)")
        #expect(alarms == 1)
    }
}
