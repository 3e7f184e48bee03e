/// What is true already: a command that only says again what the ticket is gives no second event.

import Events

extension Decision {
    /// Whether the state is what the command asks for, by a command such as this one.
    ///
    /// What adds (notes, urges, tries, receipts) is never true already: its command id alone tells a repetition.
    var isTrueAlready: Bool {
        let sameLead = state.lead?.unit == fields["lead"]?.string
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
        case .overdueNoted:
            state.isOverdueNoted && (fields["unconfirmed"]?.bool == true || !state.isOverdueUnconfirmed)
        case .preWarned: state.preWarnedPermille >= fields["permille"]?.integer ?? .max
        case .dueRecomputed: clock.recomputed(at: context.now) == nil
        case .importUpdated, .firstContactFailed, .subDispatched, .resumed, .progressNoted, .helperReported,
            .unitReviewed,
            .receiptNoted, .replySentBack, .redoDeclined, .urged, .unmerged, .callerSupplemented:
            false
        }
    }
}
