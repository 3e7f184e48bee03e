/// The tables of tickets (工单): what lists, queues, counts and search read. Columns in `docs/format/views.md` 2.

package import Events
import Tickets

/// Folds ticket streams into `tickets` and `conflicts`.
package struct TicketRows: StreamFold {
    package let category = "ticket"
    package let tables = [TicketTables.tickets, TicketTables.conflicts]
    /// The centre's node, which decides whose events count.
    private let centre: NodeID
    /// Of the zone in which days begin; the same on every node of a district.
    private let zoneOffsetMinutes: Int64

    package init(centre: NodeID, zoneOffsetMinutes: Int64) {
        self.centre = centre
        self.zoneOffsetMinutes = zoneOffsetMinutes
    }

    package var settings: String { "tickets centre=\(centre) zone=\(zoneOffsetMinutes)" }

    package func rows(of stream: StreamName, events: [Event]) throws(Poison) -> [[Cells]] {
        let fold = TicketFold(centre: centre, events: events)
        let counts = Counts(
            all: fold.entries.count, effective: fold.entries.count { $0.effect.isEffective },
            needsUpgrade: fold.needsUpgrade)
        return rows(of: stream, fold.state, counts, fold.conflicts)
    }

    package func kept(_ events: [Event]) throws(Poison) -> (any KeptStream)? {
        KeptTicket(rows: self, standing: TicketStanding(TicketFold(centre: centre, events: events)))
    }

    /// A ticket without its history.
    private struct KeptTicket: KeptStream {
        let rows: TicketRows
        var standing: TicketStanding

        mutating func add(_ event: Event) -> Bool { standing.add(event) != nil }

        func rows(of stream: StreamName) throws(Poison) -> [[Cells]] {
            let counts = Counts(
                all: standing.count, effective: standing.effective, needsUpgrade: standing.needsUpgrade)
            return rows.rows(of: stream, standing.state, counts, standing.conflicts)
        }
    }

    /// What rows say of a ticket's events.
    private struct Counts {
        var all, effective: Int
        var needsUpgrade: Bool
    }

    private func rows(
        of stream: StreamName, _ state: TicketState, _ counts: Counts,
        _ conflicts: [(entry: TicketEntry, resolvedBy: EventID?)]
    ) -> [[Cells]] {
        [
            [ticket(stream, state, counts, openConflicts: conflicts.count { $0.resolvedBy == nil })],
            conflicts.map { TicketRows.conflict(stream, $0.entry, resolvedBy: $0.resolvedBy) },
        ]
    }

    private func ticket(_ stream: StreamName, _ state: TicketState, _ counts: Counts, openConflicts: Int) -> Cells {
        func instant(_ value: Timestamp?) -> Cell { .integer(value?.milliseconds) }
        func count(_ value: Int) -> Cell { .integer(Int64(value)) }
        // Nothing of a ticket that was let go is judged.
        let counts = state.isLetGo ? Counts(all: 0, effective: 0, needsUpgrade: false) : counts
        // In the order of `TicketTables.tickets.columns`; a test holds the two together.
        return [
            .text(stream.text), .text(state.number), .text(state.status.rawValue), .flag(state.status.isOpen),
            .text(state.ownerNode?.text), .flag(state.isStreetOwned), .text(state.lead?.unit ?? ""),
            .text(state.lead?.node?.text), .text(TicketRows.list(state.helpers.map(\.unit))), .text(state.kind),
            .text(state.urgency), .text(state.category.joined(separator: "/")), .text(state.place.area ?? ""),
            .text(state.place.street), .text(state.place.community), .text(state.place.text),
            .integer(state.place.latitudeE7), .integer(state.place.longitudeE7), .text(state.channel),
            .text(state.title), .flag(state.isConfidential),
            .integer(state.registeredAt.milliseconds),
            .integer(CivilDay.number(of: state.registeredAt, offsetMinutes: zoneOffsetMinutes)),
            .integer(state.lastChangedAt.milliseconds), instant(state.firstDispatchedAt), instant(state.due?.at),
            .flag(state.due?.isProvisional ?? false), instant(state.signDue?.at), instant(state.contactDue?.at),
            instant(state.signedAt), .flag(state.isSignDeemed), instant(state.contactedAt), instant(state.repliedAt),
            instant(state.finishedAt), instant(state.closedAt), .text(state.finishKind),
            .integer(state.isOnTime.map { $0 ? 1 : 0 }), count(state.round), count(state.hop),
            .text(state.returnRequest.rawValue), count(state.returnsApproved), .text(state.extensionRequest.rawValue),
            count(state.extensionsGranted), .flag(state.suspendedSince != nil), instant(state.suspendedUntil),
            count(state.urges), count(state.supervisionLevel), count(state.sentBack), count(state.redos),
            count(state.preWarnings), .flag(state.isOverdueNoted), .flag(state.isFakeFinish),
            .text(state.callbackGrade), .integer(state.isSolvedByCaller.map { $0 ? 1 : 0 }),
            .text(state.mergedInto?.text), .text(state.source?.name), .text(state.source?.id), count(counts.effective),
            count(counts.all - counts.effective), count(openConflicts), .flag(!state.exists),
            .flag(state.isOverdueUnconfirmed), instant(state.decisionDue?.at), .text(state.matter),
            count(state.loops), .text(state.grid), .text(state.regime), instant(state.statutoryDue),
            instant(state.suspendPromised), instant(state.suspendReview),
            .integer(state.filing?.hlc.rawValue), .text(state.filing?.event.description), .flag(counts.needsUpgrade),
            .flag(state.isLetGo),
        ]
    }

    /// `,a,b,`: so that `instr(helpers, ',a,')` finds one; empty for none.
    private static func list(_ units: [String]) -> String {
        units.isEmpty ? "" : ",\(units.joined(separator: ",")),"
    }

    private static func conflict(_ stream: StreamName, _ entry: TicketEntry, resolvedBy: EventID?) -> Cells {
        let event = entry.record.event
        let against: EventID? =
            switch entry.effect {
            case .rightEnded(let id), .overruled(let id), .duplicate(let id): id
            case .effective, .notOwner, .notHolder, .malformed, .unknownType, .letGo, .missing: nil
            }
        return [
            .text(stream.text), .text(event.id.description), .text(event.type.name), .text(entry.effect.code),
            .text(against?.description), .integer(event.occurredAt.milliseconds), .text(resolvedBy?.description),
        ]
    }
}

/// The declarations.
enum TicketTables {
    static let tickets = StreamTable(
        name: "tickets", keyCount: 1,
        columns: [
            .text("stream"), .text("number").orNull, .text("status"), .integer("open"), .text("ownerNode").orNull,
            .integer("streetOwned"), .text("holderUnit"), .text("holderNode").orNull, .text("helpers"),
            .text("kind").orNull, .text("urgency").orNull, .text("category"), .text("area"), .text("street").orNull,
            .text("community").orNull, .text("place").orNull, .integer("latitudeE7").orNull,
            .integer("longitudeE7").orNull, .text("channel"), .text("title").orNull, .integer("confidential"),
            .integer("createdAt"), .integer("createdDay"), .integer("changedAt"), .integer("firstDispatchedAt").orNull,
            .integer("dueAt").orNull, .integer("dueProvisional"), .integer("signDueAt").orNull,
            .integer("contactDueAt").orNull, .integer("signedAt").orNull, .integer("signDeemed"),
            .integer("contactedAt").orNull, .integer("repliedAt").orNull, .integer("finishedAt").orNull,
            .integer("closedAt").orNull, .text("finishKind").orNull, .integer("onTime").orNull, .integer("round"),
            .integer("hop"), .text("returnRequest"), .integer("returnsApproved"), .text("extensionRequest"),
            .integer("extensionsGranted"), .integer("suspended"), .integer("suspendedUntil").orNull, .integer("urges"),
            .integer("supervision"), .integer("sentBack"), .integer("redos"), .integer("preWarnings"),
            .integer("overdueNoted"), .integer("fakeFinish"), .text("callbackGrade").orNull, .integer("solved").orNull,
            .text("mergedInto").orNull, .text("sourceName").orNull, .text("sourceID").orNull, .integer("effective"),
            .integer("notEffective"), .integer("conflicts"), .integer("stub"), .integer("overdueUnconfirmed"),
            .integer("decisionDueAt").orNull, .text("matter"), .integer("loops"),
            .text("grid").orNull, .text("regime").orNull, .integer("statutoryDueAt").orNull,
            .integer("suspendPromisedAt").orNull, .integer("suspendReviewAt").orNull, .integer("filingTime").orNull,
            .text("filing").orNull, .integer("needsUpgrade"), .integer("letGo"),
        ],
        indexes: [
            Index("ticketsByStatus", "status, \(dueOrder), stream", where: listed),
            Index("ticketsByHolder", "holderUnit, status, \(dueOrder), stream", where: listed),
            Index("ticketsByArea", "area, status, \(dueOrder), stream", where: listed),
            Index("ticketsByCreation", "createdAt, stream", where: listed),
            Index("ticketsByDay", "createdDay, category"),
            Index("ticketsByNumber", "number", where: "number IS NOT NULL"),
            Index("ticketsBySource", "sourceID", where: "sourceID IS NOT NULL"),
            Index("ticketsToUpgrade", "stream", where: "needsUpgrade = 1"),
            // With the status, so that counting by unit reads this index alone.
            Index("ticketsHeld", "holderNode, holderUnit, status", where: held),
        ])

    /// What lists and searches show.
    ///
    /// Of a ticket that was let go nothing is known here that they could show, and it is not this node's. It is in none of their indexes,
    /// so that no page goes through what left.
    static let listed = "letGo = 0"

    /// What a unit has at hand.
    static let held =
        "status IN (" + TicketStatus.allCases.filter(\.isHeld).map { "'\($0.rawValue)'" }.joined(separator: ", ") + ")"

    /// The due time for ordering: a ticket without one comes last.
    static let dueOrder = "ifnull(dueAt, 9223372036854775807)"

    static let conflicts = StreamTable(
        name: "conflicts", keyCount: 2,
        columns: [
            .text("stream"), .text("event"), .text("type"), .text("reason"), .text("against").orNull,
            .integer("occurredAt"), .text("resolvedBy").orNull,
        ], indexes: [Index("conflictsOpen", "occurredAt, stream, event", where: "resolvedBy IS NULL")])

    static let counts = SumTable(
        name: "ticketCounts", source: "tickets", groups: ["holderUnit", "category", "createdDay", "status"],
        sums: ["overdueNoted", "overdueUnconfirmed", "urges", "conflicts", "redos"], unless: "letGo")

    static let text = TextTable(
        name: "ticketText", source: "tickets", columns: ["number", "sourceID", "title", "place", "matter"])
}

extension ViewSet {
    /// The views of a node.
    ///
    /// - Parameters:
    ///   - centre: the district's centre.
    ///   - zoneOffsetMinutes: of the district's zone, in which days begin; 480 is China's.
    package static func gridline(centre: NodeID, zoneOffsetMinutes: Int64 = 480) -> ViewSet {
        ViewSet(
            foldVersion: 6, folds: [TicketRows(centre: centre, zoneOffsetMinutes: zoneOffsetMinutes)],
            sums: [TicketTables.counts], texts: [TicketTables.text])
    }
}
