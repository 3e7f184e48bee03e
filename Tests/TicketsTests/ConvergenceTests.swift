/// The fold is a function of the set of events: order of arrival, repetition and splits do not matter.

import Events
import Testing

@testable import Tickets

@Suite("Convergence")
struct ConvergenceTests {
    private static let seeds: [UInt64] = [1, 7, 42]
    private static let kinds = TicketEventKind.allCases

    /// A body that any kind reads something from; the lead moves to the other street.
    static func body(_ kind: TicketEventKind) -> JSONObject {
        var body = Bodies.lead(History.other, unit: "320507002")
        body["text"] = .string(kind.rawValue)
        body["matter"] = .string(kind.rawValue)
        body["channel"] = "web"
        body["state"] = "inHand"
        body["kind"] = "solved"
        body["level"] = 2
        body["until"] = 1_700_600_000_000
        body["into"] = "ticket/0198"
        body["onTime"] = true
        body["tries"] = 3
        body["of"] = "ticket.signed"
        body["countedAt"] = 1_700_000_100_000
        body["event"] = .string("street1.0000000000000001/1")
        body["permille"] = 500
        body["unconfirmed"] = true
        body["stop"] = ["since": 1_700_000_000_000, "until": 1_700_000_360_000]
        body["limit"] = ["amount": 24, "unit": "naturalHours"]
        body["warnings"] = [["permille": 800, "at": 1_700_400_000_000]]
        body["recomputed"] = ["rule": "r", "before": ["at": 1_700_500_000_000], "due": ["at": 1_700_500_360_000]]
        body["rule"] = "r"
        return body
    }

    /// A history before the crossing, known to centre and street.
    static func base(streetOwned: Bool) -> History {
        var history = History()
        if streetOwned {
            history.write(
                .registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
            history.tell(History.centre)
        } else {
            history.write(.registered, Bodies.registered())
            history.write(.queuedForDispatch, hour: 1)
            history.write(.dispatched, hour: 2, Bodies.lead(History.street))
            history.tell(History.street)
            history.write(.signed, at: History.street, hour: 3)
            history.tell(History.centre)
        }
        return history
    }

    /// Both crossing events, and what each node goes on to write once it has heard of the other's.
    private static func crossing(_ left: TicketEventKind, _ right: TicketEventKind, streetOwned: Bool) -> [Event] {
        var history = base(streetOwned: streetOwned)
        history.write(left, at: History.centre, hour: 4, body(left))
        let theirs = history.write(right, at: History.street, hour: 4, body(right))
        history.write(.progressNoted, at: History.street, hour: 5, ["text": "后续"])
        history.tell(History.centre)
        history.write(.urged, at: History.centre, hour: 6, ["text": "催办"])
        // Both say what becomes of the street's event; only the owner's word settles it, if it is a conflict at all.
        let settles: JSONObject = ["event": .string(theirs.id.description), "outcome": "作废"]
        history.write(.conflictResolved, at: History.street, hour: 6, settles)
        history.write(.conflictResolved, at: History.centre, hour: 6, settles)
        history.tell(History.street)
        history.write(.firstContactMade, at: History.street, hour: 7)
        return history.events
    }

    static func same(_ left: TicketFold, _ right: TicketFold) -> Bool {
        left.state == right.state && left.entries == right.entries
            && left.conflicts.map(\.resolvedBy) == right.conflicts.map(\.resolvedBy)
    }

    @Test(arguments: TicketEventKind.allCases)
    func `any two crossing events give the same ticket in any order of arrival`(left: TicketEventKind) {
        for right in Self.kinds {
            for streetOwned in [false, true] {
                let events = Self.crossing(left, right, streetOwned: streetOwned)
                let batch = TicketFold(centre: History.centre, events: events)
                #expect(batch.entries.count == events.count)
                for seed in Self.seeds {
                    var random = SeededRandom(seed: seed)
                    let arrivals = (events + events.prefix(3)).shuffled(using: &random)
                    var fold = TicketFold(centre: History.centre)
                    for event in arrivals { fold.add(event) }
                    #expect(
                        Self.same(fold, batch),
                        "seed \(seed): \(left) at the centre, \(right) at the street, street-owned \(streetOwned)")
                }
            }
        }
    }

    @Test(arguments: seeds)
    func `long random histories of three nodes fold the same in any order`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<40 {
            var history = Self.base(streetOwned: round.isMultiple(of: 2))
            let nodes = [History.centre, History.street, History.other]
            for step in 0..<25 {
                guard let kind = Self.kinds.randomElement(using: &random),
                    let node = nodes.randomElement(using: &random)
                else { continue }
                let command = CommandID(derivedFrom: "random", String(Int.random(in: 0..<30, using: &random)))
                history.write(kind, at: node, hour: Int64(step), command: command, Self.body(kind))
                if Bool.random(using: &random), let listener = nodes.randomElement(using: &random) {
                    history.tell(listener)
                }
            }
            let batch = history.fold
            var fold = TicketFold(centre: History.centre)
            for event in history.events.shuffled(using: &random) { fold.add(event) }
            #expect(Self.same(fold, batch), "seed \(seed), round \(round)")
            var forward = TicketFold(centre: History.centre)
            for event in history.events { forward.add(event) }
            #expect(Self.same(forward, batch), "seed \(seed), round \(round), as written")
        }
    }

    @Test func `a ticket that one node writes alone never folds again`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        for hour in 1..<20 { history.write(.progressNoted, hour: Int64(hour), ["text": "进展"]) }
        var fold = TicketFold(centre: History.centre)
        for event in history.events { fold.add(event) }
        #expect(fold.refolds == 0)
        #expect(Self.same(fold, history.fold))
    }
}
