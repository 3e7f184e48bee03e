// How far a street is in one feed: what is durable, what is on its way, where the hub's end is. Rows are taken only
// as the next ones, and only when they lead to the chain that the hub names.

import Events

struct FeedProgress: Sendable {
    let name: FeedName
    /// Durable here.
    private(set) var cursor: FeedCursor
    /// Handed to the shell, perhaps not durable yet.
    private(set) var received: FeedCursor
    /// The hub's end as far as it is known; nil for a feed that the hub does not have.
    private(set) var head: FeedCursor?
    private var meter = LagMeter()
    /// PUB brought rows that could not be taken: there is more than `head` says.
    private(set) var isBehind = false
    /// When the pull that is under way was last heard of, in steady milliseconds; nil when none is.
    var pulledAt: Int64?
    /// The hub has begun to answer the pull that is under way, and its last rows are still to come.
    private(set) var isAnswering = false
    /// When the pull that is under way was sent.
    var pullSentAt: Int64?
    /// Rows wait until the common feed is here.
    private(set) var waitsForCommon: Int64?
    /// Whether the rows here are the hub's, as far as both are there; nothing is taken while that is not so.
    private(set) var fit = Fit.fits
    /// Before this, in steady milliseconds, rows that differ are not compared again: what was equal when it was compared would
    /// be asked for without end.
    private var comparesFrom = Int64.min

    /// The row of the difference that an alarm has named last.
    private var toldOf: Int64?

    enum Fit: Sendable, Equatable {
        case fits
        /// The last common row is looked for.
        ///
        /// - asked: what the hub was asked, and when, in steady milliseconds; nil when nothing was yet.
        case differs(FeedComparison, asked: Asked?)
        /// Rows above this one are put aside.
        case rewinds(FeedCursor)
    }

    struct Asked: Sendable, Equatable {
        var cursors: [FeedCursor]
        var at: Int64
    }

    var isDiverged: Bool { fit != .fits }

    init(_ mark: FeedMark) {
        name = mark.feed
        cursor = mark.cursor
        received = mark.cursor
    }

    /// Rows of the hub that are known to be missing here.
    var lag: Int64 { StreetSession.gap(head?.fseq ?? 0, cursor.fseq) }

    /// The hub's end is known as of now.
    mutating func measure(now: Int64) { if let head { meter.note(head.fseq, at: now) } }

    /// Since when rows are missing here, in steady milliseconds; nil when none is.
    var lagSince: Int64? { lag > 0 ? meter.since(above: cursor.fseq) : nil }

    /// Forgets what was on its way.
    mutating func startOver() {
        received = cursor
        waitsForCommon = nil
        endPull()
    }

    /// A part of the answer to a pull came.
    mutating func answered(isLast: Bool, now: Int64) {
        pulledAt = isLast ? nil : now
        isAnswering = !isLast
    }

    /// The pull that was under way is over: answered, given up, or of an earlier session.
    mutating func endPull() {
        pulledAt = nil
        isAnswering = false
    }

    mutating func applied(_ cursor: FeedCursor) {
        self.cursor = cursor
        // What was handed out before the feed was found to differ.
        if received.fseq < cursor.fseq { received = cursor }
    }

    /// The hub's end at a new session.
    ///
    /// - Returns: an alarm when the hub ends before this node: it was restored from an older copy.
    mutating func begin(head: FeedCursor?) -> Words? {
        // What was received stays so: the shell still has it, and says when it is durable or lost.
        waitsForCommon = nil
        endPull()
        isBehind = false
        self.head = head
        if case .differs(let comparison, _) = fit { fit = .differs(comparison, asked: nil) }
        guard !isDiverged, let head, head.fseq < cursor.fseq else { return compare() }
        guard differs(at: head.fseq) else { return nil }
        return "feed \(name) ends at row \(head.fseq) at the hub, and at \(cursor.fseq) here; was the hub restored?"
    }

    /// Compares the chains at the hub's end, when both are there.
    private mutating func compare() -> Words? {
        guard !isDiverged, let head, head.fseq == received.fseq, head.chain != received.chain else { return nil }
        guard differs(at: head.fseq) else { return nil }
        return "feed \(name) differs from the hub's at row \(head.fseq): \(received.chain) here, \(head.chain) there"
    }

    /// Takes rows as far as they are the next, and the rules they came under are here.
    ///
    /// - Parameters:
    ///   - chain: the hub's chain value after the last row: rows that lead elsewhere are never taken.
    ///   - common: how far the common feed is received here.
    /// - Returns: the rows to apply; an alarm when they lead elsewhere.
    mutating func accept(_ rows: [WireRow], _ chain: ChainValue, common: Int64) -> (rows: [ChainedRow], alarm: Words?) {
        guard !isDiverged else { return ([], nil) }
        waitsForCommon = nil
        // All of the rows are followed to where they lead, also those that have to wait.
        var here = received
        var taken: [ChainedRow] = []
        var end = received
        for row in rows where row.fseq > here.fseq {
            guard row.fseq == here.fseq + 1 else {
                // After a hole nothing can be compared; what is before it is good.
                received = end
                return (taken, nil)
            }
            here = FeedCursor(fseq: row.fseq, chain: row.chain(after: here.chain))
            if waitsForCommon == nil, name != .common, row.common > common { waitsForCommon = row.common }
            guard waitsForCommon == nil else { continue }
            taken.append(ChainedRow(row: row, chain: here.chain))
            end = here
        }
        if here.fseq > received.fseq, here.chain != chain {
            guard differs(at: here.fseq) else { return ([], nil) }
            return ([], "feed \(name) differs from the hub's at row \(here.fseq): \(here.chain) here, \(chain) there")
        }
        received = end
        return (taken, nil)
    }

    // MARK: - Where the rows differ

    /// - Returns: whether nobody was told of a difference at this row.
    private mutating func differs(at fseq: Int64) -> Bool {
        fit = .differs(
            FeedComparison(seed: FeedCursor(fseq: 0, chain: FeedRow.seed(of: name)), last: cursor.fseq), asked: nil)
        startOver()
        defer { toldOf = fseq }
        return toldOf != fseq
    }

    /// The rows whose chain values the hub is to be asked for now.
    mutating func placesToCompare(now: Int64) -> [Int64] {
        guard case .differs(let comparison, let asked) = fit, now >= comparesFrom else { return [] }
        if let asked, now - asked.at < StreetSession.Limit.answer { return [] }
        guard !comparison.places.isEmpty else {
            fitsAfterAll(now: now)
            return []
        }
        fit = .differs(comparison, asked: Asked(cursors: [], at: now))
        return comparison.places
    }

    /// What came did not fit, and what is here does: it is asked for again.
    private mutating func fitsAfterAll(now: Int64) {
        comparesFrom = now + StreetSession.Limit.compareAgain
        fit = .fits
        isBehind = true
    }

    /// The chain values are read, and the question leaves.
    mutating func asks(_ cursors: [FeedCursor], now: Int64) {
        guard case .differs(let comparison, _) = fit else { return }
        fit = .differs(comparison, asked: Asked(cursors: cursors, at: now))
    }

    /// The hub's answer.
    ///
    /// - Returns: the row above which all is to be put aside; nil when there is more to ask, or when nothing differs.
    mutating func compared(same: Int64, head: FeedCursor, now: Int64) -> FeedCursor? {
        guard case .differs(var comparison, let asked) = fit, let asked, !asked.cursors.isEmpty else { return nil }
        comparison.answered(asked.cursors, same: same == 0 ? nil : same)
        self.head = head
        guard comparison.places.isEmpty else {
            fit = .differs(comparison, asked: nil)
            return nil
        }
        guard comparison.common.fseq < cursor.fseq else {
            fitsAfterAll(now: now)
            return nil
        }
        fit = .rewinds(comparison.common)
        return comparison.common
    }

    /// The rows are aside: the feed goes on behind this one.
    mutating func rewound(_ cursor: FeedCursor) {
        guard case .rewinds = fit else { return }
        fit = .fits
        self.cursor = cursor
        startOver()
        isBehind = true
    }

    /// Whether there is something to pull and nothing in the way.
    ///
    /// - Parameter common: how far the common feed is received here.
    func wantsPull(common: Int64) -> Bool {
        guard !isDiverged, pulledAt == nil else { return false }
        if let waitsForCommon, common < waitsForCommon { return false }
        return isBehind || (head?.fseq ?? 0) > received.fseq
    }

    /// The hub says where its feed ends.
    ///
    /// - Returns: an alarm when the chains differ there.
    mutating func ends(at head: FeedCursor) -> Words? {
        self.head = head
        isBehind = false
        return compare()
    }

    /// Rows came by PUB up to here, and were taken as far as they could be.
    mutating func saw(_ last: Int64) { isBehind = last > received.fseq }
}
