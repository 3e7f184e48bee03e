/// Reads a `MemoryLog` by plain filtering: slow, and obviously right.

package import Events

package final class MemoryReader: EventReader, StreamScanner {
    private let current: () -> MemoryStore
    var store: MemoryStore { current() }
    /// Whose log it is.
    let owner: NodeID

    init(of owner: NodeID, _ current: @escaping () -> MemoryStore) {
        self.owner = owner
        self.current = current
    }

    package func head() throws(LogFailure) -> LogHead {
        LogHead(position: Int64(store.events.count), chain: store.chain)
    }

    package func page(
        _ scope: ReadScope, _ direction: ReadDirection, from position: Int64, limit: Int
    ) throws(LogFailure) -> [StoredEvent] {
        let matching = store.events.filter { MemoryReader.matches($0, scope) }
        let limit = max(1, min(limit, 10_000))
        let page =
            switch direction {
            case .forward: Array(matching.filter { $0.position > position }.prefix(limit))
            case .backward: Array(matching.filter { $0.position < position }.suffix(limit).reversed())
            }
        for stored in page { try checkBody(stored) }
        return page
    }

    /// A body that is gone without a word is no event that could be read.
    private func checkBody(_ stored: StoredEvent) throws(LogFailure) {
        if !stored.event.body.isHere, let damage = store.damage(stored) { throw damage }
    }

    private static func matches(_ stored: StoredEvent, _ scope: ReadScope) -> Bool {
        let event = stored.event
        return switch scope {
        case .all: true
        case .stream(let name): event.stream == name
        case .category(let category): event.stream.category == category
        case .type(let name): event.type.name == name
        case .origin(let origin): event.id.origin == origin
        case .correlation(let name): (event.correlation ?? event.stream) == name
        case .time(.occurredAt, let range): range.contains(event.occurredAt)
        case .time(.recordedAt, let range): range.contains(event.recordedAt)
        case .time(.receivedAt, let range): range.contains(stored.receivedAt)
        }
    }

    package func version(of stream: StreamName) throws(LogFailure) -> Int64 {
        Int64(store.byStream[stream]?.count ?? 0)
    }
    package func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome? { store.outcome(of: command) }
    package func event(_ id: EventID) throws(LogFailure) -> StoredEvent? {
        guard let place = store.byID[id] else { return nil }
        try checkBody(store.events[place])
        return store.events[place]
    }

    package func originHeads() throws(LogFailure) -> [OriginHead] {
        store.heads.values.sorted { $0.origin < $1.origin }
    }

    package func denseEnd(of origin: Origin, from known: Int64) throws(LogFailure) -> Int64 {
        var end = known
        while store.byID[EventID(origin: origin, sequence: end + 1)] != nil { end += 1 }
        return end
    }

    package func events(of origin: Origin, above sequence: Int64, limit: Int) throws(LogFailure) -> [Event] {
        let mine = store.events.map(\.event).filter { $0.id.origin == origin && $0.id.sequence > sequence }
        let page = Array(mine.sorted { $0.id < $1.id }.prefix(max(1, min(limit, 10_000))))
        for event in page { try check(event) }
        return page
    }

    package func id(at position: Int64) throws(LogFailure) -> EventID? {
        (1...Int64(max(1, store.events.count))).contains(position) && !store.events.isEmpty
            ? store.events[Int(position - 1)].event.id : nil
    }

    /// What is to be sent is whole.
    private func check(_ event: Event) throws(LogFailure) {
        if let place = store.byID[event.id], let failure = store.unsendable(store.events[place]) { throw failure }
    }

    package func lastStreamNumber() throws(LogFailure) -> Int64 { Int64(store.streamNumbers.count) }

    package func chain(at position: Int64) throws(LogFailure) -> ChainValue? {
        if position == 0 { return .zero }
        guard position > 0, position <= store.chains.count else { return nil }
        return store.chains[Int(position - 1)]
    }

    package func streams(
        of categories: [String], after place: StreamPlace, through last: Int64, upTo position: Int64, limit: Int
    ) throws(LogFailure) -> [ScannedStream] {
        let scanned = store.events.compactMap { stored -> (place: StreamPlace, event: Event)? in
            guard let number = store.streamNumbers[stored.event.stream], number <= last, stored.position <= position,
                categories.contains(String(stored.event.stream.category)),
                (number, stored.streamVersion) > (place.number, place.version)
            else { return nil }
            var event = stored.event
            event.previous = .zero
            return (StreamPlace(number: number, version: stored.streamVersion), event)
        }
        let sorted = scanned.sorted { ($0.place.number, $0.place.version) < ($1.place.number, $1.place.version) }
        var page: [ScannedStream] = []
        for (place, event) in sorted.prefix(max(1, min(limit, 100_000))) {
            if page.last?.place.number != place.number { page.append(ScannedStream(place: place, events: [])) }
            page[page.count - 1].place = place
            page[page.count - 1].events.append(event)
        }
        return page
    }

    package func membership(of stream: StreamName) throws(LogFailure) -> [FeedName] { store.memberships[stream] ?? [] }

    package func asleep(_ stream: StreamName) throws(LogFailure) -> [FeedName] {
        store.asleep.filter { $0.value.contains(stream) }.map(\.key).sorted()
    }

    package func base(of feed: FeedName) throws(LogFailure) -> Int64 { store.bases[feed] ?? 0 }

    package func sleeping(in feed: FeedName, below: Int64, limit: Int) throws(LogFailure) -> SleepingPage {
        let all = (store.asleep[feed] ?? []).map { (number: store.streamNumbers[$0] ?? 0, name: $0) }
            .filter { $0.number < below }.sorted { $0.number > $1.number }
        let page = all.prefix(max(1, limit))
        return SleepingPage(
            streams: page.map(\.name), numbers: page.map(\.number),
            below: page.count < all.count ? page[page.count - 1].number : 0)
    }

    package func rows(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [FeedRow] {
        let page = Array((store.feeds[feed] ?? []).filter { $0.fseq > fseq }.prefix(max(1, min(limit, 10_000))))
        for case .event(let event) in page.map(\.operation) { try check(event) }
        return page
    }

    package func row(of event: EventID, in feed: FeedName, above fseq: Int64) throws(LogFailure) -> Int64? {
        store.feeds[feed]?.first { row in
            guard row.fseq > fseq, case .event(let here) = row.operation else { return false }
            return here.id == event
        }?.fseq
    }

    package func feedHead(_ feed: FeedName) throws(LogFailure) -> FeedCursor {
        guard let last = store.feeds[feed]?.last else { return FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed)) }
        return FeedCursor(fseq: last.fseq, chain: last.chain)
    }

    package func chain(of feed: FeedName, at fseq: Int64) throws(LogFailure) -> ChainValue? {
        store.feeds[feed]?.first { $0.fseq == fseq }?.chain
    }

    package func cursor(of feed: FeedName) throws(LogFailure) -> FeedCursor? {
        store.received[feed]?.last?.cursor
    }

    package func aside(
        _ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int
    ) throws(LogFailure) -> [ReceivedRow] {
        guard rewind >= 1, rewind <= store.superseded.count, store.superseded[Int(rewind - 1)].feed == feed else {
            return []
        }
        return Array(
            store.superseded[Int(rewind - 1)].rows.filter { $0.fseq > fseq }.prefix(max(1, min(limit, 10_000))))
    }

    package func signedHead(of feed: FeedName) throws(LogFailure) -> SignedHead? { store.signedHeads[feed] }

    package func boxes(above position: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        let seen = Array(store.events.filter { $0.position > position }.prefix(rows))
        guard let last = seen.last, let chain = try chain(at: last.position) else {
            return BoxPage(changes: [], end: nil)
        }
        return BoxPage(
            changes: seen.compactMap { MemoryReader.box($0.event) },
            end: FeedCursor(fseq: last.position, chain: chain))
    }

    package func boxes(of feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        let seen = Array((store.received[feed] ?? []).filter { $0.fseq > fseq }.prefix(rows))
        let changes = seen.compactMap { row -> BoxChange? in
            switch row.content {
            case .event(_, let position): position.flatMap { MemoryReader.box(store.events[Int($0 - 1)].event) }
            case .join: nil
            case .leave: .left(row.stream)
            }
        }
        return BoxPage(changes: changes, end: seen.last?.cursor)
    }

    private static func box(_ event: Event) -> BoxChange? {
        guard let person = try? event.sealed.map(Sealing.person(in:)) else { return nil }
        return .came(Box(stream: event.stream, person: person), author: event.id.origin.node)
    }

    package func received(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow] {
        Array((store.received[feed] ?? []).filter { $0.fseq > fseq }.prefix(max(1, min(limit, 10_000))))
    }
}
