/// Runs an import into a log: reads rows, asks the log what it knows, appends each batch in one transaction.

import Events
import Intake
import Log
import Node
import Privacy
import Runtime

final class ImportSession {
    private let log: SQLiteLog
    private let vault: Vault
    private let centre: NodeID
    private let clock: any WallClock
    private var random = SystemRandomNumberGenerator()

    init(log: SQLiteLog, vault: Vault, centre: NodeID, clock: any WallClock) {
        self.log = log
        self.vault = vault
        self.centre = centre
        self.clock = clock
    }

    /// Imports one file.
    ///
    /// - Parameters:
    ///   - batchSize: records appended in one transaction.
    ///   - rowsBetween: how many rows pass between two calls of `progress`, at least.
    ///   - progress: called with the counts, bytes read and the file's length; what it throws ends the import.
    /// - Throws: `ImportError` when the file or map does not hold; `LogFailure` when storing fails. What was appended before stays.
    func run(
        file: String, map: ImportMap, batchSize: Int = 1_000, rowsBetween: Int = 5_000,
        progress: (ImportCounts, Int, Int) throws -> Void
    ) throws -> (counts: ImportCounts, refused: [RefusedRow]) {
        let reader = try ImportReader(path: file, map: map)
        // What the node died before destroying, or an import of events brought, stands before these rows in the log.
        try Erasure.all(in: log.reader, centre: centre) { try vault.erase($0, at: clock.now()) }
        // So do the numbers of the import before: without them one caller would be several persons.
        try vault.confirm { try Sealer.isStored($0, log.reader) }
        let history = LogHistory(reader: log.reader)
        var importer = Importer(map: map, fetchedAt: clock.now(), batchSize: batchSize)
        var shown = 0
        while let rows = try reader.next() {
            for row in rows {
                try importer.take(row, history: history)
                if importer.isFull { try append(importer.drain()) }
                if importer.counts.rows - shown >= rowsBetween {
                    shown = importer.counts.rows
                    try progress(importer.counts, reader.bytesRead, reader.length)
                }
            }
        }
        try append(importer.drain())
        try vault.confirm { try Sealer.isStored($0, log.reader) }
        return (importer.counts, importer.refused)
    }

    private func append(_ records: [ImportRecord]) throws {
        if records.isEmpty { return }
        let now = clock.now()
        // Keys are on the disk before the events that need them.
        let withSealed = records.filter { !$0.sealed.isEmpty && !$0.steps.isEmpty }
        let people = try vault.people(for: withSealed.map(ImportSession.request), at: now, random: &random)
        var boxes: [CommandID: (bytes: [UInt8], caller: PersonID?)] = [:]
        var uses: [CommandID: Vault.Use] = [:]
        for (record, found) in zip(withSealed, people) {
            let person = try found.get()
            let command = record.steps[0].commandID
            let bytes = try Sealing.seal(
                record.sealed.json, of: person.person, key: person.key, command: command, random: &random)
            boxes[command] = (bytes, record.person == nil ? nil : person.person)
            uses[command] = (person.person, command)
        }
        var requests: [AppendRequest] = []
        for record in records {
            let actor = Actor(system: "import", rule: record.source)
            for step in record.steps {
                var draft = Draft(stream: record.ticket, type: step.type, body: step.body, occurredAt: step.occurredAt)
                if let box = boxes[step.commandID] {
                    draft.sealed = box.bytes
                    draft.body["person"] = box.caller.map { .string($0.text) }
                }
                requests.append(AppendRequest(command: step.commandID, actor: actor, now: now, drafts: [draft]))
            }
        }
        let stored = try log.write { transaction in
            var stored: [Vault.Use] = []
            for request in requests {
                switch try transaction.append(request) {
                case .appended: if let use = uses[request.command] { stored.append(use) }
                case .repeated: break
                case .refused(let refusal): throw refusal
                }
            }
            return stored
        }
        vault.keep(stored)
    }

    private static func request(_ record: ImportRecord) -> Vault.Request {
        Vault.Request(
            command: record.steps[0].commandID, lookups: record.sealed.lookups, mentioned: record.sealed.mentioned)
    }
}

/// What the log knows of imported tickets.
private struct LogHistory: ImportHistory {
    let reader: any EventReader

    func revision(of ticket: StreamName) throws -> SourceRevision? {
        // Updates are few, so the last import event is near the end.
        for stored in try reader.page(.stream(ticket), .backward, from: .max, limit: 50) {
            guard stored.event.type.name.hasPrefix("ticket.import") else { continue }
            guard case .here(let body) = stored.event.body else { continue }
            if let revision = SourceRevision(body: try JSONReader.readObject(body)) { return revision }
        }
        return nil
    }

    func isRecorded(_ command: CommandID) throws -> Bool { try reader.outcome(of: command) != nil }
}
