/// A hub that was restored from an older copy takes back what it wrote since, from the streets that have it (收回).
///
/// A street that finds rows of its feed that are not the hub's puts them aside and says so in an event, with the last end of the feed
/// that the hub had signed. Whoever can show rows that lead from one that the hub has to such an end shows what the hub wrote:
/// nobody else can sign it. The hub recalls the rows, and wants the events in them that it does not have.
///
/// One machine for all nodes, without IO. What is under way is forgotten with the process and begun again at its next start.

import Events

struct Reclaim {
    /// Rows of a street that are to be looked through.
    struct Claim: Sendable, Equatable {
        /// The street's event.
        var id: EventID
        var feed: FeedName
        /// The last common row.
        var common: FeedCursor
        /// The end that the hub signed.
        var head: SignedHead
        /// Rows behind that end, which nobody can prove.
        var unsigned: Int64
    }

    enum Limit {
        /// Events that one claim may bring.
        static let events = 200_000
        /// Milliseconds until a question without an answer is asked again.
        static let answer: Int64 = 3_000
    }

    /// What came of a claim.
    struct Result: Equatable {
        var claim: Claim
        /// Events that came back.
        var events: Int64
        /// Why nothing more comes back; nil when all that was signed did.
        var reason: Words?
    }

    private struct Work {
        var claim: Claim
        /// Rows up to here lead from the common one.
        var cursor: FeedCursor
        /// What the rows name and the log lacks.
        var lacking: [EventID: Digest] = [:]
        /// The ids of these in the order of the rows; those before `next` have come.
        var order: [EventID] = []
        var next = 0
        var askedAt: Int64?
        var taken: Int64 = 0

        var hasAllRows: Bool { cursor.fseq == claim.head.cursor.fseq }
    }

    /// Per node in the order in which they came; the first is under way.
    private var works: [NodeID: [Work]] = [:]
    private(set) var results: [Result] = []

    var isIdle: Bool { works.isEmpty && results.isEmpty }

    /// The nodes whose rows are looked through, sorted.
    var nodes: [NodeID] { works.keys.sorted() }

    mutating func add(_ claim: Claim, of node: NodeID) {
        guard works[node]?.contains(where: { $0.claim.id == claim.id }) != true else { return }
        works[node, default: []].append(Work(claim: claim, cursor: claim.common))
    }

    mutating func takeResults() -> [Result] {
        defer { results = [] }
        return results
    }

    /// A session of a node began: what was asked in the one before is asked again.
    mutating func opened(_ node: NodeID) { if works[node] != nil { works[node]?[0].askedAt = nil } }

    /// The next question to a node; nil when nothing is open, or an answer is still waited for.
    mutating func ask(_ node: NodeID, now: Int64) -> RepairMessage? {
        guard var work = works[node]?.first else { return nil }
        if let asked = work.askedAt, now - asked < Limit.answer { return nil }
        work.askedAt = now
        works[node]?[0] = work
        guard work.hasAllRows else { return .recall(rewind: work.claim.id, above: work.cursor.fseq) }
        return .want(Array(work.order[work.next...].prefix(RepairMessage.wantLimit)))
    }

    /// Rows that a node had put aside.
    ///
    /// - Parameter isHere: whether the log has an event.
    mutating func recalled(
        _ rewind: EventID, _ rows: [WireRow], from node: NodeID, isHere: (EventID) throws -> Bool
    ) rethrows {
        guard var work = works[node]?.first, work.claim.id == rewind, !work.hasAllRows else { return }
        guard !rows.isEmpty else { return finish(node, Reclaim.short) }
        // Asked for again it would come again.
        if let next = rows.first(where: { $0.fseq > work.cursor.fseq }), next.fseq > work.cursor.fseq + 1 {
            return finish(node, Reclaim.astray)
        }
        for row in rows where row.fseq > work.cursor.fseq && row.fseq <= work.claim.head.cursor.fseq {
            guard row.fseq == work.cursor.fseq + 1 else { break }
            work.cursor = FeedCursor(fseq: row.fseq, chain: row.chain(after: work.cursor.chain))
            let named: (EventID, Digest)? =
                switch row.content {
                case .receipt(let id, let hash): (id, hash)
                case .event(let event): (event.id, event.hash)
                case .join, .leave: nil
                }
            guard let (id, hash) = named, try !isHere(id), work.lacking.updateValue(hash, forKey: id) == nil else {
                continue
            }
            work.order.append(id)
        }
        work.askedAt = nil
        works[node]?[0] = work
        if work.order.count > Limit.events { return finish(node, Reclaim.tooMany) }
        guard work.hasAllRows else { return }
        guard work.cursor == work.claim.head.cursor else {
            return finish(node, Reclaim.astray)
        }
        if work.order.isEmpty { finish(node, nil) }
    }

    /// Events that a node gives, in the order in which they were asked for.
    ///
    /// - Parameter first: the first of those that were asked for: an answer that came twice is no second answer.
    /// - Returns: those that the rows name which lead to the signature; the others are nobody's word.
    mutating func given(_ events: [Event], for first: EventID, by node: NodeID) -> [Event] {
        guard var work = works[node]?.first, work.hasAllRows, work.next < work.order.count,
            work.order[work.next] == first
        else { return [] }
        let asked = work.order[work.next...].prefix(RepairMessage.wantLimit)
        // What stands before the last that came, and did not come, is not there; what stands behind did not fit the message.
        let end = events.last.flatMap { last in asked.firstIndex(of: last.id) }.map { $0 + 1 } ?? asked.endIndex
        let good = events.filter { work.lacking[$0.id] == $0.hash && $0.isWhole }
        for event in good { work.lacking[event.id] = nil }
        work.taken += Int64(good.count)
        work.next = end
        work.askedAt = nil
        works[node]?[0] = work
        if end == work.order.count {
            let gone: Words = "\(work.lacking.count) events are not there any more"
            finish(node, work.lacking.isEmpty ? nil : gone)
        }
        return good
    }

    private static let short: Words = "the rows end before the signed one"
    private static let astray: Words = "the rows do not lead to the signed one"
    private static let tooMany: Words = "more than \(Limit.events) events are lacking"

    private mutating func finish(_ node: NodeID, _ reason: Words?) {
        guard let work = works[node]?.first else { return }
        works[node]?.removeFirst()
        if works[node]?.isEmpty == true { works[node] = nil }
        results.append(Result(claim: work.claim, events: work.taken, reason: reason))
    }
}
