/// What the tests of Intake share: the folder of real data, and an import history in memory.

import Events
import Foundation
import Intake

/// The folder of real data, from `GRIDLINE_TEST_DATA`; nil when it is not set.
let testData: String? = ProcessInfo.processInfo.environment["GRIDLINE_TEST_DATA"]

/// A log's memory of imports, without a log.
struct MemoryHistory: ImportHistory {
    var revisions: [StreamName: SourceRevision] = [:]
    var commands: Set<CommandID> = []

    func revision(of ticket: StreamName) -> SourceRevision? { revisions[ticket] }
    func isRecorded(_ command: CommandID) -> Bool { commands.contains(command) }

    /// Records what an append of the batch would.
    mutating func append(_ records: [ImportRecord]) {
        for record in records {
            for step in record.steps { commands.insert(step.commandID) }
            revisions[record.ticket] = record.steps.last.flatMap { SourceRevision(body: $0.body) }
        }
    }
}

/// All of an import: the counts, the refused rows and every record.
struct WholeImport {
    var counts = ImportCounts()
    var refused: [RefusedRow] = []
    var records: [ImportRecord] = []
}

/// 2027-01-15: after every file of the tests and 500,000 invented tickets.
let fetchTime = Timestamp(milliseconds: 1_800_000_000_000)

/// Imports a file into `history` the way the command does.
func importing(_ path: String, map: ImportMap, into history: inout MemoryHistory) throws -> WholeImport {
    let reader = try ImportReader(path: path, map: map)
    var importer = Importer(map: map, fetchedAt: fetchTime)
    var whole = WholeImport()
    while let rows = try reader.next() {
        for row in rows {
            try importer.take(row, history: history)
            guard importer.isFull else { continue }
            let batch = importer.drain()
            history.append(batch)
            whole.records += batch
        }
    }
    let batch = importer.drain()
    history.append(batch)
    whole.records += batch
    whole.counts = importer.counts
    whole.refused = importer.refused
    return whole
}

/// The canonical bytes of all steps, one a line: two imports that agree here agree to the byte.
func bytes(of records: [ImportRecord]) -> [UInt8] {
    records.flatMap { record in
        record.steps.flatMap { step in
            Array("\(record.ticket) \(step.type) \(step.occurredAt.milliseconds) \(step.commandID) ".utf8)
                + JSON.object(step.body).canonicalBytes + [0x0A]
        }
    }
}

/// A file in the temporary folder that is gone when the test is over.
struct TemporaryFile: ~Copyable {
    let path: String

    init(_ bytes: [UInt8], name: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
