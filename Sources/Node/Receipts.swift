// Receipts (送达认定): the centre notes for each event of a holder whose time matters when it arrived and which time
// counts, in the transaction that takes it in.

import Events
import Replication
import Tickets

enum Receipts {
    /// Holder's events whose time is measured against a limit.
    private static let timed: Set<TicketEventKind> = [
        .signed, .firstContactMade, .firstContactFailed, .returnAsked, .extensionAsked, .suspendAsked, .replySubmitted,
    ]

    /// The command that notes an arrival; nil when its time does not matter.
    static func command(
        for event: Event, arrival: Timestamp, outages: [Outage], clockOffset: Int64
    ) -> NodeCommand? {
        guard event.stream.category == "ticket", let kind = TicketEventKind(typeName: event.type.name),
            timed.contains(kind)
        else { return nil }
        let counted = CountedTime.of(
            recordedAt: event.recordedAt, arrival: arrival, outages: outages, clockOffset: clockOffset)
        let fields: JSONObject = [
            "arrivedAt": .integer(arrival.milliseconds), "countedAt": .integer(counted.at.milliseconds),
            "event": .string(event.id.description), "of": .string(event.type.name),
            "why": .string(counted.isOutage ? "outage" : "arrival"),
        ]
        return NodeCommand(
            id: CommandID(derivedFrom: "receipt", event.id.description), ticket: event.stream,
            wish: TicketCommand(.receiptNoted, fields), actor: Actor(system: "receipt", rule: "1"))
    }
}
