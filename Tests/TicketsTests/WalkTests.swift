/// Random walks of accepted commands over three nodes, each of which knows only what it was told.

import Events
import Testing

@testable import Tickets

private struct Walk {
    private static let nodes = [History.centre, History.street, History.other]
    private static let accounts = ["wang", "li", "zhao", "sun", "boss"]
    private static let bodies = Dictionary(uniqueKeysWithValues: Specifications.all.map { ($0.kind, $0.fields) })
    /// What no walk takes: what comes from elsewhere, and what only other rules make due.
    private static let untaken: Set<TicketEventKind> = [.imported, .importUpdated, .receiptNoted, .dueRecomputed]

    var desk = Desk()
    var random: SeededRandom
    var refused = 0

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        let owner = Bool.random(using: &random) ? History.centre : History.street
        try desk.give(.registered, at: owner, hour: 0, by: "wang", Place.filing)
        desk = Place.beside({ desk }, .finished, owner: owner)
    }

    private mutating func body(_ kind: TicketEventKind) -> JSONObject {
        var body = Walk.bodies[kind] ?? [:]
        guard body["lead"] != nil, let lead = Walk.nodes.randomElement(using: &random) else { return body }
        body["lead"] = .string(Desk.units[lead] ?? "320507")
        body["leadNode"] = .string(lead.text)
        return body
    }

    /// One person at one node wants one thing; the line to another node may carry what is known.
    mutating func step(hour: Int64) {
        guard let node = Walk.nodes.randomElement(using: &random), let other = Walk.nodes.randomElement(using: &random),
            let account = Walk.accounts.randomElement(using: &random)
        else { return }
        let fold = desk.history.fold(at: node)
        let fitting = TicketEventKind.allCases.filter {
            !Walk.untaken.contains($0) && $0.rule.from.contains(fold.state.status)
        }
        if let kind = fitting.randomElement(using: &random), fold.state.exists {
            let fields = body(kind)
            let actor = actor(kind, at: node, by: account, in: fold.state)
            do throws(TicketRefusal) {
                let drafts = try desk.decide(kind, at: node, hour: hour, actor: actor, in: fold.state, fields)
                for draft in drafts { desk.history.write(draft.kind, at: node, hour: hour, as: actor, draft.body) }
            } catch { refused += 1 }
        }
        if Int.random(in: 0..<3, using: &random) == 0 { desk.history.tell(node, from: other) }
    }

    private func actor(_ kind: TicketEventKind, at node: NodeID, by account: String, in state: TicketState) -> Actor {
        let who = kind.who(streetOwned: state.isStreetOwned)
        guard let role = who.people.first else { return Actor(system: who.systems.first ?? "", rule: "test-1") }
        return Actor(account: account, role: role.rawValue, unit: Desk.units[node] ?? "320507")
    }

    /// Whether somebody, somewhere, can take the ticket on from here, with everybody knowing everything.
    func goesOn(hour: Int64) -> Bool {
        let state = desk.state
        return TicketEventKind.allCases.contains { kind in
            guard kind.rule.to != nil || kind == .returnRefused, !Walk.untaken.contains(kind) else { return false }
            return Walk.nodes.contains { node in
                var fields = Walk.bodies[kind] ?? [:]
                if fields["lead"] != nil { fields["leadNode"] = .string(node.text) }
                let actor = actor(kind, at: node, by: "somebody", in: state)
                return (try? desk.decide(kind, at: node, hour: hour, actor: actor, in: state, fields))?.isEmpty == false
            }
        }
    }
}

@Suite("Walks")
struct WalkTests {
    @Test(arguments: [1, 7, 42, 2_026, 12_345] as [UInt64])
    func `no walk ends where nothing can be done, and every order of arrival gives the same ticket`(seed: UInt64) throws
    {
        var reached: Set<TicketStatus> = []
        var conflicts = 0
        for round in 0..<12 {
            let name = "seed \(seed), round \(round)"
            var walk = try Walk(seed: seed &* 1_000 &+ UInt64(round))
            for step in 0..<60 {
                let before = walk.desk.history.events.count
                walk.step(hour: Int64(step / 4))
                if walk.desk.history.events.count == before { continue }
                let state = walk.desk.state
                reached.insert(state.status)
                #expect(state.status == .void || walk.goesOn(hour: 20), "\(name), step \(step): \(state)")
            }
            conflicts += walk.desk.history.fold.conflicts.count
            let batch = walk.desk.history.fold
            for _ in 0..<3 {
                let arrivals = (walk.desk.history.events + walk.desk.history.events.prefix(9)).shuffled(
                    using: &walk.random)
                var fold = TicketFold(centre: History.centre)
                for event in arrivals { fold.add(event) }
                #expect(ConvergenceTests.same(fold, batch), "\(name)")
            }
        }
        #expect(conflicts > 0, "seed \(seed): nothing crossed")
        #expect(reached.count >= 8, "seed \(seed): only \(reached.map(\.rawValue).sorted())")
    }
}
