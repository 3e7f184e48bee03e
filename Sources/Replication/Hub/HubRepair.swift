/// The hub's side of repairs over its log: it signs the ends of its feeds, and takes back by such signatures what a restored copy
/// of it has lost (`Reclaim`).

import Events

struct HubRepair {
    enum Limit {
        /// Milliseconds between two signatures of a feed that moves.
        static let sign: Int64 = 1_000
        /// The same of one that stands: what was lost on the way, or with a street's transaction, comes again.
        static let signAgain: Int64 = 60_000
        /// Milliseconds that repairs rest after a transaction with them was lost: they may be why.
        static let rest: Int64 = 5_000
    }

    private let signer: FeedSigner?
    private var process: Origin?
    private var reclaim = Reclaim()
    private var signed: [FeedName: (cursor: FeedCursor, at: Int64)] = [:]
    /// Events that came back and are to be stored.
    private var toTake: [Event] = []
    /// What came of claims, until it is on record.
    private var results: [(node: NodeID, result: Reclaim.Result)] = []
    private var alarms: [Words] = []

    /// - Parameter signer: nil for a hub that signs nothing, and so takes nothing back.
    init(signer: FeedSigner?) { self.signer = signer }

    /// Until when nothing is stored, in steady milliseconds.
    private var restsUntil: Int64?

    var hasStorageWork: Bool { restsUntil == nil && (!toTake.isEmpty || !results.isEmpty) }

    mutating func tick(now: Moment) { if let end = restsUntil, now.steady >= end { restsUntil = nil } }

    mutating func storageFailed(now: Moment) { if hasStorageWork { restsUntil = now.steady + Limit.rest } }

    mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    // MARK: - Claims

    /// Finds what streets have put aside and this hub has not looked through.
    ///
    /// - Parameter passed: told of damaged rows: what they say is looked at when they are healed.
    mutating func start(
        process: Origin, reader: any EventReader, passed: (LogFailure) throws -> Void = { _ in }
    ) throws {
        self.process = process
        var open: [EventID: Event] = [:]
        try reader.forEachReadable(.category(Rewind.category)) { page in
            for event in page.map(\.event) {
                if event.type == Rewind.type { open[event.id] = event }
                if event.id.origin.node == process.node, let done = Reclaimed(event) { open[done.rewind] = nil }
            }
        } passed: { damage in
            alarms.append(.alarm("what a street put aside is not looked at", damage))
            try passed(damage)
        }
        for event in open.values.sorted(by: { $0.id < $1.id }) { noticed(event, reader) }
    }

    /// A street's event that came: rows that it put aside are recalled when this hub signed their end.
    mutating func noticed(_ event: Event, _ reader: any EventReader) {
        let node = event.id.origin.node
        guard event.type == Rewind.type, node != process?.node, let rewind = Rewind(event),
            rewind.feed == .common || rewind.feed == .node(node)
        else { return }
        guard let signer, let head = rewind.head, signer.signed(head, of: rewind.feed) else {
            alarms.append(
                """
                node \(node) has \(rewind.last.fseq - rewind.common.fseq) rows of feed \(rewind.feed) that are not here, and \
                no signature of this hub over them: they stay aside there
                """)
            return
        }
        reclaim.add(
            Reclaim.Claim(
                id: event.id, feed: rewind.feed, common: rewind.common, head: head,
                unsigned: rewind.last.fseq - head.cursor.fseq), of: node)
    }

    mutating func opened(_ node: NodeID) { reclaim.opened(node) }

    mutating func take(_ message: RepairMessage, from node: NodeID, _ reader: any EventReader) throws {
        switch message {
        case .recalled(let rewind, let rows):
            try reclaim.recalled(rewind, rows, from: node) { id in
                let read = try LogFailure.orDamage { () throws(LogFailure) in try reader.event(id) }
                // A damaged one has its place, which nothing else can take.
                return if case .success(nil) = read { false } else { true }
            }
        case .give(let first, let events): toTake += reclaim.given(events, for: first, by: node)
        case .recall, .want, .head: break
        }
        results += reclaim.takeResults().map { (node, $0) }
    }

    /// Stores what came back, and what came of it.
    mutating func store(_ transaction: any LogTransaction, now: Moment) throws -> [Event] {
        guard hasStorageWork else { return [] }
        var taken: [Event] = []
        for outcome in try transaction.ingest(toTake, dense: false, receivedAt: now.wall) {
            if case .stored(let stored) = outcome { taken.append(stored.event) }
        }
        for (node, result) in results {
            let record = Reclaimed(
                rewind: result.claim.id, feed: result.claim.feed, events: result.events,
                unsigned: result.claim.unsigned, problem: result.reason.map { "\($0)" })
            // Refused, it begins again with the next start.
            _ = try transaction.record(what: "what came back of feed \(result.claim.feed) from node \(node)") {
                () throws(IdentifierError) in
                try record.request(of: node, now: now.wall)
            }
        }
        return taken
    }

    /// The transaction with these is on the disk.
    mutating func committed() {
        guard hasStorageWork else { return }
        for (node, result) in results {
            alarms.append(
                """
                \(result.events) events of feed \(result.claim.feed) are back from node \(node); \(result.claim.unsigned) rows \
                there are not signed and stay aside
                """)
            if let reason = result.reason { alarms.append("not all of feed \(result.claim.feed) is back: \(reason)") }
        }
        toTake = []
        results = []
    }

    /// The nodes that something is to be asked of, sorted.
    var lacking: [NodeID] { reclaim.nodes }

    /// What is lacking of a node with a session.
    mutating func ask(_ node: NodeID, now: Moment) -> RepairMessage? {
        restsUntil == nil ? reclaim.ask(node, now: now.steady) : nil
    }

    // MARK: - Signatures

    /// The end of a feed, signed, when it moved since the last time and that is a second ago, or a minute is over.
    mutating func sign(_ feed: FeedName, _ head: FeedCursor, now: Moment) throws -> SignedHead? {
        guard let signer, let process, let due = signatureDue(feed, head), now.steady >= due else { return nil }
        signed[feed] = (head, now.steady)
        return try signer.sign(head, of: feed, by: process, at: now.wall)
    }

    /// When the end of a feed may be signed, in steady milliseconds; nil when none is.
    func signatureDue(_ feed: FeedName, _ head: FeedCursor) -> Int64? {
        guard signer != nil, head.fseq > 0 else { return nil }
        return signed[feed].map { $0.at + ($0.cursor == head ? Limit.signAgain : Limit.sign) } ?? .min
    }

    /// Somebody new wants the end of a feed.
    mutating func signAgain(_ feed: FeedName) { signed[feed] = nil }
}
