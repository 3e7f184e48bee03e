import Events
import Testing

@testable import Replication

/// What one node may cost the hub: all of it alone, its share beside others, and never a place in somebody else's way.
@Suite("Fair shares of the hub") struct FairShareTests {
    private let nodes: [NodeID]
    private let piece: Int64 = 48 << 10
    private var turn: Int { Int(FairShareLimit.turn / piece) + 1 }

    init() throws { nodes = try ["a", "b", "c"].map { try NodeID($0) } }

    /// Fills a node's queue.
    private func flood(_ shares: inout FairShare<Int>, _ node: NodeID, now: Int64) -> Int {
        var taken = 0
        while shares.reads(Int(piece), of: node, now: now) {
            if shares.offer(0, cost: piece, of: node, now: now) { taken += 1 }
        }
        return taken
    }

    @Test("who is alone has all of every turn, for as long as it likes, and nothing of it is left out")
    func alone() {
        var shares = FairShare<Int>()
        var number = 0
        var taken: [Int] = []
        // 64 MiB, in windows of an upload.
        for turn in 0..<64 {
            let now = Int64(turn) * 40
            for _ in 0..<Int(1 << 20 / piece) {
                let isRead = shares.reads(Int(piece), of: nodes[0], now: now)
                #expect(isRead)
                if shares.offer(number, cost: piece, of: nodes[0], now: now) { taken.append(number) }
                number += 1
            }
            taken += shares.takeTurn(now: now).map(\.item)
            #expect(taken.count == number, "what came in a turn is done in it")
        }
        #expect(taken == Array(0..<number), "in the order in which it came")
        let leftOut = shares.takeLeftOut(now: 10_000)
        #expect(leftOut.isEmpty)
    }

    @Test("a turn takes so much and no more, whoever sends how much")
    func turnLimit() {
        var shares = FairShare<Int>()
        for number in 0..<20 {
            let now = Int64(number) * 40
            var taken = 0
            for node in nodes { taken += flood(&shares, node, now: now) }
            taken += shares.takeTurn(now: now).count
            #expect(taken <= turn)
        }
    }

    @Test("what is written beside a flood is taken in the turn in which it came")
    func beside() {
        var shares = FairShare<Int>()
        for number in 1...200 {
            let now = Int64(number) * 40
            _ = flood(&shares, nodes[0], now: now)
            _ = flood(&shares, nodes[1], now: now)
            let isNow = shares.offer(number, cost: 1_000, of: nodes[2], now: now)
            let taken = shares.takeTurn(now: now)
            #expect(isNow || taken.contains { $0.item == number })
        }
    }

    @Test("those who flood get equal shares")
    func equal() {
        var shares = FairShare<Int>()
        var taken: [NodeID: Int] = [:]
        for number in 0..<300 {
            let now = Int64(number) * 40
            for node in nodes { taken[node, default: 0] += flood(&shares, node, now: now) }
            for (node, _) in shares.takeTurn(now: now) { taken[node, default: 0] += 1 }
        }
        let counts = nodes.compactMap { taken[$0] }
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= turn, "\(counts)")
    }

    @Test("what was taken while nobody else wanted it is forgiven within a minute or so")
    func forgiven() {
        var shares = FairShare<Int>()
        for number in 0..<1_000 {
            _ = flood(&shares, nodes[0], now: Int64(number) * 40)
            _ = shares.takeTurn(now: Int64(number) * 40)
        }
        var now: Int64 = 40_000
        while !shares.takeTurn(now: now).isEmpty { now += 40 }
        let later = now + (FairShareLimit.debt / FairShareLimit.rate + 1) * 1_000
        let isTaken = shares.offer(1, cost: 1, of: nodes[0], now: now)
        #expect(!isTaken)
        _ = shares.takeTurn(now: now)
        let isTakenLater = shares.offer(1, cost: 1, of: nodes[0], now: later)
        #expect(isTakenLater)
    }

    @Test("what is left out is told with its node, at once and then hourly")
    func leftOut() {
        var shares = FairShare<Int>()
        _ = flood(&shares, nodes[1], now: 0)
        let first = shares.takeLeftOut(now: 0)
        #expect(first.map(\.node) == [nodes[1]] && first.first?.messages == 1)
        let again = shares.takeLeftOut(now: 1)
        #expect(again.isEmpty)
        let isRead = shares.reads(1, of: nodes[1], now: 2)
        #expect(!isRead)
        let soon = shares.takeLeftOut(now: 3_000)
        #expect(soon.isEmpty)
        let last = shares.takeLeftOut(now: FairShareLimit.tellAgain)
        #expect(last.first?.messages == 2)
    }

    @Test("a node causes a hundred alarms, then one in ten seconds")
    func alarms() {
        var shares = FairShare<Int>()
        let told = (0..<1_000).count { _ in shares.alarms(nodes[0], now: 5) }
        #expect(told == 100)
        let others = shares.alarms(nodes[1], now: 5)
        #expect(others, "another's are its own")
        let second = shares.alarms(nodes[0], now: 9_999)
        #expect(!second)
        let third = shares.alarms(nodes[0], now: 10_006)
        #expect(third)
        let fourth = shares.alarms(nodes[0], now: 10_007)
        #expect(!fourth)
    }
}
