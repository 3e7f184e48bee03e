/// A district's work on several tickets, for tests that give its events to a log in any order.

import Events
import Simulation
import Tickets

/// Nodes that write to tickets' streams, each knowing what it was told; bases, clocks and hashes are those of real logs.
struct ScatteredHistory {
    static let centre = ScatteredHistory.node("centre")
    static let streets = ["street1", "street2", "street3", "street4"].map(node)

    /// In the order in which they were written.
    private(set) var events: [Event] = []
    private(set) var tickets: [StreamName] = []
    /// Per ticket, the streets that founded it or that a dispatch names: nobody else may hear of it.
    private(set) var named: [StreamName: Set<NodeID>] = [:]
    /// Tickets that a street founded.
    private(set) var founder: [StreamName: NodeID] = [:]
    private var logs: [NodeID: MemoryLog] = [:]
    private let restores: Bool
    private var chance: SeededRandom
    private var commands = 0

    /// What one seed gives.
    ///
    /// - Parameter restores: whether the centre is restored from a backup midway and decides again what it does not know.
    init(seed: UInt64, tickets count: Int = 6, restores: Bool) throws {
        self.restores = restores
        chance = SeededRandom(seed: seed)
        for (place, node) in ([Self.centre] + Self.streets).enumerated() {
            logs[node] = MemoryLog(node: node, incarnation: Incarnation(UInt64(place + 1)), audience: NoAudience())
        }
        for number in 1...count { try begin(StreamName("ticket/\(number)"), foundedByStreet: number % 3 == 0) }
        for round in 0..<(8 * count) {
            if restores, round == 4 * count { try restore() }
            guard let ticket = chance.pick(tickets) else { continue }
            try goOn(ticket)
        }
    }

    /// Who has a ticket by its fold: an answer that does not ask how a log routes, but for a case that was taken over twice.
    func holders(of ticket: StreamName) -> Set<FeedName> {
        let fold = TicketFold(centre: Self.centre, events: events.filter { $0.stream == ticket })
        let holders = ([fold.state.lead?.node] + fold.state.helpers.map(\.node)).compactMap(\.self)
        let isMoved = fold.entries.contains { TicketAudience(centre: Self.centre).places($0.record.event) }
        // A street's own case is its street's until it is dispatched.
        if let founder = founder[ticket], !isMoved { return [.node(founder)] }
        // Another takeover, behind the dispatch in the canonical order, ends the right of who has it and gives it to nobody.
        let takeovers = fold.entries.filter { $0.record.kind == .takenOver }
        if founder[ticket] != nil, fold.state.lead == nil, takeovers.count > 1 {
            return Set(TicketAudience(centre: Self.centre).members(by: events.filter { $0.stream == ticket }))
        }
        return Set(holders.filter { $0 != Self.centre }.map(FeedName.node))
    }

    // MARK: Work

    private mutating func begin(_ ticket: StreamName, foundedByStreet: Bool) throws {
        tickets.append(ticket)
        if foundedByStreet, let street = chance.pick(Self.streets) {
            founder[ticket] = street
            named[ticket] = [street]
            try write(
                .registered, ticket, at: street,
                [
                    "channel": .string("patrol"), "matter": .string("占道经营"), "owner": .string("street"),
                    "ownerNode": .string(street.text), "lead": .string("320507001"),
                ])
            return
        }
        named[ticket] = []
        try write(
            .registered, ticket, at: Self.centre,
            [
                "channel": .string("hotline"), "matter": .string("路灯不亮"), "owner": .string("centre"),
                "ownerNode": .string(Self.centre.text),
            ])
        try write(.queuedForDispatch, ticket, at: Self.centre)
    }

    private mutating func goOn(_ ticket: StreamName) throws {
        // It decides on nothing that it has never seen.
        if try logs[Self.centre]?.reader.version(of: ticket) == 0 { try tell(Self.centre, ticket) }
        let fold = try fold(ticket, at: Self.centre)
        if fold.state.isStreetOwned {
            guard let street = founder[ticket] else { return }
            try write(.progressNoted, ticket, at: street, ["text": .string("已到现场")])
            guard chance.happens(perMille: 250) else { return }
            try tell(Self.centre, ticket)
            try write(.takenOver, ticket, at: Self.centre, ["reason": .string("越级")])
            return
        }
        switch chance.next() % 10 {
        case 0...2: try move(ticket)
        case 3...5:
            // Whoever ever had it writes what he knows, late or in time; now and then he hears first where it is.
            guard let street = chance.pick((named[ticket] ?? []).sorted()) else { return }
            if chance.happens(perMille: 500) { try tell(street, ticket) }
            guard try logs[street]?.reader.version(of: ticket) ?? 0 > 0 else { return }
            try write(.progressNoted, ticket, at: street, ["text": .string("正在处理")])
        case 6: try write(.urged, ticket, at: Self.centre, ["text": .string("请尽快办理")])
        case 7: try giveBack(ticket)
        default: try tell(Self.centre, ticket)
        }
    }

    /// To another street or back to one that had it, with helpers now and then.
    private mutating func move(_ ticket: StreamName) throws {
        let status = try fold(ticket, at: Self.centre).state.status
        guard let lead = chance.pick(Self.streets) else { return }
        var helpers: [NodeID] = []
        if chance.happens(perMille: 400), let one = chance.pick(Self.streets), one != lead { helpers.append(one) }
        named[ticket, default: []].formUnion([lead] + helpers)
        let body: JSONObject = [
            "lead": .string("320507001"), "leadNode": .string(lead.text),
            "helpers": .array(
                helpers.map { .object(["unit": .string("320507002"), "node": .string($0.text)]) }),
        ]
        let kind: TicketEventKind = status == .dispatched || status == .inHand ? .reassigned : .dispatched
        try write(kind, ticket, at: Self.centre, body)
    }

    /// Its holder gives it back, and it is nobody's until it is dispatched again; not where two centres decide unaware of each
    /// other (`AnyOrderTests` says why).
    private mutating func giveBack(_ ticket: StreamName) throws {
        guard !restores else { return }
        try tell(Self.centre, ticket)
        guard let holder = try fold(ticket, at: Self.centre).state.lead?.node, holder != Self.centre else { return }
        try tell(holder, ticket)
        try write(.returnAsked, ticket, at: holder, ["reason": .string("不属本辖区")])
        try tell(Self.centre, ticket)
        guard try fold(ticket, at: Self.centre).state.status == .returnAsked else { return }
        try write(.returnApproved, ticket, at: Self.centre)
    }

    // MARK: Nodes

    private mutating func write(
        _ kind: TicketEventKind, _ ticket: StreamName, at node: NodeID, _ body: JSONObject = [:]
    ) throws {
        commands += 1
        let now = Timestamp(milliseconds: 1_795_000_000_000 + Int64(commands) * chance.integer(in: 1...2_000))
        let request = AppendRequest(
            command: CommandID(derivedFrom: "scattered", String(commands)),
            actor: Actor(account: "li", role: "clerk", unit: "320507001"), now: now,
            drafts: [TicketDraft(kind, body, occurredAt: now).draft(in: ticket)])
        guard case .appended(let stored)? = try logs[node]?.write({ try $0.append(request) }) else { return }
        events += stored.map(\.event)
    }

    /// Brings a node all of a ticket that was written so far; a restored centre now and then without what it wrote itself before.
    private mutating func tell(_ node: NodeID, _ ticket: StreamName) throws {
        let isWithoutOwn = node == Self.centre && chance.happens(perMille: 500)
        let events = events.filter { $0.stream == ticket && !(isWithoutOwn && $0.id.origin.node == node) }
        _ = try logs[node]?.write {
            try $0.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 1_795_000_000_000))
        }
    }

    /// The centre goes on with what it knew when half of its work was done.
    private mutating func restore() throws {
        guard let log = logs[Self.centre] else { return }
        let kept = try log.reader.page(.all, .forward, from: 0, limit: 10_000).map(\.event)
        let restored = MemoryLog(node: Self.centre, incarnation: Incarnation(99), audience: NoAudience())
        _ = try restored.write {
            try $0.ingest(
                Array(kept.prefix(kept.count / 2)), dense: false,
                receivedAt: Timestamp(milliseconds: 1_795_000_000_000))
        }
        logs[Self.centre] = restored
    }

    private func fold(_ ticket: StreamName, at node: NodeID) throws -> TicketFold {
        let events = try logs[node]?.reader.page(.stream(ticket), .forward, from: 0, limit: 10_000) ?? []
        return TicketFold(centre: Self.centre, events: events.map(\.event))
    }

    private static func node(_ text: String) -> NodeID {
        do { return try NodeID(text) } catch { preconditionFailure(error.message.description) }
    }
}

/// How the events of a history come to a log.
enum ArrivalOrder: String, CaseIterable {
    /// Each behind all that its author knew; what was written apart comes in any order.
    case causal
    /// Any order in which a street's own case begins with events of its street, and no return is approved before it is asked for.
    case any

    func events(of history: ScatteredHistory, _ chance: inout SeededRandom) -> [Event] {
        var left = history.events.shuffled(using: &chance)
        guard self == .causal else { return ArrivalOrder.askedFirst(ArrivalOrder.foundedFirst(left, history)) }
        var arrived: [Event] = []
        while !left.isEmpty {
            let next = left.firstIndex { event in
                !left.contains { $0.stream == event.stream && $0.id != event.id && Self.knows(event, $0) }
            }
            guard let next else { preconditionFailure("bases in a circle") }
            arrived.append(left.remove(at: next))
        }
        return arrived
    }

    private static func knows(_ event: Event, _ earlier: Event) -> Bool {
        event.basis.knows(earlier.id, author: event.id)
    }

    /// Moves the event with which a street founded its case to where the first event of another node stands.
    private static func foundedFirst(_ events: [Event], _ history: ScatteredHistory) -> [Event] {
        var events = events
        for (ticket, founder) in history.founder.sorted(by: { $0.key < $1.key }) {
            let others = events.firstIndex { $0.stream == ticket && $0.id.origin.node != founder }
            let type = TicketEventKind.registered.typeName
            let founding = events.firstIndex { $0.stream == ticket && $0.type.name == type }
            guard let others, let founding, founding > others else { continue }
            events.insert(events.remove(at: founding), at: others)
        }
        return events
    }

    /// Moves what asks for a return to where the first approval stands whose author knew of it.
    private static func askedFirst(_ events: [Event]) -> [Event] {
        var events = events
        for asked in events where asked.type.name == TicketEventKind.returnAsked.typeName {
            let approved = events.firstIndex {
                $0.stream == asked.stream && $0.type.name == TicketEventKind.returnApproved.typeName && knows($0, asked)
            }
            guard let approved, let place = events.firstIndex(where: { $0.id == asked.id }), place > approved else {
                continue
            }
            events.insert(events.remove(at: place), at: approved)
        }
        return events
    }
}
