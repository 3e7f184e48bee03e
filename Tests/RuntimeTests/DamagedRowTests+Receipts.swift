import Events
import Replication
import Testing
import Tickets

@testable import Node

/// What the centre owes of an event whose ticket could not be read when it came.
extension DamagedRowTests {
    @Test("a receipt that waited for a row is given when that is healed, and is owed no more")
    func owed() throws {
        let (ticket, position): (StreamName, Int64) = try {
            let before = Pair(centre: try open(centre, 1), street: try open(street, 1), node: street, moment: moment)
            let reply = try before.perform(register(1), at: before.centre)
            try before.run(milliseconds: 3_000)
            return (reply.ticket, reply.position)
        }()
        try rot(centre, at: position, "previous = x'00'")
        let pair = Pair(centre: try open(centre, 2), street: try open(street, 2), node: street, moment: moment)
        pair.onGive = { _ in [] }
        let draft = Draft(
            stream: ticket, type: EventType("ticket.signed"), body: [:], occurredAt: moment(pair.time).wall)
        let signed = NodeCommand(
            id: CommandID(derivedFrom: "signed"), .record([draft]),
            actor: Actor(account: "li", role: "clerk", unit: "320507001"))
        _ = try pair.perform(signed, at: pair.street)
        try pair.run(milliseconds: 5_000)
        #expect(pair.centre.unreceipted[ticket]?.count == 1, "\(pair.alarms)")
        pair.onGive = { $0 }
        try pair.run(milliseconds: 70_000)
        #expect(pair.centre.rotten == (0, 1), "\(pair.alarms)")
        let receipts = try pair.centre.reader.page(.stream(ticket), .forward, from: 0, limit: 10)
            .filter { $0.event.type.name == "ticket.receiptNoted" }
        #expect(receipts.count == 1, "\(pair.alarms)")
        #expect(pair.centre.unreceipted.isEmpty)
    }
}
