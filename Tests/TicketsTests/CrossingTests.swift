/// Any two kinds written unaware of each other: what counts, by a small oracle that knows nothing of the effect pass.
///
/// The oracle has the classes of the table written out again, so that a change of the table or of the pass is seen.

import Events
import Testing

@testable import Tickets

/// What the oracle expects of an event.
private enum Outcome: String {
    case counts, notOwner, notHolder, rightEnded, overruled
}

private enum Oracle {
    static let holders: Set<TicketEventKind> = [
        .signed, .firstContactMade, .firstContactFailed, .subDispatched, .returnAsked, .extensionAsked, .suspendAsked,
        .replySubmitted, .unitReviewed,
    ]
    static let additive: Set<TicketEventKind> = [.progressNoted, .helperReported, .urged, .callerSupplemented]
    static let centresAlone: Set<TicketEventKind> = [.takenOver, .receiptNoted]
    /// After these the street that held the ticket holds it no more; `body` names the other street as the lead.
    static let endsRight: Set<TicketEventKind> = [
        .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened, .returnApproved, .finished, .closed,
        .mergedInto,
        .takenOver,
    ]

    /// The centre writes `left` while the street, which holds the ticket, writes `right`.
    static func left(_ left: TicketEventKind, streetOwned: Bool) -> Outcome {
        if holders.contains(left) { return .notHolder }
        if additive.contains(left) || centresAlone.contains(left) { return .counts }
        return streetOwned ? .notOwner : .counts
    }

    static func right(_ right: TicketEventKind, crossing left: TicketEventKind, streetOwned: Bool) -> Outcome {
        if additive.contains(right) { return .counts }
        if centresAlone.contains(right) { return .notOwner }
        if holders.contains(right) {
            let ends = endsRight.contains(left) && self.left(left, streetOwned: streetOwned) == .counts
            return ends ? .rightEnded : .counts
        }
        guard streetOwned else { return .notOwner }
        return left == .takenOver ? .overruled : .counts
    }

    /// The street's contact, once it knows of both.
    static func later(after left: TicketEventKind, _ right: TicketEventKind, streetOwned: Bool) -> Outcome {
        let byLeft = endsRight.contains(left) && self.left(left, streetOwned: streetOwned) == .counts
        let byRight =
            endsRight.contains(right) && self.right(right, crossing: left, streetOwned: streetOwned) == .counts
        return byLeft || byRight ? .rightEnded : .counts
    }
}

@Suite("Crossings")
struct CrossingTests {
    private func outcome(_ effect: TicketEffect?) -> Outcome? {
        switch effect {
        case .effective: .counts
        case .notOwner: .notOwner
        case .notHolder: .notHolder
        case .rightEnded: .rightEnded
        case .overruled: .overruled
        case .duplicate, .malformed, .unknownType, .letGo, .missing, nil: nil
        }
    }

    @Test(arguments: TicketEventKind.allCases, [false, true])
    func `each kind at the centre against each at the street comes to what the oracle says`(
        left: TicketEventKind, streetOwned: Bool
    ) {
        for right in TicketEventKind.allCases {
            var history = ConvergenceTests.base(streetOwned: streetOwned)
            let ours = history.write(left, at: History.centre, hour: 4, ConvergenceTests.body(left))
            let theirs = history.write(right, at: History.street, hour: 4, ConvergenceTests.body(right))
            history.tell(History.street)
            let later = history.write(.firstContactMade, at: History.street, hour: 7)
            let expected = [
                Oracle.left(left, streetOwned: streetOwned),
                Oracle.right(right, crossing: left, streetOwned: streetOwned),
                Oracle.later(after: left, right, streetOwned: streetOwned),
            ]
            let what = "\(left) at the centre, \(right) at the street, street-owned \(streetOwned)"
            let written = [ours, theirs, later]
            #expect(written.map { outcome(history.effect(of: $0)) } == expected, "\(what)")

            let conflicts = history.fold.conflicts.map(\.entry.record.event.id)
            let inOrder = history.fold.entries.map(\.record.event.id)
            let unmet = zip(written, expected).filter { $1 != .counts }.map(\.0.id)
            #expect(conflicts == inOrder.filter(unmet.contains), "\(what): a conflict for each that does not count")
            let settled = history.settles(
                theirs, by: streetOwned && left != .takenOver ? History.street : History.centre)
            #expect(settled == (expected[1] != .counts), "\(what): settled by its owner alone")
            if expected[1] == .rightEnded { #expect(history.effect(of: theirs) == .rightEnded(by: ours.id), "\(what)") }
            if expected[1] == .overruled { #expect(history.effect(of: theirs) == .overruled(by: ours.id), "\(what)") }
        }
    }
}

extension History {
    /// Whether the owner's word, and not that of the other node before it, settles an event as a conflict.
    fileprivate func settles(_ event: Event, by owner: NodeID) -> Bool {
        var history = self
        let body: JSONObject = ["event": .string(event.id.description), "outcome": "作废"]
        history.tell(owner)
        let other = owner == History.centre ? History.street : History.centre
        history.write(.conflictResolved, at: other, hour: 8, body)
        let resolved = history.write(.conflictResolved, at: owner, hour: 8, body)
        return history.fold.conflicts.contains { $0.entry.record.event.id == event.id && $0.resolvedBy == resolved.id }
    }
}
