/// A node's blobs as its desk sees them: what the log names and the store lacks is fetched, what others may have is sent
/// (`docs/format/blobs.md`). One for a street, with the hub; one for the hub, with its streets.

package import Events

package struct BlobDesk {
    /// What the line looks like to whom blobs go.
    struct Line {
        /// nil is the hub.
        var peer: NodeID?
        var session: UInt64
        /// No rows are on their way over it.
        var isFree: Bool
    }

    private struct Talk {
        var session: UInt64
        var exchange: BlobExchange
    }

    enum Limit {
        /// Events of the log that are looked at in a turn.
        static let scanned = 500
        /// Bytes that are sent in a turn.
        static let sent = 256 << 10
        /// Blobs that a turn says are here.
        static let said = 8
        /// Blobs that somebody asked for in vain and hears of when they come.
        static let askers = 1_000
        /// Blobs for which a turn looks for somebody to ask.
        static let looked = 200
    }

    let node: NodeID
    let isHub: Bool
    private let store: any BlobStorage
    let naming: any BlobNaming
    private var book = BlobBook()
    private var talks: [NodeID?: Talk] = [:]
    /// Who asked for what is not here yet, and for the sake of which event.
    private var askers: [Digest: [NodeID: EventID]] = [:]
    private var outgoing: [(peer: NodeID?, message: Message)] = []
    var alarms: [Words] = []
    /// Failures of the disk that an alarm has named, until it takes bytes again.
    private var failing: BlobFailure?
    var damages = DamageBook()
    /// Damage that was met and that nobody has taken, for whoever heals rows; at most `DamageBook.limit`.
    var met: [LogFailure] = []
    private var isSwept = false
    /// At a street: what is not its business any more.
    var left: LeftStreams
    private var statusOf: (changes: UInt64, status: BlobStatus) = (.max, BlobStatus())

    /// - Parameters:
    ///   - isHub: whether it talks with streets; else with the hub.
    ///   - naming: says which blobs an event names.
    package init(node: NodeID, isHub: Bool, store: any BlobStorage, naming: any BlobNaming) {
        self.node = node
        self.isHub = isHub
        self.store = store
        self.naming = naming
        left = LeftStreams(feed: .node(node))
    }

    var status: BlobStatus { statusOf.status }

    mutating func takeOutgoing() -> [(peer: NodeID?, message: Message)] {
        defer { outgoing = [] }
        return outgoing
    }

    mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    mutating func start(reader: any EventReader) throws {
        var note: [UInt8]?
        do throws(BlobFailure) {
            note = try store.note()
        } catch { alarm(error) }
        guard let note else { return }
        // Where the log cannot tell, it is gone through from its beginning.
        try besidesDamage(what: "what is noted of photographs and recordings is not used") { desk in
            var loaded = BlobBook()
            let isRead = try loaded.load(
                note,
                isOfLog: { try reader.page(.all, .forward, from: $0 - 1, limit: 1).first?.event.id == $1 },
                holder: { try desk.holders(of: $0, reader).first ?? desk.nobody })
            if isRead { desk.book = loaded }
        }
    }

    // MARK: - A turn

    /// Looks at what the log has since, asks, says and sends; after the turn's transaction.
    mutating func turn(_ lines: [Line], reader: any EventReader, now: Moment) throws {
        try besidesDamage(what: "what an event names is not looked for") { try $0.scan(reader) }
        if !isHub, !book.missing.isEmpty { try lookWhatLeft(reader) }
        if !lines.isEmpty { try ask(of: lines.map(\.peer), reader, now) }
        meet(lines)
        for line in lines {
            try fetch(line, now)
            apply(.tick, line.peer, isFree: line.isFree, now)
            if line.isFree {
                if !isHub { say(to: line, reader, now) }
                send(to: line)
            }
        }
        if let note = book.noteIfDue(now: now.steady) {
            attempt { store throws(BlobFailure) in try store.keep(note: note) }
        }
        if statusOf.changes != book.changes { statusOf = (book.changes, book.status) }
    }

    private mutating func scan(_ reader: any EventReader) throws {
        let head = try reader.head().position
        // A log that ends before the place that was reached is another one.
        if head < book.position { book = BlobBook() }
        guard head > book.position, !book.isFull else {
            book.caughtUp(head == book.position)
            return sweep()
        }
        let page = try reader.readable(.all, .forward, from: book.position, limit: Limit.scanned)
        if let damage = page.damage { say(what: "what an event names is not looked for", damage) }
        for stored in page.events {
            for blob in naming.blobs(namedIn: stored.event) { try note(blob, stored.event, reader) }
        }
        if let last = page.events.last {
            book.reached(last.position, last.event.id)
        } else if let next = page.next {
            book.reached(next, nil)
        }
        book.caughtUp(book.position >= head)
    }

    /// An event stands in its row again that the scan may have passed over.
    mutating func healed(_ event: Event, _ reader: any EventReader) throws {
        for blob in naming.blobs(namedIn: event) { try note(blob, event, reader) }
    }

    private mutating func note(_ blob: Digest, _ event: Event, _ reader: any EventReader) throws {
        let size = attempt { store throws(BlobFailure) in try store.size(of: blob) }
        let isHere = size.map { $0 != nil }
        if isHere != true {
            book.lacks(blob, for: event.id, holder: try holders(of: event.id, reader).first ?? nobody)
        }
        // Where the disk does not say, both are looked at again: it may be here, and then the hub is to hear of it.
        if isHere != false, !isHub, event.id.origin.node == node { book.holds(own: blob, for: event.id) }
    }

    /// What a process that died left of other blobs is removed when it is known which are still wanted.
    private mutating func sweep() {
        guard !isSwept, book.isCaughtUp else { return }
        isSwept = true
        let wanted = Set(book.missing.keys)
        attempt { store throws(BlobFailure) in try store.sweep(keeping: wanted) }
    }

    /// Asks for what waited long enough, or waits for somebody who has no line, of the next one who has.
    private mutating func ask(of reachable: [NodeID?], _ reader: any EventReader, _ now: Moment) throws {
        for (blob, entry) in book.due(now: now.steady, reachable: reachable, limit: Limit.looked) {
            var ways: [(holder: NodeID?, event: EventID)] = []
            var isNeeded = false
            for event in entry.events where try isHere(event, reader) {
                isNeeded = true
                for holder in try holders(of: event, reader) where reachable.contains(holder) {
                    ways.append((holder, event))
                }
            }
            book.needs(blob, isNeeded)
            guard !ways.isEmpty else {
                book.later(blob, now: now.steady)
                continue
            }
            let way = ways[entry.tries % ways.count]
            book.ask(blob, of: way.holder, for: way.event)
        }
    }

    // MARK: - Sessions

    /// Forgets what belonged to sessions that are over.
    private mutating func meet(_ lines: [Line]) {
        for (peer, talk) in talks where lines.first(where: { $0.peer == peer })?.session != talk.session {
            book.giveBack(talk.exchange.fetched)
            talks[peer] = nil
        }
        for line in lines where talks[line.peer] == nil {
            talks[line.peer] = Talk(session: line.session, exchange: BlobExchange(limit: store.limit))
            if !isHub { book.sayAgain() }
        }
    }

    private mutating func fetch(_ line: Line, _ now: Moment) throws {
        while talks[line.peer]?.exchange.hasRoom == true, let (blob, event) = book.next(of: line.peer) {
            let here = attempt { store throws(BlobFailure) in
                try store.size(of: blob) == nil ? try store.partial(of: blob) : nil
            }
            switch here {
            case nil: book.putOff(blob, now: now.steady)
            case .some(nil): arrived(blob, event)
            case .some(let have?): apply(.fetch(blob, for: event, have: have), line.peer, isFree: line.isFree, now)
            }
        }
    }

    private mutating func apply(_ input: BlobExchange.Input, _ peer: NodeID?, isFree: Bool, _ now: Moment) {
        guard let session = talks[peer]?.session else { return }
        for action in talks[peer]?.exchange.step(input, isFree: isFree, now: now.steady) ?? [] {
            switch action {
            case .want(let want): outgoing.append((peer, .blobs(session: session, .want(want))))
            case .store(let blob, let offset, let bytes):
                let isKept = attempt { store throws(BlobFailure) in
                    try store.add(bytes, to: blob, at: offset)
                    return true
                }
                if isKept == nil { apply(.failed(blob), peer, isFree: isFree, now) }
            case .complete(let blob):
                let isRight = attempt { store throws(BlobFailure) in try store.complete(blob) }
                let event = book.missing[blob]?.event
                apply(isRight.map { .completed(blob, isRight: $0) } ?? .failed(blob), peer, isFree: isFree, now)
                if isRight == true, let event { arrived(blob, event) }
            case .gaveUp(let blob, let reason):
                book.putOff(blob, now: now.steady)
                switch reason {
                case .wrong:
                    alarms.append(
                        "the file \(blob) came twice with bytes that are not its own; it is asked for again later")
                case .tooLong(let size):
                    alarms.append(
                        "the file \(blob) of \(size) bytes is not fetched: at most \(store.limit) are taken here (blobLimitMiB)"
                    )
                case .none, .silent, .disk: break
                }
            }
        }
    }

    /// A blob is here, durably: whoever wants to know hears of it, each for the sake of an event that it has.
    private mutating func arrived(_ blob: Digest, _ event: EventID) {
        let events = book.missing[blob]?.events ?? []
        book.has(blob)
        guard let size = attempt({ store throws(BlobFailure) in try store.size(of: blob) }), let size else { return }
        var peers: [NodeID?: EventID] = [:]
        for event in events + [event] { peers[isHub ? event.origin.node : nil] = event }
        for (asker, event) in askers.removeValue(forKey: blob) ?? [:] { peers[asker] = event }
        for (peer, talk) in talks {
            guard let event = peers[peer] else { continue }
            let held = BlobWant(event: event, blob: blob, offset: size, credit: 0)
            outgoing.append((peer, .blobs(session: talk.session, .want(held))))
        }
    }

    // MARK: - What others say

    /// Takes a message of a session that is under way.
    mutating func receive(
        _ message: Message, from peer: NodeID?, isFree: Bool, reader: any EventReader, now: Moment
    ) throws {
        switch message {
        case .blobs(_, .chunk(let chunk)): apply(.chunk(chunk), peer, isFree: isFree, now)
        case .blobs(let session, .want(let want)):
            guard try mayHave(want, peer, reader) else {
                if !want.isHeld { outgoing.append((peer, .blobs(session: session, .chunk(.none(of: want.blob))))) }
                return
            }
            let size = attempt { store throws(BlobFailure) in try store.size(of: want.blob) } ?? nil
            if want.isHeld { return heard(want, of: peer, here: size, session) }
            guard let size else {
                if let peer, askers.count < Limit.askers || askers[want.blob] != nil {
                    askers[want.blob, default: [:]][peer] = want.event
                }
                outgoing.append((peer, .blobs(session: session, .chunk(.none(of: want.blob)))))
                return
            }
            apply(.wanted(want, size: size), peer, isFree: isFree, now)
        case _: break
        }
    }

    /// The other side has all of a blob.
    private mutating func heard(_ want: BlobWant, of peer: NodeID?, here size: Int64?, _ session: UInt64) {
        if isHub {
            if let size {
                let held = BlobWant(event: want.event, blob: want.blob, offset: size, credit: 0)
                outgoing.append((peer, .blobs(session: session, .want(held))))
            } else {
                book.lacks(want.blob, for: want.event, holder: peer)
                book.ask(want.blob, of: peer, for: want.event)
            }
        } else {
            book.confirmed(want.blob)
            book.ask(want.blob, of: peer, for: want.event)
        }
    }

    // MARK: - Sending

    /// Says which blobs of own events are here, for the hub to say the same or to ask for them.
    private mutating func say(to line: Line, _ reader: any EventReader, _ now: Moment) {
        for _ in 0..<Limit.said {
            guard let (blob, event) = book.nextToSay() else { return }
            guard let size = attempt({ store throws(BlobFailure) in try store.size(of: blob) }), let size else {
                book.said(blob, now: now.steady)
                continue
            }
            book.said(blob, now: now.steady)
            let held = BlobWant(event: event, blob: blob, offset: size, credit: 0)
            outgoing.append((line.peer, .blobs(session: line.session, .want(held))))
        }
    }

    private mutating func send(to line: Line) {
        var left = Limit.sent
        while left > 0, let piece = talks[line.peer]?.exchange.nextPiece() {
            left -= max(piece.count, 1_024)
            let chunk = attempt { store throws(BlobFailure) -> BlobChunk in
                let size = try store.size(of: piece.blob) ?? 0
                guard size > 0 else { return .none(of: piece.blob) }
                let bytes = piece.count == 0 ? [] : try store.read(piece.blob, at: piece.offset, count: piece.count)
                return BlobChunk(blob: piece.blob, size: size, offset: piece.offset, bytes: bytes)
            }
            outgoing.append((line.peer, .blobs(session: line.session, .chunk(chunk ?? .none(of: piece.blob)))))
        }
    }

    // MARK: - The disk

    /// Does something with the store; what it says is an alarm, once until it goes well again.
    @discardableResult
    private mutating func attempt<Value>(_ body: (any BlobStorage) throws(BlobFailure) -> Value) -> Value? {
        do throws(BlobFailure) {
            let value = try body(store)
            failing = nil
            return value
        } catch {
            alarm(error)
            return nil
        }
    }

    private mutating func alarm(_ failure: BlobFailure) {
        guard failing != failure else { return }
        failing = failure
        alarms.append(.alarm("photographs and recordings cannot be stored or read", failure))
    }
}
