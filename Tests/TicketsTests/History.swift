/// A hand-written history: nodes that write to one ticket's stream, each knowing what it has been told.

import Events
import Testing

@testable import Tickets

/// Nodes and what each knows; bases and logical times follow from that, as a node's log stamps them.
struct History {
    static let centre = NodeID(known: "centre")
    static let street = NodeID(known: "street1")
    static let other = NodeID(known: "street2")

    let stream: StreamName
    private(set) var events: [Event] = []
    private var known: [NodeID: Set<EventID>] = [:]
    private var written: [NodeID: Int64] = [:]
    private var incarnations: [NodeID: UInt64] = [:]

    init(stream: StreamName = StreamName(known: "ticket/0197")) { self.stream = stream }

    /// Writes an event at `node`, which knows its own events and what `tell` brought it.
    ///
    /// - Parameter hour: when it was recorded, and happened unless its author says otherwise; the logical time is at least one above all it knows.
    @discardableResult
    mutating func write(
        _ kind: TicketEventKind, at node: NodeID = History.centre, hour: Int64 = 0, by account: String = "wang",
        command: CommandID? = nil, _ body: JSONObject = [:]
    ) -> Event {
        write(type: kind.typeName, at: node, hour: hour, by: account, command: command, body)
    }

    /// Writes what an actor decided at `node`.
    @discardableResult
    mutating func write(
        _ kind: TicketEventKind, at node: NodeID, hour: Int64, happened: Int64? = nil, as actor: Actor,
        command: CommandID? = nil, _ body: JSONObject
    ) -> Event {
        write(type: kind.typeName, at: node, hour: hour, happened: happened, as: actor, command: command, body)
    }

    @discardableResult
    mutating func write(
        type: String, at node: NodeID, hour: Int64 = 0, happened: Int64? = nil, by account: String = "wang",
        as actor: Actor? = nil, command: CommandID? = nil, _ body: JSONObject
    ) -> Event {
        let origin = Origin(node: node, incarnation: Incarnation(incarnations[node] ?? 1))
        let sequence = (written[node] ?? 0) + 1
        let seen = events.filter { known[node, default: []].contains($0.id) }
        var newest: [Origin: EventID] = [:]
        for id in seen.map(\.id) where id.origin != origin { newest[id.origin] = max(newest[id.origin] ?? id, id) }
        let now = Desk.at(hour)
        let highest = seen.map(\.hlc.rawValue).max() ?? 0
        let id = EventID(origin: origin, sequence: sequence)
        let event = Event(
            id: id, hlc: HybridTime(rawValue: max(HybridTime(now).rawValue, highest + 1)), stream: stream,
            type: EventType(type), basis: Basis(Array(newest.values)),
            actor: actor ?? Actor(account: account, role: "clerk", unit: "320507001"),
            occurredAt: happened.map(Desk.at) ?? now,
            recordedAt: now,
            command: command ?? CommandID(derivedFrom: "history", id.description), index: 0, causation: nil,
            correlation: nil, body: JSON.object(body).canonicalBytes, sealed: nil, previous: .zero)
        written[node] = sequence
        known[node, default: []].insert(id)
        events.append(event)
        return event
    }

    /// A node starts again on a backup that holds these events.
    mutating func restore(_ node: NodeID, to events: [Event]) {
        incarnations[node] = (incarnations[node] ?? 1) + 1
        written[node] = 0
        known[node] = Set(events.map(\.id))
    }

    /// Brings `node` all that has been written so far, or only `some` of it.
    mutating func tell(_ node: NodeID, _ some: [Event]? = nil) {
        known[node, default: []].formUnion((some ?? events).map(\.id))
    }

    /// Brings `node` what another node knows, as a line between the two does.
    mutating func tell(_ node: NodeID, from other: NodeID) {
        known[node, default: []].formUnion(known[other, default: []])
    }

    /// The ticket as `node` sees it.
    func fold(at node: NodeID) -> TicketFold {
        let seen = known[node, default: []]
        return TicketFold(centre: History.centre, events: events.filter { seen.contains($0.id) })
    }

    /// What the events come to.
    var fold: TicketFold { TicketFold(centre: History.centre, events: events) }

    func effect(of event: Event) -> TicketEffect? {
        fold.entries.first { $0.record.event.id == event.id }?.effect
    }
}

/// Bodies that tests need again and again.
enum Bodies {
    static func registered(owner: String = "centre", node: NodeID = History.centre) -> JSONObject {
        [
            "channel": "phone", "matter": "路灯不亮", "owner": .string(owner), "ownerNode": .string(node.text),
            "number": "261123010000012", "lead": owner == "street" ? "320507001" : .null,
        ]
    }

    static func lead(_ node: NodeID, unit: String = "320507001") -> JSONObject {
        ["lead": .string(unit), "leadNode": .string(node.text), "due": ["at": 1_700_500_000_000]]
    }
}

extension NodeID {
    /// A name that the test itself wrote.
    init(known text: String) {
        do { try self.init(text) } catch { preconditionFailure(error.message.description) }
    }
}

extension StreamName {
    init(known text: String) {
        do { try self.init(text) } catch { preconditionFailure(error.message.description) }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

/// SplitMix64: the same seed gives the same order on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
