/// Where a ticket goes when what a centre had decided before it was restored from a backup comes back behind what it decided
/// after it: to whoever has it by the fold.

import Events
import Testing

@testable import Tickets

@Suite("The audience of decisions that come late")
struct LateAudienceTests {
    private let audience = TicketAudience(centre: History.centre)
    private static let street = FeedName.node(History.street)
    private static let other = FeedName.node(History.other)

    /// The members after each event in the order in which they come, and who was told, as a log has them.
    private func arrive(_ events: [Event]) -> (members: [FeedName], told: [FeedName]) {
        var members: [FeedName] = []
        var told: [FeedName] = []
        for (place, event) in events.enumerated() {
            let last = events.prefix(place).filter(audience.places).max(by: Event.precedes)?.id
            let routing = audience.routing(
                of: event, version: Int64(place + 1), membership: members, last: last,
                history: { Array(events.prefix(place + 1)) })
            members = (members.filter { !routing.leaves.contains($0) } + routing.joins).sorted()
            told += routing.told
        }
        return (members, told)
    }

    @Test func `a dispatch that comes back moves nothing beside a later one unaware of it, and its street is told`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch)
        let backup = history.events
        let lost = history.write(.dispatched, hour: 1, Bodies.lead(History.street))
        history.restore(History.centre, to: backup)
        let again = history.write(.dispatched, hour: 2, Bodies.lead(History.other))
        #expect(history.fold.state.lead?.node == History.other)
        let late = arrive(backup + [again, lost])
        #expect(late.members == [Self.other] && late.told == [Self.street])
        let early = arrive(backup + [lost, again])
        #expect(early.members == [Self.other] && early.told.isEmpty)
    }

    @Test func `one that is the last word by the logical clock moves the ticket, whenever it comes`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch)
        let backup = history.events
        let lost = history.write(.dispatched, hour: 5, Bodies.lead(History.street))
        history.restore(History.centre, to: backup)
        let again = history.write(.dispatched, hour: 2, Bodies.lead(History.other))
        #expect(history.fold.state.lead?.node == History.street)
        #expect(arrive(backup + [again, lost]).members == [Self.street])
        let crossed = arrive(backup + [lost, again])
        #expect(crossed.members == [Self.street] && crossed.told == [Self.other])
    }

    @Test func `a return approved unaware of a ruling takes the ticket from nobody: it did not wait any more`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.dispatched, Bodies.lead(History.street))
        history.tell(History.street)
        history.write(.returnAsked, at: History.street, hour: 1, ["reason": "不属本辖区"])
        history.tell(History.centre)
        let backup = history.events
        let opened = history.write(.rulingOpened, hour: 2, ["reason": "会商"])
        let made = history.write(.rulingMade, hour: 3, Bodies.lead(History.other))
        history.restore(History.centre, to: backup)
        let approved = history.write(.returnApproved, hour: 4)
        #expect(history.fold.state.lead?.node == History.other)
        #expect(arrive(backup + [approved, opened, made]).members == [Self.other])
        #expect(arrive(backup + [opened, made, approved]).members == [Self.other])
        // Of the two the ruling had only been opened: the one who asked still has it.
        let waiting = TicketFold(centre: History.centre, events: backup + [approved, opened])
        #expect(waiting.state.lead?.node == History.street)
        #expect(arrive(backup + [approved, opened]).members == [Self.street])
    }

    @Test func `a command that was given to both is the first's: the ticket goes where the lost centre moved it on`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        let backup = history.events
        let command = CommandID(derivedFrom: "given twice")
        let lost = history.write(.dispatched, hour: 1, command: command, Bodies.lead(History.street))
        let moved = history.write(.reassigned, hour: 2, Bodies.lead(History.other))
        history.restore(History.centre, to: backup)
        let again = history.write(.dispatched, hour: 3, command: command, Bodies.lead(History.street))
        #expect(history.fold.state.lead?.node == History.other)
        for order in [[lost, moved, again], [again, lost, moved], [again, moved, lost], [moved, again, lost]] {
            #expect(arrive(backup + order).members == [Self.other])
        }
    }

    @Test func `a restored centre that takes a case over again decides it; what it does counts`() {
        var history = History()
        history.write(.registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
        history.tell(History.centre)
        let backup = history.events
        let lost = history.write(.takenOver, hour: 1, ["reason": "越级"])
        history.restore(History.centre, to: backup)
        let again = history.write(.takenOver, hour: 2, ["reason": "越级"])
        let moved = history.write(.dispatched, hour: 3, Bodies.lead(History.other))
        #expect(history.effect(of: moved) == .effective)
        #expect(history.fold.state.lead?.node == History.other)
        #expect(arrive(backup + [again, moved, lost]).members == [Self.other])
        #expect(arrive(backup + [lost, again, moved]).members == [Self.other])
    }

    @Test
    func `a street's case is its street's, also when what its later process wrote comes first, and nobody else's`() {
        var history = History()
        let founded = history.write(
            .registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
        history.restore(History.street, to: [founded])
        let noted = history.write(.progressNoted, at: History.street, hour: 1, ["text": "现场已查看"])
        #expect(arrive([founded, noted]).members == [Self.street])
        #expect(arrive([noted, founded]).members == [Self.street])
        let stranger = history.write(.registered, at: History.other, hour: 2, Bodies.registered())
        #expect(arrive([noted, stranger, founded]).members == [])
        #expect(arrive([noted, founded, stranger]).members == [Self.street])
        history.tell(History.centre)
        history.write(.takenOver, hour: 3, ["reason": "越级"])
        let lost = history.write(.mergedInto, hour: 4, ["into": "ticket/0198"])
        #expect(audience.members(by: [noted, founded, stranger]) == [Self.street])
        #expect(audience.members(by: [noted, founded, lost]) == [Self.street])
    }

    @Test func `nobody gets into a ticket by an early time: who founded it came first`() {
        var history = History()
        history.write(.registered, hour: 9, Bodies.registered())
        let backup = history.events
        let lost = history.write(.dispatched, hour: 10, Bodies.lead(History.street))
        history.restore(History.centre, to: backup)
        let merged = history.write(.mergedInto, hour: 11, ["into": "ticket/0198"])
        let stranger = history.write(
            .registered, at: History.other, hour: 1, Bodies.registered(owner: "street", node: History.other))
        #expect(arrive(backup + [merged, stranger, lost]).members.contains(Self.other) == false)
    }
}
