/// What is true already: a command that only says again what was said, of a ticket that is still so, gives no second event.
///
/// Both are asked. A command that differs in one field is another wish, however small the field: it is decided anew, and so
/// either recorded or refused, but never answered as recorded and dropped.

import Events

extension Decision {
    /// Whether the ticket is as the command wants it, by a command that said the same.
    ///
    /// What adds (notes, urges, tries, receipts) is never true already: its command id alone tells a repetition.
    var isTrueAlready: Bool {
        switch kind {
        // What time finds is so or not, whatever was said: a warning of a lower share is in that of a higher one, what is
        // overdue for certain is not unconfirmed anew.
        case .preWarned: state.preWarnedPermille >= fields["permille"]?.integer ?? .max
        case .overdueNoted:
            state.isOverdueNoted && (fields["unconfirmed"]?.bool == true || !state.isOverdueUnconfirmed)
        case .dueRecomputed: clock.recomputed(at: context.now) == nil
        case _: isInPlace && saysTheSame
        }
    }

    /// Whether the last event of this kind said what the command says, field by field.
    private var saysTheSame: Bool {
        guard let said = context.past.said else { return false }
        if let at = command.occurredAt, at != context.past.saidAt { return false }
        return wish(in: fields) == wish(in: said, isStored: true)
    }

    /// The fields of a command as they can be compared: without what is empty, and with what a decision fills in.
    ///
    /// - Parameter isStored: of a body, which has what was computed beside the fields.
    private func wish(in object: JSONObject, isStored: Bool = false) -> JSONObject {
        var wish = JSONObject()
        let known = Set(TicketFields.of(kind).map(\.name))
        for member in object.members where !member.value.isNull && member.value.array?.isEmpty != true {
            if !isStored || known.contains(member.key) { wish[member.key] = member.value }
        }
        switch kind {
        case .dispatched, .rulingMade, .reassigned, .redoOrdered, .reopened:
            wish["leadNode"] = .string(node(of: object["lead"]?.string ?? "", given: object["leadNode"]))
            let helpers = helpers(in: object)
            wish["helpers"] = helpers.isEmpty ? nil : .array(helpers.map(\.json))
        case .registered:
            wish["unit"] = isAtStreet ? object[isStored ? "lead" : "unit"] ?? context.actor.unit.map(JSON.string) : nil
            wish["reporterChain"] = .array(reporterChain(given: object["reporterChain"]).map(JSON.string))
        case .finished: wish["kind"] = object["kind"] ?? state.finishKind.map(JSON.string)
        case _: break
        }
        return wish
    }

    /// Whether the ticket is still as an event of this kind leaves it.
    private var isInPlace: Bool {
        let sameLead =
            state.lead?.unit == fields["lead"]?.string
            && state.lead?.node?.text == node(of: text("lead"), given: fields["leadNode"])
            && state.helpers.map { TicketHelper(unit: $0.unit, node: $0.node, due: $0.due) } == helpers(in: fields)
        return switch kind {
        case .registered, .imported: state.exists
        case .directAnswerGiven: state.status == .answered && state.reply == fields["text"]?.string
        case .rejected: state.status == .rejected
        case .emergencyTransferred: state.status == .answered && state.isEmergency
        case .queuedForDispatch: state.status == .toDispatch
        case .dispatched: state.status == .dispatched && sameLead && !state.isFinal
        case .rulingMade: state.status == .dispatched && sameLead && state.isFinal
        case .reassigned: state.status == .dispatched && sameLead && state.hop > 1
        case .redoOrdered: state.status == .dispatched && sameLead && state.redos > 0
        case .reopened: state.status == .inHand && sameLead && state.isReopened
        case .signed: state.status == .inHand && state.signEvent != nil && state.handler == account
        case .signDeemed: state.status == .inHand && state.signedAt != nil
        case .firstContactMade: state.status == .inHand && state.contactedAt != nil
        case .returnAsked: state.status == .returnAsked
        case .returnApproved: state.status == .toDispatch && state.returnRequest == .granted
        case .returnRefused: state.returnRequest == .refused && state.status == state.statusBeforeReturn
        case .rulingOpened: state.status == .ruling
        case .extensionAsked: state.extensionRequest == .asked
        case .extensionGranted: state.extensionRequest == .granted && state.due?.at == instant("until")
        case .extensionRefused: state.extensionRequest == .refused
        case .suspendAsked: state.suspendRequest == .asked
        case .suspendGranted: state.suspendRequest == .granted && state.suspendedUntil == instant("until")
        case .suspendRefused: state.suspendRequest == .refused
        case .replySubmitted:
            state.status == .replied && state.reply == fields["text"]?.string && state.handler == account
        case .finished: state.status == .finished
        case .callbackRecorded:
            state.status == .calledBack && state.callbackGrade == fields["grade"]?.string
                && state.isSolvedByCaller == fields["solved"]?.bool
        case .callbackExempted:
            state.status == .calledBack && state.callbackGrade == nil && state.isSolvedByCaller == nil
        case .redoProposed: state.isRedoProposed
        case .closed: state.status == .closed
        case .fakeFinishFound: state.isFakeFinish
        case .supervisionRaised, .supervisionLowered: Int64(state.supervisionLevel) == fields["level"]?.integer
        case .mergedInto: state.status == .merged && state.mergedInto?.text == fields["into"]?.string
        case .recategorised: state.category == fields["category"]?.array?.compactMap(\.string)
        case .placeCorrected: state.place.json == fields["place"]?.object
        case .takenOver: state.isTakenOver
        case .voided: state.status == .void
        case .conflictResolved: true
        case .importUpdated, .preWarned, .overdueNoted, .dueRecomputed, .firstContactFailed, .subDispatched, .resumed,
            .progressNoted, .helperReported,
            .unitReviewed,
            .receiptNoted, .replySentBack, .redoDeclined, .urged, .unmerged, .callerSupplemented:
            false
        }
    }
}
