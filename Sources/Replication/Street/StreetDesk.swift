/// A street's desk: its session over its log.

package import Events

package struct StreetDesk: Desk {
    private let node: NodeID
    private let seed: UInt64
    private let versions: ClosedRange<UInt8>
    private var line = LineMeter()
    var session: StreetSession?
    /// nil for a street that keeps no keys.
    private var keys: KeyExchange?
    private let centre: NodeID?
    private var repair = StreetRepair()
    package var rotten = RottenRows()
    var wakes = StreetWakes()
    var purge: StreetPurge
    var bodies = WantedBodies()
    /// The session that keys were last asked for in.
    private var keySession: UInt64?
    private var number: UInt32 = 0
    /// What the hub sends to this node and what it publishes in each feed are numbered apart.
    private var arrivals: [FeedName?: Arrivals] = [:]
    private var toStore: [(feed: FeedName, rows: [ChainedRow], cursor: FeedCursor)] = []
    private var stored: [(feed: FeedName, cursor: FeedCursor, rows: Int)] = []
    private var toRead: [(origin: Origin, above: Int64)] = []
    private var toMark: [(feed: FeedName, places: [Int64])] = []
    private var toRewind: [(feed: FeedName, cursor: FeedCursor)] = []
    private var rewound: [(feed: FeedName, cursor: FeedCursor)] = []
    private var reported: [OriginMark] = []
    private var reportedHoles: [Origin: Int64] = [:]
    private var process: Origin?
    /// How far own origins of earlier openings are here without a hole; looked at again when one of their events came.
    private var whole: [Origin: Int64] = [:]
    private var ownCame = true
    private var outgoing: [Outgoing] = []
    var alarms: [Words] = []
    var blobDesk: BlobDesk?
    private var damages = DamageBook()
    /// Since when rows wait for the rest of their answer, in steady milliseconds.
    private var heldSince: Int64?
    /// Milliseconds that rows may wait for the rest of the answer to a pull.
    ///
    /// One transaction for the whole answer begins when the next pull has left, so that the hub reads while the street
    /// stores: catch-up ran a third faster than with what had come by chance.
    private static let hold: Int64 = 20
    /// Rows that may wait.
    private static let heldRows = 8_000

    /// - Parameters:
    ///   - seed: for the jitter of the backoff.
    ///   - versions: of the protocol that this node speaks.
    ///   - keys: where keys of persons are kept, and the hub's node; nil for a street that keeps none.
    ///   - term: how long keys of tickets that are over are kept; nil keeps them.
    ///   - purgeAfter: how long what others wrote in tickets that left is kept; nil keeps it.
    ///   - blobs: nil for a street that keeps none.
    package init(
        node: NodeID, seed: UInt64, versions: ClosedRange<UInt8> = Message.versions,
        keys: (vault: any KeyVault, centre: NodeID)? = nil, term: KeyTerm? = nil,
        purgeAfter: PurgeTerm? = nil, blobs: BlobDesk? = nil
    ) {
        self.node = node
        purge = StreetPurge(node: node, term: purgeAfter)
        centre = keys?.centre
        self.keys = keys.map {
            KeyExchange(node: node, boxes: .feed(.node(node), from: $0.centre), vault: $0.vault, term: term)
        }
        self.seed = seed
        self.versions = versions
        blobDesk = blobs
    }

    package var isUp: Bool { session?.isOnline ?? false }
    package var outbox: Int64 { session?.outboxDepth ?? 0 }
    package var confirmed: [OriginMark] { session?.confirmed ?? [] }
    package var lag: Int64 { session?.lag ?? 0 }
    /// Rows that are durable here since the process began, by the way on which they came.
    package var applied: AppliedRows { session?.applied ?? AppliedRows() }
    package var peers: [Peer] { [] }
    package var peersAt: Int64? { nil }
    package var link: HubLink? {
        guard var link = session?.link else { return nil }
        link.lost = Int64(clamping: arrivals.values.reduce(0) { $0 + $1.lost })
        return link
    }
    package var hasStorageWork: Bool {
        !toRewind.isEmpty || !toStore.isEmpty && heldSince == nil
            || rotten.hasStorageWork || purge.hasStorageWork || keys?.hasStorageWork == true
            || repair.hasStorageWork { session?.cursor(of: $0) }
    }

    package mutating func start(
        process: Origin, ports: [FeedName: String], reader: any EventReader, now: Moment
    ) throws {
        self.process = process
        let cursors = try [FeedName.common, .node(node)].map { feed in
            FeedMark(
                feed: feed, cursor: try reader.cursor(of: feed) ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)))
        }
        var bases: [FeedName: FeedCursor] = [:]
        for mark in cursors { bases[mark.feed] = try FeedBase.kept(of: mark.feed, in: reader) }
        session = StreetSession(
            process: process, cursors: cursors, bases: bases, aside: try Rewind.feeds(at: node, in: reader),
            seed: seed, versions: versions, now: now)
        try reportHeads(reader, now)
        try blobDesk?.start(reader: reader)
    }

    package mutating func receive(
        _ frame: [UInt8], from sender: Sender, reader: any EventReader, now: Moment
    ) throws {
        let message: Message?
        do throws(DecodeError) {
            let bytes = frame.count
            let frame = try Frame(frame, versions: versions)
            message = frame.message
            arrivals[published(message), default: Arrivals()].note(frame.number)
            if let message { note(message, bytes: bytes, now.steady) }
        } catch {
            return alarms.append(.alarm("a message from the hub is unreadable", error))
        }
        guard let message, try !takeBlob(message, reader, now) else { return }
        step(.message(message), now)
    }

    /// The feed of this node with whose PUB a message comes; nil for what is sent to it alone.
    private func published(_ message: Message?) -> FeedName? {
        switch message {
        case .live(let feed, _, _), .hint(let feed, _, _, _): feed == .common ? feed : .node(node)
        case _: nil
        }
    }

    /// How fast the line is shows in the answers to pulls.
    private mutating func note(_ message: Message, bytes: Int, _ now: Int64) {
        switch message {
        case .welcome: line.startOver()
        case .batch(_, let feed, _, _, _, let isLast): line.came(feed, bytes: bytes, isLast: isLast, now: now)
        case _: break
        }
    }

    package mutating func tick(reader: any EventReader, now: Moment) {
        step(.tick, now)
        let since = heldSince ?? now.steady
        let rows = toStore.reduce(0) { $0 + $1.rows.count }
        let holds =
            session?.isAnswering == true && now.steady - since < StreetDesk.hold
            && (1...StreetDesk.heldRows).contains(rows)
        heldSince = holds ? since : nil
    }

    package func received(in category: String) -> [Event] {
        toStore.flatMap { StreetDesk.events(of: $0.rows).filter { $0.stream.category == category } }
    }

    package mutating func store(_ transaction: any LogTransaction, now: Moment) throws -> [Event] {
        var taken: [Event] = []
        for (feed, rows, cursor) in toStore {
            var positions: [EventID: Int64] = [:]
            let events = StreetDesk.events(of: rows)
            for (event, outcome) in zip(
                events, try transaction.ingest(events, dense: false, receivedAt: now.wall))
            {
                switch outcome {
                case .stored(let stored):
                    taken.append(stored.event)
                    if stored.event.id.origin.node == node { ownCame = true }
                    positions[stored.event.id] = stored.position
                case .duplicate: break
                case .refilled(_, let record):
                    bodies.back.append(event)
                    if let record { taken.append(record.event) }
                case .fork(let id, let here, let offered, _):
                    alarms.append("\(id) is here as \(here), the hub has \(offered)")
                case .broken(let id, let reason): alarms.append("\(id) from the hub is refused: \(reason)")
                case .gap(let id, _): alarms.append("\(id) from the hub came without its predecessor")
                }
            }
            try transaction.keep(try rows.map { try StreetDesk.kept($0, positions, transaction) }, of: feed)
            stored.append((feed, cursor, rows.count))
        }
        toStore = []
        try repair.store(transaction) { session?.cursor(of: $0) }
        for (feed, cursor) in toRewind {
            // Refused, the feed stands where it is until the next start: what is here and not the hub's is not forgotten.
            guard let told = try transaction.rewind(feed, to: cursor, now: now.wall) else { continue }
            taken += told.map(\.event)
            rewound.append((feed, cursor))
        }
        toRewind = []
        taken += try keys?.tell(transaction, now: now) ?? []
        taken += try purge.store(transaction, now: now)
        return taken + (try rotten.store(transaction, now: now))
    }

    package mutating func committed(reader: any EventReader, now: Moment) throws {
        repair.committed { session?.cursor(of: $0) }
        keys?.committed()
        purge.committed(now: now)
        try askForBodies(hasRewound: !rewound.isEmpty, reader, now)
        let healed = try rotten.committed(reader)
        for event in healed { try blobDesk?.healed(event, reader) }
        if !healed.isEmpty {
            step(.healed, now)
            try keys?.healed(healed, reader)
        }
        let done = stored
        stored = []
        for (feed, cursor, _) in done { step(.applied(feed, cursor), now) }
        let aside = rewound
        rewound = []
        for (feed, cursor) in aside { step(.rewound(feed, cursor), now) }
        while let (feed, places) = toMark.popLast() {
            do { step(.marks(feed, try StreetDesk.marks(feed, places, reader)), now) } catch {
                // The session asks again.
                guard case .corrupt = error else { throw error }
                try rotten.note(error, reader)
                guard damages.note(error) else { continue }
                alarms.append(.alarm("feed \(feed) cannot be compared with the hub's", error))
            }
        }
        try reportHeads(reader, now)
        // Reading an upload may ask for the next; the session bounds what is in flight.
        while let (origin, above) = toRead.popLast() {
            do { step(.ownEvents(origin, above: above, try StreetDesk.upload(origin, above, reader)), now) } catch {
                guard case .corrupt = error else { throw error }
                step(.ownUnreadable(origin, above: above), now)
                try rotten.note(error, reader)
                guard damages.note(error) else { continue }
                alarms.append(.alarm("nothing of \(origin) after \(above) is sent", error))
            }
        }
        try answerHub(reader)
        for question in rotten.ask(session?.session == nil ? [] : [nil], now: now) {
            guard let current = session?.session else { continue }
            send(.repair(session: current, .want([question.event])))
        }
        alarms += rotten.takeAlarms()
        askForTickets(now)
        try exchangeKeys(reader, rows: done.reduce(0) { $0 + $1.rows }, now)
        try exchangeBlobs(reader, now)
    }

    /// Gives the hub what it asks for; where the log is damaged it has no answer, and asks again.
    private mutating func answerHub(_ reader: any EventReader) throws {
        guard let current = session?.session else { return }
        do {
            if let answer = try repair.answer(node: node, reader) { send(.repair(session: current, answer)) }
        } catch let damage as LogFailure {
            guard case .corrupt = damage else { throw damage }
            try rotten.note(damage, reader)
            guard damages.note(damage) else { return }
            alarms.append(.alarm("the hub gets no answer about rows that are aside", damage))
        }
    }

    /// The centre may have every key, of which the street has boxes.
    private mutating func exchangeKeys(_ reader: any EventReader, rows: Int, _ now: Moment) throws {
        guard let centre else { return }
        if keySession != session?.session {
            keySession = session?.session
            if let keySession { keys?.opened(centre, session: keySession) } else { keys?.closed(centre) }
        }
        for (_, message) in keys?.turn(reader: reader, rows: rows, now: now, mayHave: { _, _ in true }) ?? [] {
            send(message)
        }
        alarms += keys?.takeAlarms() ?? []
        for damage in keys?.takeDamage() ?? [] { try rotten.note(damage, reader) }
    }

    package mutating func expireKeys(reader: any EventReader, now: Moment) { keys?.expire(reader, now) }

    mutating func send(_ message: Message) {
        number &+= 1
        let frame = Frame(
            number: number, message: message, version: session?.version ?? Message.forAll, isLineSlow: line.isSlow)
        outgoing.append(.send(to: nil, frame.bytes(compressing: line.isSlow)))
    }

    package mutating func leave() { if let session = session?.session { send(.bye(session: session)) } }

    package mutating func storageFailed(now: Moment, reader: any EventReader) {
        toStore = []
        stored = []
        toRewind = []
        rewound = []
        rotten.storageFailed(now: now)
        purge.storageFailed(now: now)
        bodies.back = []
        step(.applyFailed, now)
    }

    package mutating func takeOutgoing() -> [Outgoing] {
        defer { outgoing = [] }
        return outgoing
    }

    package mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    package mutating func takeLinkChanges() -> [LinkChange] { [] }
    package mutating func takeApplications() -> [Application] { [] }
    package mutating func answer(_ application: Application, refusal: (any Problem)?) {}
    package mutating func publish(at ports: [FeedName: String], reader: any EventReader) {}

    private static func events(of rows: [ChainedRow]) -> [Event] {
        rows.compactMap { if case .event(let event) = $0.row.content { event } else { nil } }
    }

    /// A row as it is kept.
    ///
    /// - Parameter positions: where events stand that came with the rows and were new.
    private static func kept(
        _ chained: ChainedRow, _ positions: [EventID: Int64], _ transaction: any LogTransaction
    ) throws(LogFailure) -> ReceivedRow {
        let row = chained.row
        let content: ReceivedRow.Content
        switch row.content {
        case .event(let event):
            var position = positions[event.id]
            if position == nil { position = try transaction.position(of: event.id, hash: event.hash) }
            content = .event(event.hash, position: position)
        case .receipt(let id, let hash):
            content = .event(hash, position: try transaction.position(of: id, hash: hash))
        case .join(let history): content = .join(history: history)
        case .leave: content = .leave
        }
        return ReceivedRow(
            fseq: row.fseq, stream: row.stream, content: content, common: row.common, chain: chained.chain)
    }

    // MARK: - Actions

    private mutating func step(_ input: StreetSession.Input, _ now: Moment) {
        for action in session?.step(input, now: now) ?? [] {
            switch action {
            case .send(let message): send(message)
            case .subscribe(let ports): outgoing.append(.subscribe(ports))
            case .apply(let feed, let rows, let cursor): toStore.append((feed, rows, cursor))
            case .readOwn(let origin, let above): toRead.append((origin, above))
            case .readMarks(let feed, let places): toMark.append((feed, places))
            case .repair(let message):
                if case .give(let first, let events) = message { rotten.given(events, for: first, by: nil) }
                repair.take(message)
            case .keys(let message): if let centre { keys?.take(message, from: centre) }
            case .woken(let stream, let state): wakes.answered(stream, state)
            case .rewind(let feed, let cursor): toRewind.append((feed, cursor))
            case .alarm(let text): alarms.append(text)
            }
        }
    }

    /// The kept rows at these places.
    private static func marks(
        _ feed: FeedName, _ places: [Int64], _ reader: any EventReader
    ) throws(LogFailure) -> [FeedCursor] {
        var marks: [FeedCursor] = []
        for place in places {
            guard let row = try reader.received(of: feed, above: place - 1, limit: 1).first else { continue }
            marks.append(row.cursor)
        }
        return marks
    }

    /// Own origins' heads, and how far they are here without a hole, told to the session when that changed.
    private mutating func reportHeads(_ reader: any EventReader, _ now: Moment) throws {
        var own: [OriginMark] = []
        var holes = ownCame ? [:] : reportedHoles
        for head in try reader.originHeads() where head.origin.node == node {
            own.append(OriginMark(origin: head.origin, sequence: head.sequence))
            // This opening has none.
            guard ownCame, head.origin != process else { continue }
            let end = try reader.denseEnd(of: head.origin, from: whole[head.origin] ?? 0)
            whole[head.origin] = end
            if end < head.sequence { holes[head.origin] = end }
        }
        ownCame = false
        guard own != reported || holes != reportedHoles else { return }
        reported = own
        reportedHoles = holes
        step(.localHeads(own, whole: holes), now)
    }
}
