import Events
import Testing

@testable import Node

/// Who has destroyed a key is what the log says, whoever wrote what in which order.
@Suite("What has become of an erasure") struct ErasureStateTests {
    private let centre: NodeID
    private let person: PersonID

    init() throws {
        centre = try NodeID("centre")
        person = try PersonID("person/" + String(repeating: "0a", count: 16))
    }

    private func event(
        _ type: EventType, by node: String, stream: String? = nil, at: Int64 = 5, _ body: JSONObject = [:]
    )
        throws -> Event
    {
        Event(
            id: EventID(origin: Origin(node: try NodeID(node), incarnation: Incarnation(1)), sequence: at),
            hlc: HybridTime(rawValue: at), stream: try StreamName(stream ?? person.text), type: type, basis: .empty,
            actor: Actor(system: "erasure", rule: "1"), occurredAt: Timestamp(milliseconds: at),
            recordedAt: Timestamp(milliseconds: at), command: CommandID(derivedFrom: node, type.name, String(at)),
            index: 0, causation: nil, correlation: nil, body: JSON.object(body).canonicalBytes, sealed: nil,
            previous: .zero
        ).chained(to: .zero)
    }

    private func members() throws -> NodeBook {
        var book = NodeBook(centre: centre)
        for (slot, node) in ["street1", "street2", "street3"].enumerated() {
            book.take(
                try event(
                    EventType("node.invited"), by: "centre", stream: "node/\(node)",
                    ["slot": .integer(Int64(slot + 1)), "secretHash": .string("00"), "expiresAt": .integer(9)]))
            if node == "street3" { continue }
            book.take(
                try event(
                    EventType("node.enrolled"), by: "centre", stream: "node/\(node)", at: 2,
                    ["key": .string("k"), "slot": .integer(Int64(slot + 1))]))
        }
        return book
    }

    @Test("those that are members are waited for, those that never came in are not, those that are out are named")
    func missing() throws {
        var book = try members()
        let events = try [
            event(Erasure.type, by: "centre", at: 7), event(Erasure.destroyed, by: "centre", at: 8),
            event(Erasure.destroyed, by: "street2", at: 9),
        ]
        for order in [events, events.reversed()] {
            let state = ErasureState(order, centre: centre)
            #expect(state.erasedAt == Timestamp(milliseconds: 7))
            #expect(try state.confirmed.keys.sorted() == [centre, NodeID("street2")])
            let missing = state.missing(book, centre: centre)
            #expect(try missing.waiting == [NodeID("street1")])
            #expect(missing.revoked == [])
        }
        book.take(
            try event(EventType("node.revoked"), by: "centre", stream: "node/street1", at: 3, ["reason": .string("x")]))
        let missing = ErasureState(events, centre: centre).missing(book, centre: centre)
        #expect(missing.waiting == [])
        #expect(try missing.revoked == [NodeID("street1")])
    }

    @Test("a key that expired is told apart, and is no acknowledgement: it may be back")
    func expired() throws {
        let events = try [
            event(Erasure.type, by: "centre", at: 7), event(KeyExpired.type, by: "street1", at: 5),
            event(KeyExpired.type, by: "street1", at: 6), event(KeyExpired.type, by: "street2", at: 4),
            event(Erasure.destroyed, by: "street2", at: 9),
        ]
        for order in [events, events.reversed()] {
            let state = ErasureState(order, centre: centre)
            let expected = [
                try NodeID("street1"): Timestamp(milliseconds: 6), try NodeID("street2"): Timestamp(milliseconds: 4),
            ]
            #expect(state.expired == expected)
            #expect(try state.missing(members(), centre: centre).waiting == [centre, NodeID("street1")])
        }
    }

    @Test("an erasure that a street writes is none")
    func forged() throws {
        let state = ErasureState([try event(Erasure.type, by: "street1")], centre: centre)
        #expect(state.erasedAt == nil)
        #expect(state.missing(try members(), centre: centre).waiting.first == centre)
    }
}
