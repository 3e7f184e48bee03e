/// The log in memory: the smallest correct `EventLog`, trusted because it passes the same contract suite as
/// SQLite (`Tests/LogContract`). The simulator runs on it; `crash()` models a process that dies.

package import Events

package final class MemoryLog: EventLog {
    package let origin: Origin
    private let audience: any Audience
    /// Makes the next transaction fail after its body ran, once.
    package var losesNextTransaction = false
    /// What has been committed; a crash keeps it.
    var committed = MemoryStore()

    package init(node: NodeID, incarnation: Incarnation, audience: any Audience) {
        origin = Origin(node: node, incarnation: incarnation)
        self.audience = audience
    }

    /// The same log opened again, in a new incarnation: what was committed is there, nothing else.
    package init(reopening log: MemoryLog, incarnation: Incarnation) {
        origin = Origin(node: log.origin.node, incarnation: incarnation)
        audience = log.audience
        committed = log.committed
        committed.clock = HybridClock()
    }

    /// The open transaction.
    private var inside: MemoryTransaction?
    private var met: [LogFailure] = []

    package func takeDamage() -> [LogFailure] {
        defer { met = [] }
        return met
    }

    private var unrecorded: [Unrecorded] = []

    package func takeUnrecorded() -> [Unrecorded] {
        defer { unrecorded = [] }
        return unrecorded
    }

    package var reader: any EventReader { MemoryReader(of: origin.node) { [self] in inside?.store ?? committed } }

    package var head: LogHead {
        let store = inside?.store ?? committed
        return LogHead(position: Int64(store.events.count), chain: store.chain)
    }

    /// Bytes of a row change on the disk, as none of its writers would have it.
    package func rot(at position: Int64, _ change: (inout Event) -> Void) {
        change(&committed.events[Int(position - 1)].event)
    }

    package func write<Result>(_ body: (any LogTransaction) throws -> Result) throws -> Result {
        let transaction = MemoryTransaction(store: committed, origin: origin, audience: audience)
        inside = transaction
        defer {
            met += transaction.met
            unrecorded += transaction.unrecorded
            inside = nil
        }
        let result = try body(transaction)
        if losesNextTransaction {
            losesNextTransaction = false
            throw LogFailure.full(operation: Words(verbatim: "COMMIT"))
        }
        committed = transaction.store
        return result
    }
}

/// Everything a log holds.
struct MemoryStore {
    var clock = HybridClock()
    var events: [StoredEvent] = []
    var chains: [ChainValue] = []
    var chain: ChainValue { chains.last ?? .zero }
    /// In the order of first mention; numbers from 1.
    var streamNumbers: [StreamName: Int64] = [:]
    var byID: [EventID: Int] = [:]
    var byCommand: [CommandID: [Int]] = [:]
    var byStream: [StreamName: [Int]] = [:]
    var heads: [Origin: OriginHead] = [:]
    /// Per origin, how far it was whole when that was last looked at.
    private var denseEnds: [Origin: Int64] = [:]
    /// With what they were about.
    var emptyCommands: [CommandID: String] = [:]
    var quarantine: [Event] = []
    var memberships: [StreamName: [FeedName]] = [:]
    /// Per feed, the streams that sleep in it.
    var asleep: [FeedName: Set<StreamName>] = [:]
    /// Per feed, the row with which it began anew the last time.
    var bases: [FeedName: Int64] = [:]
    var feeds: [FeedName: [FeedRow]] = [:]
    var received: [FeedName: [ReceivedRow]] = [:]
    var signedHeads: [FeedName: SignedHead] = [:]
    /// Rows whose body was let go, by position.
    var letGo: [Int64: LetGoRow] = [:]
    /// Per rewind.
    var superseded: [(feed: FeedName, rows: [ReceivedRow])] = []

    func stream(_ name: StreamName) -> [StoredEvent] { (byStream[name] ?? []).map { events[$0] } }

    /// The last sequence up to which every event of an origin is here.
    mutating func denseEnd(of origin: Origin) -> Int64 {
        var end = denseEnds[origin] ?? 0
        while byID[EventID(origin: origin, sequence: end + 1)] != nil { end += 1 }
        denseEnds[origin] = end
        return end
    }

    func outcome(of command: CommandID) -> CommandOutcome? {
        guard let places = byCommand[command] else {
            return emptyCommands[command].map { CommandOutcome(stored: [], about: $0) }
        }
        return CommandOutcome(stored: places.map { events[$0] })
    }
}

/// A transaction on a copy of the store; the log takes the copy when the body returns.
final class MemoryTransaction: LogTransaction {
    var store: MemoryStore
    let origin: Origin
    let audience: any Audience
    /// Damage that streams were found to have.
    var met: [LogFailure] = []
    /// Own records that were refused.
    private(set) var unrecorded: [Unrecorded] = []

    init(store: MemoryStore, origin: Origin, audience: any Audience) {
        self.store = store
        self.origin = origin
        self.audience = audience
    }

    func refused(_ record: Unrecorded) { unrecorded.append(record) }

    func append(_ request: AppendRequest) throws(LogFailure) -> AppendOutcome {
        if let earlier = store.outcome(of: request.command)?.answer(to: request.actor, at: origin.node) {
            return .repeated(earlier)
        }
        for condition in request.conditions {
            let version = Int64(store.byStream[condition.stream]?.count ?? 0)
            let holds =
                switch condition.expectation {
                case .exactly(let expected): version == expected
                case .exists: version > 0
                case .absent: version == 0
                }
            guard holds else {
                return .refused(
                    .versionConflict(stream: condition.stream, expected: condition.expectation, actual: version))
            }
        }
        guard request.drafts.count <= 1_000 else {
            return .refused(.tooManyDrafts(count: request.drafts.count, limit: 1_000))
        }
        for draft in request.drafts {
            let body = JSON.object(draft.body).canonicalBytes.count
            let authors = Set(store.byStream[draft.stream, default: []].map { store.events[$0].event.id.origin }).count
            let total =
                body + (draft.sealed?.count ?? 0) + request.actor.text.utf8.count + authors * 49 + 1_024
            let parts: [(Words, Int, Int)] = [
                ("the body", body, Event.Limit.body),
                ("the whole", total, Event.Limit.canonical),
                ("the basis", authors, Event.Limit.basis),
                ("sealed data", draft.sealed?.count ?? 0, Event.Limit.sealed),
                ("the actor", request.actor.text.utf8.count, Event.Limit.actor),
                ("the type's name", draft.type.name.utf8.count, 255),
                ("the type's version", draft.type.version.utf8.count, 255),
            ]
            for (part, size, limit) in parts where size > limit {
                return .refused(.oversize(stream: draft.stream, part: part, size: size, limit: limit))
            }
        }
        if request.drafts.isEmpty { store.emptyCommands[request.command] = request.about }
        var stored: [StoredEvent] = []
        for (index, draft) in request.drafts.enumerated() {
            stored.append(put(stamp(draft, index: UInt16(index), request), receivedAt: request.now))
        }
        return .appended(stored)
    }

    private func stamp(_ draft: Draft, index: UInt16, _ request: AppendRequest) -> Event {
        let history = store.stream(draft.stream).map(\.event)
        var known: [Origin: EventID] = [:]
        for id in history.map(\.id) where id.origin != origin {
            known[id.origin] = max(known[id.origin] ?? id, id)
        }
        let own = store.heads[origin]
        let lastOfNode = store.events.last { $0.event.id.origin.node == origin.node }?.event.hash
        return Event(
            id: EventID(origin: origin, sequence: (own?.sequence ?? 0) + 1),
            hlc: store.clock.tick(at: request.now, above: history.map(\.hlc).max() ?? .zero), stream: draft.stream,
            type: draft.type,
            basis: Basis(Array(known.values)), actor: request.actor, occurredAt: draft.occurredAt,
            recordedAt: request.now,
            command: request.command, index: index, causation: draft.causation,
            correlation: draft.correlation == draft.stream ? nil : draft.correlation,
            body: JSON.object(draft.body).canonicalBytes,
            sealed: draft.sealed, previous: .zero
        ).chained(to: own?.hash ?? lastOfNode ?? .zero)
    }

    func ingest(_ events: [Event], dense: Bool, receivedAt: Timestamp) throws(LogFailure) -> [IngestOutcome] {
        var outcomes = events.map { event -> IngestOutcome in
            guard event.isWhole else {
                return .broken(event.id, reason: "its hash is not that of its fields")
            }
            if dense {
                let expected = store.denseEnd(of: event.id.origin) + 1
                if event.id.sequence > expected { return .gap(event.id, expected: expected) }
            }
            if let place = store.byID[event.id] {
                let here = store.events[place].event.hash
                if here == event.hash { return refill(place, with: event) }
                return .fork(event.id, here: here, offered: event.hash, isKept: keepFork(event))
            }
            if dense {
                func neighbour(_ offset: Int64) -> Event? {
                    let id = EventID(origin: event.id.origin, sequence: event.id.sequence + offset)
                    return store.byID[id].map { store.events[$0].event }
                }
                if let before = neighbour(-1), before.hash != event.previous {
                    return .broken(event.id, reason: "its previous is not the hash of the event before")
                }
                if let after = neighbour(1), after.previous != event.hash {
                    return .broken(event.id, reason: "the event after it, which is here, follows another one")
                }
            }
            let others = (store.byCommand[event.command] ?? []).map { store.events[$0].event }
            guard !others.contains(where: { $0.index == event.index && $0.id.origin == event.id.origin }) else {
                return .broken(event.id, reason: "its origin has another event of the same command and index")
            }
            return .stored(put(event, receivedAt: receivedAt))
        }
        try recordRefilled(&outcomes, of: events, now: receivedAt)
        return outcomes
    }

    private func keepFork(_ event: Event) -> Bool {
        let kept = store.quarantine.filter { $0.id.origin == event.id.origin && $0.isWhole }
        if kept.contains(where: { $0.id == event.id && $0.hash == event.hash }) { return true }
        let bytes = kept.reduce(0) { $0 + $1.canonicalBytes.count }
        guard
            Quarantine.hasRoom(
                for: event.canonicalBytes.count, beside: (events: Int64(kept.count), bytes: Int64(bytes)))
        else { return false }
        store.quarantine.append(event)
        return true
    }

    func position(of id: EventID, hash: Digest) throws(LogFailure) -> Int64? {
        guard let place = store.byID[id] else { return nil }
        var stored = store.events[place]
        guard stored.event.hash != hash else { return stored.position }
        stored.event.hash = hash
        let before = place > 0 ? store.chains[place - 1] : .zero
        return MemoryTransaction.chain(after: before, stored) == store.chains[place] ? stored.position : nil
    }

    func heal(_ event: Event, at position: Int64, now: Timestamp) throws(LogFailure) -> Healing {
        guard event.isWhole else { return .refused(reason: "its hash is not that of its fields") }
        guard position >= 1, position <= store.events.count else { return .refused(reason: "there is no such row") }
        let place = Int(position - 1)
        if let gone = store.letGo[position] {
            return gone.state == .out ? .sound : try heal(gone: position, with: event, now: now)
        }
        guard case .corrupt(_, _, let problem) = store.damage(store.events[place]) else {
            routeLate(now: now)
            return .sound
        }
        var wanted = store.events[place]
        wanted.event = event
        let before = place > 0 ? store.chains[place - 1] : .zero
        let isProved =
            store.events[place].event.hash == event.hash
            || MemoryTransaction.chain(after: before, wanted) == store.chains[place]
        guard isProved else { return .refused(reason: "nothing proves that it stood there") }
        let rotten = store
        store.quarantine.append(store.events[place].event)
        store.events[place] = wanted
        return try recordHealing(
            of: event, at: position, problem: "\(problem)", kept: Int64(store.quarantine.count), before: rotten,
            now: now)
    }

    /// - Parameter before: what the store was, for a healing that cannot be put on record.
    func recordHealing(
        of event: Event, at position: Int64, problem: String, kept: Int64?, before: MemoryStore, now: Timestamp
    ) throws(LogFailure) -> Healing {
        let healed = Healed(position: position, event: event.id, stream: event.stream, problem: problem, kept: kept)
        let above = Int64(store.events.count)
        let told = try record(what: "that row \(position) of the log is healed") { () throws(IdentifierError) in
            try healed.request(at: origin.node, above: above, now: now)
        }
        guard let said = told?.first else {
            store = before
            return .refused(reason: "its healing cannot be put on record")
        }
        routeLate(now: now)
        return .healed(said)
    }

    func rewind(_ feed: FeedName, to cursor: FeedCursor, now: Timestamp) throws(LogFailure) -> [StoredEvent]? {
        let before = store
        let rows = store.received[feed] ?? []
        guard
            cursor == FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
                || rows.first.flatMap({ base(of: $0, feed) }) == cursor || rows.contains(where: { $0.cursor == cursor })
        else { throw .corrupt(table: "receivedRows", position: cursor.fseq, detail: "\(feed): no such row was kept") }
        let aside = rows.filter { $0.fseq > cursor.fseq }
        guard let last = aside.last?.cursor else { return [] }
        store.superseded.append((feed, aside))
        want { $0.feed == feed && $0.row > cursor.fseq }
        store.received[feed] = rows.filter { $0.fseq <= cursor.fseq }
        let head = store.signedHeads[feed].flatMap { $0.cursor.fseq > cursor.fseq ? $0 : nil }
        if head != nil { store.signedHeads[feed] = nil }
        let rewind = Rewind(feed: feed, common: cursor, last: last, head: head)
        let told = try record(what: "what was put aside of feed \(feed)") { () throws(IdentifierError) in
            try rewind.request(at: origin.node, now: now)
        }
        if told == nil { store = before }
        return told
    }

    func keep(_ head: SignedHead, of feed: FeedName) throws(LogFailure) {
        guard store.received[feed]?.contains(where: { $0.cursor == head.cursor }) == true else { return }
        if let known = store.signedHeads[feed], known.cursor.fseq >= head.cursor.fseq { return }
        store.signedHeads[feed] = head
    }

    func keep(_ rows: [ReceivedRow], of feed: FeedName) throws(LogFailure) {
        for row in rows {
            let next = (store.received[feed]?.last?.fseq ?? 0) + 1
            guard row.fseq == next || store.received[feed]?.isEmpty ?? true && base(of: row, feed) != nil else {
                throw .corrupt(
                    table: "receivedRows", position: row.fseq, detail: "\(feed): row \(next) is the next one")
            }
            store.received[feed, default: []].append(row)
            if case .join = row.content { want { $0.feed == feed && $0.stream == row.stream } }
        }
    }

    private func put(_ event: Event, receivedAt: Timestamp) -> StoredEvent {
        let place = store.events.count
        let stored = StoredEvent(
            event: event, position: Int64(place + 1), receivedAt: receivedAt,
            streamVersion: Int64((store.byStream[event.stream]?.count ?? 0) + 1))
        store.events.append(stored)
        store.chains.append(MemoryTransaction.chain(after: store.chain, stored))
        for name in [event.stream, event.correlation].compactMap({ $0 }) where store.streamNumbers[name] == nil {
            store.streamNumbers[name] = Int64(store.streamNumbers.count + 1)
        }
        store.byID[event.id] = place
        store.byCommand[event.command, default: []].append(place)
        store.byStream[event.stream, default: []].append(place)
        if event.id.sequence > store.heads[event.id.origin]?.sequence ?? 0 {
            store.heads[event.id.origin] = OriginHead(
                origin: event.id.origin, sequence: event.id.sequence, hash: event.hash)
        }
        route(stored)
        return stored
    }

    /// The local chain of `docs/format/log.md` 5, written down a second time on purpose: the contract compares them.
    private static func chain(after previous: ChainValue, _ stored: StoredEvent) -> ChainValue {
        var writer = ByteWriter()
        writer.integer(stored.position)
        writer.integer(stored.receivedAt.milliseconds)
        writer.integer(stored.streamVersion)
        writer.digest(stored.event.hash)
        return previous.extended(by: writer.bytes)
    }
}
