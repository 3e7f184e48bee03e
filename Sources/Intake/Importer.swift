/// The import as a machine without IO: rows in, records and counts out. The caller reads files and appends to the log.

package import Events
import Privacy

/// What the log already knows of imported tickets; the caller answers from it.
package protocol ImportHistory {
    /// The revision in the last import event of a ticket's stream; nil when there is none.
    func revision(of ticket: StreamName) throws -> SourceRevision?
    /// Whether an event with this command id is in the log.
    func isRecorded(_ command: CommandID) throws -> Bool
}

/// How far an import is.
package struct ImportCounts: Sendable, Equatable {
    /// Rows read, refused ones too.
    package var rows = 0
    /// Records seen for the first time.
    package var taken = 0
    /// Rows that say what is known already.
    package var repeated = 0
    /// Rows with newer content of a known record.
    package var updated = 0
    /// Rows with content that is older than what is known and was never recorded; nothing is written for them.
    package var outdated = 0
    package var refused = 0
    /// How often each reason occurred, by `RefusalReason.name`, sorted.
    package var reasons: [(name: String, count: Int)] = []
    package var sealedNumbers = 0

    package init() {}

    package static func == (left: ImportCounts, right: ImportCounts) -> Bool {
        left.rows == right.rows && left.taken == right.taken && left.repeated == right.repeated
            && left.updated == right.updated
            && left.outdated == right.outdated && left.refused == right.refused
            && left.sealedNumbers == right.sealedNumbers
            && left.reasons.elementsEqual(right.reasons) { $0 == $1 }
    }

    fileprivate mutating func refuse(_ reason: RefusalReason) {
        refused += 1
        let place = reasons.firstIndex { $0.name >= reason.name } ?? reasons.endIndex
        if place < reasons.endIndex, reasons[place].name == reason.name {
            reasons[place].count += 1
        } else {
            reasons.insert((reason.name, 1), at: place)
        }
    }
}

/// Turns rows into records, once each however often they come.
///
/// Take rows until `isFull` or the file's end, then `drain()`, append all steps of the batch, and go on. What was
/// drained must be in the log before the next row is taken, because only the log is asked about it from then on.
package struct Importer {
    /// Records in a batch before `isFull`.
    package let batchSize: Int
    /// Refused rows kept in detail; further ones are only counted.
    package static let mostRefusedShown = 1000

    package private(set) var counts = ImportCounts()
    package private(set) var refused: [RefusedRow] = []
    private var mapper: RecordMapper
    /// When the file was fetched: the time of a change that the source gives no time for, and what no intake is far behind.
    private let fetchedAt: Timestamp
    private var pending: [ImportRecord] = []
    private var pendingRevisions: [StreamName: SourceRevision] = [:]
    private var pendingCommands: Set<CommandID> = []

    /// - Precondition: `batchSize` is positive.
    package init(map: ImportMap, fetchedAt: Timestamp, batchSize: Int = 1000) {
        precondition(batchSize > 0, "a batch holds at least one record")
        mapper = RecordMapper(map: map, fetchedAt: fetchedAt)
        self.fetchedAt = fetchedAt
        self.batchSize = batchSize
    }

    package var isFull: Bool { pending.count >= batchSize }

    /// The records to append now, in the order of their rows.
    package mutating func drain() -> [ImportRecord] {
        defer {
            pending = []
            pendingRevisions = [:]
            pendingCommands = []
        }
        return pending
    }

    /// Takes one outcome of the reader.
    ///
    /// - Throws: `ImportError.missingColumn`, or what `history` throws.
    package mutating func take(_ outcome: RowOutcome, history: some ImportHistory) throws {
        counts.rows += 1
        switch outcome {
        case .refused(let row): refuse(row)
        case .row(let row):
            try mapper.check(row.columns)
            do throws(RefusalError) {
                let mapped = try mapper.map(row)
                try take(mapped, history)
            } catch { refuse(RefusedRow(number: row.number, reason: error.reason)) }
            if let failure {
                self.failure = nil
                throw failure
            }
        }
    }

    /// What `history` threw; kept apart so that refusals stay typed.
    private var failure: (any Error)?

    private mutating func refuse(_ row: RefusedRow) {
        counts.refuse(row.reason)
        if refused.count < Importer.mostRefusedShown { refused.append(row) }
    }

    private mutating func take(_ mapped: MappedRow, _ history: some ImportHistory) throws(RefusalError) {
        let planner = ImportPlanner(source: mapper.map.source, fetchedAt: fetchedAt)
        let ticket = planner.ticket(id: mapped.id)
        let plan: ImportPlan
        do {
            let known = try pendingRevisions[ticket] ?? history.revision(of: ticket)
            let commands = pendingCommands
            plan = try planner.plan(mapped, known: known) { try commands.contains($0) || history.isRecorded($0) }
        } catch {
            failure = error
            return
        }
        switch plan {
        case .repeated: counts.repeated += 1
        case .outdated: counts.outdated += 1
        case .taken(let steps):
            try accept(mapped, steps, ticket)
            counts.taken += 1
        case .updated(let steps):
            try accept(mapped, steps, ticket)
            counts.updated += 1
        }
    }

    private mutating func accept(_ mapped: MappedRow, _ steps: [ImportStep], _ ticket: StreamName) throws(RefusalError)
    {
        let record = ImportRecord(
            source: mapper.map.source, id: mapped.id, ticket: ticket, row: mapped.number, revision: mapped.revision,
            steps: steps, person: steps.first?.kind == .imported ? mapped.person : nil,
            sealedNumbers: mapped.sealedNumbers)
        try Importer.check(record)
        pending.append(record)
        pendingRevisions[ticket] = mapped.revision
        for step in steps { pendingCommands.insert(step.commandID) }
        counts.sealedNumbers += mapped.sealedNumbers.count
    }

    /// - Throws: the reason to refuse a record that no event can hold.
    private static func check(_ record: ImportRecord) throws(RefusalError) {
        for (place, step) in record.steps.enumerated() {
            var size = JSON.object(step.body).canonicalBytes.count
            if place == 0, record.person != nil { size += Importer.referenceSize }
            guard size <= Event.Limit.body else {
                throw RefusalError(
                    .bodyTooLong(bytes: size, limit: Event.Limit.body, longest: longestField(step.body)))
            }
        }
        let size = Sealing.size(of: record.sealed.json)
        guard record.sealed.isEmpty || size <= Event.Limit.sealed else {
            throw RefusalError(.tooMuchToSeal(bytes: size, limit: Event.Limit.sealed))
        }
    }

    /// The bytes of `"person":"person/…",` with its 32 digits, which the body gets when the caller is sealed.
    private static let referenceSize = 51

    private static func longestField(_ body: JSONObject) -> String {
        let members = (body["content"]?.object ?? body).members
        return members.max { $0.value.canonicalBytes.count < $1.value.canonicalBytes.count }?.key ?? ""
    }
}
