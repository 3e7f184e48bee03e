/// Who may do what (岗位权限): the roles that each kind of the table is open to.
///
/// Read when a command is decided, never when an event is folded: what another node wrote is history, whoever
/// wrote it. `docs/format/tickets.md` prints the table for people.

package import Events

/// What a person is here for (岗位).
///
/// The raw values stand in stored events and never change; `PageTexts.names` has the names for people.
package enum TicketRole: String, Sendable, CaseIterable {
    case agent, specialDesk, shiftLeader, dispatcher
    /// Reviews replies.
    case quality
    case supervisor, callback, archivist, knowledge, evaluator, auditor
    /// Of a street's command centre.
    case clerk
    /// Of the unit that has a ticket, or of one below it.
    case liaison, handler, leader
    case gridLeader, gridWorker, microGridLeader
    /// The caller through the web.
    case web
    case systemAdmin, securityAdmin, auditAdmin

    /// Whether those who have it report from a grid (网格一线岗位).
    package var isOfGrid: Bool { self == .gridWorker || self == .gridLeader || self == .microGridLeader }
}

/// A row of a table: people by role, and system actors by name.
package struct TicketWho: Sendable, Equatable {
    /// The usual one first.
    package let people: [TicketRole]
    /// Names of policies, importers and the like.
    package let systems: [String]

    package init(_ people: [TicketRole], systems: [String] = []) {
        self.people = people
        self.systems = systems
    }

    package func allows(_ actor: Actor) -> Bool {
        if let system = actor.system { return systems.contains(system) }
        guard let role = actor.role.flatMap(TicketRole.init(rawValue:)) else { return false }
        return people.contains(role)
    }

    /// The roles, then the system actors, as they are stored.
    package var names: [String] { people.map(\.rawValue) + systems.map { "system \($0)" } }

    /// The same for a refusal.
    package var words: [Words] {
        var all: [Words] = people.map(\.words)
        for name in systems { all.append(TicketWho.system(Words(name: name, of: "system"))) }
        return all
    }

    /// What an actor is here for, for a refusal.
    package static func words(of actor: Actor) -> Words {
        let role = actor.role.map { TicketRole(rawValue: $0)?.words ?? Words(verbatim: $0) }
        let system = actor.system.map { TicketWho.system(Words(verbatim: $0)) }
        let words: Words = system ?? role ?? "an actor without a role"
        return words
    }

    /// A policy, an importer or the like.
    private static func system(_ name: Words) -> Words {
        let words: Words = "system \(name)"
        return words
    }
}

extension TicketEventKind {
    /// Who may give a command of this kind.
    ///
    /// - Parameter streetOwned: of a street's own case, what the owner decides is for the street's clerks and leaders.
    package func who(streetOwned: Bool) -> TicketWho {
        let row = whoAtCentre
        guard streetOwned, rule.writer == .owner, self != .registered, !row.people.isEmpty else { return row }
        return TicketWho([.clerk, .leader], systems: row.systems)
    }

    private var whoAtCentre: TicketWho {
        switch self {
        case .registered:
            TicketWho([.agent, .specialDesk, .web, .clerk, .gridWorker, .gridLeader, .microGridLeader])
        case .imported, .importUpdated: TicketWho([], systems: ["import"])
        case .directAnswerGiven, .emergencyTransferred, .queuedForDispatch, .rejected:
            TicketWho([.agent, .specialDesk])
        case .dispatched: TicketWho([.dispatcher], systems: ["rule"])
        case .signed, .returnAsked: TicketWho([.liaison, .clerk])
        case .signDeemed: TicketWho([], systems: ["deemedSigning"])
        case .firstContactMade, .firstContactFailed, .replySubmitted: TicketWho([.handler, .clerk])
        case .subDispatched: TicketWho([.leader, .liaison, .clerk])
        case .returnApproved, .returnRefused, .extensionGranted, .extensionRefused, .mergedInto, .unmerged:
            TicketWho([.dispatcher])
        case .rulingOpened, .rulingMade, .suspendGranted, .suspendRefused: TicketWho([.supervisor])
        case .extensionAsked, .suspendAsked: TicketWho([.liaison, .handler, .leader, .clerk])
        case .resumed: TicketWho([.supervisor], systems: ["resume"])
        case .progressNoted, .helperReported:
            TicketWho([.handler, .liaison, .leader, .clerk, .gridWorker, .gridLeader, .microGridLeader])
        case .unitReviewed: TicketWho([.leader, .liaison, .clerk])
        case .receiptNoted: TicketWho([], systems: ["receipt"])
        case .replySentBack, .finished: TicketWho([.quality, .supervisor])
        case .callbackRecorded, .redoProposed: TicketWho([.callback], systems: ["robot"])
        case .redoOrdered: TicketWho([.supervisor], systems: ["rule"])
        case .callbackExempted, .redoDeclined, .supervisionRaised, .supervisionLowered, .takenOver, .reopened:
            TicketWho([.supervisor])
        case .closed: TicketWho([.archivist], systems: ["close"])
        case .urged: TicketWho([.agent, .specialDesk])
        case .recategorised, .placeCorrected: TicketWho([.agent, .specialDesk, .dispatcher])
        case .callerSupplemented: TicketWho([.agent, .specialDesk, .clerk, .web])
        case .reassigned: TicketWho([.dispatcher, .supervisor])
        case .voided: TicketWho([.shiftLeader])
        case .fakeFinishFound: TicketWho([.supervisor, .auditor])
        case .preWarned: TicketWho([], systems: ["preWarning"])
        case .overdueNoted: TicketWho([], systems: ["overdue"])
        case .dueRecomputed: TicketWho([], systems: ["recompute"])
        case .conflictResolved: TicketWho([.dispatcher, .supervisor])
        }
    }
}
