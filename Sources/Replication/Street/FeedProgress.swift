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
    /// The last pull was not answered in time.
    ///
    /// Perhaps its answer is only slow: then what is asked for again comes twice, so that it is little.
    private(set) var isRepeating = false
    /// When the pull that is under way was sent.
    var pullSentAt: Int64?
    /// Rows wait until the common feed is here.
    private(set) var waitsForCommon: Int64?
    /// Whether the rows here are the hub's, as far as both are there; nothing is taken while that is not so.
    private(set) var fit = Fit.fits
    /// Before this, in steady milliseconds, rows that differ are not compared again: what was equal when it was compared would
    /// be asked for without end.
    private var comparesFrom = Int64.min

    /// The last row that was taken before the session ended; what PUB brought since may be ahead of a welcome on its way.
    private var sessionEnd: Int64?
    /// When the hub last said where its feed ends, in steady milliseconds.
    private var heardAt: Int64 = 0

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

    /// - Parameters:
    ///   - base: the row behind which this node began; nil for the feed's seed.
    ///   - hadRows: rows of it were here and are put aside.
    init(_ mark: FeedMark, base: FeedCursor? = nil, hadRows: Bool = false) {
        self.hadRows = hadRows || mark.cursor.fseq > 0
        self.base = base ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: mark.feed))
        name = mark.feed
        cursor = mark.cursor
        received = mark.cursor
    }

    /// The row behind which this node began; the feed's seed but for a node that began behind a base.
    private var base: FeedCursor
    private var question = BaseQuestion()
    /// Tickets of the feed may be here, also where no row of it is any more.
    ///
    /// What is over sleeps behind a base, so a node that has such a ticket would not hear that it is.
    private var hadRows: Bool
    private var seed: FeedCursor { FeedCursor(fseq: 0, chain: FeedRow.seed(of: name)) }

    private(set) var counts = AppliedRows()
    private var underWay = RowsUnderWay()

    /// Rows of the hub that are known to be missing here.
    var lag: Int64 { StreetSession.gap(head?.fseq ?? 0, max(cursor.fseq, base.fseq)) }

    /// The hub's end is known as of now.
    mutating func measure(now: Int64) { if let head { meter.note(head.fseq, at: now) } }

    /// Since when rows are missing here, in steady milliseconds; nil when none is.
    var lagSince: Int64? { lag > 0 ? meter.since(above: cursor.fseq) : nil }

    /// Forgets what was on its way.
    mutating func startOver() {
        received = cursor
        underWay = RowsUnderWay()
        waitsForCommon = nil
        endPull()
        guard cursor.fseq == 0 else { return }
        base = seed
        question.askAgain()
    }

    /// A part of the answer to a pull came.
    mutating func answered(isLast: Bool, now: Int64) {
        pulledAt = isLast ? nil : now
        isAnswering = !isLast
        isRepeating = false
    }

    /// Whether rows answer a pull that was given up, and all of them came by a later one.
    ///
    /// The answer to the pull that is under way is behind them: taken for it they would be asked for twice again, and so on
    /// without end.
    func isLate(_ rows: [WireRow]) -> Bool { rows.last.map { $0.fseq <= received.fseq } ?? false }

    /// The line brings something, if not what was asked for last.
    mutating func waitsOn(now: Int64) { if pulledAt != nil { pulledAt = now } }

    /// The pull that is under way was not answered in time.
    mutating func giveUp() {
        endPull()
        isRepeating = true
    }

    /// The pull that was under way is over: answered, given up, or of an earlier session.
    mutating func endPull() {
        pulledAt = nil
        isAnswering = false
    }

    /// The session is over: what was asked for in it is not answered any more, and what PUB brings is taken again.
    mutating func endSession() {
        endPull()
        sessionEnd = sessionEnd ?? received.fseq
    }

    mutating func applied(_ cursor: FeedCursor) {
        underWay.applied(above: max(self.cursor.fseq, base.fseq), through: cursor.fseq, into: &counts)
        self.cursor = cursor
        hadRows = true
        // What was handed out before the feed was found to differ.
        if received.fseq < cursor.fseq { received = cursor }
    }

    /// The hub's end at a new session.
    ///
    /// - Parameter isSameHub: it is the opening of the hub that the session before was with.
    /// - Returns: an alarm when the hub ends before this node: it was restored from an older copy.
    mutating func begin(head: FeedCursor?, isSameHub: Bool, now: Int64) -> Words? {
        heardAt = now
        if received.fseq == question.begun { received = cursor }
        question.askAgain()
        // What was received stays so: the shell still has it, and says when it is durable or lost.
        waitsForCommon = nil
        endPull()
        isBehind = false
        self.head = head
        if case .differs(let comparison, _) = fit { fit = .differs(comparison, asked: nil) }
        let taken = sessionEnd
        sessionEnd = nil
        guard !isDiverged, let head, head.fseq < cursor.fseq else { return compare() }
        // A welcome that left before rows that are here by now: one opening of a hub loses none.
        if isSameHub || head.fseq >= taken ?? .max { return nil }
        guard differs(at: head.fseq) else { return nil }
        return "feed \(name) ends at row \(head.fseq) at the hub, and at \(cursor.fseq) here; was the hub restored?"
    }

    /// Compares the chains at the hub's end, when both are there.
    private mutating func compare() -> Words? {
        guard !isDiverged, let head, head.fseq == received.fseq, head.chain != received.chain else { return nil }
        guard differs(at: head.fseq) else { return nil }
        return "feed \(name) differs from the hub's at row \(head.fseq): \(received.chain) here, \(head.chain) there"
    }

    /// What came of rows that arrived.
    struct Taken {
        /// To be applied.
        var rows: [ChainedRow] = []
        /// Where they lead elsewhere.
        var alarm: Words?
        /// They hold a receipt of an event that is not here: they are meant for another process of this node.
        var isForeign = false
    }

    /// Takes rows as far as they are the next, the rules they came under are here, and what they confirm is, too.
    ///
    /// - Parameters:
    ///   - chain: the hub's chain value after the last row: rows that lead elsewhere are never taken.
    ///   - way: how they came.
    ///   - common: how far the common feed is received here.
    ///   - isHere: whether an own event is in this log. A cursor that went past a receipt without it would never be
    ///     sent the event.
    mutating func accept(
        _ rows: [WireRow], _ chain: ChainValue, by way: AppliedRows.Way, common: Int64, isHere: (EventID) -> Bool
    ) -> Taken {
        guard !isDiverged else { return Taken() }
        if received.fseq == question.begun, let row = rows.first(where: { $0.fseq == received.fseq + 1 }),
            !FeedProgress.begins(name, with: row, behind: received)
        {
            return Taken(alarm: refuseBase())
        }
        waitsForCommon = nil
        // All of the rows are followed to where they lead, also those that have to wait.
        var here = received
        var taken = Taken()
        var end = received
        for row in rows where row.fseq > here.fseq {
            guard row.fseq == here.fseq + 1 else {
                // After a hole nothing can be compared; what is before it is good.
                received(end, by: way)
                return taken
            }
            here = FeedCursor(fseq: row.fseq, chain: row.chain(after: here.chain))
            if case .receipt(let id, _) = row.content, waitsForCommon == nil, !isHere(id) { taken.isForeign = true }
            if waitsForCommon == nil, name != .common, row.common > common { waitsForCommon = row.common }
            guard waitsForCommon == nil, !taken.isForeign else { continue }
            taken.rows.append(ChainedRow(row: row, chain: here.chain))
            end = here
        }
        if here.fseq > received.fseq, here.chain != chain {
            guard differs(at: here.fseq) else { return Taken() }
            return Taken(
                alarm:
                    "feed \(name) differs from the hub's at row \(here.fseq): \(here.chain) here, \(chain) there")
        }
        received(end, by: way)
        return taken
    }

    private mutating func received(_ end: FeedCursor, by way: AppliedRows.Way) {
        if end.fseq > received.fseq { underWay.add(through: end.fseq, by: way) }
        received = end
    }

    // MARK: - Where the feed begins

    /// Whether nothing of the feed is or ever was here, the hub has some, and has not said where to begin.
    private var wantsBase: Bool {
        name != .common && !hadRows && received.fseq == 0 && (head?.fseq ?? 0) > 0 && question.isOpen
    }

    /// Whether to ask now where to begin.
    mutating func asksForBase(now: Int64) -> Bool {
        guard wantsBase, !isDiverged else { return false }
        return question.ask(now: now)
    }

    /// The hub's answer.
    mutating func begin(behind base: FeedCursor) {
        // The end that is known here may be older than the base; but no feed is so long that its next row has no number.
        guard wantsBase, base.fseq < 1 << 62 else { return }
        question.answered(base.fseq)
        self.base = base.fseq > 0 ? base : seed
        if base.fseq > 0 { received = base }
    }

    private static func begins(_ feed: FeedName, with row: WireRow, behind base: FeedCursor) -> Bool {
        guard case .event(let event) = row.content, let said = FeedBase(event) else { return false }
        return said.begins(feed, at: row.fseq) && said.before == base
    }

    /// What comes behind the base does not say that it is one: the feed is taken from its first row.
    private mutating func refuseBase() -> Words {
        question.answered(0)
        let place = base.fseq
        base = seed
        received = cursor
        isBehind = true
        return
            "feed \(name): what follows row \(place) does not say that the feed begins anew there; it is pulled from row 1"
    }

    // MARK: - Where the rows differ

    /// - Returns: whether nobody was told of a difference at this row.
    private mutating func differs(at fseq: Int64) -> Bool {
        fit = .differs(FeedComparison(seed: base, last: cursor.fseq), asked: nil)
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
        // Of a feed that was begun behind a base nothing is left then.
        self.cursor = cursor == base ? seed : cursor
        startOver()
        isBehind = true
    }

    /// Whether there is something to pull and nothing in the way.
    ///
    /// - Parameter common: how far the common feed is received here.
    func wantsPull(common: Int64, now: Int64) -> Bool {
        guard !isDiverged, pulledAt == nil, !wantsBase else { return false }
        if let waitsForCommon, common < waitsForCommon { return false }
        if isBehind { return true }
        guard let head else { return false }
        return head.fseq > received.fseq || now - heardAt >= StreetSession.Limit.quiet
    }

    /// The hub says where its feed ends.
    ///
    /// - Returns: an alarm when the chains differ there.
    mutating func ends(at head: FeedCursor, now: Int64) -> Words? {
        self.head = head
        heardAt = now
        isBehind = false
        return compare()
    }

    /// Rows came by PUB up to here, and were taken as far as they could be.
    mutating func saw(_ last: Int64, now: Int64) {
        isBehind = last > received.fseq
        heardAt = now
    }
}

/// The question where a feed begins of which nothing is here.
struct BaseQuestion: Sendable {
    /// A hub of the version before skips the question.
    private static let times = 3

    private(set) var isOpen = true
    /// The row behind which the feed was begun, until rows behind it are durable; nil for none.
    private(set) var begun: Int64?
    private var count = 0
    private var askedAt: Int64?

    mutating func askAgain() { self = BaseQuestion() }

    /// - Parameter base: 0 for the feed's seed.
    mutating func answered(_ base: Int64) {
        isOpen = false
        begun = base > 0 ? base : nil
    }

    /// - Parameter now: steady milliseconds.
    mutating func ask(now: Int64) -> Bool {
        if let askedAt, now - askedAt < StreetSession.Limit.answer { return false }
        guard count < BaseQuestion.times else {
            isOpen = false
            return false
        }
        count += 1
        askedAt = now
        return true
    }
}
