import Events

/// A reader of a log in which some streams cannot be read: their rows, their events, the feeds they are in.
final class DamagedReader: EventReader {
    private let log: any EventReader
    /// With the row at which reading them ends.
    var damaged: [StreamName: Int64] = [:]
    /// Whether the disk answers with errors when events are read.
    var isFailing = false

    init(_ log: any EventReader) { self.log = log }

    static let failure = LogFailure.storage(
        operation: Words(verbatim: "read"), detail: Words(verbatim: "I/O"), fatal: false)

    private func check(_ stream: StreamName?) throws(LogFailure) {
        guard let stream, let position = damaged[stream] else { return }
        throw .corrupt(table: "events", position: position, detail: Words(verbatim: "rotten"))
    }

    func page(
        _ scope: ReadScope, _ direction: ReadDirection, from position: Int64, limit: Int
    ) throws(LogFailure) -> [StoredEvent] {
        if case .stream(let stream) = scope { try check(stream) }
        let page = try log.page(scope, direction, from: position, limit: limit)
        if limit == 1 { try check(page.first?.event.stream) }
        return page
    }

    func event(_ id: EventID) throws(LogFailure) -> StoredEvent? {
        if isFailing { throw DamagedReader.failure }
        let event = try log.event(id)
        try check(event?.event.stream)
        return event
    }

    func membership(of stream: StreamName) throws(LogFailure) -> [FeedName] {
        try check(stream)
        return try log.membership(of: stream)
    }

    func asleep(_ stream: StreamName) throws(LogFailure) -> [FeedName] {
        try check(stream)
        return try log.asleep(stream)
    }

    func head() throws(LogFailure) -> LogHead { try log.head() }
    func version(of stream: StreamName) throws(LogFailure) -> Int64 { try log.version(of: stream) }
    func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome? { try log.outcome(of: command) }
    func id(at position: Int64) throws(LogFailure) -> EventID? { try log.id(at: position) }
    func originHeads() throws(LogFailure) -> [OriginHead] { try log.originHeads() }
    func denseEnd(of origin: Origin, from known: Int64) throws(LogFailure) -> Int64 {
        try log.denseEnd(of: origin, from: known)
    }
    func events(of origin: Origin, above sequence: Int64, limit: Int) throws(LogFailure) -> [Event] {
        try log.events(of: origin, above: sequence, limit: limit)
    }
    func base(of feed: FeedName) throws(LogFailure) -> Int64 { try log.base(of: feed) }
    func sleeping(in feed: FeedName, below: Int64, limit: Int) throws(LogFailure) -> SleepingPage {
        try log.sleeping(in: feed, below: below, limit: limit)
    }
    func rows(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [FeedRow] {
        try log.rows(of: feed, above: fseq, limit: limit)
    }
    func feedHead(_ feed: FeedName) throws(LogFailure) -> FeedCursor { try log.feedHead(feed) }
    func row(of event: EventID, in feed: FeedName, above fseq: Int64) throws(LogFailure) -> Int64? {
        try log.row(of: event, in: feed, above: fseq)
    }
    func chain(of feed: FeedName, at fseq: Int64) throws(LogFailure) -> ChainValue? {
        try log.chain(of: feed, at: fseq)
    }
    func cursor(of feed: FeedName) throws(LogFailure) -> FeedCursor? { try log.cursor(of: feed) }
    func aside(_ rewind: Int64, of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow] {
        try log.aside(rewind, of: feed, above: fseq, limit: limit)
    }
    func signedHead(of feed: FeedName) throws(LogFailure) -> SignedHead? { try log.signedHead(of: feed) }
    func chain(at position: Int64) throws(LogFailure) -> ChainValue? { try log.chain(at: position) }
    func boxes(above position: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        try log.boxes(above: position, rows: rows)
    }
    func boxes(of feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> BoxPage {
        try log.boxes(of: feed, above: fseq, rows: rows)
    }
    func left(_ feed: FeedName, above fseq: Int64, rows: Int) throws(LogFailure) -> LeftPage {
        try log.left(feed, above: fseq, rows: rows)
    }

    func wantedBodies(limit: Int, missedBehind place: Int64) throws(LogFailure) -> [WantedBody] {
        try log.wantedBodies(limit: limit, missedBehind: place)
    }

    func received(of feed: FeedName, above fseq: Int64, limit: Int) throws(LogFailure) -> [ReceivedRow] {
        try log.received(of: feed, above: fseq, limit: limit)
    }
}
