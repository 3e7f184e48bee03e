/// The one writer of a log: stamps, chains, routes and stores, inside the transaction that `SQLiteLog` opened.
///
/// What it remembers between transactions (heads, stream states) is a cache of the file; after a rollback
/// all of it is read again.

import Events

/// What the writer knows of a stream.
struct StreamState {
    var number: Int64
    var version: Int64 = 0
    var highest = HybridTime.zero
    /// Per origin number, the last sequence in this stream.
    var last: [(origin: Int64, sequence: Int64)] = []
    /// The feeds it is in, sorted.
    var members: [FeedMember] = []
    var feeds: [FeedName] { members.map(\.feed) }

    func isIn(_ feed: FeedName) -> Bool { members.contains { $0.feed == feed } }
}

final class Writer: LogTransaction {
    let origin: Origin
    let connection: Connection
    let names: Names
    let rows: EventRows
    let audience: any Audience
    let statements: WriterStatements
    let lookup: CommandLookup

    private var clock = HybridClock()
    private(set) var head = LogHead.empty
    private var emptyHead = LogHead.empty
    var quarantineHead = LogHead.empty
    var received: ReceivedRowWriter
    let signedHeads: SignedHeadWriter
    /// What the log holds after the last write, for the head note.
    var certificate: LogCertificate {
        LogCertificate(
            position: head.position, root: head.chain, emptyCommands: emptyHead.position, emptyRoot: emptyHead.chain,
            quarantined: quarantineHead.position, quarantineRoot: quarantineHead.chain,
            cursors: received.cursors)
    }
    /// The last event of this opening's origin; before the first, the hash is the last of the node's earlier opening.
    private var ownSequence: Int64 = 0
    private var ownHash = Digest.zero
    private(set) var originHeads: [Int64: (sequence: Int64, hash: Digest)] = [:]
    /// Per origin number, how far it is here without a hole, for those that were asked for.
    private var denseEnds: [Int64: (sequence: Int64, hash: Digest)] = [:]
    private let density: Density
    var streams = BoundedCache<StreamName, StreamState>(limit: 100_000)
    private var blocks: BlockBuilder
    var feeds: FeedWriter
    let letGo: LetGoWriter
    let leftStreams: LeftStreamReader
    /// Damage that streams were found to have, and that is not taken yet; at most `DamageBook.limit`.
    private var met: [LogFailure] = []
    /// Own records that were refused, and that are not taken yet; at most `RefusalBook.limit`.
    private var unrecorded: [Unrecorded] = []
    private static let draftLimit = 1_000

    init(connection: Connection, origin: Origin, audience: any Audience) throws(LogFailure) {
        self.connection = connection
        self.origin = origin
        self.audience = audience
        names = try Names(connection)
        rows = try EventRows(connection, names: names)
        statements = try WriterStatements(connection)
        lookup = try CommandLookup(connection, rows: rows, isOnly: true)
        density = try Density(connection)
        blocks = try BlockBuilder(connection)
        feeds = try FeedWriter(connection)
        letGo = try LetGoWriter(connection)
        leftStreams = try LeftStreamReader(connection, names: names)
        received = try ReceivedRowWriter(connection)
        signedHeads = try SignedHeadWriter(connection)
        try reload()
    }

    /// Reads all that is remembered from the file again: at opening, and after a rollback.
    func reload() throws(LogFailure) {
        names.forget()
        rows.forget()
        streams.removeAll()
        head = try readHead(statements.lastEvent, table: "events")
        emptyHead = try readHead(statements.lastEmpty, table: "emptyCommands")
        quarantineHead = try readHead(statements.lastQuarantine, table: "quarantine")
        try received.reload()
        originHeads.removeAll()
        denseEnds.removeAll()
        var lastOwn: Int64 = 0
        ownSequence = 0
        ownHash = .zero
        try statements.originHeads.forEach { row throws(LogFailure) in
            let number = row.integer(0)
            let position = row.integer(2)
            guard let hash = row.digest(3) else {
                throw .corrupt(table: "events", position: position, detail: "hash is not 32 bytes")
            }
            originHeads[number] = (row.integer(1), hash)
            let author = try names.origin(number)
            if author == origin {
                ownSequence = row.integer(1)
                ownHash = hash
                lastOwn = .max
            } else if author.node == origin.node, position > lastOwn {
                ownHash = hash
                lastOwn = position
            }
        }
        try blocks.reload(head: head.position)
        try feeds.reload()
    }

    private func readHead(_ statement: Statement, table: String) throws(LogFailure) -> LogHead {
        guard try statement.step() else { return .empty }
        defer { statement.reset() }
        guard let chain = statement.chain(1) else {
            throw .corrupt(table: table, position: statement.integer(0), detail: "chain is not 16 bytes")
        }
        return LogHead(position: statement.integer(0), chain: chain)
    }

    // MARK: - Appending

    func append(_ request: AppendRequest) throws(LogFailure) -> AppendOutcome {
        if let earlier = try lookup.outcome(of: request.command)?.answer(to: request.actor, at: origin.node) {
            return .repeated(earlier)
        }
        for condition in request.conditions {
            let version = try state(of: condition.stream, insert: false)?.version ?? 0
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
        let bodies = request.drafts.map { JSON.object($0.body).canonicalBytes }
        if let refusal = try oversize(request, bodies: bodies) { return .refused(refusal) }
        guard !request.drafts.isEmpty else {
            try rememberEmpty(request)
            return .appended([])
        }
        var stored: [StoredEvent] = []
        stored.reserveCapacity(request.drafts.count)
        for (index, draft) in request.drafts.enumerated() {
            stored.append(try stamp(draft, body: bodies[index], index: UInt16(index), request: request))
        }
        return .appended(stored)
    }

    private func oversize(_ request: AppendRequest, bodies: [[UInt8]]) throws(LogFailure) -> AppendRefusal? {
        guard request.drafts.count <= Writer.draftLimit else {
            return .tooManyDrafts(count: request.drafts.count, limit: Writer.draftLimit)
        }
        for (draft, body) in zip(request.drafts, bodies) {
            // Names and fixed fields take less than 1 KiB, an entry of a basis at most 49 bytes. A stream has at most the
            // origins of the log, so that most drafts are small without a look at their stream.
            let content = body.count + (draft.sealed?.count ?? 0) + request.actor.text.utf8.count
            let mayBeOver = content + originHeads.count * 49 + 1_024 > Event.Limit.canonical
            let entries =
                mayBeOver || originHeads.count > Event.Limit.basis
                ? try state(of: draft.stream, insert: false)?.last.count ?? 0 : originHeads.count
            let total = content + entries * 49 + 1_024
            func excess(_ part: @autoclosure () -> Words, _ size: Int, _ limit: Int) -> AppendRefusal? {
                size > limit ? .oversize(stream: draft.stream, part: part(), size: size, limit: limit) : nil
            }
            let refusal =
                excess("the body", body.count, Event.Limit.body) ?? excess("the whole", total, Event.Limit.canonical)
                ?? excess("the basis", entries, Event.Limit.basis)
                ?? excess("sealed data", draft.sealed?.count ?? 0, Event.Limit.sealed)
                ?? excess("the actor", request.actor.text.utf8.count, Event.Limit.actor)
                ?? excess("the type's name", draft.type.name.utf8.count, 255)
                ?? excess("the type's version", draft.type.version.utf8.count, 255)
            if let refusal { return refusal }
        }
        return nil
    }

    private func stamp(_ draft: Draft, body: [UInt8], index: UInt16, request: AppendRequest) throws(LogFailure)
        -> StoredEvent
    {
        let stream = try existingOrNewState(of: draft.stream)
        var known: [EventID] = []
        if !stream.last.isEmpty {
            let own = try names.number(of: origin, insert: false)
            for entry in stream.last where entry.origin != own {
                known.append(EventID(origin: try names.origin(entry.origin), sequence: entry.sequence))
            }
        }
        let event = Event(
            id: EventID(origin: origin, sequence: ownSequence + 1),
            hlc: clock.tick(at: request.now, above: stream.highest),
            stream: draft.stream, type: draft.type, basis: Basis(known), actor: request.actor,
            occurredAt: draft.occurredAt,
            recordedAt: request.now, command: request.command, index: index, causation: draft.causation,
            correlation: draft.correlation == draft.stream ? nil : draft.correlation, body: body, sealed: draft.sealed,
            previous: ownHash)
        return try store(event.hashed(), in: stream, receivedAt: request.now)
    }

    private func rememberEmpty(_ request: AppendRequest) throws(LogFailure) {
        let number = emptyHead.position + 1
        let chain = LocalChain.value(
            after: emptyHead.chain, no: number, command: request.command, recordedAt: request.now, about: request.about)
        statements.insertEmpty.bind(1, number)
        statements.insertEmpty.bind(2, request.command)
        statements.insertEmpty.bind(3, request.now.milliseconds)
        statements.insertEmpty.bind(4, text: request.about)
        statements.insertEmpty.bind(5, chain)
        try statements.insertEmpty.run()
        emptyHead = LogHead(position: number, chain: chain)
    }

    // MARK: - Storing

    func store(_ event: Event, in stream: StreamState, receivedAt: Timestamp) throws(LogFailure) -> StoredEvent {
        var stream = stream
        let originNumber = try required(names.number(of: event.id.origin, insert: true), "origins")
        let typeNumber = try required(names.number(of: event.type, insert: true), "types")
        let actorNumber = try required(names.number(of: event.actor, insert: true), "actors")
        let basis = try encode(event.basis.entries)
        let causation = try encode(event.causation.map { [$0] } ?? [])
        let correlation = try event.correlation.map { name throws(LogFailure) in
            try self.existingOrNewState(of: name).number
        }
        let position = head.position + 1
        let version = stream.version + 1
        let before = originHeads[originNumber]
        let followsHere = before.map { $0.sequence == event.id.sequence - 1 && $0.hash == event.previous } ?? false
        let chain = LocalChain.value(
            after: head.chain, position: position, receivedAt: receivedAt, streamVersion: version, hash: event.hash)

        let row = statements.insertEvent
        row.bind(1, position)
        row.bind(2, originNumber)
        row.bind(3, event.id.sequence)
        row.bind(4, event.hlc.rawValue)
        row.bind(5, stream.number)
        row.bind(6, version)
        row.bind(7, typeNumber)
        row.bind(8, blob: basis)
        row.bind(9, actorNumber)
        row.bind(10, event.occurredAt.milliseconds)
        row.bind(11, event.recordedAt.milliseconds)
        row.bind(12, receivedAt.milliseconds)
        row.bind(13, event.command)
        row.bind(14, Int64(event.index))
        row.bind(15, blob: causation)
        row.bind(16, correlation)
        row.bind(17, utf8: event.body.bytes ?? [])
        row.bind(18, blob: event.sealed)
        row.bind(19, Int64(event.algorithm.rawValue))
        if followsHere { row.bind(20, blob: nil) } else { row.bind(20, event.previous) }
        row.bind(21, event.hash)
        row.bind(22, chain)
        try row.run()

        head = LogHead(position: position, chain: chain)
        if event.id.sequence > before?.sequence ?? 0 { originHeads[originNumber] = (event.id.sequence, event.hash) }
        try extend(originNumber, by: event)
        if event.id.origin == origin {
            ownSequence = event.id.sequence
            ownHash = event.hash
        }
        stream.version = version
        stream.highest = max(stream.highest, event.hlc)
        if let place = stream.last.firstIndex(where: { $0.origin == originNumber }) {
            stream.last[place].sequence = max(stream.last[place].sequence, event.id.sequence)
        } else {
            stream.last.append((originNumber, event.id.sequence))
        }
        let stored = StoredEvent(event: event, position: position, receivedAt: receivedAt, streamVersion: version)
        try blocks.add(stored)
        let routing = try routing(of: stored, in: stream)
        try feeds.route(stored, stream: &stream, by: routing ?? .stay, wakes: routing != nil)
        streams.set(stream, of: event.stream)
        if let wake = routing?.wake { try give(wake, by: event, now: receivedAt) }
        if routing == nil { try noteUnrouted(event, of: event.stream, now: receivedAt) }
        return stored
    }

    /// How far an origin is here without a hole, and the hash there; nil when its first event is not here.
    func denseEnd(of origin: Int64) throws(LogFailure) -> (sequence: Int64, hash: Digest)? {
        if let known = denseEnds[origin] { return known }
        let end = try hash(of: origin, at: density.end(of: origin, from: 0))
        denseEnds[origin] = end
        return end
    }

    private func hash(of origin: Int64, at sequence: Int64) throws(LogFailure) -> (sequence: Int64, hash: Digest)? {
        if let head = originHeads[origin], head.sequence == sequence { return head }
        statements.hashByID.bind(1, origin)
        statements.hashByID.bind(2, sequence)
        guard try statements.hashByID.step() else { return nil }
        defer { statements.hashByID.reset() }
        guard let hash = statements.hashByID.digest(0) else {
            throw .corrupt(
                table: "events", position: 0, detail: "the hash of event \(sequence) of an origin is malformed")
        }
        return (sequence, hash)
    }

    /// An event that closes a hole makes whole what stands above it, too.
    private func extend(_ origin: Int64, by event: Event) throws(LogFailure) {
        guard let end = denseEnds[origin] else { return }
        guard event.id.sequence == end.sequence + 1 else { return }
        denseEnds[origin] = (event.id.sequence, event.hash)
        guard let head = originHeads[origin], head.sequence > event.id.sequence else { return }
        // Of a hole of many events only the last closes it: what stands above is counted then, and not at each.
        guard try hash(of: origin, at: event.id.sequence + 1) != nil else { return }
        denseEnds[origin] = try hash(of: origin, at: density.end(of: origin, from: event.id.sequence))
    }

    private func encode(_ ids: [EventID]) throws(LogFailure) -> [UInt8]? {
        var pairs: [(origin: Int64, sequence: Int64)] = []
        for id in ids {
            pairs.append((try required(names.number(of: id.origin, insert: true), "origins"), id.sequence))
        }
        return References.encode(pairs)
    }

    private func required(_ number: Int64?, _ table: String) throws(LogFailure) -> Int64 {
        guard let number else {
            throw .corrupt(table: table, position: 0, detail: "SQLite gave no number to a new row")
        }
        return number
    }

    // MARK: - Damage

    /// The events of a stream up to a row; nil when one of them is rotten.
    func whole(_ stream: StreamState, to position: Int64) throws(LogFailure) -> [Event]? {
        do throws(LogFailure) { return try rows.wholeEvents(of: stream.number, to: position) } catch {
            guard case .corrupt = error else { throw error }
            note(met: error)
            return nil
        }
    }

    func note(met damage: LogFailure) { if met.count < DamageBook.limit { met.append(damage) } }

    func takeDamage() -> [LogFailure] {
        defer { met = [] }
        return met
    }

    func refused(_ record: Unrecorded) { if unrecorded.count < RefusalBook.limit { unrecorded.append(record) } }

    func takeUnrecorded() -> [Unrecorded] {
        defer { unrecorded = [] }
        return unrecorded
    }

    // MARK: - Stream states

    func existingOrNewState(of stream: StreamName) throws(LogFailure) -> StreamState {
        guard let state = try state(of: stream, insert: true) else {
            throw .corrupt(table: "streams", position: 0, detail: "SQLite gave no number to a new row")
        }
        return state
    }

    func state(of stream: StreamName, insert: Bool) throws(LogFailure) -> StreamState? {
        if let known = streams.value(of: stream) { return known }
        guard let number = try names.number(of: stream, insert: insert) else { return nil }
        var state = StreamState(number: number)
        statements.streamLast.bind(1, number)
        try statements.streamLast.forEach { row in
            state.last.append((row.integer(0), row.integer(1)))
            state.highest = max(state.highest, HybridTime(rawValue: row.integer(2)))
            state.version += row.integer(3)
        }
        state.members = try feeds.membership(of: number)
        streams.set(state, of: stream)
        return state
    }
}
