/// The table of the ticket's life (工单生命周期): which events there are, who may write each, and what state it leads to.
///
/// One row an event type; `docs/format/tickets.md` prints it for people. Decisions, effect and state all read
/// this table, so that none of them can disagree with another.

package import Events

/// Where a ticket is (工单状态).
package enum TicketStatus: String, Sendable, CaseIterable {
    /// 已登记
    case registered
    /// 直接答复
    case answered
    /// 不予受理
    case rejected
    /// 待派单
    case toDispatch
    /// 待签收
    case dispatched
    /// 办理中
    case inHand
    /// 退单待审
    case returnAsked
    /// 会商裁定
    case ruling
    /// 已答复待审
    case replied
    /// 已办结
    case finished
    /// 已回访
    case calledBack
    /// 归档
    case closed
    /// 已并单
    case merged
    /// 作废
    case void

    /// Whether work on the ticket can still be asked for.
    package var isOpen: Bool {
        switch self {
        case .registered, .toDispatch, .dispatched, .inHand, .returnAsked, .ruling, .replied, .finished, .calledBack:
            true
        case .answered, .rejected, .closed, .merged, .void: false
        }
    }

    /// Whether a due time still matters: before the finish.
    package var isClockOpen: Bool {
        switch self {
        case .registered, .toDispatch, .dispatched, .inHand, .returnAsked, .ruling, .replied: true
        case .answered, .rejected, .finished, .calledBack, .closed, .merged, .void: false
        }
    }

    /// Whether a request of the holder can be decided (审核): there is none to decide in any other state.
    package var takesDecisions: Bool { self == .returnAsked || self == .inHand }

    /// Whether a unit has it at hand: from a dispatch to the reply.
    package var isHeld: Bool {
        switch self {
        case .dispatched, .inHand, .returnAsked, .ruling: true
        case .registered, .toDispatch, .replied, .answered, .rejected, .finished, .calledBack, .closed, .merged, .void:
            false
        }
    }

    static let open = Set(allCases.filter(\.isOpen))
    static let any = Set(allCases)
}

/// Whose node decides an event (`docs/architecture.md`, ownership).
package enum WriterClass: Sendable {
    /// The owner's node: the centre, or the street for a street-owned case until it is taken over.
    case owner
    /// The node of the present holder (承办单位): the lead of the last effective dispatch.
    case holder
    /// Any node that has the ticket; what it says adds and decides nothing.
    case any
    /// The centre's node alone, whoever owns the ticket.
    case centre
}

/// What an event does to the holder's right.
package enum HolderChange: Sendable {
    case none
    /// Gives it to the node named in the body, and ends the right of the one before.
    case grants
    /// Ends it.
    case ends
}

/// A row of the table.
package struct TicketRule: Sendable {
    package let writer: WriterClass
    package let from: Set<TicketStatus>
    /// nil: the state stays.
    package let to: TicketStatus?
    package let holder: HolderChange

    init(_ writer: WriterClass, from: Set<TicketStatus>, to: TicketStatus? = nil, holder: HolderChange = .none) {
        self.writer = writer
        self.from = from
        self.to = to
        self.holder = holder
    }
}

/// The types of ticket events, by what stands behind `ticket.` in the stored type; `conflict.resolved` is of the same streams.
package enum TicketEventKind: String, Sendable, CaseIterable {
    case registered, imported, importUpdated
    case directAnswerGiven, rejected, emergencyTransferred, queuedForDispatch, dispatched
    case signed, signDeemed, firstContactMade, firstContactFailed, subDispatched
    case returnAsked, returnApproved, returnRefused, rulingOpened, rulingMade
    case extensionAsked, extensionGranted, extensionRefused
    case suspendAsked, suspendGranted, suspendRefused, resumed
    case progressNoted, helperReported, replySubmitted, unitReviewed, receiptNoted, replySentBack, finished
    case callbackRecorded, callbackExempted, redoProposed, redoDeclined, redoOrdered, closed
    case urged, supervisionRaised, supervisionLowered, mergedInto, unmerged
    case recategorised, placeCorrected, callerSupplemented, reassigned, takenOver, voided, reopened, fakeFinishFound
    case preWarned, overdueNoted, dueRecomputed
    case conflictResolved

    /// The stored type name; a renamed case must keep it.
    package var typeName: String { self == .conflictResolved ? "conflict.resolved" : "ticket.\(rawValue)" }

    /// - Returns: nil for a type this version does not know.
    package init?(typeName: String) {
        guard let kind = TicketEventKind.byTypeName[typeName] else { return nil }
        self = kind
    }

    /// - Returns: nil for a type, or a version of a type, that this version does not know: what it says is not read.
    package init?(_ type: EventType) {
        guard type.version == "1" else { return nil }
        self.init(typeName: type.name)
    }

    /// This type's row.
    ///
    /// Looked up for every event of every fold, so the rows are made once.
    package var rule: TicketRule { TicketEventKind.rules[self] ?? makeRule() }

    private static let byTypeName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.typeName, $0) })
    private static let rules = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.makeRule()) })

    private func makeRule() -> TicketRule {
        switch self {
        case .registered: TicketRule(.owner, from: [], to: .registered)
        case .imported, .importUpdated: TicketRule(.owner, from: TicketStatus.any)
        case .directAnswerGiven: TicketRule(.owner, from: [.registered], to: .answered)
        case .rejected: TicketRule(.owner, from: [.registered], to: .rejected)
        case .emergencyTransferred: TicketRule(.owner, from: [.registered], to: .answered)
        case .queuedForDispatch: TicketRule(.owner, from: [.registered], to: .toDispatch)
        case .dispatched: TicketRule(.owner, from: [.toDispatch], to: .dispatched, holder: .grants)
        case .signed: TicketRule(.holder, from: [.dispatched], to: .inHand)
        case .signDeemed: TicketRule(.owner, from: [.dispatched], to: .inHand)
        case .firstContactMade, .firstContactFailed: TicketRule(.holder, from: [.inHand])
        case .subDispatched: TicketRule(.holder, from: [.inHand])
        case .returnAsked: TicketRule(.holder, from: [.dispatched, .inHand], to: .returnAsked)
        case .returnApproved: TicketRule(.owner, from: [.returnAsked], to: .toDispatch, holder: .ends)
        case .returnRefused: TicketRule(.owner, from: [.returnAsked])
        case .rulingOpened: TicketRule(.owner, from: [.returnAsked], to: .ruling)
        case .rulingMade: TicketRule(.owner, from: [.ruling], to: .dispatched, holder: .grants)
        case .extensionAsked: TicketRule(.holder, from: [.inHand])
        case .extensionGranted, .extensionRefused: TicketRule(.owner, from: [.inHand])
        case .suspendAsked: TicketRule(.holder, from: [.inHand])
        case .suspendGranted, .suspendRefused: TicketRule(.owner, from: [.inHand])
        // A stop ends at its end, also while a return waits for its answer.
        case .resumed: TicketRule(.owner, from: [.inHand, .returnAsked, .ruling])
        case .progressNoted: TicketRule(.any, from: TicketStatus.open)
        case .helperReported: TicketRule(.any, from: [.inHand])
        case .replySubmitted: TicketRule(.holder, from: [.inHand], to: .replied)
        case .unitReviewed: TicketRule(.holder, from: [.replied])
        case .receiptNoted: TicketRule(.centre, from: TicketStatus.any)
        case .replySentBack: TicketRule(.owner, from: [.replied], to: .inHand)
        case .finished: TicketRule(.owner, from: [.replied], to: .finished, holder: .ends)
        case .callbackRecorded, .callbackExempted: TicketRule(.owner, from: [.finished, .merged], to: .calledBack)
        case .redoProposed, .redoDeclined: TicketRule(.owner, from: [.calledBack, .closed])
        case .redoOrdered:
            TicketRule(.owner, from: [.finished, .calledBack, .closed], to: .dispatched, holder: .grants)
        case .closed: TicketRule(.owner, from: [.calledBack, .answered, .rejected], to: .closed, holder: .ends)
        case .urged: TicketRule(.any, from: TicketStatus.open)
        case .supervisionRaised, .supervisionLowered: TicketRule(.owner, from: TicketStatus.open)
        case .mergedInto:
            TicketRule(.owner, from: [.registered, .toDispatch, .dispatched, .inHand], to: .merged, holder: .ends)
        case .unmerged: TicketRule(.owner, from: [.merged], to: .toDispatch)
        case .recategorised, .placeCorrected: TicketRule(.owner, from: TicketStatus.open)
        case .callerSupplemented: TicketRule(.any, from: TicketStatus.open)
        case .reassigned: TicketRule(.owner, from: [.dispatched, .inHand], to: .dispatched, holder: .grants)
        case .takenOver: TicketRule(.centre, from: TicketStatus.open, holder: .ends)
        case .voided: TicketRule(.owner, from: [.registered], to: .void)
        case .reopened: TicketRule(.owner, from: [.closed], to: .inHand, holder: .grants)
        case .fakeFinishFound: TicketRule(.owner, from: [.finished, .calledBack, .closed])
        case .preWarned, .overdueNoted, .dueRecomputed: TicketRule(.owner, from: TicketStatus.open)
        case .conflictResolved: TicketRule(.owner, from: TicketStatus.any)
        }
    }
}
