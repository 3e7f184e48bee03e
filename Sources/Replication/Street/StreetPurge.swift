/// When a street lets go what others wrote in tickets that left it (`docs/decisions/0027-purge-after-leave.md`).
///
/// A machine without IO: it looks through the LEAVE rows of the feed, so many at a time, and hands what is due to a transaction. Nothing
/// is remembered but how far it has looked: what is due follows from the log, the hub's word and the clock.

import Events

/// How long a street keeps the bodies of tickets that left.
package struct PurgeTerm: Sendable {
    /// Days from the LEAVE.
    package static let days = 30...3_650

    let milliseconds: Int64

    /// - Parameter days: see `days`.
    package init(days: Int) { milliseconds = Int64(days) * 86_400_000 }

    /// A shorter one, for tests.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
}

struct StreetPurge: Sendable {
    enum Limit {
        /// LEAVE rows that are looked at in a turn, and milliseconds between two looks as long as there is more.
        static let looked = 200
        static let look: Int64 = 50
        /// Tickets of one transaction.
        static let tickets = 4
        /// Milliseconds between two rounds, for each look that the round took: however many tickets left, and are not old enough,
        /// one look a minute is what they cost.
        static let round: Int64 = 60_000
    }

    private let feed: FeedName
    private let node: NodeID
    private let term: PurgeTerm?
    /// LEAVE rows up to this one were looked at in this round, and what was due there is gone, durably.
    private(set) var place: Int64 = 0
    /// Where a round begins: below there is nothing that could ever be due.
    private var start: Int64 = 0
    /// The first row of this round at which something stays to be looked at again.
    private var firstOpen: Int64?
    private var looks: Int64 = 0
    /// Steady milliseconds.
    private(set) var dueAt = Int64.min
    /// What is to go in the next transaction, and how far was looked for it.
    private var toGo: [LeftStream] = []
    private var reached: (place: Int64, isEnd: Bool) = (0, false)
    /// LEAVE rows of the open transaction that went through it without letting go; nil before it has begun.
    private var stayed: [Int64]?
    /// Rows that were looked at since the start.
    private(set) var looked: Int64 = 0

    init(node: NodeID, term: PurgeTerm?) {
        self.node = node
        feed = .node(node)
        self.term = term
    }

    var hasStorageWork: Bool { !toGo.isEmpty }

    /// Looks at the next few rows, when that is due; not to be called while the clock is not believed.
    ///
    /// - Parameter confirmed: how far the hub has each own origin.
    mutating func look(_ confirmed: [OriginMark], _ reader: any EventReader, _ now: Moment) throws(LogFailure) {
        guard let term, toGo.isEmpty, now.steady >= dueAt else { return }
        let read = try LogFailure.orDamage { [feed, place] () throws(LogFailure) in
            try reader.left(feed, above: place, rows: Limit.looked)
        }
        guard case .success(let page) = read else {
            // The next round tries again; whoever reads the rows names the damage.
            return endRound(now)
        }
        looks += 1
        looked += Int64(page.looked)
        reached = (page.through ?? place, page.looked < Limit.looked)
        for left in page.streams {
            guard left.since + term.milliseconds <= now.wall, isConfirmed(left, confirmed) else {
                firstOpen = min(firstOpen ?? .max, left.leave.fseq)
                continue
            }
            toGo.append(left)
            guard toGo.count < Limit.tickets else {
                reached = (left.leave.fseq, false)
                break
            }
        }
        if toGo.isEmpty { advance(now) }
    }

    /// Whether the hub has all that this node wrote in a ticket.
    private func isConfirmed(_ left: LeftStream, _ confirmed: [OriginMark]) -> Bool {
        left.last.allSatisfy { id in
            id.origin.node != node || confirmed.contains { $0.origin == id.origin && $0.sequence >= id.sequence }
        }
    }

    private mutating func advance(_ now: Moment) {
        place = reached.place
        dueAt = now.steady + Limit.look
        if reached.isEnd { endRound(now) }
    }

    private mutating func endRound(_ now: Moment) {
        start = firstOpen.map { $0 - 1 } ?? place
        place = start
        dueAt = now.steady + Limit.round * max(1, looks)
        firstOpen = nil
        looks = 0
    }

    /// - Returns: the events that say what went.
    mutating func store(_ transaction: any LogTransaction, now: Moment) throws(LogFailure) -> [Event] {
        guard !toGo.isEmpty else { return [] }
        var stayed: [Int64] = []
        var records: [Event] = []
        for left in toGo {
            if let record = try transaction.purge(left, of: feed, now: now.wall) {
                records.append(record.event)
            } else {
                stayed.append(left.leave.fseq)
            }
        }
        self.stayed = stayed
        return records
    }

    /// The transaction with these is on the disk: what was looked at for them is behind.
    mutating func committed(now: Moment) {
        // What was found behind the transaction of this turn waits for the next.
        guard let stayed else { return }
        toGo = []
        if let first = stayed.min() { firstOpen = min(firstOpen ?? .max, first) }
        self.stayed = nil
        advance(now)
    }

    /// The transaction was lost: the same rows are looked at again, after a rest.
    mutating func storageFailed(now: Moment) {
        guard !toGo.isEmpty else { return }
        toGo = []
        stayed = nil
        dueAt = now.steady + Limit.round
    }

    /// Rows of the feed were put aside: a LEAVE before them may be the last word again.
    mutating func startOver() {
        toGo = []
        stayed = nil
        (place, start, firstOpen, looks) = (0, 0, nil, 0)
    }
}
