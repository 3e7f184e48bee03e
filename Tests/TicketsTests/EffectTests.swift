/// The scenarios of `docs/architecture.md`, ownership and effect: what counts when two nodes wrote unaware of each other.

import Events
import Testing

@testable import Tickets

@Suite("Effect")
struct EffectTests {
    /// A ticket that street1 holds and has signed, known everywhere.
    private func inHand() -> History {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch, hour: 1)
        history.write(.dispatched, hour: 2, Bodies.lead(History.street))
        history.tell(History.street)
        history.write(.signed, at: History.street, hour: 3)
        history.tell(History.centre)
        return history
    }

    @Test func `a reply written offline while the centre reassigns is evidence and a conflict`() {
        var history = inHand()
        let reassigned = history.write(.reassigned, hour: 4, Bodies.lead(History.other, unit: "320507002"))
        let reply = history.write(.replySubmitted, at: History.street, hour: 5, ["text": "已修复", "kind": "solved"])

        #expect(history.effect(of: reply) == .rightEnded(by: reassigned.id))
        #expect(history.fold.conflicts.map(\.entry.record.event.id) == [reply.id])
        #expect(history.fold.state.status == .dispatched)
        #expect(history.fold.state.lead?.node == History.other)
        #expect(history.fold.state.reply == nil)
    }

    @Test func `a reply that the centre knew when it reassigned stays effective`() {
        var history = inHand()
        let note = history.write(.firstContactMade, at: History.street, hour: 4)
        history.tell(History.centre)
        history.write(.reassigned, hour: 5, Bodies.lead(History.other, unit: "320507002"))

        #expect(history.effect(of: note) == .effective)
        #expect(history.fold.conflicts.isEmpty)
    }

    @Test func `a former holder that knows of the reassignment has no right left`() {
        var history = inHand()
        let reassigned = history.write(.reassigned, hour: 4, Bodies.lead(History.other, unit: "320507002"))
        history.tell(History.street)
        let reply = history.write(.replySubmitted, at: History.street, hour: 5, ["text": "已修复"])

        #expect(history.effect(of: reply) == .rightEnded(by: reassigned.id))
    }

    @Test func `a node that never held the ticket has no right`() {
        var history = inHand()
        history.tell(History.other)
        let reply = history.write(.replySubmitted, at: History.other, hour: 5, ["text": "已修复"])

        #expect(history.effect(of: reply) == .notHolder)
        #expect(history.fold.state.status == .inHand)
    }

    @Test func `a reply that crosses a reassignment to the same node counts`() {
        var history = inHand()
        history.write(.reassigned, hour: 4, Bodies.lead(History.street, unit: "320507009"))
        let reply = history.write(.firstContactMade, at: History.street, hour: 5)

        #expect(history.effect(of: reply) == .effective)
    }

    @Test func `a signing that crosses deemed signing stays effective, and the ticket stays deemed signed`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch, hour: 1)
        history.write(.dispatched, hour: 2, Bodies.lead(History.street))
        history.tell(History.street)
        let signed = history.write(.signed, at: History.street, hour: 4, by: "li")
        let deemed = history.write(.signDeemed, hour: 3)

        #expect(history.effect(of: signed) == .effective)
        #expect(history.effect(of: deemed) == .effective)
        #expect(history.fold.state.status == .inHand)
        #expect(history.fold.state.isSignDeemed)
        #expect(history.fold.conflicts.isEmpty)
    }

    @Test func `a signing whose time lies before the deemed one ends up signed, not deemed`() {
        var history = History()
        history.write(.registered, Bodies.registered())
        history.write(.queuedForDispatch, hour: 1)
        history.write(.dispatched, hour: 2, Bodies.lead(History.street))
        history.tell(History.street)
        let signed = history.write(.signed, at: History.street, hour: 3, by: "li")
        history.write(.signDeemed, hour: 4)

        #expect(history.fold.state.signedAt == signed.occurredAt)
        #expect(!history.fold.state.isSignDeemed)
    }

    @Test func `taking over a street's case overrules what the street wrote unaware of it`() {
        var history = History()
        history.write(.registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
        history.tell(History.centre)
        let taken = history.write(.takenOver, hour: 2, ["reason": "越级投诉"])
        let queued = history.write(.queuedForDispatch, at: History.street, hour: 1)
        let moved = history.write(.dispatched, hour: 3, Bodies.lead(History.other, unit: "320507002"))

        #expect(history.effect(of: queued) == .overruled(by: taken.id))
        #expect(history.effect(of: moved) == .effective)
        #expect(history.fold.state.status == .dispatched)
        #expect(history.fold.state.ownerNode == History.centre)
        #expect(history.fold.conflicts.map(\.entry.record.event.id) == [queued.id])
    }

    @Test func `what the street wrote and the centre knew before the takeover stands`() {
        var history = History()
        history.write(.registered, at: History.street, Bodies.registered(owner: "street", node: History.street))
        let queued = history.write(.queuedForDispatch, at: History.street, hour: 1)
        history.tell(History.centre)
        history.write(.takenOver, hour: 2, ["reason": "越级投诉"])

        #expect(history.effect(of: queued) == .effective)
        #expect(history.fold.conflicts.isEmpty)
    }

    @Test func `the same command recorded by a second origin is a void duplicate`() {
        var history = inHand()
        let command = CommandID(derivedFrom: "policy", "signDeemed")
        history.write(.urged, hour: 4, command: command, ["text": "催办"])
        let second = history.write(.urged, at: History.street, hour: 5, command: command, ["text": "催办"])

        guard case .duplicate = history.effect(of: second) else {
            Issue.record("\(String(describing: history.effect(of: second)))")
            return
        }
        #expect(history.fold.state.urges == 1)
        #expect(history.fold.conflicts.isEmpty)
    }

    @Test func `whoever writes something else under the id of a timer does not void the timer`() {
        var history = inHand()
        let command = CommandID(derivedFrom: "policy", "overdue")
        history.write(.progressNoted, at: History.street, hour: 4, command: command, ["text": "占用"])
        let taken = history.write(.overdueNoted, at: History.street, hour: 4, command: command, ["percent": 100])
        history.tell(History.centre)
        let noted = history.write(.overdueNoted, hour: 5, command: command, ["percent": 100])

        #expect(history.effect(of: taken) == .notOwner(owner: History.centre))
        #expect(history.effect(of: noted) == .effective)
        #expect(history.fold.state.isOverdueNoted)
    }

    @Test func `a street cannot decide a ticket of the centre`() {
        var history = inHand()
        let voided = history.write(.finished, at: History.street, hour: 4)

        #expect(history.effect(of: voided) == .notOwner(owner: History.centre))
        #expect(history.fold.conflicts.count == 1)
    }

    @Test func `the owner's conflict.resolved settles a conflict, a street's does not`() {
        var history = inHand()
        history.write(.reassigned, hour: 4, Bodies.lead(History.other, unit: "320507002"))
        let reply = history.write(.replySubmitted, at: History.street, hour: 5, ["text": "已修复"])
        history.tell(History.centre)
        let body: JSONObject = ["event": .string(reply.id.description), "outcome": "dismissed"]
        history.write(type: "conflict.resolved", at: History.street, hour: 6, body)
        // What the street wrote about it is the owner's to write, and so a conflict too.
        #expect(history.fold.conflicts.map(\.resolvedBy) == [nil, nil])
        history.tell(History.centre)
        let settled = history.write(type: "conflict.resolved", at: History.centre, hour: 6, body)
        #expect(history.effect(of: settled) == .effective)
        #expect(history.fold.conflicts.map(\.resolvedBy) == [settled.id, nil])
    }

    @Test func `a body that is no object and a type of a later version are kept and change nothing`() {
        var history = inHand()
        let before = history.fold.state
        let strange = history.write(type: "ticket.teleported", at: History.centre, hour: 4, [:])

        #expect(history.effect(of: strange) == .unknownType)
        #expect(history.fold.state == before)
        #expect(history.fold.entries.count == 5)
    }

    @Test func `a decision that does not count cannot void the owner's by using its command first`() {
        var history = inHand()
        let command = CommandID(derivedFrom: "policy", "overdueNoted")
        let early = history.write(.overdueNoted, at: History.street, hour: 4, command: command)
        let due = history.write(.overdueNoted, hour: 5, command: command)

        #expect(history.effect(of: early) == .notOwner(owner: History.centre))
        #expect(history.effect(of: due) == .effective)
        #expect(history.fold.state.isOverdueNoted)
    }

    @Test func `a receipt gives the time that counts for the event it names, and for no later one`() {
        var history = inHand()
        let first = history.write(.replySubmitted, at: History.street, hour: 4, ["text": "一", "kind": "solved"])
        history.tell(History.centre)
        history.write(.replySentBack, hour: 5, ["reason": "无照片"])
        history.tell(History.street)
        let second = history.write(.replySubmitted, at: History.street, hour: 6, ["text": "二", "kind": "solved"])
        history.tell(History.centre)
        func receipt(_ event: Event, _ at: Timestamp) -> JSONObject {
            [
                "event": .string(event.id.description), "of": "ticket.replySubmitted",
                "countedAt": .integer(at.milliseconds),
            ]
        }
        history.write(.receiptNoted, hour: 7, receipt(second, second.occurredAt + 60_000))
        history.write(.receiptNoted, hour: 8, receipt(first, first.occurredAt + 60_000))

        #expect(history.fold.state.repliedAt == second.occurredAt + 60_000)
    }

    @Test func `an updated import brings its changed description`() {
        var history = History()
        history.write(.imported, ["channel": "web", "matter": "旧", "state": "inHand"])
        history.write(.importUpdated, hour: 1, ["content": ["matter": "新", "title": "标题"], "state": "closed"])

        #expect(history.fold.state.matter == "新")
        #expect(history.fold.state.title == "标题")
        #expect(history.fold.state.channel == "web")
        #expect(history.fold.state.status == .closed)
    }

    @Test func `an imported ticket has its caller as a registered one has`() {
        let caller = "person/00112233445566778899aabbccddeeff"
        for kind in [TicketEventKind.imported, .registered] {
            var history = History()
            history.write(kind, ["channel": "web", "matter": "旧", "person": .string(caller)])
            #expect(history.fold.state.reporter == caller, "\(kind)")
        }
    }

    @Test func `a new dispatch asks for contact, extension and suspension anew`() {
        var history = inHand()
        history.write(.firstContactMade, at: History.street, hour: 4)
        history.tell(History.centre)
        history.write(.suspendGranted, hour: 5, ["until": 1_700_600_000_000])
        history.write(.reassigned, hour: 6, Bodies.lead(History.other, unit: "320507002"))

        #expect(history.fold.state.contactedAt == nil)
        #expect(history.fold.state.suspendedUntil == nil)
        #expect(history.fold.state.lead == UnitAtNode(unit: "320507002", node: History.other))
    }
}
