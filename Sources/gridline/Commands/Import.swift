import ArgumentParser
import Events
import Foundation
import Intake
import Log
import Node
import Privacy

/// `gridline import`: brings tickets in from CSV or JSON lines; safe to run twice, and after a kill midway.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Bring tickets in from CSV or JSON lines."))

    @Argument(help: said("The node's folder.")) var directory: String
    @Argument(help: said("The file; .gz is unpacked on the way.")) var file: String
    @Option(help: said("A shipped map (\(Words.list(ImportMap.shippedNames))) or a map file.")) var map: String?
    @Flag(help: said("The file holds events as `gridline export --events` writes them, instead of tickets."))
    var events =
        false
    @Option(help: said("The source's name, where files of one map count their ids apart.")) var source: String?
    @Flag(help: said("Print the counts as JSON.")) var json = false

    func run() throws {
        if events { return try importEvents(NodeFolder(path: directory)) }
        guard let map else {
            throw CommandProblem(
                message: "no --map", hint: "name the map of the file, or --events for exported events", isUsage: true)
        }
        try importTickets(NodeFolder(path: directory), map: map)
    }

    private func importEvents(_ folder: NodeFolder) throws {
        let counts = try EventImport.run(file: file, into: folder.openLog(), clock: SystemClock()) { read, length in
            Talk.line("\(length > 0 ? read * 100 / length : 100) % of the file")
        }
        if json {
            Output.json(counts.json)
        } else {
            Output.text("taken \(counts.taken), repeated \(counts.repeated), quarantined \(counts.quarantined)")
        }
        if counts.bodiesGone > 0 {
            Talk.line(
                """
                \(counts.bodiesGone) lines have no body: the node that wrote the file had let it go; take these events from the \
                centre
                """)
        }
        for problem in counts.problems { Talk.line("refused: \(problem)") }
        guard counts.problems.isEmpty else {
            throw CommandProblem(
                message: "\(counts.refused) events of \(file) were refused",
                hint: "export them again from the log that they come from, and run `gridline verify` there")
        }
    }

    private func importTickets(_ folder: NodeFolder, map name: String) throws {
        // Imported tickets are the centre's; written at a street they would have no effect anywhere.
        guard folder.configuration.node == folder.configuration.centre else {
            throw CommandRefusal.membership(.notCentre(folder.configuration.node))
        }
        var map = try ImportMap.load(name)
        if let source { map.source = source }
        let session = ImportSession(
            log: try folder.openLog(), vault: try folder.openVault(), centre: folder.configuration.centre,
            clock: SystemClock())
        let counts = try session.run(file: file, map: map) { counts, read, length in
            Talk.line("\(counts.rows) rows, \(length > 0 ? read * 100 / length : 100) % of the file")
        }
        for row in counts.refused.prefix(Import.told) {
            Talk.line("refused row \(row.number): \(row.reason.message.withoutNumbers)")
        }
        if counts.counts.refused > Import.told {
            Talk.line("… and \(counts.counts.refused - Import.told) more; --json lists \(Import.listed)")
        }
        report(counts.counts, counts.refused)
        // Rows that were refused are told; a file of which nothing fits is the wrong map.
        if counts.counts.rows > 0, counts.counts.rows == counts.counts.refused {
            throw CommandProblem(
                message: "none of the \(counts.counts.rows) rows of \(file) fits map \(map.source)",
                hint: "see the reasons above; docs/import.md says how a map is written")
        }
    }

    /// Refused rows that are told, and those that `--json` lists.
    private static let told = 20
    private static let listed = 200

    /// As `docs/cli-json.md` has it; values without numbers of persons.
    static func json(of refused: [RefusedRow]) -> JSON {
        .array(
            refused.prefix(listed).map { row in
                .object([
                    "message": .string(row.reason.message.withoutNumbers.description),
                    "reason": .string(row.reason.name), "row": .integer(Int64(row.number)),
                ])
            })
    }

    private func report(_ counts: ImportCounts, _ refused: [RefusedRow]) {
        var reasons = JSONObject()
        for reason in counts.reasons { reasons[reason.name] = .integer(Int64(reason.count)) }
        let numbers: [(String, Int)] = [
            ("rows", counts.rows), ("taken", counts.taken), ("repeated", counts.repeated), ("updated", counts.updated),
            ("outdated", counts.outdated), ("refused", counts.refused), ("sealedNumbers", counts.sealedNumbers),
        ]
        if json {
            var object = JSONObject()
            for (name, value) in numbers { object[name] = .integer(Int64(value)) }
            object["reasons"] = .object(reasons)
            object["refusedRows"] = Import.json(of: refused)
            Output.json(object)
        } else {
            Output.text(
                """
                rows \(counts.rows), taken \(counts.taken), repeated \(counts.repeated), updated \(counts.updated), \
                outdated \(counts.outdated), refused \(counts.refused), sealedNumbers \(counts.sealedNumbers)
                """)
            for reason in counts.reasons {
                Output.text("  refused \(reason.count): \(Words(name: reason.name, of: "refused row"))")
            }
        }
    }
}
