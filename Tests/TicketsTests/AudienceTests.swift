/// Who gets what, kind by kind: who joins, who leaves, and who is told nothing.

import Events
import Testing

@testable import Tickets

@Suite("Audience")
struct AudienceTests {
    private let audience = TicketAudience(centre: History.centre)
    private static let street = FeedName.node(History.street)
    private static let other = FeedName.node(History.other)
    /// Written out again, so that a change of the table is seen.
    private static let moving: Set<TicketEventKind> = [.dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened]
    private static let emptying: Set<TicketEventKind> = [.returnApproved, .mergedInto]

    private func event(
        _ kind: TicketEventKind, at node: NodeID = History.centre, lead: NodeID = History.street, helper: NodeID? = nil
    ) -> Event {
        var history = History()
        var body = Bodies.lead(lead)
        if let helper { body["helpers"] = [["unit": "u2", "node": .string(helper.text)]] }
        return history.write(kind, at: node, body)
    }

    /// The members after each event in turn, as a log keeps them.
    private func members(_ events: [Event], from start: [FeedName] = []) -> [[FeedName]] {
        var now = start
        return events.enumerated().map { place, event in
            let routing = audience.route(event, version: Int64(place + 1), membership: now)
            now = (now.filter { !routing.leaves.contains($0) } + routing.joins).sorted()
            return now
        }
    }

    @Test(arguments: TicketEventKind.allCases)
    func `each kind at the centre moves, empties or keeps the audience`(kind: TicketEventKind) {
        let expected: [FeedName] =
            if Self.moving.contains(kind) { [Self.other] } else if Self.emptying.contains(kind) { [] } else {
                [Self.street]
            }
        #expect(members([event(kind, lead: History.other)], from: [Self.street]) == [expected])
    }

    @Test(arguments: TicketEventKind.allCases)
    func `nothing that a street writes moves a ticket; only its own registration brings it in`(kind: TicketEventKind) {
        let founds = kind == .registered || kind == .imported
        #expect(members([event(kind, at: History.street, lead: History.other)]) == [founds ? [Self.street] : []])
        #expect(members([event(kind, at: History.street, lead: History.other)], from: [Self.street]) == [[Self.street]])
    }

    @Test func `a street that knows a ticket's name does not get in by registering it again`() {
        let events = [
            event(.registered), event(.dispatched, lead: History.other), event(.registered, at: History.street),
        ]
        #expect(members(events).last == [Self.other])
        #expect(
            members([event(.dispatched), event(.reassigned, lead: History.other), event(.imported, at: History.street)])
                .last == [Self.other])
    }

    @Test func `helpers join beside the lead and leave with the next dispatch`() {
        let first = event(.dispatched, helper: History.other)
        let second = event(.reassigned, lead: History.other)
        #expect(members([first, second]) == [[Self.street, Self.other], [Self.other]])
        #expect(audience.route(second, version: 2, membership: [Self.street, Self.other]).joins == [])
    }

    @Test func `from A to B and back to A, A joins again with its whole history`() {
        let there = event(.dispatched)
        let away = event(.reassigned, lead: History.other)
        let back = event(.reassigned)
        #expect(members([there, away, back]) == [[Self.street], [Self.other], [Self.street]])
        #expect(audience.route(back, version: 3, membership: [Self.other]).joins == [Self.street])
    }

    @Test func `a return that is approved and a merge leave nobody; finish and close leave everybody there`() {
        for kind in [TicketEventKind.returnApproved, .mergedInto] {
            #expect(members([event(.dispatched, helper: History.other), event(kind)]).last == [])
        }
        for kind in [TicketEventKind.finished, .callbackRecorded, .closed, .redoProposed, .takenOver] {
            #expect(members([event(.dispatched), event(kind)]).last == [Self.street])
        }
    }

    @Test func `a redo to another lead moves the ticket there`() {
        let events = [event(.dispatched), event(.finished), event(.closed), event(.redoOrdered, lead: History.other)]
        #expect(members(events).last == [Self.other])
    }

    @Test func `a street's case stays with its street through the takeover until the centre sends it on`() {
        let events = [
            event(.registered, at: History.street), event(.takenOver), event(.dispatched, lead: History.other),
        ]
        #expect(members(events) == [[Self.street], [Self.street], [Self.other]])
    }

    @Test func `what a unit may not see goes to nobody, what is common to everybody`() throws {
        var history = History(stream: StreamName(known: "callback/1"))
        let plan = history.write(type: "callback.planned", at: History.centre, [:])
        #expect(audience.route(plan, version: 1, membership: []) == .stay)
        var rules = History(stream: StreamName(known: "rule/limits"))
        #expect(
            audience.route(rules.write(type: "rule.published", at: History.centre, [:]), version: 1, membership: [])
                .also == [.common])
        #expect(
            audience.route(rules.write(type: "rule.published", at: History.street, [:]), version: 2, membership: [])
                == .stay)
    }

    @Test func `a ticket is over by what its centre or its founder led it to, and by nobody else's word`() {
        func isOver(_ kind: TicketEventKind, by author: NodeID, _ founder: NodeID = History.centre) -> Bool? {
            audience.isOver(EventType(kind.typeName), by: author, foundedBy: founder)
        }
        for kind in [TicketEventKind.closed, .rejected, .voided, .directAnswerGiven, .mergedInto] {
            #expect(isOver(kind, by: History.centre) == true)
            #expect(isOver(kind, by: History.street) == nil)
            #expect(isOver(kind, by: History.street, History.street) == true)
        }
        for kind in [TicketEventKind.reopened, .redoOrdered, .dispatched, .unmerged, .finished, .registered] {
            #expect(isOver(kind, by: History.centre) == false)
        }
        for kind in [TicketEventKind.receiptNoted, .progressNoted, .urged, .takenOver] {
            #expect(isOver(kind, by: History.centre) == nil)
        }
        #expect(
            audience.isOver(EventType("ticket.closed", version: "2"), by: History.centre, foundedBy: History.centre)
                == nil)
    }

    @Test func `only the centre lets feeds begin anew and wakes tickets`() throws {
        let base = FeedBase(feed: Self.street, before: FeedCursor(fseq: 9, chain: .zero))
        let request = try base.request(of: History.street, now: Timestamp(milliseconds: 1))
        func routed(by node: NodeID) -> Routing {
            let draft = request.drafts[0]
            let event = Event(
                id: EventID(origin: Origin(node: node, incarnation: Incarnation(1)), sequence: 1), hlc: .zero,
                stream: draft.stream, type: draft.type, basis: .empty, actor: request.actor, occurredAt: request.now,
                recordedAt: request.now, command: request.command, index: 0, causation: nil, correlation: nil,
                body: JSON.object(draft.body).canonicalBytes, sealed: nil, previous: .zero)
            return audience.route(event, version: 1, membership: [])
        }
        #expect(routed(by: History.centre) == Routing(also: [Self.street], base: base))
        #expect(routed(by: History.street) == .stay)
    }
}
