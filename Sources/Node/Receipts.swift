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

    /// Events of a street's own case that can write a due time.
    private static let duing: Set<TicketEventKind> = [
        .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened, .resumed, .returnApproved, .replySentBack,
        .dueRecomputed,
    ]

    /// Whether an event can need a receipt.
    static func concern(_ event: Event) -> Bool {
        guard event.stream.category == "ticket", let kind = TicketEventKind(event.type) else {
            return false
        }
        return timed.contains(kind) || duing.contains(kind)
    }

    /// The command that notes an arrival; nil when its time does not matter.
    static func command(
        for event: Event, arrival: Timestamp, outages: [Outage], clockOffset: Int64, rule: TicketOutageRule
    ) -> NodeCommand? {
        guard event.stream.category == "ticket", let kind = TicketEventKind(event.type),
            timed.contains(kind)
        else { return nil }
        let counted = CountedTime.of(
            recordedAt: event.recordedAt, arrival: arrival, outages: outages, clockOffset: clockOffset,
            rule: rule)
        return command(
            for: event, arrival: arrival, counted: counted.at, cause: counted.isOutage ? "outage" : "arrival")
    }

    /// The command that notes what the centre's rules say of a due time that a street wrote under other ones; nil when they
    /// say the same.
    static func command(
        for event: Event, of ticket: TicketState, rules: any TicketRules, arrival: Timestamp
    ) -> NodeCommand? {
        guard let difference = ticket.dueDifference(from: event.id, rules: rules) else { return nil }
        // The street owns the case: its own time counts.
        return command(
            for: event, arrival: arrival, counted: event.recordedAt, cause: "owner", recomputed: difference.json)
    }

    private static func command(
        for event: Event, arrival: Timestamp, counted: Timestamp, cause: String, recomputed: JSON? = nil
    ) -> NodeCommand {
        var fields: JSONObject = [
            "arrivedAt": .integer(arrival.milliseconds), "countedAt": .integer(counted.milliseconds),
            "event": .string(event.id.description), "of": .string(event.type.name), "why": .string(cause),
        ]
        fields["recomputed"] = recomputed
        return NodeCommand(
            id: CommandID(derivedFrom: "receipt", event.id.description), ticket: event.stream,
            wish: TicketCommand(.receiptNoted, fields), actor: Actor(system: "receipt", rule: "1"))
    }
}
