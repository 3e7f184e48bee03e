// What one node may cost the hub: credit that time gives back, and a queue for what goes beyond it.
//
// No rate is forbidden: a street that alone uploads a month's work has all of the hub. Credit decides only where several want
// something at once: a turn takes so much and no more, first from those who took least lately, and what it has no room for waits.
// So a node that floods the hub gets what the others leave, and nobody waits for more than one turn of it. What does not even fit
// the queue is left out, unread: it was not acknowledged, so who sent it sends it again.

import Events

/// Costs are bytes: those of what comes, and of what makes the hub read, about those that it reads (`Message.cost`).
struct FairShare<Item: Sendable>: Sendable {
    private struct Share {
        /// Negative is debt.
        var credit = FairShareLimit.burst
        /// Steady milliseconds to which `credit` is counted.
        var at: Int64
        /// Oldest first.
        var queue: [(item: Item, cost: Int64)] = []
        var waiting: Int64 = 0
        /// Bytes that came in this turn.
        var arrived: Int64 = 0
        /// Which one in the row of all that waited was its last: of equals the one that waited longer goes first.
        var served: UInt64 = 0
        /// Messages that were left out, and when an alarm told of them.
        var leftOut: Int64 = 0
        var toldAt: Int64?
        /// Alarms that it may still cause, and the steady milliseconds to which they are counted.
        var alarms = FairShareLimit.alarms
        var alarmsAt: Int64

        mutating func pay(_ cost: Int64) { credit = max(credit - cost, -FairShareLimit.debt) }
    }

    private var shares: [NodeID: Share] = [:]
    /// Those of which something waits, of which something came in this turn, and of which an alarm is to tell; a turn looks at
    /// no others, however many there are.
    private var waiting: Set<NodeID> = []
    private var arrived: Set<NodeID> = []
    private var untold: Set<NodeID> = []
    /// What this turn still takes.
    private var left = FairShareLimit.turn
    private var served: UInt64 = 0

    /// Whether a frame is to be read, and not left out; counts its bytes.
    mutating func reads(_ bytes: Int, of node: NodeID, now: Int64) -> Bool {
        var share = share(of: node, now)
        defer { shares[node] = share }
        share.arrived += Int64(bytes)
        arrived.insert(node)
        guard share.arrived <= FairShareLimit.read, share.queue.count < FairShareLimit.messages,
            share.waiting <= FairShareLimit.waiting
        else {
            share.leftOut += 1
            untold.insert(node)
            return false
        }
        return true
    }

    /// Offers a message to this turn, of which half is for those who come later.
    ///
    /// - Parameter cost: 0 is taken at once and counts for nothing.
    /// - Returns: whether it is taken now; otherwise it waits for `takeTurn`.
    mutating func offer(_ item: Item, cost: Int64, of node: NodeID, now: Int64) -> Bool {
        guard cost > 0 else { return true }
        var share = share(of: node, now)
        defer { shares[node] = share }
        if share.queue.isEmpty, share.credit > 0, left > FairShareLimit.turn / 2 {
            share.pay(cost)
            left -= cost
            return true
        }
        share.queue.append((item, cost))
        share.waiting += cost
        waiting.insert(node)
        return false
    }

    /// Whether something waits for a further turn.
    var hasWaiting: Bool { !waiting.isEmpty }

    /// Ends a turn: what still fits it of all that waits, in the order in which it is to be taken.
    mutating func takeTurn(now: Int64) -> [(node: NodeID, item: Item)] {
        var taken: [(node: NodeID, item: Item)] = []
        for node in waiting { shares[node] = share(of: node, now) }
        while left > 0, let node = next() {
            guard let (item, cost) = shares[node]?.queue.removeFirst() else { break }
            shares[node]?.waiting -= cost
            shares[node]?.pay(cost)
            left -= cost
            served += 1
            shares[node]?.served = served
            if shares[node]?.queue.isEmpty ?? true { waiting.remove(node) }
            taken.append((node, item))
        }
        left = FairShareLimit.turn
        for node in arrived { shares[node]?.arrived = 0 }
        arrived.removeAll(keepingCapacity: true)
        return taken
    }

    /// Of those who wait the one with the most credit.
    private func next() -> NodeID? {
        waiting.lazy.map { node in (node, credit: shares[node]?.credit ?? 0, served: shares[node]?.served ?? 0) }
            .max { one, other in
                (one.credit, other.served, other.0) < (other.credit, one.served, one.0)
            }?.0
    }

    /// Nodes of which something was left out since an alarm last told of it, at most hourly, and how much since the start.
    mutating func takeLeftOut(now: Int64) -> [(node: NodeID, messages: Int64)] {
        var found: [(node: NodeID, messages: Int64)] = []
        for node in untold {
            guard let share = shares[node], share.toldAt.map({ now - $0 >= FairShareLimit.tellAgain }) ?? true else {
                continue
            }
            untold.remove(node)
            shares[node]?.toldAt = now
            found.append((node, share.leftOut))
        }
        return found.sorted { $0.node < $1.node }
    }

    /// Whether an alarm that a node's message causes is given; counts it.
    mutating func alarms(_ node: NodeID, now: Int64) -> Bool {
        var share = share(of: node, now)
        defer { shares[node] = share }
        let gained = max(0, now - share.alarmsAt) / FairShareLimit.alarmAgain
        share.alarms = min(FairShareLimit.alarms, share.alarms + gained)
        share.alarmsAt += gained * FairShareLimit.alarmAgain
        guard share.alarms > 0 else { return false }
        share.alarms -= 1
        return true
    }

    /// A node that is no member any more.
    mutating func forget(_ node: NodeID) {
        shares[node] = nil
        waiting.remove(node)
        untold.remove(node)
    }

    /// A node's share as of now.
    private func share(of node: NodeID, _ now: Int64) -> Share {
        var share = shares[node] ?? Share(at: now, alarmsAt: now)
        let elapsed = min(max(0, now - share.at), FairShareLimit.remembered)
        share.credit = min(FairShareLimit.burst, share.credit + elapsed * FairShareLimit.rate / 1_000)
        share.at = max(now, share.at)
        return share
    }
}

/// Bytes, and milliseconds.
enum FairShareLimit {
    /// What credit gains in a second, and what it never exceeds: several times what a busy street writes.
    static let rate: Int64 = 256 << 10
    static let burst: Int64 = 1 << 20
    /// What debt never exceeds: taken while nobody else wanted it, it is soon forgiven.
    static let debt: Int64 = 16 << 20
    /// What a turn takes of all nodes together, and the rest of one message.
    static let turn: Int64 = 1 << 20
    /// What may wait of a node, and come of it in a turn: several times the window of an upload, of which an honest node has one,
    /// and photographs beside (`StreetSession.Limit.windowMost`).
    static let waiting: Int64 = 6 << 20
    static let read: Int64 = 6 << 20
    static let messages = 256
    /// Until an alarm tells again of a node of which something is left out.
    static let tellAgain: Int64 = 3_600_000
    /// Alarms that a node may cause at once, and until it may cause one more.
    static let alarms: Int64 = 100
    static let alarmAgain: Int64 = 10_000
    /// Longer than any debt lasts.
    static let remembered: Int64 = 600_000
}

extension Message {
    /// What it costs the hub to take; 0 is taken whatever its node has sent.
    ///
    /// - Parameter bytes: of its frame.
    func cost(bytes: Int) -> Int64 {
        let bytes = Int64(bytes)
        switch self {
        case .hello(let hello): return bytes + 16_384 + 512 * Int64(hello.origins.count)
        // The rows that answer it have a limit of their own (`HubDesk.Limit.pulled`).
        case .pull: return bytes + 16_384
        case .compare(_, _, let cursors): return bytes + 512 * Int64(cursors.count)
        case .bases: return bytes + 4_096
        case .keys(_, .want(let boxes)): return bytes + 1_024 * Int64(boxes.count)
        case .keys(_, .key): return bytes + 4_096
        case .blobs(_, .want): return bytes + 4_096
        case .repair(_, .recalled(_, let rows)): return bytes + 256 * Int64(rows.count)
        // Behind what was said before it.
        case .bye: return 1
        case .push, .keys, .blobs, .repair: return bytes
        case .ack, .ping: return 0
        // Nothing comes of these, but they were read.
        case .welcome, .refuse, .batch, .live, .hint, .pack, .pong, .halt, .enrol, .enrolled, .compared: return bytes
        }
    }
}
