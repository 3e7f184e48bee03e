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
    /// The feed's rows differ from the hub's: it stands still until a person has looked.
    private(set) var isDiverged = false

    init(_ mark: FeedMark) {
        name = mark.feed
        cursor = mark.cursor
        received = mark.cursor
    }

    /// Rows of the hub that are known to be missing here.
    var lag: Int64 { StreetSession.gap(head?.fseq ?? 0, cursor.fseq) }

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

    mutating func applied(_ cursor: FeedCursor) { self.cursor = cursor }

    /// The hub's end at a new session.
    ///
    /// - Returns: an alarm when the hub ends before this node: it was restored from an older copy.
    mutating func begin(head: FeedCursor?) -> Words? {
        // What was received stays so: the shell still has it, and says when it is durable or lost.
        waitsForCommon = nil
        endPull()
        isBehind = false
        self.head = head
        guard !isDiverged, let head, head.fseq < cursor.fseq else { return compare() }
        isDiverged = true
        return "feed \(name) ends at row \(head.fseq) at the hub, and at \(cursor.fseq) here; was the hub restored?"
    }

    /// Compares the chains at the hub's end, when both are there.
    private mutating func compare() -> Words? {
        guard !isDiverged, let head, head.fseq == received.fseq, head.chain != received.chain else { return nil }
        isDiverged = true
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
            isDiverged = true
            waitsForCommon = nil
            return ([], "feed \(name) differs from the hub's at row \(here.fseq): \(here.chain) here, \(chain) there")
        }
        received = end
        return (taken, nil)
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
