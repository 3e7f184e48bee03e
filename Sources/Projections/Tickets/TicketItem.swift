/// A ticket as lists show it.

package import Events
package import Tickets

package struct TicketItem: Sendable, Equatable {
    package var stream: StreamName
    package var number: String?
    /// The number as people are shown it: with `-2` and so on at the later ones of those that share it (重号).
    package var shownNumber: String?
    package var status: TicketStatus
    package var holderUnit: String?
    package var holderNode: String?
    package var kind: String?
    package var urgency: String?
    /// The path from the top.
    package var category: [String]
    package var area: String?
    package var street: String?
    package var place: String?
    package var title: String?
    package var isConfidential: Bool
    package var createdAt: Timestamp
    package var changedAt: Timestamp
    package var dueAt: Timestamp?
    package var isDueProvisional: Bool
    package var signDueAt: Timestamp?
    package var contactDueAt: Timestamp?
    /// The counted time of its last reply (答复); a ticket that was sent back keeps it.
    package var repliedAt: Timestamp?
    package var closedAt: Timestamp?
    package var finishKind: String?
    package var round: Int
    package var hop: Int
    package var urges: Int
    package var supervision: Int
    package var isSuspended: Bool
    package var isOverdueNoted: Bool
    /// Noted while the holder's line was down (超期待核); to show it, ask `isLatenessOpen`.
    package var isOverdueUnconfirmed: Bool
    /// By when the first of its open requests is to be decided (审核时限).
    package var decisionDueAt: Timestamp?
    /// Conflicts that nobody has settled.
    package var conflicts: Int
    package var sourceName: String?
    package var sourceID: String?
    /// Its filing is not here: only later events of it are known.
    package var isStub: Bool
    /// It left for another unit, and what it said was let go here; only its envelopes are known.
    package var isLetGo: Bool
    /// How often in this round a unit got it back that had led it before (回流).
    package var loops: Int
    /// It holds events of a later version: what it has come to is not all known here (需升级).
    package var needsUpgrade: Bool
    /// The beginning of what it is about, as much as a heading takes.
    package var matterStart: String

    /// What lists call it.
    package var heading: String {
        TicketHeading.text(title: title, category: category, matter: matterStart, place: place)
    }

    /// As in `TicketState`: whether it is still to be settled that the ticket is late.
    package var isLatenessOpen: Bool { isOverdueUnconfirmed && status.isClockOpen }

    private static let plainColumns = """
        stream, number, status, holderUnit, holderNode, kind, urgency, category, area, street, place, title, confidential, \
        createdAt, changedAt, dueAt, dueProvisional, signDueAt, contactDueAt, repliedAt, closedAt, finishKind, round, hop, \
        urges, supervision, suspended, overdueNoted, overdueUnconfirmed, decisionDueAt, conflicts, sourceName, sourceID, stub, \
        loops, needsUpgrade, letGo
        """
    static let columns = plainColumns + ", " + matterStart("matter")
    static let columnCount = plainColumns.split(separator: ",").count + 1

    /// As much of a matter as a heading takes, in SQL.
    static func matterStart(_ column: String) -> String {
        "substr(\(column), 1, \(TicketHeading.limit + 1)) AS matterStart"
    }

    /// A category's path as the views keep it.
    static func path(_ text: String?) -> [String] { text?.split(separator: "/").map(String.init) ?? [] }

    /// Reads the columns above from the statement's present row.
    ///
    /// - Throws: `ViewFailure` when the row holds no stream name or status of this version.
    init(_ row: RowStatement) throws {
        var column = -1
        func next() -> Int {
            column += 1
            return column
        }
        func text() -> String? { if case .text(let value) = row.cell(next()), !value.isEmpty { value } else { nil } }
        func number() -> Int64? { if case .integer(let value) = row.cell(next()) { value } else { nil } }
        func instant() -> Timestamp? { number().map(Timestamp.init(milliseconds:)) }
        stream = try StreamName(text() ?? "")
        self.number = text()
        shownNumber = self.number
        let status = text() ?? ""
        guard let known = TicketStatus(rawValue: status) else {
            throw ViewFailure.malformed(what: "ticket status", value: status)
        }
        self.status = known
        holderUnit = text()
        holderNode = text()
        kind = text()
        urgency = text()
        category = TicketItem.path(text())
        area = text()
        street = text()
        place = text()
        title = text()
        isConfidential = number() == 1
        createdAt = instant() ?? Timestamp(milliseconds: 0)
        changedAt = instant() ?? Timestamp(milliseconds: 0)
        dueAt = instant()
        isDueProvisional = number() == 1
        signDueAt = instant()
        contactDueAt = instant()
        repliedAt = instant()
        closedAt = instant()
        finishKind = text()
        round = Int(number() ?? 0)
        hop = Int(number() ?? 0)
        urges = Int(number() ?? 0)
        supervision = Int(number() ?? 0)
        isSuspended = number() == 1
        isOverdueNoted = number() == 1
        isOverdueUnconfirmed = number() == 1
        decisionDueAt = instant()
        conflicts = Int(number() ?? 0)
        sourceName = text()
        sourceID = text()
        isStub = number() == 1
        loops = Int(number() ?? 0)
        needsUpgrade = number() == 1
        isLetGo = number() == 1
        matterStart = text() ?? ""
    }
}
