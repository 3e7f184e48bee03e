import Events
import Testing

@testable import Tickets

/// What nodes keep of a ticket instead of its history comes to the same as the history.
@Suite("A ticket as it stands") struct StandingTests {
    private func isSame(_ left: TicketStanding, _ right: TicketStanding) -> Bool {
        left.state == right.state && left.count == right.count && left.effective == right.effective
            && left.needsUpgrade == right.needsUpgrade && left.conflicts.map(\.entry) == right.conflicts.map(\.entry)
            && left.conflicts.map(\.resolvedBy) == right.conflicts.map(\.resolvedBy)
    }

    private func isSame(_ left: TicketAtHand, _ right: TicketAtHand) -> Bool {
        isSame(left.standing, right.standing)
            && TicketEventKind.allCases.allSatisfy { kind in
                let plain = TicketCommand(kind)
                let about = TicketCommand(kind, ConvergenceTests.body(kind))
                return left.past(of: plain) == right.past(of: plain) && left.past(of: about) == right.past(of: about)
            }
    }

    @Test(
        "added one by one or folded at once, whoever writes and whatever crosses", arguments: [3, 11, 29] as [UInt64])
    func same(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var (taken, all) = (0, 0)
        for round in 0..<40 {
            var history = ConvergenceTests.base(streetOwned: round.isMultiple(of: 2))
            let nodes = [History.centre, History.street, History.other]
            for step in 0..<25 {
                guard let kind = TicketEventKind.allCases.randomElement(using: &random),
                    let node = nodes.randomElement(using: &random)
                else { continue }
                let command = CommandID(derivedFrom: "random", String(Int.random(in: 0..<60, using: &random)))
                // Mostly everybody has heard of all.
                if Int.random(in: 0..<4, using: &random) > 0 { history.tell(node) }
                history.write(kind, at: node, hour: Int64(step), command: command, ConvergenceTests.body(kind))
            }
            var standing = TicketAtHand(TicketFold(centre: History.centre))
            for (place, event) in history.events.enumerated() {
                let fold = TicketFold(centre: History.centre, events: history.events[...place])
                let before = standing
                all += 1
                if standing.add(event) {
                    taken += 1
                } else {
                    #expect(isSame(before, standing), "seed \(seed), round \(round): refused, and changed by it")
                    standing = TicketAtHand(fold)
                }
                #expect(isSame(standing, TicketAtHand(fold)), "seed \(seed), round \(round), event \(place)")
            }
        }
        #expect(taken * 4 > all, "\(taken) of \(all): most histories would be read again and again")
    }

    @Test("an event that is here, comes before another, repeats a command or moves the holder is not added")
    func refused() {
        var history = History()
        history.write(.registered, Bodies.registered())
        let first = history.write(.progressNoted, hour: 1, ["text": "进展"])
        let second = history.write(.progressNoted, hour: 2, command: first.command, ["text": "再进展"])
        let third = history.write(.dispatched, hour: 3, Bodies.lead(History.street))
        let fourth = history.write(.urged, at: History.other, hour: 0, ["text": "先写后到"])
        var standing = TicketAtHand(
            TicketFold(centre: History.centre, events: Array(history.events.prefix(2))))
        for event in [first, history.events[0], second, third, fourth] {
            let isTaken = standing.add(event)
            #expect(!isTaken)
        }
        #expect(standing.standing.count == 2)
    }

    @Test("what one node writes alone is never read again")
    func alone() {
        var history = History()
        history.write(.registered, Bodies.registered())
        for hour in 1..<20 { history.write(.progressNoted, hour: Int64(hour), ["text": "进展"]) }
        var standing = TicketAtHand(TicketFold(centre: History.centre))
        for event in history.events {
            let isTaken = standing.add(event)
            #expect(isTaken)
        }
        #expect(isSame(standing, TicketAtHand(history.fold)))
    }
}
