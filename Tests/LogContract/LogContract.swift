/// The contract of `EventLog`, run against every implementation: what Gridline relies on, one test each.
///
/// A suite passes a factory; each case opens logs through it. The cases cover the recorder cases of Python's
/// eventsourcing library and the lint list of Rails Event Store where they apply.

package import Events
import Testing

/// Opens a fresh, empty log of the given node.
package typealias LogFactory = (_ node: NodeID, _ incarnation: UInt64, _ audience: any Audience) throws -> any EventLog

package struct LogContract {
    package let open: LogFactory
    /// What of a row rots; or its body comes back by itself, as after a read that failed once.
    package enum Rot { case body, noBody, hash, shortHash, back(Event) }

    private let rots: (_ log: any EventLog, _ position: Int64, Rot) throws -> Void

    /// - Parameter rot: changes a row of an open log, as a disk does that loses bits.
    package init(
        rot: @escaping (any EventLog, Int64, Rot) throws -> Void = { _, _, _ in throw Unexpected("rot") },
        open: @escaping LogFactory
    ) {
        self.open = open
        rots = rot
    }

    func rot(_ log: any EventLog, _ position: Int64, _ what: Rot = .body) throws { try rots(log, position, what) }

    package static let cases: [Case] =
        [
            Case("an empty log has position 0 and answers nothing") { contract in
                let log = try contract.centre()
                #expect(try log.reader.head() == .empty)
                #expect(try log.reader.page(.all, .forward, from: 0, limit: 10).isEmpty)
                #expect(try log.reader.version(of: stream("ticket/1")) == 0)
                #expect(try log.reader.outcome(of: command(1)) == nil)
            },
            Case("positions and sequences are dense from 1, in the order of appending") { contract in
                let log = try contract.centre()
                for number in 1...5 { try log.put(command(number), ["ticket/\(number % 2)"], at: number) }
                let all = try log.reader.page(.all, .forward, from: 0, limit: 10)
                #expect(all.map(\.position) == [1, 2, 3, 4, 5])
                #expect(all.map(\.event.id.sequence) == [1, 2, 3, 4, 5])
                #expect(all.map(\.streamVersion) == [1, 1, 2, 2, 3])
            },
            Case("a repeated command gives back its first positions, whatever its conditions") { contract in
                let log = try contract.centre()
                let first = try log.put(command(1), ["ticket/1", "ticket/2"])
                let condition = try StreamCondition(stream("ticket/1"), .absent)
                let again = try log.write { try $0.append(request(command(1), ["ticket/1"], conditions: [condition])) }
                #expect(again == .repeated(first))
                #expect(try log.reader.head().position == 2)
            },
            Case("a command that yielded nothing is remembered as such") { contract in
                let log = try contract.centre()
                #expect(try log.write { try $0.append(request(command(1), [])) } == .appended([]))
                #expect(try log.write { try $0.append(request(command(1), ["ticket/1"])) } == .repeated([]))
                #expect(try log.reader.outcome(of: command(1))?.stored == [])
                #expect(try log.reader.head().position == 0)
            },
            Case("each expectation holds or refuses with both versions") { contract in
                let log = try contract.centre()
                try log.put(command(1), ["ticket/1"])
                let outcomes: [(StreamCondition.Expectation, String, Bool)] = [
                    (.exactly(1), "ticket/1", true), (.exactly(0), "ticket/1", false), (.exists, "ticket/1", true),
                    (.absent, "ticket/1", false), (.absent, "ticket/9", true), (.exists, "ticket/9", false),
                    (.exactly(0), "ticket/9", true),
                ]
                for (number, (expectation, name, holds)) in outcomes.enumerated() {
                    let condition = try StreamCondition(stream(name), expectation)
                    let outcome = try log.write {
                        try $0.append(request(command(10 + number), ["note/\(number)"], conditions: [condition]))
                    }
                    if holds {
                        guard case .appended(let stored) = outcome else { throw Unexpected(outcome) }
                        #expect(stored.count == 1)
                    } else {
                        let actual: Int64 = name == "ticket/1" ? 1 : 0
                        #expect(
                            outcome
                                == .refused(
                                    .versionConflict(stream: condition.stream, expected: expectation, actual: actual)))
                        #expect(try log.reader.outcome(of: command(10 + number)) == nil)
                    }
                }
            },
            Case("one refusal does not take its group along") { contract in
                let log = try contract.centre()
                let outcomes = try log.write { transaction in
                    [
                        try transaction.append(request(command(1), ["ticket/1"])),
                        try transaction.append(
                            request(
                                command(2), ["ticket/1"], conditions: [StreamCondition(try stream("ticket/1"), .absent)]
                            )),
                        try transaction.append(request(command(3), ["ticket/1"])),
                    ]
                }
                guard case .refused = outcomes[1] else { throw Unexpected(outcomes[1]) }
                #expect(
                    try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event.command) == [
                        command(1), command(3),
                    ])
            },
            Case("a body, a batch or an actor above its limit is refused and changes nothing") { contract in
                let log = try contract.centre()
                var big = try request(command(1), ["ticket/1", "ticket/2"])
                big.drafts[1].body = ["text": .string(String(repeating: "x", count: Event.Limit.body))]
                let size = JSON.object(big.drafts[1].body).canonicalBytes.count
                let refusal = try AppendRefusal.oversize(
                    stream: stream("ticket/2"), part: "the body", size: size, limit: Event.Limit.body)
                #expect(try log.write { try $0.append(big) } == .refused(refusal))
                let many = try request(command(2), Array(repeating: "ticket/1", count: 1_001))
                #expect(try log.write { try $0.append(many) } == .refused(.tooManyDrafts(count: 1_001, limit: 1_000)))
                #expect(try log.reader.head() == .empty)
            },
            Case("what is whole within the limit alone, and above it with what its author knew, is refused") {
                contract in
                let log = try contract.centre()
                let street = try contract.foreign(stream: "ticket/1").id.origin.node
                let authors = try (1...400).map { number in
                    var event = try contract.foreign(stream: "ticket/1")
                    event.id = EventID(
                        origin: Origin(node: street, incarnation: Incarnation(UInt64(number))), sequence: 1)
                    event.command = CommandID(derivedFrom: "author", String(number))
                    return event.chained(to: .zero)
                }
                _ = try log.write { try $0.ingest(authors, dense: false, receivedAt: Timestamp(milliseconds: 1)) }
                func put(_ stream: String, _ number: Int) throws -> AppendOutcome {
                    var request = try request(command(number), [stream])
                    request.drafts[0].body = ["text": .string(String(repeating: "x", count: 47 * 1_024))]
                    return try log.write { try $0.append(request) }
                }
                guard case .refused(.oversize(_, let part, _, _)) = try put("ticket/1", 1) else { throw Unexpected(1) }
                #expect(part == "the whole")
                guard case .appended = try put("ticket/2", 2) else { throw Unexpected(2) }
            },
            Case("what a transaction wrote is gone when its body throws, and its numbers are given again") { contract in
                let log = try contract.centre()
                try log.put(command(1), ["ticket/1"])
                let before = try log.reader.head()
                #expect(throws: Interrupted.self) {
                    try log.write { transaction in
                        _ = try transaction.append(request(command(2), ["ticket/1", "new/1"]))
                        throw Interrupted()
                    }
                }
                #expect(try log.reader.head() == before)
                #expect(try log.reader.version(of: stream("new/1")) == 0)
                let next = try log.put(command(3), ["other/1"])
                #expect(next.map(\.position) == [2])
                #expect(next.map(\.event.id.sequence) == [2])
                #expect(
                    next[0].event.previous == (try log.reader.page(.all, .forward, from: 0, limit: 1))[0].event.hash)
            },
            Case("each origin is a hash chain, and the local chain follows the format") { contract in
                let log = try contract.centre()
                for number in 1...3 { try log.put(command(number), ["ticket/1"], at: number) }
                let all = try log.reader.page(.all, .forward, from: 0, limit: 10)
                var previous = Digest.zero
                var chain = ChainValue.zero
                for stored in all {
                    #expect(stored.event.previous == previous)
                    #expect(stored.event.hash == stored.event.computedHash)
                    previous = stored.event.hash
                    var row = ByteWriter()
                    row.integer(stored.position)
                    row.integer(stored.receivedAt.milliseconds)
                    row.integer(stored.streamVersion)
                    row.digest(stored.event.hash)
                    chain = chain.extended(by: row.bytes)
                }
                #expect(try log.reader.head() == LogHead(position: 3, chain: chain))
            },
            Case("hlc grows in a stream even when the clock falls back, and other streams keep the clock") { contract in
                let log = try contract.centre()
                try log.put(command(1), ["ticket/1"], at: 5_000)
                try log.put(command(2), ["ticket/1"], at: 10)
                let all = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
                #expect(all[0].hlc < all[1].hlc)
                let far = try contract.foreign(
                    stream: "ticket/2", hlc: HybridTime(Timestamp(milliseconds: 1_000_000_000)))
                _ = try log.write { try $0.ingest([far], dense: true, receivedAt: Timestamp(milliseconds: 20)) }
                let after = try log.put(command(3), ["ticket/2", "ticket/3"], at: 6_000)
                #expect(after[0].event.hlc.rawValue == far.hlc.rawValue + 1)
                #expect(after[1].event.hlc.milliseconds < 7_000)
            },
            Case("the basis names other origins' last events of the stream, never the own") { contract in
                let log = try contract.centre()
                let far = try contract.foreign(stream: "ticket/1")
                try log.put(command(1), ["ticket/1"])
                _ = try log.write { try $0.ingest([far], dense: true, receivedAt: Timestamp(milliseconds: 1)) }
                let after = try log.put(command(2), ["ticket/1", "ticket/2"])
                #expect(after[0].event.basis == Basis([far.id]))
                #expect(after[1].event.basis == .empty)
            },
            Case("ingest tells stored, duplicate, fork, gap and broken apart") { contract in
                let log = try contract.centre()
                let events = try contract.foreignRun(count: 3)
                func take(_ event: Event) throws -> IngestOutcome? {
                    let outcomes = try log.write {
                        try $0.ingest([event], dense: true, receivedAt: Timestamp(milliseconds: 7))
                    }
                    return outcomes.first
                }
                #expect(try take(events[1]) == .gap(events[1].id, expected: 1))
                guard case .stored(let stored) = try take(events[0]) else { throw Unexpected(events[0]) }
                #expect(stored.event == events[0])
                #expect(stored.receivedAt == Timestamp(milliseconds: 7))
                #expect(try take(events[0]) == .duplicate(events[0].id))
                var other = events[0]
                other.occurredAt = Timestamp(milliseconds: 99)
                other = other.chained(to: .zero)
                #expect(try take(other) == .fork(other.id, here: events[0].hash, offered: other.hash, isKept: true))
                var bent = events[1]
                bent.body = .here(Array("{}".utf8))
                guard case .broken(let id, _) = try take(bent) else { throw Unexpected(bent) }
                #expect(id == bent.id)
                let unchained = events[1].chained(to: .zero)
                guard case .broken = try take(unchained) else { throw Unexpected(unchained) }
                #expect(try log.reader.head().position == 1)
                #expect(try log.reader.event(events[0].id)?.event == events[0])
            },
            Case("without density an origin may have holes, and late events fill them") { contract in
                let log = try contract.centre()
                let events = try contract.foreignRun(count: 4)
                for event in [events[3], events[1], events[0]] {
                    let outcome = try log.write {
                        try $0.ingest([event], dense: false, receivedAt: Timestamp(milliseconds: 1))
                    }
                    guard case .stored = outcome[0] else { throw Unexpected(outcome) }
                }
                #expect(
                    try log.reader.events(of: events[0].id.origin, above: 0, limit: 10) == [
                        events[0], events[1], events[3],
                    ])
                #expect(try log.reader.originHeads().map(\.sequence) == [4])
                #expect(try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event.id.sequence) == [4, 2, 1])
            },
            Case("where an import left a hole, an origin ends before it, and density takes up there") { contract in
                let log = try contract.centre()
                let events = try contract.foreignRun(count: 6)
                let origin = events[0].id.origin
                func take(_ numbers: [Int], dense: Bool = true) throws -> [IngestOutcome] {
                    try log.write {
                        try $0.ingest(
                            numbers.map { events[$0 - 1] }, dense: dense, receivedAt: Timestamp(milliseconds: 1))
                    }
                }
                func end() throws -> Int64 { try log.reader.denseEnd(of: origin, from: 0) }
                #expect(try end() == 0)
                _ = try take([3, 6], dense: false)
                #expect(try end() == 0)
                // Also what is here: who is told that it is would keep back all before it.
                #expect(try take([6]) == [.gap(events[5].id, expected: 1)])
                #expect(try take([3, 4]) == [.gap(events[2].id, expected: 1), .gap(events[3].id, expected: 1)])
                guard case .stored = try take([1])[0] else { throw Unexpected(events[0]) }
                #expect(try end() == 1)
                #expect(try take([1, 3]) == [.duplicate(events[0].id), .gap(events[2].id, expected: 2)])
                let rest = try take([2, 3, 4, 5, 6])
                #expect(rest[1] == .duplicate(events[2].id) && rest[4] == .duplicate(events[5].id))
                for place in [0, 2, 3] {
                    guard case .stored = rest[place] else { throw Unexpected(rest[place]) }
                }
                #expect(try end() == 6)
                #expect(try log.reader.denseEnd(of: origin, from: 4) == 6)
                #expect(try log.reader.events(of: origin, above: 0, limit: 10) == events)
                #expect(try log.reader.head().position == 6)
            },
            Case("a hole takes only the event that fits on both sides, and is one again when the transaction is lost") {
                contract in
                let log = try contract.centre()
                let events = try contract.foreignRun(count: 3)
                let origin = events[0].id.origin
                let instant = Timestamp(milliseconds: 1)
                _ = try log.write { try $0.ingest([events[0], events[2]], dense: false, receivedAt: instant) }
                var other = events[1]
                other.occurredAt = Timestamp(milliseconds: 99)
                other = other.chained(to: events[0].hash)
                for wrong in [other, events[1].chained(to: .zero)] {
                    let outcome = try log.write { try $0.ingest([wrong], dense: true, receivedAt: instant) }
                    guard case .broken = outcome[0] else { throw Unexpected(outcome) }
                }
                #expect(throws: Interrupted.self) {
                    try log.write { transaction in
                        _ = try transaction.ingest([events[1]], dense: true, receivedAt: instant)
                        throw Interrupted()
                    }
                }
                #expect(try log.reader.denseEnd(of: origin, from: 0) == 1)
                let again = try log.write { try $0.ingest([events[1], events[2]], dense: true, receivedAt: instant) }
                guard case .stored = again[0] else { throw Unexpected(again) }
                #expect(again[1] == .duplicate(events[2].id))
                #expect(try log.reader.denseEnd(of: origin, from: 0) == 3)
            },
            Case("rows of another node's feed are kept as they came, each as the next; with a lost transaction they go")
            {
                contract in
                let log = try contract.centre()
                let feed = FeedName.common
                let event = try contract.foreign(stream: "ticket/1")
                func row(_ fseq: Int64, _ content: ReceivedRow.Content) throws -> ReceivedRow {
                    ReceivedRow(
                        fseq: fseq, stream: try stream("ticket/1"), content: content, common: 2,
                        chain: ChainValue(high: 1, low: UInt64(fseq)))
                }
                #expect(try log.reader.cursor(of: feed) == nil)
                try log.put(command(1), ["ticket/2"])
                let other = Digest.sha256([1])
                let kept = try log.write { transaction in
                    _ = try transaction.ingest([event], dense: false, receivedAt: Timestamp(milliseconds: 5))
                    #expect(try transaction.position(of: event.id, hash: other) == nil)
                    let rows = try [
                        row(1, .join(history: 1)),
                        row(2, .event(event.hash, position: transaction.position(of: event.id, hash: event.hash))),
                        row(3, .event(other, position: nil)), row(4, .leave),
                    ]
                    try transaction.keep(rows, of: feed)
                    return rows
                }
                #expect(kept[1].content == .event(event.hash, position: 2))
                #expect(try log.reader.cursor(of: feed) == kept[3].cursor)
                #expect(try log.reader.received(of: feed, above: 0, limit: 10) == kept)
                #expect(try log.reader.received(of: feed, above: 1, limit: 2) == Array(kept[1...2]))
                #expect(try log.reader.received(of: .node(NodeID("centre")), above: 0, limit: 10).isEmpty)
                for wrong: Int64 in [4, 6] {
                    #expect(throws: LogFailure.self) { try log.write { try $0.keep([row(wrong, .leave)], of: feed) } }
                }
                #expect(throws: Interrupted.self) {
                    try log.write { transaction in
                        try transaction.keep([row(5, .leave)], of: feed)
                        throw Interrupted()
                    }
                }
                try log.write { try $0.keep([row(5, .join(history: 0))], of: feed) }
                #expect(try log.reader.received(of: feed, above: 4, limit: 10) == [row(5, .join(history: 0))])
            },
            Case(
                "rows above a kept one are put aside and others take their places; a row that was not kept is no place for it"
            ) {
                contract in
                let log = try contract.centre()
                let feed = FeedName.common
                func row(_ fseq: Int64, _ low: UInt64) throws -> ReceivedRow {
                    ReceivedRow(
                        fseq: fseq, stream: try stream("ticket/1"), content: .leave, common: 0,
                        chain: ChainValue(high: 1, low: low))
                }
                let now = Timestamp(milliseconds: 5)
                let rows = try (1...4).map { try row($0, UInt64($0)) }
                try log.write { try $0.keep(rows, of: feed) }
                for wrong in [FeedCursor(fseq: 2, chain: .zero), FeedCursor(fseq: 9, chain: rows[3].chain)] {
                    #expect(throws: LogFailure.self) { try log.write { _ = try $0.rewind(feed, to: wrong, now: now) } }
                }
                #expect(try log.write { try $0.rewind(feed, to: rows[3].cursor, now: now) } == [])
                let rewound = try log.write { try $0.rewind(feed, to: rows[1].cursor, now: now) }
                let told = try #require(rewound?.first)
                #expect(try told.event.type == Rewind.type && told.event.stream == Rewind.stream(of: NodeID("centre")))
                #expect(
                    Rewind(told.event) == Rewind(feed: feed, common: rows[1].cursor, last: rows[3].cursor))
                #expect(try log.reader.received(of: feed, above: 0, limit: 10) == Array(rows[...1]))
                let other = try row(3, 33)
                try log.write { try $0.keep([other], of: feed) }
                #expect(try log.reader.cursor(of: feed) == other.cursor)
                let seed = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
                #expect(try log.write { try $0.rewind(feed, to: seed, now: now) }?.count == 1)
                #expect(try log.reader.received(of: feed, above: 0, limit: 10).isEmpty)
                try log.write { try $0.keep([row(1, 11)], of: feed) }
            },
        ] + readingCases + scanningCases + feedCases + receivedCases + commandCases + rottenCases
        + rottenFeedCases + ownRecordCases + quarantineCases + purgeCases
}
